/*
 * What blocks a thread, on another one, for a fiber.
 */
#include "conformance/fibers.h"
#include "conformance/forks.h"

#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

#include "support/children.h"

/* A function that blocks its thread until it may go on. */
struct job {
    sem_t begun, go_on;
    pthread_t thread, fiber_thread;
    sn_error result;
    sn_fiber *current;
};

static void job_init(struct job *job, sn_error result)
{
    *job = (struct job){.result = result};
    sem_init(&job->begun, 0, 0);
    sem_init(&job->go_on, 0, 0);
}

static void sem_take(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        assert_int_equal(EINTR, errno);
}

static sn_error block(void *context)
{
    struct job *job = context;
    job->thread = pthread_self();
    job->current = sn_fiber_current();
    sem_post(&job->begun);
    sem_take(&job->go_on);
    return job->result;
}

static sn_error offload_it(void *context)
{
    struct job *job = context;
    job->fiber_thread = pthread_self();
    return sn_fiber_offload(block, job);
}

static sn_error let_it_go_on(void *context)
{
    sem_post(&((struct job *)context)->go_on);
    return SN_OK;
}

TEST(only_the_fiber_waits)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_with_threads(threads);
        struct job job;
        job_init(&job, SN_ERROR_ACCESS_DENIED);
        sn_fiber *waits = start(engine, offload_it, &job);
        /* Another one of the same thread lets it go on. */
        assert_ok(finish(engine, start(engine, let_it_go_on, &job)));
        assert_error(SN_ERROR_ACCESS_DENIED, finish(engine, waits));
        assert_false(pthread_equal(job.thread, job.fiber_thread));
        assert_null(job.current);
        assert_ok(sn_engine_destroy(engine));
    }
}

TEST(it_is_seen_what_the_fiber_waits_for)
{
    sn_engine *engine = engine_with_threads(1);
    struct job job;
    sn_fiber_info info = {.size = sizeof info};
    job_init(&job, SN_OK);
    sn_fiber *fiber = start(engine, offload_it, &job);
    sem_take(&job.begun);
    wait_until_waiting(fiber);
    assert_ok(sn_fiber_get_info(fiber, &info));
    assert_string_equal("Offload", info.waits_for);
    assert_int_equal(SN_HANDLE_NONE, info.handle);
    sem_post(&job.go_on);
    assert_ok(finish(engine, fiber));
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_thread_does_it_itself)
{
    struct job job;
    job_init(&job, SN_ERROR_IN_PROGRESS);
    sem_post(&job.go_on);
    assert_error(SN_ERROR_IN_PROGRESS, sn_fiber_offload(block, &job));
    assert_true(pthread_equal(job.thread, pthread_self()));
}

/* --- What does not end it --------------------------------------------------------------------- */

static sn_error cancelled_then_waits(void *context)
{
    sn_error result = offload_it(context);
    if (result != ((struct job *)context)->result)
        return SN_ERROR_FAULT;
    return sn_fiber_sleep(SN_FOREVER);
}

TEST(a_cancel_does_not_end_it_but_what_comes_then)
{
    sn_engine *engine = engine_with_threads(1);
    struct job job;
    for (int begins_first = 0; begins_first < 2; begins_first++) {
        job_init(&job, SN_ERROR_ACCESS_DENIED);
        sn_fiber *fiber = start(engine, cancelled_then_waits, &job);
        if (begins_first)
            wait_until_waiting(fiber);
        sn_fiber_cancel(fiber);
        sem_take(&job.begun);
        assert_false(sn_fiber_is_over(fiber));
        sem_post(&job.go_on);
        assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
    }
    assert_ok(sn_engine_destroy(engine));
}

static sn_error go_on_once_told(void *context)
{
    struct job *job = context;
    sem_take(&job->begun);
    sem_post(&job->go_on);
    return SN_OK;
}

TEST(the_end_of_its_engine_waits_for_it)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_with_threads(threads);
        struct job job;
        struct thread other;
        job_init(&job, SN_ERROR_ACCESS_DENIED);
        sn_fiber *fiber = start(engine, cancelled_then_waits, &job);
        thread_start(&other, go_on_once_told, &job);
        assert_ok(sn_engine_destroy(engine));
        sn_error result = SN_OK;
        assert_ok(sn_fiber_join(fiber, 0, &result));
        assert_error(SN_ERROR_OPERATION_ABORTED, result);
        sn_fiber_release(fiber);
        assert_ok(thread_join(&other));
    }
}

/* --- Limits ----------------------------------------------------------------------------------- */

TEST(beyond_the_limit_functions_wait_for_their_turn)
{
    sn_engine *engine = engine_with_threads(1);
    enum { COUNT = 5 };
    struct job jobs[COUNT];
    sn_fiber *fibers[COUNT];
    unsigned limit = sn_fiber_get_offload_limit();
    assert_int_equal(64, limit);
    assert_ok(sn_fiber_set_offload_limit(2));
    for (int i = 0; i < COUNT; i++) {
        job_init(&jobs[i], SN_OK);
        fibers[i] = start(engine, offload_it, &jobs[i]);
    }
    sem_take(&jobs[0].begun);
    sem_take(&jobs[1].begun);
    for (int i = 0; i < COUNT; i++)
        wait_until_waiting(fibers[i]);
    for (int i = 2; i < COUNT; i++)
        assert_int_not_equal(0, sem_trywait(&jobs[i].begun));
    for (int i = 0; i < COUNT; i++)
        sem_post(&jobs[i].go_on);
    for (int i = 0; i < COUNT; i++)
        assert_ok(finish(engine, fibers[i]));
    assert_ok(sn_fiber_set_offload_limit(limit));
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_limit_that_makes_no_sense_is_refused)
{
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_set_offload_limit(0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_set_offload_limit(1025));
    assert_int_equal(64, sn_fiber_get_offload_limit());
}

/* --- Bad input, and what is whose ------------------------------------------------------------- */

static sn_error set_errors(void *context)
{
    *(int *)context = sn_error_last_native();
    errno = 77;
    char byte;
    return sn_socket_receive(NULL, &byte, 1, SN_FLAG_NONE, NULL);
}

static sn_error native_failure(void *context)
{
    (void)context;
    return sn_fiber_dump(SN_HANDLE_NONE);
}

static sn_error look_at_errors(void *context)
{
    errno = 5;
    if (sn_fiber_offload(native_failure, NULL) == SN_OK || sn_error_last_native() != EBADF)
        return SN_ERROR_FAULT;
    sn_error error = sn_fiber_offload(set_errors, context);
    if (error != SN_ERROR_ARGUMENT_NULL || errno != 5 || sn_error_last_native() != 0)
        return SN_ERROR_FAULT;
    return *(int *)context == 0 ? SN_OK : SN_ERROR_FAULT;
}

TEST(errno_is_the_function_s_own_and_the_last_native_error_is_handed_on)
{
    sn_engine *engine = engine_with_threads(1);
    int found = 99;
    assert_ok(finish(engine, start(engine, look_at_errors, &found)));
    assert_ok(sn_engine_destroy(engine));
}

static sn_error never_called(void *context)
{
    *(bool *)context = true;
    return SN_OK;
}

struct attempt {
    bool was_called;
    sn_error error;
};

static void callback_offloads(sn_operation *operation)
{
    struct attempt *attempt = operation->context;
    attempt->error = sn_fiber_offload(never_called, &attempt->was_called);
}

TEST(bad_input_is_an_error)
{
    sn_engine *engine = engine_with_threads(1);
    struct attempt attempt = {0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_offload(NULL, NULL));
    sn_operation post = {.completed = callback_offloads, .context = &attempt};
    assert_true(sn_engine_post_async(engine, &post));
    assert_ok(sn_engine_destroy(engine));
    assert_error(SN_ERROR_INVALID_OPERATION, attempt.error);
    assert_false(attempt.was_called);
}

/* --- Many, and forks -------------------------------------------------------------------------- */

static sn_error count_one(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
    return SN_OK;
}

static sn_error offload_many(void *context)
{
    sn_error error = SN_OK;
    for (int i = 0; i < 50 && !error; i++)
        error = sn_fiber_offload(count_one, context);
    return error;
}

TEST(many_fibers_offload_at_once)
{
    sn_engine *engine = engine_with_threads(2);
    sn_fiber *fibers[40];
    atomic_int count = 0;
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        fibers[i] = start(engine, offload_many, &count);
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        assert_ok(finish(engine, fibers[i]));
    assert_int_equal(50 * COUNT_OF(fibers), atomic_load(&count));
    assert_ok(sn_engine_destroy(engine));
}

static int offload_in_child(void *context)
{
    atomic_int count = 0;
    sn_engine *engine;
    sn_fiber *fiber;
    sn_error result;
    (void)context;
    CHILD_EXPECT(sn_fiber_get_offload_limit() == 1);
    /* The thread sanitizer takes a joinable thread here for one of the parent's. */
    CHILD_EXPECT(sn_engine_create(&(sn_engine_options){.threads = 0}, &engine) == SN_OK);
    CHILD_EXPECT(sn_fiber_start(engine, offload_many, &count, NULL, &fiber) == SN_OK);
    while (!sn_fiber_is_over(fiber))
        CHILD_EXPECT(sn_engine_run(engine, SN_FOREVER, NULL) == SN_OK);
    CHILD_EXPECT(sn_fiber_join(fiber, 0, &result) == SN_OK && result == SN_OK);
    CHILD_EXPECT(atomic_load(&count) == 50);
    sn_fiber_release(fiber);
    CHILD_EXPECT(sn_engine_destroy(engine) == SN_OK);
    return 0;
}

TEST(a_forked_child_has_threads_of_its_own)
{
    sn_engine *engine = engine_with_threads(1);
    struct job job;
    job_init(&job, SN_OK);
    assert_ok(sn_fiber_set_offload_limit(1));
    sn_fiber *fiber = start(engine, offload_it, &job);
    sem_take(&job.begun);
    assert_int_equal(0, child_run(offload_in_child, NULL));
    sem_post(&job.go_on);
    assert_ok(finish(engine, fiber));
    assert_ok(sn_fiber_set_offload_limit(64));
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(only_the_fiber_waits),
        CASE(it_is_seen_what_the_fiber_waits_for),
        CASE(a_thread_does_it_itself),
        CASE(a_cancel_does_not_end_it_but_what_comes_then),
        CASE(the_end_of_its_engine_waits_for_it),
        CASE(beyond_the_limit_functions_wait_for_their_turn),
        CASE(a_limit_that_makes_no_sense_is_refused),
        CASE(errno_is_the_function_s_own_and_the_last_native_error_is_handed_on),
        CASE(bad_input_is_an_error),
        CASE(many_fibers_offload_at_once),
        CASE(a_forked_child_has_threads_of_its_own),
    };
    return RUN(cases);
}
