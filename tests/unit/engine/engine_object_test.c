#include "unit/engine/engines.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"

TEST(an_engine_that_makes_no_sense_is_refused)
{
    static const sn_engine_options rows[] = {
        {.threads = -1},
        {.threads = 1025},
        {.queue_size = 7},
        {.queue_size = -1},
        {.queue_size = 32769},
        {.spin_us = -1},
        {.spin_us = 1001},
        {.backend = (sn_engine_backend)3},
        {.backend = (sn_engine_backend)-1},
        {.threads = INT_MIN},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_engine *engine = NULL;
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_engine_create(&rows[i], &engine));
        assert_null(engine);
    }
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_engine_create(NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_engine_default(NULL));
}

TEST(engines_come_in_all_sizes_and_leave_nothing)
{
    static const sn_engine_options rows[] = {
        {.threads = 0},    {.threads = 1},       {.threads = 5},
        {.queue_size = 8}, {.queue_size = 4096}, {.threads = 1, .spin_us = 1000},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_engine_options options = rows[i];
        options.backend = (sn_engine_backend)(intptr_t)*state;
        size_t descriptors_before = descriptors_count();
        allocations_begin();
        sn_engine *engine = engine_with(options);
        sn_operation operation = {0};
        assert_int_equal(sn_engine_get_thread_count(engine), options.threads);
        sn_engine_post_async(engine, &operation);
        assert_ok(options.threads ? sn_operation_wait(&operation) : run_until(engine, &operation));
        destroy_engine(engine);
        assert_int_equal(allocations_outstanding(), 0);
        allocations_end();
        assert_int_equal(descriptors_count(), descriptors_before);
    }
}

TEST(an_engine_that_was_never_run_is_destroyed_too)
{
    sn_engine *engine = engine_of(state, 0);
    uint32_t count = 0;
    sn_operation post = {.completed = count_completed, .context = &count}, delay = post;
    sn_engine_post_async(engine, &post);
    sn_engine_delay_async(engine, 100000, &delay);
    destroy_engine(engine);
    assert_int_equal(count, 2);
    assert_ok(post.error);
    assert_error(SN_ERROR_OPERATION_ABORTED, delay.error);
}

static sn_error destroy_in_callback;

static void destroy_own(sn_operation *operation)
{
    destroy_in_callback = sn_engine_destroy(operation->context);
}

TEST(an_engine_is_not_destroyed_from_its_own_callback)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_of(state, threads);
        sn_operation post = {.completed = destroy_own, .context = engine}, behind = {0};
        destroy_in_callback = SN_OK;
        sn_engine_post_async(engine, &post);
        sn_engine_post_async(engine, &behind);
        assert_ok(threads ? sn_operation_wait(&behind) : run_until(engine, &behind));
        assert_error(SN_ERROR_INVALID_OPERATION, destroy_in_callback);
        destroy_engine(engine);
    }
    assert_ok(sn_engine_destroy(NULL));
}

static sn_error destroy_in_thread(void *engine)
{
    return sn_engine_destroy(engine);
}

TEST(a_driven_engine_is_destroyed_by_its_driver)
{
    sn_engine *engine = engine_of(state, 0);
    struct thread thread;
    run_ready(engine);
    thread_start(&thread, destroy_in_thread, engine);
    assert_error(SN_ERROR_INVALID_OPERATION, thread_join(&thread));
    destroy_engine(engine);
}

TEST(there_is_one_default_engine_and_it_stays)
{
    sn_engine *engine = NULL, *again = NULL;
    assert_ok(sn_engine_default(&engine));
    assert_ok(sn_engine_default(&again));
    assert_ptr_equal(engine, again);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_destroy(engine));
    assert_true(sn_engine_get_thread_count(engine) >= 1);
}

TEST(an_engine_says_what_it_is)
{
    sn_engine_backend backend = (sn_engine_backend)(intptr_t)*state;
    sn_engine *engine = engine_of(state, 0);
    assert_int_equal(sn_engine_get_backend(engine), backend);
    assert_true(strlen(sn_engine_get_backend_reason(engine)) > 10);
    destroy_engine(engine);
    assert_string_equal(sn_engine_backend_name(SN_ENGINE_BACKEND_AUTOMATIC), "automatic");
    assert_string_equal(sn_engine_backend_name(SN_ENGINE_BACKEND_EPOLL), "epoll");
    assert_string_equal(sn_engine_backend_name(SN_ENGINE_BACKEND_IO_URING), "io_uring");
    assert_string_equal(sn_engine_backend_name((sn_engine_backend)9), "?");
    assert_int_equal(sn_engine_get_backend(NULL), SN_ENGINE_BACKEND_AUTOMATIC);
    assert_non_null(sn_engine_get_backend_reason(NULL));
    assert_int_equal(sn_engine_get_thread_count(NULL), 0);
}

/* --- Other processes -----------------------------------------------------------------------------
 */

/* In a child, where no default engine is there yet or may be used. */
static int default_threads_with(const char *setting)
{
    pid_t child = fork();
    if (child == 0) {
        sn_engine *engine = NULL;
        setenv("SENNIT_THREADS", setting, 1);
        bool is_made = sn_engine_default(&engine) == SN_OK;
        _exit(is_made ? sn_engine_get_thread_count(engine) : 255);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(the_environment_sets_the_threads_of_the_default_engine)
{
    int usual = default_threads_with("");
    assert_true(usual >= 1);
    assert_int_equal(default_threads_with("3"), 3);
    assert_int_equal(default_threads_with("0"), usual);
    assert_int_equal(default_threads_with("-1"), usual);
    assert_int_equal(default_threads_with("1025"), usual);
    assert_int_equal(default_threads_with("2x"), usual);
}

/* The child of a fork has none of the threads, so its parent's engine refuses there. */
static int use_parents_engine(sn_engine *engine, sn_socket *bound)
{
    sn_operation operation = {0};
    sn_socket *fresh = NULL;
    char byte;
    if (sn_engine_destroy(engine) != SN_ERROR_INVALID_OPERATION)
        return 1;
    sn_engine_post_async(engine, &operation);
    if (sn_operation_wait(&operation) != SN_ERROR_INVALID_OPERATION)
        return 2;
    if (sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &fresh) ||
        sn_socket_set_engine(fresh, engine) != SN_ERROR_INVALID_OPERATION)
        return 3;
    /* A socket that used it is nobody's here, and gets an engine of the child's. */
    operation.timeout_ms = 1;
    sn_socket_receive_async(bound, &byte, 1, SN_FLAG_NONE, &operation);
    if (sn_operation_wait(&operation) != SN_ERROR_TIMED_OUT)
        return 4;
    if (sn_engine_run(engine, 0, NULL) != SN_ERROR_INVALID_OPERATION)
        return 5;
    sn_socket_release(fresh);
    return 0;
}

TEST(a_forked_child_is_refused_its_parents_engine)
{
    sn_engine *engine = engine_of(state, 1);
    sn_socket *bound = socket_bound(UDP_IPV4);
    use_engine(bound, engine);
    pid_t child = fork();
    if (child == 0)
        _exit(use_parents_engine(engine, bound));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    sn_socket_release(bound);
    destroy_engine(engine);
}

/* Takes the locks of the whole process, over and over. */
struct busy {
    sn_operation operation;
    bool is_over; /* atomic */
};

static sn_error keep_busy(void *context)
{
    struct busy *busy = context;
    sn_metrics metrics;
    while (!atomic_load_acquire(&busy->is_over)) {
        sn_metrics_get(&metrics);
        sn_operation_cancel(&busy->operation);
    }
    return SN_OK;
}

static int use_after_fork(void)
{
    sn_operation operation = {0};
    sn_metrics metrics;
    alarm(20); /* ends it if it waits for a lock */
    sn_metrics_get(&metrics);
    sn_operation_cancel(&operation);
    sn_engine_delay_async(NULL, 60000, &operation);
    sn_operation_cancel(&operation);
    return sn_operation_wait(&operation) == SN_ERROR_OPERATION_CANCELED ? 0 : 1;
}

TEST(a_fork_in_the_middle_of_anything_leaves_the_child_working)
{
    struct busy busy = {.is_over = false};
    struct thread threads[2];
    if (HAS_ADDRESS_SANITIZER)
        SKIP("the address sanitizer cannot fork here");
    for (size_t i = 0; i < array_count(threads); i++)
        thread_start(&threads[i], keep_busy, &busy);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(use_after_fork());
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    atomic_store_release(&busy.is_over, true);
    for (size_t i = 0; i < array_count(threads); i++)
        assert_ok(thread_join(&threads[i]));
}

/* The child makes threads of its own, which the sanitizer would forbid. */
const char *__tsan_default_options(void) __attribute__((visibility("default")));
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_sets_the_threads_of_the_default_engine),
        cmocka_unit_test(a_fork_in_the_middle_of_anything_leaves_the_child_working),
        cmocka_unit_test(an_engine_that_makes_no_sense_is_refused),
        ON_BOTH(engines_come_in_all_sizes_and_leave_nothing),
        ON_BOTH(an_engine_that_was_never_run_is_destroyed_too),
        ON_BOTH(an_engine_is_not_destroyed_from_its_own_callback),
        ON_BOTH(a_driven_engine_is_destroyed_by_its_driver),
        cmocka_unit_test(there_is_one_default_engine_and_it_stays),
        ON_BOTH(an_engine_says_what_it_is),
        ON_BOTH(a_forked_child_is_refused_its_parents_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
