/* Timers that repeat. No test waits for a clock that it does not look at itself: what is late is
 * made late by a callback that lasts until so many periods have passed. */
#include "unit/engine/engines.h"

#include <sys/wait.h>

#include "support/allocations.h"
#include "support/threads.h"

struct ticks {
    sn_operation timer;
    uint32_t count, completions;  /* atomic */
    uint32_t wanted;              /* it cancels itself after so many; 0: it does not */
    uint64_t periods;             /* all that were told */
    uint64_t last;                /* what the last call was told */
    int64_t begun_ns, started_ns; /* the start was in between */
    void (*then)(struct ticks *); /* in each call */
};

static void completed(sn_operation *operation)
{
    atomic_add_acq_rel(&((struct ticks *)operation->context)->completions, 1u);
}

static void ticked(sn_operation *operation, uint64_t periods)
{
    struct ticks *ticks = operation->context;
    ticks->periods += periods;
    ticks->last = periods;
    if (ticks->then)
        ticks->then(ticks);
    if (atomic_add_acq_rel(&ticks->count, 1u) + 1 == ticks->wanted)
        sn_operation_cancel(operation);
}

static void start(struct ticks *ticks, sn_engine *engine, sn_milliseconds period_ms)
{
    ticks->timer.completed = completed;
    ticks->timer.context = ticks;
    ticks->begun_ns = sys_now();
    assert_true(sn_engine_repeat_async(engine, period_ms, ticked, &ticks->timer));
    ticks->started_ns = sys_now();
}

TEST(a_timer_calls_each_period_until_it_is_cancelled_in_a_call)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 5};
    start(&ticks, engine, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_int_equal(ticks.count, 5);
    assert_int_equal(ticks.completions, 1);
    assert_int_equal(ticks.timer.transferred, 5);
    assert_int_equal(SN_OPERATION_REPEAT, sn_operation_get_kind(&ticks.timer));
    destroy_engine(engine);
}

TEST(a_timer_runs_on_a_thread_of_the_engine_too)
{
    sn_engine *engine = engine_of(state, 1);
    struct ticks ticks = {.wanted = 0};
    start(&ticks, engine, 1);
    wait_for_count(&ticks.count, 3);
    sn_operation_cancel(&ticks.timer);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&ticks.timer));
    wait_for_count(&ticks.completions, 1);
    uint32_t count = atomic_load_acquire(&ticks.count);
    assert_int_equal(count, ticks.timer.transferred);
    destroy_engine(engine);
    assert_int_equal(count, ticks.count); /* none came after the end */
}

/* So long as four periods. */
static void be_late(struct ticks *ticks)
{
    int64_t until_ns = sys_now() + INT64_C(20000000);
    while (ticks->count == 0 && sys_now() < until_ns)
        sched_yield();
}

TEST(what_is_missed_is_told_and_does_not_come_in_a_burst)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.then = be_late, .wanted = 2};
    start(&ticks, engine, 5);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_int_equal(ticks.count, 2);
    assert_true(ticks.last >= 4);
    destroy_engine(engine);
}

/* Its call comes behind another timer's, which lasts beyond the next period: that is told with it,
 * and is no call of its own. */
static void be_in_the_way(struct ticks *ticks)
{
    const struct ticks *other = ticks + 1;
    const struct repeat_place *place = &record_of(&other->timer)->room.repeat;
    int64_t until_ns = place->last_ns + 2 * place->period_ns;
    while (sys_now() < until_ns)
        sched_yield();
}

static void expect_some(struct ticks *ticks)
{
    assert_true(ticks->last > 0);
}

TEST(a_period_that_was_told_with_another_is_not_told_again)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks[2] = {{.wanted = 8, .then = be_in_the_way},
                             {.wanted = 8, .then = expect_some}};
    start(&ticks[0], engine, 2);
    start(&ticks[1], engine, 2);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks[0].timer));
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks[1].timer));
    destroy_engine(engine);
}

/* The periods that were told, counted back from the last one, lead to the start. */
TEST(the_periods_do_not_drift)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 20};
    start(&ticks, engine, 2);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_true((int64_t)ticks.periods <= (sys_now() - ticks.begun_ns) / 2000000);
    int64_t start_ns =
        record_of(&ticks.timer)->room.repeat.last_ns - (int64_t)ticks.periods * 2000000;
    assert_true(start_ns >= ticks.begun_ns && start_ns <= ticks.started_ns);
    destroy_engine(engine);
}

TEST(a_loop_of_the_program_s_own_is_told_when_the_next_period_ends)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 1};
    sn_milliseconds timeout_ms = 0;
    start(&ticks, engine, 3600000);
    run_ready(engine);
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_true(timeout_ms > 0 && timeout_ms <= 3600000);
    sn_operation_cancel(&ticks.timer);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_int_equal(0, ticks.count);
    destroy_engine(engine);
}

TEST(any_period_from_a_millisecond_on_will_do)
{
    static const sn_milliseconds periods[] = {1,
                                              INT64_C(1) << 32,
                                              INT64_MAX / 4000000,
                                              INT64_MAX / 4000000 + 1,
                                              INT64_MAX / 1000000,
                                              INT64_MAX};
    sn_engine *engine = engine_of(state, 0);
    for (size_t i = 0; i < array_count(periods); i++) {
        struct ticks ticks = {.wanted = 1};
        start(&ticks, engine, periods[i]);
        assert_ok(sn_engine_run(engine, 0, NULL));
        if (i > 0)
            sn_operation_cancel(&ticks.timer);
        assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
        assert_int_equal(i == 0, ticks.count);
    }
    destroy_engine(engine);
}

TEST(what_is_wrong_is_told_and_nothing_is_called)
{
    static const sn_milliseconds periods[] = {0, SN_FOREVER, -2, INT64_MIN};
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 0};
    assert_false(sn_engine_repeat_async(engine, 1, ticked, NULL));
    for (size_t i = 0; i < array_count(periods); i++) {
        start(&ticks, engine, periods[i]);
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, run_until(engine, &ticks.timer));
    }
    assert_true(sn_engine_repeat_async(engine, 1, NULL, &ticks.timer));
    assert_error(SN_ERROR_ARGUMENT_NULL, run_until(engine, &ticks.timer));
    sn_operation silent = {0};
    assert_true(sn_engine_repeat_async(engine, 0, ticked, &silent));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait(&silent));
    assert_int_equal(0, ticks.count);
    destroy_engine(engine);
}

static void start_again(struct ticks *ticks)
{
    assert_false(sn_engine_repeat_async(NULL, 1, ticked, &ticks->timer));
}

TEST(a_running_timer_is_not_started_again)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 2, .then = start_again};
    start(&ticks, engine, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_int_equal(2, ticks.count);
    ticks = (struct ticks){.wanted = 1}; /* and it can be afterwards */
    start(&ticks, engine, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    destroy_engine(engine);
}

TEST(a_handle_ends_a_timer_and_says_why)
{
    sn_engine *engine = engine_of(state, 1);
    for (int way = 0; way < 3; way++) {
        sn_cancellation *cancellation = NULL;
        struct ticks ticks = {.wanted = 0};
        assert_ok(sn_cancellation_create(&cancellation));
        ticks.timer.cancellation = cancellation;
        if (way == 2)
            sn_cancellation_cancel(cancellation);
        start(&ticks, engine, 1);
        if (way == 0)
            assert_ok(sn_cancellation_cancel_after(cancellation, 3));
        else if (way == 1)
            sn_cancellation_cancel(cancellation);
        assert_error(way == 0 ? SN_ERROR_TIMED_OUT : SN_ERROR_OPERATION_CANCELED,
                     sn_operation_wait(&ticks.timer));
        wait_for_count(&ticks.completions, 1);
        sn_cancellation_release(cancellation);
    }
    destroy_engine(engine);
}

/* With its call in the queue, or not. */
TEST(the_end_of_its_engine_ends_a_timer)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_of(state, threads);
        struct ticks ticks[3] = {{.wanted = 0}};
        for (int i = 0; i < 3; i++)
            start(&ticks[i], engine, i < 2 ? 1 : 3600000);
        if (threads > 0)
            wait_for_count(&ticks[0].count, 2);
        destroy_engine(engine);
        for (int i = 0; i < 3; i++) {
            assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_get_error(&ticks[i].timer));
            assert_int_equal(1, ticks[i].completions);
        }
    }
}

/* Another timer's call, made first, cancels one whose own waits in the queue behind it. */
static void cancel_other(struct ticks *ticks)
{
    struct ticks *other = ticks + 1;
    be_late(ticks); /* both are due again, and in one round */
    if (ticks->count > 0)
        sn_operation_cancel(&other->timer);
}

TEST(a_cancel_while_a_call_waits_for_its_turn_completes_once)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks[2] = {{.wanted = 3, .then = cancel_other}, {.wanted = 0}};
    start(&ticks[0], engine, 1);
    start(&ticks[1], engine, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks[0].timer));
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks[1].timer));
    assert_int_equal(1, ticks[0].completions);
    assert_int_equal(1, ticks[1].completions);
    destroy_engine(engine);
}

/* A race: cancelled from another thread while it ticks. */
static sn_error cancel_timer(void *timer)
{
    sn_operation_cancel(timer);
    return SN_OK;
}

TEST(a_timer_that_is_cancelled_while_it_ticks_completes_once)
{
    sn_engine *engine = engine_of(state, 1);
    for (int i = 0; i < 30; i++) {
        struct ticks ticks = {.wanted = 0};
        struct thread canceller;
        start(&ticks, engine, 1);
        if (i % 2)
            wait_for_count(&ticks.count, 1);
        thread_start(&canceller, cancel_timer, &ticks.timer);
        assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&ticks.timer));
        assert_ok(thread_join(&canceller));
        wait_for_count(&ticks.completions, 1);
    }
    destroy_engine(engine);
}

TEST(nothing_is_allocated_for_a_period)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 3};
    start(&ticks, engine, 1);
    assert_ok(sn_engine_run(engine, 0, NULL));
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &ticks.timer));
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
    assert_int_equal(3, ticks.count);
    destroy_engine(engine);
}

static void fork_here(struct ticks *ticks)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) {
        int status = -1;
        assert_int_equal(child, waitpid(child, &status, 0));
        assert_int_equal(0, status);
        return;
    }
    ticks->then = NULL; /* the child goes on, out of the call */
}

/* The child's copy stays pending for ever and is not called; the parent's goes on. */
TEST(a_call_may_fork)
{
    sn_engine *engine = engine_of(state, 0);
    struct ticks ticks = {.wanted = 2, .then = fork_here};
    start(&ticks, engine, 1);
    pid_t parent = getpid();
    sn_error error = SN_OK;
    while (!error && !sn_operation_is_completed(&ticks.timer))
        error = sn_engine_run(engine, SN_FOREVER, NULL);
    if (getpid() != parent)
        _exit(error == SN_ERROR_INVALID_OPERATION && !sn_operation_is_completed(&ticks.timer) ? 0
                                                                                              : 1);
    assert_error(SN_OK, error);
    assert_int_equal(2, ticks.count);
    destroy_engine(engine);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_BOTH(a_timer_calls_each_period_until_it_is_cancelled_in_a_call),
        ON_BOTH(a_timer_runs_on_a_thread_of_the_engine_too),
        ON_BOTH(what_is_missed_is_told_and_does_not_come_in_a_burst),
        ON_BOTH(a_period_that_was_told_with_another_is_not_told_again),
        ON_BOTH(the_periods_do_not_drift),
        ON_BOTH(a_loop_of_the_program_s_own_is_told_when_the_next_period_ends),
        ON_BOTH(any_period_from_a_millisecond_on_will_do),
        ON_BOTH(what_is_wrong_is_told_and_nothing_is_called),
        ON_BOTH(a_running_timer_is_not_started_again),
        ON_BOTH(a_handle_ends_a_timer_and_says_why),
        ON_BOTH(the_end_of_its_engine_ends_a_timer),
        ON_BOTH(a_cancel_while_a_call_waits_for_its_turn_completes_once),
        ON_BOTH(a_timer_that_is_cancelled_while_it_ticks_completes_once),
        ON_BOTH(nothing_is_allocated_for_a_period),
        ON_BOTH(a_call_may_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
