/*
 * ReceiveMessageFrom (contract B.10): the datagram, who sent it, where it was sent to, and where it
 * came in. Traps 74, 75, 76.
 */
#include "conformance/messages.h"
#include "support/transfer_support.h"

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
    };
    return RUN(cases);
}
