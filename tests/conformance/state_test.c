/*
 * What a socket knows of itself: IsBound, Connected, LocalEndPoint and RemoteEndPoint, after each
 * thing that changes them (contract A.4 to A.6; traps 14 to 22, 62 and 91).
 */
#include "conformance/states.h"
#include "support/run.h"

#include "support/verbs.h"

static const sn_ip_address *loopback_of(enum transport transport)
{
    return transport_family(transport) == SN_FAMILY_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
}

static const sn_ip_address *any_of(enum transport transport)
{
    return transport_family(transport) == SN_FAMILY_IPV6 ? &SN_IPV6_ANY : &SN_IPV4_ANY;
}

static void bind_to_wildcard(sn_socket *socket, enum transport transport)
{
    sn_endpoint any = endpoint_wildcard(transport);
    assert_ok(sn_socket_bind(socket, &any));
}

/* --- Making, binding, listening -------------------------------------------------------------- */

TEST(a_fresh_socket_is_neither_bound_nor_connected)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_state(socket, false, false);
    assert_no_endpoints(socket);
    sn_socket_release(socket);
}

TEST(a_bound_socket_knows_the_port_that_the_system_chose)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    assert_state(socket, true, false);
    sn_endpoint local = local_endpoint(socket), again = local_endpoint(socket);
    if (transport_is_ip(transport)) {
        assert_int_not_equal(0, sn_endpoint_get_port(&local));
        assert_address(&local, loopback_of(transport));
    } else {
        assert_int_equal(SN_ENDPOINT_UNIX, sn_endpoint_get_kind(&local));
    }
    assert_same_endpoint(&local, &again); /* trap 14 */
    sn_endpoint remote = remote_endpoint(socket);
    assert_no_endpoint(&remote);
    sn_socket_release(socket);
}

TEST(a_failed_bind_leaves_the_socket_unbound)
{
    enum transport transport = transport_of(state);
    sn_socket *other = socket_bound(transport), *socket = socket_make(transport);
    sn_endpoint taken = local_endpoint(other);
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(socket, &taken));
    assert_state(socket, false, false);
    assert_no_endpoints(socket);
    sn_socket_release(socket);
    sn_socket_release(other);
}

TEST(listening_does_not_count_as_binding)
{
    sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
    assert_ok(sn_socket_listen(socket, 1));
    assert_state(socket, false, false);
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(socket, &server));
    sn_socket_release(socket);
}

/* --- Connecting and accepting ---------------------------------------------------------------- */

/* Trap 19; trap 22 for datagrams. */
TEST(both_ends_of_a_connection_know_each_other)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    assert_state(pair.client, true, true);
    assert_state(pair.server, true, true);
    sn_endpoint client_local = local_endpoint(pair.client);
    sn_endpoint client_remote = remote_endpoint(pair.client);
    sn_endpoint server_local = local_endpoint(pair.server);
    sn_endpoint server_remote = remote_endpoint(pair.server);
    assert_same_endpoint(&server_local, &client_remote);
    assert_same_endpoint(&client_local, &server_remote);
    if (pair.listener)
        assert_state(pair.listener, true, false);
    pair_release(&pair);
}

TEST(an_accepted_socket_is_of_the_listeners_kind)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    assert_int_equal(transport_family(transport), sn_socket_get_address_family(pair.server));
    assert_int_equal(transport_type(transport), sn_socket_get_socket_type(pair.server));
    assert_int_equal(transport_protocol(transport), sn_socket_get_protocol_type(pair.server));
    pair_release(&pair);
}

/* Trap 16. */
TEST(a_tcp_socket_bound_to_the_wildcard_knows_its_address_after_connecting)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    bind_to_wildcard(client, transport);
    sn_endpoint before = local_endpoint(client), remote = local_endpoint(listener);
    assert_address(&before, any_of(transport));
    assert_ok(do_connect(client, &remote));
    sn_endpoint after = local_endpoint(client);
    assert_address(&after, loopback_of(transport));
    assert_int_equal(sn_endpoint_get_port(&before), sn_endpoint_get_port(&after));
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* The same for the accepting side: the listener's wildcard is not taken over. */
TEST(a_socket_accepted_from_a_wildcard_listener_knows_its_address)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_make(transport), *client = socket_make(transport), *server = NULL;
    bind_to_wildcard(listener, transport);
    assert_ok(sn_socket_listen(listener, 1));
    sn_endpoint any = local_endpoint(listener);
    sn_endpoint remote = endpoint_of(loopback_of(transport), sn_endpoint_get_port(&any));
    assert_ok(do_connect(client, &remote));
    assert_ok(do_accept(listener, &server));
    sn_endpoint local = local_endpoint(server);
    assert_same_endpoint(&remote, &local);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* Trap 15, and its end by a connect. */
TEST(a_udp_socket_bound_to_the_wildcard_keeps_it_after_sending_but_not_after_connecting)
{
    enum transport transport = transport_of(state);
    sn_socket *sender = socket_make(transport), *receiver = socket_bound(transport);
    size_t sent;
    bind_to_wildcard(sender, transport);
    sn_endpoint before = local_endpoint(sender), to = local_endpoint(receiver);
    assert_ok(do_send_to(sender, "x", 1, SN_FLAG_NONE, &to, &sent));
    sn_endpoint after = local_endpoint(sender);
    assert_same_endpoint(&before, &after);
    assert_ok(do_connect(sender, &to));
    after = local_endpoint(sender);
    assert_address(&after, loopback_of(transport));
    assert_int_equal(sn_endpoint_get_port(&before), sn_endpoint_get_port(&after));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* Trap 17. */
TEST(sending_from_an_unbound_udp_socket_binds_it)
{
    enum transport transport = transport_of(state);
    sn_socket *sender = socket_make(transport), *receiver = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver);
    size_t sent;
    assert_ok(do_send_to(sender, "x", 1, SN_FLAG_NONE, &to, &sent));
    assert_state(sender, true, false);
    sn_endpoint local = local_endpoint(sender);
    assert_address(&local, any_of(transport));
    assert_int_not_equal(0, sn_endpoint_get_port(&local));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* Trap 18, with the loopback network's broadcast address. */
TEST(a_refused_broadcast_leaves_the_socket_unbound)
{
    sn_socket *sender = socket_make(UDP_IPV4);
    sn_endpoint broadcast = endpoint_of_text("127.255.255.255:9");
    size_t sent;
    assert_error(SN_ERROR_ACCESS_DENIED,
                 do_send_to(sender, "x", 1, SN_FLAG_NONE, &broadcast, &sent));
    assert_false(sn_socket_is_bound(sender));
    assert_no_endpoints(sender);
    sn_socket_release(sender);
}

TEST(connecting_an_unbound_datagram_socket_binds_it)
{
    enum transport transport = transport_of(state);
    sn_socket *a = socket_make(transport), *b = socket_bound(transport);
    sn_endpoint to = local_endpoint(b);
    assert_ok(do_connect(a, &to));
    assert_state(a, true, true);
    sn_socket_release(a);
    sn_socket_release(b);
}

/* --- Dual mode ------------------------------------------------------------------------------- */

/* Trap 20. */
TEST(a_dual_mode_listener_shows_ipv4_peers_as_mapped_addresses)
{
    static const char *const bound_to[] = {"[::]:0", "127.0.0.1:0", "[::ffff:127.0.0.1]:0"};
    sn_ip_address mapped = sn_ip_address_map_to_ipv6(&SN_IPV4_LOOPBACK);
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < sizeof bound_to / sizeof bound_to[0]; i++) {
        sn_socket *listener = NULL, *server = NULL, *client = socket_make(TCP_IPV4);
        assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
        sn_endpoint local = endpoint_of_text(bound_to[i]);
        assert_ok(sn_socket_bind(listener, &local));
        assert_ok(sn_socket_listen(listener, 1));
        local = local_endpoint(listener);
        assert_int_equal(SN_FAMILY_IPV6, sn_endpoint_get_family(&local));
        sn_endpoint remote = endpoint_of(&SN_IPV4_LOOPBACK, sn_endpoint_get_port(&local));
        assert_ok(do_connect(client, &remote));
        assert_ok(do_accept(listener, &server));
        assert_int_equal(SN_FAMILY_IPV6, sn_socket_get_address_family(server));
        sn_endpoint server_local = local_endpoint(server), server_remote = remote_endpoint(server);
        assert_address(&server_local, &mapped);
        assert_address(&server_remote, &mapped);
        bool is_dual = false;
        assert_ok(sn_socket_get_dual_mode(server, &is_dual));
        assert_true(is_dual);
        sn_socket_release(server);
        sn_socket_release(client);
        sn_socket_release(listener);
    }
}

/* Trap 21. */
TEST(a_dual_mode_socket_connected_to_ipv4_shows_both_ends_as_ipv6)
{
    sn_ip_address mapped = sn_ip_address_map_to_ipv6(&SN_IPV4_LOOPBACK);
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *client = NULL;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    sn_endpoint remote = local_endpoint(listener);
    assert_ok(do_connect_addresses(client, &SN_IPV4_LOOPBACK, 1, sn_endpoint_get_port(&remote)));
    sn_endpoint client_local = local_endpoint(client), client_remote = remote_endpoint(client);
    assert_address(&client_local, &mapped);
    assert_address(&client_remote, &mapped);
    assert_int_equal(sn_endpoint_get_port(&remote), sn_endpoint_get_port(&client_remote));
    sn_socket_release(client);
    sn_socket_release(listener);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_fresh_socket_is_neither_bound_nor_connected),
        ON_ALL_CONNECTED(a_bound_socket_knows_the_port_that_the_system_chose),
        ON_UDP(a_failed_bind_leaves_the_socket_unbound),
        CASE_ON(a_failed_bind_leaves_the_socket_unbound, UNIX_STREAM),
        CASE_ON(a_failed_bind_leaves_the_socket_unbound, UNIX_DATAGRAM),
        CASE(listening_does_not_count_as_binding),
        ON_ALL_CONNECTED(both_ends_of_a_connection_know_each_other),
        ON_LISTENERS(an_accepted_socket_is_of_the_listeners_kind),
        ON_TCP(a_tcp_socket_bound_to_the_wildcard_knows_its_address_after_connecting),
        ON_TCP(a_socket_accepted_from_a_wildcard_listener_knows_its_address),
        ON_UDP(a_udp_socket_bound_to_the_wildcard_keeps_it_after_sending_but_not_after_connecting),
        ON_UDP(sending_from_an_unbound_udp_socket_binds_it),
        CASE(a_refused_broadcast_leaves_the_socket_unbound),
        ON_UDP(connecting_an_unbound_datagram_socket_binds_it),
        CASE(a_dual_mode_listener_shows_ipv4_peers_as_mapped_addresses),
        CASE(a_dual_mode_socket_connected_to_ipv4_shows_both_ends_as_ipv6),
    };
    return RUN(cases);
}
