/*
 * Batches of datagrams whose bytes tell their place: for the tests of the two verbs.
 */
#ifndef TESTS_CONFORMANCE_BATCHES_H
#define TESTS_CONFORMANCE_BATCHES_H

#include "support/transfer_support.h"

enum { BATCH_MAX = 3000, ROOM = 128 };

struct batch_room {
    char data[BATCH_MAX][ROOM];
    sn_endpoint senders[BATCH_MAX];
    sn_datagram datagrams[BATCH_MAX];
};

static struct batch_room sent, received;

/* Record `i` has a text that tells its place and is `size(i)` bytes long. */
static inline size_t size_of_place(size_t i)
{
    return 10 + i * 7 % 50;
}

static inline void fill(char *data, size_t size, size_t place)
{
    char text[24];
    snprintf(text, sizeof text, "%08zu", place);
    for (size_t i = 0; i < size; i++)
        data[i] = i < 8 ? text[i] : (char)('a' + (place + i) % 26);
}

static inline bool is_filled(const char *data, size_t size, size_t place)
{
    char expected[ROOM];
    fill(expected, size, place);
    return memcmp(expected, data, size) == 0;
}

/* To the peer, or to an end point. `size` 0: each has its own. */
static inline sn_datagram *batch_out(size_t count, size_t size, sn_endpoint *to)
{
    memset(sent.datagrams, 0, count * sizeof *sent.datagrams);
    for (size_t i = 0; i < count; i++) {
        size_t own = size > 0 ? size : size_of_place(i);
        fill(sent.data[i], own, i);
        sent.datagrams[i].buffer = (sn_buffer){sent.data[i], own};
        sent.datagrams[i].endpoint = to;
    }
    return sent.datagrams;
}

static inline sn_datagram *batch_in(size_t count, bool wants_sender)
{
    memset(received.data, '#', sizeof received.data);
    memset(received.datagrams, 0xEE, sizeof received.datagrams);
    memset(received.senders, 0xEE, sizeof received.senders);
    for (size_t i = 0; i < count; i++)
        received.datagrams[i] =
            (sn_datagram){.buffer = {received.data[i], ROOM},
                          .endpoint = wants_sender ? &received.senders[i] : NULL};
    return received.datagrams;
}

/* Receives until so many have come; what came is the places from `first` on, in order. */
static inline void assert_receives_batch(sn_socket *socket, size_t first, size_t count, size_t size)
{
    size_t total = 0, got = 0;
    (void)batch_in(count, true);
    while (total < count) {
        sn_datagram *in = &received.datagrams[total];
        assert_ok(do_receive_batch(socket, in, count - total, SN_FLAG_NONE, &got));
        assert_in_range(got, 1, count - total);
        for (size_t i = 0; i < got; i++) {
            size_t place = first + total + i;
            assert_int_equal(in[i].transferred, size > 0 ? size : size_of_place(place));
            assert_true(is_filled(in[i].buffer.data, in[i].transferred, place));
            assert_int_equal(((char *)in[i].buffer.data)[in[i].transferred], '#');
            assert_ok(in[i].error);
            assert_int_equal(in[i].flags, SN_FLAG_NONE);
        }
        total += got;
    }
}

static inline void assert_all_sent(sn_datagram *datagrams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_ok(datagrams[i].error);
        assert_int_equal(datagrams[i].transferred, datagrams[i].buffer.size);
    }
}

/* Room for a great many. */
static inline void make_room(sn_socket *socket)
{
    assert_ok(sn_socket_set_receive_buffer_size(socket, 8 * 1024 * 1024));
}

#define ON_MESSAGES(test) ON_UDP(test), CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

#endif
