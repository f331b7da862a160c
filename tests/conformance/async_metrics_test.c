/* What an engine has done, beside what the process has done (contract H.1). */
#include "support/async.h"

static sn_metrics of_engine(const sn_engine *engine)
{
    sn_metrics metrics;
    sn_engine_get_metrics(engine, &metrics, sizeof metrics);
    return metrics;
}

static sn_metrics of_process(void)
{
    sn_metrics metrics;
    sn_metrics_get(&metrics, sizeof metrics);
    return metrics;
}

static void assert_nothing(const sn_metrics *metrics)
{
    static const sn_metrics none;
    assert_memory_equal(&none, metrics, sizeof none);
}

/* Sends and receives `count` single bytes with callbacks. */
static void exchange(struct socket_pair *pair, int count)
{
    struct pending send, receive;
    char byte;
    for (int i = 0; i < count; i++) {
        pending_init(&send);
        pending_init(&receive);
        sn_socket_send_async(pair->client, "x", 1, SN_FLAG_NONE, &send.operation);
        assert_pending(SN_OK, &send);
        sn_socket_receive_async(pair->server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        assert_pending(SN_OK, &receive);
    }
}

static void set_engine(struct socket_pair *pair, sn_engine *engine)
{
    assert_ok(sn_socket_set_engine(pair->client, engine));
    assert_ok(sn_socket_set_engine(pair->server, engine));
}

TEST(an_engine_counts_what_its_threads_do_and_another_one_nothing)
{
    enum transport transport = transport_of(state);
    int64_t datagrams = transport_type(transport) == SN_TYPE_DATAGRAM ? 7 : 0;
    sn_engine *engine = engine_make(3), *other = engine_make(1);
    struct socket_pair pairs[] = {pair_plain(transport), pair_plain(transport)};
    sn_metrics before = of_process();
    for (int i = 0; i < 2; i++)
        set_engine(&pairs[i], engine);
    exchange(&pairs[0], 3);
    exchange(&pairs[1], 4);
    sn_metrics after = of_process(), done = of_engine(engine), nothing = of_engine(other);
    assert_int_equal(7, done.bytes_sent);
    assert_int_equal(7, done.bytes_received);
    assert_int_equal(datagrams, done.datagrams_sent);
    assert_int_equal(datagrams, done.datagrams_received);
    assert_int_equal(7, after.bytes_sent - before.bytes_sent);
    assert_int_equal(7, after.bytes_received - before.bytes_received);
    assert_nothing(&nothing);
    for (int i = 0; i < 2; i++)
        pair_release(&pairs[i]);
    engine_destroy(engine);
    engine_destroy(other);
}

TEST(blocking_calls_and_what_is_over_at_once_are_done_by_no_engine)
{
    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_operation send = {0};
    char bytes[2];
    sn_metrics before = of_process();
    set_engine(&pair, engine);
    send_plain(pair.client, "a", 1);
    sn_socket_send_async(pair.client, "b", 1, SN_FLAG_NONE, &send);
    assert_ok(sn_operation_wait(&send));
    receive_plain(pair.server, bytes, 2);
    sn_metrics done = of_engine(engine);
    assert_nothing(&done);
    assert_int_equal(2, of_process().bytes_sent - before.bytes_sent);
    pair_release(&pair);
    engine_destroy(engine);
}

/* A driven engine: the same thread counts for it inside the run, and for itself outside. */
TEST(a_driven_engine_counts_while_it_runs)
{
    sn_engine *engine = engine_make(0);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive;
    char byte;
    set_engine(&pair, engine);
    for (int i = 1; i <= 3; i++) {
        sn_metrics before = of_process();
        pending_init(&receive);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        send_plain(pair.client, "x", 1);
        run_until(engine, &receive);
        assert_int_equal(i, of_engine(engine).bytes_received);
        assert_int_equal(0, of_engine(engine).bytes_sent);
        assert_int_equal(1, of_process().bytes_sent - before.bytes_sent);
        assert_int_equal(1, of_process().bytes_received - before.bytes_received);
    }
    pair_release(&pair);
    engine_destroy(engine);
}

TEST(what_an_engine_has_done_outlives_it_in_the_process)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_metrics before = of_process();
    sn_engine *engine = engine_make(2);
    set_engine(&pair, engine);
    exchange(&pair, 5);
    engine_destroy(engine);
    assert_int_equal(5, of_process().bytes_sent - before.bytes_sent);
    assert_int_equal(5, of_process().bytes_received - before.bytes_received);
    pair_release(&pair);
}

TEST(an_attempt_lasts_at_the_engine_from_its_start_to_its_end)
{
    struct full_listener full = full_listener_make(UNIX_STREAM);
    sn_engine *engine = engine_make(1);
    sn_socket *client = socket_make(UNIX_STREAM);
    int64_t before = of_process().current_outgoing_connect_attempts;
    struct pending connect;
    assert_ok(sn_socket_set_engine(client, engine));
    pending_init(&connect);
    sn_socket_connect_async(client, &full.address, &connect.operation);
    assert_int_equal(1, of_engine(engine).current_outgoing_connect_attempts);
    assert_int_equal(1, of_process().current_outgoing_connect_attempts - before);
    sn_socket_close(client);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &connect);
    assert_int_equal(0, of_engine(engine).current_outgoing_connect_attempts);
    assert_int_equal(0, of_process().current_outgoing_connect_attempts - before);
    assert_int_equal(0, of_engine(engine).outgoing_connections_established);
    sn_socket_release(client);
    full_listener_release(&full);
    engine_destroy(engine);
}

/* Nobody listens at the first address; a blocking call begins and ends at no engine. */
TEST(connections_count_at_the_engines_that_made_them)
{
    sn_engine *connecting = engine_make(1), *accepting = engine_make(1);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *client = socket_make(TCP_IPV4);
    sn_socket *blocking = socket_make(TCP_IPV4);
    sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_endpoint address = local_endpoint(listener);
    struct pending connect, accept;
    assert_ok(sn_ip_address_parse("127.0.0.2", &addresses[0]));
    assert_ok(sn_socket_set_engine(client, connecting));
    assert_ok(sn_socket_set_engine(blocking, connecting));
    assert_ok(sn_socket_set_engine(listener, accepting));
    pending_init(&accept);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    pending_init(&connect);
    sn_socket_connect_addresses_async(client, addresses, 2, sn_endpoint_get_port(&address),
                                      &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_pending(SN_OK, &accept);
    assert_ok(sn_socket_connect(blocking, &address));
    sn_metrics connected = of_engine(connecting), accepted = of_engine(accepting);
    assert_int_equal(1, connected.outgoing_connections_established);
    assert_int_equal(0, connected.incoming_connections_established);
    assert_int_equal(0, connected.current_outgoing_connect_attempts);
    assert_int_equal(0, accepted.outgoing_connections_established);
    assert_int_equal(1, accepted.incoming_connections_established);
    sn_socket_release(accept.operation.socket);
    sn_socket_release(blocking);
    sn_socket_release(client);
    sn_socket_release(listener);
    engine_destroy(connecting);
    engine_destroy(accepting);
}

static sn_error connect_blocking(void *context)
{
    struct socket_pair *pair = context;
    sn_endpoint address = local_endpoint(pair->server);
    return sn_socket_connect(pair->client, &address);
}

/* Such a call is finished by the operation's worker, and counted by its own thread alone. */
TEST(a_blocking_connect_behind_a_pending_send_is_one_attempt)
{
    struct socket_pair pair = pair_plain(UNIX_DATAGRAM);
    sn_metrics before = of_process();
    struct pending send;
    struct thread thread;
    fill_until_full(pair.client);
    pending_init(&send);
    sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &send.operation);
    thread_start_blocked(&thread, connect_blocking, &pair);
    assert_int_equal(1, of_process().current_outgoing_connect_attempts -
                            before.current_outgoing_connect_attempts);
    sn_operation_cancel(&send.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &send);
    assert_ok(thread_join(&thread));
    assert_int_equal(0, of_process().current_outgoing_connect_attempts -
                            before.current_outgoing_connect_attempts);
    assert_int_equal(1, of_process().outgoing_connections_established -
                            before.outgoing_connections_established);
    pair_release(&pair);
}

TEST(no_engine_has_done_nothing)
{
    sn_metrics metrics = {.bytes_sent = 77};
    sn_engine_get_metrics(NULL, &metrics, sizeof metrics);
    assert_nothing(&metrics);
    sn_engine_get_metrics(NULL, NULL, sizeof(sn_metrics));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(an_engine_counts_what_its_threads_do_and_another_one_nothing, TCP_IPV4),
        CASE_ON(an_engine_counts_what_its_threads_do_and_another_one_nothing, UDP_IPV4),
        CASE(blocking_calls_and_what_is_over_at_once_are_done_by_no_engine),
        CASE(a_driven_engine_counts_while_it_runs),
        CASE(what_an_engine_has_done_outlives_it_in_the_process),
        CASE_ON(an_attempt_lasts_at_the_engine_from_its_start_to_its_end, UNIX_STREAM),
        CASE(connections_count_at_the_engines_that_made_them),
        CASE_ON(a_blocking_connect_behind_a_pending_send_is_one_attempt, UNIX_DATAGRAM),
        CASE(no_engine_has_done_nothing),
    };
    return RUN(cases);
}
