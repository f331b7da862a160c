/* Calls for reports that wait beside the receives and sends of their socket. */
#include "conformance/reports.h"
#include "support/async.h"

static char room[64];

static sn_report report_of(void)
{
    return (sn_report){.buffer = {room, sizeof room}};
}

static void send_one(sn_socket *socket, const char *text, const sn_endpoint *to)
{
    assert_ok(sn_socket_send_to(socket, text, strlen(text), SN_FLAG_NONE, to, NULL));
}

/* A time disturbs no receive, as an error would. */
TEST(a_receive_and_a_call_for_a_report_do_not_hold_each_other_up)
{
    enum transport transport = transport_of(state);
    for (int data_first = 0; data_first < 2; data_first++) {
        sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
        sn_endpoint to = local_endpoint(peer), own = local_endpoint(socket);
        struct pending receive, error;
        sn_report report = report_of();
        char data[8];
        assert_ok(sn_socket_set_reports_times(socket, SN_REPORT_SENT));
        pending_init(&receive);
        pending_init(&error);
        sn_socket_receive_async(socket, data, sizeof data, SN_FLAG_NONE, &receive.operation);
        sn_socket_receive_error_async(socket, &report, SN_FLAG_NONE, &error.operation);
        if (data_first) {
            send_one(peer, "data", &own);
            assert_pending(SN_OK, &receive);
            assert_int_equal(pending_count(&error), 0);
            send_one(socket, "x", &to);
            assert_pending(SN_OK, &error);
        } else {
            send_one(socket, "x", &to);
            assert_pending(SN_OK, &error);
            assert_int_equal(pending_count(&receive), 0);
            send_one(peer, "data", &own);
            assert_pending(SN_OK, &receive);
        }
        assert_int_equal(report.moments, SN_REPORT_SENT);
        assert_int_equal(receive.operation.transferred, 4);
        assert_int_equal(error.operation.kind, SN_OPERATION_RECEIVE_ERROR);
        sn_socket_release(socket);
        sn_socket_release(peer);
    }
}

TEST(several_calls_get_one_report_each)
{
    enum { COUNT = 5 };
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
    sn_endpoint to = local_endpoint(peer);
    struct pending pending[COUNT];
    sn_report reports[COUNT];
    unsigned seen = 0;
    assert_ok(sn_socket_set_reports_times(socket, SN_REPORT_SENT));
    pending_init_all(pending, COUNT);
    for (int i = 0; i < COUNT; i++) {
        reports[i] = (sn_report){0};
        sn_socket_receive_error_async(socket, &reports[i], SN_FLAG_NONE, &pending[i].operation);
    }
    for (int i = 0; i < COUNT; i++)
        send_one(socket, "x", &to);
    for (int i = 0; i < COUNT; i++) {
        assert_pending(SN_OK, &pending[i]);
        assert_in_range(reports[i].number, 0, COUNT - 1);
        seen |= 1u << reports[i].number;
    }
    assert_int_equal(seen, (1u << COUNT) - 1);
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* A loop of one record: the next one is asked for in the callback, and the queue is emptied there
 * by blocking calls that do not wait. */
enum { SENDS = 20 };

struct drain {
    struct pending pending; /* first */
    struct pending over;
    sn_report report;
    sn_socket *socket;
    int taken;
};

static void drain_and_go_on(struct pending *pending)
{
    struct drain *drain = (struct drain *)pending;
    sn_report report = {0};
    drain->taken += pending->operation.error == SN_OK;
    while (sn_socket_receive_error(drain->socket, &report, SN_FLAG_DONT_WAIT) == SN_OK)
        drain->taken++;
    if (drain->taken < SENDS && !pending->operation.error)
        sn_socket_receive_error_async(drain->socket, &drain->report, SN_FLAG_NONE,
                                      &pending->operation);
    else
        sn_engine_post_async(NULL, &drain->over.operation);
}

TEST(a_callback_empties_the_queue_and_asks_for_the_next)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
    sn_endpoint to = local_endpoint(peer);
    struct drain drain = {.socket = socket};
    assert_ok(sn_socket_set_reports_times(socket, SN_REPORT_SENT));
    pending_init(&drain.pending);
    pending_init(&drain.over);
    drain.pending.then = drain_and_go_on;
    sn_socket_receive_error_async(socket, &drain.report, SN_FLAG_NONE, &drain.pending.operation);
    for (int i = 0; i < SENDS; i++)
        send_one(socket, "x", &to);
    assert_pending(SN_OK, &drain.over);
    assert_ok(drain.pending.operation.error);
    assert_int_equal(drain.taken, SENDS);
    sn_socket_release(socket);
    sn_socket_release(peer);
}

TEST(a_cancel_a_limit_and_a_close_end_it_and_leave_the_receive_alone)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
    sn_endpoint own = local_endpoint(socket);
    struct pending receive, error;
    sn_report report = report_of();
    char data[8];
    pending_init(&receive);
    sn_socket_receive_async(socket, data, sizeof data, SN_FLAG_NONE, &receive.operation);
    pending_init(&error);
    sn_socket_receive_error_async(socket, &report, SN_FLAG_NONE, &error.operation);
    sn_operation_cancel(&error.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &error);
    pending_init(&error);
    error.operation.timeout_ms = 1;
    sn_socket_receive_error_async(socket, &report, SN_FLAG_NONE, &error.operation);
    assert_pending(SN_ERROR_TIMED_OUT, &error);
    assert_int_equal(pending_count(&receive), 0);
    send_one(peer, "data", &own);
    assert_pending(SN_OK, &receive);
    pending_init(&error);
    error.operation.timeout_ms = 0;
    sn_socket_receive_error_async(socket, &report, SN_FLAG_NONE, &error.operation);
    sn_socket_close(socket);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &error);
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* The ring may have the file of a call that waits; its address is free all the same. */
TEST(the_address_is_free_once_the_socket_is_closed)
{
    enum transport transport = transport_of(state);
    for (int i = 0; i < 20; i++) {
        sn_socket *socket = socket_bound(transport), *next = socket_make(transport);
        sn_endpoint own = local_endpoint(socket);
        struct pending error;
        sn_report report = {0};
        pending_init(&error);
        sn_socket_receive_error_async(socket, &report, SN_FLAG_NONE, &error.operation);
        sn_socket_close(socket);
        assert_ok(sn_socket_bind(next, &own));
        assert_pending(SN_ERROR_OPERATION_ABORTED, &error);
        sn_socket_release(socket);
        sn_socket_release(next);
    }
}

/* The peer that finishes sending, or is gone, is no error and says nothing about reports. */
TEST(the_end_of_a_stream_leaves_it_waiting)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending error;
    sn_report report = {0};
    pending_init(&error);
    sn_socket_receive_error_async(pair.client, &report, SN_FLAG_NONE, &error.operation);
    sn_socket_close(pair.server);
    assert_receives_end(pair.client);
    assert_int_equal(pending_count(&error), 0);
    sn_socket_cancel(pair.client);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &error);
    pair_release(&pair);
}

/* It ended no transfer, so the peer is told of the end and not of a reset. */
TEST(a_stream_that_is_closed_while_it_waits_ends_in_good_order)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending error;
    sn_report report = {0};
    pending_init(&error);
    sn_socket_receive_error_async(pair.client, &report, SN_FLAG_NONE, &error.operation);
    sn_socket_close(pair.client);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &error);
    assert_receives_end(pair.server);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_receive_and_a_call_for_a_report_do_not_hold_each_other_up),
        ON_UDP(several_calls_get_one_report_each),
        ON_UDP(a_callback_empties_the_queue_and_asks_for_the_next),
        ON_UDP(a_cancel_a_limit_and_a_close_end_it_and_leave_the_receive_alone),
        ON_UDP(the_address_is_free_once_the_socket_is_closed),
        ON_TCP(the_end_of_a_stream_leaves_it_waiting),
        ON_TCP(a_stream_that_is_closed_while_it_waits_ends_in_good_order),
    };
    return RUN(cases);
}
