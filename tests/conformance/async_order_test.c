/*
 * The order of operations (contract B.14): those of one direction of one socket do their work as
 * they were started, blocking calls behind them, and the two directions never wait for each other.
 * Traps 49, 50, 51.
 */
#include "support/async.h"

#include <stdlib.h>

#define QUEUED 3

/* One round: as many receives as bytes, and the bytes come one by one. */
static void receive_in_order(struct socket_pair *pair, bool arrives_first)
{
    struct pending receives[QUEUED];
    char data[QUEUED] = "";
    pending_init_all(receives, QUEUED);
    places_reset();
    if (arrives_first)
        send_plain(pair->client, "abc", QUEUED);
    for (int i = 0; i < QUEUED; i++)
        sn_socket_receive_async(pair->server, &data[i], 1, SN_FLAG_NONE, &receives[i].operation);
    for (int i = 0; i < QUEUED && !arrives_first; i++)
        send_plain(pair->client, &"abc"[i], 1);
    for (int i = 0; i < QUEUED; i++) {
        assert_pending(SN_OK, &receives[i]);
        assert_int_equal(1, receives[i].operation.transferred);
        assert_int_equal("abc"[i], data[i]);
        assert_int_equal(i + 1, receives[i].place);
    }
}

/* Trap 51. */
TEST(queued_receives_are_filled_in_the_order_they_were_started)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_plain(transport);
    for (int i = repetitions(500); i > 0; i--)
        receive_in_order(&pair, transport_is_stream(transport) && i % 2 == 0);
    pair_release(&pair);
}

/* Trap 51, with sends that do not fit into the kernel at once. */
TEST(queued_sends_go_out_in_the_order_they_were_started)
{
    enum { SENDS = 8, SIZE = 300000 };
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending sends[SENDS];
    unsigned char *data = malloc(SENDS * SIZE), *seen = malloc(SENDS * SIZE);
    fill_pattern(data, SENDS * SIZE, 0);
    pending_init_all(sends, SENDS);
    places_reset();
    for (int i = 0; i < SENDS; i++)
        sn_socket_send_async(pair.client, data + i * SIZE, SIZE, SN_FLAG_NONE, &sends[i].operation);
    receive_plain(pair.server, seen, SENDS * SIZE);
    for (int i = 0; i < SENDS; i++) {
        assert_pending(SN_OK, &sends[i]);
        assert_int_equal(SIZE, sends[i].operation.transferred);
        assert_int_equal(i + 1, sends[i].place);
    }
    assert_true(is_pattern(seen, SENDS * SIZE, 0));
    free(data);
    free(seen);
    pair_release(&pair);
}

TEST(a_stream_send_completes_when_everything_was_sent)
{
    enum { SIZE = 24000000 };
    struct socket_pair pair = pair_plain(transport_of(state));
    unsigned char *data = malloc(SIZE), *seen = malloc(SIZE);
    fill_pattern(data, SIZE, 0);
    set_blocking(pair.client, false); /* which changes nothing */
    for (int as_list = 0; as_list <= 1; as_list++) {
        const sn_buffer pieces[] = {{data, 1}, {data + 1, 0}, {data + 1, SIZE - 1}};
        struct pending send;
        pending_init(&send);
        if (as_list)
            sn_socket_send_buffers_async(pair.client, pieces, 3, SN_FLAG_NONE, &send.operation);
        else
            sn_socket_send_async(pair.client, data, SIZE, SN_FLAG_NONE, &send.operation);
        receive_plain(pair.server, seen, SIZE / 24);
        assert_int_equal(0, pending_count(&send)); /* the kernel has no room for the rest */
        receive_plain(pair.server, seen + SIZE / 24, SIZE - SIZE / 24);
        assert_pending(SN_OK, &send);
        assert_int_equal(SIZE, send.operation.transferred);
        assert_true(is_pattern(seen, SIZE, 0));
    }
    free(data);
    free(seen);
    pair_release(&pair);
}

/* --- Blocking calls beside asynchronous ones -------------------------------------------------- */

static sn_error receive_one(void *context)
{
    char byte = 0;
    size_t received;
    sn_error error = sn_socket_receive(context, &byte, 1, SN_FLAG_NONE, &received);
    return error ? error : byte == 'b' ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_blocking_receive_waits_behind_an_asynchronous_one)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending first;
    struct thread second;
    char byte = 0;
    pending_init(&first);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &first.operation);
    thread_start_blocked(&second, receive_one, pair.server);
    send_plain(pair.client, "a", 1);
    assert_pending(SN_OK, &first);
    assert_int_equal('a', byte);
    send_plain(pair.client, "b", 1);
    assert_ok(thread_join(&second));
    pair_release(&pair);
}

/* --- The only thread of an engine, held in a callback ----------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held, may_go;
} hold = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void hold_change(bool *what)
{
    pthread_mutex_lock(&hold.lock);
    *what = true;
    pthread_cond_broadcast(&hold.changed);
    pthread_mutex_unlock(&hold.lock);
}

static void hold_wait(const bool *what)
{
    pthread_mutex_lock(&hold.lock);
    while (!*what)
        pthread_cond_wait(&hold.changed, &hold.lock);
    pthread_mutex_unlock(&hold.lock);
}

static void be_held(struct pending *pending)
{
    (void)pending;
    hold_change(&hold.is_held);
    hold_wait(&hold.may_go);
}

static void use_asynchronously(struct socket_pair *pair, sn_engine *engine)
{
    struct pending receive, send;
    char byte = 0;
    pending_init(&receive);
    pending_init(&send);
    assert_ok(sn_socket_set_engine(pair->client, engine));
    assert_ok(sn_socket_set_engine(pair->server, engine));
    sn_socket_receive_async(pair->server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_send_async(pair->client, "a", 1, SN_FLAG_NONE, &send.operation);
    assert_pending(SN_OK, &send);
    assert_pending(SN_OK, &receive);
    assert_int_equal('a', byte);
}

/* Trap 51: what was asynchronous before does not make a blocking call depend on an engine. */
TEST(a_blocking_call_on_a_socket_that_was_used_asynchronously_needs_no_thread_of_the_engine)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    sn_engine *engine = engine_make(1);
    struct pending held;
    struct thread receiver;
    char byte;
    size_t received;
    use_asynchronously(&pair, engine);
    pending_init(&held);
    held.then = be_held;
    hold.is_held = hold.may_go = false;
    sn_engine_post_async(engine, &held.operation);
    hold_wait(&hold.is_held);

    thread_start_blocked(&receiver, receive_one, pair.server); /* it has to wait */
    send_plain(pair.client, "b", 1);
    assert_ok(thread_join(&receiver));
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(0, pending_count(&held));

    hold_change(&hold.may_go);
    assert_pending(SN_OK, &held);
    pair_release(&pair);
    engine_destroy(engine);
}

/* B.14: a new call never overtakes queued ones, even if it could end at once. */
TEST(a_non_blocking_call_does_not_overtake_a_pending_operation)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive, send;
    char byte;
    size_t size = 77;
    pending_init(&receive);
    pending_init(&send);
    (void)fill_until_full(pair.server);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_send_async(pair.server, "x", 1, SN_FLAG_NONE, &send.operation);
    set_blocking(pair.server, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_send(pair.server, "y", 1, SN_FLAG_NONE, &size));
    assert_int_equal(77, size);
    sn_socket_close(pair.server);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &send);
    pair_release(&pair);
}

/* An asynchronous operation knows no WouldBlock. */
TEST(an_operation_on_a_non_blocking_socket_waits_all_the_same)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending receive;
    char byte = 0;
    set_blocking(pair.server, false);
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    assert_int_equal(0, pending_count(&receive));
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    assert_int_equal('x', byte);
    pair_release(&pair);
}

TEST(the_two_directions_do_not_wait_for_each_other)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending receive, send;
    char bytes[2];
    pending_init(&receive);
    pending_init(&send);
    sn_socket_receive_async(pair.server, &bytes[0], 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_send_async(pair.server, "s", 1, SN_FLAG_NONE, &send.operation);
    assert_pending(SN_OK, &send);
    receive_plain(pair.client, &bytes[1], 1);
    assert_int_equal(0, pending_count(&receive));
    send_plain(pair.client, "r", 1);
    assert_pending(SN_OK, &receive);
    assert_memory_equal("rs", bytes, 2);
    pair_release(&pair);
}

/* --- Many senders ----------------------------------------------------------------------------- */

enum { SENDERS = 4, MESSAGES = 6, MESSAGE_SIZE = 500000 };

struct sender {
    sn_socket *socket;
    struct thread thread;
    unsigned char *message; /* of one letter */
};

/* Without a callback: what the starting thread has begun itself goes on in the engine. */
static sn_error send_messages(void *context)
{
    struct sender *sender = context;
    for (int i = 0; i < MESSAGES; i++) {
        sn_operation send = {0};
        sn_socket_send_async(sender->socket, sender->message, MESSAGE_SIZE, SN_FLAG_NONE, &send);
        sn_error error = sn_operation_wait(&send);
        if (error || send.transferred != MESSAGE_SIZE)
            return error ? error : SN_ERROR_FAULT;
    }
    return SN_OK;
}

TEST(the_bytes_of_one_send_stay_together_when_several_threads_send)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct sender senders[SENDERS];
    unsigned char *seen = malloc(MESSAGE_SIZE);
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.socket = pair.client, .message = malloc(MESSAGE_SIZE)};
        memset(senders[i].message, 'a' + i, MESSAGE_SIZE);
        thread_start(&senders[i].thread, send_messages, &senders[i]);
    }
    for (int i = 0; i < SENDERS * MESSAGES; i++) {
        row_begin("message %d", i);
        receive_plain(pair.server, seen, MESSAGE_SIZE);
        size_t same = 0;
        while (same < MESSAGE_SIZE && seen[same] == seen[0])
            same++;
        row_equal(MESSAGE_SIZE, same);
    }
    for (int i = 0; i < SENDERS; i++) {
        assert_ok(thread_join(&senders[i].thread));
        free(senders[i].message);
    }
    free(seen);
    rows_end();
    pair_release(&pair);
}

/* --- Receives of no bytes --------------------------------------------------------------------- */

TEST(a_receive_of_no_bytes_completes_with_data_and_takes_none)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int i = 0; i < 3; i++) {
        struct pending look, again;
        char byte = 0;
        pending_init(&look);
        pending_init(&again);
        sn_socket_receive_async(pair.server, NULL, 0, SN_FLAG_NONE, &look.operation);
        assert_int_equal(0, pending_count(&look));
        send_plain(pair.client, "x", 1);
        assert_pending(SN_OK, &look);
        assert_int_equal(0, look.operation.transferred);
        sn_socket_receive_async(pair.server, NULL, 0, SN_FLAG_NONE, &again.operation);
        assert_pending(SN_OK, &again);
        receive_plain(pair.server, &byte, 1);
        assert_int_equal('x', byte);
    }
    pair_release(&pair);
}

TEST(a_receive_of_no_bytes_completes_when_the_peer_ends)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending look;
    pending_init(&look);
    sn_socket_receive_async(pair.server, NULL, 0, SN_FLAG_NONE, &look.operation);
    sn_socket_close(pair.client);
    assert_pending(SN_OK, &look);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(queued_receives_are_filled_in_the_order_they_were_started),
        ON_STREAMS(queued_sends_go_out_in_the_order_they_were_started),
        ON_STREAMS(a_stream_send_completes_when_everything_was_sent),
        ON_ALL_CONNECTED(a_blocking_receive_waits_behind_an_asynchronous_one),
        ON_ALL_CONNECTED(
            a_blocking_call_on_a_socket_that_was_used_asynchronously_needs_no_thread_of_the_engine),
        CASE(a_non_blocking_call_does_not_overtake_a_pending_operation),
        ON_ALL_CONNECTED(an_operation_on_a_non_blocking_socket_waits_all_the_same),
        ON_ALL_CONNECTED(the_two_directions_do_not_wait_for_each_other),
        ON_STREAMS(the_bytes_of_one_send_stay_together_when_several_threads_send),
        ON_ALL_CONNECTED(a_receive_of_no_bytes_completes_with_data_and_takes_none),
        ON_LISTENERS(a_receive_of_no_bytes_completes_when_the_peer_ends),
    };
    return RUN(cases);
}
