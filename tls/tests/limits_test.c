/*
 * What ends a call early: time limits, cancels, closes, scopes; and what goes on afterwards.
 */
#include "duo.h"

#include <stdlib.h>

#include "support/files.h"

enum { BIG = 24 * 1024 * 1024 };

struct waiter {
    struct thread thread;
    struct duo *duo;
    sn_cancellation *cancellation;
    size_t count;
    char byte;
};

static sn_error meet_nobody(void *context)
{
    struct waiter *waiter = context;
    return do_client(waiter->duo->client, waiter->duo->client_context, "localhost");
}

static sn_error read_nothing(void *context)
{
    struct waiter *waiter = context;
    return do_read(waiter->duo->client, &waiter->byte, 1, &waiter->count);
}

static sn_error write_too_much(void *context)
{
    struct waiter *waiter = context;
    uint8_t *data = pattern_new(BIG, 3);
    sn_error error = do_write(waiter->duo->client, data, BIG, &waiter->count);
    free(data);
    return error;
}

/* --- Time limits ------------------------------------------------------------------------------ */

TEST(a_peer_that_says_nothing_ends_a_handshake_at_its_limit)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    limit_calls(duo.client, 30);
    assert_error(SN_ERROR_TIMED_OUT, do_client(duo.client, duo.client_context, "localhost"));
    assert_text("", duo.client);
    /* It cannot be gone on with. */
    assert_error(SN_ERROR_INVALID_OPERATION,
                 do_client(duo.client, duo.client_context, "localhost"));
    limit_calls(duo.server, SN_FOREVER);
    duo_free(&duo);
}

TEST(a_read_that_has_timed_out_has_lost_nothing)
{
    struct duo duo;
    char data[5];
    size_t count;
    duo_open(&duo);
    limit_calls(duo.client, 30);
    for (int i = 0; i < 3; i++) {
        assert_error(SN_ERROR_TIMED_OUT, do_read(duo.client, data, 5, &count));
        assert_ok(do_write(duo.server, "later", 5, NULL));
        limit_calls(duo.client, 100000);
        assert_ok(do_read_all(duo.client, data, 5));
        assert_memory_equal("later", data, 5);
        limit_calls(duo.client, 30);
    }
    limit_calls(duo.client, SN_FOREVER);
    duo_free(&duo);
}

TEST(a_write_that_has_timed_out_can_be_gone_on_with)
{
    struct duo duo;
    size_t there = 0, all = 0, count = 1;
    uint8_t *data = pattern_new(BIG, 3), *room = malloc(BIG);
    duo_open(&duo);
    limit_calls(duo.client, 50);
    assert_error(SN_ERROR_TIMED_OUT, do_write(duo.client, data, BIG, &there));
    assert_in_range(there, 1, BIG - 1);
    limit_calls(duo.client, SN_FOREVER);
    /* All that was taken, and what is written next, arrive in their order. */
    struct waiter waiter = {.duo = &duo};
    thread_start_blocked(&waiter.thread, write_too_much, &waiter);
    while (all < there && count > 0) {
        assert_ok(do_read(duo.server, room + all, there - all, &count));
        all += count;
    }
    assert_memory_equal(data, room, there);
    assert_ok(do_read_all(duo.server, room, BIG));
    assert_memory_equal(data, room, BIG);
    assert_ok(thread_join(&waiter.thread));
    assert_int_equal(BIG, waiter.count);
    duo_free(&duo);
    free(data);
    free(room);
}

/* --- Cancels ---------------------------------------------------------------------------------- */

TEST(a_cancel_of_the_socket_ends_what_waits_and_nothing_else)
{
    struct duo duo;
    size_t count;
    char byte;
    duo_open(&duo);
    struct waiter waiter = {.duo = &duo};
    thread_start_blocked(&waiter.thread, read_nothing, &waiter);
    assert_error(SN_ERROR_OPERATION_CANCELED, cancel_client(&duo, &waiter.thread));
    assert_ok(do_write(duo.server, "x", 1, NULL));
    assert_ok(do_read(duo.client, &byte, 1, &count));
    assert_int_equal('x', byte);
    duo_free(&duo);
}

TEST(a_cancel_ends_a_handshake)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    struct waiter waiter = {.duo = &duo};
    thread_start_blocked(&waiter.thread, meet_nobody, &waiter);
    assert_error(SN_ERROR_OPERATION_CANCELED, cancel_client(&duo, &waiter.thread));
    duo_free(&duo);
}

static sn_error read_in_scope(void *context)
{
    struct waiter *waiter = context;
    sn_cancellation_scope scope;
    sn_error error = sn_cancellation_enter(waiter->cancellation, &scope);
    if (error)
        return error;
    error = read_nothing(waiter);
    (void)sn_cancellation_leave(&scope);
    return error;
}

TEST(a_scope_ends_a_read_of_its_thread)
{
    struct duo duo;
    if (test_style == STYLE_CALLBACK)
        SKIP("asynchronous calls know nothing of scopes");
    duo_open(&duo);
    struct waiter waiter = {.duo = &duo};
    assert_ok(sn_cancellation_create(&waiter.cancellation));
    thread_start_blocked(&waiter.thread, read_in_scope, &waiter);
    sn_cancellation_cancel(waiter.cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&waiter.thread));
    sn_cancellation_release(waiter.cancellation);
    duo_free(&duo);
}

/* --- Closes ----------------------------------------------------------------------------------- */

static sn_error at_close(void)
{
    return test_style == STYLE_CALLBACK ? SN_ERROR_OPERATION_ABORTED : SN_ERROR_CONNECTION_ABORTED;
}

TEST(a_close_ends_each_call_that_waits)
{
    static const thread_function calls[] = {meet_nobody, read_nothing, write_too_much};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct duo duo;
        if (i > 0)
            duo_open(&duo);
        else
            duo_init(&duo, NULL, NULL);
        struct waiter waiter = {.duo = &duo};
        thread_start_blocked(&waiter.thread, calls[i], &waiter);
        sn_tls_stream_close(duo.client);
        assert_error(at_close(), thread_join(&waiter.thread));
        assert_error(SN_ERROR_OBJECT_DISPOSED, read_nothing(&waiter));
        duo_free(&duo);
    }
}

TEST(a_close_that_leaves_the_connection_open_ends_them_too)
{
    static const thread_function calls[] = {read_nothing, write_too_much};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct duo duo;
        duo_init(&duo, NULL, NULL);
        sn_socket *kept = sn_socket_retain(duo.pair.client);
        sn_tls_stream *owner = duo.client;
        assert_ok(sn_tls_stream_create_on_socket(duo.pair.client, false, &duo.client));
        duo_meet(&duo);
        assert_ok(duo.client_error);
        struct waiter waiter = {.duo = &duo};
        thread_start_blocked(&waiter.thread, calls[i], &waiter);
        sn_tls_stream_close(duo.client);
        assert_error(at_close(), thread_join(&waiter.thread));
        assert_true(sn_socket_is_connected(kept));
        sn_tls_stream_release(owner);
        sn_socket_release(kept);
        duo_free(&duo);
    }
}

TEST(a_close_of_the_socket_ends_what_waits)
{
    struct duo duo;
    duo_open(&duo);
    struct waiter waiter = {.duo = &duo};
    thread_start_blocked(&waiter.thread, read_nothing, &waiter);
    sn_socket_close(duo.pair.client);
    assert_error(at_close(), thread_join(&waiter.thread));
    assert_error(SN_ERROR_OBJECT_DISPOSED, read_nothing(&waiter));
    duo_free(&duo);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_peer_that_says_nothing_ends_a_handshake_at_its_limit),
        CASE(a_read_that_has_timed_out_has_lost_nothing),
        CASE(a_write_that_has_timed_out_can_be_gone_on_with),
        CASE(a_cancel_of_the_socket_ends_what_waits_and_nothing_else),
        CASE(a_cancel_ends_a_handshake),
        CASE(a_scope_ends_a_read_of_its_thread),
        CASE(a_close_ends_each_call_that_waits),
        CASE(a_close_that_leaves_the_connection_open_ends_them_too),
        CASE(a_close_of_the_socket_ends_what_waits),
    };
    return RUN(cases);
}
