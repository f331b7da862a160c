/*
 * Send (contract B.6): datagrams, flags, and the errors of every kind of socket. Trap 53. Streams
 * stand in send_stream_test.c, the signal that is never raised in sigpipe_test.c.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

/* --- Datagrams ------------------------------------------------------------------------------- */

static const enum transport datagrams[] = {UDP_IPV4, UDP_IPV6, UNIX_DATAGRAM, UNIX_SEQPACKET};

/* B.6 "datagram": one call, one datagram */
TEST(each_send_is_one_datagram)
{
    for (size_t i = 0; i < COUNT_OF(datagrams); i++) {
        if (transport_missing(datagrams[i]))
            continue;
        row_begin("%s", transport_name(datagrams[i]));
        struct socket_pair pair = pair_connected(datagrams[i]);
        sn_buffer pieces[4] = {{(void *)(uintptr_t) "one", 3},
                               {NULL, 0},
                               {(void *)(uintptr_t) "two", 3},
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
        {0, sizeof block, 1 << UNIX_DATAGRAM | 1 << UNIX_SEQPACKET, SN_ERROR_MESSAGE_SIZE},
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
            row_error(
                cases[j].error,
                cases[j].count
                    ? do_send_buffers(pair.client, pieces, cases[j].count, SN_FLAG_NONE, &sent)
                    : do_send(pair.client, block, cases[j].size, SN_FLAG_NONE, &sent));
            row_equal(cases[j].error ? 77 : size, sent);
            row_equal(!cases[j].error, sn_socket_is_connected(pair.client)); /* A.6 */
            if (!cases[j].error) {
                row_error(SN_OK,
                          sn_socket_receive(pair.server, block, sizeof block, SN_FLAG_NONE, &sent));
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

/* --- Flags (D.5) ----------------------------------------------------------------------------- */

/* B.6 flags; D.5. .NET also lets its two private bits 0x1000 and 0x2000 through; Sennit does not.
 */
TEST(a_flag_that_cannot_be_given_to_a_send_is_refused_before_the_kernel_sees_it)
{
    struct socket_pair pair;
    for (int bit = 0; bit < 32; bit++) {
        sn_flags flag = (sn_flags)1 << bit;
        if (flag & (SN_FLAG_DONT_WAIT | SN_FLAG_MORE | SN_FLAG_TRUNCATE | SN_FLAG_WAIT_ALL))
            continue; /* none of .NET's: native_flags_test.c */
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
            row_equal(is_accepted, sn_socket_is_connected(pair.client)); /* as .NET: A.6 applies */
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

/* --- Errors ---------------------------------------------------------------------------------- */

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
        row_equal(EPIPE, last_native());
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
    assert_false(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_SHUTDOWN, do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
    assert_int_equal(77, sent);
    pair_release(&pair);
}

static sn_error reset_after_reading(void *context)
{
    char bytes[1000];
    size_t received = 0;
    sn_error error = do_receive(context, bytes, sizeof bytes, SN_FLAG_NONE, &received);
    return error ? error : sn_socket_close_within(context, 0);
}

/* B.6 "error after a partial write": .NET loses the count, a blocking call tells it */
TEST(a_reset_in_the_middle_of_a_send_ends_it)
{
    size_t size = 64 * MEGABYTE;
    uint8_t *data = calloc(1, size);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct thread thread;
    thread_start(&thread, reset_after_reading, pair.server);
    size_t sent = 0;
    assert_error(SN_ERROR_CONNECTION_RESET, do_send(pair.client, data, size, SN_FLAG_NONE, &sent));
    assert_true(sent < size);
    assert_false(sn_socket_is_connected(pair.client));
    assert_ok(thread_join(&thread));
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
        wait_error(socket);
        row_error(SN_ERROR_CONNECTION_REFUSED, do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
        row_equal(false, sn_socket_is_connected(socket));
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
        engines_settle();
        row_error(cases[i].error, do_send(pair.client, "x", 1, SN_FLAG_NONE, NULL));
        row_equal(false, sn_socket_is_connected(pair.client));
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
        CASE(an_adopted_pipe_can_be_sent_to),
    };
    return RUN(cases);
}
