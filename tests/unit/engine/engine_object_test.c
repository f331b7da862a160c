#include "unit/engine/engines.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "engine/engine_object.h"
#include "loop/worker.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

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

static sn_error drive_in_thread(void *engine)
{
    return sn_engine_run(engine, SN_FOREVER, NULL);
}

TEST(an_engine_is_not_destroyed_while_another_thread_drives_it)
{
    sn_engine *engine = engine_of(state, 0);
    struct thread thread;
    sn_operation post = {0};
    thread_start(&thread, drive_in_thread, engine);
    while (!atomic_load_acquire(&engine->workers->is_running))
        sched_yield();
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_destroy(engine));
    sn_engine_post_async(engine, &post);
    assert_ok(thread_join(&thread));
    assert_true(sn_operation_is_completed(&post));
    destroy_engine(engine);
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

static sn_error run_in_thread(void *engine)
{
    return sn_engine_run(engine, 0, NULL);
}

/* The thread that drives it pends everything there is; another one destroys it, or the same, or
 * one that was made later and may have the number of the driver that is gone. */
static void destroy_elsewhere(void **state, bool is_driver_alive, bool is_destroyed_here)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *listener = socket_listening(TCP_IPV4, 4);
    sn_operation operations[5] = {0};
    struct thread thread;
    uint32_t count = 0;
    char data[4], late = 0;
    use_engine(pair.server, engine);
    use_engine(listener, engine);
    for (int i = 0; i < 5; i++)
        operations[i] = (sn_operation){.completed = count_completed, .context = &count};
    sn_socket_receive_async(pair.server, &data[0], 1, SN_FLAG_NONE, &operations[0]);
    sn_socket_receive_async(pair.server, &data[1], 1, SN_FLAG_NONE, &operations[1]);
    sn_socket_accept_async(listener, NULL, &operations[2]);
    sn_engine_delay_async(engine, 100000, &operations[3]);
    operations[4].timeout_ms = 100000;
    sn_socket_receive_async(pair.server, &data[2], 1, SN_FLAG_NONE, &operations[4]);
    if (is_driver_alive) {
        run_ready(engine);
    } else {
        thread_start(&thread, run_in_thread, engine);
        assert_ok(thread_join(&thread));
    }
    if (is_destroyed_here) {
        destroy_engine(engine);
    } else {
        thread_start(&thread, destroy_in_thread, engine);
        assert_ok(thread_join(&thread));
    }
    assert_int_equal(count, 5);
    for (int i = 0; i < 5; i++)
        assert_error(SN_ERROR_OPERATION_ABORTED, operations[i].error);
    send_text(pair.client, "x");
    receive_exactly(pair.server, &late, 1);
    assert_int_equal(late, 'x');
    pair_release(&pair);
    sn_socket_release(listener);
}

TEST(a_driven_engine_is_destroyed_from_any_thread)
{
    for (int i = 0; i < 4; i++)
        destroy_elsewhere(state, i & 1, i & 2);
}

/* The C library gives the number of a thread that has ended to the next one. */
TEST(a_thread_that_comes_after_the_driver_is_not_taken_for_it)
{
    sn_engine *engine = engine_of(state, 0);
    struct thread thread;
    thread_start(&thread, run_in_thread, engine);
    assert_ok(thread_join(&thread));
    for (int i = 0; i < 4; i++) {
        thread_start(&thread, run_in_thread, engine);
        assert_error(SN_ERROR_INVALID_OPERATION, thread_join(&thread));
    }
    thread_start(&thread, destroy_in_thread, engine);
    assert_ok(thread_join(&thread));
}

struct closed_ring {
    sn_engine *engine;
    sn_socket *socket;
    sn_operation operation;
    char data[64];
};

static sn_error pend_and_end(void *context)
{
    struct closed_ring *closed = context;
    sn_socket_receive_async(closed->socket, closed->data, sizeof closed->data, SN_FLAG_NONE,
                            &closed->operation);
    return sn_engine_run(closed->engine, 0, NULL);
}

/* Data that comes before, while and after the engine of a pending receive is destroyed by another
 * thread: either the receive has it, or the next one. */
TEST(a_ring_that_was_closed_touches_no_buffer)
{
    for (int round = 0; round < 100; round++) {
        sn_engine *engine = engine_of(state, 0);
        struct socket_pair pair = pair_connected(round & 1 ? TCP_IPV4 : UNIX_STREAM);
        struct closed_ring closed = {.engine = engine, .socket = pair.server};
        struct thread thread;
        use_engine(pair.server, engine);
        thread_start(&thread, pend_and_end, &closed);
        assert_ok(thread_join(&thread));
        if (round % 3 == 0)
            send_text(pair.client, "x");
        thread_start(&thread, destroy_in_thread, engine);
        if (round % 3 == 1)
            send_text(pair.client, "x");
        assert_ok(thread_join(&thread));
        if (round % 3 == 2)
            send_text(pair.client, "x");
        assert_true(sn_operation_is_completed(&closed.operation));
        if (closed.operation.error) {
            assert_error(SN_ERROR_OPERATION_ABORTED, closed.operation.error);
            char byte = 0;
            receive_exactly(pair.server, &byte, 1);
            assert_int_equal(byte, 'x');
            assert_int_equal(closed.data[0], 0);
        } else {
            assert_int_equal(closed.data[0], 'x');
        }
        pair_release(&pair);
    }
}

static sn_engine *outer_engine;

static void destroy_outer(sn_operation *operation)
{
    (void)operation;
    destroy_in_callback = sn_engine_destroy(outer_engine);
}

static void drive_inner(sn_operation *operation)
{
    sn_engine *inner = operation->context;
    sn_operation post = {.completed = destroy_outer};
    sn_engine_post_async(inner, &post);
    (void)run_until(inner, &post);
}

TEST(an_engine_is_not_destroyed_in_a_callback_of_one_that_its_own_drives)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *inner = engine_of(state, 0);
        outer_engine = engine_of(state, threads);
        sn_operation post = {.completed = drive_inner, .context = inner}, behind = {0};
        destroy_in_callback = SN_OK;
        sn_engine_post_async(outer_engine, &post);
        sn_engine_post_async(outer_engine, &behind);
        assert_ok(threads ? sn_operation_wait(&behind) : run_until(outer_engine, &behind));
        assert_error(SN_ERROR_INVALID_OPERATION, destroy_in_callback);
        destroy_engine(outer_engine);
        destroy_engine(inner);
    }
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

/* --- Other processes -------------------------------------------------------------------------- */

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
        sn_metrics_get(&metrics, sizeof metrics);
        sn_operation_cancel(&busy->operation);
    }
    return SN_OK;
}

static int use_after_fork(void)
{
    sn_operation operation = {0};
    sn_metrics metrics;
    alarm(20); /* ends it if it waits for a lock */
    sn_metrics_get(&metrics, sizeof metrics);
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
        ON_BOTH(an_engine_is_not_destroyed_while_another_thread_drives_it),
        ON_BOTH(an_engine_is_not_destroyed_from_its_own_callback),
        ON_BOTH(a_driven_engine_is_destroyed_from_any_thread),
        ON_BOTH(a_thread_that_comes_after_the_driver_is_not_taken_for_it),
        ON_BOTH(a_ring_that_was_closed_touches_no_buffer),
        ON_BOTH(an_engine_is_not_destroyed_in_a_callback_of_one_that_its_own_drives),
        cmocka_unit_test(there_is_one_default_engine_and_it_stays),
        ON_BOTH(an_engine_says_what_it_is),
        ON_BOTH(a_forked_child_is_refused_its_parents_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
