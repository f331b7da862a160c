/*
 * Spans of time mean the same in every call: 0 does not wait, SN_FOREVER has no limit, less is
 * refused, and what the machinery below cannot count to is as good as centuries.
 */
#include "support/async.h"

#include <limits.h>

/* Longer than poll's int, than an int of µs or ns in 32 and 64 bits, and the longest. */
static const sn_milliseconds long_spans[] = {
    SN_FOREVER,           INT_MAX,
    INT_MAX + INT64_C(1), INT64_C(1) << 32,
    INT64_MAX / 1000000,  INT64_MAX / 1000000 + 1,
    INT64_MAX / 1000,     INT64_MAX,
};
static const sn_milliseconds refused_spans[] = {SN_FOREVER - 1, INT_MIN, INT64_MIN};

/* --- Waiting for operations ------------------------------------------------------------------- */

struct waiting {
    sn_operation operation;
    sn_operation *list[1];
    sn_milliseconds span;
};

static sn_error wait_for_one(void *context)
{
    struct waiting *waiting = context;
    return sn_operation_wait_for(&waiting->operation, waiting->span);
}

static sn_error wait_for_any(void *context)
{
    struct waiting *waiting = context;
    size_t index;
    return sn_operation_wait_any(waiting->list, 1, waiting->span, &index);
}

static sn_error wait_for_all(void *context)
{
    struct waiting *waiting = context;
    return sn_operation_wait_all(waiting->list, 1, waiting->span);
}

/* The operation ends as cancelled while the thread waits; one whose time had passed would say so.
 */
TEST(a_wait_may_be_of_any_length)
{
    static const thread_function waits[] = {wait_for_one, wait_for_any, wait_for_all};
    for (size_t i = 0; i < COUNT_OF(long_spans); i++) {
        for (size_t k = 0; k < COUNT_OF(waits); k++) {
            row_begin("wait %zu, span %zu", k, i);
            struct waiting waiting = {.list = {&waiting.operation}, .span = long_spans[i]};
            struct thread thread;
            sn_engine_delay_async(NULL, SN_FOREVER, &waiting.operation);
            thread_start(&thread, waits[k], &waiting);
            (void)thread_wait_blocked(&thread);
            sn_operation_cancel(&waiting.operation);
            row_error(waits[k] == wait_for_one ? SN_ERROR_OPERATION_CANCELED : SN_OK,
                      thread_join(&thread));
        }
    }
    rows_end();
}

TEST(a_span_below_forever_is_refused)
{
    sn_cancellation *cancellation = NULL;
    sn_engine *engine = engine_make(0);
    assert_ok(sn_cancellation_create(&cancellation));
    for (size_t i = 0; i < COUNT_OF(refused_spans); i++) {
        struct waiting waiting = {.list = {&waiting.operation}, .span = refused_spans[i]};
        struct socket_pair pair = pair_plain(TCP_IPV4);
        row_begin("span %zu", i);
        sn_engine_delay_async(NULL, waiting.span, &waiting.operation);
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait(&waiting.operation));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, wait_for_one(&waiting));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, wait_for_any(&waiting));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, wait_for_all(&waiting));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_engine_run(engine, waiting.span, NULL));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                  sn_cancellation_cancel_after(cancellation, waiting.span));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                  sn_socket_close_within(pair.client, waiting.span));
        pair_release(&pair);
    }
    rows_end();
    sn_cancellation_release(cancellation);
    engine_destroy(engine);
}

/* --- Limits and delays ------------------------------------------------------------------------ */

TEST(an_operation_may_have_any_time_limit)
{
    static const sn_milliseconds none[] = {0, SN_FOREVER - 1, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(long_spans) + COUNT_OF(none); i++) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        sn_operation receive = {.timeout_ms = i < COUNT_OF(long_spans)
                                                  ? long_spans[i]
                                                  : none[i - COUNT_OF(long_spans)]};
        char byte;
        row_begin("limit %zu", i);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
        row_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&receive, 1));
        send_plain(pair.client, "x", 1);
        row_error(SN_OK, sn_operation_wait(&receive));
        pair_release(&pair);
    }
    rows_end();
}

TEST(an_engine_may_be_run_for_any_time)
{
    for (size_t i = 0; i < COUNT_OF(long_spans); i++) {
        sn_engine *engine = engine_make(0);
        sn_operation soon = {0};
        size_t count = 0;
        row_begin("span %zu", i);
        sn_engine_delay_async(engine, 2, &soon);
        row_error(SN_OK, sn_engine_run(engine, long_spans[i], &count));
        row_equal(1, count);
        row_equal(true, sn_operation_is_completed(&soon));
        engine_destroy(engine);
    }
    rows_end();
}

/* Its own time limit is not used, whatever the delay. */
TEST(a_delay_without_a_limit_ends_when_it_is_cancelled)
{
    sn_engine *engine = engine_make(0);
    sn_operation delays[2] = {{0}, {.timeout_ms = 1}};
    sn_milliseconds timeout_ms = 77;
    for (size_t i = 0; i < COUNT_OF(delays); i++)
        sn_engine_delay_async(engine, SN_FOREVER, &delays[i]);
    assert_ok(sn_engine_run(engine, 2, NULL));
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_int_equal(SN_FOREVER, timeout_ms);
    sn_operation_cancel(&delays[0]);
    while (!sn_operation_is_completed(&delays[0]))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_get_error(&delays[0]));
    assert_false(sn_operation_is_completed(&delays[1]));
    engine_destroy(engine);
    assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_get_error(&delays[1]));
}

TEST(the_time_that_a_loop_may_sleep_fits_an_int)
{
    for (size_t i = 1; i < COUNT_OF(long_spans); i++) {
        sn_engine *engine = engine_make(0);
        sn_operation delay = {0};
        sn_milliseconds timeout_ms = 0;
        row_begin("span %zu", i);
        sn_engine_delay_async(engine, long_spans[i], &delay);
        row_error(SN_OK, sn_engine_run(engine, 0, NULL));
        row_error(SN_OK, sn_engine_get_timeout(engine, &timeout_ms));
        row_equal(true, timeout_ms > INT_MAX / 2 && timeout_ms <= INT_MAX);
        engine_destroy(engine);
    }
    rows_end();
}

TEST(a_handle_may_cancel_after_any_time)
{
    for (size_t i = 0; i < COUNT_OF(long_spans); i++) {
        sn_cancellation *cancellation = NULL;
        row_begin("span %zu", i);
        row_error(SN_OK, sn_cancellation_create(&cancellation));
        sn_operation delay = {.cancellation = cancellation};
        sn_engine_delay_async(NULL, 3600000, &delay);
        row_error(SN_OK, sn_cancellation_cancel_after(cancellation, long_spans[i]));
        row_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&delay, 1));
        row_error(SN_OK, sn_cancellation_cancel_after(cancellation, 0));
        row_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&delay));
        sn_cancellation_release(cancellation);
    }
    rows_end();
}

/* --- Closing ---------------------------------------------------------------------------------- */

struct closing {
    sn_socket *socket;
    sn_milliseconds span;
};

static sn_error close_within(void *context)
{
    struct closing *closing = context;
    return sn_socket_close_within(closing->socket, closing->span);
}

/* One whose time had passed would have reset the connection. */
TEST(a_close_may_wait_for_any_time)
{
    for (size_t i = 1; i < COUNT_OF(long_spans); i++) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct closing closing = {.socket = pair.client, .span = long_spans[i]};
        struct thread thread;
        size_t received = 77;
        char byte;
        row_begin("span %zu", i);
        thread_start(&thread, close_within, &closing);
        row_equal(true, thread_wait_blocked(&thread));
        row_error(SN_OK, sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
        row_equal(0, received);
        sn_socket_close(pair.server);
        row_error(SN_OK, thread_join(&thread));
        pair_release(&pair);
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_wait_may_be_of_any_length),
        CASE(a_span_below_forever_is_refused),
        CASE(an_operation_may_have_any_time_limit),
        CASE(an_engine_may_be_run_for_any_time),
        CASE(a_delay_without_a_limit_ends_when_it_is_cancelled),
        CASE(the_time_that_a_loop_may_sleep_fits_an_int),
        CASE(a_handle_may_cancel_after_any_time),
        CASE(a_close_may_wait_for_any_time),
    };
    return RUN(cases);
}
