/*
 * Connecting asynchronously (contract B.5.2, B.5.3): with a socket of its own, by name, by a list
 * of addresses, to a listener whose queue is full; and disconnecting. Traps 21 to 37, 104, 105.
 */
#include "support/async.h"
#include "support/hosts.h"

#include <stdlib.h>

/* A listener on 127.0.0.1, and a port of the same address where nobody listens. */
struct place {
    sn_socket *listener, *refusing;
    sn_endpoint good, refused;
    int port;
};

static struct place place_make(void)
{
    struct place place = {.listener = socket_listening(TCP_IPV4, 8)};
    place.refusing = socket_refusing(TCP_IPV4);
    place.good = local_endpoint(place.listener);
    place.refused = local_endpoint(place.refusing);
    place.port = sn_endpoint_get_port(&place.good);
    return place;
}

static void place_release(struct place *place)
{
    sn_socket_release(place->listener);
    sn_socket_release(place->refusing);
}

static void assert_connected(sn_socket *socket, struct place *place)
{
    sn_socket *server = NULL;
    char byte = 0;
    assert_non_null(socket);
    assert_true(sn_socket_is_connected(socket));
    assert_ok(sn_socket_accept(place->listener, &server));
    send_plain(server, "x", 1);
    receive_plain(socket, &byte, 1);
    assert_int_equal('x', byte);
    sn_socket_release(server);
}

/* --- With a socket of its own (B.5.3) ----------------------------------------------------------
 */

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

/* --- Names and lists (B.5.2) -------------------------------------------------------------------
 */

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

/* --- A full queue ------------------------------------------------------------------------------
 */

TEST(a_connect_to_a_full_queue_waits_for_a_place)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport), *server = NULL;
    struct pending connect;
    pending_init(&connect);
    sn_socket_connect_async(socket, &full.address, &connect.operation);
    assert_int_equal(0, pending_count(&connect));
    while (pending_count(&connect) == 0) {
        assert_ok(sn_socket_accept(full.listener, &server));
        sn_socket_release(server);
        if (transport_family(transport) == SN_FAMILY_UNIX)
            pending_wait(&connect); /* one place is enough */
    }
    assert_pending(SN_OK, &connect);
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_connect_to_a_full_queue_times_out)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport);
    struct pending connect;
    pending_init(&connect);
    connect.operation.timeout_ms = 5;
    sn_socket_connect_async(socket, &full.address, &connect.operation);
    assert_pending(SN_ERROR_TIMED_OUT, &connect);
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    full_listener_release(&full);
}

/* --- Disconnecting -----------------------------------------------------------------------------
 */

/* Trap 104, the first half. */
TEST(a_socket_that_was_disconnected_for_reuse_connects_again)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct place place = place_make();
    struct pending disconnect, connect;
    pending_init(&disconnect);
    pending_init(&connect);
    sn_socket_disconnect_async(pair.client, true, &disconnect.operation);
    assert_pending(SN_OK, &disconnect);
    assert_false(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &place.good));
    sn_socket_connect_async(pair.client, &place.good, &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_connected(pair.client, &place);
    place_release(&place);
    pair_release(&pair);
}

/* It ends as aborted, or as what the shutdown has told it before; in .NET too it depends on the
 * moment. Nothing of it is left over for the next peer. */
TEST(what_is_pending_when_a_socket_is_disconnected_for_reuse_ends)
{
    enum { LARGE = 8000000 };
    unsigned char *large = calloc(1, LARGE);
    struct place place = place_make();
    for (int i = repetitions(20); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, send, connect, next;
        char old[4] = "", fresh[4] = "";
        pending_init(&receive);
        pending_init(&send);
        pending_init(&connect);
        pending_init(&next);
        sn_socket_receive_async(pair.client, old, 3, SN_FLAG_NONE, &receive.operation);
        sn_socket_send_async(pair.client, large, LARGE, SN_FLAG_NONE, &send.operation);
        assert_ok(sn_socket_disconnect(pair.client, true));
        sn_socket_connect_async(pair.client, &place.good, &connect.operation);
        pending_wait(&receive);
        pending_wait(&send);
        sn_error received = receive.operation.error, sent = send.operation.error;
        assert_true(received == SN_OK || received == SN_ERROR_OPERATION_ABORTED);
        assert_int_equal(receive.operation.transferred, 0);
        assert_true(sent == SN_ERROR_SHUTDOWN || sent == SN_ERROR_OPERATION_ABORTED);
        assert_true(send.operation.transferred < LARGE);
        assert_pending(SN_OK, &connect);
        sn_socket *peer = NULL;
        assert_ok(sn_socket_accept(place.listener, &peer));
        send_text(peer, "new");
        sn_socket_receive_async(pair.client, fresh, 3, SN_FLAG_NONE, &next.operation);
        assert_pending(SN_OK, &next);
        assert_string_equal(fresh, "new");
        assert_string_equal(old, "");
        sn_socket_release(peer);
        pair_release(&pair);
    }
    place_release(&place);
    free(large);
}

/* Trap 104, the second half; trap 105. */
TEST(a_socket_that_was_disconnected_for_good_does_not_connect_again)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_endpoint address = local_endpoint(pair.listener);
    sn_socket *fresh = socket_make(TCP_IPV4);
    struct pending disconnect, connect, never;
    pending_init(&disconnect);
    pending_init(&connect);
    pending_init(&never);
    sn_socket_disconnect_async(pair.client, false, &disconnect.operation);
    assert_pending(SN_OK, &disconnect);
    sn_socket_connect_async(pair.client, &address, &connect.operation);
    assert_pending(SN_ERROR_IS_CONNECTED, &connect);
    sn_socket_disconnect_async(fresh, false, &never.operation);
    assert_pending(SN_ERROR_NOT_CONNECTED, &never);
    sn_socket_release(fresh);
    pair_release(&pair);
}

/* --- Time limits -------------------------------------------------------------------------------
 */

/* A listener of 127.0.0.1 that does not answer, and one of 127.0.0.3 and the same port that does.
 */
struct silent {
    struct full_listener full;
    sn_socket *answering;
    sn_ip_address addresses[2]; /* in this order */
    int port;
};

static struct silent silent_make(void)
{
    struct silent silent = {.full = full_listener_make(TCP_IPV4),
                            .answering = socket_make(TCP_IPV4),
                            .addresses = {SN_IPV4_LOOPBACK}};
    silent.port = sn_endpoint_get_port(&silent.full.address);
    assert_ok(sn_ip_address_parse("127.0.0.3", &silent.addresses[1]));
    sn_endpoint other = endpoint_of(&silent.addresses[1], silent.port);
    if (sn_socket_bind(silent.answering, &other)) {
        sn_socket_release(silent.answering);
        full_listener_release(&silent.full);
        SKIP("another program has the port");
    }
    assert_ok(sn_socket_listen(silent.answering, 4));
    return silent;
}

static void silent_release(struct silent *silent)
{
    sn_socket_release(silent->answering);
    full_listener_release(&silent->full);
}

static sn_error connect_within(struct silent *silent, int limit_ms, int64_t timeout_ms,
                               size_t count, sn_socket **out_socket)
{
    struct pending connect;
    *out_socket = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_connect_timeout(*out_socket, limit_ms));
    pending_init(&connect);
    connect.operation.timeout_ms = timeout_ms;
    sn_socket_connect_addresses_async(*out_socket, silent->addresses, count, silent->port,
                                      &connect.operation);
    pending_wait(&connect);
    return connect.operation.error;
}

TEST(the_connect_timeout_is_for_each_address_and_the_operation_s_for_all)
{
    struct silent silent = silent_make();
    static const struct {
        int limit_ms;
        int64_t timeout_ms;
        size_t count;
        sn_error error;
    } rows[] = {
        /* The second address has to answer within the limit, on a busy machine too. */
        {250, 0, 2, SN_OK},
        {250, 600000, 2, SN_OK},
        {5, 0, 1, SN_ERROR_TIMED_OUT},
        {0, 5, 2, SN_ERROR_TIMED_OUT},
        {600000, 5, 2, SN_ERROR_TIMED_OUT},
        {5, 5, 2, SN_ERROR_TIMED_OUT},
        {250, INT64_MAX, 2, SN_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *socket;
        row_begin("limit %d, timeout %lld, %zu addresses", rows[i].limit_ms,
                  (long long)rows[i].timeout_ms, rows[i].count);
        row_error(rows[i].error, connect_within(&silent, rows[i].limit_ms, rows[i].timeout_ms,
                                                rows[i].count, &socket));
        row_equal(rows[i].error == SN_OK, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
    silent_release(&silent);
}

TEST(the_connect_timeout_holds_for_one_address_too)
{
    struct full_listener full = full_listener_make(transport_of(state));
    sn_endpoint name;
    assert_ok(sn_endpoint_from_dns(transport_of(state) == TCP_IPV4 ? "127.0.0.1" : "::1",
                                   sn_endpoint_get_port(&full.address),
                                   sn_endpoint_get_family(&full.address), &name));
    for (int by_name = 0; by_name <= 1; by_name++) {
        sn_socket *socket = socket_make(transport_of(state));
        struct pending connect;
        assert_ok(sn_socket_set_connect_timeout(socket, 5));
        pending_init(&connect);
        sn_socket_connect_async(socket, by_name ? &name : &full.address, &connect.operation);
        assert_pending(SN_ERROR_TIMED_OUT, &connect);
        sn_socket_release(socket);
    }
    full_listener_release(&full);
}

/* Nothing of the one that did not answer is left: the socket connects as a fresh one does. */
TEST(after_its_time_has_passed_a_socket_connects_elsewhere)
{
    struct silent silent = silent_make();
    sn_socket *socket;
    struct pending connect;
    sn_endpoint other = endpoint_of(&silent.addresses[1], silent.port);
    assert_error(SN_ERROR_TIMED_OUT, connect_within(&silent, 5, 0, 1, &socket));
    pending_init(&connect);
    sn_socket_connect_async(socket, &other, &connect.operation);
    assert_pending(SN_OK, &connect);
    sn_socket_release(socket);
    silent_release(&silent);
}

/* Started in a callback, where a start needs no way to its worker. */
static void connect_again(struct pending *pending)
{
    struct pending *inner = pending->context;
    sn_socket_connect_async(inner->context, inner->operation.context, &inner->operation);
}

TEST(a_connect_that_a_callback_starts_has_its_time_limit_too)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4);
    struct pending first, inner;
    sn_endpoint nobody = deserted_endpoint(SN_FAMILY_IPV4);
    sn_engine *engine = engine_make(1);
    assert_ok(sn_socket_set_engine(socket, engine));
    assert_ok(sn_socket_set_connect_timeout(socket, 250)); /* time enough for a refusal */
    pending_init(&first);
    pending_init(&inner);
    inner.context = socket;
    inner.operation.context = &full.address;
    first.context = &inner;
    first.then = connect_again;
    sn_socket_connect_async(socket, &nobody, &first.operation);
    pending_wait(&inner);
    assert_error(SN_ERROR_CONNECTION_REFUSED, first.operation.error);
    assert_error(SN_ERROR_TIMED_OUT, inner.operation.error);
    sn_socket_release(socket);
    full_listener_release(&full);
    engine_destroy(engine);
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
        CASE_ON(a_connect_to_a_full_queue_waits_for_a_place, UNIX_STREAM),
        CASE_ON(a_connect_to_a_full_queue_waits_for_a_place, UNIX_SEQPACKET),
        ON_LISTENERS(a_connect_to_a_full_queue_times_out),
        CASE(a_socket_that_was_disconnected_for_reuse_connects_again),
        CASE(what_is_pending_when_a_socket_is_disconnected_for_reuse_ends),
        CASE(a_socket_that_was_disconnected_for_good_does_not_connect_again),
        CASE(the_connect_timeout_is_for_each_address_and_the_operation_s_for_all),
        ON_TCP(the_connect_timeout_holds_for_one_address_too),
        CASE(after_its_time_has_passed_a_socket_connects_elsewhere),
        CASE(a_connect_that_a_callback_starts_has_its_time_limit_too),
    };
    return RUN(cases);
}
