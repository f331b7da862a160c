/*
 * Ending one operation early: sn_operation_cancel() in every state, and the operation's own time
 * limit. What has moved is never hidden, and the others keep their order (contract B.16).
 * Traps 39, 55.
 */
#include "support/async.h"

#include <stdlib.h>

static char byte_buffer[4];

static void start_receive(sn_socket *socket, struct pending *pending, int place)
{
    sn_socket_receive_async(socket, &byte_buffer[place], 1, SN_FLAG_NONE, &pending->operation);
}

/* The socket goes on as if nothing had been. */
static void assert_alive(struct socket_pair *pair)
{
    char byte = 0;
    send_plain(pair->client, "k", 1);
    receive_plain(pair->server, &byte, 1);
    assert_int_equal('k', byte);
}

TEST(cancelling_an_operation_that_was_never_started_does_nothing)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_operation idle = {0};
    struct pending receive;
    sn_operation_cancel(NULL);
    sn_operation_cancel(&idle);
    assert_false(sn_operation_is_completed(&idle));
    pending_init(&receive);
    sn_operation_cancel(&receive.operation); /* does not spoil the run that comes */
    start_receive(pair.server, &receive, 0);
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
}

TEST(a_cancelled_receive_completes_once_and_takes_nothing)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int i = repetitions(50); i > 0; i--) {
        struct pending receive;
        pending_init(&receive);
        start_receive(pair.server, &receive, 0);
        sn_operation_cancel(&receive.operation);
        sn_operation_cancel(&receive.operation);
        assert_pending(SN_ERROR_OPERATION_CANCELED, &receive);
        assert_int_equal(0, receive.operation.transferred);
        sn_operation_cancel(&receive.operation); /* it is over: nothing happens */
        assert_alive(&pair);
        assert_int_equal(1, pending_count(&receive));
    }
    pair_release(&pair);
}

/* What comes first decides, whichever the worker sees first. */
TEST(a_cancel_before_a_close_is_a_cancel_and_after_it_an_abort)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        bool is_cancel_first = i % 2 == 0;
        struct pending receive;
        pending_init(&receive);
        start_receive(pair.server, &receive, 0);
        if (is_cancel_first)
            sn_operation_cancel(&receive.operation);
        sn_socket_close(pair.server);
        sn_operation_cancel(&receive.operation);
        assert_pending(is_cancel_first ? SN_ERROR_OPERATION_CANCELED : SN_ERROR_OPERATION_ABORTED,
                       &receive);
        pair_release(&pair);
    }
}

static void cancel_itself(struct pending *pending)
{
    sn_operation_cancel(&pending->operation);
}

TEST(an_operation_may_be_cancelled_in_its_own_callback)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive;
    pending_init(&receive);
    receive.then = cancel_itself;
    start_receive(pair.server, &receive, 0);
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    assert_alive(&pair);
    pair_release(&pair);
}

/* Trap 55. */
TEST(cancelling_one_of_several_receives_leaves_the_others)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int which = 0; which < 3; which++) {
        struct pending receives[3];
        pending_init_all(receives, 3);
        memset(byte_buffer, 0, sizeof byte_buffer);
        for (int i = 0; i < 3; i++)
            start_receive(pair.server, &receives[i], i);
        sn_operation_cancel(&receives[which].operation);
        assert_pending(SN_ERROR_OPERATION_CANCELED, &receives[which]);
        send_plain(pair.client, "1", 1);
        send_plain(pair.client, "2", 1);
        char expected = '1';
        for (int i = 0; i < 3; i++) {
            if (i == which)
                continue;
            assert_pending(SN_OK, &receives[i]);
            assert_int_equal(expected++, byte_buffer[i]);
        }
        assert_int_equal(0, byte_buffer[which]);
    }
    pair_release(&pair);
}

TEST(cancelling_a_send_that_has_begun_gives_what_was_sent)
{
    enum { SIZE = 8000000 };
    struct socket_pair pair = pair_plain(transport_of(state));
    unsigned char *data = malloc(SIZE), *seen = malloc(SIZE);
    struct pending first, second;
    fill_pattern(data, SIZE, 0);
    pending_init(&first);
    pending_init(&second);
    sn_socket_send_async(pair.client, data, SIZE, SN_FLAG_NONE, &first.operation);
    sn_socket_send_async(pair.client, "second", 6, SN_FLAG_NONE, &second.operation);
    receive_plain(pair.server, seen, 1); /* so it has begun */
    sn_operation_cancel(&second.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &second);
    assert_int_equal(0, second.operation.transferred);
    sn_operation_cancel(&first.operation);
    assert_pending(SN_OK, &first);
    size_t sent = first.operation.transferred;
    assert_in_range(sent, 1, SIZE - 1);
    receive_plain(pair.server, seen + 1, sent - 1);
    assert_true(is_pattern(seen, sent, 0));
    assert_alive(&pair); /* nothing more of it comes */
    free(data);
    free(seen);
    pair_release(&pair);
}

/* Trap 39, where the connect waits for a place in the queue of the listener. */
TEST(a_connect_that_is_cancelled_leaves_the_socket_unconnected)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport);
    struct pending connect;
    pending_init(&connect);
    sn_socket_connect_async(socket, &full.address, &connect.operation);
    sn_operation_cancel(&connect.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &connect);
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_cancelled_accept_takes_no_connection)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 4), *client = socket_make(transport);
    sn_endpoint address = local_endpoint(listener);
    struct pending cancelled, accept;
    pending_init(&cancelled);
    pending_init(&accept);
    sn_socket_accept_async(listener, NULL, &cancelled.operation);
    sn_socket_accept_async(listener, NULL, &accept.operation);
    sn_operation_cancel(&cancelled.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &cancelled);
    assert_null(cancelled.operation.socket);
    assert_ok(sn_socket_connect(client, &address));
    assert_pending(SN_OK, &accept);
    sn_socket_release(accept.operation.socket);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Races ------------------------------------------------------------------------------------ */

static sn_error cancel_until_done(void *context)
{
    struct pending *pending = context;
    do {
        sn_operation_cancel(&pending->operation);
    } while (pending_count(pending) == 0);
    return SN_OK;
}

/* The byte is either in the buffer or still to be received, never both and never lost. */
TEST(a_cancel_that_meets_the_data_loses_nothing)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int i = repetitions(300); i > 0; i--) {
        struct pending receive;
        struct thread canceller;
        char letter = (char)('a' + i % 26), byte = 0;
        memset(byte_buffer, 0, sizeof byte_buffer);
        pending_init(&receive);
        start_receive(pair.server, &receive, 0);
        thread_start(&canceller, cancel_until_done, &receive);
        send_plain(pair.client, &letter, 1);
        assert_ok(thread_join(&canceller));
        assert_int_equal(1, pending_count(&receive));
        if (receive.operation.error) {
            assert_error(SN_ERROR_OPERATION_CANCELED, receive.operation.error);
            receive_plain(pair.server, &byte, 1);
            assert_int_equal(letter, byte);
        } else {
            assert_int_equal(letter, byte_buffer[0]);
        }
    }
    pair_release(&pair);
}

/* --- The time limit of one operation ---------------------------------------------------------- */

TEST(an_operation_times_out_and_the_ones_behind_it_go_on)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending short_lived, patient;
    memset(byte_buffer, 0, sizeof byte_buffer);
    pending_init(&short_lived);
    pending_init(&patient);
    short_lived.operation.timeout_ms = 1;
    start_receive(pair.server, &short_lived, 0);
    start_receive(pair.server, &patient, 1);
    assert_pending(SN_ERROR_TIMED_OUT, &short_lived);
    assert_int_equal(0, pending_count(&patient));
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &patient);
    assert_int_equal('x', byte_buffer[1]);
    assert_true(sn_socket_is_connected(pair.server)); /* trap 62 */
    pair_release(&pair);
}

/* B.14: the limits of the socket are for blocking calls. */
TEST(the_limits_of_the_socket_do_not_end_an_operation)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive, limited;
    pending_init(&receive);
    pending_init(&limited);
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    start_receive(pair.server, &receive, 0);
    limited.operation.timeout_ms = 30;
    start_receive(pair.server, &limited, 1);
    assert_pending(SN_ERROR_TIMED_OUT, &limited); /* much later than the limit of the socket */
    assert_int_equal(0, pending_count(&receive));
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
}

TEST(a_send_that_times_out_after_a_part_gives_what_was_sent)
{
    enum { SIZE = 8000000 };
    struct socket_pair pair = pair_plain(transport_of(state));
    unsigned char *data = calloc(1, SIZE);
    struct pending send;
    pending_init(&send);
    send.operation.timeout_ms = 20;
    sn_socket_send_async(pair.client, data, SIZE, SN_FLAG_NONE, &send.operation);
    assert_pending(SN_OK, &send);
    assert_in_range(send.operation.transferred, 1, SIZE - 1);
    free(data);
    pair_release(&pair);
}

TEST(a_limit_that_is_far_away_does_no_harm)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    static const int64_t limits[] = {1000000, INT64_MAX / 1000000, INT64_MAX, -1};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct pending receive;
        pending_init(&receive);
        receive.operation.timeout_ms = limits[i];
        start_receive(pair.server, &receive, 0);
        send_plain(pair.client, "x", 1);
        assert_pending(SN_OK, &receive);
    }
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(cancelling_an_operation_that_was_never_started_does_nothing),
        ON_ALL_CONNECTED(a_cancelled_receive_completes_once_and_takes_nothing),
        CASE(a_cancel_before_a_close_is_a_cancel_and_after_it_an_abort),
        CASE(an_operation_may_be_cancelled_in_its_own_callback),
        ON_ALL_CONNECTED(cancelling_one_of_several_receives_leaves_the_others),
        ON_STREAMS(cancelling_a_send_that_has_begun_gives_what_was_sent),
        ON_LISTENERS(a_connect_that_is_cancelled_leaves_the_socket_unconnected),
        ON_LISTENERS(a_cancelled_accept_takes_no_connection),
        ON_ALL_CONNECTED(a_cancel_that_meets_the_data_loses_nothing),
        ON_ALL_CONNECTED(an_operation_times_out_and_the_ones_behind_it_go_on),
        CASE(the_limits_of_the_socket_do_not_end_an_operation),
        ON_STREAMS(a_send_that_times_out_after_a_part_gives_what_was_sent),
        CASE(a_limit_that_is_far_away_does_no_harm),
    };
    return RUN(cases);
}
