/*
 * Operations without a callback: they may be over before the call returns, and are waited for one
 * by one, any of several, or all. What .NET's End members do (contract B.18).
 */
#include "support/async.h"

#include <limits.h>

struct receives {
    struct socket_pair pair;
    sn_operation operations[3], *list[3];
    char data[3];
};

static void receives_start(struct receives *receives, int count)
{
    *receives = (struct receives){.pair = pair_plain(TCP_IPV4)};
    for (int i = 0; i < 3; i++)
        receives->list[i] = &receives->operations[i];
    for (int i = 0; i < count; i++)
        sn_socket_receive_async(receives->pair.server, &receives->data[i], 1, SN_FLAG_NONE,
                                receives->list[i]);
}

TEST(what_can_be_done_at_once_is_over_when_the_call_returns)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    sn_operation send = {0}, receive = {0};
    char byte = 0;
    sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &send);
    assert_true(sn_operation_is_completed(&send));
    assert_ok(sn_operation_wait(&send));
    assert_int_equal(1, send.transferred);
    wait_readable(pair.server);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    assert_true(sn_operation_is_completed(&receive));
    assert_ok(sn_operation_wait_for(&receive, 0));
    assert_int_equal('x', byte);
    pair_release(&pair);
}

static sn_error send_when_waited_for(void *context)
{
    struct receives *receives = context;
    size_t sent;
    return sn_socket_send(receives->pair.client, "abc", 3, SN_FLAG_NONE, &sent);
}

TEST(waiting_gives_the_error_of_the_operation)
{
    struct receives receives;
    struct thread thread;
    receives_start(&receives, 2);
    assert_false(sn_operation_is_completed(receives.list[0]));
    thread_start(&thread, send_when_waited_for, &receives);
    assert_ok(sn_operation_wait(receives.list[0]));
    assert_int_equal('a', receives.data[0]);
    assert_ok(sn_operation_wait(receives.list[0])); /* as often as one likes */
    assert_ok(sn_operation_wait(receives.list[1]));
    assert_ok(thread_join(&thread));
    receive_plain(receives.pair.server, &receives.data[2], 1);
    sn_socket_receive_async(receives.pair.server, receives.data, 1, SN_FLAG_NONE, receives.list[0]);
    sn_socket_close(receives.pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(receives.list[0]));
    assert_true(sn_operation_is_completed(receives.list[0]));
    pair_release(&receives.pair);
}

TEST(a_wait_that_is_too_short_leaves_the_operation_alone)
{
    struct receives receives;
    size_t index = 77;
    receives_start(&receives, 2);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(receives.list[0], 0));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(receives.list[0], 1));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_any(receives.list, 2, 1, &index));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_all(receives.list, 2, 1));
    assert_int_equal(77, index);
    send_plain(receives.pair.client, "a", 1);
    assert_ok(sn_operation_wait(receives.list[0]));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_all(receives.list, 2, 0));
    send_plain(receives.pair.client, "b", 1);
    assert_ok(sn_operation_wait_all(receives.list, 2, SN_FOREVER));
    assert_memory_equal("ab", receives.data, 2);
    pair_release(&receives.pair);
}

static sn_error wait_for_any(void *context)
{
    struct receives *receives = context;
    size_t index = 77;
    sn_error error = sn_operation_wait_any(receives->list, 3, SN_FOREVER, &index);
    return error ? error : index == 2 ? SN_OK : SN_ERROR_FAULT;
}

TEST(waiting_for_any_tells_which_one)
{
    struct receives receives;
    struct thread thread;
    size_t index = 77;
    receives_start(&receives, 2);
    sn_engine_delay_async(NULL, 3600000, receives.list[2]);
    thread_start(&thread, wait_for_any, &receives);
    sn_operation_cancel(receives.list[2]);
    assert_ok(thread_join(&thread));
    assert_error(SN_ERROR_OPERATION_CANCELED, receives.operations[2].error);
    send_plain(receives.pair.client, "ab", 2);
    assert_ok(sn_operation_wait(receives.list[1]));
    assert_ok(sn_operation_wait_any(receives.list, 3, SN_FOREVER, &index)); /* all: the lowest */
    assert_int_equal(0, index);
    pair_release(&receives.pair);
}

static sn_error wait_for_all(void *context)
{
    struct receives *receives = context;
    return sn_operation_wait_all(receives->list, 3, SN_FOREVER);
}

TEST(several_threads_may_wait_for_the_same_operations)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct receives receives;
        struct thread threads[3];
        receives_start(&receives, 3);
        for (int k = 0; k < 3; k++)
            thread_start(&threads[k], wait_for_all, &receives);
        send_plain(receives.pair.client, "abc", 3);
        for (int k = 0; k < 3; k++)
            assert_ok(thread_join(&threads[k]));
        assert_memory_equal("abc", receives.data, 3);
        pair_release(&receives.pair);
    }
}

TEST(an_operation_with_a_callback_may_be_waited_for_too)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive;
    char byte;
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    send_plain(pair.client, "x", 1);
    assert_ok(sn_operation_wait(&receive.operation));
    assert_pending(SN_OK, &receive); /* which may come a little later */
    pair_release(&pair);
}

TEST(waiting_for_what_was_never_started_is_refused)
{
    sn_operation idle = {0}, done = {0};
    sn_operation *list[] = {&done, &idle}, *hole[] = {&done, NULL};
    size_t index = 77;
    sn_engine_post_async(NULL, &done);
    assert_ok(sn_operation_wait(&done));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait(&idle));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_for(&idle, 0));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_any(list, 2, SN_FOREVER, &index));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_all(list, 2, SN_FOREVER));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(NULL, 1, SN_FOREVER, &index));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(hole, 2, SN_FOREVER, &index));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_all(hole, 2, SN_FOREVER));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(list, 1, SN_FOREVER, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_operation_wait_any(list, 0, SN_FOREVER, &index));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait_for(&done, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait_all(list, 1, INT_MIN));
    assert_int_equal(77, index);
    assert_ok(sn_operation_wait_all(list, 0, SN_FOREVER));
    assert_ok(sn_operation_wait_all(list, 1, INT_MAX));
    assert_false(sn_operation_is_completed(&idle));
}

/* --- Records made by functions ---------------------------------------------------------------- */

TEST(a_record_that_was_made_tells_everything_by_functions)
{
    struct socket_pair pair = pair_plain(UNIX_DATAGRAM);
    sn_operation *made = NULL;
    char data[2];
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_create(NULL));
    assert_ok(sn_operation_create(&made));
    assert_false(sn_operation_is_completed(made));
    assert_int_equal(SN_OPERATION_NONE, sn_operation_get_kind(made));
    sn_socket_receive_async(pair.server, data, 2, SN_FLAG_NONE, made);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_destroy(made)); /* in progress */
    send_plain(pair.client, "long", 4);
    assert_ok(sn_operation_wait(made));
    assert_ok(sn_operation_get_error(made));
    assert_int_equal(0, sn_operation_get_native_error(made));
    assert_int_equal(SN_OPERATION_RECEIVE, sn_operation_get_kind(made));
    assert_int_equal(2, sn_operation_get_transferred(made));
    assert_int_equal(SN_FLAG_TRUNCATED, sn_operation_get_flags(made));
    assert_null(sn_operation_get_socket(made));
    assert_ok(sn_operation_destroy(made));
    assert_ok(sn_operation_destroy(NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_get_error(NULL));
    assert_int_equal(0, sn_operation_get_transferred(NULL));
    assert_null(sn_operation_get_socket(NULL));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(what_can_be_done_at_once_is_over_when_the_call_returns),
        CASE(waiting_gives_the_error_of_the_operation),
        CASE(a_wait_that_is_too_short_leaves_the_operation_alone),
        CASE(waiting_for_any_tells_which_one),
        CASE(several_threads_may_wait_for_the_same_operations),
        CASE(an_operation_with_a_callback_may_be_waited_for_too),
        CASE(waiting_for_what_was_never_started_is_refused),
        CASE(a_record_that_was_made_tells_everything_by_functions),
    };
    return RUN(cases);
}
