/*
 * Ending many operations at once: by the handle they share (sn_cancellation, contract B.16), and by
 * the socket they are pending on (sn_socket_cancel).
 */
#include "support/async.h"

#define MANY 16

static sn_cancellation *cancellation_make(void)
{
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    assert_false(sn_cancellation_is_canceled(cancellation));
    return cancellation;
}

/* Receives on two sockets that all have the handle. */
struct crowd {
    struct socket_pair pairs[2];
    struct pending receives[MANY];
    char data[MANY];
};

static void crowd_start(struct crowd *crowd, sn_cancellation *cancellation)
{
    for (int i = 0; i < 2; i++)
        crowd->pairs[i] = pair_plain(i == 0 ? TCP_IPV4 : UNIX_DATAGRAM);
    pending_init_all(crowd->receives, MANY);
    for (int i = 0; i < MANY; i++) {
        crowd->receives[i].operation.cancellation = cancellation;
        sn_socket_receive_async(crowd->pairs[i % 2].server, &crowd->data[i], 1, SN_FLAG_NONE,
                                &crowd->receives[i].operation);
    }
}

static void crowd_end(struct crowd *crowd, sn_error expected)
{
    for (int i = 0; i < MANY; i++)
        assert_pending(expected, &crowd->receives[i]);
    for (int i = 0; i < 2; i++) { /* the sockets are as they were */
        char byte;
        send_plain(crowd->pairs[i].client, "x", 1);
        receive_plain(crowd->pairs[i].server, &byte, 1);
        pair_release(&crowd->pairs[i]);
    }
}

TEST(one_handle_cancels_many_operations)
{
    sn_cancellation *cancellation = cancellation_make();
    struct crowd crowd;
    crowd_start(&crowd, cancellation);
    sn_cancellation_cancel(cancellation);
    assert_true(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_cancel(cancellation);
    crowd_end(&crowd, SN_ERROR_OPERATION_CANCELED);
    sn_cancellation_release(cancellation);
}

static void end_handle(sn_cancellation *cancellation, bool is_overdue)
{
    if (is_overdue)
        assert_ok(sn_cancellation_cancel_after(cancellation, 0));
    else
        sn_cancellation_cancel(cancellation);
}

static sn_error reason_of(bool is_overdue)
{
    return is_overdue ? SN_ERROR_TIMED_OUT : SN_ERROR_OPERATION_CANCELED;
}

/* B.16: nothing is sent, received or connected. */
static void start_with_ended_handle(bool is_overdue)
{
    sn_cancellation *cancellation = cancellation_make();
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_socket *fresh = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(pair.listener);
    struct pending operations[5];
    char data[2] = "";
    end_handle(cancellation, is_overdue);
    pending_init_all(operations, COUNT_OF(operations));
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        operations[i].operation.cancellation = cancellation;
    send_plain(pair.client, "x", 1);
    wait_readable(pair.server);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &operations[0].operation);
    sn_socket_send_async(pair.server, "y", 1, SN_FLAG_NONE, &operations[1].operation);
    sn_socket_connect_async(fresh, &address, &operations[2].operation);
    sn_socket_accept_async(pair.listener, NULL, &operations[3].operation);
    sn_engine_delay_async(NULL, 1000000, &operations[4].operation);
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        assert_pending(reason_of(is_overdue), &operations[i]);
    assert_int_equal(0, data[0]);
    assert_int_equal(1, available(pair.server));
    assert_int_equal(0, available(pair.client));
    assert_false(sn_socket_is_connected(fresh));
    sn_socket_release(fresh);
    pair_release(&pair);
    sn_cancellation_release(cancellation);
}

TEST(an_operation_that_is_started_with_a_cancelled_handle_does_nothing)
{
    start_with_ended_handle(false);
}

TEST(an_operation_that_is_started_when_the_time_is_over_does_nothing)
{
    start_with_ended_handle(true);
}

/* B.16, as in .NET: a task with a wrong argument never looks at its token. */
TEST(what_is_wrong_with_a_call_goes_before_a_cancelled_handle)
{
    sn_cancellation *cancellation = cancellation_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    struct pending receive, silent;
    sn_cancellation_cancel(cancellation);
    pending_init(&receive);
    receive.operation.cancellation = cancellation;
    sn_socket_receive_async(socket, NULL, 1, SN_FLAG_NONE, &receive.operation);
    assert_pending(SN_ERROR_ARGUMENT_NULL, &receive);
    pending_init(&silent);
    silent.operation.cancellation = cancellation;
    silent.operation.completed = NULL;
    sn_socket_receive_async(socket, NULL, 1, SN_FLAG_NONE, &silent.operation);
    assert_int_equal(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&silent.operation));
    sn_socket_release(socket);
    sn_cancellation_release(cancellation);
}

/* Trap 36, without a callback too: then it is over before the start returns. */
static void connect_with_ended_handle(bool is_overdue)
{
    sn_cancellation *cancellation = cancellation_make();
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *socket = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    end_handle(cancellation, is_overdue);
    for (int form = 0; form < 4; form++) {
        sn_operation connect = {.cancellation = cancellation};
        int port = sn_endpoint_get_port(&address);
        row_begin("form %d", form);
        if (form == 0)
            sn_socket_connect_async(socket, &address, &connect);
        else if (form == 1)
            sn_socket_connect_host_async(socket, "127.0.0.1", port, &connect);
        else if (form == 2)
            sn_socket_connect_addresses_async(socket, &SN_IPV4_LOOPBACK, 1, port, &connect);
        else
            sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &address, &connect);
        row_error(reason_of(is_overdue), sn_operation_wait(&connect));
        row_equal(true, connect.socket == NULL);
        row_equal(false, sn_socket_is_connected(socket));
    }
    rows_end();
    sn_socket_release(socket);
    sn_socket_release(listener);
    sn_cancellation_release(cancellation);
}

TEST(every_form_of_connect_looks_at_the_handle_first)
{
    connect_with_ended_handle(false);
    connect_with_ended_handle(true);
}

TEST(a_handle_that_is_released_early_does_not_end_its_operations)
{
    sn_cancellation *cancellation = cancellation_make();
    struct crowd crowd;
    crowd_start(&crowd, cancellation);
    sn_cancellation_release(cancellation);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(0, pending_count(&crowd.receives[i]));
    for (int i = 0; i < MANY; i++)
        send_plain(crowd.pairs[i % 2].client, "x", 1);
    crowd_end(&crowd, SN_OK);
}

static void release_handle(struct pending *pending)
{
    sn_cancellation_release(pending->context);
}

TEST(a_handle_may_be_cancelled_and_released_in_a_callback)
{
    sn_cancellation *cancellation = cancellation_make();
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive;
    char byte;
    pending_init(&receive);
    receive.then = release_handle;
    receive.context = cancellation;
    receive.operation.cancellation = cancellation;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_cancellation_cancel(cancellation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &receive);
    pair_release(&pair);
}

TEST(a_handle_can_be_told_to_cancel_after_a_time)
{
    sn_cancellation *cancellation = cancellation_make();
    struct crowd crowd;
    crowd_start(&crowd, cancellation);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_cancellation_cancel_after(cancellation, -2));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_cancel_after(NULL, 1));
    assert_ok(
        sn_cancellation_cancel_after(cancellation, SN_FOREVER)); /* there is nothing to take back */
    assert_false(sn_cancellation_is_canceled(cancellation));
    assert_int_equal(SN_OK, sn_cancellation_get_reason(cancellation));
    assert_ok(sn_cancellation_cancel_after(cancellation, 1));
    crowd_end(&crowd, SN_ERROR_TIMED_OUT);
    assert_true(sn_cancellation_is_canceled(cancellation));
    assert_int_equal(SN_ERROR_TIMED_OUT, sn_cancellation_get_reason(cancellation));
    sn_cancellation_release(cancellation);
}

/* The hour is not waited for: a later call replaces it, an earlier one is taken back. */
TEST(a_later_time_replaces_an_earlier_one)
{
    sn_cancellation *cancellation = cancellation_make();
    struct crowd crowd;
    crowd_start(&crowd, cancellation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 3600000));
    assert_ok(sn_cancellation_cancel_after(cancellation, SN_FOREVER));
    assert_ok(sn_cancellation_cancel_after(cancellation, 7200000));
    assert_ok(sn_cancellation_cancel_after(cancellation, 1));
    crowd_end(&crowd, SN_ERROR_TIMED_OUT);
    sn_cancellation_release(cancellation);

    cancellation = cancellation_make();
    assert_ok(sn_cancellation_cancel_after(cancellation, 3600000));
    sn_cancellation_release(cancellation); /* with its timer running */

    cancellation = cancellation_make();
    assert_ok(sn_cancellation_cancel_after(cancellation, 0));
    assert_true(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_release(cancellation);
}

/* The first reason stands, for what was ended and for what is started afterwards. */
TEST(the_first_reason_of_a_handle_stands)
{
    for (int first = 0; first < 2; first++) {
        sn_cancellation *cancellation = cancellation_make();
        struct crowd crowd;
        crowd_start(&crowd, cancellation);
        end_handle(cancellation, first == 1);
        end_handle(cancellation, first != 1);
        assert_int_equal(reason_of(first == 1), sn_cancellation_get_reason(cancellation));
        crowd_end(&crowd, reason_of(first == 1));
        sn_cancellation_release(cancellation);
    }
}

/* A delay ends well when its own time is over, and not when its handle's is. */
TEST(the_time_of_a_handle_ends_a_delay_as_timed_out)
{
    sn_cancellation *cancellation = cancellation_make();
    struct pending delay;
    pending_init(&delay);
    delay.operation.cancellation = cancellation;
    sn_engine_delay_async(NULL, SN_FOREVER, &delay.operation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 1));
    assert_pending(SN_ERROR_TIMED_OUT, &delay);
    sn_cancellation_release(cancellation);
}

/* One operation of a handle that is cancelled by itself is told so. */
TEST(an_operation_that_is_cancelled_itself_is_told_so)
{
    sn_cancellation *cancellation = cancellation_make();
    struct crowd crowd;
    crowd_start(&crowd, cancellation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 3600000));
    for (int i = 0; i < MANY; i++)
        sn_operation_cancel(&crowd.receives[i].operation);
    crowd_end(&crowd, SN_ERROR_OPERATION_CANCELED);
    assert_int_equal(SN_OK, sn_cancellation_get_reason(cancellation));
    sn_cancellation_release(cancellation);
}

/* --- At home: what a worker's own callbacks start with a handle ------------------------------- */

struct home {
    struct pending receive;
    struct socket_pair pair;
    sn_cancellation *cancellation;
    char byte;
};

static void start_at_home(struct pending *first)
{
    struct home *home = first->context;
    home->receive.operation.cancellation = home->cancellation;
    sn_socket_receive_async(home->pair.server, &home->byte, 1, SN_FLAG_NONE,
                            &home->receive.operation);
}

TEST(what_a_callback_has_started_is_told_the_reason_too)
{
    for (int way = 0; way < 3; way++) {
        struct home home = {.pair = pair_plain(TCP_IPV4), .cancellation = cancellation_make()};
        struct pending first;
        char byte;
        pending_init(&home.receive);
        pending_init(&first);
        first.then = start_at_home;
        first.context = &home;
        if (way == 2) /* before it is started there */
            end_handle(home.cancellation, true);
        sn_socket_receive_async(home.pair.server, &byte, 1, SN_FLAG_NONE, &first.operation);
        send_plain(home.pair.client, "x", 1);
        pending_wait(&first);
        if (way == 0)
            sn_cancellation_cancel(home.cancellation);
        else if (way == 1)
            assert_ok(sn_cancellation_cancel_after(home.cancellation, 1));
        sn_cancellation_release(home.cancellation);
        assert_pending(reason_of(way != 0), &home.receive);
        pair_release(&home.pair);
    }
}

TEST(a_handle_that_is_none_is_fine)
{
    sn_cancellation_cancel(NULL);
    sn_cancellation_release(NULL);
    assert_false(sn_cancellation_is_canceled(NULL));
    assert_int_equal(SN_OK, sn_cancellation_get_reason(NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_create(NULL));
}

/* --- A race: started, cancelled and completed at the same time -------------------------------- */

static sn_error cancel_now(void *cancellation)
{
    sn_cancellation_cancel(cancellation);
    return SN_OK;
}

TEST(a_handle_that_is_cancelled_while_operations_start_and_end_ends_each_once)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    for (int i = repetitions(200); i > 0; i--) {
        sn_cancellation *cancellation = cancellation_make();
        struct pending receives[4];
        struct thread canceller;
        char data[4];
        size_t taken = 0;
        pending_init_all(receives, 4);
        send_plain(pair.client, "wxyz", 4);
        thread_start(&canceller, cancel_now, cancellation);
        for (int k = 0; k < 4; k++) {
            receives[k].operation.cancellation = cancellation;
            sn_socket_receive_async(pair.server, &data[k], 1, SN_FLAG_NONE, &receives[k].operation);
        }
        for (int k = 0; k < 4; k++) {
            pending_wait(&receives[k]);
            if (receives[k].operation.error == SN_OK)
                assert_int_equal("wxyz"[taken++], data[k]);
            else
                assert_error(SN_ERROR_OPERATION_CANCELED, receives[k].operation.error);
            assert_int_equal(1, pending_count(&receives[k]));
        }
        assert_ok(thread_join(&canceller));
        receive_plain(pair.server, data, 4 - taken);
        sn_cancellation_release(cancellation);
    }
    pair_release(&pair);
}

/* --- By the socket ---------------------------------------------------------------------------- */

static sn_error receive_here(void *socket)
{
    char byte;
    size_t received;
    return sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
}

TEST(cancelling_a_socket_ends_what_is_pending_and_what_is_blocked_and_nothing_else)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending operations[3];
    struct thread blocked;
    char data[3];
    pending_init_all(operations, 3);
    (void)fill_until_full(pair.server);
    sn_socket_receive_async(pair.server, &data[0], 1, SN_FLAG_NONE, &operations[0].operation);
    sn_socket_receive_async(pair.server, &data[1], 1, SN_FLAG_NONE, &operations[1].operation);
    sn_socket_send_async(pair.server, "x", 1, SN_FLAG_NONE, &operations[2].operation);
    thread_start_blocked(&blocked, receive_here, pair.server);
    sn_socket_cancel(pair.server);
    for (int i = 0; i < 3; i++)
        assert_pending(SN_ERROR_OPERATION_CANCELED, &operations[i]);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&blocked));
    sn_socket_cancel(pair.server); /* there is nothing left */
    sn_socket_cancel(NULL);
    struct pending after;
    pending_init(&after);
    sn_socket_receive_async(pair.server, &data[0], 1, SN_FLAG_NONE, &after.operation);
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &after);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(one_handle_cancels_many_operations),
        CASE(an_operation_that_is_started_with_a_cancelled_handle_does_nothing),
        CASE(an_operation_that_is_started_when_the_time_is_over_does_nothing),
        CASE(what_is_wrong_with_a_call_goes_before_a_cancelled_handle),
        CASE(every_form_of_connect_looks_at_the_handle_first),
        CASE(a_handle_that_is_released_early_does_not_end_its_operations),
        CASE(a_handle_may_be_cancelled_and_released_in_a_callback),
        CASE(a_handle_can_be_told_to_cancel_after_a_time),
        CASE(a_later_time_replaces_an_earlier_one),
        CASE(the_first_reason_of_a_handle_stands),
        CASE(the_time_of_a_handle_ends_a_delay_as_timed_out),
        CASE(an_operation_that_is_cancelled_itself_is_told_so),
        CASE(what_a_callback_has_started_is_told_the_reason_too),
        CASE(a_handle_that_is_none_is_fine),
        CASE(a_handle_that_is_cancelled_while_operations_start_and_end_ends_each_once),
        ON_STREAMS(cancelling_a_socket_ends_what_is_pending_and_what_is_blocked_and_nothing_else),
    };
    return RUN(cases);
}
