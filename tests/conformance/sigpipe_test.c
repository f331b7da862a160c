/*
 * SIGPIPE (contract A.2): a send to a peer that has gone gives an error and never raises the
 * signal, whatever the program has done with it, and leaves the program's signal state alone.
 */
#include "support/transfer_support.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static bool sigpipe_is_pending(void)
{
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static bool sigpipe_is_blocked(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, SIGPIPE) == 1;
}

static void send_in_every_form(sn_socket *socket, sn_error expected)
{
    bool was_blocked = sigpipe_is_blocked(); /* as on the threads of engines, where fibers are */
    sn_buffer buffers[2] = {{(void *)(uintptr_t) "x", 1}, {(void *)(uintptr_t) "y", 1}};
    sn_endpoint to = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    row_error(expected, do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    row_error(expected, do_send_buffers(socket, buffers, 2, SN_FLAG_NONE, NULL));
    if (sn_socket_get_address_family(socket) == SN_FAMILY_IPV4)
        row_error(expected, do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, NULL));
    row_equal(false, sigpipe_is_pending());
    row_equal(was_blocked, sigpipe_is_blocked());
}

/* A.2 SIGPIPE: with the default action, a signal would end this program here */
TEST(a_send_to_a_peer_that_has_gone_never_raises_sigpipe)
{
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    static const enum transport kinds[] = {TCP_IPV4, UNIX_STREAM, UNIX_SEQPACKET};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        row_begin("%s", transport_name(kinds[i]));
        struct socket_pair pair = pair_connected(kinds[i]);
        assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        send_in_every_form(pair.client, SN_ERROR_SHUTDOWN);
        pair_release(&pair);
    }
    rows_end();
}

/* A.2, A.3: an adopted pipe is written to with write(2), which has no flag against the signal */
TEST(a_send_to_a_pipe_without_a_reader_never_raises_sigpipe)
{
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, close(ends[0]));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[1], true, &socket));
    row_begin("a pipe");
    send_in_every_form(socket, SN_ERROR_SHUTDOWN);
    rows_end();
    sn_socket_release(socket);
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number)
{
    (void)number;
    sigpipes++;
}

/* A.2: process-wide signal state is never touched */
TEST(a_handler_for_sigpipe_stays_and_is_not_called)
{
    struct sigaction handler, before, after;
    memset(&handler, 0, sizeof handler);
    handler.sa_handler = count_sigpipe;
    assert_int_equal(0, sigaction(SIGPIPE, &handler, &before));
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    row_begin("TCP");
    send_in_every_form(pair.client, SN_ERROR_SHUTDOWN);
    pair_release(&pair);
    assert_int_equal(0, sigaction(SIGPIPE, &before, &after));
    assert_true(after.sa_handler == count_sigpipe);
    assert_int_equal(0, sigpipes);
    rows_end();
}

/* A.2: a SIGPIPE that the program itself has blocked and pending is still there afterwards */
TEST(a_pending_sigpipe_of_the_program_survives_a_send_to_a_pipe)
{
    sigset_t sigpipe, before;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &sigpipe, &before));
    assert_int_equal(0, pthread_kill(pthread_self(), SIGPIPE));
    assert_true(sigpipe_is_pending());

    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, close(ends[0]));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[1], true, &socket));
    assert_error(SN_ERROR_SHUTDOWN, sn_socket_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    assert_true(sigpipe_is_pending());
    assert_true(sigpipe_is_blocked());
    sn_socket_release(socket);

    int number = 0;
    assert_int_equal(0, sigwait(&sigpipe, &number)); /* takes it away again */
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &before, NULL));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_send_to_a_peer_that_has_gone_never_raises_sigpipe),
        CASE(a_send_to_a_pipe_without_a_reader_never_raises_sigpipe),
        CASE(a_handler_for_sigpipe_stays_and_is_not_called),
        CASE(a_pending_sigpipe_of_the_program_survives_a_send_to_a_pipe),
    };
    return RUN(cases);
}
