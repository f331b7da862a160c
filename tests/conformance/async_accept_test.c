/*
 * Accepting asynchronously (contract B.3): several pending, into a socket that is there already,
 * and what happens when no descriptor is free. Traps 41, 42, 44.
 */
#include "support/allocations.h"
#include "support/async.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/threads.h"

/* Trap 42. */
TEST(each_of_several_accepts_gets_a_connection_of_its_own_in_order)
{
    enum { COUNT = 8 };
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 2), *clients[COUNT];
    sn_endpoint address = local_endpoint(listener);
    struct pending accepts[COUNT];
    pending_init_all(accepts, COUNT);
    for (int i = 0; i < COUNT; i++)
        sn_socket_accept_async(listener, NULL, &accepts[i].operation);
    for (int i = 0; i < COUNT; i++) { /* more than the queue has room for */
        clients[i] = socket_make(transport);
        assert_ok(sn_socket_connect(clients[i], &address));
        send_plain(clients[i], &"abcdefgh"[i], 1);
    }
    for (int i = 0; i < COUNT; i++) {
        char letter = 0;
        assert_pending(SN_OK, &accepts[i]);
        sn_socket *server = sn_operation_get_socket(&accepts[i].operation);
        assert_non_null(server);
        assert_true(sn_socket_is_connected(server));
        receive_plain(server, &letter, 1);
        assert_int_equal("abcdefgh"[i], letter);
        sn_socket_release(server);
        sn_socket_release(clients[i]);
    }
    sn_socket_release(listener);
}

/* The accepted socket works with every kind of call, on the engine of its listener. */
TEST(an_accepted_socket_can_be_used_at_once)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 2), *client = socket_make(transport);
    sn_endpoint address = local_endpoint(listener);
    struct pending accept, receive;
    char byte = 0;
    pending_init(&accept);
    pending_init(&receive);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    assert_ok(sn_socket_connect(client, &address));
    assert_pending(SN_OK, &accept);
    sn_socket *server = accept.operation.socket;
    sn_socket_receive_async(server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    send_plain(client, "x", 1);
    assert_pending(SN_OK, &receive);
    send_plain(server, "y", 1);
    receive_plain(client, &byte, 1);
    assert_int_equal('y', byte);
    sn_endpoint remote = remote_endpoint(server), local = local_endpoint(server);
    assert_same_endpoint(&address, &local);
    if (transport_is_ip(transport)) {
        sn_endpoint there = local_endpoint(client);
        assert_same_endpoint(&there, &remote);
    }
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Into a socket ---------------------------------------------------------------------------- */

static sn_error accept_into(sn_socket *listener, sn_socket *into, struct pending *accept)
{
    bool is_ipv6 = sn_socket_get_address_family(listener) == SN_FAMILY_IPV6;
    sn_endpoint address = local_endpoint(listener);
    sn_socket *client = socket_make(is_ipv6 ? TCP_IPV6 : TCP_IPV4);
    pending_init(accept);
    sn_socket_accept_async(listener, into, &accept->operation);
    assert_ok(sn_socket_connect(client, &address));
    pending_wait(accept);
    if (accept->operation.error == SN_OK) {
        char byte = 0;
        assert_ptr_equal(into, accept->operation.socket);
        send_plain(client, "x", 1);
        receive_plain(into, &byte, 1);
        assert_int_equal('x', byte);
    } else {
        assert_null(accept->operation.socket);
    }
    sn_socket_release(client);
    return accept->operation.error;
}

/* Traps 5 and 44. */
TEST(a_connection_can_be_accepted_into_an_unused_socket)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 2), *into = socket_make(TCP_IPV4);
    struct pending accept;
    sn_handle handle = sn_socket_get_handle(into);
    assert_ok(accept_into(listener, into, &accept));
    assert_int_equal(handle, sn_socket_get_handle(into));
    assert_true(descriptor_is_close_on_exec(handle));
    assert_true(sn_socket_is_connected(into));
    assert_true(sn_socket_is_bound(into));
    assert_error(SN_ERROR_INVALID_OPERATION, accept_into(listener, into, &accept)); /* connected */
    sn_socket_release(into);
    sn_socket_release(listener);
}

/* Trap 44. */
TEST(a_connection_can_be_accepted_into_a_disconnected_socket)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending accept, receive;
    char byte;
    pending_init(&receive);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &receive.operation);
    send_plain(pair.server, "x", 1);
    assert_pending(SN_OK, &receive); /* so an engine knows the old descriptor */
    assert_ok(sn_socket_disconnect(pair.client, true));
    assert_ok(accept_into(pair.listener, pair.client, &accept));
    pair_release(&pair);
}

/* A thread that looks on while connections of both families are accepted into one socket. */
struct onlooker {
    sn_socket *socket;
    atomic_bool has_seen_ipv4, has_seen_ipv6, may_stop;
    struct thread thread;
};

static sn_error look_on(void *context)
{
    struct onlooker *onlooker = context;
    while (!atomic_load(&onlooker->may_stop)) {
        sn_address_family family = sn_socket_get_address_family(onlooker->socket);
        if (family != SN_FAMILY_IPV4 && family != SN_FAMILY_IPV6)
            return SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
        if (sn_socket_get_socket_type(onlooker->socket) != SN_TYPE_STREAM ||
            sn_socket_get_protocol_type(onlooker->socket) != SN_PROTOCOL_TCP)
            return SN_ERROR_PROTOCOL_TYPE;
        atomic_store(family == SN_FAMILY_IPV4 ? &onlooker->has_seen_ipv4 : &onlooker->has_seen_ipv6,
                     true);
    }
    return SN_OK;
}

/* Mostly for the thread sanitizer: a socket that is accepted into takes over the listener's kind.
 */
TEST(any_thread_may_ask_for_the_family_while_a_connection_is_accepted_into_the_socket)
{
    enum { ROUNDS = 40 };
    if (transport_missing(TCP_IPV6))
        SKIP("this machine has no IPv6");
    sn_socket *listeners[] = {socket_listening(TCP_IPV4, 2), socket_listening(TCP_IPV6, 2)};
    struct onlooker onlooker = {.socket = socket_make(TCP_IPV4)};
    thread_start(&onlooker.thread, look_on, &onlooker);
    for (int i = 0; i < ROUNDS || !atomic_load(&onlooker.has_seen_ipv4) ||
                    !atomic_load(&onlooker.has_seen_ipv6);
         i++) {
        struct pending accept;
        sn_socket *listener = listeners[i % 2];
        assert_ok(accept_into(listener, onlooker.socket, &accept));
        assert_int_equal(sn_socket_get_address_family(listener),
                         sn_socket_get_address_family(onlooker.socket));
        assert_ok(sn_socket_disconnect(onlooker.socket, true));
    }
    atomic_store(&onlooker.may_stop, true);
    assert_ok(thread_join(&onlooker.thread));
    sn_socket_release(onlooker.socket);
    sn_socket_release(listeners[0]);
    sn_socket_release(listeners[1]);
}

/* Trap 44. */
TEST(a_socket_that_is_bound_or_shut_down_is_not_accepted_into)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_socket *bound = socket_bound(TCP_IPV4), *closed = socket_make(TCP_IPV4);
    struct pending accept;
    assert_error(SN_ERROR_INVALID_OPERATION, accept_into(pair.listener, bound, &accept));
    assert_error(SN_ERROR_INVALID_OPERATION, accept_into(pair.listener, pair.server, &accept));
    assert_ok(sn_socket_disconnect(pair.client, false));
    assert_error(SN_ERROR_INVALID_ARGUMENT, accept_into(pair.listener, pair.client, &accept));
    sn_socket_close(closed);
    assert_error(SN_ERROR_OBJECT_DISPOSED, accept_into(pair.listener, closed, &accept));
    sn_socket_release(bound);
    sn_socket_release(closed);
    pair_release(&pair);
}

/* Trap 41. */
TEST(an_accept_on_what_does_not_listen_is_refused)
{
    sn_socket *sockets[] = {socket_make(TCP_IPV4), socket_bound(TCP_IPV4), socket_bound(UDP_IPV4)};
    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        struct pending accept;
        pending_init(&accept);
        sn_socket_accept_async(sockets[i], NULL, &accept.operation);
        assert_pending(SN_ERROR_INVALID_OPERATION, &accept);
        sn_socket_release(sockets[i]);
    }
}

/* Decision 0008: nobody could be waiting for the engine but who drives it. */
TEST(a_socket_that_is_to_be_accepted_into_can_be_closed)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 2), *into = socket_make(TCP_IPV4);
    sn_socket *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    struct pending accept;
    char byte;
    size_t count = 1;
    pending_init(&accept);
    sn_socket_accept_async(listener, into, &accept.operation);
    sn_socket_close(into);
    assert_int_equal(-1, sn_socket_get_handle(into));
    sn_socket_release(into); /* the operation needs no reference to it */
    assert_ok(sn_socket_connect(client, &address));
    assert_pending(SN_ERROR_OPERATION_ABORTED, &accept);
    assert_null(accept.operation.socket);
    assert_ok(sn_socket_receive(client, &byte, 1, SN_FLAG_NONE, &count));
    assert_int_equal(0, count); /* what was accepted is closed */
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- No descriptor is free -------------------------------------------------------------------- */

struct accept_loop {
    struct pending accept;
    sn_socket *listener;
    _Atomic(sn_socket *) accepted;
    sn_error last_failure;
};

/* Goes on after every error, as a server does. */
static void accept_again(struct pending *pending)
{
    struct accept_loop *loop = pending->context;
    if (pending->operation.error == SN_OK) {
        atomic_store(&loop->accepted, pending->operation.socket);
        return;
    }
    loop->last_failure = pending->operation.error;
    sn_socket_accept_async(loop->listener, NULL, &pending->operation);
}

static double processor_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

enum { DESCRIPTORS = 64 };

/* Uses up all that is left of DESCRIPTORS. */
static int use_up(int *used)
{
    int count = 0;
    while (count < DESCRIPTORS && (used[count] = dup(0)) >= 0)
        count++;
    return count;
}

TEST(without_a_free_descriptor_an_accept_loop_neither_spins_nor_loses_the_connection)
{
    enum { FAILURES = 20 };
    struct rlimit before;
    sn_socket *listener = socket_listening(TCP_IPV4, 2), *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    struct accept_loop loop = {.listener = listener};
    int used[DESCRIPTORS];
    pending_init(&loop.accept);
    loop.accept.then = accept_again;
    loop.accept.context = &loop;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    struct rlimit few = {.rlim_cur = DESCRIPTORS, .rlim_max = before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    int count = use_up(used);
    double seconds = processor_seconds();
    sn_socket_accept_async(listener, NULL, &loop.accept.operation);
    sn_error connected = sn_socket_connect(client, &address);
    pending_wait_count(&loop.accept, FAILURES);
    seconds = processor_seconds() - seconds;
    assert_null(atomic_load(&loop.accepted));
    while (count > 0)
        close(used[--count]);
    for (int i = FAILURES; atomic_load(&loop.accepted) == NULL; i++)
        pending_wait_count(&loop.accept, i);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_ok(connected);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, loop.last_failure);
    assert_true(seconds < 1); /* between two failures it sleeps */
    char byte = 0;
    send_plain(client, "x", 1);
    receive_plain(loop.accepted, &byte, 1);
    sn_socket_release(loop.accepted);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Without memory --------------------------------------------------------------------------- */

/* What it needs it has from its start, so the connection is not lost. */
TEST(a_pending_accept_needs_no_memory_for_its_connection)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 2), *client = socket_make(transport);
    sn_endpoint address = local_endpoint(listener);
    struct pending accept;
    char byte = 0;
    pending_init(&accept);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    allocations_begin();
    assert_ok(sn_socket_connect(client, &address));
    pending_wait(&accept);
    size_t count = allocations_count();
    allocations_end();
    assert_int_equal(0, count);
    assert_ok(accept.operation.error);
    send_plain(client, "x", 1);
    receive_plain(accept.operation.socket, &byte, 1);
    sn_socket_release(accept.operation.socket);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(an_accept_without_memory_leaves_the_connection_to_the_next)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 2), *client = socket_make(transport);
    sn_endpoint address = local_endpoint(listener);
    struct pending accept;
    char byte = 0;
    assert_ok(sn_socket_connect(client, &address));
    pending_init(&accept);
    allocations_begin();
    allocations_fail_nth(1);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    pending_wait(&accept);
    allocations_end();
    assert_error(SN_ERROR_OUT_OF_MEMORY, accept.operation.error);
    assert_null(accept.operation.socket);
    pending_init(&accept);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    assert_pending(SN_OK, &accept);
    send_plain(client, "x", 1);
    receive_plain(accept.operation.socket, &byte, 1);
    sn_socket_release(accept.operation.socket);
    sn_socket_release(client);
    sn_socket_release(listener);
}

static void cancel_one(sn_socket *listener, struct pending *accept)
{
    (void)listener;
    sn_operation_cancel(&accept->operation);
}

static void cancel_socket(sn_socket *listener, struct pending *accept)
{
    (void)accept;
    sn_socket_cancel(listener);
}

static void close_listener(sn_socket *listener, struct pending *accept)
{
    (void)accept;
    sn_socket_close(listener);
}

TEST(an_accept_that_is_ended_gives_its_memory_back)
{
    static void (*const ends[])(sn_socket *, struct pending *) = {cancel_one, cancel_socket,
                                                                  close_listener};
    struct pending accepts[3];
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        row_begin("end %zu", i);
        engines_settle();
        allocations_begin();
        sn_socket *listener = socket_listening(TCP_IPV4, 2);
        pending_init_all(accepts, COUNT_OF(accepts));
        for (size_t k = 0; k < COUNT_OF(accepts); k++)
            sn_socket_accept_async(listener, NULL, &accepts[k].operation);
        for (size_t k = 0; k < COUNT_OF(accepts); k++)
            ends[i](listener, &accepts[k]);
        for (size_t k = 0; k < COUNT_OF(accepts); k++)
            pending_wait(&accepts[k]);
        sn_socket_release(listener);
        engines_settle(); /* the engine closes it */
        row_equal(COUNT_OF(accepts) + 1, allocations_count());
        row_equal(0, allocations_outstanding());
        allocations_end();
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(each_of_several_accepts_gets_a_connection_of_its_own_in_order),
        ON_LISTENERS(an_accepted_socket_can_be_used_at_once),
        CASE(a_connection_can_be_accepted_into_an_unused_socket),
        CASE(a_connection_can_be_accepted_into_a_disconnected_socket),
        CASE(any_thread_may_ask_for_the_family_while_a_connection_is_accepted_into_the_socket),
        CASE(a_socket_that_is_bound_or_shut_down_is_not_accepted_into),
        CASE(a_socket_that_is_to_be_accepted_into_can_be_closed),
        CASE(an_accept_on_what_does_not_listen_is_refused),
        CASE(without_a_free_descriptor_an_accept_loop_neither_spins_nor_loses_the_connection),
        ON_LISTENERS(a_pending_accept_needs_no_memory_for_its_connection),
        ON_LISTENERS(an_accept_without_memory_leaves_the_connection_to_the_next),
        CASE(an_accept_that_is_ended_gives_its_memory_back),
    };
    return RUN(cases);
}
