/*
 * One socket, many threads (the thread contract of <sennit/socket.h>): sending and receiving at
 * once, several senders, several receivers, several acceptors, and references that are given back
 * in any order.
 */
#include "support/run.h"

#include <stdlib.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/verbs.h"

/* --- Both directions at once ----------------------------------------------------------------- */

enum { STREAM_SIZE = 4 << 20 };

struct direction {
    sn_socket *from, *to;
    unsigned char first; /* of the pattern */
    size_t moved;
    struct thread thread;
};

static sn_error send_stream(void *context)
{
    struct direction *direction = context;
    unsigned char *data = malloc(STREAM_SIZE);
    if (!data)
        return SN_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < STREAM_SIZE; i++)
        data[i] = (unsigned char)(direction->first + i * 7 / 64);
    sn_error error = do_send(direction->from, data, STREAM_SIZE, SN_FLAG_NONE, &direction->moved);
    free(data);
    return error;
}

static sn_error receive_stream(void *context)
{
    struct direction *direction = context;
    unsigned char data[8192];
    size_t total = 0, received = 1;
    while (total < STREAM_SIZE && received > 0) {
        sn_error error = do_receive(direction->to, data, sizeof data, SN_FLAG_NONE, &received);
        if (error)
            return error;
        for (size_t i = 0; i < received; i++)
            if (data[i] != (unsigned char)(direction->first + (total + i) * 7 / 64))
                return SN_ERROR_FORMAT;
        total += received;
    }
    direction->moved = total;
    return SN_OK;
}

TEST(a_stream_carries_both_directions_at_once)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct direction directions[4] = {
        {.from = pair.client, .first = 1},
        {.to = pair.server, .first = 1},
        {.from = pair.server, .first = 100},
        {.to = pair.client, .first = 100},
    };
    for (int i = 0; i < 4; i++)
        thread_start(&directions[i].thread, directions[i].from ? send_stream : receive_stream,
                     &directions[i]);
    for (int i = 0; i < 4; i++) {
        assert_ok(thread_join(&directions[i].thread));
        assert_int_equal(STREAM_SIZE, directions[i].moved);
    }
    pair_release(&pair);
}

struct caller {
    sn_socket *socket;
    struct thread thread;
};

static sn_error receive_one(void *context)
{
    struct caller *caller = context;
    char byte;
    size_t received;
    return do_receive(caller->socket, &byte, 1, SN_FLAG_NONE, &received);
}

static sn_error send_one(void *context)
{
    struct caller *caller = context;
    size_t sent;
    return do_send(caller->socket, "x", 1, SN_FLAG_NONE, &sent);
}

TEST(a_blocked_receive_does_not_hold_up_a_send)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct caller receiver = {.socket = pair.client};
    thread_start_blocked(&receiver.thread, receive_one, &receiver);
    send_text(pair.client, "passes by");
    assert_receives(pair.server, "passes by");
    assert_false(thread_is_done(&receiver.thread));
    send_text(pair.server, "x");
    assert_ok(thread_join(&receiver.thread));
    pair_release(&pair);
}

TEST(a_blocked_send_does_not_hold_up_a_receive)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct caller sender = {.socket = pair.client};
    (void)fill_until_full(pair.client);
    thread_start(&sender.thread, send_one, &sender); /* blocked, or done if a byte still fits */
    send_text(pair.server, "passes by");
    assert_receives(pair.client, "passes by");
    sn_socket_close(pair.client);
    sn_error error = thread_join(&sender.thread);
    if (error)
        assert_int_not_equal(SN_ERROR_WOULD_BLOCK, error);
    pair_release(&pair);
}

/* --- Several senders ------------------------------------------------------------------------- */

enum { SENDERS = 4, BLOCKS = 24, BLOCK_SIZE = 100000 };

struct block_sender {
    sn_socket *socket;
    char letter;
    struct thread thread;
};

static sn_error send_blocks(void *context)
{
    struct block_sender *sender = context;
    char *block = malloc(BLOCK_SIZE);
    sn_error error = block ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    size_t sent = 0;
    if (block)
        memset(block, sender->letter, BLOCK_SIZE);
    for (int i = 0; i < BLOCKS && !error; i++) {
        error = do_send(sender->socket, block, BLOCK_SIZE, SN_FLAG_NONE, &sent);
        if (!error && sent != BLOCK_SIZE)
            error = SN_ERROR_SOCKET_ERROR;
    }
    free(block);
    return error;
}

static void receive_exactly_into(sn_socket *socket, char *data, size_t size)
{
    size_t received = 0;
    for (size_t total = 0; total < size; total += received) {
        assert_ok(do_receive(socket, data + total, size - total, SN_FLAG_NONE, &received));
        assert_int_not_equal(0, received);
    }
}

/* <sennit/transfer.h>: "the bytes of one call stay together when several threads send". */
TEST(the_bytes_of_one_send_stay_together)
{
    static char block[BLOCK_SIZE];
    struct socket_pair pair = pair_connected(transport_of(state));
    struct block_sender senders[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct block_sender){.socket = pair.client, .letter = (char)('a' + i)};
        thread_start(&senders[i].thread, send_blocks, &senders[i]);
    }
    int counts[SENDERS] = {0};
    for (int i = 0; i < SENDERS * BLOCKS; i++) {
        receive_exactly_into(pair.server, block, sizeof block);
        assert_in_range(block[0], 'a', 'a' + SENDERS - 1);
        assert_memory_equal(block, block + 1, sizeof block - 1); /* one letter all through */
        counts[block[0] - 'a']++;
    }
    for (int i = 0; i < SENDERS; i++) {
        assert_ok(thread_join(&senders[i].thread));
        assert_int_equal(BLOCKS, counts[i]);
    }
    pair_release(&pair);
}

/* --- Several receivers ----------------------------------------------------------------------- */

enum { RECEIVERS = 4, DATAGRAMS = 400, STOP = 0xFFFF };

struct datagram_receiver {
    sn_socket *socket;
    atomic_uchar *seen; /* shared: DATAGRAMS of them */
    struct thread thread;
};

static sn_error receive_datagrams(void *context)
{
    struct datagram_receiver *receiver = context;
    for (;;) {
        uint16_t number = 0;
        size_t received = 0;
        sn_error error =
            do_receive(receiver->socket, &number, sizeof number, SN_FLAG_NONE, &received);
        if (error)
            return error;
        if (received != sizeof number || (number >= DATAGRAMS && number != STOP))
            return SN_ERROR_FORMAT;
        if (number == STOP)
            return SN_OK;
        atomic_fetch_add(&receiver->seen[number], 1);
    }
}

/* Unix datagrams are not dropped: the sender waits. */
TEST(each_datagram_goes_to_one_of_several_receivers)
{
    static atomic_uchar seen[DATAGRAMS];
    struct socket_pair pair = pair_connected(transport_of(state));
    struct datagram_receiver receivers[RECEIVERS];
    for (int i = 0; i < DATAGRAMS; i++)
        atomic_store(&seen[i], 0);
    for (int i = 0; i < RECEIVERS; i++) {
        receivers[i] = (struct datagram_receiver){.socket = pair.server, .seen = seen};
        thread_start_blocked(&receivers[i].thread, receive_datagrams, &receivers[i]);
    }
    size_t sent;
    for (int i = 0; i < DATAGRAMS + RECEIVERS; i++) {
        uint16_t number = i < DATAGRAMS ? (uint16_t)i : STOP;
        assert_ok(do_send(pair.client, &number, sizeof number, SN_FLAG_NONE, &sent));
    }
    for (int i = 0; i < RECEIVERS; i++)
        assert_ok(thread_join(&receivers[i].thread));
    for (int i = 0; i < DATAGRAMS; i++)
        assert_int_equal(1, atomic_load(&seen[i]));
    pair_release(&pair);
}

/* --- Several acceptors ----------------------------------------------------------------------- */

enum { ACCEPTORS = 4, CLIENTS = 200 };

struct acceptor {
    sn_socket *listener;
    atomic_int *accepted;
    struct thread thread;
};

static sn_error accept_until_closed(void *context)
{
    struct acceptor *acceptor = context;
    for (;;) {
        sn_socket *server = NULL;
        sn_error error = do_accept(acceptor->listener, &server);
        if (error)
            return error;
        atomic_fetch_add(acceptor->accepted, 1);
        size_t sent;
        error = do_send(server, "x", 1, SN_FLAG_NONE, &sent);
        sn_socket_release(server);
        if (error)
            return error;
    }
}

TEST(each_client_goes_to_one_of_several_acceptors)
{
    enum transport transport = transport_of(state);
    atomic_int accepted = 0;
    struct acceptor acceptors[ACCEPTORS];
    sn_socket *listener = socket_listening(transport, 16);
    sn_endpoint address = local_endpoint(listener);
    for (int i = 0; i < ACCEPTORS; i++) {
        acceptors[i] = (struct acceptor){.listener = listener, .accepted = &accepted};
        thread_start(&acceptors[i].thread, accept_until_closed, &acceptors[i]);
    }
    for (int i = 0; i < CLIENTS; i++) {
        sn_socket *client = socket_make(transport);
        assert_ok(do_connect(client, &address));
        assert_receives(client, "x");
        assert_receives_end(client);
        sn_socket_release(client);
    }
    for (int i = 0; i < ACCEPTORS; i++)
        assert_true(thread_wait_in_call(&acceptors[i].thread));
    sn_socket_close(listener);
    for (int i = 0; i < ACCEPTORS; i++)
        assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&acceptors[i].thread));
    assert_int_equal(CLIENTS, atomic_load(&accepted));
    sn_socket_release(listener);
}

/* --- References ------------------------------------------------------------------------------ */

struct holder {
    sn_socket *socket; /* a reference of its own */
    struct thread thread;
};

static sn_error retain_and_release(void *context)
{
    struct holder *holder = context;
    for (int i = 0; i < 1000; i++) {
        sn_socket *another = sn_socket_retain(holder->socket);
        (void)sn_socket_is_connected(another);
        sn_socket_release(another);
    }
    sn_socket_release(holder->socket);
    return SN_OK;
}

TEST(the_last_of_many_references_closes_and_frees)
{
    allocations_begin();
    for (int round = 0; round < 20; round++) {
        struct holder holders[4];
        sn_socket *socket = socket_bound(UDP_IPV4);
        sn_handle handle = sn_socket_get_handle(socket);
        for (int i = 0; i < 4; i++) {
            holders[i].socket = sn_socket_retain(socket);
            thread_start(&holders[i].thread, retain_and_release, &holders[i]);
        }
        sn_socket_release(socket);
        for (int i = 0; i < 4; i++)
            (void)thread_join(&holders[i].thread);
        assert_false(descriptor_is_open(handle));
        assert_int_equal(0, allocations_outstanding());
    }
    allocations_end();
}

/* A thread in the middle of a call holds the object by the reference that it was given. */
static sn_error receive_and_release(void *context)
{
    struct holder *holder = context;
    char byte;
    size_t received;
    sn_error error = do_receive(holder->socket, &byte, 1, SN_FLAG_NONE, &received);
    sn_socket_release(holder->socket);
    return error;
}

TEST(a_blocked_thread_keeps_the_socket_that_others_have_released)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct holder holder = {.socket = sn_socket_retain(pair.client)};
    sn_handle handle = sn_socket_get_handle(pair.client);
    thread_start_blocked(&holder.thread, receive_and_release, &holder);
    sn_socket_release(pair.client);
    pair.client = NULL;
    assert_true(descriptor_is_open(handle));
    send_text(pair.server, "x");
    assert_ok(thread_join(&holder.thread));
    engines_settle();
    assert_false(descriptor_is_open(handle));
    pair_release(&pair);
}

/* --- Everything at once ---------------------------------------------------------------------- */

static atomic_bool stop;

static sn_error look_at_everything(void *context)
{
    struct caller *caller = context;
    while (!atomic_load(&stop)) {
        sn_endpoint local, remote;
        size_t available;
        sn_milliseconds value;
        sn_error error = sn_socket_get_local_endpoint(caller->socket, &local);
        if (!error)
            error = sn_socket_get_remote_endpoint(caller->socket, &remote);
        if (!error)
            error = sn_socket_get_available(caller->socket, &available);
        if (!error)
            error = sn_socket_set_receive_timeout(caller->socket, 1000 + (int)(available % 7));
        if (!error)
            error = sn_socket_get_receive_timeout(caller->socket, &value);
        if (!error)
            error = sn_socket_set_blocking(caller->socket, true);
        if (error)
            return error;
        if (!sn_socket_is_connected(caller->socket) || !sn_socket_is_bound(caller->socket))
            return SN_ERROR_NOT_CONNECTED;
        if (!sn_socket_is_blocking(caller->socket))
            return SN_ERROR_WOULD_BLOCK;
    }
    return SN_OK;
}

TEST(properties_are_read_and_set_while_data_moves)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct caller lookers[2] = {{.socket = pair.client}, {.socket = pair.client}};
    atomic_store(&stop, false);
    for (int i = 0; i < 2; i++)
        thread_start(&lookers[i].thread, look_at_everything, &lookers[i]);
    for (int i = 0; i < 500; i++) {
        send_text(pair.client, "ping");
        assert_receives(pair.server, "ping");
        send_text(pair.server, "pong");
        assert_receives(pair.client, "pong");
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++)
        assert_ok(thread_join(&lookers[i].thread));
    pair_release(&pair);
}

/* --- Memory ---------------------------------------------------------------------------------- */

TEST(sending_and_receiving_allocate_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "first"); /* what a thread makes once is not counted */
    assert_receives(pair.server, "first");
    allocations_begin();
    for (int i = 0; i < 20; i++) {
        send_text(pair.client, "there");
        assert_receives(pair.server, "there");
        send_text(pair.server, "and back");
        assert_receives(pair.client, "and back");
    }
    assert_int_equal(0, allocations_count());
    allocations_end();
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_stream_carries_both_directions_at_once),
        ON_ALL_CONNECTED(a_blocked_receive_does_not_hold_up_a_send),
        ON_LISTENERS(a_blocked_send_does_not_hold_up_a_receive),
        ON_STREAMS(the_bytes_of_one_send_stay_together),
        CASE_ON(each_datagram_goes_to_one_of_several_receivers, UNIX_DATAGRAM),
        CASE_ON(each_datagram_goes_to_one_of_several_receivers, UNIX_SEQPACKET),
        ON_LISTENERS(each_client_goes_to_one_of_several_acceptors),
        CASE(the_last_of_many_references_closes_and_frees),
        ON_ALL_CONNECTED(a_blocked_thread_keeps_the_socket_that_others_have_released),
        ON_ALL_CONNECTED(properties_are_read_and_set_while_data_moves),
        ON_ALL_CONNECTED(sending_and_receiving_allocate_nothing),
    };
    return RUN(cases);
}
