/* From one stream to another: copies and relays, and how they end. */
#include "conformance/relays.h"

#include <time.h>
#include <unistd.h>

/* --- Copies ----------------------------------------------------------------------------------- */

static const size_t sizes[] = {0, 1, 65536, 65537, 3 << 20};

static void copy_rows(enum transport one, enum transport other)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct thread sender, receiver;
        sn_relay_result result = {77, 77, NULL};
        row_begin("%s to %s, %zu bytes", transport_name(one), transport_name(other), sizes[i]);
        open_both(one, other);
        struct flow out = {.socket = near.client, .size = sizes[i], .ends = true};
        struct flow in = {.socket = far.server, .size = sizes[i], .ends = true};
        thread_start(&sender, send_flow, &out);
        thread_start(&receiver, receive_flow, &in);
        row_error(SN_OK, do_copy(near.server, far.client, SN_FOREVER, SN_FOREVER, &result));
        row_error(SN_OK, thread_join(&sender));
        /* It stays open for sending. */
        row_error(SN_OK, sn_socket_shutdown(far.client, SN_SHUTDOWN_SEND));
        row_error(SN_OK, thread_join(&receiver));
        row_equal(true, in.is_right);
        row_equal(sizes[i], result.there);
        row_equal(0, result.back);
        row_equal(true, result.failed == NULL);
        close_both();
    }
}

TEST(a_copy_ends_with_the_stream_and_leaves_the_other_open)
{
    copy_rows(TCP_IPV4, TCP_IPV4);
    copy_rows(UNIX_STREAM, UNIX_STREAM);
    copy_rows(TCP_IPV4, UNIX_STREAM);
    copy_rows(UNIX_STREAM, TCP_IPV4);
    rows_end();
}

TEST(a_stream_copied_to_itself_is_an_echo)
{
    enum { SIZE = 300000 };
    struct thread sender, receiver;
    sn_relay_result result;
    open_both(transport_of(state), TCP_IPV4);
    struct flow out = {.socket = near.client, .size = SIZE, .ends = true};
    struct flow in = {.socket = near.client, .size = SIZE};
    thread_start(&receiver, receive_flow, &in);
    thread_start(&sender, send_flow, &out);
    assert_ok(do_copy(near.server, near.server, SN_FOREVER, SN_FOREVER, &result));
    assert_ok(thread_join(&sender));
    assert_ok(thread_join(&receiver));
    assert_true(in.is_right);
    assert_int_equal(SIZE, result.there);
    close_both();
}

/* What a pipe holds, and its end, which is passed on by the program. */
TEST(a_pipe_can_be_copied_from_and_to)
{
    int in[2], out[2];
    sn_socket *from = NULL, *to = NULL;
    sn_relay_result result;
    char data[16];
    assert_int_equal(0, pipe(in));
    assert_int_equal(0, pipe(out));
    assert_ok(sn_socket_from_handle(in[0], true, &from));
    assert_ok(sn_socket_from_handle(out[1], true, &to));
    assert_int_equal(5, write(in[1], "pipes", 5));
    assert_int_equal(0, close(in[1]));
    assert_ok(do_copy(from, to, SN_FOREVER, SN_FOREVER, &result));
    assert_int_equal(5, result.there);
    assert_int_equal(5, read(out[0], data, sizeof data));
    assert_memory_equal("pipes", data, 5);
    assert_int_equal(0, close(out[0]));
    sn_socket_release(from);
    sn_socket_release(to);
    settle();
}

/* --- Relays ----------------------------------------------------------------------------------- */

static void relay_rows(enum transport one, enum transport other)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct thread threads[4];
        sn_relay_result result = {77, 77, NULL};
        row_begin("%s and %s, %zu bytes", transport_name(one), transport_name(other), sizes[i]);
        open_both(one, other);
        struct flow there = {.socket = near.client, .size = sizes[i], .ends = true};
        struct flow arrives = {.socket = far.server, .size = sizes[i], .ends = true};
        struct flow back = {.socket = far.server, .size = sizes[i] / 2, .offset = 5, .ends = true};
        struct flow returns = {
            .socket = near.client, .size = sizes[i] / 2, .offset = 5, .ends = true};
        thread_start(&threads[0], send_flow, &there);
        thread_start(&threads[1], receive_flow, &arrives);
        thread_start(&threads[2], send_flow, &back);
        thread_start(&threads[3], receive_flow, &returns);
        row_error(SN_OK, do_relay(near.server, far.client, SN_FOREVER, SN_FOREVER, &result));
        for (int k = 0; k < 4; k++)
            row_error(SN_OK, thread_join(&threads[k]));
        row_equal(true, arrives.is_right);
        row_equal(true, returns.is_right);
        row_equal(sizes[i], result.there);
        row_equal(sizes[i] / 2, result.back);
        row_equal(true, result.failed == NULL);
        close_both();
    }
}

TEST(a_relay_carries_both_directions_and_passes_each_end_on)
{
    relay_rows(TCP_IPV4, TCP_IPV4);
    relay_rows(UNIX_STREAM, UNIX_STREAM);
    relay_rows(TCP_IPV4, UNIX_STREAM);
    rows_end();
}

/* The answer can only begin when the question has ended. */
static sn_error answer_after_the_end(void *context)
{
    char data[16];
    size_t received = 0;
    (void)context;
    sn_error error = sn_socket_receive_exactly(far.server, data, sizeof data, &received);
    if (error != SN_ERROR_END_OF_STREAM || received != 8 || memcmp(data, "question", 8) != 0)
        return SN_ERROR_FAULT;
    error = sn_socket_send(far.server, "answer", 6, SN_FLAG_NONE, NULL);
    sn_socket_close(far.server);
    return error;
}

TEST(one_direction_goes_on_when_the_other_has_ended)
{
    struct thread thread;
    sn_relay_result result;
    open_both(transport_of(state), transport_of(state));
    send_text(near.client, "question");
    assert_ok(sn_socket_shutdown(near.client, SN_SHUTDOWN_SEND));
    thread_start(&thread, answer_after_the_end, NULL);
    assert_ok(do_relay(near.server, far.client, SN_FOREVER, SN_FOREVER, &result));
    assert_ok(thread_join(&thread));
    assert_int_equal(8, result.there);
    assert_int_equal(6, result.back);
    assert_receives(near.client, "answer");
    assert_receives_end(near.client);
    close_both();
}

/* --- Early ends ------------------------------------------------------------------------------- */

/* Once 5 bytes have gone through. */
static sn_error act_later(void *context)
{
    void (*act)(void) = (void (*)(void))(uintptr_t)context;
    char data[5];
    sn_error error = sn_socket_send(near.client, "hello", 5, SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_receive_exactly(far.server, data, 5, NULL);
    act();
    return error;
}

static sn_error relay_beside(void (*act)(void), sn_relay_result *result)
{
    struct thread thread;
    thread_start(&thread, act_later, (void *)(uintptr_t)act);
    sn_error error = do_relay(near.server, far.client, SN_FOREVER, SN_FOREVER, result);
    assert_ok(thread_join(&thread));
    assert_int_equal(5, result->there);
    assert_int_equal(0, result->back);
    return error;
}

static void reset_far(void)
{
    (void)!sn_socket_close_within(far.server, 0);
}

TEST(an_error_ends_both_directions_and_says_whose_it_is)
{
    sn_relay_result result;
    open_both(transport_of(state), transport_of(state));
    assert_error(SN_ERROR_CONNECTION_RESET, relay_beside(reset_far, &result));
    assert_ptr_equal(far.client, result.failed);
    send_text(near.server, "open"); /* the relay has closed nothing */
    assert_receives(near.client, "open");
    close_both();
}

static void cancel_near(void)
{
    sn_socket_cancel(near.server);
}

TEST(a_cancel_of_a_socket_ends_it)
{
    sn_relay_result result;
    open_both(transport_of(state), transport_of(state));
    assert_error(SN_ERROR_OPERATION_CANCELED, relay_beside(cancel_near, &result));
    assert_ptr_equal(near.server, result.failed);
    send_text(near.client, "still");
    assert_receives(near.server, "still");
    close_both();
}

static void close_near(void)
{
    sn_socket_close(near.server);
}

static void close_far(void)
{
    sn_socket_close(far.client);
}

TEST(a_close_of_either_socket_ends_it)
{
    for (int is_far = 0; is_far <= 1; is_far++) {
        sn_relay_result result;
        open_both(transport_of(state), transport_of(state));
        sn_error error = relay_beside(is_far ? close_far : close_near, &result);
        assert_error(style_error(SN_ERROR_CONNECTION_ABORTED, SN_ERROR_OPERATION_ABORTED), error);
        assert_ptr_equal(is_far ? far.client : near.server, result.failed);
        close_both();
    }
}

TEST(a_time_limit_ends_it)
{
    for (int is_idle = 0; is_idle <= 1; is_idle++) {
        sn_relay_result result = {77, 77, NULL};
        open_both(transport_of(state), transport_of(state));
        assert_error(SN_ERROR_TIMED_OUT,
                     do_relay(near.server, far.client, is_idle ? SN_FOREVER : 50,
                              is_idle ? 50 : SN_FOREVER, &result));
        assert_int_equal(0, result.there);
        assert_int_equal(0, result.back);
        if (!is_idle)
            assert_null(result.failed); /* it is neither's */
        close_both();
    }
}

enum { IDLE_MS = 200 };

/* Sends through the relay, in one direction only, for longer than the idle limit. */
struct trickle {
    int64_t gap_ms; /* out: the longest time in which nothing went */
};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static sn_error send_for_a_while(void *context)
{
    struct trickle *trickle = context;
    int64_t begin_ms = now_ms(), last_ms = begin_ms, at_ms = begin_ms;
    uint8_t byte;
    for (; at_ms - begin_ms < 3 * IDLE_MS; last_ms = at_ms) {
        if (sn_socket_send_byte(near.client, 't') || sn_socket_receive_byte(far.server, &byte))
            break; /* the relay has ended, and its sockets were closed */
        at_ms = now_ms();
        if (at_ms - last_ms > trickle->gap_ms)
            trickle->gap_ms = at_ms - last_ms;
    }
    (void)!sn_socket_shutdown(near.client, SN_SHUTDOWN_SEND);
    (void)!sn_socket_shutdown(far.server, SN_SHUTDOWN_SEND);
    return SN_OK;
}

/* Where the machine was too busy to tell, nothing is known, and it is tried again. */
TEST(an_idle_limit_waits_for_both_directions)
{
    sn_error error = SN_ERROR_TIMED_OUT;
    for (int i = 0; i < 10 && error; i++) {
        struct thread thread;
        struct trickle trickle = {0};
        sn_relay_result result;
        open_both(transport_of(state), transport_of(state));
        thread_start(&thread, send_for_a_while, &trickle);
        error = do_relay(near.server, far.client, SN_FOREVER, IDLE_MS, &result);
        if (error) {
            sn_socket_close(near.server);
            sn_socket_close(far.client);
        }
        assert_ok(thread_join(&thread));
        if (error)
            assert_in_range(trickle.gap_ms, IDLE_MS / 2, INT64_MAX);
        assert_int_equal(0, result.back);
        close_both();
    }
    assert_ok(error);
}

/* Who sends more than the other side takes is not asked for more; a cancel ends that as well. */
TEST(a_stalled_send_can_be_ended)
{
    sn_relay_result result;
    struct thread thread;
    open_both(transport_of(state), transport_of(state));
    struct flow out = {.socket = near.client, .size = 16 << 20};
    thread_start(&thread, send_flow, &out);
    assert_error(SN_ERROR_TIMED_OUT, do_relay(near.server, far.client, 300, SN_FOREVER, &result));
    assert_in_range(result.there, 0, (16 << 20) - 1);
    sn_socket_close(near.server);
    sn_socket_close(near.client);
    (void)!thread_join(&thread);
    close_both();
}

/* --- Bad input -------------------------------------------------------------------------------- */

TEST(misuse_is_refused_and_nothing_moves)
{
    struct socket_pair datagrams = pair_connected(UDP_IPV4);
    sn_relay_result result = {77, 77, NULL};
    open_both(TCP_IPV4, TCP_IPV4);
    send_text(near.client, "stays");
    wait_readable(near.server);
    row_begin("misuse");
    for (int is_copy = 0; is_copy <= 1; is_copy++) {
        struct relaying call = {.first = near.server,
                                .second = far.client,
                                .idle_ms = SN_FOREVER,
                                .result = &result,
                                .is_copy = is_copy};
        struct relaying none = call, closed = call, messages = call, zero = call, less = call;
        none.second = NULL;
        row_error(SN_ERROR_ARGUMENT_NULL, run_relay(&none, SN_FOREVER));
        none.first = NULL;
        row_error(SN_ERROR_ARGUMENT_NULL, run_relay(&none, SN_FOREVER));
        messages.second = datagrams.client;
        row_error(SN_ERROR_OPERATION_NOT_SUPPORTED, run_relay(&messages, SN_FOREVER));
        zero.idle_ms = 0;
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, run_relay(&zero, SN_FOREVER));
        less.idle_ms = SN_FOREVER - 1;
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, run_relay(&less, SN_FOREVER));
        sn_socket_close(far.server);
        closed.second = far.server;
        row_error(SN_ERROR_OBJECT_DISPOSED, run_relay(&closed, SN_FOREVER));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                  sn_socket_copy_to(near.server, far.client, 0, SN_FOREVER, &result));
    }
    row_error(SN_ERROR_ARGUMENT,
              do_relay(near.server, near.server, SN_FOREVER, SN_FOREVER, &result));
    row_equal(77, result.there);
    rows_end();
    assert_receives(near.server, "stays");
    pair_release(&datagrams);
    close_both();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_copy_ends_with_the_stream_and_leaves_the_other_open),
        ON_STREAMS(a_stream_copied_to_itself_is_an_echo),
        CASE(a_pipe_can_be_copied_from_and_to),
        CASE(a_relay_carries_both_directions_and_passes_each_end_on),
        ON_STREAMS(one_direction_goes_on_when_the_other_has_ended),
        ON_TCP(an_error_ends_both_directions_and_says_whose_it_is),
        ON_STREAMS(a_cancel_of_a_socket_ends_it),
        ON_STREAMS(a_close_of_either_socket_ends_it),
        ON_STREAMS(a_time_limit_ends_it),
        CASE_ON(an_idle_limit_waits_for_both_directions, TCP_IPV4),
        ON_STREAMS(a_stalled_send_can_be_ended),
        CASE(misuse_is_refused_and_nothing_moves),
    };
    clients_begin();
    return RUN(cases);
}
