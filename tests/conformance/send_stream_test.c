/*
 * Send on streams (contract B.6): everything is handed over, in one piece, within the time limit;
 * or what fits, where the socket does not wait. Traps 52, 53, 54, 58, 62.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <stdlib.h>

#define MEGABYTE (1024 * 1024)

/* The byte that stands at this place of a long message. */
static uint8_t pattern_at(size_t place)
{
    return (uint8_t)((place * 2654435761u) >> 13);
}

static uint8_t *pattern_new(size_t size)
{
    uint8_t *data = malloc(size);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++)
        data[i] = pattern_at(i);
    return data;
}

/* --- A thread that receives until the end of the stream -------------------------------------- */

struct drain {
    struct thread thread;
    sn_socket *socket; /* borrowed */
    size_t modulus;    /* the pattern starts again after this many bytes; 0: do not compare */
    size_t total;      /* bytes received */
    bool is_intact;    /* every byte was the pattern's */
    sn_error error;    /* what ended it; SN_OK: the end of the stream */
};

static sn_error drain_run(void *context)
{
    struct drain *drain = context;
    size_t size = 256 * 1024, received = 0;
    uint8_t *block = malloc(size);
    drain->is_intact = true;
    sn_error error;
    while ((error = do_receive(drain->socket, block, size, SN_FLAG_NONE, &received)) == SN_OK &&
           received > 0) {
        for (size_t i = 0; drain->modulus && i < received; i++)
            if (block[i] != pattern_at((drain->total + i) % drain->modulus))
                drain->is_intact = false;
        drain->total += received;
    }
    free(block);
    return error;
}

static void drain_start(struct drain *drain, sn_socket *socket, size_t modulus)
{
    memset(drain, 0, sizeof *drain);
    drain->socket = socket;
    drain->modulus = modulus;
    thread_start(&drain->thread, drain_run, drain);
}

static void drain_join(struct drain *drain)
{
    drain->error = thread_join(&drain->thread);
}

/* --- Streams --------------------------------------------------------------------------------- */

static const enum transport streams[] = {TCP_IPV4, TCP_IPV6, UNIX_STREAM};

/* B.6 "stream, blocking": loops until everything is handed to the kernel */
TEST(a_blocking_send_hands_over_everything)
{
    size_t size = 8 * MEGABYTE + 12345;
    uint8_t *data = pattern_new(size);
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        struct drain drain;
        drain_start(&drain, pair.server, size);
        size_t sent = 0;
        row_error(SN_OK, do_send(pair.client, data, size, SN_FLAG_NONE, &sent));
        row_equal(size, sent);
        row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        drain_join(&drain);
        row_error(SN_OK, drain.error);
        row_equal(size, drain.total);
        row_equal(true, drain.is_intact);
        pair_release(&pair);
    }
    free(data);
    rows_end();
}

/* B.6 "buffer list"; trap 52 */
TEST(five_buffers_of_12_megabytes_are_sent_as_one)
{
    size_t size = 12 * MEGABYTE;
    uint8_t *data = pattern_new(size);
    sn_buffer buffers[5];
    for (size_t i = 0; i < COUNT_OF(buffers); i++)
        buffers[i] = (sn_buffer){data, size};
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        struct drain drain;
        drain_start(&drain, pair.server, size);
        size_t sent = 0;
        row_error(SN_OK,
                  do_send_buffers(pair.client, buffers, COUNT_OF(buffers), SN_FLAG_NONE, &sent));
        row_equal(5 * size, sent);
        row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        drain_join(&drain);
        row_equal(5 * size, drain.total);
        row_equal(true, drain.is_intact);
        for (size_t j = 0; j < COUNT_OF(buffers); j++) { /* the array was only read */
            row_equal(true, buffers[j].data == data);
            row_equal(size, buffers[j].size);
        }
        pair_release(&pair);
    }
    free(data);
    rows_end();
}

/* B.6 "buffer list": more than 1024 entries go in slices; trap 53 */
TEST(a_stream_sends_any_number_of_segments)
{
    static const size_t counts[] = {1, 2, 1023, 1024, 1025, 2400, 5000};
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        for (size_t j = 0; j < COUNT_OF(counts); j++) {
            if (transport_missing(streams[i]))
                continue;
            row_begin("%zu segments, %s", counts[j], transport_name(streams[i]));
            /* Segment k has k % 1500 bytes: some are empty, and the kernel's buffer fills up in the
             * middle of one. */
            size_t total = 0;
            sn_buffer *buffers = calloc(counts[j], sizeof *buffers);
            for (size_t k = 0; k < counts[j]; k++)
                total += k % 1500;
            uint8_t *data = pattern_new(total + 1);
            for (size_t k = 0, place = 0; k < counts[j]; place += k % 1500, k++)
                buffers[k] = (sn_buffer){data + place, k % 1500};
            struct socket_pair pair = pair_connected(streams[i]);
            struct drain drain;
            drain_start(&drain, pair.server, total + 1);
            size_t sent = 77;
            row_error(SN_OK, do_send_buffers(pair.client, buffers, counts[j], SN_FLAG_NONE, &sent));
            row_equal(total, sent);
            row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
            drain_join(&drain);
            row_equal(total, drain.total);
            row_equal(true, drain.is_intact);
            pair_release(&pair);
            free(data);
            free(buffers);
        }
    }
    rows_end();
}

/* B.6 "buffer list": only empty ones, and more than the kernel takes at once */
TEST(a_list_of_empty_buffers_sends_nothing_on_a_stream)
{
    static const sn_buffer empties[3000];
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        size_t sent = 77;
        row_error(SN_OK,
                  do_send_buffers(pair.client, empties, COUNT_OF(empties), SN_FLAG_NONE, &sent));
        row_equal(0, sent);
        row_error(SN_OK, do_send(pair.client, "x", 1, SN_FLAG_NONE, NULL));
        char byte = 0;
        receive_exactly(pair.server, &byte, 1);
        row_equal('x', byte);
        pair_release(&pair);
    }
    rows_end();
}

/* B.6 "zero bytes" */
TEST(sending_no_bytes_has_no_effect_on_a_stream)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        size_t sent = 77;
        row_error(SN_OK, do_send(pair.client, NULL, 0, SN_FLAG_NONE, &sent));
        row_equal(0, sent);
        row_error(SN_OK, do_send(pair.client, "", 0, SN_FLAG_NONE, NULL));
        bool ready = true;
        row_error(SN_OK, sn_socket_poll(pair.server, 0, SN_SELECT_READ, &ready));
        row_equal(false, ready);
        pair_release(&pair);
    }
    rows_end();
}

/* B.6 "stream, non-blocking"; trap 54 */
TEST(a_non_blocking_send_hands_over_what_fits)
{
    size_t size = 32 * MEGABYTE;
    uint8_t *data = calloc(1, size);
    sn_buffer buffers[2] = {{data, size / 2}, {data, size / 2}};
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        for (int as_list = 0; as_list <= 1; as_list++) {
            if (transport_missing(streams[i]))
                continue;
            row_begin("%s, %s", transport_name(streams[i]), as_list ? "list" : "buffer");
            struct socket_pair pair = pair_connected(streams[i]);
            row_error(SN_OK, sn_socket_set_blocking(pair.client, false));
            size_t sent = 0;
            row_error(SN_OK, as_list ? do_send_buffers(pair.client, buffers, 2, SN_FLAG_NONE, &sent)
                                     : do_send(pair.client, data, size, SN_FLAG_NONE, &sent));
            row_equal(true, sent > 0 && sent < size);

            size_t rest = fill_until_full(pair.client); /* what still trickled in */
            row_error(SN_OK, sn_socket_set_blocking(pair.client, false));
            size_t untouched = 77;
            row_error(SN_ERROR_WOULD_BLOCK,
                      do_send(pair.client, data, 1, SN_FLAG_NONE, &untouched));
            row_error(SN_ERROR_WOULD_BLOCK,
                      do_send_buffers(pair.client, buffers, 2, SN_FLAG_NONE, &untouched));
            row_equal(77, untouched);
            row_equal(true, sn_socket_is_connected(pair.client)); /* A.6 */

            struct drain drain; /* all that was reported as sent arrives, and no more */
            row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
            drain_start(&drain, pair.server, 0);
            drain_join(&drain);
            row_equal(sent + rest, drain.total);
            pair_release(&pair);
        }
    }
    free(data);
    rows_end();
}

/* B.6: a peer that reads makes room again */
TEST(a_full_stream_takes_more_once_the_peer_has_read)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    size_t filled = fill_until_full(pair.client);
    assert_ok(sn_socket_set_blocking(pair.client, false));
    char *sink = malloc(filled);
    receive_exactly(pair.server, sink, filled);
    free(sink);
    bool ready = false;
    assert_ok(sn_socket_poll(pair.client, -1, SN_SELECT_WRITE, &ready));
    assert_true(ready);
    assert_ok(do_send(pair.client, "x", 1, SN_FLAG_NONE, NULL));
    pair_release(&pair);
}

/* --- Many threads ---------------------------------------------------------------------------- */

#define SENDERS    4
#define BLOCKS     4
#define BLOCK_SIZE ((size_t)700001)

struct sender {
    struct thread thread;
    sn_socket *socket; /* borrowed */
    uint8_t letter;
    bool as_list;
};

static sn_error sender_run(void *context)
{
    struct sender *sender = context;
    uint8_t *block = malloc(BLOCK_SIZE);
    memset(block, sender->letter, BLOCK_SIZE);
    sn_buffer pieces[3] = {{block, 1}, {block + 1, 300000}, {block + 300001, 400000}};
    sn_error error = SN_OK;
    for (int i = 0; i < BLOCKS && !error; i++) {
        size_t sent = 0;
        error = sender->as_list ? do_send_buffers(sender->socket, pieces, 3, SN_FLAG_NONE, &sent)
                                : do_send(sender->socket, block, BLOCK_SIZE, SN_FLAG_NONE, &sent);
        if (!error && sent != BLOCK_SIZE)
            error = SN_ERROR_FAULT;
    }
    free(block);
    return error;
}

/* The promise of <sennit/transfer.h>: the bytes of one call stay together */
TEST(the_bytes_of_one_call_stay_together_when_several_threads_send)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        struct sender senders[SENDERS];
        for (int s = 0; s < SENDERS; s++) {
            senders[s].socket = pair.client;
            senders[s].letter = (uint8_t)('a' + s);
            senders[s].as_list = s % 2;
            thread_start(&senders[s].thread, sender_run, &senders[s]);
        }
        uint8_t *block = malloc(BLOCK_SIZE);
        int seen[SENDERS] = {0};
        for (int b = 0; b < SENDERS * BLOCKS; b++) {
            receive_exactly(pair.server, block, BLOCK_SIZE);
            size_t same = 1;
            while (same < BLOCK_SIZE && block[same] == block[0])
                same++;
            row_equal(BLOCK_SIZE, same);
            if (block[0] >= 'a' && block[0] < 'a' + SENDERS)
                seen[block[0] - 'a']++;
        }
        free(block);
        for (int s = 0; s < SENDERS; s++) {
            row_error(SN_OK, thread_join(&senders[s].thread));
            row_equal(BLOCKS, seen[s]);
        }
        pair_release(&pair);
    }
    rows_end();
}

/* The thread contract: sending and receiving never wait for each other */
TEST(both_directions_of_one_socket_work_at_once)
{
    size_t size = 16 * MEGABYTE;
    uint8_t *data = pattern_new(size);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct drain here, there;
    drain_start(&here, pair.client, size);
    drain_start(&there, pair.server, size);
    assert_ok(do_send(pair.client, data, size, SN_FLAG_NONE, NULL));
    assert_ok(do_send(pair.server, data, size, SN_FLAG_NONE, NULL));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
    drain_join(&here);
    drain_join(&there);
    assert_int_equal(size, here.total);
    assert_int_equal(size, there.total);
    assert_true(here.is_intact && there.is_intact);
    free(data);
    pair_release(&pair);
}

/* --- Time limits ----------------------------------------------------------------------------- */

/* B.6 SendTimeout; trap 62. The limit is for blocking calls only (B.14). */
TEST(a_send_that_is_not_taken_in_time_times_out)
{
    size_t size = 64 * MEGABYTE;
    uint8_t *data = calloc(1, size);
    sn_buffer buffers[2] = {{data, size / 2}, {data, size / 2}};
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        for (int as_list = 0; as_list <= 1; as_list++) {
            if (transport_missing(streams[i]))
                continue;
            row_begin("%s, %s", transport_name(streams[i]), as_list ? "list" : "buffer");
            struct socket_pair pair = pair_connected(streams[i]);
            row_error(SN_OK, sn_socket_set_send_timeout(pair.client, 30));
            size_t sent = 77;
            row_error(SN_ERROR_TIMED_OUT,
                      as_list ? sn_socket_send_buffers(pair.client, buffers, 2, SN_FLAG_NONE, &sent)
                              : sn_socket_send(pair.client, data, size, SN_FLAG_NONE, &sent));
            row_equal(true, sent > 77 && sent < size); /* .NET loses the count */
            row_equal(true, sn_socket_is_connected(pair.client));
            pair_release(&pair);
        }
    }
    free(data);
    rows_end();
}

/* B.6 SendTimeout: "limit for the whole call including all partial writes". The peer takes bytes
 * all the time, and there are far more of them than it can take: a limit for each write would never
 * pass. */
TEST(the_send_timeout_is_for_the_whole_call)
{
    enum { PIECES = 400000 };
    size_t piece_size = 256 * 1024; /* 100 GB in all */
    uint8_t *piece = calloc(1, piece_size);
    sn_buffer *buffers = calloc(PIECES, sizeof *buffers);
    for (size_t i = 0; i < PIECES; i++)
        buffers[i] = (sn_buffer){piece, piece_size};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_send_timeout(pair.client, 50));
    struct drain drain;
    drain_start(&drain, pair.server, 0);
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_send_buffers(pair.client, buffers, PIECES, SN_FLAG_NONE, NULL));
    assert_true(sn_socket_is_connected(pair.client));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    drain_join(&drain);
    assert_true(drain.total > 0);
    pair_release(&pair);
    free(buffers);
    free(piece);
}

/* trap 58 */
TEST(data_flows_with_buffer_sizes_of_0)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (transport_missing(streams[i]))
            continue;
        row_begin("%s", transport_name(streams[i]));
        struct socket_pair pair = pair_connected(streams[i]);
        row_error(SN_OK, sn_socket_set_send_buffer_size(pair.client, 0));
        row_error(SN_OK, sn_socket_set_receive_buffer_size(pair.server, 0));
        size_t size = 64 * 1024;
        uint8_t *data = pattern_new(size);
        struct drain drain;
        drain_start(&drain, pair.server, size);
        size_t sent = 0;
        row_error(SN_OK, do_send(pair.client, data, size, SN_FLAG_NONE, &sent));
        row_equal(size, sent);
        row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        drain_join(&drain);
        row_equal(size, drain.total);
        row_equal(true, drain.is_intact);
        free(data);
        pair_release(&pair);
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_blocking_send_hands_over_everything),
        CASE(five_buffers_of_12_megabytes_are_sent_as_one),
        CASE(a_stream_sends_any_number_of_segments),
        CASE(a_list_of_empty_buffers_sends_nothing_on_a_stream),
        CASE(sending_no_bytes_has_no_effect_on_a_stream),
        CASE(a_non_blocking_send_hands_over_what_fits),
        CASE(a_full_stream_takes_more_once_the_peer_has_read),
        CASE(the_bytes_of_one_call_stay_together_when_several_threads_send),
        CASE(both_directions_of_one_socket_work_at_once),
        CASE(a_send_that_is_not_taken_in_time_times_out),
        CASE(the_send_timeout_is_for_the_whole_call),
        CASE(data_flows_with_buffer_sizes_of_0),
    };
    return RUN(cases);
}
