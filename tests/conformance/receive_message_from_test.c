/*
 * ReceiveMessageFrom (contract B.10): the datagram, who sent it, where it was sent to, and where it
 * came in. Traps 74, 75, 76.
 */
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

#include <net/if.h>
#include <sys/socket.h>

/* One received message. */
struct message {
    char data[64];
    size_t received;
    sn_flags flags;
    sn_endpoint from;
    sn_ip_packet_information information;
};

static sn_error receive_with(sn_socket *socket, size_t size, sn_flags flags,
                             struct message *message)
{
    memset(message, 0, sizeof *message);
    memset(&message->from, 0xEE, sizeof message->from);
    memset(&message->information, 0xEE, sizeof message->information);
    message->received = 77;
    message->flags = flags;
    return do_receive_message_from(socket, size ? message->data : NULL, size, &message->flags,
                                   &message->from, &message->information, &message->received);
}

static struct message receive_message(sn_socket *socket, size_t size, const char *expected)
{
    struct message message;
    assert_ok(receive_with(socket, size, SN_FLAG_NONE, &message));
    assert_int_equal(strlen(expected), message.received);
    assert_string_equal(expected, message.data);
    return message;
}

static void send_text_to(sn_socket *socket, const char *text, const sn_endpoint *to)
{
    assert_ok(do_send_to(socket, text, strlen(text), SN_FLAG_NONE, to, NULL));
}

/* The first call switches the information on; only what arrives afterwards carries it. */
static void switch_on(sn_socket *socket)
{
    struct message message;
    bool was_blocking = sn_socket_is_blocking(socket);
    set_blocking(socket, false);
    message.flags = SN_FLAG_NONE;
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive_message_from(
                                           socket, message.data, 1, &message.flags, &message.from,
                                           &message.information, &message.received));
    set_blocking(socket, was_blocking);
}

static int loopback_index(void)
{
    return (int)if_nametoindex("lo");
}

static void assert_information(const sn_ip_address *address, int interface,
                               const sn_ip_packet_information *actual)
{
    assert_true(sn_ip_address_equals(address, &actual->address));
    assert_int_equal(interface, actual->interface_index);
}

static void assert_no_information(const sn_ip_packet_information *actual)
{
    static const sn_ip_packet_information none;
    assert_memory_equal(&none, actual, sizeof none);
}

static const sn_ip_address *loopback_of(enum transport transport)
{
    return transport == UDP_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
}

/* B.10 */
TEST(a_message_tells_its_sender_its_destination_and_its_interface)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    switch_on(receiver);
    for (int i = 0; i < 3; i++) {
        send_text_to(sender, "hello", &to);
        struct message message = receive_message(receiver, 64, "hello");
        assert_same_endpoint(&from, &message.from);
        assert_information(loopback_of(transport), loopback_index(), &message.information);
        assert_int_equal(SN_FLAG_NONE, message.flags);
        /* The sender can be answered as it is, although its room was used for more. */
        send_text_to(receiver, "answer", &message.from);
        assert_receives(sender, "answer");
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.10: on a socket bound to the wildcard each datagram tells which address it was sent to */
TEST(a_wildcard_socket_learns_which_of_its_addresses_was_meant)
{
    sn_endpoint any = endpoint_wildcard(UDP_IPV4);
    sn_socket *receiver = socket_make(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
    assert_ok(sn_socket_bind(receiver, &any));
    switch_on(receiver);
    sn_endpoint local = local_endpoint(receiver);
    int port = sn_endpoint_get_port(&local);
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.2", "127.1.2.3"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        sn_ip_address address;
        assert_ok(sn_ip_address_parse(addresses[i], &address));
        sn_endpoint to = endpoint_of(&address, port);
        send_text_to(sender, "hello", &to);
        struct message message = receive_message(receiver, 64, "hello");
        assert_information(&address, loopback_index(), &message.information);
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.10 "datagrams that arrived before" */
TEST(a_datagram_from_before_the_first_call_tells_less)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    send_text_to(sender, "early", &to);
    wait_readable(receiver);
    struct message message = receive_message(receiver, 64, "early");
    assert_same_endpoint(&from, &message.from);
    /* The kernel has kept the header, and of an IPv4 datagram not the interface. */
    if (transport == UDP_IPV4)
        assert_information(loopback_of(transport), 0, &message.information);
    send_text_to(sender, "late", &to);
    message = receive_message(receiver, 64, "late");
    assert_information(loopback_of(transport), loopback_index(), &message.information);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.10, C.3: switched off by hand, the next call switches it on again */
TEST(the_next_call_switches_the_information_on_again)
{
    enum transport transport = transport_of(state);
    sn_option_level level = transport == UDP_IPV6 ? SN_LEVEL_IPV6 : SN_LEVEL_IP;
    sn_socket *receiver = socket_bound(transport);
    int value = -1;
    for (int i = 0; i < 2; i++) {
        assert_ok(sn_socket_get_option(receiver, level, SN_OPTION_PACKET_INFORMATION, &value));
        assert_int_equal(0, value);
        switch_on(receiver);
        assert_ok(sn_socket_get_option(receiver, level, SN_OPTION_PACKET_INFORMATION, &value));
        assert_int_equal(1, value);
        assert_ok(sn_socket_set_option(receiver, level, SN_OPTION_PACKET_INFORMATION, 0));
    }
    sn_socket_release(receiver);
}

static sn_socket *dual_mode_bound(const sn_ip_address *address)
{
    if (!has_ipv6())
        SKIP("there is no IPv6 here");
    sn_socket *socket = NULL;
    sn_endpoint local = endpoint_of(address, 0);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    assert_ok(sn_socket_bind(socket, &local));
    return socket;
}

static sn_endpoint loopback_at_port_of(const sn_ip_address *address, sn_socket *socket)
{
    sn_endpoint local = local_endpoint(socket);
    int port = sn_endpoint_get_port(&local);
    return endpoint_of(address, port);
}

/* Sends from an IPv4 and from an IPv6 socket and compares what a dual-mode socket says. */
static void check_dual_mode(sn_socket *receiver, enum transport transport)
{
    const sn_ip_address *address = loopback_of(transport);
    sn_socket *sender = socket_bound(transport);
    sn_endpoint to = loopback_at_port_of(address, receiver), from = local_endpoint(sender);
    int port = sn_endpoint_get_port(&from);
    send_text_to(sender, "hello", &to);
    struct message message = receive_message(receiver, 64, "hello");
    assert_information(address, loopback_index(), &message.information);
    assert_int_equal(SN_FLAG_NONE, message.flags);
    sn_ip_address mapped = sn_ip_address_map_to_ipv6(address);
    from = endpoint_of(&mapped, port);
    assert_same_endpoint(&from, &message.from);
    sn_socket_release(sender);
}

/* B.10; trap 74: the sender mapped, the information plain IPv4, no flags */
TEST(a_dual_mode_socket_tells_plain_ipv4_of_an_ipv4_datagram)
{
    sn_socket *receiver = dual_mode_bound(&SN_IPV6_ANY);
    switch_on(receiver);
    for (int i = 0; i < 2; i++) {
        check_dual_mode(receiver, UDP_IPV4);
        check_dual_mode(receiver, UDP_IPV6);
    }
    sn_socket_release(receiver);
}

/* B.10: bound to a mapped address only IPv4 can come */
TEST(a_dual_mode_socket_bound_to_ipv4_tells_plain_ipv4)
{
    sn_ip_address mapped = sn_ip_address_map_to_ipv6(&SN_IPV4_LOOPBACK);
    sn_socket *receiver = dual_mode_bound(&mapped);
    switch_on(receiver);
    int value = -1;
    assert_ok(sn_socket_get_option(receiver, SN_LEVEL_IPV6, SN_OPTION_PACKET_INFORMATION, &value));
    assert_int_equal(0, value);
    check_dual_mode(receiver, UDP_IPV4);
    sn_socket_release(receiver);
}

/* Trap 75 is about the end point that .NET's caller passes in, which there is none of here; what is
 * left of it: the kernel has made this an IPv6-only socket, and it is used as one. */
TEST(a_dual_mode_socket_bound_to_one_ipv6_address_tells_ipv6)
{
    sn_socket *receiver = dual_mode_bound(&SN_IPV6_LOOPBACK);
    switch_on(receiver);
    check_dual_mode(receiver, UDP_IPV6);
    sn_socket_release(receiver);
}

/* B.10; trap 76 */
TEST(several_buffers_get_the_same_information)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), expected = local_endpoint(sender), from;
    switch_on(receiver);
    for (size_t count = 1; count <= 3; count++) {
        char parts[3][4] = {"", "", ""};
        sn_buffer buffers[3] = {{parts[0], 4}, {parts[1], 1}, {parts[2], 4}};
        sn_flags flags = SN_FLAG_NONE;
        sn_ip_packet_information information;
        size_t received = 0;
        send_text_to(sender, "abcdef", &to);
        assert_ok(do_receive_message_from_buffers(receiver, buffers, count, &flags, &from,
                                                  &information, &received));
        assert_int_equal(count == 1 ? 4 : count == 2 ? 5 : 6, received);
        assert_int_equal(count < 3 ? SN_FLAG_TRUNCATED : SN_FLAG_NONE, flags);
        assert_memory_equal("abcd", parts[0], 4);
        assert_same_endpoint(&expected, &from);
        assert_information(loopback_of(transport), loopback_index(), &information);
        /* ... and a single buffer again. */
        send_text_to(sender, "hello", &to);
        receive_message(receiver, 64, "hello");
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
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
        ON_UDP(a_message_tells_its_sender_its_destination_and_its_interface),
        CASE(a_wildcard_socket_learns_which_of_its_addresses_was_meant),
        ON_UDP(a_datagram_from_before_the_first_call_tells_less),
        ON_UDP(the_next_call_switches_the_information_on_again),
        CASE(a_dual_mode_socket_tells_plain_ipv4_of_an_ipv4_datagram),
        CASE(a_dual_mode_socket_bound_to_ipv4_tells_plain_ipv4),
        CASE(a_dual_mode_socket_bound_to_one_ipv6_address_tells_ipv6),
        ON_UDP(several_buffers_get_the_same_information),
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
