#include "unit/engine/engines.h"

#include <poll.h>
#include <signal.h>

#include "support/threads.h"
#include "sys/sys.h"

static bool is_readable_now(sn_handle handle)
{
    struct pollfd poll_one = {.fd = handle, .events = POLLIN};
    return poll(&poll_one, 1, 0) == 1;
}

TEST(running_an_engine_tells_how_many_operations_completed)
{
    sn_engine *engine = engine_of(state, 0);
    sn_operation operations[3] = {0};
    size_t count = 7;
    assert_ok(sn_engine_run(engine, 0, &count));
    assert_int_equal(count, 0);
    for (int i = 0; i < 3; i++)
        sn_engine_post_async(engine, &operations[i]);
    assert_ok(sn_engine_run(engine, SN_FOREVER, &count)); /* no sleep when something has run */
    assert_int_equal(count, 3);
    assert_ok(sn_engine_run(engine, 1, &count));
    assert_int_equal(count, 0);
    destroy_engine(engine);
}

TEST(running_refuses_what_makes_no_sense)
{
    sn_engine *threaded = engine_of(state, 1), *driven = engine_of(state, 0);
    sn_handle handle = -7;
    sn_milliseconds timeout_ms = -7;
    size_t count = 7;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_engine_run(NULL, 0, &count));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_engine_run(driven, -2, &count));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_run(threaded, 0, &count));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_get_handle(threaded, &handle));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_get_timeout(threaded, &timeout_ms));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_engine_get_handle(driven, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_engine_get_timeout(driven, NULL));
    assert_int_equal(handle, -7);
    assert_int_equal(timeout_ms, -7);
    assert_int_equal(count, 7);
    destroy_engine(threaded);
    destroy_engine(driven);
}

static sn_error run_in_thread(void *engine)
{
    return sn_engine_run(engine, 0, NULL);
}

TEST(the_first_thread_that_runs_it_is_its_driver)
{
    sn_engine *engine = engine_of(state, 0);
    struct thread thread;
    run_ready(engine);
    thread_start(&thread, run_in_thread, engine);
    assert_error(SN_ERROR_INVALID_OPERATION, thread_join(&thread));
    run_ready(engine);
    destroy_engine(engine);
}

static sn_error nested_error, nested_other, nested_wait;
static sn_engine *other_engine;

static void run_nested(sn_operation *operation)
{
    sn_operation inner = {0};
    nested_error = sn_engine_run(operation->context, 0, NULL);
    sn_engine_post_async(other_engine, &inner);
    nested_wait = sn_operation_wait_for(&inner, 1); /* a callback may not wait */
    nested_other = sn_engine_run(other_engine, SN_FOREVER, NULL);
    if (!sn_operation_is_completed(&inner))
        nested_other = SN_ERROR_FAULT;
}

TEST(a_callback_may_run_another_engine_but_not_its_own)
{
    sn_engine *engine = engine_of(state, 0);
    other_engine = engine_of(state, 0);
    sn_operation operation = {.completed = run_nested, .context = engine}, after = {0};
    nested_error = nested_wait = SN_OK;
    sn_engine_post_async(engine, &operation);
    sn_engine_post_async(engine, &after);
    assert_ok(run_until(engine, &after));
    assert_error(SN_ERROR_INVALID_OPERATION, nested_error);
    assert_error(SN_ERROR_INVALID_OPERATION, nested_wait);
    assert_ok(nested_other);
    destroy_engine(engine);
    destroy_engine(other_engine);
}

struct nagger {
    pthread_t driver;
    atomic_bool is_over;
};

static void ignore_signal(int number)
{
    (void)number;
}

static sn_error nag(void *context)
{
    struct nagger *nagger = context;
    while (!atomic_load(&nagger->is_over)) {
        (void)pthread_kill(nagger->driver, SIGUSR2);
        sched_yield();
    }
    return SN_OK;
}

TEST(signals_do_not_end_a_run_before_its_time)
{
    sn_engine *engine = engine_of(state, 0);
    struct sigaction action = {.sa_handler = ignore_signal}, old;
    struct nagger nagger = {.driver = pthread_self()};
    struct thread thread;
    sn_operation operation = {0};
    size_t count = 7;
    assert_int_equal(sigaction(SIGUSR2, &action, &old), 0);
    run_ready(engine);
    thread_start(&thread, nag, &nagger);
    int64_t before_ns = sys_now();
    assert_ok(sn_engine_run(engine, 30, &count));
    assert_true(sys_now() - before_ns >= 30 * INT64_C(1000000));
    assert_int_equal(count, 0);
    sn_engine_delay_async(engine, 20, &operation);
    assert_ok(sn_engine_run(engine, SN_FOREVER, &count)); /* not before something has completed */
    assert_int_equal(count, 1);
    atomic_store(&nagger.is_over, true);
    assert_ok(thread_join(&thread));
    (void)sigaction(SIGUSR2, &old, NULL);
    destroy_engine(engine);
}

/* --- In another loop -------------------------------------------------------------------------- */

TEST(another_loop_learns_how_long_it_may_sleep)
{
    sn_engine *engine = engine_of(state, 0);
    sn_operation delay = {0}, post = {0};
    sn_milliseconds timeout_ms = -7;
    run_ready(engine);
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_int_equal(timeout_ms, -1);
    sn_engine_delay_async(engine, 500, &delay);
    run_ready(engine);
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_true(timeout_ms > 0 && timeout_ms <= 500);
    sn_engine_post_async(engine, &post);
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_int_equal(timeout_ms, 0);
    assert_ok(run_until(engine, &post));
    sn_operation_cancel(&delay);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &delay));
    destroy_engine(engine);
}

static sn_error post_in_thread(void *context)
{
    sn_operation *operation = context;
    sn_engine_post_async(operation->context, operation);
    return sn_operation_wait(operation);
}

TEST(another_loop_sees_when_there_is_something_to_do)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation post = {.context = engine}, receive = {0};
    struct thread thread;
    sn_handle handle = -1;
    char byte;
    use_engine(pair.server, engine);
    assert_ok(sn_engine_get_handle(engine, &handle));
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    run_ready(engine);
    assert_false(is_readable_now(handle));

    thread_start(&thread, post_in_thread, &post);
    while (!is_readable_now(handle))
        sched_yield();
    run_ready(engine);
    assert_ok(thread_join(&thread));
    assert_false(is_readable_now(handle));

    send_text(pair.client, "x");
    while (!is_readable_now(handle))
        sched_yield();
    run_ready(engine);
    assert_true(sn_operation_is_completed(&receive));
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(a_cancel_from_another_thread_wakes_a_driver_that_sleeps)
{
    sn_engine *engine = engine_of(state, 0);
    sn_operation delay = {0}, post = {.context = engine};
    struct thread thread;
    sn_engine_delay_async(engine, 100000, &delay);
    run_ready(engine);
    sn_operation_cancel(&delay);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &delay));
    thread_start(&thread, post_in_thread, &post);
    assert_ok(run_until(engine, &post));
    assert_ok(thread_join(&thread));
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(running_an_engine_tells_how_many_operations_completed),
        ON_BOTH(running_refuses_what_makes_no_sense),
        ON_BOTH(the_first_thread_that_runs_it_is_its_driver),
        ON_BOTH(a_callback_may_run_another_engine_but_not_its_own),
        ON_BOTH(signals_do_not_end_a_run_before_its_time),
        ON_BOTH(another_loop_learns_how_long_it_may_sleep),
        ON_BOTH(another_loop_sees_when_there_is_something_to_do),
        ON_BOTH(a_cancel_from_another_thread_wakes_a_driver_that_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
