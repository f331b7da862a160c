/* Relays as operations: one completion, whoever ends them, on one engine or on two. */
#include "conformance/relays.h"

struct relay {
    struct pending pending;
    struct socket_pair near, far;
    sn_relay_result result;
};

static void open_relay(struct relay *relay, enum transport transport)
{
    *relay = (struct relay){.near = pair_plain(transport), .far = pair_plain(transport)};
    pending_init(&relay->pending);
}

static void start(struct relay *relay)
{
    sn_socket_relay_async(relay->near.server, relay->far.client, SN_FOREVER, &relay->result,
                          &relay->pending.operation);
}

static void close_relay(struct relay *relay)
{
    pair_release(&relay->near);
    pair_release(&relay->far);
}

static void pass_there(struct relay *relay)
{
    char data[5];
    assert_ok(sn_socket_send(relay->near.client, "there", 5, SN_FLAG_NONE, NULL));
    assert_ok(sn_socket_receive_exactly(relay->far.server, data, 5, NULL));
    assert_memory_equal("there", data, 5);
}

static void pass_through(struct relay *relay)
{
    char data[4];
    pass_there(relay);
    assert_ok(sn_socket_send(relay->far.server, "back", 4, SN_FLAG_NONE, NULL));
    assert_ok(sn_socket_receive_exactly(relay->near.client, data, 4, NULL));
    assert_memory_equal("back", data, 4);
}

TEST(a_cancel_of_the_operation_ends_it)
{
    for (int by_handle = 0; by_handle <= 1; by_handle++) {
        struct relay relay;
        sn_cancellation *handle = NULL;
        assert_ok(sn_cancellation_create(&handle));
        open_relay(&relay, transport_of(state));
        relay.pending.operation.cancellation = by_handle ? handle : NULL;
        start(&relay);
        pass_through(&relay);
        if (by_handle)
            sn_cancellation_cancel(handle);
        else
            sn_operation_cancel(&relay.pending.operation);
        assert_pending(SN_ERROR_OPERATION_CANCELED, &relay.pending);
        assert_int_equal(9, relay.pending.operation.transferred);
        assert_int_equal(5, relay.result.there);
        assert_int_equal(4, relay.result.back);
        assert_null(relay.result.failed);
        assert_int_equal(SN_OPERATION_RELAY, relay.pending.operation.kind);
        send_text(relay.near.client, "free"); /* the sockets are the program's again */
        assert_receives(relay.near.server, "free");
        sn_cancellation_release(handle);
        close_relay(&relay);
    }
}

TEST(one_that_is_cancelled_before_it_starts_moves_nothing)
{
    struct relay relay;
    sn_cancellation *handle = NULL;
    assert_ok(sn_cancellation_create(&handle));
    sn_cancellation_cancel(handle);
    open_relay(&relay, transport_of(state));
    send_text(relay.near.client, "stays");
    wait_readable(relay.near.server);
    relay.pending.operation.cancellation = handle;
    start(&relay);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &relay.pending);
    sn_cancellation_release(handle);
    close_relay(&relay);
}

/* Whichever of the two goes first: each has something of it pending. A direction that is between
 * two steps would find its socket free and go on, on the default engine. */
TEST(the_end_of_an_engine_ends_it)
{
    for (int is_second = 0; is_second <= 1; is_second++) {
        struct relay relay;
        sn_engine *engines[2] = {engine_make(1), engine_make(1)};
        open_relay(&relay, transport_of(state));
        assert_ok(sn_socket_set_engine(relay.near.server, engines[0]));
        assert_ok(sn_socket_set_engine(relay.far.client, engines[1]));
        start(&relay);
        pass_there(&relay);
        engine_destroy(engines[is_second]);
        assert_pending(SN_ERROR_OPERATION_ABORTED, &relay.pending);
        assert_int_equal(5, relay.result.there);
        engine_destroy(engines[1 - is_second]);
        close_relay(&relay);
    }
}

TEST(a_driven_engine_carries_it_and_the_blocking_form_is_refused_there)
{
    struct relay relay;
    sn_engine *engine = engine_make(0);
    open_relay(&relay, transport_of(state));
    assert_ok(sn_socket_set_engine(relay.near.server, engine));
    assert_ok(sn_socket_set_engine(relay.far.client, engine));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_relay(relay.near.server, relay.far.client,
                                                             SN_FOREVER, SN_FOREVER, NULL));
    start(&relay);
    assert_ok(sn_socket_send(relay.near.client, "there", 5, SN_FLAG_NONE, NULL));
    assert_ok(sn_socket_shutdown(relay.near.client, SN_SHUTDOWN_SEND));
    sn_socket_close(relay.far.server);
    run_until(engine, &relay.pending);
    sn_error error = relay.pending.operation.error;
    /* The data may meet the closed end, or the relay be done before. */
    assert_true(!error || error == SN_ERROR_SHUTDOWN || error == SN_ERROR_CONNECTION_RESET);
    engine_destroy(engine);
    close_relay(&relay);
}

static void relay_in_callback(struct pending *pending)
{
    struct relay *relay = pending->context;
    relay->result.there = (uint64_t)sn_socket_relay(relay->near.server, relay->far.client,
                                                    SN_FOREVER, SN_FOREVER, NULL);
}

TEST(a_callback_cannot_wait_for_one)
{
    struct relay relay;
    open_relay(&relay, transport_of(state));
    relay.pending.then = relay_in_callback;
    relay.pending.context = &relay;
    sn_engine_post_async(NULL, &relay.pending.operation);
    assert_pending(SN_OK, &relay.pending);
    assert_int_equal(SN_ERROR_INVALID_OPERATION, relay.result.there);
    close_relay(&relay);
}

/* The program's references go at once; the relay's keep the sockets, and close them at its end. */
TEST(many_at_once_keep_their_sockets_until_they_end)
{
    enum { COUNT = 16, SIZE = 200000 };
    static struct relay relays[COUNT];
    static struct flow out[COUNT], in[COUNT];
    struct thread senders[COUNT], receivers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        open_relay(&relays[i], transport_of(state));
        start(&relays[i]);
        sn_socket_release(relays[i].near.server);
        sn_socket_release(relays[i].far.client);
        relays[i].near.server = relays[i].far.client = NULL;
        out[i] = (struct flow){
            .socket = relays[i].near.client, .size = SIZE, .offset = (size_t)i, .ends = true};
        in[i] = (struct flow){
            .socket = relays[i].far.server, .size = SIZE, .offset = (size_t)i, .ends = true};
        thread_start(&senders[i], send_flow, &out[i]);
        thread_start(&receivers[i], receive_flow, &in[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_ok(thread_join(&senders[i]));
        assert_ok(thread_join(&receivers[i]));
        assert_true(in[i].is_right);
        assert_ok(sn_socket_shutdown(relays[i].far.server, SN_SHUTDOWN_SEND));
        assert_pending(SN_OK, &relays[i].pending);
        assert_int_equal(SIZE, relays[i].result.there);
        assert_receives_end(relays[i].near.client);
        close_relay(&relays[i]);
    }
}

/* A close, a cancel and the data at the same moment. */
TEST(a_race_of_ends_completes_it_once)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct relay relay;
        open_relay(&relay, transport_of(state));
        start(&relay);
        send_text(relay.near.client, "data");
        if (i % 2)
            sn_operation_cancel(&relay.pending.operation);
        if (i % 3)
            sn_socket_close(relay.far.client);
        else
            sn_socket_cancel(relay.near.server);
        if (i % 5 == 0)
            sn_socket_close(relay.near.server);
        pending_wait(&relay.pending);
        assert_int_equal(1, pending_count(&relay.pending));
        assert_int_not_equal(SN_OK, relay.pending.operation.error);
        close_relay(&relay);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_cancel_of_the_operation_ends_it),
        CASE_ON(one_that_is_cancelled_before_it_starts_moves_nothing, TCP_IPV4),
        ON_STREAMS(the_end_of_an_engine_ends_it),
        ON_STREAMS(a_driven_engine_carries_it_and_the_blocking_form_is_refused_there),
        CASE_ON(a_callback_cannot_wait_for_one, TCP_IPV4),
        ON_STREAMS(many_at_once_keep_their_sockets_until_they_end),
        ON_STREAMS(a_race_of_ends_completes_it_once),
    };
    return RUN(cases);
}
