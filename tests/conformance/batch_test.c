/*
 * Many datagrams in one call: they keep their order, their bounds and their end points, and how
 * many have moved is told, whatever ends the batch.
 */
#include "conformance/batches.h"
#include "support/threads.h"

/* How many a Unix socket's queue certainly takes. */
static size_t count_for(enum transport transport, size_t wanted)
{
    return transport_family(transport) == SN_FAMILY_UNIX && wanted > 8 ? 8 : wanted;
}

TEST(a_batch_arrives_in_order_each_datagram_by_itself)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    static const size_t counts[] = {1, 2, 5, 64, 65, 200};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        size_t count = count_for(transport, counts[i]), moved = 77;
        assert_ok(do_send_batch(pair.client, batch_out(count, 0, NULL), count, 0, &moved));
        assert_int_equal(moved, count);
        assert_all_sent(sent.datagrams, count);
        assert_receives_batch(pair.server, 0, count, 0);
    }
    pair_release(&pair);
}

/* What leaves as one message arrives as those it was made of. */
TEST(datagrams_of_one_size_arrive_each_by_itself)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    make_room(pair.server);
    static const size_t counts[] = {2, 3, 64, 65, 129, 300};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        size_t count = count_for(transport, counts[i]), moved = 77;
        assert_ok(do_send_batch(pair.client, batch_out(count, 64, NULL), count, 0, &moved));
        assert_int_equal(moved, count);
        assert_all_sent(sent.datagrams, count);
        assert_receives_batch(pair.server, 0, count, 64);
    }
    pair_release(&pair);
}

TEST(a_batch_is_larger_than_the_kernel_takes_at_once)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    make_room(pair.server);
    for (size_t size = 0; size <= 20; size += 20) {
        size_t moved = 0;
        sn_datagram *out = batch_out(BATCH_MAX, size, NULL);
        assert_ok(do_send_batch(pair.client, out, 1500, 0, &moved));
        assert_int_equal(moved, 1500);
        assert_receives_batch(pair.server, 0, 700, size);
        assert_receives_batch(pair.server, 700, 800, size);
    }
    pair_release(&pair);
}

TEST(each_record_has_its_own_end_point_and_learns_its_sender)
{
    enum transport transport = transport_of(state);
    sn_socket *sender = socket_bound(transport);
    sn_socket *receivers[] = {socket_bound(transport), socket_bound(transport)};
    sn_endpoint to[] = {local_endpoint(receivers[0]), local_endpoint(receivers[1])};
    sn_endpoint from = local_endpoint(sender), copy = to[0];
    sn_datagram *out = batch_out(8, 32, NULL);
    size_t moved = 0;
    /* Two in a row to each, and one to the same place by another record. */
    for (size_t i = 0; i < 8; i++)
        out[i].endpoint = i / 2 % 2 ? &to[1] : i % 2 ? &copy : &to[0];
    assert_ok(do_send_batch(sender, out, 8, 0, &moved));
    assert_int_equal(moved, 8);
    for (size_t r = 0; r < 2; r++) {
        static const size_t places[2][4] = {{0, 1, 4, 5}, {2, 3, 6, 7}};
        for (size_t i = 0; i < 4; i++) {
            sn_datagram *in = batch_in(1, true);
            assert_ok(do_receive_batch(receivers[r], in, 1, 0, &moved));
            assert_true(is_filled(in->buffer.data, 32, places[r][i]));
            assert_same_endpoint(&from, in->endpoint);
        }
        sn_socket_release(receivers[r]);
    }
    sn_socket_release(sender);
}

TEST(a_unix_sender_without_a_name_is_nobody)
{
    sn_socket *ends[2];
    size_t moved = 0;
    assert_ok(sn_socket_pair(SN_TYPE_DATAGRAM, ends));
    assert_ok(do_send_batch(ends[0], batch_out(2, 0, NULL), 2, 0, &moved));
    assert_receives_batch(ends[1], 0, 2, 0);
    for (size_t i = 0; i < 2; i++) {
        size_t size = 77;
        assert_int_equal(SN_ENDPOINT_UNIX, sn_endpoint_get_kind(&received.senders[i]));
        (void)sn_endpoint_get_unix_path(&received.senders[i], &size);
        assert_int_equal(0, size);
    }
    sn_socket_release(ends[0]);
    sn_socket_release(ends[1]);
}

TEST(a_record_may_be_in_several_pieces)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char texts[4][8] = {"hel", "lo, ", "wor", "ld"}, room[3][4];
    sn_buffer pieces[4], places[3];
    for (size_t i = 0; i < 4; i++)
        pieces[i] = (sn_buffer){texts[i], strlen(texts[i])};
    for (size_t i = 0; i < 3; i++)
        places[i] = (sn_buffer){room[i], sizeof room[i]};
    sn_datagram out[3] = {
        {.buffers = pieces, .buffer_count = 4},
        {.buffer = {texts[0], 3}},
        {.buffers = &pieces[2], .buffer_count = 2},
    };
    sn_datagram in[3] = {{.buffers = places, .buffer_count = 3}};
    size_t moved = 0;
    in[1].buffer = (sn_buffer){received.data[1], ROOM};
    in[2].buffer = (sn_buffer){received.data[2], ROOM};
    assert_ok(do_send_batch(pair.client, out, 3, 0, &moved));
    assert_int_equal(moved, 3);
    for (size_t total = 0; total < 3; total += moved)
        assert_ok(do_receive_batch(pair.server, &in[total], 3 - total, 0, &moved));
    assert_int_equal(in[0].transferred, 12);
    assert_memory_equal(room, "hello, world", 12);
    assert_int_equal(in[1].transferred, 3);
    assert_memory_equal(received.data[2], "world", 5);
    pair_release(&pair);
}

TEST(what_does_not_fit_into_a_record_is_lost_and_told)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_datagram *out = batch_out(4, 30, NULL), *in = batch_in(4, false);
    size_t moved = 0;
    in[1].buffer.size = 12;
    in[2].buffer = (sn_buffer){NULL, 0}; /* takes one away */
    assert_ok(do_send_batch(pair.client, out, 4, 0, &moved));
    for (size_t total = 0; total < 4; total += moved)
        assert_ok(do_receive_batch(pair.server, &in[total], 4 - total, 0, &moved));
    static const size_t sizes[] = {30, 12, 0, 30};
    for (size_t i = 0; i < 4; i++) {
        row_begin("record %zu", i);
        row_equal(sizes[i], in[i].transferred);
        row_equal(sizes[i] < 30 ? SN_FLAG_TRUNCATED : SN_FLAG_NONE, in[i].flags);
        row_error(SN_OK, in[i].error);
        row_equal(true, sizes[i] == 0 || is_filled(in[i].buffer.data, sizes[i], i));
    }
    rows_end();
    assert_int_equal(((char *)in[1].buffer.data)[12], '#');
    pair_release(&pair);
}

TEST(empty_datagrams_are_sent_and_received)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_datagram out[3] = {{.buffer = {NULL, 0}}, {.buffer = {sent.data[0], 10}}};
    sn_datagram *in = batch_in(3, false);
    size_t moved = 0;
    fill(sent.data[0], 10, 0);
    assert_ok(do_send_batch(pair.client, out, 3, 0, &moved));
    assert_int_equal(moved, 3);
    for (size_t total = 0; total < 3; total += moved) {
        assert_ok(do_receive_batch(pair.server, &in[total], 3 - total, 0, &moved));
        assert_true(moved > 0);
    }
    assert_int_equal(in[0].transferred, 0);
    assert_int_equal(in[1].transferred, 10);
    assert_int_equal(in[2].transferred, 0);
    pair_release(&pair);
}

TEST(a_peek_looks_at_the_first_and_leaves_it)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 0;
    assert_ok(do_send_batch(pair.client, batch_out(3, 0, NULL), 3, 0, &moved));
    for (int i = 0; i < 2; i++) {
        sn_datagram *in = batch_in(3, false);
        assert_ok(do_receive_batch(pair.server, in, 3, SN_FLAG_PEEK, &moved));
        assert_int_equal(moved, 1);
        assert_true(is_filled(in[0].buffer.data, in[0].transferred, 0));
    }
    assert_receives_batch(pair.server, 0, 3, 0);
    pair_release(&pair);
}

/* --- Waiting --------------------------------------------------------------------------------- */

struct reception {
    struct thread thread;
    sn_socket *socket;
    size_t count;
};

static sn_error receive_three(void *context)
{
    struct reception *reception = context;
    return do_receive_batch(reception->socket, received.datagrams, 3, 0, &reception->count);
}

TEST(a_receive_waits_for_the_first_only)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct reception reception = {.socket = pair.server, .count = 77};
    (void)batch_in(3, false);
    thread_start_blocked(&reception.thread, receive_three, &reception);
    assert_ok(sn_socket_send(pair.client, "one", 3, SN_FLAG_NONE, NULL));
    assert_ok(thread_join(&reception.thread));
    assert_int_equal(reception.count, 1);
    assert_memory_equal(received.data[0], "one", 3);
    pair_release(&pair);
}

TEST(a_receive_that_waits_in_vain_times_out_or_would_block)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 77;
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT,
                 do_receive_batch(pair.server, batch_in(3, false), 3, 0, &moved));
    assert_int_equal(moved, 0);
    assert_ok(received.datagrams[0].error);
    set_blocking(pair.server, false);
    moved = 77;
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_batch(pair.server, batch_in(3, false), 3, 0, &moved));
    assert_int_equal(moved, 0);
    assert_ok(received.datagrams[0].error);
    pair_release(&pair);
}

TEST(a_close_and_a_cancel_end_a_receive_that_waits)
{
    enum transport transport = transport_of(state);
    for (int closes = 0; closes < 2; closes++) {
        struct socket_pair pair = pair_connected(transport);
        struct reception reception = {.socket = pair.server, .count = 77};
        (void)batch_in(3, false);
        thread_start_blocked(&reception.thread, receive_three, &reception);
        if (closes)
            sn_socket_close(pair.server);
        else
            sn_socket_cancel(pair.server);
        sn_error error = thread_join(&reception.thread);
        if (closes)
            assert_ended_by_close(SN_ERROR_INTERRUPTED, error);
        else
            assert_error(SN_ERROR_OPERATION_CANCELED, error);
        assert_int_equal(reception.count, 0);
        pair_release(&pair);
    }
}

/* More than a Unix socket's queue takes. */
enum { MANY = 600 };

static sn_error send_many(void *context)
{
    struct reception *sending = context;
    return do_send_batch(sending->socket, sent.datagrams, MANY, 0, &sending->count);
}

TEST(a_send_waits_until_all_have_gone)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_endpoint to = transport == UNIX_DATAGRAM ? local_endpoint(pair.server) : (sn_endpoint){0};
    for (int is_to = 0; is_to <= (transport == UNIX_DATAGRAM); is_to++) {
        struct reception sending = {.socket = pair.client, .count = 77};
        (void)batch_out(MANY, 0, is_to ? &to : NULL);
        thread_start_blocked(&sending.thread, send_many, &sending);
        assert_receives_batch(pair.server, 0, MANY, 0);
        assert_ok(thread_join(&sending.thread));
        assert_int_equal(sending.count, MANY);
        assert_all_sent(sent.datagrams, MANY);
    }
    pair_release(&pair);
}

TEST(what_has_gone_before_the_limit_is_told)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 77, more = 77;
    assert_ok(sn_socket_set_send_timeout(pair.client, 5));
    assert_ok(do_send_batch(pair.client, batch_out(MANY, 0, NULL), MANY, 0, &moved));
    assert_in_range(moved, 1, MANY - 1);
    assert_all_sent(sent.datagrams, moved);
    assert_int_equal(sent.datagrams[moved].transferred, 0);
    assert_ok(sent.datagrams[moved].error);
    assert_error(SN_ERROR_TIMED_OUT,
                 do_send_batch(pair.client, &sent.datagrams[moved], MANY - moved, 0, &more));
    assert_int_equal(more, 0);
    assert_receives_batch(pair.server, 0, moved, 0);
    /* And it goes on where it was. */
    assert_ok(do_send_batch(pair.client, &sent.datagrams[moved], 2, 0, &more));
    assert_int_equal(more, 2);
    assert_receives_batch(pair.server, moved, 2, 0);
    pair_release(&pair);
}

TEST(a_socket_that_does_not_wait_sends_what_fits)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 77, more = 77;
    set_blocking(pair.client, false);
    assert_ok(do_send_batch(pair.client, batch_out(MANY, 0, NULL), MANY, 0, &moved));
    assert_in_range(moved, 1, MANY - 1);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_send_batch(pair.client, &sent.datagrams[moved], 1, 0, &more));
    assert_int_equal(more, 0);
    assert_ok(sent.datagrams[moved].error);
    assert_receives_batch(pair.server, 0, moved, 0);
    pair_release(&pair);
}

/* --- Ends and errors ------------------------------------------------------------------------- */

TEST(the_end_is_a_batch_of_none_behind_all_messages)
{
    struct socket_pair pair = pair_connected(UNIX_SEQPACKET);
    size_t moved = 0;
    assert_ok(do_send_batch(pair.client, batch_out(5, 0, NULL), 5, 0, &moved));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_receives_batch(pair.server, 0, 5, 0);
    for (int i = 0; i < 2; i++) {
        moved = 77;
        assert_ok(do_receive_batch(pair.server, batch_in(4, false), 4, 0, &moved));
        assert_int_equal(moved, 0);
    }
    pair_release(&pair);
}

TEST(after_a_shutdown_of_receiving_a_batch_of_none_comes)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 77;
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_RECEIVE));
    assert_ok(do_receive_batch(pair.server, batch_in(4, true), 4, 0, &moved));
    assert_int_equal(moved, 0);
    pair_release(&pair);
}

/* The kernel refuses one for its size; which is found out by sending the others. */
TEST(a_record_that_the_system_refuses_is_named_and_the_others_can_go_on)
{
    static char huge[70000];
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    for (size_t bad = 0; bad < 5; bad++) {
        sn_datagram *out = batch_out(5, 32, NULL);
        size_t moved = 77;
        out[bad].buffer = (sn_buffer){huge, sizeof huge};
        assert_error(SN_ERROR_MESSAGE_SIZE, do_send_batch(pair.client, out, 5, 0, &moved));
        assert_int_equal(moved, bad);
        for (size_t i = 0; i < 5; i++)
            assert_error(i == bad ? SN_ERROR_MESSAGE_SIZE : SN_OK, out[i].error);
        if (bad > 0)
            assert_receives_batch(pair.server, 0, bad, 32);
        if (bad == 4)
            break;
        assert_ok(do_send_batch(pair.client, &out[bad + 1], 4 - bad, 0, &moved));
        assert_int_equal(moved, 4 - bad);
        assert_receives_batch(pair.server, bad + 1, 4 - bad, 32);
    }
    pair_release(&pair);
}

TEST(a_batch_to_nowhere_says_so)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    size_t moved = 77;
    sn_error error = do_send_batch(socket, batch_out(2, 32, NULL), 2, 0, &moved);
    assert_error(transport_is_ip(transport) ? SN_ERROR_DESTINATION_ADDRESS_REQUIRED
                                            : SN_ERROR_NOT_CONNECTED,
                 error);
    assert_int_equal(moved, 0);
    assert_error(error, sent.datagrams[0].error);
    assert_ok(sent.datagrams[1].error);
    sn_socket_release(socket);
}

/* The error is the socket's: it waits there for whoever comes next. */
TEST(that_nobody_took_a_datagram_is_told_once_to_the_next_batch)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    sn_endpoint nobody = deserted_endpoint(transport_family(transport));
    size_t moved = 77;
    assert_ok(sn_socket_connect(socket, &nobody));
    for (int receives = 0; receives < 2; receives++) {
        assert_ok(do_send_batch(socket, batch_out(4, 32, NULL), 4, 0, &moved));
        assert_int_equal(moved, 4);
        wait_error(socket);
        assert_error(SN_ERROR_CONNECTION_REFUSED,
                     receives ? do_receive_batch(socket, batch_in(4, false), 4, 0, &moved)
                              : do_send_batch(socket, batch_out(4, 32, NULL), 4, 0, &moved));
        assert_int_equal(moved, 0);
    }
    sn_socket_release(socket);
}

TEST(a_batch_that_was_sent_binds_the_socket)
{
    sn_socket *socket = socket_make(transport_of(state));
    sn_socket *receiver = socket_bound(transport_of(state));
    sn_endpoint to = local_endpoint(receiver);
    size_t moved = 0;
    assert_false(sn_socket_is_bound(socket));
    assert_ok(do_send_batch(socket, batch_out(2, 0, &to), 2, 0, &moved));
    assert_true(sn_socket_is_bound(socket));
    sn_socket_release(socket);
    sn_socket_release(receiver);
}

TEST(a_dual_mode_socket_sends_to_both_families)
{
    if (!has_ipv6())
        SKIP("there is no IPv6 here");
    sn_socket *socket = NULL;
    sn_socket *receivers[] = {socket_bound(UDP_IPV4), socket_bound(UDP_IPV6)};
    sn_endpoint to[] = {local_endpoint(receivers[0]), local_endpoint(receivers[1])};
    sn_datagram *out = batch_out(8, 32, NULL);
    size_t moved = 0;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    for (size_t i = 0; i < 8; i++)
        out[i].endpoint = &to[i / 4];
    assert_ok(do_send_batch(socket, out, 8, 0, &moved));
    assert_int_equal(moved, 8);
    assert_receives_batch(receivers[0], 0, 4, 32);
    /* And back, to the mapped address that it learns. */
    assert_receives_batch(receivers[1], 4, 4, 32);
    sn_socket_release(receivers[0]);
    sn_socket_release(receivers[1]);
    sn_socket_release(socket);
}

TEST(bytes_and_datagrams_are_counted)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    int64_t datagrams = transport_type(transport) == SN_TYPE_DATAGRAM ? 7 : 0;
    sn_metrics before, after;
    size_t moved = 0;
    sn_metrics_get(&before, sizeof before);
    assert_ok(do_send_batch(pair.client, batch_out(7, 20, NULL), 7, 0, &moved));
    assert_receives_batch(pair.server, 0, 7, 20);
    sn_metrics_get(&after, sizeof after);
    assert_int_equal(140, after.bytes_sent - before.bytes_sent);
    assert_int_equal(140, after.bytes_received - before.bytes_received);
    assert_int_equal(datagrams, after.datagrams_sent - before.datagrams_sent);
    assert_int_equal(datagrams, after.datagrams_received - before.datagrams_received);
    pair_release(&pair);
}

#define ON_UNIX(test) CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_MESSAGES(a_batch_arrives_in_order_each_datagram_by_itself),
        ON_MESSAGES(datagrams_of_one_size_arrive_each_by_itself),
        ON_UDP(a_batch_is_larger_than_the_kernel_takes_at_once),
        ON_UDP(each_record_has_its_own_end_point_and_learns_its_sender),
        CASE_ON(each_record_has_its_own_end_point_and_learns_its_sender, UNIX_DATAGRAM),
        CASE(a_unix_sender_without_a_name_is_nobody),
        ON_MESSAGES(a_record_may_be_in_several_pieces),
        ON_MESSAGES(what_does_not_fit_into_a_record_is_lost_and_told),
        ON_MESSAGES(empty_datagrams_are_sent_and_received),
        ON_MESSAGES(a_peek_looks_at_the_first_and_leaves_it),
        ON_MESSAGES(a_receive_waits_for_the_first_only),
        ON_MESSAGES(a_receive_that_waits_in_vain_times_out_or_would_block),
        ON_MESSAGES(a_close_and_a_cancel_end_a_receive_that_waits),
        ON_UNIX(a_send_waits_until_all_have_gone),
        ON_UNIX(what_has_gone_before_the_limit_is_told),
        ON_UNIX(a_socket_that_does_not_wait_sends_what_fits),
        CASE(the_end_is_a_batch_of_none_behind_all_messages),
        ON_UDP(after_a_shutdown_of_receiving_a_batch_of_none_comes),
        CASE_ON(after_a_shutdown_of_receiving_a_batch_of_none_comes, UNIX_DATAGRAM),
        ON_UDP(a_record_that_the_system_refuses_is_named_and_the_others_can_go_on),
        ON_UDP(a_batch_to_nowhere_says_so),
        CASE_ON(a_batch_to_nowhere_says_so, UNIX_DATAGRAM),
        ON_UDP(that_nobody_took_a_datagram_is_told_once_to_the_next_batch),
        ON_UDP(a_batch_that_was_sent_binds_the_socket),
        CASE(a_dual_mode_socket_sends_to_both_families),
        ON_MESSAGES(bytes_and_datagrams_are_counted),
    };
    return RUN(cases);
}
