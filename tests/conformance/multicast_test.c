/*
 * Multicast and broadcast (contract B.8, B.10, C.3, C.4): memberships and sources, interfaces,
 * reach; where a datagram came in. On two hosts that the program makes itself, see
 * support/network.h. Trap 74 once more, between hosts.
 */
#include "support/network_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define GROUP_IPV4 "239.99.1.2"
#define GROUP_IPV6 "ff05::9912"

static sn_ip_address group_of(sn_address_family family)
{
    return address_of(family == SN_FAMILY_IPV4 ? GROUP_IPV4 : GROUP_IPV6);
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

static sn_error broadcast(sn_socket *sender, const sn_endpoint *to)
{
    return do_send_to(sender, "to all", 6, SN_FLAG_NONE, to, NULL);
}

/* B.8 "broadcast address without EnableBroadcast"; trap 18. The address that stands for every
 * network leaves through the interface whose address the sender has. */
TEST(a_broadcast_needs_the_permission_and_reaches_the_other_host)
{
    needs_network();
    static const char *const everybody[] = {"10.99.0.255", "255.255.255.255"};
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    switch_on_information(receiver, SN_FAMILY_IPV4);
    for (size_t i = 0; i < COUNT_OF(everybody); i++) {
        sn_ip_address all = address_of(everybody[i]);
        sn_endpoint to = endpoint_of(&all, PORT), from;
        sn_socket *sender = i == 0 ? socket_make(UDP_IPV4) : sender_at("10.99.0.1");
        assert_error(SN_ERROR_ACCESS_DENIED, broadcast(sender, &to));
        assert_int_equal(i == 1, sn_socket_is_bound(sender)); /* as it was */
        assert_error(SN_ERROR_ACCESS_DENIED, sn_socket_connect(sender, &to));
        assert_ok(sn_socket_set_enable_broadcast(sender, true));
        assert_ok(broadcast(sender, &to));
        sn_ip_packet_information information = next_message(receiver, "to all", &from);
        assert_information(&all, network_interface(HOST_FAR, 0), &information);
        assert_ok(sn_socket_set_enable_broadcast(sender, false));
        assert_error(SN_ERROR_ACCESS_DENIED, broadcast(sender, &to));
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
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
    };
    network_begin();
    int failed = RUN(cases);
    network_end();
    return failed;
}
