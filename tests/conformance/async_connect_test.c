/*
 * Connecting asynchronously (contract B.5.2, B.5.3): with a socket of its own, by name, by a list
 * of addresses. Traps 21 to 37, 104, 105.
 */
#include "conformance/places.h"
#include "support/async.h"
#include "support/hosts.h"

/* --- With a socket of its own (B.5.3) --------------------------------------------------------- */

static sn_error create_connected(const sn_endpoint *remote, struct pending *connect)
{
    pending_init(connect);
    sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, remote, &connect->operation);
    pending_wait(connect);
    return connect->operation.error;
}

TEST(a_connect_can_make_its_own_socket)
{
    NEED_LOCALHOST();
    struct place place = place_make();
    struct pending connect;
    sn_endpoint ways[3] = {place.good}; /* an address, a name, the text of an address */
    assert_ok(sn_endpoint_from_dns("localhost", place.port, SN_FAMILY_UNSPECIFIED, &ways[1]));
    assert_ok(sn_endpoint_from_dns("127.0.0.1", place.port, SN_FAMILY_IPV4, &ways[2]));
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_ok(create_connected(&ways[i], &connect));
        sn_socket *made = connect.operation.socket;
        assert_connected(made, &place);
        assert_int_equal(SN_FAMILY_IPV4, sn_socket_get_address_family(made)); /* trap 33 */
        sn_socket_release(made);
    }
    place_release(&place);
}

static void assert_dual_mode(sn_socket *socket)
{
    bool is_dual = false;
    assert_ok(sn_socket_get_dual_mode(socket, &is_dual));
    assert_true(is_dual);
}

TEST(a_mapped_address_gives_a_dual_mode_socket)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct place place = place_make();
    struct pending connect;
    sn_ip_address mapped;
    assert_ok(sn_ip_address_parse("::ffff:127.0.0.1", &mapped));
    sn_endpoint ways[3] = {endpoint_of(&mapped, place.port)};
    assert_ok(
        sn_endpoint_from_dns("::ffff:127.0.0.1", place.port, SN_FAMILY_UNSPECIFIED, &ways[1]));
    assert_ok(sn_endpoint_from_dns("::ffff:7f00:1", place.port, SN_FAMILY_IPV6, &ways[2]));
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_ok(create_connected(&ways[i], &connect));
        assert_connected(connect.operation.socket, &place);
        assert_dual_mode(connect.operation.socket);
        sn_socket_release(connect.operation.socket);
    }
    place_release(&place);
}

TEST(a_datagram_socket_is_made_for_a_mapped_address_too)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *server = socket_bound(UDP_IPV4);
    sn_endpoint local = local_endpoint(server), remote;
    assert_ok(sn_endpoint_from_dns("::ffff:127.0.0.1", sn_endpoint_get_port(&local),
                                   SN_FAMILY_UNSPECIFIED, &remote));
    struct pending connect;
    pending_init(&connect);
    sn_socket_create_connected_async(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &remote,
                                     &connect.operation);
    pending_wait(&connect);
    assert_ok(connect.operation.error);
    assert_dual_mode(connect.operation.socket);
    send_text(connect.operation.socket, "x");
    assert_receives(server, "x");
    sn_socket_release(connect.operation.socket);
    sn_socket_release(server);
}

/* Traps 30 to 32. */
TEST(a_connect_that_fails_leaves_no_socket)
{
    NEED_LOCALHOST();
    struct place place = place_make();
    sn_endpoint refused_name, refused_text, unknown, other_family;
    int refused_port = sn_endpoint_get_port(&place.refused);
    assert_ok(
        sn_endpoint_from_dns("127.0.0.1", refused_port, SN_FAMILY_UNSPECIFIED, &refused_text));
    assert_ok(sn_endpoint_from_dns("localhost", refused_port, SN_FAMILY_IPV4, &refused_name));
    assert_ok(sn_endpoint_from_dns("no-such-host.invalid", 1, SN_FAMILY_UNSPECIFIED, &unknown));
    assert_ok(sn_endpoint_from_dns("127.0.0.1", place.port, SN_FAMILY_IPV6, &other_family));
    struct pending connect;
    assert_error(SN_ERROR_CONNECTION_REFUSED, create_connected(&place.refused, &connect));
    assert_null(connect.operation.socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, create_connected(&refused_text, &connect));
    assert_null(connect.operation.socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, create_connected(&refused_name, &connect));
    assert_null(connect.operation.socket);
    assert_error(SN_ERROR_NO_DATA, create_connected(&other_family, &connect));
    assert_null(connect.operation.socket);
    sn_error error = create_connected(&unknown, &connect);
    assert_null(connect.operation.socket);
    if (error != SN_ERROR_TRY_AGAIN) /* a machine whose resolver has nobody to ask */
        assert_true(error == SN_ERROR_HOST_NOT_FOUND || error == SN_ERROR_NO_DATA);
    place_release(&place);
}

/* Trap 34: "every address of this machine" is nobody's name. The record can be used again. */
TEST(the_unspecified_address_is_no_name_to_connect_to)
{
    static const char *const names[] = {"0.0.0.0", "::0", "::", "[::]"};
    struct place place = place_make();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        struct pending record;
        sn_endpoint nobody;
        row_begin("%s", names[i]);
        assert_ok(sn_endpoint_from_dns(names[i], place.port, SN_FAMILY_UNSPECIFIED, &nobody));
        row_error(SN_ERROR_ARGUMENT, create_connected(&nobody, &record));
        row_equal(true, record.operation.socket == NULL);
        sn_socket_connect_async(socket, &nobody, &record.operation);
        pending_wait_count(&record, 2);
        row_error(SN_ERROR_ARGUMENT, record.operation.error);
        row_equal(false, sn_socket_is_connected(socket));
        sn_socket_connect_async(socket, &place.good, &record.operation);
        pending_wait_count(&record, 3);
        row_error(SN_OK, record.operation.error);
        assert_connected(socket, &place);
        sn_socket_release(socket);
    }
    rows_end();
    place_release(&place);
}

TEST(a_connect_with_a_socket_of_its_own_can_be_cancelled)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    struct pending connect;
    pending_init(&connect);
    sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &full.address,
                                     &connect.operation);
    sn_operation_cancel(&connect.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &connect);
    assert_null(connect.operation.socket);
    full_listener_release(&full);
}

/* --- Names and lists (B.5.2) ------------------------------------------------------------------ */

/* Traps 26, 29. */
TEST(a_list_goes_on_to_the_next_address_and_keeps_the_options)
{
    struct place place = place_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    bool no_delay = false;
    sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    assert_ok(sn_ip_address_parse("127.0.0.9", &list[1])); /* nobody listens there */
    assert_ok(sn_socket_set_no_delay(socket, true));
    struct pending connect;
    pending_init(&connect);
    sn_socket_connect_addresses_async(socket, list, 3, place.port, &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_connected(socket, &place);
    assert_ok(sn_socket_get_no_delay(socket, &no_delay));
    assert_true(no_delay);
    pending_init(&connect); /* trap 23 */
    sn_socket_connect_addresses_async(socket, list, 3, place.port, &connect.operation);
    assert_pending(SN_ERROR_IS_CONNECTED, &connect);
    sn_socket_release(socket);
    place_release(&place);
}

TEST(a_list_of_which_none_answers_gives_the_last_failure)
{
    struct place place = place_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    int port = sn_endpoint_get_port(&place.refused);
    const sn_ip_address list[] = {SN_IPV4_LOOPBACK, SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
    struct pending connect;
    pending_init(&connect);
    sn_socket_connect_addresses_async(socket, list, 3, port, &connect.operation);
    assert_pending(SN_ERROR_CONNECTION_REFUSED, &connect);
    assert_false(sn_socket_is_connected(socket));
    pending_init(&connect); /* trap 27 */
    sn_socket_connect_async(socket, &place.good, &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_connected(socket, &place);
    sn_socket_release(socket);
    place_release(&place);
}

/* The host's text is only lent for the call. */
TEST(a_host_is_connected_to_by_name_and_by_the_text_of_an_address)
{
    NEED_LOCALHOST();
    struct place place = place_make();
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        struct pending connect;
        char host[16];
        snprintf(host, sizeof host, "%s", hosts[i]);
        pending_init(&connect);
        sn_socket_connect_host_async(socket, host, place.port, &connect.operation);
        memset(host, '?', sizeof host);
        assert_pending(SN_OK, &connect);
        assert_connected(socket, &place);
        sn_socket_release(socket);
    }
    place_release(&place);
}

/* Several chains at once, each ended in another way. */
TEST(connects_by_name_can_be_cancelled_closed_and_left_alone)
{
    NEED_LOCALHOST();
    struct place place = place_make();
    for (int i = repetitions(30); i > 0; i--) {
        sn_socket *sockets[3];
        struct pending connects[3];
        pending_init_all(connects, 3);
        for (int k = 0; k < 3; k++) {
            sockets[k] = socket_make(TCP_IPV4);
            sn_socket_connect_host_async(sockets[k], "localhost", place.port,
                                         &connects[k].operation);
        }
        sn_operation_cancel(&connects[0].operation);
        sn_socket_close(sockets[1]);
        for (int k = 0; k < 3; k++)
            pending_wait(&connects[k]);
        if (connects[0].operation.error)
            assert_error(SN_ERROR_OPERATION_CANCELED, connects[0].operation.error);
        if (connects[1].operation.error)
            assert_error(SN_ERROR_OPERATION_ABORTED, connects[1].operation.error);
        assert_pending(SN_OK, &connects[2]);
        for (int k = 0; k < 3; k++)
            sn_socket_release(sockets[k]);
        sn_socket *server = NULL; /* whatever has come through */
        set_blocking(place.listener, false);
        while (sn_socket_accept(place.listener, &server) == SN_OK)
            sn_socket_release(server);
        set_blocking(place.listener, true);
    }
    place_release(&place);
}

/* The back-end is told of the descriptor for the receive, while the connect waits for no event. */
TEST(a_receive_may_be_started_while_a_name_is_looked_up)
{
    NEED_LOCALHOST();
    struct place place = place_make();
    for (int i = repetitions(20); i > 0; i--) {
        struct pending both[2];
        char data[8];
        sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
        pending_init_all(both, 2);
        sn_socket_connect_host_async(socket, "localhost", place.port, &both[0].operation);
        sn_socket_receive_async(socket, data, sizeof data, SN_FLAG_NONE, &both[1].operation);
        assert_pending(SN_OK, &both[0]);
        assert_ok(sn_socket_accept(place.listener, &server));
        sn_socket_release(server); /* ends the receive, if it is pending */
        pending_wait(&both[1]);
        sn_socket_release(socket);
    }
    place_release(&place);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_connect_can_make_its_own_socket),
        CASE(a_mapped_address_gives_a_dual_mode_socket),
        CASE(a_datagram_socket_is_made_for_a_mapped_address_too),
        CASE(a_connect_that_fails_leaves_no_socket),
        CASE(the_unspecified_address_is_no_name_to_connect_to),
        CASE(a_connect_with_a_socket_of_its_own_can_be_cancelled),
        CASE(a_list_goes_on_to_the_next_address_and_keeps_the_options),
        CASE(a_list_of_which_none_answers_gives_the_last_failure),
        CASE(a_host_is_connected_to_by_name_and_by_the_text_of_an_address),
        CASE(connects_by_name_can_be_cancelled_closed_and_left_alone),
        CASE(a_receive_may_be_started_while_a_name_is_looked_up),
    };
    return RUN(cases);
}
