/* Flags that .NET does not have. Of SN_FLAG_WAIT_ALL: wait_all_test.c. */
#include "support/run.h"
#include "support/transfer_support.h"

TEST(a_receive_that_must_not_wait_says_that_it_would)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[4];
    size_t count = 7;
    sn_buffer buffer = {data, sizeof data};
    sn_endpoint from;
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive(pair.server, data, 1, SN_FLAG_DONT_WAIT, &count));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive_buffers(pair.server, &buffer, 1, SN_FLAG_DONT_WAIT, &count));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive_from(pair.server, data, 1, SN_FLAG_DONT_WAIT, &from, &count));
    assert_int_equal(count, 7);
    send_text(pair.client, "ab");
    wait_readable(pair.server);
    assert_ok(sn_socket_receive(pair.server, data, sizeof data, SN_FLAG_DONT_WAIT | SN_FLAG_PEEK,
                                &count));
    assert_int_equal(count, 2);
    assert_ok(sn_socket_receive(pair.server, data, sizeof data, SN_FLAG_DONT_WAIT, &count));
    assert_int_equal(count, 2);
    /* The next call waits again, and the socket was blocking all the time. */
    assert_true(sn_socket_is_blocking(pair.server));
    pair_release(&pair);
}

TEST(a_send_that_must_not_wait_sends_what_fits)
{
    static char large[8 << 20];
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t sent = 0, more = 5;
    assert_ok(sn_socket_send(pair.client, large, sizeof large, SN_FLAG_DONT_WAIT, &sent));
    assert_true(sent > 0 && sent < sizeof large);
    while (!sn_socket_send(pair.client, large, sizeof large, SN_FLAG_DONT_WAIT, &more))
        assert_true(more > 0); /* the kernel is still moving what it has */
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_send(pair.client, large, sizeof large, SN_FLAG_DONT_WAIT, &more));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(an_asynchronous_call_refuses_not_to_wait)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_operation operation = {0};
    char byte = 'x';
    assert_true(sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_DONT_WAIT, &operation));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_operation_wait(&operation));
    assert_true(sn_socket_send_async(pair.client, &byte, 1, SN_FLAG_DONT_WAIT, &operation));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_operation_wait(&operation));
    assert_true(sn_socket_is_connected(pair.server));
    pair_release(&pair);
}

/* What must not be answered with a smaller message is told by the message's own size. */
TEST(more_makes_one_datagram_of_several_sends)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[16];
    size_t count = 0;
    assert_ok(sn_socket_send(pair.client, "abc", 3, SN_FLAG_MORE, NULL));
    assert_ok(sn_socket_send(pair.client, "def", 3, SN_FLAG_NONE, NULL));
    assert_ok(sn_socket_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &count));
    assert_int_equal(count, 6);
    assert_memory_equal(data, "abcdef", 6);
    pair_release(&pair);
}

TEST(more_loses_nothing_on_a_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[6];
    assert_ok(sn_socket_send(pair.client, "abc", 3, SN_FLAG_MORE, NULL));
    assert_ok(sn_socket_send(pair.client, "def", 3, SN_FLAG_NONE, NULL));
    receive_exactly(pair.server, data, sizeof data);
    assert_memory_equal(data, "abcdef", 6);
    pair_release(&pair);
}

TEST(the_real_length_of_a_datagram_is_told)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[5] = "####";
    size_t count = 0;
    sn_buffer buffer = {data, 2};
    sn_endpoint from;
    for (int i = 0; i < 3; i++)
        send_text(pair.client, "abcdef");
    assert_ok(do_receive(pair.server, data, 2, SN_FLAG_TRUNCATE, &count));
    assert_int_equal(count, 6);
    assert_string_equal(data, "ab##");
    assert_ok(do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_TRUNCATE, &count));
    assert_int_equal(count, 6);
    assert_ok(do_receive_from(pair.server, data, 3, SN_FLAG_TRUNCATE, &from, &count));
    assert_int_equal(count, 6);
    assert_string_equal(data, "abc#");
    send_text(pair.client, "next");
    assert_receives(pair.server, "next");
    pair_release(&pair);
}

TEST(the_length_of_the_next_datagram_is_told_without_room_for_it)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t count = 0;
    sn_endpoint from;
    send_text(pair.client, "abcdef");
    assert_ok(do_receive(pair.server, NULL, 0, SN_FLAG_TRUNCATE, &count));
    assert_int_equal(count, 6);
    assert_ok(do_receive_from(pair.server, NULL, 0, SN_FLAG_TRUNCATE, &from, &count));
    assert_int_equal(count, 6);
    assert_receives(pair.server, "abcdef");
    pair_release(&pair);
}

TEST(a_datagram_that_comes_later_tells_its_length_too)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_operation operation = {0};
    char data[2];
    assert_true(sn_socket_receive_async(pair.server, data, 2, SN_FLAG_TRUNCATE, &operation));
    send_text(pair.client, "abcdef");
    assert_ok(sn_operation_wait(&operation));
    assert_int_equal(operation.transferred, 6);
    assert_int_equal(operation.flags, SN_FLAG_TRUNCATED);
    pair_release(&pair);
}

TEST(a_stream_and_a_send_cannot_tell_lengths)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[4];
    size_t count = 7;
    if (transport_is_stream(transport_of(state))) {
        send_text(pair.client, "data");
        assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                     do_receive(pair.server, data, 4, SN_FLAG_TRUNCATE, &count));
        assert_receives(pair.server, "data");
    } else {
        sn_datagram datagram = {.buffer = {data, 4}};
        assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                     do_receive_batch(pair.server, &datagram, 1, SN_FLAG_TRUNCATE, &count));
    }
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_send(pair.client, data, 4, SN_FLAG_TRUNCATE, NULL));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_receive_that_must_not_wait_says_that_it_would),
        ON_UDP(a_receive_that_must_not_wait_says_that_it_would),
        ON_STREAMS(a_send_that_must_not_wait_sends_what_fits),
        ON_STREAMS(an_asynchronous_call_refuses_not_to_wait),
        ON_UDP(more_makes_one_datagram_of_several_sends),
        ON_STREAMS(more_loses_nothing_on_a_stream),
        ON_UDP(the_real_length_of_a_datagram_is_told),
        CASE_ON(the_real_length_of_a_datagram_is_told, UNIX_DATAGRAM),
        CASE_ON(the_real_length_of_a_datagram_is_told, UNIX_SEQPACKET),
        ON_UDP(the_length_of_the_next_datagram_is_told_without_room_for_it),
        CASE_ON(the_length_of_the_next_datagram_is_told_without_room_for_it, UNIX_DATAGRAM),
        ON_UDP(a_datagram_that_comes_later_tells_its_length_too),
        ON_STREAMS(a_stream_and_a_send_cannot_tell_lengths),
        ON_UDP(a_stream_and_a_send_cannot_tell_lengths),
    };
    return RUN(cases);
}
