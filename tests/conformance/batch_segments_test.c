/*
 * Segments: one record that is cut into datagrams, and datagrams that come together in one record
 * and apart again. Both with a kernel that helps and, where it does not, by hand.
 */
#include "conformance/batches.h"

#include <sys/socket.h>

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

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_MESSAGES(one_record_leaves_as_many_datagrams),
        ON_UDP(a_record_may_be_larger_than_any_datagram),
        ON_UDP(datagrams_that_came_together_come_apart_again),
        CASE(where_the_kernel_will_not_cut_everything_arrives_all_the_same),
    };
    return RUN(cases);
}
