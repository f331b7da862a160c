/*
 * Receive (contract B.7): what is delivered. Traps 49, 50, 56, 57, 59, 60, 62.
 */
#include "conformance/receives.h"
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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
    /* There was no connection that could break, so another peer can be named. */
    sn_socket *other = socket_bound(transport);
    sn_endpoint there = local_endpoint(other);
    assert_ok(do_connect(socket, &there));
    assert_true(sn_socket_is_connected(socket));
    send_text(socket, "y");
    assert_receives(other, "y");
    sn_socket_release(other);
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
        if (flag & (SN_FLAG_DONT_WAIT | SN_FLAG_MORE | SN_FLAG_TRUNCATE | SN_FLAG_WAIT_ALL))
            continue; /* none of .NET's: native_flags_test.c */
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

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_stream_receive_gives_what_is_there),
        ON_ALL_CONNECTED(a_receive_waits_for_data),
        ON_STREAMS(the_end_of_a_stream_is_0_bytes_again_and_again),
        ON_LISTENERS(a_stream_is_readable_once_the_peer_has_closed),
        CASE(an_adopted_pipe_can_be_received_from),
        ON_STREAMS(a_list_of_buffers_is_filled_in_order),
        ON_DATAGRAMS(what_does_not_fit_of_a_datagram_is_lost_without_an_error),
        ON_DATAGRAMS(the_truncated_flag_asks_for_the_length_of_the_datagram),
        ON_DATAGRAMS(an_empty_datagram_is_received_and_ends_nothing),
        ON_UDP(a_datagram_that_nobody_took_is_told_to_the_next_receive),
        ON_ALL_CONNECTED(a_peek_leaves_the_data),
        ON_TCP(one_urgent_byte_is_received_apart_from_the_others),
        ON_TCP(an_urgent_byte_inline_comes_with_the_others),
        CASE(a_flag_that_cannot_be_given_to_a_receive_is_refused),
    };
    return RUN(cases);
}
