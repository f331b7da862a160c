/*
 * Connected (contract A.4 to A.6): what ends it and what does not, and a connect on its way.
 */
#include "conformance/states.h"
#include "support/run.h"

#include "support/verbs.h"

/* --- What ends Connected, and what does not -------------------------------------------------- */

TEST(the_orderly_end_of_the_peer_is_not_noticed_as_a_disconnection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket_close(pair.server);
    assert_receives_end(pair.client);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* Trap 62, and the other rows of A.6 that change nothing. */
TEST(a_timeout_and_a_call_that_would_block_leave_the_socket_connected)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(pair.client, 5));
    assert_receive_fails(pair.client, SN_ERROR_TIMED_OUT);
    assert_true(sn_socket_is_connected(pair.client));
    set_blocking(pair.client, false);
    assert_receive_fails(pair.client, SN_ERROR_WOULD_BLOCK);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(a_reset_by_the_peer_ends_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint address = local_endpoint(pair.listener);
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    assert_true(sn_socket_is_connected(pair.client)); /* nobody has looked yet */
    assert_receive_fails(pair.client, SN_ERROR_CONNECTION_RESET);
    assert_state(pair.client, true, false);
    sn_endpoint remote = remote_endpoint(pair.client);
    assert_no_endpoint(&remote);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &address));
    pair_release(&pair);
}

/* A.5: what was read once is remembered; what was not cannot be read any more. */
TEST(the_peers_address_is_remembered_once_it_was_read)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint remote = remote_endpoint(pair.client);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    assert_false(sn_socket_is_connected(pair.client));
    sn_endpoint again = remote_endpoint(pair.client);
    assert_same_endpoint(&remote, &again);
    pair_release(&pair);

    pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    remote = remote_endpoint(pair.client);
    assert_no_endpoint(&remote);
    pair_release(&pair);
}

TEST(reading_the_peers_address_of_a_reset_connection_gives_not_connected)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint remote;
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_get_remote_endpoint(pair.client, &remote));
    assert_false(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* A quirk of .NET that A.4 keeps: the second connect does not refresh what was read. */
TEST(connecting_a_datagram_socket_again_keeps_the_peers_address_that_was_read)
{
    BLOCKING_ONLY("an asynchronous connect refuses any connected socket");
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_make(transport);
    sn_socket *first = socket_bound(transport), *second = socket_bound(transport);
    sn_endpoint to = local_endpoint(first);
    assert_ok(do_connect(socket, &to));
    sn_endpoint remote = remote_endpoint(socket);
    sn_endpoint next = local_endpoint(second);
    assert_ok(do_connect(socket, &next));
    assert_true(sn_socket_is_connected(socket));
    sn_endpoint again = remote_endpoint(socket);
    assert_same_endpoint(&remote, &again);
    send_text(socket, "to the second");
    assert_receives(second, "to the second");
    sn_socket_release(socket);
    sn_socket_release(first);
    sn_socket_release(second);
}

/* A.6: a failed call of any kind, also one that never touches the connection. */
TEST(a_failed_bind_makes_a_connected_socket_count_as_disconnected)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_endpoint free = endpoint_free(TCP_IPV4), address = local_endpoint(pair.listener);
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_bind(pair.client, &free));
    assert_false(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &address));
    send_text(pair.client, "all the same");
    assert_receives(pair.server, "all the same");
    pair_release(&pair);
}

/* Trap 91, and the options it does not speak of. */
TEST(a_failed_option_ends_the_connection_unless_the_option_is_unknown)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    int value;
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_option(pair.client, SN_LEVEL_UDP, SN_OPTION_NO_CHECKSUM, &value));
    assert_true(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_PROTOCOL_OPTION, sn_socket_set_option(pair.client, SN_LEVEL_SOCKET,
                                                                SN_OPTION_ACCEPT_CONNECTION, 1));
    assert_true(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_set_ttl(pair.client, 0));
    assert_false(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(misuse_that_never_reaches_the_system_leaves_the_socket_connected)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_endpoint address = local_endpoint(pair.listener);
    size_t size;
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(pair.client, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_send(pair.client, NULL, 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_bind(pair.client, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_ttl(pair.client, 256));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* --- A connect on its way -------------------------------------------------------------------- */

static sn_socket *connecting(const sn_endpoint *to)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, to));
    return socket;
}

static void discover_by_connected(sn_socket *socket)
{
    (void)sn_socket_is_connected(socket);
}

static void discover_by_local(sn_socket *socket)
{
    (void)local_endpoint(socket);
}

static void discover_by_remote(sn_socket *socket)
{
    (void)remote_endpoint(socket);
}

static void (*const discoveries[])(sn_socket *) = {discover_by_connected, discover_by_local,
                                                   discover_by_remote};
enum { DISCOVERIES = sizeof discoveries / sizeof discoveries[0] };

TEST(a_connect_on_its_way_is_not_a_connection)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = connecting(&full.address);
    assert_false(sn_socket_is_connected(socket));
    assert_no_endpoints(socket);
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_finished_non_blocking_connect_is_discovered_by_looking)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 8);
    sn_endpoint to = local_endpoint(listener);
    for (int i = 0; i < DISCOVERIES; i++) {
        sn_socket *socket = connecting(&to);
        wait_writable(socket);
        discoveries[i](socket);
        assert_state(socket, true, true);
        sn_endpoint remote = remote_endpoint(socket), local = local_endpoint(socket);
        assert_same_endpoint(&to, &remote);
        assert_address(&local, &SN_IPV4_LOOPBACK);
        sn_socket_release(socket);
    }
    sn_socket_release(listener);
}

/* The look consumes the error (A.4). */
TEST(a_failed_non_blocking_connect_is_discovered_by_looking)
{
    sn_socket *refusing = socket_refusing(TCP_IPV4);
    sn_endpoint to = local_endpoint(refusing);
    for (int i = 0; i < DISCOVERIES; i++) {
        sn_socket *socket = connecting(&to);
        int error = -1;
        wait_writable(socket);
        discoveries[i](socket);
        assert_false(sn_socket_is_connected(socket));
        assert_no_endpoints(socket);
        assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &error));
        assert_error(SN_OK, (sn_error)error);
        sn_socket_release(socket);
    }
    sn_socket_release(refusing);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(the_orderly_end_of_the_peer_is_not_noticed_as_a_disconnection),
        ON_ALL_CONNECTED(a_timeout_and_a_call_that_would_block_leave_the_socket_connected),
        ON_TCP(a_reset_by_the_peer_ends_the_connection),
        ON_TCP(the_peers_address_is_remembered_once_it_was_read),
        ON_TCP(reading_the_peers_address_of_a_reset_connection_gives_not_connected),
        ON_UDP(connecting_a_datagram_socket_again_keeps_the_peers_address_that_was_read),
        CASE(a_failed_bind_makes_a_connected_socket_count_as_disconnected),
        CASE(a_failed_option_ends_the_connection_unless_the_option_is_unknown),
        CASE(misuse_that_never_reaches_the_system_leaves_the_socket_connected),
        CASE(a_connect_on_its_way_is_not_a_connection),
        CASE(a_finished_non_blocking_connect_is_discovered_by_looking),
        CASE(a_failed_non_blocking_connect_is_discovered_by_looking),
    };
    return RUN(cases);
}
