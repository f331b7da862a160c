/* The group of fibers: that it ends as a whole. */
#include <sennit/fiber_group.h>

#include "support/allocations.h"
#include "unit/fiber/actors.h"

/* What the fibers of a test share. */
struct stage {
    sn_engine *engine;
    sn_fiber_group *group;
    uint32_t started, ended; /* atomic */
    sn_mutex gate;           /* the test's own thread has it */
};

static struct stage stage_of(bool ignores_errors)
{
    struct stage stage = {.engine = actor_engine(A_FIBER)};
    const sn_fiber_group_options options = {.ignores_errors = ignores_errors};
    assert_ok(sn_fiber_group_create(stage.engine, &options, &stage.group));
    return stage;
}

static void stage_start(struct stage *stage, sn_fiber_body body, int count)
{
    for (int i = 0; i < count; i++)
        assert_ok(sn_fiber_group_start(stage->group, body, stage, NULL, NULL));
}

static void await_started(struct stage *stage, uint32_t count)
{
    while (atomic_load_acquire(&stage->started) < count)
        sched_yield();
}

static void expect_joined(struct stage *stage, sn_error expected)
{
    sn_error first = SN_ERROR_FAULT;
    assert_ok(sn_fiber_group_join(stage->group, SN_FOREVER, &first));
    assert_error(expected, first);
    assert_int_equal(0, sn_fiber_group_get_count(stage->group));
}

static sn_error only_end(void *context)
{
    struct stage *stage = context;
    atomic_add_acq_rel(&stage->ended, 1u);
    return SN_OK;
}

static sn_error wait_long(void *context)
{
    struct stage *stage = context;
    atomic_add_acq_rel(&stage->started, 1u);
    sn_error error = sn_fiber_sleep(SN_FOREVER);
    atomic_add_acq_rel(&stage->ended, 1u);
    return error;
}

static sn_error end_badly(void *context)
{
    (void)context;
    return SN_ERROR_FORMAT;
}

/* --- All of them ------------------------------------------------------------------------------ */

TEST(a_group_without_fibers_has_ended)
{
    struct stage stage = stage_of(false);
    expect_joined(&stage, SN_OK);
    assert_ok(sn_fiber_group_join(stage.group, 0, NULL));
    assert_false(sn_fiber_group_is_canceled(stage.group));
    sn_fiber_group_release(stage.group);
}

TEST(a_join_waits_for_all)
{
    struct stage stage = stage_of(false);
    for (int round = 0; round < 3; round++) { /* it can be used again */
        stage.ended = 0;
        stage_start(&stage, only_end, 100);
        expect_joined(&stage, SN_OK);
        assert_int_equal(100, stage.ended);
    }
    sn_fiber_group_release(stage.group);
}

static sn_error start_more(void *context)
{
    struct stage *stage = context;
    sn_error error = SN_OK;
    for (int i = 0; i < 10 && !error; i++)
        error = sn_fiber_group_start(stage->group, only_end, stage, NULL, NULL);
    atomic_add_acq_rel(&stage->ended, 1u);
    return error;
}

TEST(a_join_waits_for_those_that_its_fibers_start)
{
    struct stage stage = stage_of(false);
    stage_start(&stage, start_more, 10);
    expect_joined(&stage, SN_OK);
    assert_int_equal(110, stage.ended);
    sn_fiber_group_release(stage.group);
}

static sn_error join_it(void *context)
{
    struct stage *stage = context;
    return sn_fiber_group_join(stage->group, SN_FOREVER, NULL);
}

TEST(any_number_and_kind_may_join)
{
    struct stage stage = stage_of(false);
    struct actor actors[8];
    stage_start(&stage, wait_long, 5);
    for (int i = 0; i < 8; i++)
        actor_start(&actors[i], (enum actor_kind)(i % ACTOR_KINDS), join_it, &stage);
    await_started(&stage, 5);
    sn_fiber_group_cancel(stage.group);
    for (int i = 0; i < 8; i++)
        assert_ok(actor_end(&actors[i]));
    expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
    sn_fiber_group_release(stage.group);
}

TEST(a_fiber_of_the_group_is_over_when_the_join_has_come_back)
{
    for (int i = 0; i < 200; i++) {
        struct stage stage = stage_of(false);
        sn_fiber *fiber;
        assert_ok(sn_fiber_group_start(stage.group, only_end, &stage, NULL, &fiber));
        expect_joined(&stage, SN_OK);
        assert_true(sn_fiber_is_over(fiber));
        sn_fiber_release(fiber);
        sn_fiber_group_release(stage.group);
    }
}

/* --- Errors and cancels ----------------------------------------------------------------------- */

TEST(the_first_error_cancels_the_others)
{
    struct stage stage = stage_of(false);
    stage_start(&stage, wait_long, 20);
    stage_start(&stage, end_badly, 1);
    expect_joined(&stage, SN_ERROR_FORMAT);
    assert_int_equal(20, stage.ended);
    assert_true(sn_fiber_group_is_canceled(stage.group));
    sn_fiber_group_release(stage.group);
}

TEST(where_errors_are_ignored_the_others_go_on)
{
    struct stage stage = stage_of(true);
    stage_start(&stage, wait_long, 3);
    stage_start(&stage, end_badly, 2);
    await_started(&stage, 3);
    while (sn_fiber_group_get_count(stage.group) > 3)
        sched_yield();
    assert_false(sn_fiber_group_is_canceled(stage.group));
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_group_join(stage.group, 1, NULL));
    sn_fiber_group_cancel(stage.group);
    expect_joined(&stage, SN_ERROR_FORMAT);
    sn_fiber_group_release(stage.group);
}

TEST(what_is_started_in_a_group_that_is_cancelled_is_cancelled)
{
    struct stage stage = stage_of(false);
    sn_fiber_group_cancel(stage.group);
    stage_start(&stage, wait_long, 3);
    expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
    assert_int_equal(3, stage.ended);
    sn_fiber_group_release(stage.group);
}

TEST(a_fiber_of_a_group_is_cancelled_alone_too)
{
    struct stage stage = stage_of(true);
    sn_error result;
    sn_fiber *fiber;
    stage_start(&stage, wait_long, 1);
    assert_ok(sn_fiber_group_start(stage.group, wait_long, &stage, NULL, &fiber));
    sn_fiber_cancel(fiber);
    assert_ok(sn_fiber_join(fiber, SN_FOREVER, &result));
    assert_error(SN_ERROR_OPERATION_CANCELED, result);
    sn_fiber_release(fiber);
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_group_join(stage.group, 0, NULL));
    sn_fiber_group_cancel(stage.group);
    expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
    sn_fiber_group_release(stage.group);
}

/* A scope that the body enters and does not leave belongs to the fiber, inside the group's. */
static sn_error leave_a_scope_open(void *context)
{
    sn_cancellation *cancellation;
    static sn_cancellation_scope scope;
    (void)context;
    sn_error error = sn_cancellation_create(&cancellation);
    if (!error)
        error = sn_cancellation_enter(cancellation, &scope);
    sn_cancellation_release(cancellation);
    return error;
}

TEST(a_scope_that_a_body_has_not_left_is_left_for_it)
{
    struct stage stage = stage_of(false);
    stage_start(&stage, leave_a_scope_open, 1);
    expect_joined(&stage, SN_OK);
    sn_fiber_group_release(stage.group);
}

/* --- The cancel of a join --------------------------------------------------------------------- */

static sn_error join_and_look(void *context)
{
    struct stage *stage = context;
    sn_error error = sn_fiber_group_join(stage->group, SN_FOREVER, NULL);
    return sn_fiber_group_get_count(stage->group) == 0 ? error : SN_ERROR_FAULT;
}

TEST(a_join_that_is_cancelled_ends_them_and_waits_for_them)
{
    static const enum actor_kind kinds[] = {A_FIBER, A_FIBER_ELSEWHERE, A_THREAD_IN_SCOPE};
    for (size_t k = 0; k < array_count(kinds); k++) {
        struct stage stage = stage_of(false);
        struct actor actor;
        stage_start(&stage, wait_long, 5);
        actor_start(&actor, kinds[k], join_and_look, &stage);
        await_started(&stage, 5);
        actor_cancel(&actor);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actor));
        assert_int_equal(5, stage.ended);
        expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
        sn_fiber_group_release(stage.group);
    }
}

/* A group inside a fiber of a group: the cancel goes all the way down. */
struct family {
    struct stage inner;
    sn_fiber_group *outer;
    uint32_t is_waiting; /* atomic */
};

static sn_error have_children(void *context)
{
    struct family *family = context;
    sn_error error = sn_fiber_group_create(NULL, NULL, &family->inner.group);
    for (int i = 0; i < 4 && !error; i++)
        error = sn_fiber_group_start(family->inner.group, wait_long, &family->inner, NULL, NULL);
    if (!error)
        error = join_and_look(&family->inner);
    sn_fiber_group_release(family->inner.group);
    return error;
}

TEST(a_cancel_reaches_the_groups_inside)
{
    struct stage stage = stage_of(false);
    struct family family = {.outer = stage.group};
    assert_ok(sn_fiber_group_start(stage.group, have_children, &family, NULL, NULL));
    await_started(&family.inner, 4);
    sn_fiber_group_cancel(stage.group);
    expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
    assert_int_equal(4, family.inner.ended);
    sn_fiber_group_release(stage.group);
}

/* It waits in what no cancel ends: a mutex again, after a condition. */
static sn_error hold_out(void *context)
{
    struct stage *stage = context;
    static sn_condition condition;
    static sn_mutex own;
    sn_error error = sn_mutex_acquire(&own, SN_FOREVER);
    atomic_add_acq_rel(&stage->started, 1u);
    while (!error && !atomic_load_acquire(&stage->ended))
        if (sn_condition_wait(&condition, &own, SN_FOREVER) == SN_ERROR_OPERATION_CANCELED)
            error = sn_fiber_yield() == SN_ERROR_OPERATION_CANCELED ? SN_OK : SN_ERROR_FAULT;
    (void)sn_mutex_release(&own);
    return error;
}

TEST(a_limit_of_the_join_holds_for_what_it_was_passed_on_to)
{
    struct stage stage = stage_of(false);
    sn_cancellation *cancellation;
    sn_cancellation_scope scope;
    stage_start(&stage, hold_out, 1);
    await_started(&stage, 1);
    assert_ok(sn_cancellation_create(&cancellation));
    sn_cancellation_cancel(cancellation);
    assert_ok(sn_cancellation_enter(cancellation, &scope));
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_group_join(stage.group, 5, NULL));
    assert_ok(sn_cancellation_leave(&scope));
    assert_true(sn_fiber_group_is_canceled(stage.group));
    assert_int_equal(1, sn_fiber_group_get_count(stage.group));
    atomic_store_release(&stage.ended, 1u);
    expect_joined(&stage, SN_OK);
    sn_cancellation_release(cancellation);
    sn_fiber_group_release(stage.group);
}

/* --- Misuse ----------------------------------------------------------------------------------- */

TEST(a_fiber_of_the_group_cannot_wait_for_itself)
{
    struct stage stage = stage_of(false);
    stage_start(&stage, join_it, 1);
    expect_joined(&stage, SN_ERROR_INVALID_OPERATION);
    sn_fiber_group_release(stage.group);
}

struct asked {
    sn_fiber_group *group;
    sn_error looked, waited;
    uint32_t is_done; /* atomic */
};

static void ask(sn_operation *operation)
{
    struct asked *asked = operation->context;
    asked->looked = sn_fiber_group_join(asked->group, 0, NULL);
    asked->waited = sn_fiber_group_join(asked->group, SN_FOREVER, NULL);
    atomic_store_release(&asked->is_done, 1u);
}

TEST(a_callback_looks_and_does_not_wait)
{
    struct stage stage = stage_of(false);
    struct asked asked = {.group = stage.group};
    sn_operation post = {.completed = ask, .context = &asked};
    stage_start(&stage, wait_long, 1);
    sn_engine_post_async(stage.engine, &post);
    while (!atomic_load_acquire(&asked.is_done))
        sched_yield();
    assert_error(SN_ERROR_TIMED_OUT, asked.looked);
    assert_error(SN_ERROR_INVALID_OPERATION, asked.waited);
    assert_false(sn_fiber_group_is_canceled(stage.group));
    sn_fiber_group_cancel(stage.group);
    expect_joined(&stage, SN_ERROR_OPERATION_CANCELED);
    sn_fiber_group_release(stage.group);
}

TEST(the_thread_that_drives_the_engine_cannot_wait_for_what_it_does_itself)
{
    sn_engine *engine;
    struct stage stage = {0};
    assert_ok(sn_engine_create(NULL, &engine));
    assert_ok(sn_fiber_group_create(engine, NULL, &stage.group));
    assert_ok(sn_engine_run(engine, 0, NULL));
    stage_start(&stage, only_end, 1);
    assert_error(SN_ERROR_INVALID_OPERATION, join_it(&stage));
    while (sn_fiber_group_get_count(stage.group) > 0)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    expect_joined(&stage, SN_OK);
    assert_ok(sn_engine_destroy(engine));
    expect_joined(&stage, SN_OK); /* its engine has gone */
    sn_fiber_group_release(stage.group);
}

TEST(bad_arguments_are_told)
{
    struct stage stage = stage_of(false);
    struct {
        sn_fiber_group_options options;
        uint64_t more;
    } later = {.options = {.size = sizeof later}, .more = 1};
    const sn_fiber_group_options small = {.size = 3};
    sn_fiber_group *group = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_group_create(stage.engine, NULL, NULL));
    assert_error(SN_ERROR_NOT_SUPPORTED,
                 sn_fiber_group_create(stage.engine, &later.options, &group));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_fiber_group_create(stage.engine, &small, &group));
    assert_null(group);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_group_start(NULL, end_badly, NULL, NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_group_start(stage.group, NULL, NULL, NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_group_join(NULL, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_group_join(stage.group, -2, NULL));
    sn_fiber_group_cancel(NULL);
    sn_fiber_group_release(NULL);
    assert_null(sn_fiber_group_retain(NULL));
    assert_false(sn_fiber_group_is_canceled(NULL));
    assert_int_equal(0, sn_fiber_group_get_count(NULL));
    expect_joined(&stage, SN_OK); /* what was refused is not counted */
    sn_fiber_group_release(stage.group);
}

TEST(without_memory_there_is_no_group)
{
    sn_engine *engine = actor_engine(A_FIBER);
    sn_fiber_group *group = NULL;
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_fiber_group_create(engine, NULL, &group));
    allocations_end();
    assert_null(group);
}

/* --- Its end ---------------------------------------------------------------------------------- */

TEST(the_last_release_cancels_what_runs_and_does_not_wait)
{
    struct stage stage = stage_of(false);
    sn_fiber *fiber;
    sn_error result;
    assert_ok(sn_fiber_group_start(stage.group, wait_long, &stage, NULL, &fiber));
    assert_ptr_equal(stage.group, sn_fiber_group_retain(stage.group));
    sn_fiber_group_release(stage.group);
    await_started(&stage, 1);
    assert_false(sn_fiber_group_is_canceled(stage.group));
    sn_fiber_group_release(stage.group);
    assert_ok(sn_fiber_join(fiber, SN_FOREVER, &result));
    assert_error(SN_ERROR_OPERATION_CANCELED, result);
    sn_fiber_release(fiber);
}

TEST(the_end_of_the_engine_ends_its_fibers)
{
    struct stage stage = {0};
    const sn_engine_options options = {.threads = 2};
    assert_ok(sn_engine_create(&options, &stage.engine));
    assert_ok(sn_fiber_group_create(stage.engine, NULL, &stage.group));
    stage_start(&stage, wait_long, 10);
    assert_ok(sn_engine_destroy(stage.engine));
    sn_error first = SN_OK;
    assert_ok(sn_fiber_group_join(stage.group, 0, &first));
    assert_true(first == SN_ERROR_OPERATION_ABORTED || first == SN_ERROR_OPERATION_CANCELED);
    assert_int_equal(10, stage.ended);
    sn_fiber_group_release(stage.group);
}

TEST(nothing_is_left_at_the_end)
{
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_without_fibers_has_ended),
        cmocka_unit_test(a_join_waits_for_all),
        cmocka_unit_test(a_join_waits_for_those_that_its_fibers_start),
        cmocka_unit_test(any_number_and_kind_may_join),
        cmocka_unit_test(a_fiber_of_the_group_is_over_when_the_join_has_come_back),
        cmocka_unit_test(the_first_error_cancels_the_others),
        cmocka_unit_test(where_errors_are_ignored_the_others_go_on),
        cmocka_unit_test(what_is_started_in_a_group_that_is_cancelled_is_cancelled),
        cmocka_unit_test(a_fiber_of_a_group_is_cancelled_alone_too),
        cmocka_unit_test(a_scope_that_a_body_has_not_left_is_left_for_it),
        cmocka_unit_test(a_join_that_is_cancelled_ends_them_and_waits_for_them),
        cmocka_unit_test(a_cancel_reaches_the_groups_inside),
        cmocka_unit_test(a_limit_of_the_join_holds_for_what_it_was_passed_on_to),
        cmocka_unit_test(a_fiber_of_the_group_cannot_wait_for_itself),
        cmocka_unit_test(a_callback_looks_and_does_not_wait),
        cmocka_unit_test(the_thread_that_drives_the_engine_cannot_wait_for_what_it_does_itself),
        cmocka_unit_test(bad_arguments_are_told),
        cmocka_unit_test(without_memory_there_is_no_group),
        cmocka_unit_test(the_last_release_cancels_what_runs_and_does_not_wait),
        cmocka_unit_test(the_end_of_the_engine_ends_its_fibers),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
