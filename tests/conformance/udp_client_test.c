/*
 * UdpClient (contract I.4; traps 123 and 124): making one, sending and receiving.
 */
#include "conformance/udp_clients.h"
#include "support/clients_support.h"

#include <limits.h>

#include "support/allocations.h"

static const char *host_of(enum transport transport)
{
    return transport == UDP_IPV4 ? "127.0.0.1" : "::1";
}

/* --- Making ----------------------------------------------------------------------------------- */

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

/* --- Sending and receiving -------------------------------------------------------------------- */

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
    char text[16] = "", request[16];
    size_t size;
    sn_endpoint from = {0}, sender;
    sn_operation send = {0}, receive = {0};
    open_client(transport_of(state));
    sn_udp_client_send_async(client, "ping", 4, &address, &send);
    assert_ok(completed(&send));
    assert_int_equal(4, send.transferred);
    sn_udp_client_receive_async(client, text, sizeof text, &from, &receive);
    assert_false(sn_operation_is_completed(&receive));
    assert_ok(sn_socket_receive_from(peer, request, sizeof request, 0, &sender, &size));
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
    };
    clients_begin();
    return RUN(cases);
}
