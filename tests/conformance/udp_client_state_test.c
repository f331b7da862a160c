/*
 * UdpClient (contract I.4): its properties, and what is left of it without a socket, closed, and
 * for none.
 */
#include "conformance/udp_clients.h"
#include "support/clients_support.h"

#include <sennit/dotnet.h>

static void connect_client(enum transport transport)
{
    open_client(transport);
    assert_ok(sn_udp_client_connect(client, &address));
}

/* --- Properties ------------------------------------------------------------------------------- */

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

/* --- Without a client, closed, and without a socket ------------------------------------------- */

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
