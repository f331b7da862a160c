/*
 * TcpClient (contract I.2; trap 122): making one, and connecting it.
 */
#include "conformance/tcp_clients.h"
#include "support/clients_support.h"

#include <limits.h>

#include "support/allocations.h"
#include "support/hosts.h"

/* --- Making ----------------------------------------------------------------------------------- */

/* Trap 122, the first half. */
TEST(a_client_is_ipv4_or_ipv6_or_both)
{
    static const struct {
        sn_address_family family;
        sn_error expected;
        bool is_dual_mode;
    } rows[] = {
        {SN_FAMILY_IPV4, SN_OK, false},
        {SN_FAMILY_IPV6, SN_OK, false},
        {SN_FAMILY_UNSPECIFIED, SN_OK, true},
        {SN_FAMILY_UNIX, SN_ERROR_ARGUMENT, false},
        {SN_FAMILY_UNKNOWN, SN_ERROR_ARGUMENT, false},
        {SN_FAMILY_PACKET, SN_ERROR_ARGUMENT, false},
        {(sn_address_family)INT_MAX, SN_ERROR_ARGUMENT, false},
        {(sn_address_family)INT_MIN, SN_ERROR_ARGUMENT, false},
    };
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_dual_mode = false;
        row_begin("family %d", (int)rows[i].family);
        row_error(rows[i].expected, sn_tcp_client_create(rows[i].family, &client));
        if (client) {
            sn_socket *socket = socket_of(client);
            row_error(SN_OK, sn_socket_get_dual_mode(socket, &is_dual_mode));
            row_equal(SN_TYPE_STREAM, sn_socket_get_socket_type(socket));
            row_equal(false, sn_tcp_client_is_connected(client));
            row_equal(false, sn_tcp_client_is_active(client));
        }
        row_equal(rows[i].is_dual_mode, is_dual_mode);
        close_all();
    }
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create(SN_FAMILY_IPV4, NULL));
    rows_end();
}

TEST(a_client_can_be_bound_before_it_connects)
{
    enum transport transport = transport_of(state);
    sn_endpoint local = endpoint_free(transport), none = {0}, name;
    listen_on(transport);
    assert_ok(sn_tcp_client_create_bound(&local, &client));
    sn_endpoint expected = local_endpoint(socket_of(client));
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
    sn_endpoint actual = remote_endpoint(server);
    assert_same_endpoint(&expected, &actual);
    assert_ok(sn_endpoint_from_dns("localhost", 0, SN_FAMILY_UNSPECIFIED, &name));
    sn_endpoint path = endpoint_of_path("/nowhere");
    sn_tcp_client *another = NULL;
    row_begin("bad input");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(NULL, &another));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(&none, &another));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(&local, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_create_bound(&name, &another));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_create_bound(&path, &another));
    row_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_tcp_client_create_bound(&address, &another));
    rows_end();
    assert_null(another);
    close_all();
}

TEST(a_client_made_for_a_host_has_a_socket_of_the_host_s_family)
{
    enum transport transport = transport_of(state);
    const char *host = transport == TCP_IPV4 ? "127.0.0.1" : "::1";
    listen_on(transport);
    assert_ok(sn_tcp_client_create_connected(host, port_of(&address), &client));
    accept_server();
    assert_int_equal(transport_family(transport), sn_socket_get_address_family(socket_of(client)));
    assert_true(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(server, "x");
    assert_receives(socket_of(client), "x");
    close_all();
}

TEST(a_client_reaches_an_ipv4_address_in_its_ipv6_form)
{
    static const char mapped[] = "::ffff:127.0.0.1";
    bool is_dual = false;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create_connected(mapped, port_of(&address), &client));
    accept_server();
    assert_ok(sn_socket_get_dual_mode(socket_of(client), &is_dual));
    assert_true(is_dual);
    close_all();
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create(SN_FAMILY_UNSPECIFIED, &client));
    assert_ok(sn_tcp_client_connect_host(client, mapped, port_of(&address)));
    accept_server();
    close_all();
}

TEST(a_client_made_for_a_host_tries_every_address)
{
    NEED_LOCALHOST();
    listen_on(TCP_IPV4); /* "localhost" may be ::1 as well, where nobody listens */
    assert_ok(sn_tcp_client_create_connected("localhost", port_of(&address), &client));
    accept_server();
    close_all();
}

TEST(a_client_cannot_be_made_for_a_bad_host)
{
    sn_socket *refusing = socket_refusing(TCP_IPV4);
    sn_endpoint refused = local_endpoint(refusing);
    static const struct {
        const char *host;
        int port;
        sn_error expected;
    } rows[] = {
        {NULL, 9, SN_ERROR_ARGUMENT_NULL},
        {NULL, -1, SN_ERROR_ARGUMENT_NULL},
        {"localhost", -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"localhost", 65536, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"localhost", INT_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"0.0.0.0", 9, SN_ERROR_ARGUMENT},
        {"::", 9, SN_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s %d", rows[i].host ? rows[i].host : "NULL", rows[i].port);
        row_error(rows[i].expected,
                  sn_tcp_client_create_connected(rows[i].host, rows[i].port, &client));
    }
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_connected("localhost", 9, NULL));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_create_connected("127.0.0.1", port_of(&refused), &client));
    rows_end();
    assert_null(client);
    sn_socket_release(refusing);
}

TEST(a_client_of_a_socket_adopts_it)
{
    struct socket_pair pair = pair_unbound(transport_of(state));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_from_socket(NULL, &client));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_from_socket(pair.client, NULL));
    assert_ok(sn_tcp_client_from_socket(pair.client, &client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(socket_of(client), "x");
    assert_receives(pair.server, "x");
    pair.client = NULL;
    close_all();
    assert_receives_end(pair.server);
    pair_release(&pair);
}

TEST(a_lack_of_memory_leaves_nothing_behind)
{
    struct socket_pair pair = pair_unbound(TCP_IPV4);
    sn_endpoint local = endpoint_free(TCP_IPV4);
    allocations_begin();
    row_begin("no memory");
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_create(SN_FAMILY_IPV4, &client));
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_create_bound(&local, &client));
    }
    allocations_fail_nth(1);
    row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_from_socket(pair.client, &client));
    row_equal(0, allocations_outstanding());
    allocations_end();
    rows_end();
    assert_null(client);
    send_text(pair.client, "x"); /* still the caller's */
    assert_receives(pair.server, "x");
    pair_release(&pair);
}

/* --- Connecting ------------------------------------------------------------------------------- */

TEST(a_client_of_both_families_connects_to_either)
{
    open_client(transport_of(state));
    assert_true(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(server, "x");
    assert_receives(socket_of(client), "x");
    close_all();
}

TEST(connecting_by_host_or_by_addresses)
{
    NEED_LOCALHOST();
    const sn_ip_address addresses[] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
    for (int way = 0; way < 3; way++) {
        listen_on(TCP_IPV4);
        assert_ok(sn_tcp_client_create(way == 2 ? SN_FAMILY_UNSPECIFIED : SN_FAMILY_IPV4, &client));
        if (way == 0)
            assert_ok(sn_tcp_client_connect_host(client, "127.0.0.1", port_of(&address)));
        else if (way == 1)
            assert_ok(sn_tcp_client_connect_addresses(client, addresses, 2, port_of(&address)));
        else
            assert_ok(sn_tcp_client_connect_host(client, "localhost", port_of(&address)));
        accept_server();
        assert_true(sn_tcp_client_is_active(client));
        close_all();
    }
}

TEST(connecting_asynchronously)
{
    enum transport transport = transport_of(state);
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV6_LOOPBACK};
    const char *host = transport == TCP_IPV4 ? "127.0.0.1" : "::1";
    for (int way = 0; way < 3; way++) {
        sn_operation operation = {0};
        listen_on(transport);
        assert_ok(sn_tcp_client_create(transport_family(transport), &client));
        if (way == 0)
            sn_tcp_client_connect_async(client, &address, &operation);
        else if (way == 1)
            sn_tcp_client_connect_addresses_async(client, addresses, 2, port_of(&address),
                                                  &operation);
        else
            sn_tcp_client_connect_host_async(client, host, port_of(&address), &operation);
        assert_ok(completed(&operation));
        accept_server();
        assert_true(sn_tcp_client_is_connected(client));
        assert_true(sn_tcp_client_is_active(client));
        assert_error(SN_ERROR_IS_CONNECTED,
                     sn_tcp_client_connect_host(client, host, port_of(&address)));
        close_all();
    }
}

TEST(a_client_that_was_connected_refuses_another_host)
{
    open_client(TCP_IPV4);
    assert_error(SN_ERROR_IS_CONNECTED, sn_tcp_client_connect_host(client, "localhost", 9));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host(client, NULL, 9));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_tcp_client_connect_host(client, "a", -1));
    assert_error(SN_ERROR_IS_CONNECTED, sn_tcp_client_connect(client, &address));
    assert_ok(sn_socket_shutdown(socket_of(client), SN_SHUTDOWN_BOTH));
    assert_false(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client)); /* once connected, always active */
    assert_error(SN_ERROR_INVALID_OPERATION, sn_tcp_client_connect_host(client, "localhost", 9));
    assert_ok(sn_tcp_client_set_active(client, false));
    assert_false(sn_tcp_client_is_active(client));
    close_all();
}

TEST(a_failed_connect_leaves_a_client_that_can_connect)
{
    NEED_LOCALHOST();
    sn_socket *refusing = socket_refusing(TCP_IPV4);
    sn_endpoint refused = local_endpoint(refusing);
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create(SN_FAMILY_IPV4, &client));
    row_begin("failures");
    row_error(SN_ERROR_CONNECTION_REFUSED, sn_tcp_client_connect(client, &refused));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "127.0.0.1", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_addresses(client, &SN_IPV4_LOOPBACK, 1, port_of(&refused)));
    row_error(SN_ERROR_NOT_SUPPORTED, sn_tcp_client_connect_host(client, "::1", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "localhost", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "0.0.0.0", port_of(&refused)));
    row_async(SN_ERROR_NOT_SUPPORTED,
              sn_tcp_client_connect_host_async(client, "::1", port_of(&refused), operation));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_connect_addresses(client, &SN_IPV6_LOOPBACK, 1, 9));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_connect_addresses(client, &SN_IPV4_LOOPBACK, 0, 9));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_addresses(client, NULL, 1, 9));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect(client, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host(client, NULL, 9));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_async(client, NULL, operation));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host_async(client, NULL, 9, operation));
    row_async(SN_ERROR_ARGUMENT, sn_tcp_client_connect_host_async(client, "", 9, operation));
    row_async(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_tcp_client_connect_addresses_async(client, &SN_IPV4_LOOPBACK, 1, -1, operation));
    row_equal(false, sn_tcp_client_is_active(client));
    rows_end();
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
    sn_socket_release(refusing);
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_client_is_ipv4_or_ipv6_or_both),
        ON_TCP(a_client_can_be_bound_before_it_connects),
        ON_TCP(a_client_made_for_a_host_has_a_socket_of_the_host_s_family),
        CASE(a_client_reaches_an_ipv4_address_in_its_ipv6_form),
        CASE(a_client_made_for_a_host_tries_every_address),
        CASE(a_client_cannot_be_made_for_a_bad_host),
        ON_TCP(a_client_of_a_socket_adopts_it),
        CASE(a_lack_of_memory_leaves_nothing_behind),
        ON_TCP(a_client_of_both_families_connects_to_either),
        CASE(connecting_by_host_or_by_addresses),
        ON_TCP(connecting_asynchronously),
        CASE(a_client_that_was_connected_refuses_another_host),
        CASE(a_failed_connect_leaves_a_client_that_can_connect),
    };
    clients_begin();
    return RUN(cases);
}
