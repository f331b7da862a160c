/*
 * Batches as operations: their order among others, and what is told when a limit, a cancel or a
 * close ends one that has begun.
 */
#include "conformance/batches.h"
#include "support/async.h"

enum { MANY = 600 };

/* Fills the way to the peer and leaves more than half of the batch behind. */
static void start_stuck(struct socket_pair *pair, struct pending *pending)
{
    pending_init(pending);
    (void)batch_out(MANY, 0, NULL);
    assert_true(
        sn_socket_send_batch_async(pair->client, sent.datagrams, MANY, 0, &pending->operation));
    wait_readable(pair->server);
}

static size_t bytes_of(size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += size_of_place(i);
    return bytes;
}

/* A success with what has gone, of which everything arrives; the rest is as it was. */
static void assert_partly_sent(struct socket_pair *pair, struct pending *pending)
{
    assert_pending(SN_OK, pending);
    size_t count = sn_operation_get_datagram_count(&pending->operation);
    assert_in_range(count, 1, MANY - 1);
    assert_int_equal(pending->operation.transferred, bytes_of(count));
    assert_all_sent(sent.datagrams, count);
    for (size_t i = count; i < MANY; i++) {
        assert_ok(sent.datagrams[i].error);
        assert_int_equal(sent.datagrams[i].transferred, 0);
    }
    assert_receives_batch(pair->server, 0, count, 0);
    assert_false(is_readable(pair->server));
}

TEST(a_cancel_tells_what_has_gone)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending pending;
    start_stuck(&pair, &pending);
    sn_operation_cancel(&pending.operation);
    assert_partly_sent(&pair, &pending);
    pair_release(&pair);
}

TEST(a_cancel_of_the_socket_tells_what_has_gone)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending pending;
    start_stuck(&pair, &pending);
    sn_socket_cancel(pair.client);
    assert_partly_sent(&pair, &pending);
    pair_release(&pair);
}

TEST(a_limit_tells_what_has_gone)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending pending;
    pending_init(&pending);
    pending.operation.timeout_ms = 5;
    (void)batch_out(MANY, 0, NULL);
    assert_true(
        sn_socket_send_batch_async(pair.client, sent.datagrams, MANY, 0, &pending.operation));
    assert_partly_sent(&pair, &pending);
    pair_release(&pair);
}

TEST(a_close_ends_a_batch_and_its_count_stays)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending pending;
    start_stuck(&pair, &pending);
    sn_socket_close(pair.client);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &pending);
    size_t count = sn_operation_get_datagram_count(&pending.operation);
    assert_in_range(count, 1, MANY - 1);
    assert_int_equal(pending.operation.transferred, bytes_of(count));
    assert_receives_batch(pair.server, 0, count, 0);
    pair_release(&pair);
}

TEST(a_receive_that_is_ended_has_taken_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    for (int how = 0; how < 2; how++) {
        struct pending pending;
        pending_init(&pending);
        if (how == 1)
            pending.operation.timeout_ms = 1;
        assert_true(sn_socket_receive_batch_async(pair.server, batch_in(3, true), 3, 0,
                                                  &pending.operation));
        if (how == 0)
            sn_operation_cancel(&pending.operation);
        assert_pending(how == 0 ? SN_ERROR_OPERATION_CANCELED : SN_ERROR_TIMED_OUT, &pending);
        assert_int_equal(sn_operation_get_datagram_count(&pending.operation), 0);
        assert_ok(received.datagrams[0].error);
    }
    send_text(pair.client, "still here");
    assert_receives(pair.server, "still here");
    pair_release(&pair);
}

/* Batches and single ones, in the order they were started. */
TEST(batches_keep_their_order_among_other_operations)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending sends[3], receives[3];
    char text[8] = {0};
    pending_init_all(sends, 3);
    pending_init_all(receives, 3);
    sn_datagram *in = batch_in(8, false), *out = batch_out(8, 20, NULL);
    sn_socket_receive_batch_async(pair.server, in, 1, 0, &receives[0].operation);
    sn_socket_receive_async(pair.server, text, sizeof text, 0, &receives[1].operation);
    sn_socket_send_batch_async(pair.client, out, 1, 0, &sends[0].operation);
    sn_socket_send_async(pair.client, "between", 7, 0, &sends[1].operation);
    sn_socket_send_batch_async(pair.client, &out[1], 4, 0, &sends[2].operation);
    for (int i = 0; i < 3; i++)
        assert_pending(SN_OK, &sends[i]);
    for (int i = 0; i < 2; i++)
        assert_pending(SN_OK, &receives[i]);
    assert_int_equal(sn_operation_get_datagram_count(&receives[0].operation), 1);
    assert_int_equal(sn_operation_get_datagram_count(&receives[1].operation), 0);
    assert_true(is_filled(in[0].buffer.data, 20, 0));
    assert_string_equal(text, "between");
    sn_socket_receive_batch_async(pair.server, &in[1], 4, 0, &receives[2].operation);
    assert_pending(SN_OK, &receives[2]);
    assert_int_equal(sn_operation_get_datagram_count(&receives[2].operation), 4);
    for (size_t i = 1; i < 5; i++)
        assert_true(is_filled(in[i].buffer.data, 20, i));
    pair_release(&pair);
}

/* --- A worker that has others to serve -------------------------------------------------------- */

static void count_up(struct pending *pending)
{
    ++*(int *)pending->context;
}

/* A batch of thousands gives the worker back in between. */
TEST(a_long_batch_leaves_others_their_turn)
{
    sn_engine *engine = engine_make(0);
    struct socket_pair pair = pair_plain(UDP_IPV4);
    struct pending batch, post;
    int count = 0;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    make_room(pair.server);
    places_reset();
    pending_init(&batch);
    pending_init(&post);
    post.then = count_up;
    post.context = &count;
    batch.then = count_up;
    batch.context = &count;
    sn_socket_send_batch_async(pair.client, batch_out(BATCH_MAX, 5, NULL), BATCH_MAX, 0,
                               &batch.operation);
    sn_engine_post_async(engine, &post.operation);
    run_until(engine, &batch);
    run_until(engine, &post);
    assert_int_equal(batch.place, 2);
    assert_int_equal(post.place, 1);
    assert_int_equal(sn_operation_get_datagram_count(&batch.operation), BATCH_MAX);
    sn_socket_release(pair.client);
    pair.client = NULL;
    pair_release(&pair);
    engine_destroy(engine);
}

/* Nothing is allocated per batch, and a record may be used again for anything. */
TEST(one_record_serves_for_batches_and_for_others_in_turn)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending pending;
    char text[8];
    for (int round = 0; round < 5; round++) {
        pending_init(&pending);
        sn_socket_send_batch_async(pair.client, batch_out(3, 0, NULL), 3, 0, &pending.operation);
        assert_pending(SN_OK, &pending);
        assert_int_equal(sn_operation_get_datagram_count(&pending.operation), 3);
        assert_receives_batch(pair.server, 0, 3, 0);
        pending_init(&pending);
        sn_socket_send_async(pair.client, "text", 4, 0, &pending.operation);
        assert_pending(SN_OK, &pending);
        assert_int_equal(sn_operation_get_datagram_count(&pending.operation), 0);
        pending_init(&pending);
        sn_socket_receive_async(pair.server, text, sizeof text, 0, &pending.operation);
        assert_pending(SN_OK, &pending);
        assert_int_equal(pending.operation.transferred, 4);
    }
    pair_release(&pair);
}

#define ON_UNIX(test) CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UNIX(a_cancel_tells_what_has_gone),
        ON_UNIX(a_cancel_of_the_socket_tells_what_has_gone),
        ON_UNIX(a_limit_tells_what_has_gone),
        ON_UNIX(a_close_ends_a_batch_and_its_count_stays),
        ON_MESSAGES(a_receive_that_is_ended_has_taken_nothing),
        ON_MESSAGES(batches_keep_their_order_among_other_operations),
        CASE(a_long_batch_leaves_others_their_turn),
        ON_MESSAGES(one_record_serves_for_batches_and_for_others_in_turn),
    };
    return RUN(cases);
}
