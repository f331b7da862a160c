/*
 * Asynchronous connects whose addresses race: with a socket of their own, ended in the middle in
 * every way there is, and beside other operations.
 */
#include "conformance/forks.h"
#include "conformance/races.h"
#include "support/async.h"
#include "support/children.h"
#include "support/hosts.h"

/* A race between silent addresses, which goes on until it is ended. */
struct silent_race {
    struct race_course course;
    struct race_log kept;
    sn_ip_address list[3];
    sn_socket *socket;
    struct pending connect;
};

static void silent_race_make(struct silent_race *race)
{
    race->course = race_course_make();
    race->socket = racing_socket(&race->kept, 10);
    for (size_t i = 0; i < 3; i++)
        race->list[i] = race->course.hole;
    pending_init(&race->connect);
}

static void silent_race_start(struct silent_race *race)
{
    sn_socket_connect_addresses_async(race->socket, race->list, 3, race->course.there.port,
                                      &race->connect.operation);
}

/* Until two attempts are under way. */
static void silent_race_begin(struct silent_race *race)
{
    silent_race_make(race);
    silent_race_start(race);
    wait_for_attempts(2);
}

static void silent_race_release(struct silent_race *race)
{
    for (size_t i = 0; i < race->kept.log.count; i++)
        assert_attempt(&race->kept, i, &race->course.hole, SN_ERROR_OPERATION_CANCELED);
    sn_socket_release(race->socket);
    race_course_release(&race->course);
}

/* --- Ended in the middle --------------------------------------------------------------------- */

TEST(a_race_can_be_cancelled_and_the_socket_connects_again)
{
    struct silent_race race;
    silent_race_begin(&race);
    sn_operation_cancel(&race.connect.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &race.connect);
    assert_true(race.kept.log.count >= 2);
    pending_init(&race.connect);
    sn_socket_connect_addresses_async(race.socket, &race.course.good, 1, race.course.there.port,
                                      &race.connect.operation);
    assert_pending(SN_OK, &race.connect);
    assert_connected_to(race.socket, race.course.there.listener);
    race.kept.log.count--; /* the good one */
    silent_race_release(&race);
}

/* It may not have begun then. */
TEST(a_race_can_be_cancelled_at_once)
{
    for (int i = repetitions(30); i > 0; i--) {
        struct silent_race race;
        silent_race_make(&race);
        silent_race_start(&race);
        sn_operation_cancel(&race.connect.operation);
        assert_pending(SN_ERROR_OPERATION_CANCELED, &race.connect);
        silent_race_release(&race);
    }
}

TEST(a_handle_ends_a_race)
{
    struct silent_race race;
    sn_cancellation *handle = NULL;
    silent_race_make(&race);
    assert_ok(sn_cancellation_create(&handle));
    race.connect.operation.cancellation = handle;
    silent_race_start(&race);
    wait_for_attempts(2);
    sn_cancellation_cancel(handle);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &race.connect);
    sn_cancellation_release(handle);
    silent_race_release(&race);
}

TEST(the_operation_s_limit_is_for_the_whole_race)
{
    struct silent_race race;
    silent_race_make(&race);
    race.connect.operation.timeout_ms = 30;
    silent_race_start(&race);
    assert_pending(SN_ERROR_TIMED_OUT, &race.connect);
    silent_race_release(&race);
}

/* And the socket's is for each attempt: one that has passed is a failure, and the next begins. */
TEST(the_socket_s_limit_is_for_each_attempt_of_a_race)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.hole, course.hole, course.good};
    sn_socket *socket = racing_socket(&kept, AN_HOUR_MS);
    struct pending connect;
    pending_init(&connect);
    assert_ok(sn_socket_set_connect_timeout(socket, 100));
    sn_socket_connect_addresses_async(socket, list, 3, course.there.port, &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_connected_to(socket, course.there.listener);
    assert_attempt(&kept, 0, &course.hole, SN_ERROR_TIMED_OUT);
    assert_attempt(&kept, 1, &course.hole, SN_ERROR_TIMED_OUT);
    assert_attempt(&kept, 2, &course.good, SN_OK);
    sn_socket_release(socket);
    race_course_release(&course);
}

TEST(closing_the_socket_ends_its_race)
{
    struct silent_race race;
    silent_race_begin(&race);
    sn_socket_close(race.socket);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &race.connect);
    silent_race_release(&race);
}

TEST(the_last_release_ends_a_race)
{
    struct silent_race race;
    silent_race_begin(&race);
    sn_socket_release(race.socket);
    race.socket = NULL;
    assert_pending(SN_ERROR_OPERATION_ABORTED, &race.connect);
    silent_race_release(&race);
}

TEST(the_end_of_an_engine_ends_its_races)
{
    for (int threads = 0; threads <= 2; threads++) {
        struct silent_race race;
        sn_engine *engine = engine_make(threads);
        silent_race_make(&race);
        assert_ok(sn_socket_set_engine(race.socket, engine));
        silent_race_start(&race);
        if (threads > 0)
            wait_for_attempts(2);
        else
            assert_ok(sn_engine_run(engine, 0, NULL));
        engine_destroy(engine);
        pending_wait(&race.connect);
        assert_error(SN_ERROR_OPERATION_ABORTED, race.connect.operation.error);
        assert_int_equal(1, pending_count(&race.connect));
        silent_race_release(&race);
    }
}

/* --- With a socket of its own ---------------------------------------------------------------- */

static sn_error create_connected(const sn_endpoint *remote, struct race_log *kept,
                                 struct pending *connect)
{
    pending_init(connect);
    sn_socket_create_connected_with_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, remote, &kept->options,
                                          &connect->operation);
    pending_wait(connect);
    return connect->operation.error;
}

/* A list of both families, from the resolver: the socket becomes what the winner needs. */
TEST(a_made_socket_races_across_the_families_of_a_name)
{
    NEED_LOCALHOST();
    struct race_course course = race_course_make();
    struct race_log kept;
    struct pending connect;
    sn_endpoint name;
    sn_connect_options options;
    assert_ok(sn_endpoint_from_dns("localhost", course.there.port, SN_FAMILY_UNSPECIFIED, &name));
    race_log_init(&kept, AN_HOUR_MS);
    assert_ok(create_connected(&name, &kept, &connect));
    sn_socket *socket = connect.operation.socket;
    assert_connected_to(socket, course.there.listener);
    assert_int_equal(SN_FAMILY_IPV4, sn_socket_get_address_family(socket));
    assert_attempt(&kept, kept.log.count - 1, &course.good, SN_OK);
    if (kept.log.count > 1) /* where the resolver has both */
        assert_attempt(&kept, 0, &SN_IPV6_LOOPBACK, SN_ERROR_CONNECTION_REFUSED);
    assert_ok(sn_socket_get_connect_options(socket, &options, sizeof options));
    assert_int_equal(SN_CONNECT_DEFAULT, options.algorithm);
    assert_null(options.log);
    sn_socket_release(socket);
    race_course_release(&course);
}

TEST(a_made_socket_that_fails_tells_its_attempts)
{
    NEED_LOCALHOST();
    struct race_course course = race_course_make();
    struct race_log kept;
    struct pending connect;
    sn_endpoint refused = refused_of(&course.there), good = good_of(&course.there), text;
    race_log_init(&kept, AN_HOUR_MS);
    assert_error(SN_ERROR_CONNECTION_REFUSED, create_connected(&refused, &kept, &connect));
    assert_null(connect.operation.socket);
    assert_ok(sn_endpoint_from_dns("127.0.0.2", course.there.port, SN_FAMILY_UNSPECIFIED, &text));
    assert_error(SN_ERROR_CONNECTION_REFUSED, create_connected(&text, &kept, &connect));
    assert_null(connect.operation.socket);
    assert_ok(create_connected(&good, &kept, &connect));
    sn_socket_release(connect.operation.socket);
    assert_int_equal(3, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 1, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 2, &course.good, SN_OK);
    race_course_release(&course);
}

TEST(bad_options_make_no_socket)
{
    struct race_course course = race_course_make();
    sn_endpoint good = good_of(&course.there);
    struct race_log kept;
    struct pending connect;
    race_log_init(&kept, 9);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, create_connected(&good, &kept, &connect));
    assert_null(connect.operation.socket);
    race_log_init(&kept, 0);
    kept.options.algorithm = (sn_connect_algorithm)7;
    assert_error(SN_ERROR_ARGUMENT, create_connected(&good, &kept, &connect));
    assert_null(connect.operation.socket);
    race_log_init(&kept, 0);
    assert_error(SN_ERROR_ARGUMENT, create_connected(NULL, &kept, &connect));
    assert_int_equal(0, kept.log.count);
    race_course_release(&course);
}

/* --- Beside others --------------------------------------------------------------------------- */

/* The back-end watches the socket's descriptor for the receive, and is told of the attempt too. */
TEST(a_receive_may_wait_while_its_socket_connects)
{
    struct race_course course = race_course_make();
    for (int i = repetitions(20); i > 0; i--) {
        struct race_log kept;
        struct pending both[2];
        char data[8] = "";
        sn_socket *socket = racing_socket(&kept, 10), *server = NULL;
        /* One of them only: of two connections the listener would not know which one is kept. */
        const sn_ip_address list[] = {i % 2 ? course.hole : course.good,
                                      i % 2 ? course.good : course.hole};
        pending_init_all(both, 2);
        sn_socket_connect_addresses_async(socket, list, 2, course.there.port, &both[0].operation);
        if (i % 3)
            wait_for_attempts(i % 2 ? 1 : 0);
        sn_socket_receive_async(socket, data, sizeof data, SN_FLAG_NONE, &both[1].operation);
        assert_pending(SN_OK, &both[0]);
        assert_ok(sn_socket_accept(course.there.listener, &server));
        send_text(server, "there");
        pending_wait(&both[1]);
        sn_error error = both[1].operation.error;
        /* It was started before there was a connection; or it waited for one that was given up. */
        if (error)
            assert_true(error == SN_ERROR_NOT_CONNECTED || error == SN_ERROR_CONNECTION_RESET);
        else
            assert_string_equal("there", data);
        sn_socket_release(server);
        sn_socket_release(socket);
    }
    race_course_release(&course);
}

struct again {
    struct pending connect;
    struct race_course *course;
    sn_socket *socket;
};

static void connect_again(struct pending *pending)
{
    struct again *again = (struct again *)pending;
    if (pending->operation.error == SN_ERROR_CONNECTION_REFUSED)
        sn_socket_connect_addresses_async(again->socket, &again->course->good, 1,
                                          again->course->there.port, &pending->operation);
}

TEST(a_callback_starts_the_next_race)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    struct again again = {.course = &course, .socket = racing_socket(&kept, 10)};
    const sn_ip_address list[] = {course.refused, course.refused};
    pending_init(&again.connect);
    again.connect.then = connect_again;
    sn_socket_connect_addresses_async(again.socket, list, 2, course.there.port,
                                      &again.connect.operation);
    pending_wait_count(&again.connect, 2);
    assert_ok(again.connect.operation.error);
    assert_connected_to(again.socket, course.there.listener);
    sn_socket_release(again.socket);
    race_course_release(&course);
}

#define MANY 20

TEST(many_races_go_on_at_once)
{
    struct race_course course = race_course_make();
    struct race_log kept[MANY];
    struct pending connects[MANY];
    sn_socket *sockets[MANY];
    const sn_ip_address list[] = {course.hole, course.refused, course.hole, course.refused};
    pending_init_all(connects, MANY);
    for (size_t i = 0; i < MANY; i++) {
        sockets[i] = racing_socket(&kept[i], 10);
        sn_socket_connect_addresses_async(sockets[i], list, 4, course.there.port,
                                          &connects[i].operation);
    }
    wait_for_attempts(MANY);
    for (size_t i = 0; i < MANY; i++) {
        if (i % 2)
            sn_operation_cancel(&connects[i].operation);
        else
            sn_socket_close(sockets[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_pending(i % 2 ? SN_ERROR_OPERATION_CANCELED : SN_ERROR_OPERATION_ABORTED,
                       &connects[i]);
        sn_socket_release(sockets[i]);
    }
    race_course_release(&course);
}

/* --- Forks ----------------------------------------------------------------------------------- */

/* The race is the parent's; the child has a socket that is not connected, and may use it. */
static int use_in_child(void *context)
{
    struct silent_race *race = context;
    CHILD_EXPECT(!sn_socket_is_connected(race->socket));
    CHILD_EXPECT(!sn_operation_is_completed(&race->connect.operation));
    sn_operation_cancel(&race->connect.operation);
    sn_socket_release(race->socket);
    return 0;
}

TEST(a_fork_in_the_middle_of_a_race_changes_nothing_for_the_parent)
{
    struct silent_race race;
    silent_race_begin(&race);
    assert_int_equal(0, child_run(use_in_child, &race));
    assert_int_equal(0, pending_count(&race.connect));
    sn_operation_cancel(&race.connect.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &race.connect);
    silent_race_release(&race);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_race_can_be_cancelled_and_the_socket_connects_again),
        CASE(a_race_can_be_cancelled_at_once),
        CASE(a_handle_ends_a_race),
        CASE(the_operation_s_limit_is_for_the_whole_race),
        CASE(the_socket_s_limit_is_for_each_attempt_of_a_race),
        CASE(closing_the_socket_ends_its_race),
        CASE(the_last_release_ends_a_race),
        CASE(the_end_of_an_engine_ends_its_races),
        CASE(a_made_socket_races_across_the_families_of_a_name),
        CASE(a_made_socket_that_fails_tells_its_attempts),
        CASE(bad_options_make_no_socket),
        CASE(a_receive_may_wait_while_its_socket_connects),
        CASE(a_callback_starts_the_next_race),
        CASE(many_races_go_on_at_once),
        CASE(a_fork_in_the_middle_of_a_race_changes_nothing_for_the_parent),
    };
    return RUN(cases);
}
