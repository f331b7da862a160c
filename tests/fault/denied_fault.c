/*
 * A ring whose filter denies operations only after the self-test: nothing is lost, and nobody is
 * told of it as if the socket or the peer had said so.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "fault/deny.h"
#include "support/async.h"

/* X(name, parameters, arguments) of what hands entries over. */
#define SUBMIT_CALL_TABLE(X)                                                                       \
    X(io_uring_submit, (struct io_uring * ring), (ring))                                           \
    X(io_uring_submit_and_get_events, (struct io_uring * ring), (ring))                            \
    X(io_uring_submit_and_wait, (struct io_uring * ring, unsigned count), (ring, count))           \
    X(io_uring_submit_and_wait_timeout,                                                            \
      (struct io_uring * ring, struct io_uring_cqe * *entry, unsigned count,                       \
       struct __kernel_timespec *limit, sigset_t *mask),                                           \
      (ring, entry, count, limit, mask))

static struct denial denials[IORING_OP_LAST];
static size_t denial_count;

static void deny_all(struct io_uring *ring)
{
    for (size_t i = 0; i < denial_count; i++)
        deny_entries(ring, &denials[i]);
}

#define X(name, parameters, arguments)                                                             \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        deny_all(ring);                                                                            \
        return __real_##name arguments;                                                            \
    }
SUBMIT_CALL_TABLE(X)
#undef X

static void deny(uint8_t opcode)
{
    denials[denial_count++] = (struct denial){opcode, -EACCES};
}

/* --- What is done on such a ring -------------------------------------------------------------- */

static sn_engine *engine;

static sn_engine *engine_with_ring(void)
{
    sn_engine_options options = {.backend = SN_ENGINE_BACKEND_IO_URING};
    denial_count = 0;
    if (sn_engine_create(&options, &engine))
        SKIP("there is no io_uring here");
    return engine;
}

/* Until it has completed, which it does with success. */
static void finish(struct pending *pending)
{
    run_until(engine, pending);
    assert_ok(pending->operation.error);
}

static void receive(sn_socket *socket, char *byte, struct pending *pending)
{
    pending_init(pending);
    sn_socket_receive_async(socket, byte, 1, SN_FLAG_NONE, &pending->operation);
}

/* Receives that wait, and ones that need not, as entries and in callbacks. */
static void exchange(enum transport transport)
{
    struct socket_pair pair = pair_connected(transport);
    struct pending receives[2], send;
    char bytes[2] = {0};
    assert_ok(sn_socket_set_engine(pair.server, engine));
    for (int i = 0; i < 2; i++)
        receive(pair.server, &bytes[i], &receives[i]);
    assert_ok(sn_engine_run(engine, 0, NULL));
    send_plain(pair.client, "a", 1);
    finish(&receives[0]);
    send_plain(pair.client, "b", 1);
    finish(&receives[1]);
    assert_memory_equal(bytes, "ab", 2);
    pending_init(&send);
    sn_socket_send_async(pair.server, "c", 1, SN_FLAG_NONE, &send.operation);
    finish(&send);
    receive_plain(pair.client, bytes, 1);
    assert_int_equal(bytes[0], 'c');
    pair_release(&pair);
}

/* A send that has to wait, and becomes an entry for what is left. */
static void send_much(void)
{
    static unsigned char data[4 << 20], received[sizeof data];
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct pending send;
    size_t total = 0;
    fill_pattern(data, sizeof data, 0);
    assert_ok(sn_socket_set_engine(pair.server, engine));
    pending_init(&send);
    sn_socket_send_async(pair.server, data, sizeof data, SN_FLAG_NONE, &send.operation);
    while (total < sizeof data) {
        size_t moved = 0;
        assert_ok(sn_engine_run(engine, 0, NULL));
        if (!is_readable(pair.client))
            continue;
        assert_ok(sn_socket_receive(pair.client, received + total, sizeof data - total,
                                    SN_FLAG_NONE, &moved));
        total += moved;
    }
    finish(&send);
    assert_memory_equal(received, data, sizeof data);
    pair_release(&pair);
}

/* With the sender's address: a message for the ring. */
static void receive_from(void)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    struct pending receive_pending;
    sn_endpoint from;
    char byte = 0;
    assert_ok(sn_socket_set_engine(pair.server, engine));
    pending_init(&receive_pending);
    sn_socket_receive_from_async(pair.server, &byte, 1, SN_FLAG_NONE, &from,
                                 &receive_pending.operation);
    assert_ok(sn_engine_run(engine, 0, NULL));
    send_plain(pair.client, "d", 1);
    finish(&receive_pending);
    assert_int_equal(byte, 'd');
    pair_release(&pair);
}

static void cancel(void)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct pending receive_pending;
    char byte;
    assert_ok(sn_socket_set_engine(pair.server, engine));
    receive(pair.server, &byte, &receive_pending);
    assert_ok(sn_engine_run(engine, 0, NULL));
    sn_operation_cancel(&receive_pending.operation);
    run_until(engine, &receive_pending);
    assert_error(SN_ERROR_OPERATION_CANCELED, receive_pending.operation.error);
    pair_release(&pair);
}

static void do_everything(void)
{
    exchange(TCP_IPV4);
    exchange(UNIX_STREAM);
    exchange(UDP_IPV4);
    receive_from();
    send_much();
    cancel();
}

static bool tells_of_a_filter(void)
{
    return strstr(sn_engine_get_backend_reason(engine), "a filter denies some") != NULL;
}

TEST(what_a_filter_denies_is_made_by_plain_calls)
{
    static const struct {
        uint8_t opcode;
        bool is_used; /* by what is done here */
    } rows[] = {{IORING_OP_RECV, true},     {IORING_OP_RECVMSG, true},
                {IORING_OP_SEND, true},     {IORING_OP_ASYNC_CANCEL, true},
                {IORING_OP_SENDMSG, false}, {IORING_OP_ACCEPT, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        engine_with_ring();
        row_begin("operation %d", rows[i].opcode);
        deny(rows[i].opcode);
        do_everything();
        row_equal(rows[i].is_used, tells_of_a_filter());
        row_equal(SN_ENGINE_BACKEND_IO_URING, sn_engine_get_backend(engine));
        denial_count = 0;
        engine_destroy(engine);
    }
    rows_end();
}

TEST(all_at_once_too)
{
    engine_with_ring();
    deny(IORING_OP_RECV);
    deny(IORING_OP_RECVMSG);
    deny(IORING_OP_SEND);
    deny(IORING_OP_SENDMSG);
    deny(IORING_OP_ACCEPT);
    deny(IORING_OP_ASYNC_CANCEL);
    do_everything();
    denial_count = 0;
    engine_destroy(engine);
}

/* Of a socket itself: nothing is denied, and nobody is told so. */
TEST(a_socket_that_denies_a_broadcast_says_so_itself)
{
    sn_socket *socket = NULL;
    sn_endpoint everybody;
    sn_buffer buffers[2] = {{(void *)(uintptr_t) "x", 1}, {(void *)(uintptr_t) "y", 1}};
    struct pending send;
    engine_with_ring();
    assert_ok(sn_endpoint_from_ip(&SN_IPV4_BROADCAST, 9, &everybody));
    assert_ok(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    assert_ok(sn_socket_set_engine(socket, engine));
    pending_init(&send);
    sn_socket_send_to_buffers_async(socket, buffers, 2, SN_FLAG_NONE, &everybody, &send.operation);
    run_until(engine, &send);
    assert_error(SN_ERROR_ACCESS_DENIED, send.operation.error);
    assert_false(tells_of_a_filter());
    sn_socket_release(socket);
    engine_destroy(engine);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(what_a_filter_denies_is_made_by_plain_calls),
        CASE(all_at_once_too),
        CASE(a_socket_that_denies_a_broadcast_says_so_itself),
    };
    return RUN(cases);
}
