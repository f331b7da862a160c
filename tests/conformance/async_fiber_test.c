/*
 * Fibers: their start, their end, and what a cancel and the end of their engine do to each kind of
 * wait. What the calls themselves answer on a fiber the other
 * programs say, in the styles "fiber" and "fiber-driven".
 */
#include "conformance/fibers.h"

#include <string.h>

/* --- Start and end ---------------------------------------------------------------------------- */

static sn_error count_and_tell(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
    return SN_ERROR_ACCESS_DENIED;
}

TEST(a_fiber_runs_its_body_once_and_tells_what_it_has_returned)
{
    for (int threads = 0; threads < 3; threads++) {
        sn_engine *engine = engine_with_threads(threads);
        atomic_int count = 0;
        sn_fiber *fiber = start(engine, count_and_tell, &count);
        assert_error(SN_ERROR_ACCESS_DENIED, finish(engine, fiber));
        assert_int_equal(1, atomic_load(&count));
        assert_ok(sn_engine_destroy(engine));
    }
}

TEST(a_start_on_a_driven_engine_runs_nothing)
{
    sn_engine *engine = engine_with_threads(0);
    atomic_int count = 0;
    sn_fiber *fiber = start(engine, count_and_tell, &count);
    assert_int_equal(0, atomic_load(&count));
    assert_false(sn_fiber_is_over(fiber));
    assert_error(SN_ERROR_ACCESS_DENIED, finish(engine, fiber));
    assert_ok(sn_engine_destroy(engine));
}

TEST(nobody_has_to_want_to_know_of_a_fiber)
{
    sn_engine *engine = engine_with_threads(1);
    atomic_int count = 0;
    assert_ok(sn_fiber_start(engine, count_and_tell, &count, NULL, NULL));
    assert_ok(sn_engine_destroy(engine)); /* waits for it */
    assert_int_equal(1, atomic_load(&count));
}

TEST(a_fiber_can_be_joined_after_its_engine_has_gone)
{
    sn_engine *engine = engine_with_threads(2);
    atomic_int count = 0;
    sn_fiber *fiber = start(engine, count_and_tell, &count);
    assert_ok(sn_engine_destroy(engine));
    sn_error result = SN_OK;
    assert_ok(sn_fiber_join(fiber, 0, &result));
    assert_error(SN_ERROR_ACCESS_DENIED, result);
    assert_true(sn_fiber_is_over(fiber));
    sn_fiber_release(fiber);
}

static sn_error join_it(void *context)
{
    sn_error result = SN_OK, error = sn_fiber_join(context, SN_FOREVER, &result);
    return error ? error : result;
}

TEST(threads_and_fibers_join_one_fiber)
{
    sn_engine *engine = engine_with_threads(2), *other = engine_with_threads(1);
    sn_fiber *slept = start(engine, sleep_long, NULL), *joiners[4];
    struct thread thread;
    for (int i = 0; i < 4; i++)
        joiners[i] = start(i % 2 ? engine : other, join_it, slept);
    thread_start(&thread, join_it, slept);
    for (int i = 0; i < 4; i++)
        wait_until_waiting(joiners[i]);
    sn_fiber_cancel(slept);
    for (int i = 0; i < 4; i++)
        assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, joiners[i]));
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, slept));
    assert_ok(sn_engine_destroy(engine));
    assert_ok(sn_engine_destroy(other));
}

TEST(a_join_ends_with_its_time_and_with_its_own_cancel)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *slept = start(engine, sleep_long, NULL);
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_join(slept, 0, NULL));
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_join(slept, 1, NULL));
    sn_fiber *joiner = start(engine, join_it, slept);
    wait_until_waiting(joiner);
    sn_fiber_cancel(joiner);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, joiner));
    assert_false(sn_fiber_is_over(slept));
    sn_fiber_cancel(slept);
    sn_fiber_cancel(slept); /* once more changes nothing */
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, slept));
    assert_ok(sn_engine_destroy(engine));
}

/* --- Where it runs ---------------------------------------------------------------------------- */

static sn_error note_thread(void *context)
{
    *(pthread_t *)context = pthread_self();
    return SN_OK;
}

TEST(fibers_are_dealt_over_the_threads_of_an_engine)
{
    sn_engine *engine = engine_with_threads(3);
    pthread_t threads[6];
    sn_fiber *fibers[6];
    for (int i = 0; i < 6; i++)
        fibers[i] = start(engine, note_thread, &threads[i]);
    for (int i = 0; i < 6; i++)
        assert_ok(finish(engine, fibers[i]));
    for (int i = 0; i < 3; i++) {
        assert_true(pthread_equal(threads[i], threads[i + 3]));
        assert_false(pthread_equal(threads[i], threads[(i + 1) % 3]));
    }
    assert_ok(sn_engine_destroy(engine));
}

static sn_error start_another(void *context)
{
    sn_fiber *fiber;
    sn_error error = sn_fiber_start(NULL, note_thread, context, NULL, &fiber);
    if (!error)
        error = sn_fiber_join(fiber, SN_FOREVER, NULL);
    sn_fiber_release(fiber);
    return error;
}

TEST(without_an_engine_a_fiber_starts_on_that_of_its_starter)
{
    sn_engine *engine = engine_with_threads(0);
    pthread_t thread;
    assert_ok(finish(engine, start(engine, start_another, &thread)));
    assert_true(pthread_equal(thread, pthread_self()));
    assert_ok(sn_engine_destroy(engine));
}

static sn_error tell_itself(void *context)
{
    *(sn_fiber **)context = sn_fiber_current();
    return strcmp(sn_fiber_get_name(sn_fiber_current()), "Fiona") == 0 ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_fiber_knows_itself_and_its_name)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fiber, *told = NULL;
    char name[] = "Fiona";
    const sn_fiber_options options = {.size = sizeof options, .name = name};
    assert_null(sn_fiber_current());
    assert_ok(sn_fiber_start(engine, tell_itself, &told, &options, &fiber));
    assert_string_equal("Fiona", sn_fiber_get_name(fiber));
    assert_string_equal("", sn_fiber_get_name(NULL));
    assert_ok(sn_fiber_join(fiber, SN_FOREVER, NULL));
    assert_ptr_equal(fiber, told);
    sn_fiber_release(fiber);
    assert_ok(sn_engine_destroy(engine));
}

static sn_error use_stack(void *context)
{
    size_t size = *(size_t *)context;
    volatile char bytes[4096];
    memset((void *)(uintptr_t)bytes, 1, sizeof bytes);
    size = size > sizeof bytes + 512 ? size - sizeof bytes - 512 : 0;
    return size > 0 ? use_stack(&size) : bytes[7] == 1 ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_stack_has_the_size_that_was_asked_for)
{
    static const size_t sizes[] = {16384, 65536, (size_t)8 << 20};
    sn_engine *engine = engine_with_threads(1);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t used = sizes[i] - 8192;
        const sn_fiber_options options = {.stack_size = sizes[i]};
        sn_fiber *fiber;
        assert_ok(sn_fiber_start(engine, use_stack, &used, &options, &fiber));
        assert_ok(finish(engine, fiber));
    }
    assert_ok(sn_engine_destroy(engine));
}

/* --- What ends a wait ------------------------------------------------------------------------- */

TEST(a_cancel_ends_whatever_a_fiber_waits_in)
{
    sn_engine *engine = engine_with_threads(1);
    for (size_t i = 0; i < wait_kind_count; i++) {
        struct wait_scene scene;
        row_begin("%s", wait_kinds[i].name);
        wait_scene_open(&scene, &wait_kinds[i]);
        sn_fiber *fiber = start(engine, wait_scene_run, &scene);
        wait_until_waiting(fiber);
        sn_fiber_cancel(fiber);
        row_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
        wait_scene_close(&scene);
    }
    rows_end();
    assert_ok(sn_engine_destroy(engine));
}

/* Also where it was cancelled before it could begin. */
TEST(what_a_cancelled_fiber_waits_in_later_ends_at_once)
{
    sn_engine *engine = engine_with_threads(0);
    for (size_t i = 0; i < wait_kind_count; i++) {
        struct wait_scene scene;
        row_begin("%s", wait_kinds[i].name);
        wait_scene_open(&scene, &wait_kinds[i]);
        sn_fiber *fiber = start(engine, wait_scene_run, &scene);
        sn_fiber_cancel(fiber);
        row_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
        wait_scene_close(&scene);
    }
    rows_end();
    assert_ok(sn_engine_destroy(engine));
}

static sn_error run_and_once_more(void *context)
{
    sn_error first = wait_scene_run(context), then = sn_fiber_sleep(SN_FOREVER);
    return first == then ? first : SN_ERROR_FAULT;
}

TEST(the_end_of_its_engine_ends_whatever_a_fiber_waits_in)
{
    for (int threads = 0; threads < 2; threads++) {
        for (size_t i = 0; i < wait_kind_count; i++) {
            sn_engine *engine = engine_with_threads(threads);
            struct wait_scene scene;
            row_begin("%s, %d threads", wait_kinds[i].name, threads);
            wait_scene_open(&scene, &wait_kinds[i]);
            sn_fiber *fiber = start(engine, run_and_once_more, &scene);
            if (threads > 0)
                wait_until_waiting(fiber);
            else
                drive_until_waiting(engine, fiber);
            assert_ok(sn_engine_destroy(engine));
            sn_error result = SN_OK;
            row_error(SN_OK, sn_fiber_join(fiber, 0, &result));
            row_error(SN_ERROR_OPERATION_ABORTED, result);
            sn_fiber_release(fiber);
            wait_scene_close(&scene);
        }
    }
    rows_end();
}

static sn_error never_waits(void *context)
{
    sn_error error;
    while (!(error = sn_cancellation_check()))
        (void)sn_fiber_yield();
    (void)context;
    return error == sn_fiber_yield() ? error : SN_ERROR_FAULT;
}

TEST(what_does_not_wait_can_ask)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fiber = start(engine, never_waits, NULL);
    sn_fiber_cancel(fiber);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_fiber_runs_its_body_once_and_tells_what_it_has_returned),
        CASE(a_start_on_a_driven_engine_runs_nothing),
        CASE(nobody_has_to_want_to_know_of_a_fiber),
        CASE(a_fiber_can_be_joined_after_its_engine_has_gone),
        CASE(threads_and_fibers_join_one_fiber),
        CASE(a_join_ends_with_its_time_and_with_its_own_cancel),
        CASE(fibers_are_dealt_over_the_threads_of_an_engine),
        CASE(without_an_engine_a_fiber_starts_on_that_of_its_starter),
        CASE(a_fiber_knows_itself_and_its_name),
        CASE(a_stack_has_the_size_that_was_asked_for),
        CASE(a_cancel_ends_whatever_a_fiber_waits_in),
        CASE(what_a_cancelled_fiber_waits_in_later_ends_at_once),
        CASE(the_end_of_its_engine_ends_whatever_a_fiber_waits_in),
        CASE(what_does_not_wait_can_ask),
    };
    return RUN(cases);
}
