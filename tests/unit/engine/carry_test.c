/* Kept operations: who carries them, and who has them handed over. */
#include "unit/engine/kept_scene.h"

#include <errno.h>
#include <sys/resource.h>

#include "engine/carry.h"

/* --- Carried ---------------------------------------------------------------------------------- */

TEST(who_waits_carries_it_and_no_engine_is_made)
{
    struct scene scene;
    struct thread waiter;
    open_scene(&scene, TCP_IPV4);
    thread_start_blocked(&waiter, wait_for_it, &scene);
    assert_ok(send_abc(&scene));
    assert_ok(thread_join(&waiter));
    expect_abc(&scene);
    assert_false(has_worker(&scene));
    close_scene(&scene);
}

TEST(what_came_before_the_wait_is_there_at_once)
{
    struct scene scene;
    open_scene(&scene, UDP_IPV4);
    assert_ok(send_abc(&scene));
    assert_ok(sn_operation_wait(&scene.receive));
    expect_abc(&scene);
    assert_false(has_worker(&scene));
    close_scene(&scene);
}

TEST(a_wait_that_passes_keeps_it_and_one_that_only_looks_takes_what_is_there)
{
    struct scene scene;
    open_scene(&scene, TCP_IPV4);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&scene.receive, 1));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&scene.receive, 0));
    assert_true(is_kept(&scene));
    assert_ok(send_abc(&scene));
    wait_readable(scene.pair.server);
    assert_ok(sn_operation_wait_for(&scene.receive, 0));
    expect_abc(&scene);
    assert_false(has_worker(&scene));
    close_scene(&scene);
}

TEST(waiting_for_all_carries_one_after_the_other)
{
    struct scene first, second;
    sn_operation *both[] = {&first.receive, &second.receive};
    open_scene(&first, TCP_IPV4);
    open_scene(&second, UNIX_STREAM);
    assert_ok(send_abc(&first));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_all(both, 2, 1));
    expect_abc(&first);
    assert_ok(send_abc(&second));
    assert_ok(sn_operation_wait_all(both, 2, SN_FOREVER));
    expect_abc(&second);
    assert_false(has_worker(&first) || has_worker(&second));
    close_scene(&first);
    close_scene(&second);
}

/* A close has put something else under the handle, and an attempt has met that; but the cancel came
 * before it. */
TEST(what_was_cancelled_before_the_close_is_told_so)
{
    struct scene scene;
    sn_engine *engine = engine_of(state, 1);
    open_scene_of(&scene, UDP_IPV4, engine);
    struct descriptor *descriptor = &scene.pair.server->descriptor;
    assert_true(operation_claim_kept(&scene.receive)); /* as who carries it does */
    sn_operation_cancel(&scene.receive);
    sn_socket_close(scene.pair.server);
    assert_true(is_kept(&scene));
    carry_end(descriptor, &scene.receive, -ENOTSOCK);
    assert_error(SN_ERROR_OPERATION_CANCELED, scene.receive.error);
    close_scene(&scene);
    destroy_engine(engine);
}

/* --- Handed over ------------------------------------------------------------------------------ */

TEST(who_asks_whether_it_has_completed_has_it_handed_over)
{
    struct scene scene;
    open_scene(&scene, TCP_IPV4);
    assert_false(sn_operation_is_completed(&scene.receive));
    assert_true(has_worker(&scene));
    assert_false(is_kept(&scene));
    assert_ok(send_abc(&scene));
    while (!sn_operation_is_completed(&scene.receive))
        sched_yield();
    expect_abc(&scene);
    close_scene(&scene);
}

TEST(waiting_for_any_has_all_handed_over)
{
    struct scene first, second;
    sn_operation *both[] = {&first.receive, &second.receive};
    size_t index = 9;
    open_scene(&first, TCP_IPV4);
    open_scene(&second, UDP_IPV4);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_any(both, 2, 0, &index));
    assert_true(has_worker(&first) && has_worker(&second));
    assert_ok(send_abc(&second));
    assert_ok(sn_operation_wait_any(both, 2, SN_FOREVER, &index));
    assert_int_equal(index, 1);
    expect_abc(&second);
    sn_operation_cancel(&first.receive);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&first.receive));
    close_scene(&first);
    close_scene(&second);
}

TEST(what_is_started_behind_it_gets_what_comes_behind_it)
{
    struct scene scene;
    sn_operation second;
    char more[2] = "";
    open_scene(&scene, TCP_IPV4);
    start_into(scene.pair.server, &second, more, 1);
    send_text(scene.pair.client, "abcdefghi");
    assert_ok(sn_operation_wait(&second));
    assert_ok(sn_operation_wait(&scene.receive));
    assert_memory_equal(scene.data, "abcdefgh", 8);
    assert_string_equal(more, "i");
    close_scene(&scene);
}

TEST(what_is_started_behind_a_carried_one_waits_for_that)
{
    for (int i = 0; i < 50; i++) {
        struct scene scene;
        struct thread waiter;
        sn_operation second;
        char more[2] = "";
        open_scene(&scene, TCP_IPV4);
        thread_start_blocked(&waiter, wait_for_it, &scene);
        start_into(scene.pair.server, &second, more, 1);
        send_text(scene.pair.client, "abcdefghi");
        assert_ok(sn_operation_wait(&second));
        assert_memory_equal(scene.data, "abcdefgh", 8); /* it had completed before */
        assert_string_equal(more, "i");
        assert_ok(thread_join(&waiter));
        close_scene(&scene);
    }
}

TEST(a_wait_that_passes_hands_over_what_has_something_behind_it)
{
    struct scene scene;
    sn_operation second;
    uint32_t count = 0;
    char more[2] = "";
    open_scene(&scene, TCP_IPV4);
    second = (sn_operation){.completed = count_completed, .context = &count};
    assert_true(sn_operation_wait_for(&scene.receive, 1) == SN_ERROR_TIMED_OUT);
    assert_true(sn_socket_receive_async(scene.pair.server, more, 1, SN_FLAG_NONE, &second));
    send_text(scene.pair.client, "abcdefghi");
    wait_for_count(&count, 1); /* nobody waits for the first */
    assert_memory_equal(scene.data, "abcdefgh", 8);
    assert_ok(sn_operation_wait(&scene.receive));
    close_scene(&scene);
}

TEST(a_blocking_receive_gets_what_comes_behind_it)
{
    struct scene scene;
    char more[4] = "";
    size_t count = 0;
    open_scene(&scene, TCP_IPV4);
    assert_ok(sn_socket_set_blocking(scene.pair.server, false));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive(scene.pair.server, more, 1, SN_FLAG_NONE, &count));
    assert_ok(sn_socket_set_blocking(scene.pair.server, true));
    send_text(scene.pair.client, "abcdefghi");
    assert_ok(sn_socket_receive(scene.pair.server, more, 1, SN_FLAG_NONE, &count));
    assert_string_equal(more, "i");
    assert_ok(sn_operation_wait(&scene.receive));
    assert_memory_equal(scene.data, "abcdefgh", 8);
    close_scene(&scene);
}

static sn_error receive_one(void *context)
{
    struct scene *scene = context;
    char byte = 0;
    size_t count = 0;
    sn_error error = sn_socket_receive(scene->pair.server, &byte, 1, SN_FLAG_NONE, &count);
    return error || byte == 'i' ? error : SN_ERROR_FAULT;
}

TEST(a_blocking_receive_queues_behind_a_carried_one)
{
    struct scene scene;
    struct thread waiter, receiver;
    open_scene(&scene, TCP_IPV4);
    thread_start_blocked(&waiter, wait_for_it, &scene);
    thread_start(&receiver, receive_one, &scene);
    while (atomic_load_acquire(&scene.pair.server->descriptor.lanes[DIRECTION_IN]) < 2 * LANE_ONE)
        sched_yield();
    send_text(scene.pair.client, "abcdefghi");
    assert_ok(thread_join(&receiver));
    assert_ok(thread_join(&waiter));
    assert_memory_equal(scene.data, "abcdefgh", 8);
    close_scene(&scene);
}

static sn_error wait_a_moment(void *context)
{
    struct scene *scene = context;
    return sn_operation_wait_for(&scene->receive, 1);
}

TEST(who_stops_carrying_it_leaves_it_to_who_waits_as_well)
{
    for (int i = 0; i < 100; i++) {
        struct scene scene;
        struct thread first, second;
        open_scene(&scene, TCP_IPV4);
        thread_start(&first, wait_a_moment, &scene);
        thread_start(&second, wait_for_it, &scene);
        sn_error error = thread_join(&first);
        assert_true(error == SN_ERROR_TIMED_OUT);
        assert_ok(send_abc(&scene));
        assert_ok(thread_join(&second));
        expect_abc(&scene);
        close_scene(&scene);
    }
}

TEST(an_engine_that_the_socket_gets_later_has_it)
{
    struct scene scene;
    sn_engine *engine = engine_of(state, 0); /* nobody waits: the program drives it */
    open_scene(&scene, TCP_IPV4);
    use_engine(scene.pair.server, engine);
    assert_false(is_kept(&scene));
    assert_ok(send_abc(&scene));
    assert_ok(run_until(engine, &scene.receive));
    expect_abc(&scene);
    close_scene(&scene);
    destroy_engine(engine);
}

/* Opens descriptors until none is left; the limit keeps their number small. */
static sn_error wait_without_descriptors(void *context)
{
    struct scene *scene = context;
    struct rlimit limit, low = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    low.rlim_cur = 3;
    if (setrlimit(RLIMIT_NOFILE, &low) != 0)
        return SN_ERROR_FAULT;
    sn_error error = sn_operation_wait_for(&scene->receive, 1);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return error;
}

TEST(without_a_descriptor_for_a_wake_event_an_engine_has_it)
{
    struct scene scene;
    struct thread waiter;
    sn_engine *engine = engine_of(state, 1);
    open_scene_of(&scene, TCP_IPV4, engine);
    thread_start(&waiter, wait_without_descriptors, &scene);
    assert_error(SN_ERROR_TIMED_OUT, thread_join(&waiter));
    assert_false(is_kept(&scene));
    assert_ok(send_abc(&scene));
    assert_ok(sn_operation_wait(&scene.receive));
    expect_abc(&scene);
    close_scene(&scene);
    destroy_engine(engine);
}

/* --- Never kept ------------------------------------------------------------------------------- */

TEST(what_ends_by_itself_or_runs_in_a_driven_engine_is_not_kept)
{
    struct scene scene = {.pair = pair_connected(TCP_IPV4)};
    sn_engine *engine = engine_of(state, 0);
    sn_cancellation *handle = NULL;
    sn_operation with_handle = {0}, with_limit = {.timeout_ms = 60000};
    use_engine(scene.pair.client, engine);
    start_into(scene.pair.client, &scene.receive, scene.data, 1);
    assert_null(scene.pair.client->descriptor.kept);
    sn_operation_cancel(&scene.receive);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &scene.receive));

    assert_ok(sn_cancellation_create(&handle));
    with_handle.cancellation = handle;
    sn_socket_receive_async(scene.pair.server, scene.data, 1, SN_FLAG_NONE, &with_handle);
    sn_socket_receive_async(scene.pair.server, scene.data, 1, SN_FLAG_NONE, &with_limit);
    assert_null(scene.pair.server->descriptor.kept);
    sn_cancellation_cancel(handle);
    sn_operation_cancel(&with_limit);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&with_handle));
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&with_limit));
    sn_cancellation_release(handle);
    close_scene(&scene);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_carries_it_and_no_engine_is_made),
        cmocka_unit_test(what_came_before_the_wait_is_there_at_once),
        cmocka_unit_test(a_wait_that_passes_keeps_it_and_one_that_only_looks_takes_what_is_there),
        cmocka_unit_test(waiting_for_all_carries_one_after_the_other),
        cmocka_unit_test(who_asks_whether_it_has_completed_has_it_handed_over),
        cmocka_unit_test(waiting_for_any_has_all_handed_over),
        cmocka_unit_test(what_is_started_behind_it_gets_what_comes_behind_it),
        cmocka_unit_test(what_is_started_behind_a_carried_one_waits_for_that),
        cmocka_unit_test(a_wait_that_passes_hands_over_what_has_something_behind_it),
        cmocka_unit_test(a_blocking_receive_gets_what_comes_behind_it),
        cmocka_unit_test(a_blocking_receive_queues_behind_a_carried_one),
        cmocka_unit_test(who_stops_carrying_it_leaves_it_to_who_waits_as_well),
        ON_BOTH(what_was_cancelled_before_the_close_is_told_so),
        ON_BOTH(an_engine_that_the_socket_gets_later_has_it),
        ON_BOTH(without_a_descriptor_for_a_wake_event_an_engine_has_it),
        ON_BOTH(what_ends_by_itself_or_runs_in_a_driven_engine_is_not_kept),
    };
    return cmocka_run_group_tests_name("engine/carry", tests, NULL, NULL);
}
