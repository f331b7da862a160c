/*
 * Receives that go on until they have enough, as operations (decision 0034): one completion, in
 * their order, and nothing comes between their parts.
 */
#include "support/async.h"
#include "support/threads.h"

#include <stdlib.h>

/* Until whoever receives has all that was sent. */
static void wait_taken(sn_socket *receiver)
{
    size_t left = 1;
    while (left > 0) {
        assert_ok(sn_socket_get_available(receiver, &left));
        give_way();
    }
}

static void send_taken(struct socket_pair *pair, const char *text)
{
    send_text(pair->client, text);
    wait_taken(pair->server);
}

/* --- Order ------------------------------------------------------------------------------------ */

TEST(they_take_their_turn_among_other_receives)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int round = repetitions(100); round > 0; round--) {
        struct pending receives[5];
        char first[5], second[2], third[3], fourth[8], fifth[1];
        pending_init_all(receives, 5);
        places_reset();
        sn_socket_receive_exactly_async(pair.server, first, 5, &receives[0].operation);
        sn_socket_receive_async(pair.server, second, 2, SN_FLAG_NONE, &receives[1].operation);
        sn_socket_receive_exactly_async(pair.server, third, 3, &receives[2].operation);
        sn_socket_receive_at_least_async(pair.server, fourth, 8, 2, &receives[3].operation);
        sn_socket_receive_async(pair.server, fifth, 1, SN_FLAG_NONE, &receives[4].operation);
        send_taken(&pair, "ab");
        send_taken(&pair, "cd");
        send_text(pair.client, "e12xy");
        assert_pending(SN_OK, &receives[1]);
        send_text(pair.client, "z");
        assert_pending(SN_OK, &receives[2]);
        send_taken(&pair, "7");
        send_text(pair.client, "89");
        assert_pending(SN_OK, &receives[3]);
        send_text(pair.client, "!");
        for (int i = 0; i < 5; i++) {
            assert_pending(SN_OK, &receives[i]);
            assert_int_equal(i + 1, receives[i].place);
        }
        assert_memory_equal("abcde", first, 5);
        assert_memory_equal("12", second, 2);
        assert_memory_equal("xyz", third, 3);
        assert_memory_equal("789", fourth, 3);
        assert_int_equal(3, receives[3].operation.transferred);
        assert_int_equal('!', fifth[0]);
    }
    pair_release(&pair);
}

/* Many at once, all there: what stands before and behind is gathered, they go by themselves. */
TEST(a_queue_of_both_kinds_is_filled_in_order)
{
    enum { COUNT = 60, ROOM = 8 };
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending receives[COUNT];
    unsigned char data[COUNT * ROOM], sent[COUNT * ROOM];
    fill_pattern(sent, sizeof sent, 0);
    pending_init_all(receives, COUNT);
    places_reset();
    for (int i = 0; i < COUNT; i++) {
        if (i % 7 == 3)
            sn_socket_receive_exactly_async(pair.server, data + i * ROOM, ROOM,
                                            &receives[i].operation);
        else
            sn_socket_receive_async(pair.server, data + i * ROOM, ROOM, SN_FLAG_NONE,
                                    &receives[i].operation);
    }
    send_plain(pair.client, sent, sizeof sent);
    for (int i = 0; i < COUNT; i++) {
        assert_pending(SN_OK, &receives[i]);
        assert_int_equal(ROOM, receives[i].operation.transferred);
        assert_int_equal(i + 1, receives[i].place);
    }
    assert_memory_equal(sent, data, sizeof sent);
    pair_release(&pair);
}

/* --- In callbacks ----------------------------------------------------------------------------- */

/* Messages with their length before them, as most protocols have them. */
struct framing {
    struct pending pending;
    sn_socket *socket;
    unsigned char length, body[255];
    bool is_body;
    int messages;
    bool is_wrong;
};

static void next_part(struct pending *pending)
{
    struct framing *framing = pending->context;
    if (framing->pending.operation.error)
        return;
    if (framing->is_body) {
        framing->messages++;
        framing->is_wrong |= !is_pattern(framing->body, framing->length, framing->length);
    }
    framing->is_body = !framing->is_body;
    if (framing->is_body)
        sn_socket_receive_exactly_async(framing->socket, framing->body, framing->length,
                                        &framing->pending.operation);
    else
        sn_socket_receive_exactly_async(framing->socket, &framing->length, 1,
                                        &framing->pending.operation);
}

/* Messages of no bytes among them. */
TEST(a_callback_starts_the_next_part_of_a_message)
{
    enum { MESSAGES = 2000 };
    struct socket_pair pair = pair_plain(transport_of(state));
    struct framing framing = {.socket = pair.server};
    unsigned char message[256];
    pending_init(&framing.pending);
    framing.pending.then = next_part;
    framing.pending.context = &framing;
    sn_socket_receive_exactly_async(pair.server, &framing.length, 1, &framing.pending.operation);
    for (int i = 0; i < MESSAGES; i++) {
        message[0] = (unsigned char)i;
        fill_pattern(message + 1, message[0], message[0]);
        assert_ok(sn_socket_send(pair.client, message, (size_t)message[0] + 1, SN_FLAG_NONE, NULL));
    }
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    pending_wait_count(&framing.pending, 2 * MESSAGES + 1);
    assert_error(SN_ERROR_END_OF_STREAM, framing.pending.operation.error);
    assert_int_equal(0, framing.pending.operation.transferred);
    assert_int_equal(MESSAGES, framing.messages);
    assert_false(framing.is_wrong);
    pair_release(&pair);
}

/* --- Ends in the middle ----------------------------------------------------------------------- */

TEST(a_cancel_gives_back_what_had_come_and_the_next_one_goes_on)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending first, second;
    char data[8], rest[2];
    pending_init(&first);
    pending_init(&second);
    sn_socket_receive_exactly_async(pair.server, data, 8, &first.operation);
    sn_socket_receive_exactly_async(pair.server, rest, 2, &second.operation);
    send_taken(&pair, "abc");
    sn_operation_cancel(&first.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &first);
    assert_int_equal(3, first.operation.transferred);
    assert_memory_equal("abc", data, 3);
    send_text(pair.client, "de");
    assert_pending(SN_OK, &second);
    assert_memory_equal("de", rest, 2);
    pair_release(&pair);
}

TEST(a_handle_and_a_time_limit_end_it_with_what_had_come)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    char data[8];
    for (int has_limit = 0; has_limit <= 1; has_limit++) {
        struct pending receive;
        pending_init(&receive);
        receive.operation.cancellation = has_limit ? NULL : cancellation;
        receive.operation.timeout_ms = has_limit ? 50 : 0;
        send_text(pair.client, "abc");
        wait_readable(pair.server);
        sn_socket_receive_exactly_async(pair.server, data, 8, &receive.operation);
        wait_taken(pair.server);
        if (!has_limit)
            sn_cancellation_cancel(cancellation);
        assert_pending(has_limit ? SN_ERROR_TIMED_OUT : SN_ERROR_OPERATION_CANCELED, &receive);
        assert_int_equal(3, receive.operation.transferred);
    }
    sn_cancellation_release(cancellation);
    pair_release(&pair);
}

TEST(the_end_of_an_engine_aborts_it_with_what_had_come)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    sn_engine *engine = engine_make(1);
    struct pending receive;
    char data[8];
    pending_init(&receive);
    assert_ok(sn_socket_set_engine(pair.server, engine));
    sn_socket_receive_exactly_async(pair.server, data, 8, &receive.operation);
    send_taken(&pair, "abc");
    engine_destroy(engine);
    assert_error(SN_ERROR_OPERATION_ABORTED, receive.operation.error);
    assert_int_equal(1, pending_count(&receive));
    assert_int_equal(3, receive.operation.transferred);
    pair_release(&pair);
}

/* --- Without a callback ----------------------------------------------------------------------- */

/* The thread that waits makes the attempts; each wait that ends early leaves what it has. */
TEST(waits_that_end_early_lose_nothing)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    char data[9];
    for (int hands_over = 0; hands_over <= 1; hands_over++) {
        sn_operation receive = {0};
        sn_socket_receive_exactly_async(pair.server, data, 9, &receive);
        assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&receive, 0));
        send_text(pair.client, "abc");
        wait_readable(pair.server);
        assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&receive, 10));
        wait_taken(pair.server);
        send_text(pair.client, "def");
        wait_readable(pair.server);
        if (hands_over) { /* from here on a worker has it */
            assert_false(sn_operation_is_completed(&receive));
            wait_taken(pair.server);
        }
        send_text(pair.client, "ghi");
        assert_ok(sn_operation_wait(&receive));
        assert_int_equal(9, receive.transferred);
        assert_memory_equal("abcdefghi", data, 9);
    }
    pair_release(&pair);
}

static sn_error wait_for_it(void *context)
{
    return sn_operation_wait(context);
}

/* While one thread waits and has a part, another thread's receives come behind. */
TEST(a_receive_of_another_thread_does_not_come_in_between)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int is_blocking = 0; is_blocking <= 1; is_blocking++) {
        sn_operation whole = {0}, behind = {0};
        struct thread thread;
        char data[6], other[2];
        sn_socket_receive_exactly_async(pair.server, data, 6, &whole);
        thread_start(&thread, wait_for_it, &whole);
        send_taken(&pair, "abc");
        if (is_blocking) {
            send_text(pair.client, "defgh");
            assert_ok(sn_socket_receive_exactly(pair.server, other, 2, NULL));
        } else {
            sn_socket_receive_exactly_async(pair.server, other, 2, &behind);
            send_text(pair.client, "defgh");
            assert_ok(sn_operation_wait(&behind));
        }
        assert_ok(thread_join(&thread));
        assert_memory_equal("abcdef", data, 6);
        assert_memory_equal("gh", other, 2);
    }
    pair_release(&pair);
}

TEST(a_cancel_and_a_close_end_one_that_a_thread_waits_for)
{
    for (int closes = 0; closes <= 1; closes++) {
        struct socket_pair pair = pair_plain(transport_of(state));
        sn_operation receive = {0};
        struct thread thread;
        char data[6];
        sn_socket_receive_exactly_async(pair.server, data, 6, &receive);
        thread_start(&thread, wait_for_it, &receive);
        send_taken(&pair, "abc");
        if (closes)
            sn_socket_close(pair.server);
        else
            sn_operation_cancel(&receive);
        assert_error(closes ? SN_ERROR_OPERATION_ABORTED : SN_ERROR_OPERATION_CANCELED,
                     thread_join(&thread));
        assert_int_equal(3, receive.transferred);
        pair_release(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(they_take_their_turn_among_other_receives),
        ON_STREAMS(a_queue_of_both_kinds_is_filled_in_order),
        ON_STREAMS(a_callback_starts_the_next_part_of_a_message),
        ON_STREAMS(a_cancel_gives_back_what_had_come_and_the_next_one_goes_on),
        ON_STREAMS(a_handle_and_a_time_limit_end_it_with_what_had_come),
        ON_STREAMS(the_end_of_an_engine_aborts_it_with_what_had_come),
        ON_STREAMS(waits_that_end_early_lose_nothing),
        ON_STREAMS(a_receive_of_another_thread_does_not_come_in_between),
        ON_STREAMS(a_cancel_and_a_close_end_one_that_a_thread_waits_for),
    };
    return RUN(cases);
}
