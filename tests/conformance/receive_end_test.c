/*
 * How a receive ends that brings no data (contract B.7): errors, the end, and time. What ends a
 * blocked call stands in blocked_call_test.c.
 */
#include "conformance/receives.h"
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>

/* --- Errors ---------------------------------------------------------------------------------- */

/* B.7 "unconnected stream". A Unix stream says InvalidArgument, as in .NET. */
TEST(a_stream_without_a_peer_says_so)
{
    static const struct {
        enum transport transport;
        sn_error error;
    } cases[] = {
        {TCP_IPV4, SN_ERROR_NOT_CONNECTED},
        {TCP_IPV6, SN_ERROR_NOT_CONNECTED},
        {UNIX_STREAM, SN_ERROR_INVALID_ARGUMENT},
        {UNIX_SEQPACKET, SN_ERROR_NOT_CONNECTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (transport_missing(cases[i].transport))
            continue;
        for (int state_of = 0; state_of < 3; state_of++) {
            static const char *const names[] = {"fresh", "bound", "listening"};
            row_begin("%s, %s", transport_name(cases[i].transport), names[state_of]);
            sn_socket *socket = state_of == 0   ? socket_make(cases[i].transport)
                                : state_of == 1 ? socket_bound(cases[i].transport)
                                                : socket_listening(cases[i].transport, 16);
            char byte = 'u';
            sn_buffer buffer = {&byte, 1};
            size_t received = 77;
            row_error(cases[i].error, do_receive(socket, &byte, 1, SN_FLAG_NONE, &received));
            row_error(cases[i].error,
                      do_receive_buffers(socket, &buffer, 1, SN_FLAG_NONE, &received));
            row_error(cases[i].error, do_receive(socket, NULL, 0, SN_FLAG_NONE, &received));
            row_equal(77, received);
            row_equal('u', byte);
            sn_socket_release(socket);
        }
    }
    rows_end();
}

/* B.7: a reset is told once; afterwards the stream has ended */
TEST(a_reset_by_the_peer_is_told_once)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_close_within(pair.server, 0));
    char byte;
    size_t received = 77;
    assert_error(SN_ERROR_CONNECTION_RESET,
                 do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(77, received);
    assert_int_equal(ECONNRESET, last_native());
    assert_false(sn_socket_is_connected(pair.client));
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    pair_release(&pair);
}

/* B.7 "after Shutdown(Receive)": what is queued is still delivered, then the end */
TEST(after_shutdown_receive_comes_what_is_queued_and_then_the_end)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "data");
    wait_readable(pair.server);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_RECEIVE));
    assert_false(sn_socket_is_connected(pair.server)); /* A.8 */
    char data[8];
    size_t received = 0;
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    for (int i = 0; i < 2; i++) {
        received = 77;
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
        assert_int_equal(0, received);
        received = 77;
        assert_ok(do_receive(pair.server, NULL, 0, SN_FLAG_NONE, &received));
        assert_int_equal(0, received);
    }
    pair_release(&pair);
}

/* A.8: a thread that waits is let go by Shutdown(Receive) */
TEST(shutdown_receive_ends_a_receive_that_waits)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.server, .size = sizeof receiver.data};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &receiver);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_RECEIVE));
    assert_ok(thread_join(&thread));
    assert_int_equal(0, receiver.received);
    pair_release(&pair);
}

/* --- Not waiting, or not for long ------------------------------------------------------------ */

/* B.7 "non-blocking, nothing there" */
TEST(a_non_blocking_receive_would_block_where_nothing_is)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_blocking(pair.server, false));
    char byte = 'u';
    sn_buffer buffer = {&byte, 1};
    size_t received = 77;
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_NONE, &received));
    assert_int_equal(77, received);
    assert_int_equal('u', byte);
    assert_true(sn_socket_is_connected(pair.server)); /* A.6 */
    assert_ok(sn_socket_set_blocking(pair.server, true));
    send_text(pair.client, "x");
    assert_ok(do_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal('x', byte);
    pair_release(&pair);
}

/* B.7 ReceiveTimeout; A.6; trap 62. The limit is for blocking calls only (B.14). */
TEST(a_receive_that_waits_too_long_times_out)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(pair.server, 10));
    char byte = 'u';
    sn_buffer buffer = {&byte, 1};
    size_t received = 77;
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive_buffers(pair.server, &buffer, 1, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive(pair.server, NULL, 0, SN_FLAG_NONE, &received));
    assert_int_equal(77, received);
    assert_int_equal('u', byte);
    assert_true(sn_socket_is_connected(pair.server));
    send_text(pair.client, "x"); /* nothing was spoiled */
    assert_ok(sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal('x', byte);
    pair_release(&pair);
}

/* trap 59: the peer of a stream sees a reset or the end */
TEST(the_peer_of_a_socket_closed_while_receiving_sees_the_end_or_a_reset)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.server, .size = sizeof receiver.data};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &receiver);
    sn_socket_close(pair.server);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&thread));
    char byte;
    size_t received = 77;
    sn_error error = do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received);
    assert_true((error == SN_OK && received == 0) || error == SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

/* The thread contract: several threads may receive from one socket */
TEST(each_of_several_receiving_threads_gets_its_own_data)
{
    enum { THREADS = 4 };
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receivers[THREADS];
    struct thread threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        receivers[i] = (struct receiver){.socket = pair.server, .size = 1};
        thread_start_blocked(&threads[i], receive_once, &receivers[i]);
    }
    unsigned seen = 0;
    for (int i = 0; i < THREADS; i++) {
        char byte = (char)('0' + i);
        assert_ok(do_send(pair.client, &byte, 1, SN_FLAG_NONE, NULL));
    }
    for (int i = 0; i < THREADS; i++) {
        assert_ok(thread_join(&threads[i]));
        assert_int_equal(1, receivers[i].received);
        seen |= 1u << (receivers[i].data[0] - '0');
    }
    assert_int_equal((1u << THREADS) - 1, seen);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_stream_without_a_peer_says_so),
        ON_TCP(a_reset_by_the_peer_is_told_once),
        ON_ALL_CONNECTED(after_shutdown_receive_comes_what_is_queued_and_then_the_end),
        ON_ALL_CONNECTED(shutdown_receive_ends_a_receive_that_waits),
        ON_ALL_CONNECTED(a_non_blocking_receive_would_block_where_nothing_is),
        ON_ALL_CONNECTED(a_receive_that_waits_too_long_times_out),
        ON_STREAMS(the_peer_of_a_socket_closed_while_receiving_sees_the_end_or_a_reset),
        ON_ALL_CONNECTED(each_of_several_receiving_threads_gets_its_own_data),
    };
    return RUN(cases);
}
