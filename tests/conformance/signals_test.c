/*
 * Sources of signals: what is told, to whom, and what ends a wait.
 */
#include "conformance/forks.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/children.h"
#include "support/verbs.h"

/* The storm of signals that some runs are under is SIGALRM. */
static const int wanted[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD};

static sigset_t wanted_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        sigaddset(&set, wanted[i]);
    sigaddset(&set, SIGRTMIN);
    return set;
}

static sn_socket *source_of(const int *numbers, size_t count)
{
    sn_socket *signals = NULL;
    assert_ok(sn_signals_open(numbers, count, &signals));
    return signals;
}

static sn_socket *source_of_one(int number)
{
    return source_of(&number, 1);
}

static void send_signal(int number)
{
    assert_int_equal(0, kill(getpid(), number));
}

static sn_error do_receive_signal(sn_socket *signals, sn_signal *out_signal)
{
    struct call call;
    if (!call_begin(&call, signals, sn_socket_get_receive_timeout))
        return sn_signals_receive(signals, out_signal);
    sn_signals_receive_async(signals, out_signal, &call.operation);
    return call_end(&call, NULL);
}

TEST(a_signal_is_told_with_who_has_sent_it)
{
    sn_socket *signals = source_of(wanted, COUNT_OF(wanted));
    sn_signal told;
    memset(&told, 0xff, sizeof told);
    send_signal(SIGUSR2); /* before the wait: the kernel keeps it */
    assert_ok(do_receive_signal(signals, &told));
    assert_int_equal(SIGUSR2, told.number);
    assert_int_equal(SI_USER, told.code);
    assert_int_equal(getpid(), told.process_id);
    assert_int_equal(getuid(), told.user_id);
    assert_int_equal(0, told.status);
    assert_int_equal(0, told.address);
    sn_socket_release(signals);
}

TEST(what_was_sent_along_with_a_signal_is_told)
{
    sn_socket *signals = source_of_one(SIGRTMIN);
    sn_signal told;
    for (int i = 1; i <= 3; i++)
        assert_int_equal(0, sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    for (int i = 1; i <= 3; i++) { /* each of them, in order */
        assert_ok(do_receive_signal(signals, &told));
        assert_int_equal(SI_QUEUE, told.code);
        assert_int_equal(i, told.value);
    }
    sn_socket_release(signals);
}

TEST(the_end_of_a_child_is_told)
{
    sn_socket *signals = source_of_one(SIGCHLD);
    sn_signal told;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(7);
    assert_ok(do_receive_signal(signals, &told));
    assert_int_equal(SIGCHLD, told.number);
    assert_int_equal(CLD_EXITED, told.code);
    assert_int_equal(child, told.process_id);
    assert_int_equal(7, told.status);
    assert_int_equal(child, waitpid(child, NULL, 0));
    sn_socket_release(signals);
}

static sn_error wait_for_signal(void *signals)
{
    sn_signal told;
    sn_error error = do_receive_signal(signals, &told);
    return error || told.number == SIGUSR1 ? error : SN_ERROR_FAULT;
}

TEST(a_signal_wakes_who_waits_for_it)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    struct thread thread;
    thread_start_blocked(&thread, wait_for_signal, signals);
    send_signal(SIGUSR1);
    assert_ok(thread_join(&thread));
    sn_socket_release(signals);
}

TEST(a_close_ends_the_wait)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    struct thread thread;
    thread_start_blocked(&thread, wait_for_signal, signals);
    sn_socket_close(signals);
    assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&thread));
    sn_socket_release(signals);
}

TEST(a_cancel_ends_the_wait_and_loses_no_signal)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    struct thread thread;
    sn_signal told;
    thread_start_blocked(&thread, wait_for_signal, signals);
    sn_socket_cancel(signals);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    send_signal(SIGUSR1);
    assert_ok(do_receive_signal(signals, &told));
    sn_socket_release(signals);
}

TEST(a_wait_has_the_time_limit_of_a_receive)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    sn_signal told = {.number = 77};
    assert_ok(sn_socket_set_receive_timeout(signals, 1));
    assert_error(SN_ERROR_TIMED_OUT, do_receive_signal(signals, &told));
    assert_int_equal(77, told.number);
    sn_socket_release(signals);
}

TEST(a_source_that_does_not_block_says_that_there_is_none)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    sn_signal told;
    assert_ok(sn_socket_set_blocking(signals, false));
    assert_error(SN_ERROR_WOULD_BLOCK, sn_signals_receive(signals, &told));
    send_signal(SIGUSR1);
    assert_ok(sn_signals_receive(signals, &told));
    sn_socket_release(signals);
}

TEST(a_source_is_polled_and_selected_as_a_socket)
{
    sn_socket *signals = source_of_one(SIGUSR1), *list[] = {signals};
    sn_socket_list read = {.sockets = list, .count = 1};
    bool is_ready = true;
    sn_signal told;
    assert_ok(sn_socket_poll(signals, 0, SN_SELECT_READ, &is_ready));
    assert_false(is_ready);
    send_signal(SIGUSR1);
    assert_ok(sn_socket_poll(signals, -1, SN_SELECT_READ, &is_ready));
    assert_true(is_ready);
    assert_ok(sn_socket_select(&read, NULL, NULL, -1));
    assert_int_equal(1, read.count);
    assert_ok(do_receive_signal(signals, &told));
    sn_socket_release(signals);
}

/* --- Several waits ---------------------------------------------------------------------------- */

TEST(each_signal_goes_to_one_wait_in_the_order_of_the_starts)
{
    enum { COUNT = 4 };
    sn_socket *signals = source_of_one(SIGRTMIN);
    sn_operation waits[COUNT] = {{0}};
    sn_signal told[COUNT] = {{0}};
    for (int i = 0; i < COUNT; i++)
        assert_true(sn_signals_receive_async(signals, &told[i], &waits[i]));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(0, sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    for (int i = 0; i < COUNT; i++) {
        assert_ok(sn_operation_wait(&waits[i]));
        assert_int_equal(i, told[i].value);
        assert_int_equal(SN_OPERATION_SIGNAL, sn_operation_get_kind(&waits[i]));
    }
    sn_socket_release(signals);
}

TEST(of_several_sources_one_gets_a_signal)
{
    sn_socket *sources[2] = {source_of_one(SIGUSR1), source_of_one(SIGUSR1)};
    sn_operation waits[2] = {{0}}, *list[] = {&waits[0], &waits[1]};
    sn_signal told[2] = {{0}};
    size_t first = 2;
    for (int i = 0; i < 2; i++)
        sn_signals_receive_async(sources[i], &told[i], &waits[i]);
    send_signal(SIGUSR1);
    assert_ok(sn_operation_wait_any(list, 2, SN_FOREVER, &first));
    assert_int_equal(SIGUSR1, told[first].number);
    sn_operation_cancel(&waits[1 - first]);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&waits[1 - first]));
    for (int i = 0; i < 2; i++)
        sn_socket_release(sources[i]);
}

TEST(a_handle_and_a_time_limit_end_a_wait)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    sn_cancellation *cancellation = NULL;
    sn_signal told;
    assert_ok(sn_cancellation_create(&cancellation));
    sn_operation waits[2] = {{.cancellation = cancellation}, {.timeout_ms = 1}};
    for (int i = 0; i < 2; i++)
        sn_signals_receive_async(signals, &told, &waits[i]);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&waits[1]));
    sn_cancellation_cancel(cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&waits[0]));
    sn_cancellation_release(cancellation);
    sn_socket_release(signals);
}

/* --- What is wrong ---------------------------------------------------------------------------- */

TEST(what_is_no_signal_is_refused)
{
    const int none[] = {0, -1, SIGKILL, SIGSTOP, SIGRTMAX + 1, 1 << 30};
    sn_socket *signals = NULL;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        const int numbers[] = {SIGUSR1, none[i]};
        row_begin("number %d", none[i]);
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_signals_open(numbers, 2, &signals));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_signals_open(&none[i], 1, &signals));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_signals_open(NULL, 1, &signals));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_signals_open(wanted, 1, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_signals_open(wanted, 0, &signals));
    assert_null(signals);
}

TEST(a_signal_that_is_not_blocked_is_told_as_a_mistake)
{
    NOT_ON_ENGINE_THREADS("they have all signals blocked");
    const int numbers[] = {SIGUSR1, SIGWINCH};
    sn_socket *signals = NULL;
    assert_error(SN_ERROR_INVALID_OPERATION, sn_signals_open(numbers, 2, &signals));
    assert_null(signals);
}

TEST(what_is_no_source_tells_of_no_signal)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_socket *signals = source_of_one(SIGUSR1);
    sn_signal told;
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, do_receive_signal(pair.server, &told));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive_signal(signals, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_signals_receive(NULL, &told));
    assert_false(sn_signals_receive_async(signals, &told, NULL));
    sn_socket_close(signals);
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_receive_signal(signals, &told));
    sn_socket_release(signals);
    pair_release(&pair);
}

/* --- fork ------------------------------------------------------------------------------------- */

static int take_own_signal(void *context)
{
    sn_signal told = {0};
    sn_operation wait = {0};
    CHILD_EXPECT(kill(getpid(), SIGUSR1) == 0);
    CHILD_EXPECT(sn_signals_receive(context, &told) == SN_OK);
    CHILD_EXPECT(told.process_id == (uint32_t)getpid());
    CHILD_EXPECT(sn_signals_receive_async(context, &told, &wait));
    CHILD_EXPECT(sn_operation_wait_for(&wait, 0) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(kill(getpid(), SIGUSR1) == 0);
    CHILD_EXPECT(sn_operation_wait(&wait) == SN_OK);
    sn_socket_release(context);
    return 0;
}

TEST(a_forked_child_is_told_of_its_own_signals)
{
    sn_socket *signals = source_of_one(SIGUSR1);
    struct pending wait;
    sn_signal told = {0};
    pending_init(&wait);
    sn_signals_receive_async(signals, &told, &wait.operation);
    assert_int_equal(0, child_run(take_own_signal, signals));
    assert_int_equal(0, pending_count(&wait));
    send_signal(SIGUSR1);
    assert_pending(SN_OK, &wait);
    assert_int_equal(getpid(), told.process_id);
    sn_socket_release(signals);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_signal_is_told_with_who_has_sent_it),
        CASE(what_was_sent_along_with_a_signal_is_told),
        CASE(the_end_of_a_child_is_told),
        CASE(a_signal_wakes_who_waits_for_it),
        CASE(a_close_ends_the_wait),
        CASE(a_cancel_ends_the_wait_and_loses_no_signal),
        CASE(a_wait_has_the_time_limit_of_a_receive),
        CASE(a_source_that_does_not_block_says_that_there_is_none),
        CASE(a_source_is_polled_and_selected_as_a_socket),
        CASE(each_signal_goes_to_one_wait_in_the_order_of_the_starts),
        CASE(of_several_sources_one_gets_a_signal),
        CASE(a_handle_and_a_time_limit_end_a_wait),
        CASE(what_is_no_signal_is_refused),
        CASE(a_signal_that_is_not_blocked_is_told_as_a_mistake),
        CASE(what_is_no_source_tells_of_no_signal),
        CASE(a_forked_child_is_told_of_its_own_signals),
    };
    sigset_t set = wanted_set();
    sn_engine *engine; /* made now, so that no test has its descriptors to account for */
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 || sn_engine_default(&engine) != SN_OK)
        return EXIT_FAILURE;
    return RUN(cases);
}
