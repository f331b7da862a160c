/*
 * Whether a start takes its record: any bytes are an idle one, but those of a running one, and then
 * the start says so and leaves what is running alone. Every asynchronous function of the library.
 */
#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

#include "support/async.h"

/* --- Every function, called so that it completes at once or soon ------------------------------ */

/* What the calls below need: a connected pair with a byte to receive, a listener with a connection
 * to accept, a datagram socket with datagrams from itself, and the clients. */
static struct stage {
    struct socket_pair pair;
    sn_socket *listener, *queued, *fresh, *udp;
    sn_tcp_client *client;
    sn_tcp_listener *accepting;
    sn_udp_client *udp_client;
    sn_network_stream *stream;
    sn_endpoint server, self, udp_client_self, from, to, untouched;
    sn_ip_address addresses[2];
    sn_dns_entry *entry;
    sn_buffer buffer;
    sn_send_packets_element element;
    char data[8];
} s;

#define V                 operation
#define PORT_OF(endpoint) sn_endpoint_get_port(&(endpoint))
#define START_TABLE(X)                                                                             \
    X(OK, socket_receive_async(s.pair.client, s.data, 1, 0, V))                                    \
    X(OK, socket_receive_buffers_async(s.pair.client, &s.buffer, 1, 0, V))                         \
    X(OK, socket_receive_from_async(s.udp, s.data, 1, 0, &s.from, V))                              \
    X(OK, socket_receive_from_buffers_async(s.udp, &s.buffer, 1, 0, &s.from, V))                   \
    X(OK, socket_receive_message_from_async(s.udp, s.data, 1, 0, &s.from, V))                      \
    X(OK, socket_receive_message_from_buffers_async(s.udp, &s.buffer, 1, 0, &s.from, V))           \
    X(OK, socket_send_async(s.pair.client, "x", 1, 0, V))                                          \
    X(OK, socket_send_buffers_async(s.pair.client, &s.buffer, 1, 0, V))                            \
    X(OK, socket_send_to_async(s.udp, "x", 1, 0, &s.self, V))                                      \
    X(OK, socket_send_to_buffers_async(s.udp, &s.buffer, 1, 0, &s.self, V))                        \
    X(OK, socket_send_file_async(s.pair.client, &(sn_file_send){.before = {"x", 1}}, V))           \
    X(ARGUMENT_NULL, socket_send_file_async(s.pair.client, NULL, V))                               \
    X(OK, socket_send_packets_async(s.pair.client, &s.element, 1, 0, V))                           \
    X(OK, socket_connect_async(s.fresh, &s.server, V))                                             \
    X(OK, socket_connect_host_async(s.fresh, "127.0.0.1", PORT_OF(s.server), V))                   \
    X(OK, socket_connect_addresses_async(s.fresh, s.addresses, 1, PORT_OF(s.server), V))           \
    X(OK, socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &s.server, V))            \
    X(OK, socket_disconnect_async(s.pair.client, false, V))                                        \
    X(OK, socket_accept_async(s.listener, NULL, V))                                                \
    X(OK, socket_accept_async(s.listener, s.fresh, V))                                             \
    X(OK, socket_close_async(s.pair.client, V))                                                    \
    X(OK, dns_get_host_addresses_async("127.0.0.1", SN_FAMILY_IPV4, s.addresses, 2, V))            \
    X(ARGUMENT_NULL, dns_get_host_entry_async(NULL, SN_FAMILY_IPV4, &s.entry, V))                  \
    X(ARGUMENT_NULL, dns_get_host_entry_address_async(NULL, &s.entry, V))                          \
    X(OK, engine_post_async(NULL, V))                                                              \
    X(OK, engine_delay_async(NULL, 0, V))                                                          \
    X(ARGUMENT_OUT_OF_RANGE, engine_delay_async(NULL, -2, V))                                      \
    X(OK, tcp_client_connect_async(s.client, &s.server, V))                                        \
    X(OK, tcp_client_connect_addresses_async(s.client, s.addresses, 1, PORT_OF(s.server), V))      \
    X(OK, tcp_client_connect_host_async(s.client, "127.0.0.1", PORT_OF(s.server), V))              \
    X(INVALID_OPERATION, tcp_listener_accept_socket_async(s.accepting, V))                         \
    X(INVALID_OPERATION, tcp_listener_accept_tcp_client_async(s.accepting, V))                     \
    X(OK, network_stream_read_async(s.stream, s.data, 1, V))                                       \
    X(OK, network_stream_write_async(s.stream, "x", 1, V))                                         \
    X(OK, network_stream_flush_async(s.stream, V))                                                 \
    X(OK, udp_client_send_async(s.udp_client, "x", 1, &s.self, V))                                 \
    X(OK, udp_client_send_host_async(s.udp_client, "x", 1, "127.0.0.1", 9, &s.to, V))              \
    X(OK, udp_client_receive_async(s.udp_client, s.data, 1, &s.from, V))                           \
    X(ARGUMENT_NULL, socket_receive_async(NULL, s.data, 1, 0, V))                                  \
    X(ARGUMENT_NULL, socket_connect_async(NULL, &s.server, V))                                     \
    X(ARGUMENT_NULL, tcp_client_connect_async(NULL, &s.server, V))                                 \
    X(ARGUMENT_NULL, network_stream_read_async(NULL, s.data, 1, V))                                \
    X(ARGUMENT_NULL, udp_client_send_async(NULL, "x", 1, &s.self, V))                              \
    X(ARGUMENT_NULL, udp_client_receive_async(NULL, s.data, 1, &s.from, V))

static bool start(size_t which, sn_operation *operation)
{
    size_t row = 0;
#define X(error, call)                                                                             \
    if (row++ == which)                                                                            \
        return sn_##call;
    START_TABLE(X)
#undef X
    return false;
}

static const struct {
    const char *call;
    sn_error error;
} starts[] = {
#define X(error, call) {#call, SN_ERROR_##error},
#define SN_ERROR_OK    SN_OK
    START_TABLE(X)
#undef SN_ERROR_OK
#undef X
};

static void send_to_itself(sn_socket *socket, const sn_endpoint *address)
{
    size_t sent;
    assert_ok(sn_socket_send_to(socket, "d", 1, SN_FLAG_NONE, address, &sent));
    wait_readable(socket);
}

static void stage_set(void)
{
    sn_endpoint loopback = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    memset(&s, 0, sizeof s);
    s.pair = pair_plain(TCP_IPV4);
    send_plain(s.pair.server, "r", 1);
    wait_readable(s.pair.client);
    s.listener = socket_listening(TCP_IPV4, 8);
    s.server = local_endpoint(s.listener);
    s.queued = socket_make(TCP_IPV4);
    assert_ok(sn_socket_connect(s.queued, &s.server));
    wait_readable(s.listener);
    s.fresh = socket_make(TCP_IPV4);
    s.udp = socket_bound(UDP_IPV4);
    s.self = local_endpoint(s.udp);
    send_to_itself(s.udp, &s.self);
    assert_ok(sn_tcp_client_create(SN_FAMILY_IPV4, &s.client));
    assert_ok(sn_tcp_listener_create(&loopback, &s.accepting));
    assert_ok(sn_udp_client_create_bound(&loopback, &s.udp_client));
    s.udp_client_self = local_endpoint(sn_udp_client_get_socket(s.udp_client));
    send_to_itself(sn_udp_client_get_socket(s.udp_client), &s.udp_client_self);
    assert_ok(sn_network_stream_create(s.pair.client, SN_FILE_ACCESS_READ_WRITE, false, &s.stream));
    assert_ok(sn_send_packets_element_from_memory("x", 1, false, &s.element));
    s.addresses[0] = SN_IPV4_LOOPBACK;
    s.buffer = (sn_buffer){s.data, 1};
    memset(&s.to, 0x5a, sizeof s.to);
    s.untouched = s.to;
}

static void stage_clear(void)
{
    sn_network_stream_release(s.stream);
    sn_udp_client_release(s.udp_client);
    sn_tcp_listener_release(s.accepting);
    sn_tcp_client_release(s.client);
    sn_socket_release(s.udp);
    sn_socket_release(s.fresh);
    sn_socket_release(s.queued);
    sn_socket_release(s.listener);
    pair_release(&s.pair);
}

/* --- Any bytes -------------------------------------------------------------------------------- */

#define FILL_TABLE(X)                                                                              \
    X(ZERO) X(ONES) X(MANY) X(HIGH) X(LOW) X(POISON) X(RANDOM) X(OTHER_RANDOM) X(COMPLETED)

enum fill {
#define X(id) FILL_##id,
    FILL_TABLE(X)
#undef X
        FILL_COUNT
};

static const char *const fill_names[] = {
#define X(id) #id,
    FILL_TABLE(X)
#undef X
};

static void fill_random(unsigned char *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(seed >> 24);
    }
}

/* What a record that has completed leaves behind. */
static void fill_completed(sn_operation *operation)
{
    static sn_operation old;
    memset(&old, 0, sizeof old);
    assert_true(sn_socket_receive_async(NULL, NULL, 0, SN_FLAG_NONE, &old));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&old));
    old.transferred = 77;
    old.socket = (sn_socket *)&old;
    old.packet_information.interface_index = 5;
    *operation = old;
}

static void fill_with(sn_operation *operation, enum fill fill)
{
    static const unsigned char bytes[] = {0, 1, 0xff, 0x80, 0x7f, 0xcd};
    if (fill < sizeof bytes)
        memset(operation, bytes[fill], sizeof *operation);
    else if (fill == FILL_COMPLETED)
        fill_completed(operation);
    else
        fill_random((unsigned char *)operation, sizeof *operation, fill);
}

/* Only the four members that are the program's are set. */
static void pending_init_dirty(struct pending *pending, enum fill fill)
{
    pending_init(pending);
    void (*completed)(sn_operation *) = pending->operation.completed;
    fill_with(&pending->operation, fill);
    pending->operation.completed = completed;
    pending->operation.context = NULL;
    pending->operation.timeout_ms = 0;
    pending->operation.cancellation = NULL;
}

enum way { WAY_CALLED_BACK, WAY_WAITED, WAY_TIMED, WAY_CANCELLABLE, WAY_COUNT };

static void start_dirty(size_t which, enum fill fill, enum way way, sn_cancellation *cancellation)
{
    struct pending pending;
    row_begin("%s, filled with %s, way %d", starts[which].call, fill_names[fill], (int)way);
    stage_set();
    pending_init_dirty(&pending, fill);
    if (way == WAY_WAITED)
        pending.operation.completed = NULL;
    if (way == WAY_TIMED)
        pending.operation.timeout_ms = 60000;
    if (way == WAY_CANCELLABLE)
        pending.operation.cancellation = cancellation;
    bool is_taken = start(which, &pending.operation);
    row_equal(true, is_taken);
    if (is_taken && way != WAY_WAITED)
        pending_wait(&pending);
    if (is_taken) {
        row_error(starts[which].error, sn_operation_wait(&pending.operation));
        row_equal(way == WAY_WAITED ? 0 : 1, pending_count(&pending));
        row_equal(true, sn_operation_is_completed(&pending.operation));
        row_equal(true, pending.operation.transferred <= 1); /* of each that moves something */
        row_equal(0, pending.operation.flags & ~(sn_flags)SN_FLAG_TRUNCATED);
        if (pending.operation.socket && pending.operation.socket != s.fresh)
            sn_socket_release(pending.operation.socket);
    }
    stage_clear();
}

TEST(a_record_that_was_never_cleared_is_an_idle_one)
{
    sn_cancellation *cancellation;
    assert_ok(sn_cancellation_create(&cancellation));
    for (size_t which = 0; which < COUNT_OF(starts); which++)
        for (enum fill fill = 0; fill < FILL_COUNT; fill++)
            for (enum way way = 0; way < WAY_COUNT; way++)
                start_dirty(which, fill, way, cancellation);
    sn_cancellation_release(cancellation);
    rows_end();
}

/* Those of a completed record are a completed one; all others have no operation to wait for. */
TEST(a_record_that_was_never_started_has_nothing_to_wait_for)
{
    for (enum fill fill = 0; fill < FILL_COMPLETED; fill++) {
        sn_operation operation, *list[] = {&operation};
        unsigned char before[sizeof operation];
        size_t index = 7;
        row_begin("filled with %s", fill_names[fill]);
        fill_with(&operation, fill);
        memcpy(before, &operation, sizeof operation);
        row_equal(false, sn_operation_is_completed(&operation));
        row_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait(&operation));
        row_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_for(&operation, 0));
        row_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_any(list, 1, SN_FOREVER, &index));
        row_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_all(list, 1, SN_FOREVER));
        sn_operation_cancel(&operation);
        row_equal(0, memcmp(before, &operation, sizeof operation));
        row_equal(7, index);
    }
    rows_end();
}

/* --- From callback to callback: the short way of a data path ---------------------------------- */

struct echo {
    struct pending pending; /* first: the callback has only that */
    struct socket_pair pair;
    char byte;
    enum fill fill;
    int steps;
    bool was_taken;
};

enum { ECHO_STEPS = 2 * FILL_COUNT };

/* Receives and sends in turn; before each the record is anything. */
static void echo_step(struct pending *pending)
{
    struct echo *echo = (struct echo *)pending;
    void (*completed)(sn_operation *) = pending->operation.completed;
    bool is_ok = !pending->operation.error && pending->operation.transferred == 1;
    echo->was_taken = echo->was_taken && is_ok;
    if (++echo->steps == ECHO_STEPS || !is_ok)
        return;
    fill_with(&pending->operation, (enum fill)(echo->steps / 2 % FILL_COUNT));
    pending->operation.completed = completed;
    pending->operation.timeout_ms = 0;
    pending->operation.cancellation = NULL;
    bool is_taken = echo->steps % 2 ? sn_socket_send_async(echo->pair.server, &echo->byte, 1,
                                                           SN_FLAG_NONE, &pending->operation)
                                    : sn_socket_receive_async(echo->pair.server, &echo->byte, 1,
                                                              SN_FLAG_NONE, &pending->operation);
    echo->was_taken = echo->was_taken && is_taken;
}

TEST(a_callback_may_start_with_any_bytes_too)
{
    struct echo echo = {.pair = pair_plain(TCP_IPV4), .was_taken = true};
    pending_init(&echo.pending);
    echo.pending.then = echo_step;
    assert_true(sn_socket_receive_async(echo.pair.server, &echo.byte, 1, SN_FLAG_NONE,
                                        &echo.pending.operation));
    for (int i = 0; i < ECHO_STEPS / 2; i++) {
        char byte, sent = (char)('a' + i);
        send_plain(echo.pair.client, &sent, 1);
        receive_plain(echo.pair.client, &byte, 1);
        assert_int_equal(sent, byte);
    }
    pending_wait_count(&echo.pending, ECHO_STEPS);
    assert_true(echo.was_taken);
    assert_int_equal(ECHO_STEPS, pending_count(&echo.pending));
    pair_release(&echo.pair);
}

/* --- Memory that goes in the callback, and comes back as it is -------------------------------- */

struct chain {
    pthread_mutex_t lock;
    pthread_cond_t over;
    int left;
    int refused;
};

static void chain_next(struct chain *chain);

static void chain_step(sn_operation *operation)
{
    struct chain *chain = operation->context;
    free(operation);
    chain_next(chain);
}

/* What malloc() gives is often what was just freed. */
static void chain_next(struct chain *chain)
{
    pthread_mutex_lock(&chain->lock);
    int left = chain->left--;
    if (left == 0)
        pthread_cond_signal(&chain->over);
    pthread_mutex_unlock(&chain->lock);
    if (left <= 0)
        return;
    sn_operation *operation = malloc(sizeof *operation);
    assert_non_null(operation);
    operation->completed = chain_step;
    operation->context = chain;
    operation->timeout_ms = left % 2 ? 0 : 60000;
    operation->cancellation = NULL;
    bool is_taken = left % 3 ? sn_engine_post_async(NULL, operation)
                             : sn_socket_receive_async(NULL, NULL, 0, SN_FLAG_NONE, operation);
    if (!is_taken)
        chain->refused++;
}

TEST(a_record_may_be_freed_in_its_callback_and_its_memory_be_the_next)
{
    struct chain chain = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 300, 0};
    chain_next(&chain);
    pthread_mutex_lock(&chain.lock);
    while (chain.left >= 0 && chain.refused == 0)
        pthread_cond_wait(&chain.over, &chain.lock);
    pthread_mutex_unlock(&chain.lock);
    assert_int_equal(0, chain.refused);
}

/* --- None, and one that is running (trap 98) -------------------------------------------------- */

TEST(no_start_takes_no_record)
{
    stage_set();
    for (size_t which = 0; which < COUNT_OF(starts); which++) {
        row_begin("%s", starts[which].call);
        row_equal(false, start(which, NULL));
    }
    rows_end();
    assert_false(sn_operation_is_completed(NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(NULL));
    sn_operation_cancel(NULL);
    stage_clear();
}

/* Nothing is read, accepted, connected, closed or written to. */
static void assert_stage_untouched(void)
{
    char byte = 0;
    bool is_waiting;
    assert_int_equal(1, available(s.pair.client));
    receive_plain(s.pair.client, &byte, 1);
    assert_int_equal('r', byte);
    assert_true(sn_socket_is_connected(s.pair.client));
    assert_int_equal(0, available(s.pair.server));
    assert_int_equal(1, available(s.udp));
    assert_ok(sn_socket_poll(s.listener, 0, SN_SELECT_READ, &is_waiting));
    assert_true(is_waiting);
    assert_false(sn_socket_is_connected(s.fresh));
    assert_false(sn_tcp_client_is_connected(s.client));
    assert_null(s.entry);
    assert_int_equal(0, s.data[0]);
    assert_memory_equal(&s.untouched, &s.to, sizeof s.to);
}

static void start_all_again(struct pending *running)
{
    for (size_t which = 0; which < COUNT_OF(starts); which++) {
        row_begin("%s", starts[which].call);
        row_equal(false, start(which, &running->operation));
        row_equal(false, sn_operation_is_completed(&running->operation));
        row_equal(0, pending_count(running));
    }
    rows_end();
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_destroy(&running->operation));
}

TEST(a_start_leaves_an_operation_in_progress_alone)
{
    for (int is_timed = 0; is_timed < 2; is_timed++) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending running;
        char byte = 0;
        stage_set();
        pending_init(&running);
        running.operation.timeout_ms = is_timed ? 60000 : 0;
        assert_true(
            sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &running.operation));
        start_all_again(&running);
        assert_stage_untouched();
        send_plain(pair.client, "x", 1);
        assert_pending(SN_OK, &running);
        assert_int_equal('x', byte);
        assert_int_equal(SN_OPERATION_RECEIVE, running.operation.kind);
        stage_clear();
        pair_release(&pair);
    }
}

/* It runs out of sight of its engine: nobody has been told yet, and a copy of it runs as well. */
TEST(a_copy_of_a_running_record_counts_as_running)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending running;
    sn_operation copy;
    char byte = 0;
    pending_init(&running);
    assert_true(sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &running.operation));
    copy = running.operation;
    assert_false(sn_engine_post_async(NULL, &copy));
    memset(&copy, 0, sizeof copy);
    assert_true(sn_engine_post_async(NULL, &copy));
    assert_ok(sn_operation_wait(&copy));
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &running);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_record_that_was_never_cleared_is_an_idle_one),
        CASE(a_record_that_was_never_started_has_nothing_to_wait_for),
        CASE(a_callback_may_start_with_any_bytes_too),
        CASE(a_record_may_be_freed_in_its_callback_and_its_memory_be_the_next),
        CASE(no_start_takes_no_record),
        CASE(a_start_leaves_an_operation_in_progress_alone),
        CASE(a_copy_of_a_running_record_counts_as_running),
    };
    return RUN(cases);
}
