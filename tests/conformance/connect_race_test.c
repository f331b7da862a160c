/*
 * Connects whose addresses race (RFC 8305).
 */
#include "conformance/races.h"
#include "support/hosts.h"
#include "support/run.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

/* --- Who wins -------------------------------------------------------------------------------- */

TEST(a_silent_address_costs_the_delay_and_no_more)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    sn_socket *socket = racing_socket(&kept, 10);
    const sn_ip_address list[] = {course.hole, course.good, course.hole};
    assert_ok(do_connect_addresses(socket, list, 2, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_int_equal(2, kept.log.count);
    assert_attempt(&kept, 0, &course.hole, SN_ERROR_OPERATION_CANCELED);
    assert_attempt(&kept, 1, &course.good, SN_OK);
    assert_true(kept.attempts[1].start_ns - kept.attempts[0].start_ns >= 10000000);
    sn_endpoint remote = remote_endpoint(socket), good = good_of(&course.there);
    assert_same_endpoint(&good, &remote);
    sn_socket_release(socket);
    race_course_release(&course);
}

TEST(after_a_failure_the_next_attempt_begins_at_once)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    sn_socket *socket = racing_socket(&kept, AN_HOUR_MS);
    const sn_ip_address list[] = {course.refused, course.refused, course.good, course.hole};
    assert_ok(do_connect_addresses(socket, list, 4, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_int_equal(3, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_int_equal(ECONNREFUSED, kept.attempts[0].native_error);
    assert_attempt(&kept, 1, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 2, &course.good, SN_OK);
    assert_int_equal(0, kept.attempts[2].native_error);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* With the socket's own descriptor: then nothing of it changes. */
TEST(the_first_address_may_win)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.good, course.hole};
    for (size_t count = 1; count <= 2; count++) {
        sn_socket *socket = racing_socket(&kept, AN_HOUR_MS);
        assert_ok(do_connect_addresses(socket, list, count, course.there.port));
        assert_connected_to(socket, course.there.listener);
        assert_int_equal(1, kept.log.count);
        assert_attempt(&kept, 0, &course.good, SN_OK);
        sn_socket_release(socket);
    }
    race_course_release(&course);
}

TEST(the_families_take_turns)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct race_course course = race_course_make();
    struct race_log kept;
    sn_socket *socket = NULL;
    const sn_ip_address list[] = {course.refused, course.refused, SN_IPV6_LOOPBACK, course.good};
    race_log_init(&kept, AN_HOUR_MS);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(sn_socket_set_connect_options(socket, &kept.options));
    assert_ok(do_connect_addresses(socket, list, 4, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_int_equal(4, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 1, &SN_IPV6_LOOPBACK, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 2, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 3, &course.good, SN_OK);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* --- What the winner has --------------------------------------------------------------------- */

TEST(the_winner_has_the_options_and_the_binding_of_the_socket)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.hole, course.refused, course.good};
    sn_socket *socket = racing_socket(&kept, 10), *server = NULL;
    sn_endpoint local = endpoint_of_text("127.0.0.9:0");
    bool no_delay = false;
    assert_ok(sn_socket_set_no_delay(socket, true));
    assert_ok(sn_socket_bind(socket, &local));
    local = local_endpoint(socket);
    assert_ok(do_connect_addresses(socket, list, 3, course.there.port));
    assert_ok(sn_socket_get_no_delay(socket, &no_delay));
    assert_true(no_delay);
    assert_ok(do_accept(course.there.listener, &server));
    sn_endpoint remote = remote_endpoint(server), own = local_endpoint(socket);
    assert_same_endpoint(&local, &remote);
    assert_same_endpoint(&local, &own);
    sn_socket_release(server);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* Its number is somebody else's too, so nothing can be put under it: one after the other. */
TEST(a_socket_whose_handle_was_read_does_not_race)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.refused, course.good};
    sn_socket *socket = racing_socket(&kept, 10);
    (void)sn_socket_get_handle(socket);
    assert_ok(do_connect_addresses(socket, list, 2, course.there.port));
    assert_int_equal(2, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 1, &course.good, SN_OK);
    assert_true(kept.attempts[1].start_ns >= kept.attempts[0].end_ns);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* --- When none of them answers --------------------------------------------------------------- */

TEST(when_all_have_failed_the_last_failure_is_told_and_the_socket_can_be_used_again)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.refused, course.refused};
    sn_socket *socket = racing_socket(&kept, 10);
    for (int i = 0; i < 2; i++)
        assert_error(SN_ERROR_CONNECTION_REFUSED,
                     do_connect_addresses(socket, list, 2, course.there.port));
    assert_int_equal(ECONNREFUSED, last_native());
    assert_false(sn_socket_is_connected(socket));
    assert_int_equal(4, kept.log.count); /* a log goes on */
    assert_ok(do_connect_addresses(socket, &course.good, 1, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_attempt(&kept, 4, &course.good, SN_OK);
    sn_socket_release(socket);
    race_course_release(&course);
}

TEST(a_time_limit_ends_a_race_of_silent_addresses)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.hole, course.hole};
    sn_socket *socket = racing_socket(&kept, 10);
    assert_ok(sn_socket_set_connect_timeout(socket, 30));
    assert_error(SN_ERROR_TIMED_OUT, do_connect_addresses(socket, list, 2, course.there.port));
    assert_false(sn_socket_is_connected(socket));
    assert_true(kept.log.count > 0);
    for (size_t i = 0; i < kept.log.count; i++) {
        sn_error error = kept.attempts[i].error;
        assert_true(error == SN_ERROR_TIMED_OUT || error == SN_ERROR_OPERATION_CANCELED);
    }
    assert_ok(sn_socket_set_connect_timeout(socket, 0));
    assert_ok(do_connect_addresses(socket, &course.good, 1, course.there.port));
    assert_connected_to(socket, course.there.listener);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* Its limit is each address's, as without a race; and one that has passed is a failure. */
TEST(the_socket_s_limit_is_for_each_attempt)
{
    BLOCKING_ONLY("the limit of an operation is for all of its attempts");
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.hole, course.hole, course.good};
    sn_socket *socket = racing_socket(&kept, AN_HOUR_MS);
    assert_ok(sn_socket_set_connect_timeout(socket, 100));
    assert_ok(do_connect_addresses(socket, list, 3, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_attempt(&kept, 0, &course.hole, SN_ERROR_TIMED_OUT);
    assert_attempt(&kept, 1, &course.hole, SN_ERROR_TIMED_OUT);
    assert_attempt(&kept, 2, &course.good, SN_OK);
    sn_socket_release(socket);
    race_course_release(&course);
}

/* --- Ended by another thread ----------------------------------------------------------------- */

struct silent_race {
    struct race_course course;
    struct race_log kept;
    sn_socket *socket;
    struct thread thread;
};

static sn_error run_silent_race(void *context)
{
    struct silent_race *race = context;
    const sn_ip_address list[] = {race->course.hole, race->course.hole, race->course.hole};
    return do_connect_addresses(race->socket, list, 3, race->course.there.port);
}

static void silent_race_begin(struct silent_race *race)
{
    race->course = race_course_make();
    race->socket = racing_socket(&race->kept, 10);
    thread_start(&race->thread, run_silent_race, race);
    assert_true(thread_wait_in_call(&race->thread));
    wait_for_attempts(2);
}

static void silent_race_end(struct silent_race *race)
{
    assert_true(race->kept.log.count > 0);
    for (size_t i = 0; i < race->kept.log.count; i++)
        assert_attempt(&race->kept, i, &race->course.hole, SN_ERROR_OPERATION_CANCELED);
    sn_socket_release(race->socket);
    race_course_release(&race->course);
}

TEST(a_cancel_ends_all_attempts)
{
    struct silent_race race;
    silent_race_begin(&race);
    sn_socket_cancel(race.socket);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&race.thread));
    assert_false(sn_socket_is_connected(race.socket));
    assert_ok(do_connect_addresses(race.socket, &race.course.good, 1, race.course.there.port));
    assert_connected_to(race.socket, race.course.there.listener);
    race.kept.log.count--; /* the good one is no part of what the end looks at */
    silent_race_end(&race);
}

TEST(a_close_ends_all_attempts)
{
    struct silent_race race;
    silent_race_begin(&race);
    sn_socket_close(race.socket);
    assert_ended_by_close(SN_ERROR_NOT_SOCKET, thread_join(&race.thread));
    silent_race_end(&race);
}

TEST(a_second_connect_meanwhile_is_refused)
{
    struct silent_race race;
    BLOCKING_ONLY("an asynchronous one queues behind it");
    silent_race_begin(&race);
    assert_error(
        SN_ERROR_ALREADY_IN_PROGRESS,
        sn_socket_connect_addresses(race.socket, &race.course.good, 1, race.course.there.port));

    sn_socket_cancel(race.socket);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&race.thread));
    sn_socket_release(race.socket);
    race_course_release(&race.course);
}

/* --- Names ----------------------------------------------------------------------------------- */

TEST(the_addresses_of_a_name_race)
{
    NEED_LOCALHOST();
    struct race_course course = race_course_make();
    struct race_log kept;
    sn_endpoint name;
    assert_ok(sn_endpoint_from_dns("localhost", course.there.port, SN_FAMILY_UNSPECIFIED, &name));
    for (int i = 0; i < 2; i++) {
        sn_socket *socket = racing_socket(&kept, AN_HOUR_MS);
        if (i == 0)
            assert_ok(do_connect_host(socket, "localhost", course.there.port));
        else
            assert_ok(do_connect(socket, &name));
        assert_connected_to(socket, course.there.listener);
        assert_attempt(&kept, kept.log.count - 1, &course.good, SN_OK);
        sn_socket_release(socket);
    }
    race_course_release(&course);
}

TEST(a_client_s_connects_race_across_both_families)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, course.good};
    sn_tcp_client *client = NULL;
    sn_socket *socket = NULL;
    race_log_init(&kept, AN_HOUR_MS);
    assert_ok(sn_tcp_client_create(SN_FAMILY_UNSPECIFIED, &client));
    assert_ok(sn_tcp_client_set_connect_options(client, &kept.options));
    assert_ok(sn_tcp_client_get_socket(client, &socket));
    assert_ok(do_connect_addresses(socket, list, 2, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_attempt(&kept, 0, &SN_IPV6_LOOPBACK, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 1, &course.good, SN_OK);
    sn_tcp_client_release(client);
    race_course_release(&course);
}

/* --- What is no race ------------------------------------------------------------------------- */

TEST(attempts_in_turn_are_logged_too)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.refused, course.good};
    sn_socket *socket = socket_make(TCP_IPV4);
    race_log_init(&kept, 0);
    kept.options.algorithm = SN_CONNECT_DEFAULT;
    assert_ok(sn_socket_set_connect_options(socket, &kept.options));
    assert_ok(do_connect_addresses(socket, list, 2, course.there.port));
    assert_connected_to(socket, course.there.listener);
    assert_int_equal(2, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&kept, 1, &course.good, SN_OK);
    assert_true(kept.attempts[1].start_ns >= kept.attempts[0].end_ns);
    sn_socket_release(socket);
    race_course_release(&course);
}

TEST(datagram_sockets_have_nothing_to_race_for)
{
    struct race_log kept;
    sn_socket *socket = socket_make(UDP_IPV4), *peer = socket_bound(UDP_IPV4);
    sn_endpoint address = local_endpoint(peer);
    race_log_init(&kept, 0);
    assert_ok(sn_socket_set_connect_options(socket, &kept.options));
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, sn_endpoint_get_port(&address)));
    assert_attempt(&kept, 0, &SN_IPV4_LOOPBACK, SN_OK);
    send_text(socket, "there");
    assert_receives(peer, "there");
    sn_socket_release(socket);
    sn_socket_release(peer);
}

TEST(a_race_in_which_no_address_fits_is_refused)
{
    struct race_log kept;
    sn_socket *socket = racing_socket(&kept, 0);
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV6_ANY};
    assert_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                 do_connect_addresses(socket, list, 2, 1));
    assert_int_equal(0, kept.log.count);
    sn_socket_release(socket);
}

/* A race needs somebody who runs it. */
TEST(a_non_blocking_socket_does_not_race_in_a_blocking_call)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    sn_socket *socket = racing_socket(&kept, 0);
    set_blocking(socket, false);
    assert_error(SN_ERROR_INVALID_OPERATION,
                 sn_socket_connect_addresses(socket, &course.good, 1, course.there.port));
    assert_int_equal(0, kept.log.count);
    set_blocking(socket, true);
    assert_ok(do_connect_addresses(socket, &course.good, 1, course.there.port));
    sn_socket_release(socket);
    race_course_release(&course);
}

/* --- Options and the log --------------------------------------------------------------------- */

TEST(what_does_not_fit_into_a_log_is_counted)
{
    struct race_course course = race_course_make();
    struct race_log kept;
    const sn_ip_address list[] = {course.refused, course.refused, course.good};
    sn_socket *socket = racing_socket(&kept, 0);
    sn_connect_attempt untouched = {.end_ns = 7};
    kept.attempts[1] = untouched;
    kept.log.capacity = 1;
    assert_ok(do_connect_addresses(socket, list, 3, course.there.port));
    assert_int_equal(3, kept.log.count);
    assert_attempt(&kept, 0, &course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_memory_equal(&untouched, &kept.attempts[1], sizeof untouched);
    sn_socket_release(socket);
    race_course_release(&course);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_silent_address_costs_the_delay_and_no_more),
        CASE(after_a_failure_the_next_attempt_begins_at_once),
        CASE(the_first_address_may_win),
        CASE(the_families_take_turns),
        CASE(the_winner_has_the_options_and_the_binding_of_the_socket),
        CASE(a_socket_whose_handle_was_read_does_not_race),
        CASE(when_all_have_failed_the_last_failure_is_told_and_the_socket_can_be_used_again),
        CASE(a_time_limit_ends_a_race_of_silent_addresses),
        CASE(the_socket_s_limit_is_for_each_attempt),
        CASE(a_cancel_ends_all_attempts),
        CASE(a_close_ends_all_attempts),
        CASE(a_second_connect_meanwhile_is_refused),
        CASE(the_addresses_of_a_name_race),
        CASE(a_client_s_connects_race_across_both_families),
        CASE(attempts_in_turn_are_logged_too),
        CASE(datagram_sockets_have_nothing_to_race_for),
        CASE(a_race_in_which_no_address_fits_is_refused),
        CASE(a_non_blocking_socket_does_not_race_in_a_blocking_call),
        CASE(what_does_not_fit_into_a_log_is_counted),
    };
    return RUN(cases);
}
