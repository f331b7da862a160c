/*
 * Receive (contract B.7): what is delivered, what a call waits for, and how it ends.
 * Traps 49, 50, 56, 57, 59, 60, 62. What ends a blocked call stands in blocked_call_test.c.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A receive of its own, for a thread to block in. */
struct receiver {
    sn_socket *socket; /* borrowed */
    size_t size;
    bool as_list;
    char data[64];
    size_t received;
};

static sn_error receive_once(void *context)
{
    struct receiver *receiver = context;
    sn_buffer buffer = {receiver->data, receiver->size};
    receiver->received = 77;
    return receiver->as_list
               ? do_receive_buffers(receiver->socket, &buffer, 1, SN_FLAG_NONE, &receiver->received)
               : do_receive(receiver->socket, receiver->data, receiver->size, SN_FLAG_NONE,
                            &receiver->received);
}

/* --- Data ------------------------------------------------------------------------------------ */

/* B.7 "stream": what is there, at least one byte, never a loop to fill the buffer */
TEST(a_stream_receive_gives_what_is_there)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "hello");
    wait_readable(pair.server);
    char data[64];
    size_t received = 0;
    assert_ok(do_receive(pair.server, data, 2, SN_FLAG_NONE, &received));
    assert_int_equal(2, received);
    assert_memory_equal("he", data, 2);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(3, received);
    assert_memory_equal("llo", data, 3);
    pair_release(&pair);
}

/* B.7 "stream": it waits for the first byte */
TEST(a_receive_waits_for_data)
{
    for (int as_list = 0; as_list <= 1; as_list++) {
        struct socket_pair pair = pair_connected(transport_of(state));
        struct receiver receiver = {
            .socket = pair.server, .size = sizeof receiver.data, .as_list = as_list};
        struct thread thread;
        thread_start_blocked(&thread, receive_once, &receiver);
        send_text(pair.client, "late");
        assert_ok(thread_join(&thread));
        assert_int_equal(4, receiver.received);
        assert_memory_equal("late", receiver.data, 4);
        pair_release(&pair);
    }
}

/* B.7 "0 = orderly end"; A.6: it does not reset Connected */
TEST(the_end_of_a_stream_is_0_bytes_again_and_again)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "last");
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    char data[8];
    sn_buffer buffer = {data, sizeof data};
    size_t received = 77;
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    for (int i = 0; i < 3; i++) {
        received = 77;
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
        assert_int_equal(0, received);
        received = 77;
        assert_ok(do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_NONE, &received));
        assert_int_equal(0, received);
        received = 77;
        assert_ok(do_receive(pair.server, NULL, 0, SN_FLAG_NONE, &received));
        assert_int_equal(0, received);
    }
    assert_true(sn_socket_is_connected(pair.server));
    send_text(pair.server, "still"); /* the other direction goes on */
    assert_ok(do_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(5, received);
    pair_release(&pair);
}

/* B.13; trap 60 */
TEST(a_stream_is_readable_once_the_peer_has_closed)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_false(is_readable(pair.client));
    sn_socket_close(pair.server);
    wait_readable(pair.client);
    char byte;
    size_t received = 77;
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    pair_release(&pair);
}

/* A.3: what is not a socket is read from */
TEST(an_adopted_pipe_can_be_received_from)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[0], true, &socket));
    struct receiver receiver = {.socket = socket, .size = sizeof receiver.data};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &receiver);
    assert_int_equal(5, write(ends[1], "hello", 5));
    assert_ok(thread_join(&thread));
    assert_int_equal(5, receiver.received);
    assert_memory_equal("hello", receiver.data, 5);

    assert_int_equal(3, write(ends[1], "abc", 3));
    char first[1], second[4];
    sn_buffer buffers[2] = {{first, 1}, {second, 4}};
    size_t received = 77;
    assert_ok(do_receive(socket, NULL, 0, SN_FLAG_NONE, &received)); /* takes nothing */
    assert_int_equal(0, received);
    assert_ok(do_receive_buffers(socket, buffers, 2, SN_FLAG_NONE, &received));
    assert_int_equal(3, received);
    assert_int_equal('a', first[0]);
    assert_memory_equal("bc", second, 2);

    assert_int_equal(0, close(ends[1]));
    assert_ok(do_receive(socket, first, 1, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    sn_socket_release(socket);
}

/* --- Lists of buffers ------------------------------------------------------------------------ */

/* B.7 "buffer list": filled one after the other, empty ones among them; more than 8, more than 1024
 */
TEST(a_list_of_buffers_is_filled_in_order)
{
    enum transport transport = transport_of(state);
    static const size_t counts[] = {1, 3, 9, 64, 1024, 1025, 2400};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        row_begin("%zu buffers", counts[i]);
        /* Every third one is empty, the others have 1 byte. */
        char *data = calloc(counts[i] + 1, 1);
        sn_buffer *buffers = calloc(counts[i], sizeof *buffers);
        for (size_t k = 0; k < counts[i]; k++)
            buffers[k] = (sn_buffer){data + k, k % 3 != 1};
        struct socket_pair pair = pair_connected(transport);
        send_text(pair.client, "abcde");
        wait_readable(pair.server);
        size_t room = counts[i] == 1 ? 1 : counts[i] == 3 ? 2 : 5, received = 77;
        row_error(SN_OK,
                  do_receive_buffers(pair.server, buffers, counts[i], SN_FLAG_NONE, &received));
        row_equal(room, received);
        static const char expected[] = {'a', 0, 'b', 'c', 0, 'd', 'e', 0, 0};
        for (size_t k = 0; k < counts[i] && k < COUNT_OF(expected); k++)
            row_equal(expected[k], data[k]);
        for (size_t k = 0; k < counts[i]; k++) /* the array was only read */
            row_equal(true, buffers[k].data == data + k && buffers[k].size == (k % 3 != 1));
        pair_release(&pair);
        free(buffers);
        free(data);
    }
    rows_end();
}

/* --- Receiving no bytes ---------------------------------------------------------------------- */

/* A receive of no bytes in each of its forms. */
static sn_error receive_nothing(sn_socket *socket, int form)
{
    static const sn_buffer empties[3];
    char untouched = 'u';
    size_t received = 77;
    sn_error error = form == 0   ? do_receive(socket, NULL, 0, SN_FLAG_NONE, &received)
                     : form == 1 ? do_receive(socket, &untouched, 0, SN_FLAG_NONE, &received)
                                 : do_receive_buffers(socket, empties, 3, SN_FLAG_NONE, &received);
    if (!error && (received != 0 || untouched != 'u'))
        return SN_ERROR_FAULT;
    return error;
}

/* trap 49: it does not complete before data arrives, takes nothing, and completes at once when
 * repeated */
TEST(a_receive_of_no_bytes_waits_for_data_and_takes_none)
{
    enum transport transport = transport_of(state);
    for (int as_list = 0; as_list <= 1; as_list++) {
        struct socket_pair pair = pair_connected(transport);
        struct receiver receiver = {.socket = pair.server, .size = 0, .as_list = as_list};
        struct thread thread;
        thread_start_blocked(&thread, receive_once, &receiver);
        send_text(pair.client, "data");
        assert_ok(thread_join(&thread));
        assert_int_equal(0, receiver.received);
        for (int form = 0; form < 3; form++) {
            assert_int_equal(4, available(pair.server));
            assert_ok(receive_nothing(pair.server, form));
        }
        char data[8];
        size_t received = 0;
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
        assert_int_equal(4, received);
        assert_memory_equal("data", data, 4);
        pair_release(&pair);
    }
}

TEST(a_receive_of_no_bytes_would_block_where_nothing_is)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_blocking(pair.server, false));
    for (int form = 0; form < 3; form++)
        assert_error(SN_ERROR_WOULD_BLOCK, receive_nothing(pair.server, form));
    assert_true(sn_socket_is_connected(pair.server));
    send_text(pair.client, "x");
    wait_readable(pair.server);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    pair_release(&pair);
}

/* trap 50 */
TEST(a_receive_of_no_bytes_ends_when_the_peer_does)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.server, .size = 0};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &receiver);
    sn_socket_close(pair.client);
    assert_ok(thread_join(&thread));
    assert_int_equal(0, receiver.received);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    pair_release(&pair);
}

/* B.7: an empty datagram is there to be received, and is not eaten by looking */
TEST(a_receive_of_no_bytes_leaves_an_empty_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(do_send(pair.client, NULL, 0, SN_FLAG_NONE, NULL));
    send_text(pair.client, "next");
    wait_readable(pair.server);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    char data[8];
    size_t received = 77;
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    pair_release(&pair);
}

/* B.7: a pending error ends it */
TEST(a_receive_of_no_bytes_tells_of_a_reset)
{
    for (int form = 0; form < 3; form++) {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        assert_ok(sn_socket_close_within(pair.server, 0));
        wait_readable(pair.client);
        assert_error(SN_ERROR_CONNECTION_RESET, receive_nothing(pair.client, form));
        assert_false(sn_socket_is_connected(pair.client));
        pair_release(&pair);
    }
}

/* --- Datagrams ------------------------------------------------------------------------------- */

/* B.7 "datagram larger than the buffer"; trap 56 */
TEST(what_does_not_fit_of_a_datagram_is_lost_without_an_error)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[8] = "........";
    sn_buffer buffers[2] = {{data, 1}, {data + 1, 2}};
    size_t received = 0;
    for (int as_list = 0; as_list <= 1; as_list++) {
        send_text(pair.client, "too long");
        send_text(pair.client, "ok");
        assert_ok(as_list ? do_receive_buffers(pair.server, buffers, 2, SN_FLAG_NONE, &received)
                          : do_receive(pair.server, data, 3, SN_FLAG_NONE, &received));
        assert_int_equal(3, received);
        assert_memory_equal("too.....", data, 8);
        assert_int_equal(2, available(pair.server));
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
        assert_int_equal(2, received);
        assert_int_equal(0, available(pair.server));
        memset(data, '.', sizeof data);
    }
    assert_true(sn_socket_is_connected(pair.server));
    pair_release(&pair);
}

/* D.5 Truncated as input: on Linux the call then gives the datagram's whole length */
TEST(the_truncated_flag_asks_for_the_length_of_the_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "too long");
    char data[8] = "........";
    size_t received = 0;
    assert_ok(do_receive(pair.server, data, 3, SN_FLAG_TRUNCATED, &received));
    assert_int_equal(8, received);
    assert_memory_equal("too.....", data, 8);
    pair_release(&pair);
}

/* B.7 "datagram of length 0" */
TEST(an_empty_datagram_is_received_and_ends_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(do_send(pair.client, NULL, 0, SN_FLAG_NONE, NULL));
    assert_ok(do_send(pair.client, NULL, 0, SN_FLAG_NONE, NULL));
    send_text(pair.client, "more");
    char data[8];
    sn_buffer buffer = {data, sizeof data};
    size_t received = 77;
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    received = 77;
    assert_ok(do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    assert_true(sn_socket_is_connected(pair.server));
    pair_release(&pair);
}

/* B.7 "connected UDP, peer port closed" */
TEST(a_datagram_that_nobody_took_is_told_to_the_next_receive)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_make(transport);
    sn_endpoint nobody = deserted_endpoint(sn_socket_get_address_family(socket));
    assert_ok(sn_socket_connect(socket, &nobody));
    char byte;
    size_t received = 77;
    send_text(socket, "x");
    assert_error(SN_ERROR_CONNECTION_REFUSED,
                 do_receive(socket, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(77, received);
    assert_int_equal(ECONNREFUSED, last_native());
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

/* --- Flags ----------------------------------------------------------------------------------- */

/* B.7 Peek; trap 57 */
TEST(a_peek_leaves_the_data)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "data");
    char data[8];
    sn_buffer buffer = {data, sizeof data};
    size_t received = 0;
    for (int i = 0; i < 3; i++) {
        memset(data, 0, sizeof data);
        assert_ok(i == 1 ? do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_PEEK, &received)
                         : do_receive(pair.server, data, sizeof data, SN_FLAG_PEEK, &received));
        assert_int_equal(4, received);
        assert_memory_equal("data", data, 4);
        assert_int_equal(4, available(pair.server));
    }
    assert_ok(do_receive(pair.server, data, 2, SN_FLAG_PEEK, &received));
    assert_int_equal(2, received);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    assert_int_equal(0, available(pair.server));
    pair_release(&pair);
}

/* B.7 OutOfBand: one urgent byte, InvalidArgument if there is none */
TEST(one_urgent_byte_is_received_apart_from_the_others)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t received = 77, sent = 0;
    char data[8];
    assert_ok(do_send(pair.client, "abcd", 4, SN_FLAG_OUT_OF_BAND, &sent));
    assert_int_equal(4, sent);
    wait_error(pair.server);
    for (int i = 0; i < 2; i++) {
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_OUT_OF_BAND | SN_FLAG_PEEK,
                             &received));
        assert_int_equal(1, received);
        assert_int_equal('d', data[0]);
    }
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(3, received);
    assert_memory_equal("abc", data, 3);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_OUT_OF_BAND, &received));
    assert_int_equal(1, received);
    assert_int_equal('d', data[0]);
    received = 77;
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 do_receive(pair.server, data, sizeof data, SN_FLAG_OUT_OF_BAND, &received));
    assert_int_equal(77, received);
    assert_false(sn_socket_is_connected(pair.server)); /* A.6 */
    pair_release(&pair);
}

/* C.3 OutOfBandInline */
TEST(an_urgent_byte_inline_comes_with_the_others)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_option(pair.server, SN_LEVEL_SOCKET, SN_OPTION_OUT_OF_BAND_INLINE, 1));
    assert_ok(do_send(pair.client, "abcd", 4, SN_FLAG_OUT_OF_BAND, NULL));
    wait_error(pair.server);
    char data[8];
    receive_exactly(pair.server, data, 4);
    assert_memory_equal("abcd", data, 4);
    size_t received = 77;
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 do_receive(pair.server, data, sizeof data, SN_FLAG_OUT_OF_BAND, &received));
    pair_release(&pair);
}

/* B.7 flags; D.5. .NET also lets its two private bits 0x1000 and 0x2000 through; Sennit does not.
 */
TEST(a_flag_that_cannot_be_given_to_a_receive_is_refused)
{
    for (int bit = 0; bit < 32; bit++) {
        sn_flags flag = (sn_flags)1 << bit;
        bool is_accepted = flag & (SN_FLAG_OUT_OF_BAND | SN_FLAG_PEEK | SN_FLAG_DONT_ROUTE |
                                   SN_FLAG_TRUNCATED | SN_FLAG_CONTROL_DATA_TRUNCATED);
        row_begin("flag 0x%x", flag);
        /* UDP takes OutOfBand and gives an ordinary datagram. */
        for (int as_list = 0; as_list <= 1; as_list++) {
            struct socket_pair pair = pair_connected(UDP_IPV4);
            send_text(pair.client, "abcd");
            wait_readable(pair.server);
            char data[8] = "........";
            sn_buffer buffer = {data, sizeof data};
            size_t received = 77;
            row_error(is_accepted ? SN_OK : SN_ERROR_OPERATION_NOT_SUPPORTED,
                      as_list ? do_receive_buffers(pair.server, &buffer, 1, flag, &received)
                              : do_receive(pair.server, data, sizeof data, flag, &received));
            row_equal(is_accepted ? 4 : 77, received);
            row_equal(0, memcmp(data, is_accepted ? "abcd...." : "........", 8));
            row_equal(is_accepted, sn_socket_is_connected(pair.server)); /* as .NET: A.6 applies */
            row_equal(is_accepted && flag != SN_FLAG_PEEK ? 0 : 4, available(pair.server));
            pair_release(&pair);
        }
    }
    rows_end();
}

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

#define ON_DATAGRAMS(test) ON_UDP(test), CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_stream_receive_gives_what_is_there),
        ON_ALL_CONNECTED(a_receive_waits_for_data),
        ON_STREAMS(the_end_of_a_stream_is_0_bytes_again_and_again),
        ON_LISTENERS(a_stream_is_readable_once_the_peer_has_closed),
        CASE(an_adopted_pipe_can_be_received_from),
        ON_STREAMS(a_list_of_buffers_is_filled_in_order),
        ON_ALL_CONNECTED(a_receive_of_no_bytes_waits_for_data_and_takes_none),
        ON_ALL_CONNECTED(a_receive_of_no_bytes_would_block_where_nothing_is),
        ON_LISTENERS(a_receive_of_no_bytes_ends_when_the_peer_does),
        ON_DATAGRAMS(a_receive_of_no_bytes_leaves_an_empty_datagram),
        CASE(a_receive_of_no_bytes_tells_of_a_reset),
        ON_DATAGRAMS(what_does_not_fit_of_a_datagram_is_lost_without_an_error),
        ON_DATAGRAMS(the_truncated_flag_asks_for_the_length_of_the_datagram),
        ON_DATAGRAMS(an_empty_datagram_is_received_and_ends_nothing),
        ON_UDP(a_datagram_that_nobody_took_is_told_to_the_next_receive),
        ON_ALL_CONNECTED(a_peek_leaves_the_data),
        ON_TCP(one_urgent_byte_is_received_apart_from_the_others),
        ON_TCP(an_urgent_byte_inline_comes_with_the_others),
        CASE(a_flag_that_cannot_be_given_to_a_receive_is_refused),
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
