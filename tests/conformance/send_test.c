/*
 * Send (contract B.6): what is handed over, what comes back when it is not, and what a peer sees.
 * Traps 52, 53, 54, 58, 62.
 */
#include "support/transfer_support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* --- A thread that receives until the end of the stream ----------------------------------------- */

struct drain {
    pthread_t thread;
    sn_socket *socket;  /* borrowed */
    size_t modulus;     /* the pattern starts again after this many bytes; 0: do not compare */
    size_t total;       /* bytes received */
    bool is_intact;     /* every byte was the pattern's */
    sn_error error;     /* what ended it; SN_OK: the end of the stream */
};

static void *drain_run(void *argument)
{
    struct drain *drain = argument;
    uint8_t *block = malloc(256 * 1024);
    drain->is_intact = true;
    for (;;) {
        size_t received = 0;
        drain->error =
            sn_socket_receive(drain->socket, block, 256 * 1024, SN_FLAG_NONE, &received);
        if (drain->error || received == 0)
            break;
        for (size_t i = 0; drain->modulus && i < received; i++)
            if (block[i] != pattern_at((drain->total + i) % drain->modulus))
                drain->is_intact = false;
        drain->total += received;
    }
    free(block);
    return NULL;
}

static void drain_start(struct drain *drain, sn_socket *socket, size_t modulus)
{
    *drain = (struct drain){.socket = socket, .modulus = modulus};
    assert_int_equal(0, pthread_create(&drain->thread, NULL, drain_run, drain));
}

static void drain_join(struct drain *drain)
{
    assert_int_equal(0, pthread_join(drain->thread, NULL));
}

/* --- Streams ----------------------------------------------------------------------------------------- */

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
        row_error(SN_OK, do_send_buffers(pair.client, buffers, COUNT_OF(buffers), SN_FLAG_NONE, &sent));
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
        row_error(SN_OK, do_send_buffers(pair.client, empties, COUNT_OF(empties), SN_FLAG_NONE, &sent));
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
            row_error(SN_ERROR_WOULD_BLOCK, do_send(pair.client, data, 1, SN_FLAG_NONE, &untouched));
            row_error(SN_ERROR_WOULD_BLOCK,
                      do_send_buffers(pair.client, buffers, 2, SN_FLAG_NONE, &untouched));
            row_equal(77, untouched);
            row_equal(true, sn_socket_get_connected(pair.client)); /* A.6 */

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

/* --- Many threads -------------------------------------------------------------------------------------- */

#define SENDERS 4
#define BLOCKS 4
#define BLOCK_SIZE ((size_t)700001)

struct sender {
    pthread_t thread;
    sn_socket *socket;
    uint8_t letter;
    bool as_list;
    sn_error error;
};

static void *sender_run(void *argument)
{
    struct sender *sender = argument;
    uint8_t *block = malloc(BLOCK_SIZE);
    memset(block, sender->letter, BLOCK_SIZE);
    sn_buffer pieces[3] = {{block, 1}, {block + 1, 300000}, {block + 300001, 400000}};
    for (int i = 0; i < BLOCKS && !sender->error; i++) {
        size_t sent = 0;
        sender->error = sender->as_list
                            ? do_send_buffers(sender->socket, pieces, 3, SN_FLAG_NONE, &sent)
                            : do_send(sender->socket, block, BLOCK_SIZE, SN_FLAG_NONE, &sent);
        if (!sender->error && sent != BLOCK_SIZE)
            sender->error = SN_ERROR_FAULT;
    }
    free(block);
    return NULL;
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
            senders[s] = (struct sender){.socket = pair.client, .letter = (uint8_t)('a' + s)};
            senders[s].as_list = s % 2;
            assert_int_equal(0, pthread_create(&senders[s].thread, NULL, sender_run, &senders[s]));
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
            assert_int_equal(0, pthread_join(senders[s].thread, NULL));
            row_error(SN_OK, senders[s].error);
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

/* --- Time limits ----------------------------------------------------------------------------------------- */

/* B.6 SendTimeout; trap 62 */
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
            row_equal(77, sent); /* the count is lost to the caller */
            row_equal(true, sn_socket_get_connected(pair.client));
            pair_release(&pair);
        }
    }
    free(data);
    rows_end();
}

/* B.6 SendTimeout: "limit for the whole call including all partial writes". The peer takes bytes all the
 * time, and there are far more of them than it can take: a limit for each write would never pass. */
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
    assert_true(sn_socket_get_connected(pair.client));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    drain_join(&drain);
    assert_true(drain.total > 0);
    pair_release(&pair);
    free(buffers);
    free(piece);
}

/* --- Datagrams -------------------------------------------------------------------------------------------- */

static const enum transport datagrams[] = {UDP_IPV4, UDP_IPV6, UNIX_DATAGRAM,
                                           UNIX_SEQPACKET};

/* B.6 "datagram": one call, one datagram */
TEST(each_send_is_one_datagram)
{
    for (size_t i = 0; i < COUNT_OF(datagrams); i++) {
        if (transport_missing(datagrams[i]))
            continue;
        row_begin("%s", transport_name(datagrams[i]));
        struct socket_pair pair = pair_connected(datagrams[i]);
        sn_buffer pieces[4] = {{(void *)(uintptr_t) "one", 3}, {NULL, 0}, {(void *)(uintptr_t) "two", 3},
                               {(void *)(uintptr_t) "!", 1}};
        size_t sent = 77;
        row_error(SN_OK, do_send(pair.client, "alone", 5, SN_FLAG_NONE, &sent));
        row_equal(5, sent);
        row_error(SN_OK, do_send_buffers(pair.client, pieces, 4, SN_FLAG_NONE, &sent));
        row_equal(7, sent);
        row_error(SN_OK, do_send(pair.client, NULL, 0, SN_FLAG_NONE, &sent));
        row_equal(0, sent);
        row_error(SN_OK, do_send_buffers(pair.client, pieces + 1, 1, SN_FLAG_NONE, &sent));
        row_equal(0, sent);
        row_error(SN_OK, do_send(pair.client, "end", 3, SN_FLAG_NONE, NULL));

        static const char *const expected[] = {"alone", "onetwo!", "", "", "end"};
        for (size_t j = 0; j < COUNT_OF(expected); j++) {
            char text[16] = "";
            size_t received = 77;
            row_error(SN_OK, sn_socket_receive(pair.server, text, 15, SN_FLAG_NONE, &received));
            row_equal(strlen(expected[j]), received);
            row_equal(0, strcmp(expected[j], text));
        }
        pair_release(&pair);
    }
    rows_end();
}

/* B.6 "too long"; trap 53 */
TEST(a_datagram_that_is_too_long_or_has_too_many_pieces_is_refused)
{
    static uint8_t block[4 * MEGABYTE];
    static sn_buffer pieces[2400];
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        pieces[i] = (sn_buffer){block, 1};
    static const struct {
        size_t count; /* 0: one buffer */
        size_t size;
        int kinds; /* a mask */
        sn_error error;
    } cases[] = {
        {0, 65507, 1 << UDP_IPV4, SN_OK},
        {0, 65508, 1 << UDP_IPV4, SN_ERROR_MESSAGE_SIZE},
        {0, 65527, 1 << UDP_IPV6, SN_OK},
        {0, 65528, 1 << UDP_IPV6, SN_ERROR_MESSAGE_SIZE},
        {0, sizeof block, 1 << UDP_IPV4 | 1 << UDP_IPV6, SN_ERROR_MESSAGE_SIZE},
        {0, sizeof block, 1 << UNIX_DATAGRAM | 1 << UNIX_SEQPACKET,
         SN_ERROR_MESSAGE_SIZE},
        {1024, 0, ~0, SN_OK},
        {1025, 0, ~0, SN_ERROR_MESSAGE_SIZE},
        {1200, 0, ~0, SN_ERROR_MESSAGE_SIZE},
        {2400, 0, ~0, SN_ERROR_MESSAGE_SIZE},
    };
    for (size_t i = 0; i < COUNT_OF(datagrams); i++) {
        for (size_t j = 0; j < COUNT_OF(cases); j++) {
            if (transport_missing(datagrams[i]) || !(cases[j].kinds & (1 << datagrams[i])))
                continue;
            row_begin("%zu pieces, %zu bytes, %s", cases[j].count, cases[j].size,
                      transport_name(datagrams[i]));
            struct socket_pair pair = pair_connected(datagrams[i]);
            size_t sent = 77;
            size_t size = cases[j].count ? cases[j].count : cases[j].size;
            row_error(cases[j].error,
                      cases[j].count
                          ? do_send_buffers(pair.client, pieces, cases[j].count, SN_FLAG_NONE, &sent)
                          : do_send(pair.client, block, cases[j].size, SN_FLAG_NONE, &sent));
            row_equal(cases[j].error ? 77 : size, sent);
            row_equal(!cases[j].error, sn_socket_get_connected(pair.client)); /* A.6 */
            if (!cases[j].error) {
                row_error(SN_OK, sn_socket_receive(pair.server, block, sizeof block, SN_FLAG_NONE, &sent));
                row_equal(size, sent);
            }
            bool ready = true;
            row_error(SN_OK, sn_socket_poll(pair.server, 0, SN_SELECT_READ, &ready));
            row_equal(false, ready); /* no part of a refused one arrived */
            pair_release(&pair);
        }
    }
    rows_end();
}

/* --- Flags (D.5) ------------------------------------------------------------------------------------------ */

/* B.6 flags; D.5. .NET also lets its two private bits 0x1000 and 0x2000 through; Sennit does not. */
TEST(a_flag_that_cannot_be_given_to_a_send_is_refused_before_the_kernel_sees_it)
{
    struct socket_pair pair;
    for (int bit = 0; bit < 32; bit++) {
        sn_flags flag = (sn_flags)1 << bit;
        bool is_accepted = flag & (SN_FLAG_OUT_OF_BAND | SN_FLAG_PEEK | SN_FLAG_DONT_ROUTE |
                                   SN_FLAG_TRUNCATED | SN_FLAG_CONTROL_DATA_TRUNCATED);
        for (int combined = 0; combined <= 1; combined++) {
            row_begin("flag 0x%x%s", flag, combined ? " with DontRoute" : "");
            sn_flags flags = combined ? flag | SN_FLAG_DONT_ROUTE : flag;
            sn_error expected = is_accepted ? SN_OK : SN_ERROR_OPERATION_NOT_SUPPORTED;
            sn_buffer buffer = {(void *)(uintptr_t) "abcd", 4};
            size_t sent = 77;
            pair = pair_connected(TCP_IPV4);
            row_error(expected, do_send(pair.client, "abcd", 4, flags, &sent));
            row_equal(is_accepted ? 4 : 77, sent);
            row_equal(is_accepted, sn_socket_get_connected(pair.client)); /* as .NET: A.6 applies */
            pair_release(&pair);
            pair = pair_connected(TCP_IPV4);
            row_error(expected, do_send_buffers(pair.client, &buffer, 1, flags, NULL));
            pair_release(&pair);
        }
    }
    rows_end();
}

/* D.5 OutOfBand */
TEST(out_of_band_is_for_streams_only)
{
    for (size_t i = 0; i < 2; i++) {
        enum transport kind = i == 0 ? UDP_IPV4 : UNIX_DATAGRAM;
        row_begin("%s", transport_name(kind));
        struct socket_pair pair = pair_connected(kind);
        size_t sent = 77;
        row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                  do_send(pair.client, "x", 1, SN_FLAG_OUT_OF_BAND, &sent));
        row_equal(77, sent);
        pair_release(&pair);
    }
    rows_end();
}

/* --- Errors ------------------------------------------------------------------------------------------------ */

/* B.6 "stream not connected", "unconnected". Unix datagram sockets say NotConnected, as in .NET. */
TEST(a_socket_without_a_peer_says_so)
{
    static const struct {
        enum transport kind;
        sn_error error;
    } cases[] = {
        {TCP_IPV4, SN_ERROR_SHUTDOWN},
        {TCP_IPV6, SN_ERROR_SHUTDOWN},
        {UDP_IPV4, SN_ERROR_DESTINATION_ADDRESS_REQUIRED},
        {UDP_IPV6, SN_ERROR_DESTINATION_ADDRESS_REQUIRED},
        {UNIX_STREAM, SN_ERROR_NOT_CONNECTED},
        {UNIX_DATAGRAM, SN_ERROR_NOT_CONNECTED},
        {UNIX_SEQPACKET, SN_ERROR_NOT_CONNECTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (transport_missing(cases[i].kind))
            continue;
        for (int bound = 0; bound <= 1; bound++) {
            row_begin("%s, %s", transport_name(cases[i].kind), bound ? "bound" : "fresh");
            sn_socket *socket = bound ? socket_bound(cases[i].kind) : socket_make(cases[i].kind);
            sn_buffer buffer = {(void *)(uintptr_t) "x", 1};
            size_t sent = 77;
            row_error(cases[i].error, do_send(socket, "x", 1, SN_FLAG_NONE, &sent));
            row_error(cases[i].error, do_send(socket, NULL, 0, SN_FLAG_NONE, &sent));
            row_error(cases[i].error, do_send_buffers(socket, &buffer, 1, SN_FLAG_NONE, &sent));
            row_equal(77, sent);
            row_equal(bound, sn_socket_is_bound(socket));
            sn_socket_release(socket);
        }
    }
    sn_socket *listener = socket_listening(TCP_IPV4, 16);
    row_begin("a listener");
    row_error(SN_ERROR_SHUTDOWN, do_send(listener, "x", 1, SN_FLAG_NONE, NULL));
    rows_end();
    sn_socket_release(listener);
}

/* B.6 "direction closed by Shutdown(Send)": EPIPE, also for no bytes */
TEST(after_shutdown_send_a_send_gives_shutdown)
{
    for (int kind = 0; kind < RAW_ICMP; kind++) {
        if (transport_missing((enum transport)kind))
            continue;
        row_begin("%s", transport_name((enum transport)kind));
        struct socket_pair pair = pair_connected((enum transport)kind);
        row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        size_t sent = 77;
        row_error(SN_ERROR_SHUTDOWN, do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
        row_equal(77, sent);
        row_equal(EPIPE, sn_error_last_native());
        /* The other direction goes on. */
        row_error(SN_OK, do_send(pair.server, "y", 1, SN_FLAG_NONE, NULL));
        char byte = 0;
        size_t received = 0;
        row_error(SN_OK, do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
        row_equal('y', byte);
        pair_release(&pair);
    }
    rows_end();
}

/* B.6 "peer reset": the reset is told once, then the direction is closed */
TEST(a_reset_by_the_peer_is_told_once)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    size_t sent = 77;
    assert_error(SN_ERROR_CONNECTION_RESET, do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
    assert_false(sn_socket_get_connected(pair.client));
    assert_error(SN_ERROR_SHUTDOWN, do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
    assert_int_equal(77, sent);
    pair_release(&pair);
}

static void *reset_after_reading(void *argument)
{
    char bytes[1000];
    receive_exactly(argument, bytes, sizeof bytes);
    (void)!sn_socket_close_within(argument, 0);
    return NULL;
}

/* B.6 "error after a partial write": the count is lost */
TEST(a_reset_in_the_middle_of_a_send_ends_it)
{
    size_t size = 64 * MEGABYTE;
    uint8_t *data = calloc(1, size);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, reset_after_reading, pair.server));
    size_t sent = 77;
    assert_error(SN_ERROR_CONNECTION_RESET, do_send(pair.client, data, size, SN_FLAG_NONE, &sent));
    assert_int_equal(77, sent);
    assert_false(sn_socket_get_connected(pair.client));
    assert_int_equal(0, pthread_join(thread, NULL));
    pair_release(&pair);
    free(data);
}

/* B.6 "a pending ICMP error from an earlier send" */
TEST(a_datagram_that_nobody_took_is_told_to_the_next_send)
{
    for (int i = 0; i <= 1; i++) {
        enum transport kind = i ? UDP_IPV6 : UDP_IPV4;
        if (transport_missing(kind))
            continue;
        row_begin("%s", transport_name(kind));
        sn_socket *socket = socket_make(kind);
        sn_endpoint nobody = deserted_endpoint(i ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4);
        row_error(SN_OK, sn_socket_connect(socket, &nobody));
        row_error(SN_OK, do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
        wait_readable(socket);
        row_error(SN_ERROR_CONNECTION_REFUSED, do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
        row_equal(false, sn_socket_get_connected(socket));
        row_error(SN_OK, do_send(socket, "x", 1, SN_FLAG_NONE, NULL)); /* it works again */
        sn_socket_release(socket);
    }
    rows_end();
}

/* B.6: a Unix peer that has gone */
TEST(a_unix_peer_that_has_gone_is_noticed)
{
    static const struct {
        enum transport kind;
        sn_error error;
    } cases[] = {
        {UNIX_STREAM, SN_ERROR_SHUTDOWN},
        {UNIX_SEQPACKET, SN_ERROR_SHUTDOWN},
        {UNIX_DATAGRAM, SN_ERROR_CONNECTION_REFUSED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        row_begin("%s", transport_name(cases[i].kind));
        struct socket_pair pair = pair_connected(cases[i].kind);
        sn_socket_close(pair.server);
        row_error(cases[i].error, do_send(pair.client, "x", 1, SN_FLAG_NONE, NULL));
        row_equal(false, sn_socket_get_connected(pair.client));
        pair_release(&pair);
    }
    rows_end();
}

/* --- SIGPIPE ------------------------------------------------------------------------------------------------ */

static bool sigpipe_is_pending(void)
{
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static bool sigpipe_is_blocked(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, SIGPIPE) == 1;
}

static void send_in_every_form(sn_socket *socket, sn_error expected)
{
    sn_buffer buffers[2] = {{(void *)(uintptr_t) "x", 1}, {(void *)(uintptr_t) "y", 1}};
    sn_endpoint to = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    row_error(expected, do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    row_error(expected, do_send_buffers(socket, buffers, 2, SN_FLAG_NONE, NULL));
    if (sn_socket_get_address_family(socket) == SN_FAMILY_IPV4)
        row_error(expected, do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, NULL));
    row_equal(false, sigpipe_is_pending());
    row_equal(false, sigpipe_is_blocked());
}

/* A.2 SIGPIPE: with the default action, a signal would end this program here */
TEST(a_send_to_a_peer_that_has_gone_never_raises_sigpipe)
{
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    static const enum transport kinds[] = {TCP_IPV4, UNIX_STREAM, UNIX_SEQPACKET};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        row_begin("%s", transport_name(kinds[i]));
        struct socket_pair pair = pair_connected(kinds[i]);
        assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        send_in_every_form(pair.client, SN_ERROR_SHUTDOWN);
        pair_release(&pair);
    }
    rows_end();
}

/* A.2, A.3: an adopted pipe is written to with write(2), which has no flag against the signal */
TEST(a_send_to_a_pipe_without_a_reader_never_raises_sigpipe)
{
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, close(ends[0]));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[1], true, &socket));
    row_begin("a pipe");
    send_in_every_form(socket, SN_ERROR_SHUTDOWN);
    rows_end();
    sn_socket_release(socket);
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number)
{
    (void)number;
    sigpipes++;
}

/* A.2: process-wide signal state is never touched */
TEST(a_handler_for_sigpipe_stays_and_is_not_called)
{
    struct sigaction handler, before, after;
    memset(&handler, 0, sizeof handler);
    handler.sa_handler = count_sigpipe;
    assert_int_equal(0, sigaction(SIGPIPE, &handler, &before));
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    row_begin("TCP");
    send_in_every_form(pair.client, SN_ERROR_SHUTDOWN);
    pair_release(&pair);
    assert_int_equal(0, sigaction(SIGPIPE, &before, &after));
    assert_true(after.sa_handler == count_sigpipe);
    assert_int_equal(0, sigpipes);
    rows_end();
}

/* A.2: a SIGPIPE that the program itself has blocked and pending is still there afterwards */
TEST(a_pending_sigpipe_of_the_program_survives_a_send_to_a_pipe)
{
    sigset_t sigpipe, before;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &sigpipe, &before));
    assert_int_equal(0, pthread_kill(pthread_self(), SIGPIPE));
    assert_true(sigpipe_is_pending());

    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, close(ends[0]));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[1], true, &socket));
    assert_error(SN_ERROR_SHUTDOWN, sn_socket_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    assert_true(sigpipe_is_pending());
    assert_true(sigpipe_is_blocked());
    sn_socket_release(socket);

    int number = 0;
    assert_int_equal(0, sigwait(&sigpipe, &number)); /* takes it away again */
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &before, NULL));
}

/* --- Odds and ends ------------------------------------------------------------------------------------------- */

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

/* A.3: what is not a socket is written to */
TEST(an_adopted_pipe_can_be_sent_to)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[1], true, &socket));
    sn_buffer buffers[2] = {{(void *)(uintptr_t) "lo", 2}, {(void *)(uintptr_t) "!", 1}};
    size_t sent = 0;
    assert_ok(do_send(socket, "hel", 3, SN_FLAG_NONE, &sent));
    assert_int_equal(3, sent);
    assert_ok(do_send_buffers(socket, buffers, 2, SN_FLAG_NONE, &sent));
    assert_int_equal(3, sent);
    char text[8] = "";
    assert_int_equal(6, read(ends[0], text, sizeof text));
    assert_string_equal("hello!", text);
    sn_socket_release(socket);
    assert_int_equal(0, close(ends[0]));
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
        CASE(each_send_is_one_datagram),
        CASE(a_datagram_that_is_too_long_or_has_too_many_pieces_is_refused),
        CASE(a_flag_that_cannot_be_given_to_a_send_is_refused_before_the_kernel_sees_it),
        CASE(out_of_band_is_for_streams_only),
        CASE(a_socket_without_a_peer_says_so),
        CASE(after_shutdown_send_a_send_gives_shutdown),
        CASE(a_reset_by_the_peer_is_told_once),
        CASE(a_reset_in_the_middle_of_a_send_ends_it),
        CASE(a_datagram_that_nobody_took_is_told_to_the_next_send),
        CASE(a_unix_peer_that_has_gone_is_noticed),
        CASE(a_send_to_a_peer_that_has_gone_never_raises_sigpipe),
        CASE(a_send_to_a_pipe_without_a_reader_never_raises_sigpipe),
        CASE(a_handler_for_sigpipe_stays_and_is_not_called),
        CASE(a_pending_sigpipe_of_the_program_survives_a_send_to_a_pipe),
        CASE(data_flows_with_buffer_sizes_of_0),
        CASE(an_adopted_pipe_can_be_sent_to),
    };
    return RUN(cases);
}
