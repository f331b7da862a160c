/*
 * Asynchronous connects that wait for a place in a full queue, or only so long (contract B.5.2).
 */
#include "support/async.h"

/* --- A full queue ----------------------------------------------------------------------------- */

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

/* --- Time limits ------------------------------------------------------------------------------ */

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
        CASE_ON(a_connect_to_a_full_queue_waits_for_a_place, UNIX_STREAM),
        CASE_ON(a_connect_to_a_full_queue_waits_for_a_place, UNIX_SEQPACKET),
        ON_LISTENERS(a_connect_to_a_full_queue_times_out),
        CASE(the_connect_timeout_is_for_each_address_and_the_operation_s_for_all),
        ON_TCP(the_connect_timeout_holds_for_one_address_too),
        CASE(after_its_time_has_passed_a_socket_connects_elsewhere),
        CASE(a_connect_that_a_callback_starts_has_its_time_limit_too),
    };
    return RUN(cases);
}
