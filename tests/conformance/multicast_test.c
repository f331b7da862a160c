/*
 * Multicast, broadcast and what else takes two hosts (contract B.8, B.10, C.3, C.4): memberships
 * and sources, interfaces, reach; where a datagram came in; what cannot be reached. On two hosts
 * that the program makes itself, see support/network.h. Trap 74 once more, between hosts.
 */
#include "support/network.h"
#include "support/transfer_support.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#define GROUP_IPV4 "239.99.1.2"
#define GROUP_IPV6 "ff05::9912"
#define PORT       4711

static void needs_network(void)
{
    if (network_missing())
        SKIP("%s", network_missing());
}

static sn_ip_address address_of(const char *text)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

static enum transport udp_of(sn_address_family family)
{
    return family == SN_FAMILY_IPV4 ? UDP_IPV4 : UDP_IPV6;
}

static sn_ip_address group_of(sn_address_family family)
{
    return address_of(family == SN_FAMILY_IPV4 ? GROUP_IPV4 : GROUP_IPV6);
}

/* A UDP socket on one of the hosts, bound to all its addresses and a port. */
static sn_socket *udp_on(enum host host, sn_address_family family, int port)
{
    network_enter(host);
    sn_socket *socket = socket_make(udp_of(family));
    network_enter(HOST_NEAR);
    sn_endpoint local = endpoint_of(family == SN_FAMILY_IPV4 ? &SN_IPV4_ANY : &SN_IPV6_ANY, port);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_ok(sn_socket_bind(socket, &local));
    return socket;
}

/* A sender on the near host whose multicasts leave through a cable. */
static sn_socket *sender_through(int cable, sn_address_family family)
{
    sn_socket *sender = udp_on(HOST_NEAR, family, 0);
    int index = network_interface(HOST_NEAR, cable);
    if (family == SN_FAMILY_IPV4)
        assert_ok(sn_socket_set_option(sender, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                       (int)htonl((uint32_t)index)));
    else
        assert_ok(
            sn_socket_set_option(sender, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, index));
    return sender;
}

static void change_membership(sn_socket *socket, sn_option_name name, sn_address_family family,
                              int interface)
{
    sn_multicast_option ipv4 = {.group = group_of(SN_FAMILY_IPV4), .interface_index = interface};
    sn_ipv6_multicast_option ipv6 = {.group = group_of(SN_FAMILY_IPV6),
                                     .interface_index = interface};
    if (family == SN_FAMILY_IPV4)
        assert_ok(sn_socket_set_multicast_option(socket, name, &ipv4));
    else
        assert_ok(sn_socket_set_ipv6_multicast_option(socket, name, &ipv6));
}

static void join(sn_socket *socket, sn_address_family family, int interface)
{
    change_membership(socket, SN_OPTION_ADD_MEMBERSHIP, family, interface);
}

static void send_text_to(sn_socket *sender, const char *text, const sn_ip_address *address)
{
    sn_endpoint to = endpoint_of(address, PORT);
    assert_ok(do_send_to(sender, text, strlen(text), SN_FLAG_NONE, &to, NULL));
}

/* The next datagram is this one: nothing else came before it. */
static void assert_next(sn_socket *receiver, const char *text)
{
    char data[64] = "";
    size_t received = 0;
    sn_endpoint from;
    assert_ok(do_receive_from(receiver, data, sizeof data - 1, SN_FLAG_NONE, &from, &received));
    assert_string_equal(text, data);
}

/* The next datagram, and where it says it came in. */
static sn_ip_packet_information next_message(sn_socket *receiver, const char *text,
                                             sn_endpoint *from)
{
    char data[64] = "";
    size_t received = 0;
    sn_flags flags = SN_FLAG_NONE;
    sn_ip_packet_information information;
    assert_ok(do_receive_message_from(receiver, data, sizeof data - 1, &flags, from, &information,
                                      &received));
    assert_string_equal(text, data);
    assert_int_equal(SN_FLAG_NONE, flags);
    return information;
}

static void assert_information(const sn_ip_address *address, int interface,
                               const sn_ip_packet_information *actual)
{
    assert_true(sn_ip_address_equals(address, &actual->address));
    assert_int_equal(interface, actual->interface_index);
}

/* Switched on by hand before the first datagram (B.10). */
static void switch_on_information(sn_socket *socket, sn_address_family family)
{
    sn_option_level level = family == SN_FAMILY_IPV4 ? SN_LEVEL_IP : SN_LEVEL_IPV6;
    assert_ok(sn_socket_set_option(socket, level, SN_OPTION_PACKET_INFORMATION, 1));
}

static sn_address_family family_of_case(void **state)
{
    needs_network();
    return transport_of(state) == UDP_IPV4 ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6;
}

/* C.3 AddMembership, DropMembership; B.10: the information names the group */
TEST(a_member_hears_its_group_until_it_leaves)
{
    sn_address_family family = family_of_case(state);
    int index = network_interface(HOST_FAR, 0);
    sn_ip_address group = group_of(family), far = network_address(HOST_FAR, 0, family);
    sn_socket *receiver = udp_on(HOST_FAR, family, PORT), *sender = sender_through(0, family);
    sn_endpoint from;
    switch_on_information(receiver, family);
    send_text_to(sender, "too early", &group);
    send_text_to(sender, "plain", &far);
    sn_ip_packet_information information = next_message(receiver, "plain", &from);
    assert_information(&far, index, &information);

    join(receiver, family, index);
    send_text_to(sender, "to all", &group);
    information = next_message(receiver, "to all", &from);
    assert_information(&group, index, &information);
    sn_ip_address near = network_address(HOST_NEAR, 0, family), seen;
    assert_ok(sn_endpoint_get_address(&from, &seen));
    assert_true(sn_ip_address_equals(&near, &seen));

    change_membership(receiver, SN_OPTION_DROP_MEMBERSHIP, family, index);
    send_text_to(sender, "too late", &group);
    send_text_to(sender, "plain", &far);
    assert_next(receiver, "plain");
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* C.4 MulticastOption: the interface by its address */
TEST(a_group_is_joined_on_the_interface_that_has_an_address)
{
    needs_network();
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    sn_ip_address group = group_of(SN_FAMILY_IPV4);
    sn_ip_address far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4);
    sn_multicast_option option = {.group = group,
                                  .local_address = network_address(HOST_FAR, 1, SN_FAMILY_IPV4)};
    assert_ok(sn_socket_set_multicast_option(receiver, SN_OPTION_ADD_MEMBERSHIP, &option));
    sn_socket *senders[] = {sender_through(0, SN_FAMILY_IPV4), sender_through(1, SN_FAMILY_IPV4)};
    send_text_to(senders[0], "other cable", &group);
    send_text_to(senders[1], "this cable", &group);
    assert_next(receiver, "this cable");
    assert_ok(sn_socket_set_multicast_option(receiver, SN_OPTION_DROP_MEMBERSHIP, &option));
    send_text_to(senders[1], "too late", &group);
    send_text_to(senders[0], "plain", &far);
    assert_next(receiver, "plain");
    for (int i = 0; i < 2; i++)
        sn_socket_release(senders[i]);
    sn_socket_release(receiver);
}

/* C.4 MulticastInterface: an index or an address; B.10: which interface a datagram came in on */
TEST(a_multicast_leaves_through_the_chosen_interface)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address group = group_of(family);
    sn_socket *receiver = udp_on(HOST_FAR, family, PORT);
    switch_on_information(receiver, family);
    for (int cable = 0; cable < 2; cable++)
        join(receiver, family, network_interface(HOST_FAR, cable));
    for (int i = 0; i < 4; i++) {
        int cable = i % 2;
        sn_socket *sender = sender_through(cable, family);
        if (family == SN_FAMILY_IPV4 && i >= 2) { /* the same by its address */
            sn_ip_address near = network_address(HOST_NEAR, cable, family);
            int value;
            memcpy(&value, near.bytes, sizeof value);
            assert_ok(
                sn_socket_set_option(sender, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE, value));
        }
        sn_endpoint from;
        send_text_to(sender, "to all", &group);
        sn_ip_packet_information information = next_message(receiver, "to all", &from);
        assert_information(&group, network_interface(HOST_FAR, cable), &information);
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
}

static struct ip_mreq_source source_request(const char *source)
{
    sn_ip_address group = group_of(SN_FAMILY_IPV4), from = address_of(source);
    sn_ip_address interface = network_address(HOST_FAR, 0, SN_FAMILY_IPV4);
    struct ip_mreq_source request;
    memcpy(&request.imr_multiaddr, group.bytes, 4);
    memcpy(&request.imr_interface, interface.bytes, 4);
    memcpy(&request.imr_sourceaddr, from.bytes, 4);
    return request;
}

static sn_error change_source(sn_socket *socket, sn_option_name name, const char *source)
{
    struct ip_mreq_source request = source_request(source);
    return sn_socket_set_option_bytes(socket, SN_LEVEL_IP, name, &request, sizeof request);
}

/* A sender with one of the near host's two addresses on the first cable. */
static sn_socket *sender_at(const char *text)
{
    sn_socket *sender = socket_make(UDP_IPV4);
    sn_ip_address address = address_of(text);
    sn_endpoint local = endpoint_of(&address, 0);
    int index = (int)htonl((uint32_t)network_interface(HOST_NEAR, 0));
    assert_ok(sn_socket_bind(sender, &local));
    assert_ok(sn_socket_set_option(sender, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE, index));
    return sender;
}

/* C.3 AddSourceMembership and the three others: struct ip_mreq_source as bytes */
TEST(a_member_chooses_the_sources_it_hears)
{
    needs_network();
    sn_ip_address group = group_of(SN_FAMILY_IPV4);
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    sn_socket *one = sender_at("10.99.0.1"), *three = sender_at("10.99.0.3");
    assert_ok(change_source(receiver, SN_OPTION_ADD_SOURCE_MEMBERSHIP, "10.99.0.3"));
    send_text_to(one, "one", &group);
    send_text_to(three, "three", &group);
    assert_next(receiver, "three");
    assert_ok(change_source(receiver, SN_OPTION_ADD_SOURCE_MEMBERSHIP, "10.99.0.1"));
    assert_ok(change_source(receiver, SN_OPTION_DROP_SOURCE_MEMBERSHIP, "10.99.0.3"));
    send_text_to(three, "three", &group);
    send_text_to(one, "one", &group);
    assert_next(receiver, "one");
    assert_ok(change_source(receiver, SN_OPTION_DROP_SOURCE_MEMBERSHIP, "10.99.0.1"));

    join(receiver, SN_FAMILY_IPV4, network_interface(HOST_FAR, 0));
    assert_ok(change_source(receiver, SN_OPTION_BLOCK_SOURCE, "10.99.0.1"));
    send_text_to(one, "blocked", &group);
    send_text_to(three, "three", &group);
    assert_next(receiver, "three");
    assert_ok(change_source(receiver, SN_OPTION_UNBLOCK_SOURCE, "10.99.0.1"));
    send_text_to(one, "one", &group);
    assert_next(receiver, "one");
    sn_socket_release(receiver);
    sn_socket_release(one);
    sn_socket_release(three);
}

/* C.3 MulticastLoopback: whether members on the sender's own host hear it too */
TEST(multicast_loopback_is_for_members_on_the_own_host)
{
    sn_address_family family = family_of_case(state);
    sn_option_level level = family == SN_FAMILY_IPV4 ? SN_LEVEL_IP : SN_LEVEL_IPV6;
    sn_ip_address group = group_of(family);
    sn_socket *far = udp_on(HOST_FAR, family, PORT), *near = udp_on(HOST_NEAR, family, PORT);
    sn_socket *sender = sender_through(0, family);
    join(far, family, network_interface(HOST_FAR, 0));
    join(near, family, network_interface(HOST_NEAR, 0));
    send_text_to(sender, "by default", &group);
    assert_ok(sn_socket_set_option(sender, level, SN_OPTION_MULTICAST_LOOPBACK, 0));
    send_text_to(sender, "off", &group);
    assert_ok(sn_socket_set_multicast_loopback(sender, true));
    send_text_to(sender, "on", &group);
    assert_next(near, "by default");
    assert_next(near, "on");
    assert_next(far, "by default");
    assert_next(far, "off");
    assert_next(far, "on");
    sn_socket_release(far);
    sn_socket_release(near);
    sn_socket_release(sender);
}

/* C.3 MulticastTimeToLive: 0 does not leave the host */
TEST(a_multicast_without_time_to_live_stays_on_the_host)
{
    sn_address_family family = family_of_case(state);
    sn_option_level level = family == SN_FAMILY_IPV4 ? SN_LEVEL_IP : SN_LEVEL_IPV6;
    sn_ip_address group = group_of(family);
    sn_socket *far = udp_on(HOST_FAR, family, PORT), *near = udp_on(HOST_NEAR, family, PORT);
    sn_socket *sender = sender_through(0, family);
    join(far, family, network_interface(HOST_FAR, 0));
    join(near, family, network_interface(HOST_NEAR, 0));
    assert_ok(sn_socket_set_option(sender, level, SN_OPTION_MULTICAST_TIME_TO_LIVE, 0));
    send_text_to(sender, "zero", &group);
    assert_ok(sn_socket_set_option(sender, level, SN_OPTION_MULTICAST_TIME_TO_LIVE, 1));
    send_text_to(sender, "one", &group);
    assert_next(near, "zero");
    assert_next(near, "one");
    assert_next(far, "one");
    sn_socket_release(far);
    sn_socket_release(near);
    sn_socket_release(sender);
}

/* B.8 "broadcast address without EnableBroadcast" */
TEST(a_broadcast_needs_the_permission_and_reaches_the_other_host)
{
    needs_network();
    sn_ip_address all = address_of("10.99.0.255");
    sn_endpoint to = endpoint_of(&all, PORT), from;
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    sn_socket *sender = socket_make(UDP_IPV4);
    switch_on_information(receiver, SN_FAMILY_IPV4);
    assert_error(SN_ERROR_ACCESS_DENIED, do_send_to(sender, "x", 1, SN_FLAG_NONE, &to, NULL));
    assert_ok(sn_socket_set_enable_broadcast(sender, true));
    send_text_to(sender, "to all", &all);
    sn_ip_packet_information information = next_message(receiver, "to all", &from);
    assert_information(&all, network_interface(HOST_FAR, 0), &information);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.10; trap 74 */
TEST(a_dual_mode_socket_tells_both_families_apart)
{
    needs_network();
    static const sn_address_family families[] = {SN_FAMILY_IPV4, SN_FAMILY_IPV6};
    sn_socket *receiver = NULL;
    sn_endpoint local = endpoint_of(&SN_IPV6_ANY, PORT), from;
    network_enter(HOST_FAR);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &receiver));
    network_enter(HOST_NEAR);
    assert_ok(sn_socket_bind(receiver, &local));
    switch_on_information(receiver, SN_FAMILY_IPV4);
    switch_on_information(receiver, SN_FAMILY_IPV6);
    for (int i = 0; i < 4; i++) {
        sn_address_family family = families[i % 2];
        int cable = i / 2;
        sn_socket *sender = udp_on(HOST_NEAR, family, 0);
        sn_ip_address far = network_address(HOST_FAR, cable, family), seen;
        sn_ip_address near = network_address(HOST_NEAR, cable, family);
        send_text_to(sender, "hello", &far);
        sn_ip_packet_information information = next_message(receiver, "hello", &from);
        assert_information(&far, network_interface(HOST_FAR, cable), &information);
        near = sn_ip_address_map_to_ipv6(&near);
        assert_ok(sn_endpoint_get_address(&from, &seen));
        assert_true(sn_ip_address_equals(&near, &seen));
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
}

/* C.3 DontFragment: more than the cable takes is refused, or sent in pieces that arrive as one */
TEST(what_is_longer_than_the_path_takes_is_refused_or_cut_into_pieces)
{
    needs_network();
    size_t size = 1600, received = 0; /* a cable takes 1500 */
    uint8_t *data = calloc(2, size);
    sn_ip_address far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4);
    sn_endpoint to = endpoint_of(&far, PORT), from;
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    sn_socket *sender = udp_on(HOST_NEAR, SN_FAMILY_IPV4, 0);
    assert_ok(sn_socket_set_dont_fragment(sender, true));
    assert_error(SN_ERROR_MESSAGE_SIZE, do_send_to(sender, data, size, SN_FLAG_NONE, &to, NULL));
    assert_ok(do_send_to(sender, data, 1472, SN_FLAG_NONE, &to, NULL));
    assert_ok(do_receive_from(receiver, data, 2 * size, SN_FLAG_NONE, &from, &received));
    assert_int_equal(1472, received);
    assert_ok(sn_socket_set_dont_fragment(sender, false));
    assert_ok(do_send_to(sender, data, size, SN_FLAG_NONE, &to, NULL));
    assert_ok(do_receive_from(receiver, data, 2 * size, SN_FLAG_NONE, &from, &received));
    assert_int_equal(size, received);
    free(data);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* D.1: no route, and no such host on the cable */
TEST(what_cannot_be_reached_is_told)
{
    sn_address_family family = family_of_case(state);
    bool is_ipv4 = family == SN_FAMILY_IPV4;
    sn_ip_address nowhere = address_of(is_ipv4 ? "192.0.2.1" : "2001:db8::1");
    sn_ip_address nobody = address_of(is_ipv4 ? "10.99.0.77" : "fd99::77");
    sn_endpoint to = endpoint_of(&nowhere, PORT);
    sn_socket *udp = socket_make(is_ipv4 ? UDP_IPV4 : UDP_IPV6);
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_send_to(udp, "x", 1, SN_FLAG_NONE, &to, NULL));
    sn_socket_release(udp);
    sn_socket *tcp = socket_make(is_ipv4 ? TCP_IPV4 : TCP_IPV6);
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_connect(tcp, &to));
    sn_socket_release(tcp);
    to = endpoint_of(&nobody, PORT);
    tcp = socket_make(is_ipv4 ? TCP_IPV4 : TCP_IPV6);
    assert_error(SN_ERROR_HOST_UNREACHABLE, do_connect(tcp, &to)); /* after some 3 seconds */
    assert_false(sn_socket_get_connected(tcp));
    sn_socket_release(tcp);
}

/* B.7 "connected UDP, peer port closed", between hosts */
TEST(a_closed_port_of_another_host_refuses)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address far = network_address(HOST_FAR, 0, family);
    sn_endpoint to = endpoint_of(&far, PORT + 1);
    sn_socket *udp = udp_on(HOST_NEAR, family, 0);
    char byte;
    size_t received = 77;
    assert_ok(do_connect(udp, &to));
    assert_ok(do_send(udp, "x", 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_receive(udp, &byte, 1, SN_FLAG_NONE, &received));
    sn_socket_release(udp);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_member_hears_its_group_until_it_leaves),
        CASE(a_group_is_joined_on_the_interface_that_has_an_address),
        ON_UDP(a_multicast_leaves_through_the_chosen_interface),
        CASE(a_member_chooses_the_sources_it_hears),
        ON_UDP(multicast_loopback_is_for_members_on_the_own_host),
        ON_UDP(a_multicast_without_time_to_live_stays_on_the_host),
        CASE(a_broadcast_needs_the_permission_and_reaches_the_other_host),
        CASE(a_dual_mode_socket_tells_both_families_apart),
        CASE(what_is_longer_than_the_path_takes_is_refused_or_cut_into_pieces),
        ON_UDP(what_cannot_be_reached_is_told),
        ON_UDP(a_closed_port_of_another_host_refuses),
    };
    network_begin();
    int failed = RUN(cases);
    network_end();
    return failed;
}
