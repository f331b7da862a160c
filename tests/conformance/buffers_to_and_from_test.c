/*
 * Sending to an address from several buffers, and receiving from one into several (contract B.8,
 * B.9; SocketAsyncEventArgs.BufferList). What both have in common with one buffer is in
 * send_to_test.c and receive_from_test.c.
 */
#include "support/transfer_support.h"

#include <stdlib.h>

#define MANY 1025 /* one more than a datagram may be in */

/* Two unconnected sockets, each bound. */
struct two {
    sn_socket *sender, *receiver;
    sn_endpoint from, to;
};

static struct two two_make(enum transport transport)
{
    struct two two = {.sender = socket_bound(transport), .receiver = socket_bound(transport)};
    two.from = local_endpoint(two.sender);
    two.to = local_endpoint(two.receiver);
    return two;
}

static void two_release(struct two *two)
{
    sn_socket_release(two->sender);
    sn_socket_release(two->receiver);
}

static sn_buffer piece(const char *text, size_t size)
{
    return (sn_buffer){(void *)(uintptr_t)text, size};
}

TEST(a_datagram_goes_out_of_several_buffers_and_into_several)
{
    struct two two = two_make(transport_of(state));
    const sn_buffer out[] = {piece("he", 2), piece(NULL, 0), piece("llo", 3)};
    char first[1], second[8];
    const sn_buffer in[] = {{first, 1}, {NULL, 0}, {second, sizeof second}};
    sn_endpoint from;
    size_t sent = 0, received = 0;
    assert_ok(do_send_to_buffers(two.sender, out, 3, SN_FLAG_NONE, &two.to, &sent));
    assert_int_equal(5, sent);
    assert_ok(do_receive_from_buffers(two.receiver, in, 3, SN_FLAG_NONE, &from, &received));
    assert_int_equal(5, received);
    assert_memory_equal("h", first, 1);
    assert_memory_equal("ello", second, 4);
    assert_same_endpoint(&two.from, &from);
    two_release(&two);
}

TEST(what_does_not_fit_is_lost_and_the_next_datagram_is_whole)
{
    struct two two = two_make(transport_of(state));
    const sn_buffer out[] = {piece("long", 4), piece("er", 2)}, next = piece("next", 4);
    char data[4];
    const sn_buffer in[] = {{data, 2}, {data + 2, 2}};
    sn_endpoint from;
    size_t received = 0;
    assert_ok(do_send_to_buffers(two.sender, out, 2, SN_FLAG_NONE, &two.to, NULL));
    assert_ok(do_send_to_buffers(two.sender, &next, 1, SN_FLAG_NONE, &two.to, NULL));
    assert_ok(do_receive_from_buffers(two.receiver, in, 2, SN_FLAG_NONE, &from, &received));
    assert_int_equal(4, received);
    assert_memory_equal("long", data, 4);
    assert_ok(do_receive_from_buffers(two.receiver, in, 2, SN_FLAG_NONE, &from, &received));
    assert_memory_equal("next", data, 4);
    two_release(&two);
}

TEST(empty_buffers_send_an_empty_datagram_and_wait_for_one_without_taking_it)
{
    struct two two = two_make(transport_of(state));
    const sn_buffer none[] = {piece(NULL, 0), piece(NULL, 0)};
    char data[4];
    const sn_buffer in = {data, sizeof data};
    sn_endpoint from;
    size_t sent = 77, received = 77;
    assert_ok(do_send_to_buffers(two.sender, none, 2, SN_FLAG_NONE, &two.to, &sent));
    assert_int_equal(0, sent);
    assert_ok(do_receive_from_buffers(two.receiver, &in, 1, SN_FLAG_NONE, &from, &received));
    assert_int_equal(0, received);
    assert_ok(do_send_to_buffers(two.sender, &(sn_buffer){(char[]){'x'}, 1}, 1, SN_FLAG_NONE,
                                 &two.to, &sent));
    assert_ok(do_receive_from_buffers(two.receiver, none, 2, SN_FLAG_NONE, &from, &received));
    assert_int_equal(0, received);
    assert_same_endpoint(&two.from, &from);
    assert_ok(do_receive_from_buffers(two.receiver, &in, 1, SN_FLAG_NONE, &from, &received));
    assert_int_equal(1, received);
    two_release(&two);
}

TEST(more_buffers_than_a_message_may_have_are_refused)
{
    struct two two = two_make(transport_of(state));
    static char bytes[MANY];
    static sn_buffer buffers[MANY];
    sn_endpoint from;
    size_t size = 77;
    for (size_t i = 0; i < MANY; i++)
        buffers[i] = (sn_buffer){bytes + i, 1};
    assert_error(SN_ERROR_MESSAGE_SIZE,
                 do_send_to_buffers(two.sender, buffers, MANY, SN_FLAG_NONE, &two.to, &size));
    assert_error(SN_ERROR_MESSAGE_SIZE,
                 do_receive_from_buffers(two.receiver, buffers, MANY, SN_FLAG_NONE, &from, &size));
    assert_int_equal(77, size);
    assert_ok(do_send_to_buffers(two.sender, buffers, MANY - 1, SN_FLAG_NONE, &two.to, &size));
    assert_ok(do_receive_from_buffers(two.receiver, buffers, MANY - 1, SN_FLAG_NONE, &from, &size));
    assert_int_equal(MANY - 1, size);
    two_release(&two);
}

/* On a connected stream the address is ignored, and the kernel names no sender. */
TEST(a_stream_takes_any_number_of_buffers)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint to = remote_endpoint(pair.client), from;
    static char bytes[MANY];
    static sn_buffer buffers[MANY];
    size_t sent = 0, received = 0;
    for (size_t i = 0; i < MANY; i++)
        buffers[i] = (sn_buffer){bytes + i, 1};
    assert_ok(do_send_to_buffers(pair.client, buffers, MANY, SN_FLAG_NONE, &to, &sent));
    assert_int_equal(MANY, sent);
    assert_ok(do_receive_from_buffers(pair.server, buffers, 2, SN_FLAG_NONE, &from, &received));
    assert_int_equal(2, received);
    assert_int_equal(0, sn_endpoint_get_port(&from));
    pair_release(&pair);
}

TEST(a_send_binds_the_socket_and_a_receive_wants_a_bound_one)
{
    sn_socket *sender = socket_make(UDP_IPV4), *receiver = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver), from;
    sn_buffer buffer = {(char[]){'x'}, 1};
    size_t size;
    assert_error(SN_ERROR_INVALID_OPERATION,
                 do_receive_from_buffers(sender, &buffer, 1, SN_FLAG_NONE, &from, &size));
    assert_ok(do_send_to_buffers(sender, &buffer, 1, SN_FLAG_NONE, &to, &size));
    assert_true(sn_socket_is_bound(sender));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

TEST(wrong_arguments_are_refused_and_change_nothing)
{
    struct two two = two_make(UDP_IPV4);
    sn_buffer good = {(char[]){'x'}, 1}, wrong = {NULL, 1};
    sn_endpoint from, none = {0};
    size_t size = 77;
    row_begin("wrong arguments");
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_to_buffers(two.sender, NULL, 1, 0, &two.to, &size));
    row_error(SN_ERROR_ARGUMENT, do_send_to_buffers(two.sender, &good, 0, 0, &two.to, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_to_buffers(two.sender, &wrong, 1, 0, &two.to, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_to_buffers(two.sender, &good, 1, 0, NULL, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_to_buffers(two.sender, &good, 1, 0, &none, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_from_buffers(two.receiver, NULL, 1, 0, &from, &size));
    row_error(SN_ERROR_ARGUMENT, do_receive_from_buffers(two.receiver, &good, 0, 0, &from, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_from_buffers(two.receiver, &wrong, 1, 0, &from, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_from_buffers(two.receiver, &good, 1, 0, NULL, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_from_buffers(two.receiver, &good, 1, 0, &from, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_socket_send_to_buffers(NULL, &good, 1, SN_FLAG_NONE, &two.to, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_socket_receive_from_buffers(NULL, &good, 1, SN_FLAG_NONE, &from, &size));
    row_equal(77, size);
    rows_end();
    two_release(&two);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_datagram_goes_out_of_several_buffers_and_into_several),
        CASE_ON(a_datagram_goes_out_of_several_buffers_and_into_several, UNIX_DATAGRAM),
        ON_UDP(what_does_not_fit_is_lost_and_the_next_datagram_is_whole),
        CASE_ON(what_does_not_fit_is_lost_and_the_next_datagram_is_whole, UNIX_DATAGRAM),
        ON_UDP(empty_buffers_send_an_empty_datagram_and_wait_for_one_without_taking_it),
        ON_UDP(more_buffers_than_a_message_may_have_are_refused),
        CASE_ON(more_buffers_than_a_message_may_have_are_refused, UNIX_DATAGRAM),
        ON_TCP(a_stream_takes_any_number_of_buffers),
        CASE(a_send_binds_the_socket_and_a_receive_wants_a_bound_one),
        CASE(wrong_arguments_are_refused_and_change_nothing),
    };
    return RUN(cases);
}
