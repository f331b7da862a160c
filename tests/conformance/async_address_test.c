/*
 * What is there when a close returns: a free address, a thread that has not waited, a peer that was
 * told the truth. With operations pending on an engine, whatever that does at the moment.
 */
#include "support/async.h"

#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>

static sn_error bind_again(enum transport transport, const sn_endpoint *address)
{
    sn_socket *again = socket_make(transport);
    sn_error error = sn_socket_bind(again, address);
    if (!error && transport_listens(transport))
        error = sn_socket_listen(again, 4);
    sn_socket_release(again);
    return error;
}

static void begin(sn_socket *socket, struct pending *pending, char *byte, sn_endpoint *from)
{
    pending_init(pending);
    if (sn_socket_get_socket_type(socket) == SN_TYPE_STREAM)
        sn_socket_accept_async(socket, NULL, &pending->operation);
    else
        sn_socket_receive_from_async(socket, byte, 1, SN_FLAG_NONE, from, &pending->operation);
}

static sn_socket *open_addressed(enum transport transport, sn_endpoint *address)
{
    sn_socket *socket =
        transport_listens(transport) ? socket_listening(transport, 4) : socket_bound(transport);
    *address = local_endpoint(socket);
    return socket;
}

TEST(the_address_of_a_closed_socket_is_free_when_the_close_returns)
{
    enum transport transport = transport_of(state);
    for (int i = repetitions(100); i > 0; i--) {
        sn_endpoint address, from;
        struct pending pending;
        char byte;
        sn_socket *socket = open_addressed(transport, &address);
        begin(socket, &pending, &byte, &from);
        sn_socket_close(socket);
        assert_ok(bind_again(transport, &address));
        assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
        sn_socket_release(socket);
    }
}

static struct {
    sem_t is_held, may_go;
} hold;

static void hold_worker(struct pending *pending)
{
    (void)pending;
    sem_post(&hold.is_held);
    while (sem_wait(&hold.may_go) < 0)
        continue;
}

/* A callback that waits for somebody must not keep an address, and a close must not wait for it:
 * the two may need the same lock. */
TEST(a_listeners_address_is_free_although_its_engine_is_in_a_callback)
{
    enum transport transport = transport_of(state);
    sn_engine *engine = engine_make(1);
    sn_endpoint address, from;
    struct pending pending, post;
    sn_socket *socket = open_addressed(transport, &address);
    char byte;
    assert_int_equal(sem_init(&hold.is_held, 0, 0), 0);
    assert_int_equal(sem_init(&hold.may_go, 0, 0), 0);
    assert_ok(sn_socket_set_engine(socket, engine));
    begin(socket, &pending, &byte, &from);
    pending_init(&post);
    post.then = hold_worker;
    sn_engine_post_async(engine, &post.operation);
    while (sem_wait(&hold.is_held) < 0)
        continue;
    sn_socket_close(socket);
    assert_ok(bind_again(transport, &address));
    assert_int_equal(pending_count(&pending), 0);
    sem_post(&hold.may_go);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
    pending_wait(&post);
    sn_socket_release(socket);
    engine_destroy(engine);
}

struct in_callback {
    sn_socket *socket;
    sn_endpoint address;
    enum transport transport;
    sn_error outcome;
};

static void close_and_bind(struct pending *pending)
{
    struct in_callback *place = pending->context;
    sn_socket_close(place->socket);
    place->outcome = bind_again(place->transport, &place->address);
}

TEST(the_address_is_free_when_a_close_in_a_callback_returns)
{
    struct in_callback place = {.transport = transport_of(state)};
    sn_engine *engine = engine_make(1);
    struct pending pending, post;
    sn_endpoint from;
    char byte;
    place.socket = open_addressed(place.transport, &place.address);
    assert_ok(sn_socket_set_engine(place.socket, engine));
    begin(place.socket, &pending, &byte, &from);
    pending_init(&post);
    post.then = close_and_bind;
    post.context = &place;
    sn_engine_post_async(engine, &post.operation);
    assert_pending(SN_OK, &post);
    assert_ok(place.outcome);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
    sn_socket_release(place.socket);
    engine_destroy(engine);
}

static sn_error block_in_accept(void *socket)
{
    sn_socket *accepted = NULL;
    return sn_socket_accept(socket, &accepted);
}

/* The kernel keeps a file open that a thread polls. */
TEST(the_address_is_free_when_a_close_has_ended_a_blocked_call_beside_operations)
{
    for (int i = repetitions(50); i > 0; i--) {
        sn_endpoint address;
        struct pending pending;
        struct thread thread;
        sn_socket *socket = open_addressed(TCP_IPV4, &address);
        thread_start_blocked(&thread, block_in_accept, socket);
        begin(socket, &pending, NULL, NULL);
        sn_socket_close(socket);
        assert_ok(bind_again(TCP_IPV4, &address));
        assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
        assert_error(SN_ERROR_INTERRUPTED, thread_join(&thread));
        sn_socket_release(socket);
    }
}

TEST(a_listener_is_stopped_and_started_again_with_an_accept_pending)
{
    sn_endpoint local = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    sn_tcp_listener *listener = NULL;
    sn_socket *chosen = socket_listening(TCP_IPV4, 1);
    local = local_endpoint(chosen);
    sn_socket_release(chosen);
    assert_ok(sn_tcp_listener_create(&local, &listener));
    assert_ok(sn_tcp_listener_start(listener, 4));
    for (int i = repetitions(50); i > 0; i--) {
        struct pending pending;
        pending_init(&pending);
        sn_tcp_listener_accept_socket_async(listener, &pending.operation);
        sn_tcp_listener_stop(listener);
        assert_ok(sn_tcp_listener_start(listener, 4));
        assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
    }
    sn_tcp_listener_stop(listener);
    sn_tcp_listener_release(listener);
}

/* --- Nobody waits for what SO_LINGER holds back ----------------------------------------------- */

/* Hours: a call that waited would be seen by the test's own time limit. */
static void linger_long(sn_socket *socket)
{
    sn_linger_option linger = {.enabled = true, .seconds = 10000};
    assert_ok(sn_socket_set_linger_state(socket, &linger));
}

static void close_in_callback(struct pending *pending)
{
    sn_socket_close(pending->context);
}

static void disconnect_in_callback(struct pending *pending)
{
    assert_ok(sn_socket_disconnect(pending->context, true));
}

/* What was handed to the kernel arrives all the same. */
static void assert_end_behind(sn_socket *socket, size_t size)
{
    static char data[65536];
    size_t count = 1, sum = 0;
    while (count > 0) {
        assert_ok(sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &count));
        sum += count;
    }
    assert_int_equal(sum, size);
}

TEST(an_engine_does_not_wait_for_a_peer_that_reads_nothing)
{
    static void (*const ends[])(struct pending *) = {close_in_callback, disconnect_in_callback};
    sn_engine *engine = engine_make(1);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending post, behind;
        assert_ok(sn_socket_set_engine(pair.client, engine));
        size_t size = fill_for_good(pair.client);
        linger_long(pair.client);
        pending_init(&post);
        pending_init(&behind);
        post.then = ends[i];
        post.context = pair.client;
        sn_engine_post_async(engine, &post.operation);
        sn_engine_delay_async(engine, 1, &behind.operation);
        assert_pending(SN_OK, &post);
        assert_pending(SN_OK, &behind);
        assert_end_behind(pair.server, size);
        pair_release(&pair);
    }
    engine_destroy(engine);
}

TEST(a_disconnect_for_reuse_does_not_wait_for_a_peer_that_reads_nothing)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    size_t size = fill_for_good(pair.client);
    struct pending disconnect;
    linger_long(pair.client);
    pending_init(&disconnect);
    sn_socket_disconnect_async(pair.client, true, &disconnect.operation);
    assert_pending(SN_OK, &disconnect);
    assert_end_behind(pair.server, size);
    pair_release(&pair);
}

/* --- A close within a time -------------------------------------------------------------------- */

TEST(a_close_within_a_time_that_cuts_a_send_off_resets_the_connection)
{
    static char large[64 << 20];
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending send;
    size_t count = 1;
    sn_error error = SN_OK;
    pending_init(&send);
    sn_socket_send_async(pair.client, large, sizeof large, SN_FLAG_NONE, &send.operation);
    assert_ok(sn_socket_close_within(pair.client, 10000000));
    assert_pending(SN_ERROR_OPERATION_ABORTED, &send);
    while (!error && count > 0)
        error = sn_socket_receive(pair.server, large, sizeof large, SN_FLAG_NONE, &count);
    assert_error(SN_ERROR_CONNECTION_RESET, error);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(the_address_of_a_closed_socket_is_free_when_the_close_returns, TCP_IPV4),
        CASE_ON(the_address_of_a_closed_socket_is_free_when_the_close_returns, TCP_IPV6),
        CASE_ON(the_address_of_a_closed_socket_is_free_when_the_close_returns, UDP_IPV4),
        CASE_ON(the_address_of_a_closed_socket_is_free_when_the_close_returns, UDP_IPV6),
        ON_TCP(a_listeners_address_is_free_although_its_engine_is_in_a_callback),
        CASE_ON(the_address_is_free_when_a_close_in_a_callback_returns, TCP_IPV4),
        CASE_ON(the_address_is_free_when_a_close_in_a_callback_returns, UDP_IPV4),
        CASE(the_address_is_free_when_a_close_has_ended_a_blocked_call_beside_operations),
        CASE(a_listener_is_stopped_and_started_again_with_an_accept_pending),
        CASE(an_engine_does_not_wait_for_a_peer_that_reads_nothing),
        CASE(a_disconnect_for_reuse_does_not_wait_for_a_peer_that_reads_nothing),
        CASE(a_close_within_a_time_that_cuts_a_send_off_resets_the_connection),
    };
    return RUN(cases);
}
