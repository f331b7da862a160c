#include "socket/connect/race.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/races.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "sys/sys.h"

/* A race on a socket, run by the test. */
struct scene {
    struct race_course course;
    struct race_log kept;
    sn_socket *socket;
    struct race *race;
};

static void scene_open(struct scene *scene)
{
    *scene = (struct scene){.course = race_course_make()};
    scene->socket = socket_make(TCP_IPV4);
    race_log_init(&scene->kept, 10);
}

static sn_error scene_plan(struct scene *scene, const sn_ip_address *list, size_t count)
{
    struct race_plan plan = {.socket = scene->socket,
                             .addresses = list,
                             .count = count,
                             .port = scene->course.there.port,
                             .epoll = -1};
    assert_ok(sn_socket_set_connect_options(scene->socket, &scene->kept.options));
    return race_new(&plan, &scene->race);
}

static void scene_close(struct scene *scene)
{
    if (scene->race)
        race_end(scene->race);
    race_free(scene->race);
    sn_socket_release(scene->socket);
    race_course_release(&scene->course);
}

/* Until something is ready or due. */
static void sleep_in(struct race *race)
{
    struct sys_poll *polls;
    size_t count = race_polls(race, &polls);
    (void)sys_poll(polls + 1, count - 1, race_due(race));
}

static int64_t run(struct race *race)
{
    int64_t result;
    while ((result = race_step(race)) == -EINPROGRESS)
        sleep_in(race);
    return result;
}

TEST(each_step_begins_what_is_due)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.hole, scene.course.hole};
    struct sys_poll *polls;
    assert_ok(scene_plan(&scene, list, 2));
    assert_int_equal(1, race_polls(scene.race, &polls));
    int64_t before = sys_now();
    assert_int_equal(-EINPROGRESS, race_step(scene.race));
    assert_int_equal(2, race_polls(scene.race, &polls));
    assert_int_equal(socket_handle(scene.socket), polls[1].handle); /* its own comes first */
    assert_true(race_due(scene.race) >= before + 10000000);
    sleep_in(scene.race);
    assert_int_equal(-EINPROGRESS, race_step(scene.race));
    assert_int_equal(3, race_polls(scene.race, &polls));
    assert_true(race_due(scene.race) == SYS_NEVER); /* there is no further one */
    race_end(scene.race);
    assert_int_equal(1, race_polls(scene.race, &polls));
    assert_false(race_was_won_by_own(scene.race));
    scene_close(&scene);
}

TEST(the_longest_delay_is_long)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.hole, scene.course.good};
    scene.kept.options.attempt_delay_ms = INT64_MAX;
    assert_ok(scene_plan(&scene, list, 2));
    assert_int_equal(-EINPROGRESS, race_step(scene.race));
    assert_true(race_due(scene.race) > deadline_after(AN_HOUR_MS));
    assert_int_equal(-EINPROGRESS, race_step(scene.race));
    assert_int_equal(1, scene.kept.log.count);
    scene_close(&scene);
}

TEST(the_winner_goes_under_the_number_of_the_socket_and_nothing_is_left_over)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.hole, scene.course.hole, scene.course.good};
    int32_t number = socket_handle(scene.socket);
    size_t before = descriptors_count();
    assert_ok(sn_socket_set_no_delay(scene.socket, true));
    assert_ok(scene_plan(&scene, list, 3));
    assert_int_equal(0, run(scene.race));
    assert_false(race_was_won_by_own(scene.race));
    assert_int_equal(number, socket_handle(scene.socket));
    assert_int_equal(before, descriptors_count());
    int value = 0;
    uint32_t size = sizeof value;
    assert_int_equal(
        0, sys_get_option(number, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, &value, &size));
    assert_int_equal(1, value);
    struct sockaddr_storage peer;
    size = sizeof peer;
    assert_int_equal(0, sys_peer_name(number, &peer, &size));
    scene_close(&scene);
}

/* Descriptors are short for as long as others run: it is not the address's fault. */
TEST(an_attempt_for_which_there_is_no_descriptor_waits_for_its_next_turn)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.hole, scene.course.good};
    struct rlimit limit, none;
    assert_ok(scene_plan(&scene, list, 2));
    assert_int_equal(-EINPROGRESS, race_step(scene.race));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    none = limit;
    none.rlim_cur = 1; /* poll wants as many as it is given */
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    int64_t results[2];
    for (int i = 0; i < 2; i++) {
        struct sys_poll nothing = {.handle = -1};
        (void)sys_poll(&nothing, 0, race_due(scene.race));
        int32_t refused = sys_socket(AF_INET, SOCK_STREAM, 0);
        results[i] = refused == -EMFILE ? race_step(scene.race) : refused;
    }
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
    for (int i = 0; i < 2; i++)
        assert_int_equal(-EINPROGRESS, results[i]);
    assert_int_equal(1, scene.kept.log.count);
    assert_int_equal(0, run(scene.race));
    assert_attempt(&scene.kept, 1, &scene.course.good, SN_OK);
    scene_close(&scene);
}

/* With nothing under way that could make room, it is a failure like any other. */
TEST(without_a_descriptor_and_without_others_the_race_ends)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.refused, scene.course.good};
    struct rlimit limit, none;
    assert_ok(scene_plan(&scene, list, 2));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    none = limit;
    none.rlim_cur = 1;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    int64_t result = run(scene.race);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
    assert_int_equal(-EMFILE, result);
    assert_attempt(&scene.kept, 0, &scene.course.refused, SN_ERROR_CONNECTION_REFUSED);
    assert_attempt(&scene.kept, 1, &scene.course.good, SN_ERROR_TOO_MANY_OPEN_SOCKETS);
    scene_close(&scene);
}

TEST(another_connect_that_is_under_way_is_left_alone)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.good, scene.course.good};
    set_blocking(scene.socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_connect(scene.socket, &scene.course.silent.address));
    assert_ok(scene_plan(&scene, list, 2));
    scene.kept.log.count = 0;
    assert_int_equal(-EALREADY, run(scene.race));
    assert_int_equal(1, scene.kept.log.count);
    assert_attempt(&scene.kept, 0, &scene.course.good, SN_ERROR_ALREADY_IN_PROGRESS);
    scene_close(&scene);
}

/* Its own descriptor would be the other's, and the log of both the same. */
TEST(two_races_of_a_socket_are_not_under_way_at_once)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {scene.course.hole, scene.course.good};
    assert_ok(scene_plan(&scene, list, 2));
    struct race *first = scene.race, *second = NULL;
    assert_int_equal(-EINPROGRESS, race_step(first));
    assert_ok(scene_plan(&scene, list, 2));
    second = scene.race;
    assert_int_equal(-EALREADY, race_step(second));
    race_end(second);
    assert_int_equal(-EALREADY, race_step(second)); /* it is over */
    race_free(second);
    assert_int_equal(1, scene.kept.log.count);
    assert_int_equal(0, run(first));
    race_end(first);
    race_free(first);
    assert_ok(scene_plan(&scene, list, 2));
    assert_int_equal(-EISCONN, run(scene.race)); /* the next one may */
    scene_close(&scene);
}

TEST(a_race_that_cannot_begin_says_why)
{
    struct scene scene;
    scene_open(&scene);
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, scene.course.good};
    assert_error(SN_ERROR_NOT_SUPPORTED, scene_plan(&scene, list, 1));
    socket_set(scene.socket, SOCKET_CONNECT_FAILED);
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_begin();
        allocations_fail_nth(nth);
        struct race_plan plan = {.socket = scene.socket, .addresses = list, .count = 2};
        sn_error error = race_new(&plan, &scene.race);
        size_t outstanding = allocations_outstanding();
        allocations_end();
        assert_error(SN_ERROR_OUT_OF_MEMORY, error);
        assert_int_equal(0, outstanding);
    }
    struct race_plan huge = {.socket = scene.socket, .addresses = list, .count = SIZE_MAX / 2};
    assert_error(SN_ERROR_OUT_OF_MEMORY, race_new(&huge, &scene.race));
    socket_set(scene.socket, SOCKET_IRREPLACEABLE);
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, scene_plan(&scene, list, 2));
    assert_null(scene.race);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_begins_what_is_due),
        cmocka_unit_test(the_longest_delay_is_long),
        cmocka_unit_test(the_winner_goes_under_the_number_of_the_socket_and_nothing_is_left_over),
        cmocka_unit_test(an_attempt_for_which_there_is_no_descriptor_waits_for_its_next_turn),
        cmocka_unit_test(without_a_descriptor_and_without_others_the_race_ends),
        cmocka_unit_test(another_connect_that_is_under_way_is_left_alone),
        cmocka_unit_test(two_races_of_a_socket_are_not_under_way_at_once),
        cmocka_unit_test(a_race_that_cannot_begin_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
