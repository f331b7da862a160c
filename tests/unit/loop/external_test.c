/* Operations that wait for something outside the kernel: here, for the test. */
#include "support/test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "engine/engine.h"
#include "engine/engine_object.h"

/* One word goes to the answer or to the abandonment. */
enum { PENDING, ANSWERED, ABANDONED };

static uint32_t word;           /* atomic */
static unsigned abandon_count;  /* atomic: how often the worker asked */
static unsigned resume_count;   /* atomic */
static unsigned callback_count; /* atomic */

static bool take(uint32_t whom)
{
    uint32_t expected = PENDING;
    return atomic_replace_acq_rel(&word, &expected, whom);
}

static void resume(sn_operation *operation)
{
    atomic_add_acq_rel(&resume_count, 1);
    operation->transferred = 7;
}

static bool abandon(sn_operation *operation)
{
    (void)operation;
    bool is_mine = take(ABANDONED);
    atomic_add_acq_rel(&abandon_count, 1);
    return is_mine;
}

static const struct external_class class = {.on_resume = resume, .on_abandon = abandon};

static void completed(sn_operation *operation)
{
    (void)operation;
    atomic_add_acq_rel(&callback_count, 1);
}

static void enter(sn_engine *engine, sn_operation *operation)
{
    word = PENDING;
    abandon_count = resume_count = callback_count = 0;
    operation->completed = completed;
    assert_true(operation_begin(operation, SN_OPERATION_RESOLVE));
    assert_ok(external_begin(engine, operation, &class));
}

static void answer(sn_operation *operation)
{
    if (take(ANSWERED))
        external_answer(operation);
}

/* An engine that the test drives. */
static sn_engine *driven(void)
{
    sn_engine *engine;
    assert_ok(sn_engine_create(NULL, &engine));
    assert_ok(sn_engine_run(engine, 0, NULL));
    return engine;
}

static sn_engine *with_thread(void)
{
    sn_engine_options options = {.threads = 1};
    sn_engine *engine;
    assert_ok(sn_engine_create(&options, &engine));
    return engine;
}

static void run_until_completed(sn_engine *engine, const sn_operation *operation)
{
    while (!sn_operation_is_completed(operation))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_int_equal(1, callback_count);
}

TEST(an_answer_completes_the_operation)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    enter(engine, &operation);
    external_start(&operation);
    size_t count;
    assert_ok(sn_engine_run(engine, 0, &count));
    assert_int_equal(0, count);
    answer(&operation);
    run_until_completed(engine, &operation);
    assert_ok(operation.error);
    assert_int_equal(7, operation.transferred);
    assert_int_equal(0, abandon_count);
    assert_ok(sn_engine_destroy(engine));
    assert_int_equal(1, callback_count);
}

TEST(an_answer_may_come_before_the_operation)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    enter(engine, &operation);
    answer(&operation);
    assert_ok(sn_engine_run(engine, 0, NULL));
    assert_int_equal(1, resume_count);
    assert_false(sn_operation_is_completed(&operation));
    external_start(&operation);
    run_until_completed(engine, &operation);
    assert_ok(operation.error);
    assert_int_equal(7, operation.transferred);

    enter(engine, &operation); /* both in one round */
    answer(&operation);
    external_start(&operation);
    run_until_completed(engine, &operation);
    assert_int_equal(7, operation.transferred);
    assert_ok(sn_engine_destroy(engine));
}

/* What the answer has brought is the program's, so it must not be told of an error. */
TEST(an_answer_that_came_before_the_operation_stands_when_the_engine_has_ended)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    enter(engine, &operation);
    answer(&operation);
    external_start(&operation);
    atomic_store_release(&engine->workers->host.failure, (int32_t)-EBADF);
    while (!sn_operation_is_completed(&operation))
        assert_error(sn_error_from_native(EBADF), sn_engine_run(engine, 0, NULL));
    assert_ok(operation.error);
    assert_int_equal(7, operation.transferred);
    assert_int_equal(1, callback_count);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_cancel_completes_it_without_the_answer)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    enter(engine, &operation);
    external_start(&operation);
    assert_ok(sn_engine_run(engine, 0, NULL));
    sn_operation_cancel(&operation);
    run_until_completed(engine, &operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, operation.error);
    assert_int_equal(0, resume_count);

    enter(engine, &operation); /* before the worker has seen it */
    sn_operation_cancel(&operation);
    external_start(&operation);
    run_until_completed(engine, &operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, operation.error);
    assert_int_equal(1, abandon_count);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_time_limit_completes_it_without_the_answer)
{
    sn_engine *engine = driven();
    sn_operation operation = {.timeout_ms = 5};
    enter(engine, &operation);
    external_start(&operation);
    run_until_completed(engine, &operation);
    assert_error(SN_ERROR_TIMED_OUT, operation.error);
    assert_int_equal(1, abandon_count);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_cancel_that_is_too_late_leaves_it_to_the_answer)
{
    sn_engine *engine = driven();
    sn_operation operation = {.timeout_ms = 5};
    enter(engine, &operation);
    external_start(&operation);
    assert_true(take(ANSWERED)); /* but not pushed yet */
    sn_operation_cancel(&operation);
    while (atomic_load_acquire(&abandon_count) < 2) /* the cancel, then the time limit */
        assert_ok(sn_engine_run(engine, 100, NULL));
    assert_false(sn_operation_is_completed(&operation));
    external_answer(&operation);
    run_until_completed(engine, &operation);
    assert_ok(operation.error);
    assert_int_equal(7, operation.transferred);
    assert_ok(sn_engine_destroy(engine));
}

TEST(what_could_not_be_begun_holds_nothing)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    enter(engine, &operation);
    external_undo(&operation);
    assert_ok(sn_engine_destroy(engine));
}

TEST(with_a_cancelled_handle_nothing_is_begun)
{
    sn_engine *engine = driven();
    sn_operation operation = {0};
    assert_ok(sn_cancellation_create(&operation.cancellation));
    sn_cancellation_cancel(operation.cancellation);
    assert_true(operation_begin(&operation, SN_OPERATION_RESOLVE));
    assert_error(SN_ERROR_OPERATION_CANCELED, external_begin(engine, &operation, &class));
    assert_ok(sn_engine_destroy(engine));
    sn_cancellation_release(operation.cancellation);
}

/* --- The end of the engine -------------------------------------------------------------------- */

TEST(destroying_the_engine_ends_what_waits)
{
    for (int i = 0; i < 2; i++) {
        sn_engine *engine = i ? driven() : with_thread();
        sn_operation operation = {.timeout_ms = i ? 60000 : 0};
        enter(engine, &operation);
        external_start(&operation);
        assert_ok(sn_engine_destroy(engine));
        assert_true(sn_operation_is_completed(&operation));
        assert_error(SN_ERROR_OPERATION_ABORTED, operation.error);
        assert_int_equal(1, callback_count);
        answer(&operation); /* has lost: nothing happens */
        assert_int_equal(0, resume_count);
    }
}

/* Whoever answers has decided for it, but is slow to push it. */
static void *answer_late(void *context)
{
    while (atomic_load_acquire(&abandon_count) == 0)
        sched_yield();
    external_answer(context);
    return NULL;
}

TEST(an_engine_that_is_destroyed_waits_for_an_answer_on_its_way)
{
    for (int i = 0; i < 200; i++) {
        sn_engine *engine = i % 2 ? driven() : with_thread();
        sn_operation operation = {0};
        enter(engine, &operation);
        external_start(&operation);
        assert_true(take(ANSWERED));
        pthread_t thread;
        assert_int_equal(0, pthread_create(&thread, NULL, answer_late, &operation));
        assert_ok(sn_engine_destroy(engine));
        assert_true(sn_operation_is_completed(&operation));
        assert_ok(operation.error);
        assert_int_equal(1, callback_count);
        pthread_join(thread, NULL);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_completes_the_operation),
        cmocka_unit_test(an_answer_may_come_before_the_operation),
        cmocka_unit_test(an_answer_that_came_before_the_operation_stands_when_the_engine_has_ended),
        cmocka_unit_test(a_cancel_completes_it_without_the_answer),
        cmocka_unit_test(a_time_limit_completes_it_without_the_answer),
        cmocka_unit_test(a_cancel_that_is_too_late_leaves_it_to_the_answer),
        cmocka_unit_test(what_could_not_be_begun_holds_nothing),
        cmocka_unit_test(with_a_cancelled_handle_nothing_is_begun),
        cmocka_unit_test(destroying_the_engine_ends_what_waits),
        cmocka_unit_test(an_engine_that_is_destroyed_waits_for_an_answer_on_its_way),
    };
    return cmocka_run_group_tests_name("engine/external", tests, NULL, NULL);
}
