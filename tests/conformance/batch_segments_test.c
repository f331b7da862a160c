/*
 * Segments: one record that is cut into datagrams, and datagrams that come together in one record
 * and apart again. Both with a kernel that helps and, where it does not, by hand.
 */
#include "conformance/batches.h"

#include <sys/socket.h>
#include <unistd.h>

enum { LARGE = SN_DATAGRAM_SEGMENTS_SIZE_MAX, TOTAL = 200000, ARRIVALS = 8 };

static char bytes[TOTAL];
static char rooms[ARRIVALS][LARGE];
static sn_datagram_extras told[ARRIVALS], said;

static void set_bytes(void)
{
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 31 + i / 977);
}

/* What comes are these bytes in datagrams of that size but the last, however they are told. */
static void assert_come_apart(sn_socket *socket, size_t total, size_t segment, bool wants_segments)
{
    size_t got = 0;
    while (got < total) {
        sn_datagram in[ARRIVALS];
        size_t moved = 0;
        for (size_t i = 0; i < ARRIVALS; i++) {
            told[i] = (sn_datagram_extras){.wanted = SN_DATAGRAM_SEGMENT_SIZE};
            in[i] = (sn_datagram){.buffer = {rooms[i], LARGE},
                                  .extras = wants_segments ? &told[i] : NULL};
        }
        assert_ok(do_receive_batch(socket, in, ARRIVALS, 0, &moved));
        assert_true(moved > 0);
        for (size_t i = 0; i < moved; i++) {
            sn_buffer piece = {0};
            while (sn_datagram_next_segment(&in[i], &piece)) {
                size_t expected = total - got < segment ? total - got : segment;
                assert_int_equal(expected, piece.size);
                assert_memory_equal(bytes + got, piece.data, expected);
                got += expected;
            }
        }
    }
    assert_int_equal(got, total);
}

static sn_datagram one_of(size_t size, size_t segment)
{
    said = (sn_datagram_extras){.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = segment};
    return (sn_datagram){.buffer = {bytes, size}, .extras = &said};
}

TEST(one_record_leaves_as_many_datagrams)
{
    enum transport transport = transport_of(state);
    static const struct {
        size_t size, segment;
    } rows[] = {{600, 100}, {650, 100}, {50, 100}, {100, 100}, {0, 100}, {40, 5}};
    struct socket_pair pair = pair_connected(transport);
    set_bytes();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_datagram out = one_of(rows[i].size, rows[i].segment);
        size_t moved = 77;
        assert_ok(do_send_batch(pair.client, &out, 1, 0, &moved));
        assert_int_equal(moved, 1);
        assert_int_equal(out.transferred, rows[i].size);
        if (rows[i].size > 0) {
            assert_come_apart(pair.server, rows[i].size, rows[i].segment, false);
            continue;
        }
        assert_ok(do_receive_batch(pair.server, batch_in(2, false), 2, 0, &moved));
        assert_int_equal(moved, 1);
        assert_int_equal(received.datagrams[0].transferred, 0);
    }
    pair_release(&pair);
}

/* More than the kernel cuts at once, in bytes and in segments. */
TEST(a_record_may_be_larger_than_any_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    static const size_t segments[] = {1000, 1400, 100};
    set_bytes();
    make_room(pair.server);
    for (size_t i = 0; i < COUNT_OF(segments); i++) {
        size_t size = segments[i] == 100 ? 50000 : TOTAL, moved = 77;
        sn_datagram out = one_of(size, segments[i]);
        assert_ok(do_send_batch(pair.client, &out, 1, 0, &moved));
        assert_int_equal(out.transferred, size);
        assert_come_apart(pair.server, size, segments[i], false);
    }
    pair_release(&pair);
}

TEST(datagrams_that_came_together_come_apart_again)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    set_bytes();
    make_room(pair.server);
    size_t moved = 77;
    /* The first call asks the kernel. */
    set_blocking(pair.server, false);
    told[0] = (sn_datagram_extras){.wanted = SN_DATAGRAM_SEGMENT_SIZE};
    sn_datagram in = {.buffer = {rooms[0], LARGE}, .extras = &told[0]};
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive_batch(pair.server, &in, 1, 0, &moved));
    set_blocking(pair.server, true);
    static const struct {
        size_t size, segment;
    } rows[] = {{6400, 100}, {6450, 100}, {60000, 1000}, {30, 100}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_datagram out = one_of(rows[i].size, rows[i].segment);
        assert_ok(do_send_batch(pair.client, &out, 1, 0, &moved));
        assert_come_apart(pair.server, rows[i].size, rows[i].segment, true);
        /* And as records of their own. */
        size_t count = rows[i].size / rows[i].segment;
        for (size_t k = 0; k < count; k++)
            sent.datagrams[k] =
                (sn_datagram){.buffer = {bytes + k * rows[i].segment, rows[i].segment}};
        if (count == 0)
            continue;
        assert_ok(do_send_batch(pair.client, sent.datagrams, count, 0, &moved));
        assert_int_equal(moved, count);
        assert_come_apart(pair.server, count * rows[i].segment, rows[i].segment, true);
    }
    pair_release(&pair);
}

/* A kernel that must make no checksums will not cut (EINVAL). */
TEST(where_the_kernel_will_not_cut_everything_arrives_all_the_same)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    const int on = 1;
    set_bytes();
    assert_ok(sn_socket_set_raw_option(pair.client, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on));
    for (int i = 0; i < 2; i++) {
        size_t moved = 77;
        sn_datagram out = one_of(6450, 100);
        assert_ok(do_send_batch(pair.client, &out, 1, 0, &moved));
        assert_int_equal(out.transferred, 6450);
        assert_come_apart(pair.server, 6450, 100, false);
        assert_ok(do_send_batch(pair.client, batch_out(50, 80, NULL), 50, 0, &moved));
        assert_int_equal(moved, 50);
        assert_all_sent(sent.datagrams, 50);
        assert_receives_batch(pair.server, 0, 50, 80);
    }
    pair_release(&pair);
}

/* Runs of two sizes in one call, of which all say the same by one record of extras. */
TEST(records_that_share_extras_are_cut_each_by_its_own_size)
{
    sn_socket *receiver = socket_bound(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver);
    sn_datagram *out = batch_out(40, 64, &to);
    size_t moved = 0;
    said = (sn_datagram_extras){.present = SN_DATAGRAM_TIME_TO_LIVE, .time_to_live = 17};
    for (size_t i = 0; i < 40; i++) {
        out[i].extras = &said;
        if (i >= 20)
            out[i].buffer.size = 48;
    }
    assert_ok(do_send_batch(sender, out, 40, 0, &moved));
    assert_int_equal(moved, 40);
    assert_receives_batch(receiver, 0, 20, 64);
    (void)batch_in(20, false);
    for (size_t i = 0; i < 20; i++) {
        assert_ok(do_receive_batch(receiver, &received.datagrams[i], 1, 0, &moved));
        assert_int_equal(received.datagrams[i].transferred, 48);
        assert_memory_equal(received.data[i], sent.data[20 + i], 48);
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* A raw socket of UDP passes over the message that has a datagram cut: so none is given to it. */
TEST(a_raw_socket_of_udp_sends_each_by_itself)
{
    if (!is_privileged())
        SKIP("raw sockets need a privilege");
    sn_socket *ends[2] = {NULL, NULL};
    char own[32]; /* a raw socket hears everybody at its address: this process has one */
    snprintf(own, sizeof own, "127.%d.%d.%d", 64 + (getpid() >> 16) % 128, (getpid() >> 8) % 256,
             getpid() % 256);
    sn_endpoint address = endpoint_of_text(own);
    char packets[4][64];
    sn_datagram in[4];
    size_t moved = 0, got = 0;
    for (int i = 0; i < 2; i++)
        assert_ok(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_UDP, &ends[i]));
    assert_ok(sn_socket_bind(ends[1], &address));
    set_blocking(ends[1], false); /* what it has heard before it was bound */
    while (sn_socket_receive(ends[1], packets, sizeof packets, 0, &moved) == SN_OK)
        continue;
    set_blocking(ends[1], true);
    assert_ok(do_send_batch(ends[0], batch_out(4, 32, &address), 4, 0, &moved));
    assert_int_equal(moved, 4);
    for (size_t i = 0; i < 4; i++)
        in[i] = (sn_datagram){.buffer = {packets[i], sizeof packets[i]}};
    while (got < 4) {
        assert_ok(do_receive_batch(ends[1], &in[got], 1, 0, &moved));
        /* Behind the header of IP. One that was on its way at the bind may still have come in. */
        got += in[got].transferred == 20 + 32 && is_filled(packets[got] + 20, 32, got);
    }
    sn_socket_release(ends[0]);
    sn_socket_release(ends[1]);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_MESSAGES(one_record_leaves_as_many_datagrams),
        ON_UDP(a_record_may_be_larger_than_any_datagram),
        ON_UDP(datagrams_that_came_together_come_apart_again),
        CASE(where_the_kernel_will_not_cut_everything_arrives_all_the_same),
        CASE(records_that_share_extras_are_cut_each_by_its_own_size),
        CASE(a_raw_socket_of_udp_sends_each_by_itself),
    };
    return RUN(cases);
}
