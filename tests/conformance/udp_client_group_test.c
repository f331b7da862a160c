/*
 * UdpClient (contract I.4): broadcast and multicast groups.
 */
#include "conformance/udp_clients.h"
#include "support/clients_support.h"

#include <limits.h>

/* --- Broadcast -------------------------------------------------------------------------------- */

TEST(only_the_broadcast_address_itself_switches_broadcast_on)
{
    bool is_enabled = true;
    sn_endpoint all = endpoint_of(&SN_IPV4_BROADCAST, 9);
    open_client(UDP_IPV4);
    assert_ok(sn_udp_client_send(client, "x", 1, &address, NULL));
    assert_ok(sn_udp_client_get_enable_broadcast(client, &is_enabled));
    assert_false(is_enabled);
    sn_error error = sn_udp_client_send(client, "x", 1, &all, NULL); /* there may be no route */
    assert_true(error == SN_OK || error == SN_ERROR_NETWORK_UNREACHABLE);
    assert_ok(sn_udp_client_get_enable_broadcast(client, &is_enabled));
    assert_true(is_enabled);
    close_all();
}

TEST(connecting_to_the_broadcast_address_switches_broadcast_on)
{
    sn_endpoint all = endpoint_of(&SN_IPV4_BROADCAST, 9);
    for (int way = 0; way < 2; way++) {
        bool is_enabled = false;
        open_client(UDP_IPV4);
        sn_error error = way == 0 ? sn_udp_client_connect(client, &all)
                                  : sn_udp_client_connect_host(client, "255.255.255.255", 9);
        assert_true(error == SN_OK || error == SN_ERROR_NETWORK_UNREACHABLE);
        assert_ok(sn_udp_client_get_enable_broadcast(client, &is_enabled));
        assert_true(is_enabled);
        close_all();
    }
}

/* --- Multicast groups ------------------------------------------------------------------------- */

TEST(an_ipv4_group_that_was_joined_on_an_address_is_heard)
{
    const sn_ip_address group = address_of("239.1.2.3");
    sn_ip_address local = SN_IPV4_LOOPBACK;
    char text[4];
    size_t size;
    sn_endpoint from;
    assert_ok(sn_udp_client_create_on_port(0, SN_FAMILY_IPV4, &client));
    sn_endpoint own = local_endpoint(sn_udp_client_get_socket(client));
    sn_endpoint to = endpoint_of(&group, sn_endpoint_get_port(&own));
    assert_ok(sn_udp_client_join_multicast_group_on_address(client, &group, &local));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE,
                 sn_udp_client_join_multicast_group_on_address(client, &group, &local));
    peer = socket_make(UDP_IPV4);
    assert_ok(sn_socket_set_option_bytes(peer, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                         local.bytes, 4));
    assert_ok(sn_socket_send_to(peer, "all", 3, 0, &to, NULL));
    assert_ok(sn_udp_client_receive(client, text, sizeof text, &from, &size));
    assert_int_equal(3, size);
    close_all();
}

/* The system chooses the interface, so there has to be one besides loopback. */
TEST(an_ipv4_group_is_joined_with_a_time_to_live_and_left)
{
    const sn_ip_address group = address_of("239.1.2.3");
    int value = 0;
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV4, &client));
    sn_error error = sn_udp_client_join_multicast_group_with_ttl(client, &group, 7);
    if (error) {
        close_all();
        SKIP("no interface for multicast here: %s", sn_error_name(error));
    }
    assert_ok(sn_socket_get_option(sn_udp_client_get_socket(client), SN_LEVEL_IP,
                                   SN_OPTION_MULTICAST_TIME_TO_LIVE, &value));
    assert_int_equal(7, value);
    assert_ok(sn_udp_client_drop_multicast_group(client, &group));
    assert_error(SN_ERROR_ADDRESS_NOT_AVAILABLE,
                 sn_udp_client_drop_multicast_group(client, &group));
    assert_ok(sn_udp_client_join_multicast_group(client, &group));
    close_all();
}

TEST(an_ipv6_group_is_joined_on_an_interface_and_left)
{
    const sn_ip_address group = address_of("ff01::1:2");
    int value = 0;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV6, &client));
    assert_ok(sn_udp_client_join_multicast_group_on_interface(client, &group, 1));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE,
                 sn_udp_client_join_multicast_group_on_interface(client, &group, 1));
    assert_ok(sn_udp_client_drop_multicast_group_on_interface(client, &group, 1));
    assert_error(SN_ERROR_ADDRESS_NOT_AVAILABLE,
                 sn_udp_client_drop_multicast_group_on_interface(client, &group, 1));
    sn_error error = sn_udp_client_join_multicast_group_with_ttl(client, &group, 5);
    if (error == SN_OK) {
        assert_ok(sn_socket_get_option(sn_udp_client_get_socket(client), SN_LEVEL_IPV6,
                                       SN_OPTION_MULTICAST_TIME_TO_LIVE, &value));
        assert_int_equal(5, value);
        assert_ok(sn_udp_client_drop_multicast_group(client, &group));
    }
    close_all();
}

TEST(groups_must_fit_the_client)
{
    const sn_ip_address four = address_of("239.1.2.3"), six = address_of("ff01::1:2");
    sn_udp_client *other = NULL;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV4, &client));
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV6, &other));
    row_begin("IPv4");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_join_multicast_group(client, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_join_multicast_group(client, &six));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_join_multicast_group_with_ttl(client, NULL, -1));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_join_multicast_group_with_ttl(client, &four, -1));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_join_multicast_group_with_ttl(client, &four, 256));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_join_multicast_group_with_ttl(client, &six, 1));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_join_multicast_group_on_address(client, &four, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_join_multicast_group_on_address(client, NULL, &four));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_address(client, &four, &six));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_address(client, &six, &four));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_interface(client, &four, 1));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_interface(client, &six, 1));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_join_multicast_group_on_interface(client, &four, -1));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_join_multicast_group_on_interface(client, NULL, -1));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_join_multicast_group_with_ttl(client, &six, 256));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_drop_multicast_group(client, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_drop_multicast_group(client, &six));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_drop_multicast_group_on_interface(client, &four, 1));
    row_begin("IPv6");
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_join_multicast_group(other, &four));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_address(other, &six, &six));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_udp_client_join_multicast_group_on_address(other, &four, &four));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_join_multicast_group_on_interface(other, &six, -1));
    row_error(SN_ERROR_INVALID_ARGUMENT,
              sn_udp_client_join_multicast_group_on_interface(other, &four, 1));
    row_error(SN_ERROR_INVALID_ARGUMENT,
              sn_udp_client_drop_multicast_group_on_interface(other, &four, 1));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_drop_multicast_group_on_interface(other, &six, INT_MIN));
    rows_end();
    sn_udp_client_release(other);
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(only_the_broadcast_address_itself_switches_broadcast_on),
        CASE(connecting_to_the_broadcast_address_switches_broadcast_on),
        CASE(an_ipv4_group_that_was_joined_on_an_address_is_heard),
        CASE(an_ipv4_group_is_joined_with_a_time_to_live_and_left),
        CASE(an_ipv6_group_is_joined_on_an_interface_and_left),
        CASE(groups_must_fit_the_client),
    };
    clients_begin();
    return RUN(cases);
}
