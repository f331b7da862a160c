/* The counters (contract H.1), in every style of calling. */
#include "support/run.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static sn_metrics before;

static void begin(void)
{
    sn_metrics_get(&before, sizeof before);
}

/* What a counter has gained since begin(). */
#define GAINED(field) (now().field - before.field)

static sn_metrics now(void)
{
    sn_metrics metrics;
    sn_metrics_get(&metrics, sizeof metrics);
    return metrics;
}

TEST(counters_for_nobody_are_not_read)
{
    begin();
    sn_metrics_get(NULL, sizeof(sn_metrics));
    assert_int_equal(GAINED(bytes_sent), 0);
}

TEST(the_names_are_those_of_dotnet)
{
    static const char *const names[] = {
#define X(id, field, name) name,
        SN_METRICS_TABLE(X)
#undef X
    };
    static const char *const expected[] = {
        "current-outgoing-connect-attempts",
        "outgoing-connections-established",
        "incoming-connections-established",
        "bytes-received",
        "bytes-sent",
        "datagrams-received",
        "datagrams-sent",
    };
    assert_int_equal(COUNT_OF(expected), COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(expected[i], names[i]);
    begin();
    sn_metrics_get(NULL, sizeof(sn_metrics));
    assert_int_equal(GAINED(bytes_sent), 0);
}

TEST(a_connection_counts_at_both_ends)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    begin();
    assert_ok(do_connect(client, &address));
    assert_int_equal(1, GAINED(outgoing_connections_established));
    assert_int_equal(0, GAINED(incoming_connections_established));
    assert_ok(do_accept(listener, &server));
    assert_int_equal(1, GAINED(incoming_connections_established));
    assert_int_equal(1, GAINED(outgoing_connections_established));
    assert_int_equal(0, now().current_outgoing_connect_attempts);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
    engines_settle();
}

/* Nobody listens at the first address. */
TEST(each_address_is_an_attempt_and_the_one_that_answers_a_connection)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    assert_ok(sn_ip_address_parse("127.0.0.2", &addresses[0]));
    begin();
    assert_ok(do_connect_addresses(client, addresses, 2, sn_endpoint_get_port(&address)));
    assert_int_equal(1, GAINED(outgoing_connections_established));
    assert_int_equal(0, now().current_outgoing_connect_attempts);
    sn_socket_release(client);
    sn_socket_release(listener);
    engines_settle();
}

TEST(a_connect_that_fails_is_an_attempt_that_has_ended)
{
    enum transport transport = transport_of(state);
    sn_socket *refusing = socket_refusing(transport), *client = socket_make(transport);
    sn_endpoint refused = local_endpoint(refusing), none = {0};
    begin();
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(client, &refused));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect(client, &none));
    assert_int_equal(0, now().current_outgoing_connect_attempts);
    assert_int_equal(0, GAINED(outgoing_connections_established));
    sn_socket_release(client);
    sn_socket_release(refusing);
    engines_settle();
}

/* The lookup of a name is no attempt, so its end is none either. The text of an address takes the
 * same way, and leaves no lookup behind that holds the descriptor. */
TEST(a_connect_by_name_that_is_cancelled_counts_nothing)
{
    sn_cancellation *cancellation = NULL;
    sn_socket *client = socket_make(TCP_IPV4);
    if (style_is_blocking()) {
        sn_socket_release(client);
        SKIP("about asynchronous calls alone: a blocking one has no cancellation");
    }
    assert_ok(sn_cancellation_create(&cancellation));
    sn_cancellation_cancel(cancellation);
    begin();
    sn_operation operation = {.cancellation = cancellation};
    sn_socket_connect_host_async(client, "127.0.0.1", 9, &operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operation));
    assert_int_equal(0, now().current_outgoing_connect_attempts);
    assert_int_equal(0, GAINED(outgoing_connections_established));
    sn_cancellation_release(cancellation);
    sn_socket_release(client);
    engines_settle();
}

struct connector {
    sn_socket *client;
    sn_endpoint address;
};

static sn_error connect_run(void *context)
{
    struct connector *connector = context;
    return sn_socket_connect(connector->client, &connector->address);
}

TEST(an_attempt_counts_while_it_lasts)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    struct connector connector = {.client = socket_make(transport), .address = full.address};
    struct thread thread;
    thread_start_blocked(&thread, connect_run, &connector);
    assert_int_equal(1, now().current_outgoing_connect_attempts);
    sn_socket_close(connector.client);
    assert_error(SN_ERROR_NOT_SOCKET, thread_join(&thread));
    assert_int_equal(0, now().current_outgoing_connect_attempts);
    sn_socket_release(connector.client);
    full_listener_release(&full);
}

/* --- Bytes and datagrams ---------------------------------------------------------------------- */

TEST(bytes_count_on_every_kind_of_socket_and_datagrams_on_one)
{
    enum transport transport = transport_of(state);
    bool is_datagram = transport_type(transport) == SN_TYPE_DATAGRAM;
    struct socket_pair pair = pair_connected(transport);
    char text[16];
    sn_buffer parts[] = {{text, 1}, {text + 1, 15}};
    size_t size;
    begin();
    send_text(pair.client, "hello");
    assert_int_equal(5, GAINED(bytes_sent));
    assert_int_equal(0, GAINED(bytes_received));
    assert_ok(do_receive(pair.server, text, sizeof text, SN_FLAG_PEEK, &size));
    assert_int_equal(5, GAINED(bytes_received)); /* as in .NET, peeking counts */
    assert_ok(do_receive_buffers(pair.server, parts, 2, 0, &size));
    assert_int_equal(10, GAINED(bytes_received));
    assert_ok(do_send_buffers(pair.client, parts, 2, 0, &size));
    assert_int_equal(5 + 16, GAINED(bytes_sent));
    assert_int_equal(is_datagram ? 2 : 0, GAINED(datagrams_sent));
    assert_int_equal(is_datagram ? 2 : 0, GAINED(datagrams_received));
    pair_release(&pair);
    engines_settle();
}

TEST(datagrams_to_and_from_an_address_count)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_make(transport);
    sn_endpoint address = local_endpoint(receiver), from;
    char byte;
    size_t size;
    begin();
    assert_ok(do_send_to(sender, "hello", 5, 0, &address, &size));
    assert_ok(do_send_to(sender, NULL, 0, 0, &address, &size));
    assert_int_equal(5, GAINED(bytes_sent));
    assert_int_equal(2, GAINED(datagrams_sent));
    assert_ok(do_receive_from(receiver, &byte, 1, 0, &from, &size)); /* the rest is lost */
    assert_ok(do_receive_from(receiver, &byte, 1, 0, &from, &size));
    assert_int_equal(1, GAINED(bytes_received));
    assert_int_equal(2, GAINED(datagrams_received));
    sn_socket_release(receiver);
    sn_socket_release(sender);
    engines_settle();
}

TEST(what_fails_does_not_count)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    char byte;
    size_t size;
    begin();
    assert_error(SN_ERROR_ARGUMENT_NULL, do_send(pair.client, NULL, 1, 0, &size));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive(pair.client, NULL, 1, 0, &size));
    assert_ok(sn_socket_set_receive_timeout(pair.client, 5));
    assert_error(SN_ERROR_TIMED_OUT, do_receive(pair.client, &byte, 1, 0, &size));
    assert_int_equal(0, GAINED(bytes_sent));
    assert_int_equal(0, GAINED(bytes_received));
    assert_int_equal(0, GAINED(datagrams_sent));
    assert_int_equal(0, GAINED(datagrams_received));
    pair_release(&pair);
    engines_settle();
}

/* --- Many threads ----------------------------------------------------------------------------- */

enum { THREADS = 96, ROUNDS = 200 };

static sn_error exchange(void *context)
{
    sn_socket *pair[2];
    char byte = 0;
    size_t size;
    (void)context;
    sn_error error = sn_socket_pair(SN_TYPE_DATAGRAM, pair);
    for (int i = 0; i < ROUNDS && !error; i++) {
        error = sn_socket_send(pair[0], &byte, 1, 0, NULL);
        if (!error)
            error = sn_socket_receive(pair[1], &byte, 1, 0, &size);
    }
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    return error;
}

/* More threads than there are copies of the counters. */
TEST(nothing_is_lost_when_many_threads_count)
{
    struct thread threads[THREADS];
    begin();
    for (int i = 0; i < THREADS; i++)
        thread_start(&threads[i], exchange, NULL);
    for (int i = 0; i < THREADS; i++)
        assert_ok(thread_join(&threads[i]));
    assert_int_equal(THREADS * ROUNDS, GAINED(bytes_sent));
    assert_int_equal(THREADS * ROUNDS, GAINED(bytes_received));
    assert_int_equal(THREADS * ROUNDS, GAINED(datagrams_sent));
    assert_int_equal(THREADS * ROUNDS, GAINED(datagrams_received));
}

/* A program of an earlier version has fewer counters; one of a later version has more. */
TEST(nothing_is_written_beyond_the_record_that_the_program_knows)
{
    struct {
        int64_t known[2];
        int64_t behind;
    } earlier = {.behind = 77};
    struct {
        sn_metrics known;
        int64_t more;
    } later = {.more = 77};
    sn_metrics_get((sn_metrics *)(void *)&earlier, sizeof earlier.known);
    assert_int_equal(earlier.behind, 77);
    sn_engine_get_metrics(NULL, (sn_metrics *)(void *)&earlier, sizeof earlier.known);
    assert_int_equal(earlier.behind, 77);
    sn_metrics_get(&later.known, sizeof later);
    assert_int_equal(later.more, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_names_are_those_of_dotnet),
        CASE(counters_for_nobody_are_not_read),
        ON_LISTENERS(a_connection_counts_at_both_ends),
        CASE(each_address_is_an_attempt_and_the_one_that_answers_a_connection),
        ON_TCP(a_connect_that_fails_is_an_attempt_that_has_ended),
        CASE(a_connect_by_name_that_is_cancelled_counts_nothing),
        CASE_ON(an_attempt_counts_while_it_lasts, UNIX_STREAM),
        ON_ALL_CONNECTED(bytes_count_on_every_kind_of_socket_and_datagrams_on_one),
        ON_UDP(datagrams_to_and_from_an_address_count),
        ON_STREAMS(what_fails_does_not_count),
        CASE_ON(what_fails_does_not_count, UNIX_DATAGRAM),
        CASE(nothing_is_written_beyond_the_record_that_the_program_knows),
        CASE(nothing_is_lost_when_many_threads_count),
    };
    return RUN(cases);
}
