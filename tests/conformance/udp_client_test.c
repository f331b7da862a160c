/* UdpClient (contract I.4; traps 123 and 124). */
#include "support/clients_support.h"

#include <sennit/dotnet.h>

#include <limits.h>

#include "support/allocations.h"

static sn_udp_client *client;
static sn_socket *peer;
static sn_endpoint address; /* the peer's */

static void open_client(enum transport transport)
{
    peer = socket_bound(transport);
    address = local_endpoint(peer);
    assert_ok(sn_udp_client_create(transport_family(transport), &client));
}

static void connect_client(enum transport transport)
{
    open_client(transport);
    assert_ok(sn_udp_client_connect(client, &address));
}

static void close_all(void)
{
    sn_udp_client_release(client);
    sn_socket_release(peer);
    client = NULL;
    peer = NULL;
    settle();
}

static const char *host_of(enum transport transport)
{
    return transport == UDP_IPV4 ? "127.0.0.1" : "::1";
}

static int port(void)
{
    return sn_endpoint_get_port(&address);
}

/* --- Making ------------------------------------------------------------------------------------
 */

TEST(a_client_is_ipv4_or_ipv6)
{
    static const struct {
        sn_address_family family;
        sn_error expected;
    } rows[] = {
        {SN_FAMILY_IPV4, SN_OK},
        {SN_FAMILY_UNSPECIFIED, SN_ERROR_ARGUMENT},
        {SN_FAMILY_UNIX, SN_ERROR_ARGUMENT},
        {SN_FAMILY_UNKNOWN, SN_ERROR_ARGUMENT},
        {(sn_address_family)INT_MAX, SN_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("family %d", (int)rows[i].family);
        row_error(rows[i].expected, sn_udp_client_create(rows[i].family, &client));
        row_equal(rows[i].expected == SN_OK, client != NULL);
        row_equal(false, sn_udp_client_is_active(client));
        close_all();
        row_error(rows[i].expected, sn_udp_client_create_on_port(0, rows[i].family, &client));
        row_equal(rows[i].expected == SN_OK, client != NULL);
        close_all();
    }
    rows_end();
}

TEST(a_client_can_be_bound_to_an_end_point_or_a_port)
{
    enum transport transport = transport_of(state);
    sn_address_family family = transport_family(transport);
    sn_endpoint local = endpoint_free(transport);
    assert_ok(sn_udp_client_create_bound(&local, &client));
    local = local_endpoint(sn_udp_client_get_socket(client));
    assert_true(sn_endpoint_get_port(&local) > 0);
    sn_udp_client_release(client);
    client = NULL;
    assert_ok(sn_udp_client_create_on_port(sn_endpoint_get_port(&local), family, &client));
    sn_endpoint expected = endpoint_of(family == SN_FAMILY_IPV4 ? &SN_IPV4_ANY : &SN_IPV6_ANY,
                                       sn_endpoint_get_port(&local));
    sn_endpoint actual = local_endpoint(sn_udp_client_get_socket(client));
    assert_same_endpoint(&expected, &actual);
    close_all();
}

TEST(a_client_cannot_be_made_of_bad_input)
{
    sn_endpoint none = {0}, name, path = endpoint_of_path("/nowhere");
    sn_endpoint local = endpoint_free(UDP_IPV4);
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_UNSPECIFIED, &name));
    row_begin("bad input");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create(SN_FAMILY_IPV4, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_bound(NULL, &client));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_bound(&none, &client));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_bound(&local, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_create_bound(&name, &client));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_create_bound(&path, &client));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_on_port(0, SN_FAMILY_IPV4, NULL));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_create_on_port(-1, SN_FAMILY_IPV4, &client));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_create_on_port(65536, SN_FAMILY_IPV4, &client));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_connected("localhost", 9, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_create_connected(NULL, 9, &client));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_create_connected("localhost", -1, &client));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_create_connected("localhost", INT_MAX, &client));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_create_connected("0.0.0.0", 9, &client));
    rows_end();
    assert_null(client);
}

TEST(a_client_made_for_a_host_is_connected_to_it)
{
    enum transport transport = transport_of(state);
    peer = socket_bound(transport);
    address = local_endpoint(peer);
    assert_ok(sn_udp_client_create_connected(host_of(transport), port(), &client));
    assert_true(sn_udp_client_is_active(client));
    sn_endpoint actual = remote_endpoint(sn_udp_client_get_socket(client));
    assert_same_endpoint(&address, &actual);
    close_all();
}

/* In .NET the TCP client connects so, and the UDP client does not. */
TEST(a_client_made_for_a_mapped_address_is_connected_to_it)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    peer = socket_bound(UDP_IPV4);
    address = local_endpoint(peer);
    assert_ok(sn_udp_client_create_connected("::ffff:127.0.0.1", port(), &client));
    send_text(sn_udp_client_get_socket(client), "x");
    assert_receives(peer, "x");
    close_all();
}

TEST(a_lack_of_memory_leaves_nothing_behind)
{
    sn_endpoint local = endpoint_free(UDP_IPV4);
    allocations_begin();
    row_begin("no memory");
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_udp_client_create(SN_FAMILY_IPV4, &client));
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_udp_client_create_bound(&local, &client));
    }
    row_equal(0, allocations_outstanding());
    allocations_end();
    rows_end();
    assert_null(client);
}

/* --- Sending and receiving ---------------------------------------------------------------------
 */

TEST(datagrams_go_to_an_end_point_and_come_back_with_their_sender)
{
    char text[16] = "";
    size_t size = 0;
    sn_endpoint from = {0};
    open_client(transport_of(state));
    assert_ok(sn_udp_client_send(client, "ping", 4, &address, &size));
    assert_int_equal(4, size);
    assert_ok(sn_socket_receive_from(peer, text, sizeof text, 0, &from, &size));
    assert_memory_equal("ping", text, 4);
    assert_ok(sn_socket_send_to(peer, "answer", 6, 0, &from, NULL));
    assert_ok(sn_udp_client_receive(client, text, sizeof text, &from, &size));
    assert_int_equal(6, size);
    assert_memory_equal("answer", text, 6);
    assert_same_endpoint(&address, &from);
    assert_ok(sn_udp_client_send(client, NULL, 0, &address, NULL)); /* an empty datagram */
    assert_ok(sn_socket_receive(peer, text, sizeof text, 0, &size));
    assert_int_equal(0, size);
    close_all();
}

TEST(the_largest_datagram_fits_a_buffer_of_the_named_size)
{
    static char sent[65507], received[SN_UDP_SIZE_MAX];
    size_t size = 0;
    sn_endpoint from;
    sn_endpoint local = endpoint_free(UDP_IPV4);
    assert_ok(sn_udp_client_create_bound(&local, &client));
    sn_endpoint to = local_endpoint(sn_udp_client_get_socket(client));
    assert_ok(sn_udp_client_send(client, sent, sizeof sent, &to, NULL));
    assert_ok(sn_udp_client_receive(client, received, sizeof received, &from, &size));
    assert_int_equal(sizeof sent, size);
    assert_error(SN_ERROR_MESSAGE_SIZE,
                 sn_udp_client_send(client, received, sizeof received, &to, NULL));
    close_all();
}

TEST(a_connected_client_sends_without_an_end_point)
{
    enum transport transport = transport_of(state);
    for (int way = 0; way < 2; way++) {
        open_client(transport);
        if (way == 0)
            assert_ok(sn_udp_client_connect(client, &address));
        else
            assert_ok(sn_udp_client_connect_host(client, host_of(transport), port()));
        assert_true(sn_udp_client_is_active(client));
        assert_ok(sn_udp_client_send(client, "x", 1, NULL, NULL));
        assert_receives(peer, "x");
        close_all();
    }
}

TEST(datagrams_go_to_a_host_by_name)
{
    enum transport transport = transport_of(state);
    sn_operation operation = {0};
    sn_endpoint to = {0};
    size_t size = 0;
    open_client(transport);
    assert_ok(sn_udp_client_send_host(client, "one", 3, host_of(transport), port(), &size));
    assert_int_equal(3, size);
    assert_receives(peer, "one");
    sn_udp_client_send_host_async(client, "two", 3, host_of(transport), port(), &to, &operation);
    assert_ok(completed(&operation));
    assert_int_equal(3, operation.transferred);
    assert_same_endpoint(&address, &to);
    assert_receives(peer, "two");
    close_all();
}

TEST(a_dual_mode_client_sends_to_ipv4_hosts)
{
    sn_socket *dual = NULL;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    open_client(UDP_IPV4);
    assert_error(SN_ERROR_ARGUMENT, sn_udp_client_send_host(client, "x", 1, "::1", port(), NULL));
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &dual));
    assert_ok(sn_udp_client_set_socket(client, dual));
    assert_ok(sn_udp_client_send_host(client, "x", 1, "127.0.0.1", port(), NULL));
    assert_receives(peer, "x");
    close_all();
}

TEST(sending_and_receiving_asynchronously)
{
    char text[16] = "";
    size_t size;
    sn_endpoint from = {0}, sender;
    sn_operation send = {0}, receive = {0};
    open_client(transport_of(state));
    sn_udp_client_send_async(client, "ping", 4, &address, &send);
    assert_ok(completed(&send));
    assert_int_equal(4, send.transferred);
    sn_udp_client_receive_async(client, text, sizeof text, &from, &receive);
    assert_false(sn_operation_is_completed(&receive));
    assert_ok(sn_socket_receive_from(peer, text, sizeof text, 0, &sender, &size));
    assert_ok(sn_socket_send_to(peer, "answer", 6, 0, &sender, NULL));
    assert_ok(completed(&receive));
    assert_int_equal(6, receive.transferred);
    assert_memory_equal("answer", text, 6);
    assert_same_endpoint(&address, &from);
    assert_ok(sn_udp_client_connect(client, &address));
    sn_udp_client_send_async(client, "x", 1, NULL, &send);
    assert_ok(completed(&send));
    assert_receives(peer, "x");
    close_all();
}

/* Trap 123. */
TEST(a_connected_client_takes_no_end_point_and_another_needs_one)
{
    sn_endpoint to;
    open_client(transport_of(state));
    row_begin("not connected");
    row_error(SN_ERROR_INVALID_OPERATION, sn_udp_client_send(client, "x", 1, NULL, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_send(client, NULL, 1, NULL, NULL));
    row_error(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_send(client, "x", (size_t)SSIZE_MAX + 1, NULL, NULL));
    row_async(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_send_async(client, "x", 1, NULL, operation));
    row_error(SN_OK, sn_udp_client_connect(client, &address));
    row_begin("connected");
    row_error(SN_ERROR_INVALID_OPERATION, sn_udp_client_send(client, "x", 1, &address, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_send(client, NULL, 1, &address, NULL));
    row_async(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_send_async(client, NULL, 1, &address, operation));
    row_async(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_send_async(client, "x", 1, &address, operation));
    row_error(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_send_host(client, "x", 1, "localhost", port(), NULL));
    row_error(SN_ERROR_INVALID_OPERATION, sn_udp_client_send_host(client, "x", 1, NULL, -1, NULL));
    row_async(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_send_host_async(client, "x", 1, NULL, 9, &to, operation));
    rows_end();
    assert_ok(sn_udp_client_set_active(client, false));
    assert_ok(sn_udp_client_send(client, "x", 1, &address, NULL));
    close_all();
}

TEST(bad_arguments_change_nothing)
{
    char byte;
    size_t size = 7;
    sn_endpoint none = {0}, name, from, to;
    open_client(UDP_IPV4);
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_UNSPECIFIED, &name));
    row_begin("bad input");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_send(client, NULL, 1, &address, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_send(client, "x", 1, &none, &size));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_send(client, "x", 1, &name, &size));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_send(client, "x", (size_t)SSIZE_MAX + 1, &address, &size));
    row_async(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_send_async(client, NULL, 1, &address, operation));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_send_host(client, "x", 1, NULL, 9, &size));
    row_error(SN_ERROR_ARGUMENT, sn_udp_client_send_host(client, "x", 1, "::1", 9, &size));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_send_host(client, "x", 1, "localhost", 65536, &size));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_send_host(client, NULL, 1, "127.0.0.1", port(), &size));
    row_async(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_send_host_async(client, "x", 1, "127.0.0.1", port(), NULL, operation));
    row_async(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_udp_client_send_host_async(client, "x", 1, "127.0.0.1", -1, &to, operation));
    row_error(SN_ERROR_INVALID_OPERATION, /* not bound */
              sn_udp_client_receive(client, &byte, 1, &from, &size));
    row_async(SN_ERROR_INVALID_OPERATION,
              sn_udp_client_receive_async(client, &byte, 1, &from, operation));
    row_error(SN_OK, sn_udp_client_send(client, "x", 1, &address, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_receive(client, NULL, 1, &from, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_receive(client, &byte, 1, NULL, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_receive(client, &byte, 1, &from, NULL));
    row_async(SN_ERROR_ARGUMENT_NULL,
              sn_udp_client_receive_async(client, &byte, 1, NULL, operation));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_connect(client, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_connect(client, &none));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_connect_host(client, NULL, 9));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_udp_client_connect_host(client, "localhost", -1));
    row_error(SN_ERROR_NOT_CONNECTED, sn_udp_client_connect_host(client, "::1", 9));
    row_equal(false, sn_udp_client_is_active(client));
    row_equal(7, size);
    rows_end();
    close_all();
}

/* --- Broadcast ---------------------------------------------------------------------------------
 */

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

/* --- Multicast groups --------------------------------------------------------------------------
 */

static sn_ip_address address_of(const char *text)
{
    sn_ip_address parsed;
    assert_ok(sn_ip_address_parse(text, &parsed));
    return parsed;
}

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

/* --- Properties --------------------------------------------------------------------------------
 */

TEST(the_properties_are_those_of_the_socket)
{
    bool truth = false;
    int number = 0;
    size_t size = 0;
    open_client(transport_of(state));
    assert_ok(sn_udp_client_set_multicast_loopback(client, false));
    assert_ok(sn_udp_client_get_multicast_loopback(client, &truth));
    assert_false(truth);
    assert_ok(sn_udp_client_set_ttl(client, 9));
    assert_ok(sn_udp_client_get_ttl(client, &number));
    assert_int_equal(9, number);
    assert_ok(sn_udp_client_set_enable_broadcast(client, true));
    assert_ok(sn_udp_client_get_enable_broadcast(client, &truth));
    assert_true(truth);
    assert_ok(sn_udp_client_set_exclusive_address_use(client, true));
    assert_ok(sn_udp_client_get_exclusive_address_use(client, &truth));
    assert_true(truth);
    sn_error expected = transport_of(state) == UDP_IPV4 ? SN_OK : SN_ERROR_NOT_SUPPORTED;
    assert_error(expected, sn_udp_client_set_dont_fragment(client, true));
    assert_error(expected, sn_udp_client_get_dont_fragment(client, &truth));
    assert_ok(sn_udp_client_connect(client, &address));
    sn_endpoint own = local_endpoint(sn_udp_client_get_socket(client));
    assert_ok(sn_socket_send_to(peer, "four", 4, 0, &own, NULL));
    wait_readable(sn_udp_client_get_socket(client));
    assert_ok(sn_udp_client_get_available(client, &size));
    assert_int_equal(4, size);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_udp_client_set_ttl(client, 256));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_get_available(client, NULL));
    close_all();
}

/* Trap 124. */
TEST(nat_traversal_is_never_possible)
{
    open_client(UDP_IPV4);
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, sn_udp_client_allow_nat_traversal(client, true));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_allow_nat_traversal(NULL, true));
    close_all();
}

/* --- Without a client, closed, and without a socket --------------------------------------------
 */

static void every_member_gives(sn_udp_client *which, sn_error expected)
{
    bool truth = true;
    int number = 7;
    size_t size = 7;
    char byte;
    sn_endpoint from, to;
    const sn_ip_address group = address_of("239.1.2.3");
    row_error(expected, sn_udp_client_connect(which, NULL));
    /* Without a socket it would make one. */
    row_error(expected == SN_ERROR_INVALID_OPERATION ? SN_ERROR_ARGUMENT_NULL : expected,
              sn_udp_client_connect_host(which, NULL, 9));
    row_error(expected, sn_udp_client_send(which, NULL, 1, &address, &size));
    row_error(expected, sn_udp_client_send(which, NULL, 1, NULL, &size));
    row_error(expected, sn_udp_client_send_host(which, "x", 1, NULL, 9, &size));
    row_error(expected, sn_udp_client_receive(which, NULL, 1, NULL, NULL));
    row_async(expected, sn_udp_client_send_async(which, "x", 1, &address, operation));
    row_async(expected, sn_udp_client_send_host_async(which, "x", 1, NULL, 9, &to, operation));
    row_async(expected, sn_udp_client_receive_async(which, &byte, 1, &from, operation));
    row_error(expected, sn_udp_client_join_multicast_group(which, NULL));
    row_error(expected, sn_udp_client_join_multicast_group_with_ttl(which, &group, -1));
    row_error(expected, sn_udp_client_join_multicast_group_on_address(which, &group, NULL));
    row_error(expected, sn_udp_client_join_multicast_group_on_interface(which, &group, -1));
    row_error(expected, sn_udp_client_drop_multicast_group(which, NULL));
    row_error(expected, sn_udp_client_drop_multicast_group_on_interface(which, &group, -1));
    row_error(expected, sn_udp_client_get_available(which, &size));
    row_error(expected, sn_udp_client_get_dont_fragment(which, &truth));
    row_error(expected, sn_udp_client_set_dont_fragment(which, true));
    row_error(expected, sn_udp_client_get_enable_broadcast(which, &truth));
    row_error(expected, sn_udp_client_set_enable_broadcast(which, true));
    row_error(expected, sn_udp_client_get_exclusive_address_use(which, &truth));
    row_error(expected, sn_udp_client_set_exclusive_address_use(which, true));
    row_error(expected, sn_udp_client_get_multicast_loopback(which, &truth));
    row_error(expected, sn_udp_client_set_multicast_loopback(which, true));
    row_error(expected, sn_udp_client_get_ttl(which, &number));
    row_error(expected, sn_udp_client_set_ttl(which, -1));
    row_equal(true, truth);
    row_equal(7, number);
    row_equal(7, size);
    row_equal(true, sn_udp_client_get_socket(which) == NULL);
}

TEST(no_client_is_no_crash)
{
    row_begin("NULL");
    address = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    every_member_gives(NULL, SN_ERROR_ARGUMENT_NULL);
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_set_socket(NULL, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_udp_client_set_active(NULL, true));
    row_equal(false, sn_udp_client_is_active(NULL));
    row_equal(true, sn_udp_client_retain(NULL) == NULL);
    sn_udp_client_close(NULL);
    sn_udp_client_release(NULL);
    sn_udp_client_send_async(NULL, "x", 1, NULL, NULL);
    rows_end();
}

TEST(a_closed_client_has_no_socket)
{
    connect_client(transport_of(state));
    sn_udp_client_close(client);
    sn_udp_client_close(client);
    row_begin("closed");
    every_member_gives(client, SN_ERROR_OBJECT_DISPOSED);
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_udp_client_set_socket(client, NULL));
    rows_end();
    close_all();
}

TEST(another_socket_can_be_set)
{
    open_client(UDP_IPV4);
    sn_socket *other = socket_bound(UDP_IPV4);
    assert_ok(sn_udp_client_set_socket(client, other));
    assert_ptr_equal(other, sn_udp_client_get_socket(client));
    assert_ok(sn_udp_client_send(client, "x", 1, &address, NULL));
    assert_receives(peer, "x");
    assert_ok(sn_udp_client_set_socket(client, NULL));
    row_begin("without a socket");
    every_member_gives(client, SN_ERROR_INVALID_OPERATION);
    rows_end();
    close_all();
}

/* As .NET does here, and nowhere else. */
TEST(a_client_whose_socket_was_taken_away_makes_another_for_a_host)
{
    open_client(UDP_IPV4);
    assert_ok(sn_udp_client_set_socket(client, NULL));
    assert_ok(sn_udp_client_connect_host(client, "127.0.0.1", port()));
    assert_true(sn_udp_client_is_active(client));
    send_text(sn_udp_client_get_socket(client), "x");
    assert_receives(peer, "x");
    close_all();
}

static sn_error receive_one(void *context)
{
    char byte;
    size_t size;
    sn_endpoint from;
    return sn_udp_client_receive(context, &byte, 1, &from, &size);
}

TEST(closing_the_client_ends_a_blocked_receive)
{
    struct thread receiver;
    sn_endpoint local = endpoint_free(transport_of(state));
    assert_ok(sn_udp_client_create_bound(&local, &client));
    thread_start_blocked(&receiver, receive_one, client);
    sn_udp_client_close(client);
    assert_error(SN_ERROR_INTERRUPTED, thread_join(&receiver));
    close_all();
}

TEST(a_shared_client_lives_until_its_last_reference)
{
    connect_client(UDP_IPV4);
    assert_ptr_equal(client, sn_udp_client_retain(client));
    sn_udp_client_release(client);
    assert_ok(sn_udp_client_send(client, "x", 1, NULL, NULL));
    assert_receives(peer, "x");
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_client_is_ipv4_or_ipv6),
        ON_UDP(a_client_can_be_bound_to_an_end_point_or_a_port),
        CASE(a_client_cannot_be_made_of_bad_input),
        ON_UDP(a_client_made_for_a_host_is_connected_to_it),
        CASE(a_client_made_for_a_mapped_address_is_connected_to_it),
        CASE(a_lack_of_memory_leaves_nothing_behind),
        ON_UDP(datagrams_go_to_an_end_point_and_come_back_with_their_sender),
        CASE(the_largest_datagram_fits_a_buffer_of_the_named_size),
        ON_UDP(a_connected_client_sends_without_an_end_point),
        ON_UDP(datagrams_go_to_a_host_by_name),
        CASE(a_dual_mode_client_sends_to_ipv4_hosts),
        ON_UDP(sending_and_receiving_asynchronously),
        ON_UDP(a_connected_client_takes_no_end_point_and_another_needs_one),
        CASE(bad_arguments_change_nothing),
        CASE(only_the_broadcast_address_itself_switches_broadcast_on),
        CASE(connecting_to_the_broadcast_address_switches_broadcast_on),
        CASE(an_ipv4_group_that_was_joined_on_an_address_is_heard),
        CASE(an_ipv4_group_is_joined_with_a_time_to_live_and_left),
        CASE(an_ipv6_group_is_joined_on_an_interface_and_left),
        CASE(groups_must_fit_the_client),
        ON_UDP(the_properties_are_those_of_the_socket),
        CASE(nat_traversal_is_never_possible),
        CASE(no_client_is_no_crash),
        ON_UDP(a_closed_client_has_no_socket),
        CASE(another_socket_can_be_set),
        CASE(a_client_whose_socket_was_taken_away_makes_another_for_a_host),
        ON_UDP(closing_the_client_ends_a_blocked_receive),
        CASE(a_shared_client_lives_until_its_last_reference),
    };
    clients_begin();
    return RUN(cases);
}
