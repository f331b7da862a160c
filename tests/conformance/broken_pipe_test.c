/*
 * A peer that has gone ends a send with an error and never with the signal SIGPIPE, whose usual
 * effect is to kill the program (contract A.2, B.6). Each send is made in a child where the signal
 * has its default action, so that a killed child fails the test and not the test program.
 */
#include "support/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/verbs.h"

typedef sn_error (*sender)(sn_socket *socket);

static sn_error send_plain(sn_socket *socket)
{
    size_t sent;
    return do_send(socket, "x", 1, SN_FLAG_NONE, &sent);
}

static sn_error send_pieces(sn_socket *socket)
{
    const sn_buffer pieces[] = {{(char[]){'x'}, 1}, {(char[]){'y'}, 1}};
    size_t sent;
    return do_send_buffers(socket, pieces, 2, SN_FLAG_NONE, &sent);
}

static sn_error send_to_somebody(sn_socket *socket)
{
    sn_endpoint to;
    size_t sent;
    sn_error error = sn_endpoint_parse("127.0.0.1:9", &to);
    return error ? error : do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, &sent);
}

static sn_error send_urgent(sn_socket *socket)
{
    size_t sent;
    return do_send(socket, "!", 1, SN_FLAG_OUT_OF_BAND, &sent);
}

/* Until it fails: the first send after the peer's end may still succeed. */
static sn_error send_until_it_fails(sn_socket *socket, sender send)
{
    sn_error error;
    do {
        error = send(socket);
    } while (!error);
    return error;
}

enum { EXIT_AS_EXPECTED = 0, EXIT_OTHERWISE = 3 };

static void assert_child_ends_with(sn_socket *socket, sender send, sn_error expected,
                                   sn_error or_this)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        sn_error error = send_until_it_fails(socket, send);
        /* And once more, now that it has certainly failed. */
        sn_error again = send(socket);
        bool is_expected = (error == expected || error == or_this) && again == expected;
        _exit(is_expected ? EXIT_AS_EXPECTED : EXIT_OTHERWISE);
    }
    assert_true(child > 0);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(EINTR, errno);
    if (WIFSIGNALED(status))
        fail_msg("the child was killed by signal %d", WTERMSIG(status));
    assert_true(WIFEXITED(status));
    assert_int_equal(EXIT_AS_EXPECTED, WEXITSTATUS(status));
}

static void send_after_the_peer_has_gone(enum transport transport, sender send)
{
    struct socket_pair pair = pair_connected(transport);
    sn_socket_close(pair.server);
    wait_readable(pair.client);
    assert_child_ends_with(pair.client, send, SN_ERROR_SHUTDOWN, SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

TEST(a_send_to_a_peer_that_has_gone_gives_shutdown)
{
    send_after_the_peer_has_gone(transport_of(state), send_plain);
}

TEST(a_send_of_pieces_to_a_peer_that_has_gone_gives_shutdown)
{
    send_after_the_peer_has_gone(transport_of(state), send_pieces);
}

TEST(a_send_to_an_address_over_a_connection_whose_peer_has_gone_gives_shutdown)
{
    send_after_the_peer_has_gone(transport_of(state), send_to_somebody);
}

TEST(an_urgent_send_to_a_peer_that_has_gone_gives_shutdown)
{
    send_after_the_peer_has_gone(transport_of(state), send_urgent);
}

TEST(a_send_after_a_shutdown_gives_shutdown)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_child_ends_with(pair.client, send_plain, SN_ERROR_SHUTDOWN, SN_ERROR_SHUTDOWN);
    assert_child_ends_with(pair.client, send_pieces, SN_ERROR_SHUTDOWN, SN_ERROR_SHUTDOWN);
    pair_release(&pair);
}

TEST(a_send_on_a_tcp_socket_that_never_was_connected_gives_shutdown)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_child_ends_with(socket, send_plain, SN_ERROR_SHUTDOWN, SN_ERROR_SHUTDOWN);
    sn_socket_release(socket);
}

/* A pipe knows no flag that would hold the signal back. */
TEST(a_send_into_a_pipe_without_a_reader_gives_shutdown)
{
    int handles[2];
    sn_socket *writer = NULL;
    assert_int_equal(0, pipe2(handles, O_CLOEXEC));
    close(handles[0]);
    assert_ok(sn_socket_from_handle(handles[1], true, &writer));
    assert_child_ends_with(writer, send_plain, SN_ERROR_SHUTDOWN, SN_ERROR_SHUTDOWN);
    assert_child_ends_with(writer, send_pieces, SN_ERROR_SHUTDOWN, SN_ERROR_SHUTDOWN);
    sn_socket_release(writer);
}

static volatile sig_atomic_t caught;

static void count(int number)
{
    (void)number;
    caught = caught + 1;
}

/* Whoever uses SIGPIPE for pipes of its own keeps it: handler, mask and pending signals are as
 * before. */
TEST(the_programs_own_sigpipe_is_left_alone)
{
    NOT_ON_ENGINE_THREADS("they have all signals blocked");
    struct sigaction action = {.sa_handler = count}, before, after;
    sigset_t mask_before, mask_after, pending, pipe_only;
    int handles[2], own[2];
    sn_socket *writer = NULL;
    assert_int_equal(0, sigaction(SIGPIPE, &action, &before));
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, NULL, &mask_before));
    assert_int_equal(0, pipe2(handles, O_CLOEXEC));
    close(handles[0]);
    assert_ok(sn_socket_from_handle(handles[1], true, &writer));
    caught = 0;
    assert_error(SN_ERROR_SHUTDOWN, send_plain(writer));
    assert_int_equal(0, caught);
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, NULL, &mask_after));
    assert_int_equal(sigismember(&mask_before, SIGPIPE), sigismember(&mask_after, SIGPIPE));
    assert_int_equal(0, sigpending(&pending));
    assert_int_equal(0, sigismember(&pending, SIGPIPE));

    /* One that was pending and blocked before the call is pending after it. */
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &pipe_only, NULL));
    assert_int_equal(0, pipe2(own, O_CLOEXEC));
    close(own[0]);
    assert_int_equal(-1, write(own[1], "x", 1));
    close(own[1]);
    assert_error(SN_ERROR_SHUTDOWN, send_plain(writer));
    assert_int_equal(0, sigpending(&pending));
    assert_int_equal(1, sigismember(&pending, SIGPIPE));
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &mask_before, NULL));
    assert_int_equal(1, caught);
    assert_int_equal(0, sigaction(SIGPIPE, &before, &after));
    assert_ptr_equal(count, after.sa_handler);
    sn_socket_release(writer);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(a_send_to_a_peer_that_has_gone_gives_shutdown),
        ON_LISTENERS(a_send_of_pieces_to_a_peer_that_has_gone_gives_shutdown),
        CASE_ON(a_send_to_an_address_over_a_connection_whose_peer_has_gone_gives_shutdown,
                TCP_IPV4),
        ON_TCP(an_urgent_send_to_a_peer_that_has_gone_gives_shutdown),
        ON_LISTENERS(a_send_after_a_shutdown_gives_shutdown),
        ON_TCP(a_send_on_a_tcp_socket_that_never_was_connected_gives_shutdown),
        CASE(a_send_into_a_pipe_without_a_reader_gives_shutdown),
        CASE(the_programs_own_sigpipe_is_left_alone),
    };
    return RUN(cases);
}
