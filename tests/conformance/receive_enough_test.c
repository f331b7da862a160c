/*
 * Receive exactly and at least (decision 0034): what they give, and how they end. What came is told
 * whatever has ended the call.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/async.h"

/* --- Another thread, which does something in the middle --------------------------------------- */

struct middle {
    struct socket_pair pair;
    void (*act)(struct middle *middle); /* after each piece was taken */
    int pieces;                         /* of 3 bytes */
};

/* Until whoever receives has all that was sent. */
static void wait_taken(sn_socket *receiver)
{
    size_t left = 1;
    while (left > 0 && sn_socket_get_available(receiver, &left) == SN_OK)
        give_way();
}

static sn_error send_pieces(void *context)
{
    struct middle *middle = context;
    sn_error error = SN_OK;
    for (int i = 0; i < middle->pieces && !error; i++) {
        error = sn_socket_send(middle->pair.client, "abc", 3, SN_FLAG_NONE, NULL);
        wait_taken(middle->pair.server);
    }
    if (middle->act)
        middle->act(middle);
    return error;
}

/* Receives while the other thread does its part. */
static sn_error receive_beside(struct middle *middle, void *data, size_t size, size_t minimum,
                               size_t *out_received)
{
    struct thread thread;
    *out_received = 77;
    thread_start(&thread, send_pieces, middle);
    sn_error error = do_receive_at_least(middle->pair.server, data, size, minimum, out_received);
    assert_ok(thread_join(&thread));
    return error;
}

/* --- What they give --------------------------------------------------------------------------- */

TEST(exactly_so_many_bytes_come_however_they_arrive)
{
    struct middle middle = {.pair = pair_connected(transport_of(state)), .pieces = 4};
    char data[12];
    size_t received;
    assert_ok(receive_beside(&middle, data, sizeof data, sizeof data, &received));
    assert_int_equal(12, received);
    assert_memory_equal("abcabcabcabc", data, 12);
    pair_release(&middle.pair);
}

TEST(what_is_not_wanted_stays_in_the_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "headbody");
    wait_readable(pair.server);
    char data[4];
    size_t received = 77;
    assert_ok(do_receive_at_least(pair.server, data, 4, 4, &received));
    assert_int_equal(4, received);
    assert_memory_equal("head", data, 4);
    assert_ok(do_receive_at_least(pair.server, data, 4, 4, NULL));
    assert_memory_equal("body", data, 4);
    pair_release(&pair);
}

TEST(at_least_so_many_come_and_more_if_it_is_there)
{
    struct middle middle = {.pair = pair_connected(transport_of(state)), .pieces = 2};
    char data[64];
    size_t received;
    assert_ok(receive_beside(&middle, data, sizeof data, 4, &received));
    assert_int_equal(6, received);
    assert_memory_equal("abcabc", data, 6);
    send_text(middle.pair.client, "all of it");
    wait_readable(middle.pair.server);
    assert_ok(do_receive_at_least(middle.pair.server, data, sizeof data, 1, &received));
    assert_int_equal(9, received);
    pair_release(&middle.pair);
}

enum { LARGE = 3 << 20 };
static unsigned char large[LARGE];

static sn_error send_large(void *context)
{
    const struct socket_pair *pair = context;
    return sn_socket_send(pair->client, large, LARGE, SN_FLAG_NONE, NULL);
}

TEST(a_large_one_comes_whole)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    unsigned char *data = calloc(1, LARGE);
    struct thread thread;
    size_t received = 77;
    fill_pattern(large, LARGE, 0);
    thread_start(&thread, send_large, &pair);
    assert_ok(do_receive_at_least(pair.server, data, LARGE, LARGE, &received));
    assert_ok(thread_join(&thread));
    assert_int_equal(LARGE, received);
    assert_true(is_pattern(data, LARGE, 0));
    free(data);
    pair_release(&pair);
}

TEST(nothing_is_waited_for_where_nothing_is_wanted)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[4];
    for (int i = 0; i < 2; i++) { /* also where something is there, which stays */
        size_t received = 77;
        assert_ok(do_receive_at_least(pair.server, data, 4, 0, &received));
        assert_int_equal(0, received);
        received = 77;
        assert_ok(do_receive_at_least(pair.server, NULL, 0, 0, &received));
        assert_int_equal(0, received);
        send_text(pair.client, "x");
        wait_readable(pair.server);
    }
    assert_int_equal(2, available(pair.server));
    pair_release(&pair);
}

TEST(a_pipe_is_a_stream_as_well)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(ends[0], true, &socket));
    char data[8];
    size_t received = 77;
    assert_int_equal(5, write(ends[1], "hello", 5));
    assert_ok(do_receive_at_least(socket, data, 5, 5, &received));
    assert_int_equal(5, received);
    assert_int_equal(2, write(ends[1], "ab", 2));
    assert_int_equal(0, close(ends[1]));
    assert_error(SN_ERROR_END_OF_STREAM, do_receive_at_least(socket, data, 8, 3, &received));
    assert_int_equal(2, received);
    assert_memory_equal("ab", data, 2);
    sn_socket_release(socket);
}

TEST(a_byte_goes_and_comes)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    uint8_t byte = 0;
    for (int value = 0; value <= UINT8_MAX; value++) {
        assert_ok(sn_socket_send_byte(pair.client, (uint8_t)value));
        assert_ok(sn_socket_receive_byte(pair.server, &byte));
        assert_int_equal(value, byte);
    }
    send_text(pair.client, "y");
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_receive_byte(pair.server, NULL));
    assert_ok(sn_socket_receive_byte(pair.server, &byte)); /* it was not taken */
    assert_int_equal('y', byte);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_error(SN_ERROR_END_OF_STREAM, sn_socket_receive_byte(pair.server, &byte));
    assert_int_equal('y', byte);
    assert_error(SN_ERROR_SHUTDOWN, sn_socket_send_byte(pair.client, 1));
    pair_release(&pair);
}

/* --- How they end before there is enough ------------------------------------------------------ */

static void end_sending(struct middle *middle)
{
    (void)!sn_socket_shutdown(middle->pair.client, SN_SHUTDOWN_SEND);
}

TEST(an_end_inside_is_an_error_that_says_how_much_had_come)
{
    struct middle middle = {
        .pair = pair_connected(transport_of(state)), .pieces = 2, .act = end_sending};
    char data[16];
    size_t received;
    assert_error(SN_ERROR_END_OF_STREAM, receive_beside(&middle, data, sizeof data, 7, &received));
    assert_int_equal(6, received);
    assert_memory_equal("abcabc", data, 6);
    assert_int_equal(0, last_native());
    assert_true(sn_socket_is_connected(middle.pair.server)); /* sending goes on */
    received = 77;
    assert_error(SN_ERROR_END_OF_STREAM,
                 do_receive_at_least(middle.pair.server, data, 1, 1, &received));
    assert_int_equal(77, received); /* nothing had come */
    pair_release(&middle.pair);
}

static void reset(struct middle *middle)
{
    (void)!sn_socket_close_within(middle->pair.client, 0);
}

TEST(a_reset_inside_is_told_with_what_had_come)
{
    struct middle middle = {.pair = pair_connected(transport_of(state)), .pieces = 1, .act = reset};
    char data[16];
    size_t received;
    assert_error(SN_ERROR_CONNECTION_RESET,
                 receive_beside(&middle, data, sizeof data, sizeof data, &received));
    assert_int_equal(3, received);
    assert_int_equal(ECONNRESET, last_native());
    assert_false(sn_socket_is_connected(middle.pair.server));
    pair_release(&middle.pair);
}

static void end_receiving(struct middle *middle)
{
    (void)!sn_socket_shutdown(middle->pair.server, SN_SHUTDOWN_RECEIVE);
}

TEST(a_shutdown_of_receiving_is_an_end_as_well)
{
    struct middle middle = {
        .pair = pair_connected(transport_of(state)), .pieces = 1, .act = end_receiving};
    char data[16];
    size_t received;
    assert_error(SN_ERROR_END_OF_STREAM, receive_beside(&middle, data, 16, 16, &received));
    assert_int_equal(3, received);
    pair_release(&middle.pair);
}

static void cancel(struct middle *middle)
{
    sn_socket_cancel(middle->pair.server);
}

TEST(a_cancel_inside_is_an_error_and_the_stream_goes_on)
{
    struct middle middle = {
        .pair = pair_connected(transport_of(state)), .pieces = 2, .act = cancel};
    char data[16];
    size_t received;
    assert_error(SN_ERROR_OPERATION_CANCELED, receive_beside(&middle, data, 16, 16, &received));
    assert_int_equal(6, received);
    assert_memory_equal("abcabc", data, 6);
    send_text(middle.pair.client, "more");
    assert_ok(do_receive_at_least(middle.pair.server, data, 4, 4, &received));
    assert_memory_equal("more", data, 4);
    pair_release(&middle.pair);
}

static void close_receiver(struct middle *middle)
{
    sn_socket_close(middle->pair.server);
}

TEST(a_close_inside_ends_it)
{
    struct middle middle = {
        .pair = pair_connected(transport_of(state)), .pieces = 1, .act = close_receiver};
    char data[16];
    size_t received;
    sn_error error = receive_beside(&middle, data, 16, 16, &received);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, error);
    assert_int_equal(3, received);
    pair_release(&middle.pair);
}

TEST(the_time_limit_tells_what_had_come)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[16];
    size_t received = 77;
    assert_ok(sn_socket_set_receive_timeout(pair.server, 50));
    send_text(pair.client, "abcabc");
    wait_readable(pair.server);
    assert_error(SN_ERROR_TIMED_OUT, do_receive_at_least(pair.server, data, 16, 16, &received));
    assert_int_equal(6, received);
    assert_memory_equal("abcabc", data, 6);
    pair_release(&pair);
}

static sn_error trickle(void *context)
{
    struct middle *middle = context;
    while (!sn_socket_send(middle->pair.client, "t", 1, SN_FLAG_NONE, NULL))
        wait_taken(middle->pair.server);
    return SN_OK;
}

/* Bytes come all the time, and none of them makes the limit begin anew. */
TEST(one_time_limit_is_for_the_whole)
{
    static char data[64 << 20];
    struct middle middle = {.pair = pair_connected(transport_of(state))};
    struct thread thread;
    size_t received = 0;
    assert_ok(sn_socket_set_receive_timeout(middle.pair.server, 50));
    thread_start(&thread, trickle, &middle);
    wait_readable(middle.pair.server);
    assert_error(SN_ERROR_TIMED_OUT, do_receive_at_least(middle.pair.server, data, sizeof data,
                                                         sizeof data, &received));
    sn_socket_close(middle.pair.server);
    sn_socket_close(middle.pair.client);
    assert_ok(thread_join(&thread));
    assert_in_range(received, 1, sizeof data - 1);
    pair_release(&middle.pair);
}

TEST(a_non_blocking_socket_gives_what_is_there_and_says_so)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[8] = "";
    size_t received = 77;
    set_blocking(pair.server, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive_at_least(pair.server, data, 8, 8, &received));
    assert_int_equal(77, received);
    send_text(pair.client, "abc");
    wait_readable(pair.server);
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive_at_least(pair.server, data, 8, 8, &received));
    assert_int_equal(3, received);
    send_text(pair.client, "defgh");
    wait_readable(pair.server);
    while (available(pair.server) < 5)
        give_way();
    assert_ok(do_receive_at_least(pair.server, data + 3, 5, 5, &received));
    assert_int_equal(5, received);
    assert_memory_equal("abcdefgh", data, 8);
    pair_release(&pair);
}

/* --- Bad input -------------------------------------------------------------------------------- */

TEST(what_cannot_be_is_refused_and_nothing_is_taken)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *fresh = socket_make(TCP_IPV4), *closed = socket_make(TCP_IPV4);
    char data[8] = "u";
    size_t received = 77;
    sn_socket_close(closed);
    send_text(pair.client, "data");
    wait_readable(pair.server);
    row_begin("misuse");
    row_error(SN_ERROR_ARGUMENT_NULL, do_receive_at_least(NULL, data, 1, 1, &received));
    row_error(SN_ERROR_OBJECT_DISPOSED, do_receive_at_least(closed, data, 1, 1, &received));
    row_error(SN_ERROR_OBJECT_DISPOSED, do_receive_at_least(closed, data, 1, 0, &received));
    row_error(SN_ERROR_ARGUMENT_NULL, do_receive_at_least(pair.server, NULL, 1, 0, &received));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              do_receive_at_least(pair.server, data, 4, 5, &received));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              do_receive_at_least(pair.server, data, (size_t)SSIZE_MAX + 1, 1, &received));
    row_error(SN_ERROR_NOT_CONNECTED, do_receive_at_least(fresh, data, 1, 1, &received));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_receive_exactly(pair.server, NULL, 1, &received));
    row_equal(77, received);
    row_equal('u', data[0]);
    row_equal(4, available(pair.server));
    rows_end();
    sn_socket_release(closed);
    sn_socket_release(fresh);
    pair_release(&pair);
}

/* Of several messages no one knows where the one ends of which more is wanted. */
TEST(messages_are_no_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[8];
    size_t received = 77;
    send_text(pair.client, "data");
    wait_readable(pair.server);
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive_at_least(pair.server, data, 8, 4, &received));
    assert_int_equal(77, received);
    assert_true(sn_socket_is_connected(pair.server));
    assert_receives(pair.server, "data");
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(exactly_so_many_bytes_come_however_they_arrive),
        ON_STREAMS(what_is_not_wanted_stays_in_the_stream),
        ON_STREAMS(at_least_so_many_come_and_more_if_it_is_there),
        ON_STREAMS(a_large_one_comes_whole),
        ON_STREAMS(nothing_is_waited_for_where_nothing_is_wanted),
        CASE(a_pipe_is_a_stream_as_well),
        ON_STREAMS(a_byte_goes_and_comes),
        ON_STREAMS(an_end_inside_is_an_error_that_says_how_much_had_come),
        ON_TCP(a_reset_inside_is_told_with_what_had_come),
        ON_STREAMS(a_shutdown_of_receiving_is_an_end_as_well),
        ON_STREAMS(a_cancel_inside_is_an_error_and_the_stream_goes_on),
        ON_STREAMS(a_close_inside_ends_it),
        ON_STREAMS(the_time_limit_tells_what_had_come),
        ON_STREAMS(one_time_limit_is_for_the_whole),
        ON_STREAMS(a_non_blocking_socket_gives_what_is_there_and_says_so),
        CASE(what_cannot_be_is_refused_and_nothing_is_taken),
        ON_UDP(messages_are_no_stream),
        CASE_ON(messages_are_no_stream, UNIX_SEQPACKET),
        CASE_ON(messages_are_no_stream, UNIX_DATAGRAM),
    };
    return RUN(cases);
}
