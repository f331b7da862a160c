/*
 * ReceiveMessageFrom (contract B.10) where not the whole of a datagram comes out, or no datagram:
 * cut, looked at, from a stream, and not at all.
 */
#include "conformance/messages.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

#include <sys/socket.h>

static void assert_no_information(const sn_ip_packet_information *actual)
{
    static const sn_ip_packet_information none;
    assert_memory_equal(&none, actual, sizeof none);
}

/* B.7, B.10 "flags out"; trap 56 */
TEST(a_message_that_does_not_fit_is_told_to_be_truncated)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    send_text_to(sender, "too long", &to);
    send_text_to(sender, "next", &to);
    struct message message = receive_message(receiver, 3, "too");
    assert_int_equal(SN_FLAG_TRUNCATED, message.flags);
    assert_same_endpoint(&from, &message.from);
    message = receive_message(receiver, 64, "next");
    assert_int_equal(SN_FLAG_NONE, message.flags);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.7 Peek; D.5: it is not reported back */
TEST(a_peek_tells_everything_and_leaves_the_message)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    switch_on(receiver);
    send_text_to(sender, "data", &to);
    for (int i = 0; i < 3; i++) {
        struct message message;
        sn_flags flags = i < 2 ? SN_FLAG_PEEK : SN_FLAG_NONE;
        assert_ok(receive_with(receiver, 64, flags, &message));
        assert_string_equal("data", message.data);
        assert_int_equal(SN_FLAG_NONE, message.flags);
        assert_same_endpoint(&from, &message.from);
        assert_information(loopback_of(transport), loopback_index(), &message.information);
    }
    assert_int_equal(0, available(receiver));
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.7; trap 49 */
TEST(a_receive_of_no_bytes_tells_everything_and_leaves_the_message)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    switch_on(receiver);
    send_text_to(sender, "data", &to);
    for (int i = 0; i < 2; i++) {
        struct message message = receive_message(receiver, 0, "");
        assert_same_endpoint(&from, &message.from);
        assert_int_equal(SN_FLAG_NONE, message.flags);
        assert_information(loopback_of(transport), loopback_index(), &message.information);
    }
    sn_buffer empty[2] = {{NULL, 0}, {NULL, 0}};
    sn_flags flags = SN_FLAG_NONE;
    sn_ip_packet_information information;
    size_t received = 77;
    assert_ok(do_receive_message_from_buffers(receiver, empty, 2, &flags, &from, &information,
                                              &received));
    assert_int_equal(0, received);
    receive_message(receiver, 64, "data");
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

struct message_thread {
    sn_socket *socket;
    struct message message;
};

static sn_error receive_once(void *context)
{
    struct message_thread *call = context;
    return receive_with(call->socket, 16, SN_FLAG_NONE, &call->message);
}

TEST(a_receive_waits_for_a_message)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    struct message_thread call = {.socket = receiver};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &call);
    send_text_to(sender, "late", &to);
    assert_ok(thread_join(&thread));
    assert_string_equal("late", call.message.data);
    assert_same_endpoint(&from, &call.message.from);
    assert_information(loopback_of(transport), loopback_index(), &call.message.information);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.9 "connected TCP", which B.10 shares */
TEST(a_connected_stream_tells_bytes_only)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    send_text(pair.client, "hello");
    struct message message = receive_message(pair.server, 64, "hello");
    assert_no_information(&message.information);
    if (transport_is_tcp(transport)) {
        sn_endpoint any = endpoint_wildcard(transport);
        assert_same_endpoint(&any, &message.from);
    }
    pair_release(&pair);
}

/* A Unix datagram's sender is its path; and descriptors that a peer sends along are not taken. */
TEST(a_unix_message_tells_its_sender_and_takes_no_descriptors)
{
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_bound(UNIX_DATAGRAM);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    send_text_to(sender, "plain", &to);
    struct message message = receive_message(receiver, 64, "plain");
    assert_same_endpoint(&from, &message.from);
    assert_no_information(&message.information);

    size_t address_size = 0;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {(void *)(uintptr_t) "gift", 4};
    struct msghdr gift = {.msg_iov = &piece, .msg_iovlen = 1};
    gift.msg_name = (void *)(uintptr_t)sn_endpoint_get_sockaddr(&to, &address_size);
    gift.msg_namelen = (socklen_t)address_size;
    gift.msg_control = &control;
    gift.msg_controllen = sizeof control;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memset(CMSG_DATA(&control.header), 0, sizeof(int)); /* descriptor 0 */
    assert_int_equal(4, sendmsg((int)sn_socket_get_handle(sender), &gift, 0));
    size_t before = descriptors_count();
    message = receive_message(receiver, 64, "gift");
    assert_int_equal(before, descriptors_count());
    assert_int_equal(SN_FLAG_CONTROL_DATA_TRUNCATED, message.flags);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* Control messages that a program asked for by itself do no harm, however many come. */
TEST(other_control_messages_do_no_harm)
{
    sn_socket *receiver = socket_bound(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver);
    static const struct {
        int level, name;
    } asked[] = {
        {SOL_SOCKET, SO_TIMESTAMPNS}, {0, 13 /* IP_RECVTOS */},         {0, 12 /* IP_RECVTTL */},
        {SOL_SOCKET, SO_RXQ_OVFL},    {0, 20 /* IP_RECVORIGDSTADDR */},
    };
    int on = 1;
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        (void)!sn_socket_set_raw_option(receiver, asked[i].level, asked[i].name, &on, sizeof on);
        switch_on(receiver);
        send_text_to(sender, "hello", &to);
        struct message message = receive_message(receiver, 64, "hello");
        bool has_room = !(message.flags & SN_FLAG_CONTROL_DATA_TRUNCATED);
        if (has_room)
            assert_information(&SN_IPV4_LOOPBACK, loopback_index(), &message.information);
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* E.1 "as ReceiveFrom": in this order, and nothing is written */
TEST(wrong_arguments_are_refused_and_nothing_is_written)
{
    sn_socket *bound = socket_bound(UDP_IPV4), *unbound = socket_make(UDP_IPV4);
    sn_socket *closed = socket_bound(UDP_IPV4);
    sn_socket_close(closed);
    static const struct {
        int socket; /* 0: bound, 1: unbound, 2: closed */
        size_t size;
        bool no_data, no_flags, no_from, no_information, no_received;
        sn_flags flags;
        sn_error error;
    } rows[] = {
        {2, 1, true, false, false, false, false, 0, SN_ERROR_OBJECT_DISPOSED},
        {1, 1, true, false, false, false, false, 0, SN_ERROR_ARGUMENT_NULL},
        {1, SIZE_MAX, false, false, false, false, false, 0, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {1, 1, false, false, true, false, false, 0, SN_ERROR_ARGUMENT_NULL},
        {1, 1, false, false, false, false, false, 0x10, SN_ERROR_INVALID_OPERATION},
        {0, 1, false, true, false, false, false, 0, SN_ERROR_ARGUMENT_NULL},
        {0, 1, false, false, false, true, false, 0, SN_ERROR_ARGUMENT_NULL},
        {0, 1, false, false, false, false, true, 0, SN_ERROR_ARGUMENT_NULL},
        {0, 1, false, false, false, false, false, 0x10, SN_ERROR_OPERATION_NOT_SUPPORTED},
    };
    sn_socket *const sockets[] = {bound, unbound, closed};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message message, before;
        row_begin("row %zu", i);
        memset(&message, 0xEE, sizeof message);
        message.flags = rows[i].flags;
        before = message;
        row_error(rows[i].error, do_receive_message_from(
                                     sockets[rows[i].socket], rows[i].no_data ? NULL : message.data,
                                     rows[i].size, rows[i].no_flags ? NULL : &message.flags,
                                     rows[i].no_from ? NULL : &message.from,
                                     rows[i].no_information ? NULL : &message.information,
                                     rows[i].no_received ? NULL : &message.received));
        row_equal(0, memcmp(&before, &message, sizeof message));
    }
    struct message message = {.flags = SN_FLAG_NONE};
    sn_buffer wrong = {NULL, 1};
    row_begin("buffers");
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_message_from_buffers(bound, NULL, 1, &message.flags, &message.from,
                                              &message.information, &message.received));
    row_error(SN_ERROR_ARGUMENT,
              do_receive_message_from_buffers(bound, &wrong, 0, &message.flags, &message.from,
                                              &message.information, &message.received));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_receive_message_from_buffers(bound, &wrong, 1, &message.flags, &message.from,
                                              &message.information, &message.received));
    rows_end();
    sn_socket_release(bound);
    sn_socket_release(unbound);
    sn_socket_release(closed);
}

/* B.9, A.10; traps 62, 68: as every receive */
TEST(a_receive_of_a_message_times_out_and_would_block)
{
    sn_socket *receiver = socket_bound(transport_of(state));
    struct message message;
    assert_ok(sn_socket_set_receive_timeout(receiver, 10));
    assert_error(SN_ERROR_TIMED_OUT, receive_with(receiver, 8, SN_FLAG_NONE, &message));
    assert_int_equal(77, message.received);
    set_blocking(receiver, false);
    assert_error(SN_ERROR_WOULD_BLOCK, receive_with(receiver, 8, SN_FLAG_NONE, &message));
    assert_int_equal(77, message.received);
    sn_socket_release(receiver);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_message_that_does_not_fit_is_told_to_be_truncated),
        ON_UDP(a_peek_tells_everything_and_leaves_the_message),
        ON_UDP(a_receive_of_no_bytes_tells_everything_and_leaves_the_message),
        ON_UDP(a_receive_waits_for_a_message),
        ON_STREAMS(a_connected_stream_tells_bytes_only),
        CASE(a_unix_message_tells_its_sender_and_takes_no_descriptors),
        CASE(other_control_messages_do_no_harm),
        CASE(wrong_arguments_are_refused_and_nothing_is_written),
        ON_UDP(a_receive_of_a_message_times_out_and_would_block),
    };
    return RUN(cases);
}
