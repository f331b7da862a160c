/*
 * The fast way of one datagram: started inside a callback of the socket's own worker, with what is
 * rare each time. That it gives what the general way gives in all else is what the conformance
 * programs show, which run with it (driven) and without (slow).
 */
#include "unit/engine/engines.h"

#include <string.h>
#include <sys/socket.h>

#include "loop/loop.h"
#include "support/transfer_support.h"

enum { STEPS = 8, ROOM = 16 };

enum kind { SEND, SEND_TO, RECEIVE, RECEIVE_FROM };

/* What is started in one callback, one after the other. */
struct room {
    sn_engine *engine;
    struct socket_pair pair; /* the client's is the engine's */
    sn_endpoint server;
    sn_operation post;
    struct step {
        enum kind kind;
        const char *text; /* of a send */
        char data[ROOM];
        sn_endpoint from;
        sn_operation operation;
    } steps[STEPS];
    size_t first, count, completed;
    struct step *order[STEPS];            /* in which they completed */
    void (*completes)(struct room *room); /* in the first one's callback; or NULL */
};

static bool start(struct room *room, struct step *step)
{
    sn_socket *socket = room->pair.client;
    sn_operation *operation = &step->operation;
    size_t size = step->text ? strlen(step->text) : 0;
    switch (step->kind) {
    case SEND: return sn_socket_send_async(socket, step->text, size, SN_FLAG_NONE, operation);
    case SEND_TO:
        return sn_socket_send_to_async(socket, step->text, size, SN_FLAG_NONE, &room->server,
                                       operation);
    case RECEIVE: return sn_socket_receive_async(socket, step->data, ROOM, SN_FLAG_NONE, operation);
    default:
        return sn_socket_receive_from_async(socket, step->data, ROOM, SN_FLAG_NONE, &step->from,
                                            operation);
    }
}

static void note_completed(sn_operation *operation)
{
    struct room *room = operation->context;
    assert_true(room->completed < STEPS);
    room->order[room->completed++] = container_of(operation, struct step, operation);
    if (room->completes && room->completed == 1)
        room->completes(room);
}

static void start_steps(sn_operation *post)
{
    struct room *room = post->context;
    for (size_t i = room->first; i < room->count; i++) {
        assert_true(start(room, &room->steps[i]));
        assert_int_equal(room->completed, 0); /* no callback inside a start */
    }
}

static void start_in_callback(struct room *room)
{
    room->completed = 0;
    room->post = (sn_operation){.completed = start_steps, .context = room};
    sn_engine_post_async(room->engine, &room->post);
    assert_ok(run_until(room->engine, &room->post));
}

static struct step *step_is(struct room *room, size_t i, enum kind kind, const char *text)
{
    struct step *step = &room->steps[i];
    step->kind = kind;
    step->text = text;
    step->operation.completed = note_completed;
    step->operation.context = room;
    if (room->count <= i)
        room->count = i + 1;
    return step;
}

/* The last attempt of a receive was not in vain. */
static void room_make(struct room *room, void **state, enum transport transport)
{
    memset(room, 0, sizeof *room);
    room->engine = engine_of(state, 0);
    room->pair = pair_connected(transport);
    room->server = local_endpoint(room->pair.server);
    use_engine(room->pair.client, room->engine);
    step_is(room, 0, RECEIVE, NULL);
    for (int i = 0; i < 2; i++) {
        send_text(room->pair.server, "first");
        start_in_callback(room);
        assert_ok(run_until(room->engine, &room->steps[0].operation));
    }
    assert_true(room->pair.client->descriptor.ready & READY_IN);
    room->count = 0;
}

static void room_end(struct room *room)
{
    run_ready(room->engine);
    assert_int_equal(room->pair.client->descriptor.lanes[DIRECTION_IN], 0);
    assert_int_equal(room->pair.client->descriptor.lanes[DIRECTION_OUT], 0);
    assert_closes(room->engine, room->pair.client);
    pair_release(&room->pair);
    destroy_engine(room->engine);
}

static void assert_got(const struct step *step, const char *text)
{
    assert_ok(step->operation.error);
    assert_int_equal(step->operation.transferred, strlen(text));
    assert_memory_equal(step->data, text, strlen(text));
}

/* --- Sends ------------------------------------------------------------------------------------ */

TEST(what_is_sent_in_a_callback_goes_at_once_and_is_told_in_order)
{
    struct room room;
    sn_metrics before, after;
    room_make(&room, state, UDP_IPV4);
    step_is(&room, 0, SEND, "connected");
    step_is(&room, 1, SEND_TO, "named");
    step_is(&room, 2, SEND, "again");
    sn_engine_get_metrics(room.engine, &before, sizeof before);
    start_in_callback(&room);
    assert_receives(room.pair.server, "connected");
    assert_receives(room.pair.server, "named");
    assert_receives(room.pair.server, "again");
    run_ready(room.engine);
    assert_int_equal(room.completed, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(room.order[i], &room.steps[i]);
        assert_ok(room.steps[i].operation.error);
        assert_int_equal(room.steps[i].operation.transferred, strlen(room.steps[i].text));
        assert_true(operation_is_fast(&room.steps[i].operation));
    }
    assert_int_equal(room.steps[0].operation.kind, SN_OPERATION_SEND);
    assert_int_equal(room.steps[1].operation.kind, SN_OPERATION_SEND_TO);
    sn_engine_get_metrics(room.engine, &after, sizeof after);
    assert_int_equal(after.datagrams_sent - before.datagrams_sent, 3);
    assert_int_equal(after.bytes_sent - before.bytes_sent, 9 + 5 + 5);
    room_end(&room);
}

/* A Unix socket's queue is full: the first one waits, and the others behind it, also if there is
 * room again when they are started. */
static void wait_for_room(void **state, enum kind kind)
{
    struct room room;
    size_t full = 0, sent;
    room_make(&room, state, UNIX_DATAGRAM);
    assert_ok(sn_socket_set_blocking(room.pair.client, false));
    while (!sn_socket_send(room.pair.client, "full", 4, SN_FLAG_NONE, &sent))
        full++;
    step_is(&room, 0, kind, "one");
    start_in_callback(&room);
    run_ready(room.engine);
    assert_int_equal(room.completed, 0);
    while (full-- > 0)
        assert_receives(room.pair.server, "full");
    step_is(&room, 1, kind, "two");
    step_is(&room, 2, kind, "three");
    room.first = 1;
    start_in_callback(&room);
    for (size_t i = 0; i < 3; i++) {
        assert_ok(run_until(room.engine, &room.steps[i].operation));
        assert_ptr_equal(room.order[i], &room.steps[i]);
        assert_receives(room.pair.server, room.steps[i].text);
    }
    room_end(&room);
}

TEST(those_that_have_to_wait_go_in_order_too)
{
    wait_for_room(state, SEND);
}

/* The kernel tells of no room for one that goes to an address: it is tried again after a while. */
TEST(and_those_that_go_to_an_address)
{
    wait_for_room(state, SEND_TO);
}

TEST(what_fails_at_once_is_told_by_the_callback)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    sn_socket_close(room.pair.server);
    send_text(room.pair.client, "nobody");
    wait_error(room.pair.client);
    step_is(&room, 0, SEND_TO, "refused");
    step_is(&room, 1, SEND, "goes");
    start_in_callback(&room);
    run_ready(room.engine);
    assert_error(SN_ERROR_CONNECTION_REFUSED, room.steps[0].operation.error);
    assert_int_equal(room.steps[0].operation.native_error, ECONNREFUSED);
    assert_int_equal(room.completed, 2);
    assert_ptr_equal(room.order[0], &room.steps[0]);
    room_end(&room);
}

/* .NET's way of binding goes the general way, with its finish step. */
TEST(the_first_send_of_an_unbound_socket_binds_it)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    sn_socket *bound = room.pair.client;
    assert_ok(
        sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &room.pair.client));
    use_engine(room.pair.client, room.engine);
    step_is(&room, 0, SEND_TO, "hello");
    step_is(&room, 1, RECEIVE_FROM, NULL);
    start_in_callback(&room);
    assert_ok(run_until(room.engine, &room.steps[0].operation));
    assert_true(sn_socket_is_bound(room.pair.client));
    sn_socket_cancel(room.pair.client);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, &room.steps[1].operation));
    room_end(&room);
    sn_socket_release(bound);
}

/* --- Receives --------------------------------------------------------------------------------- */

TEST(what_is_there_is_received_with_its_sender)
{
    struct room room;
    sn_metrics before, after;
    room_make(&room, state, UDP_IPV4);
    sn_endpoint server = local_endpoint(room.pair.server);
    sn_engine_get_metrics(room.engine, &before, sizeof before);
    send_text(room.pair.server, "text");
    struct step *step = step_is(&room, 0, RECEIVE_FROM, NULL);
    start_in_callback(&room);
    run_ready(room.engine);
    assert_got(step, "text");
    assert_true(sn_endpoint_equals(&server, &step->from));
    assert_int_equal(step->operation.kind, SN_OPERATION_RECEIVE_FROM);
    assert_int_equal(step->operation.flags, SN_FLAG_NONE);
    send_text(room.pair.server, "longer than its room");
    start_in_callback(&room);
    assert_ok(run_until(room.engine, &step->operation));
    assert_int_equal(step->operation.transferred, ROOM);
    assert_int_equal(step->operation.flags, SN_FLAG_TRUNCATED);
    sn_engine_get_metrics(room.engine, &after, sizeof after);
    assert_int_equal(after.datagrams_received - before.datagrams_received, 2);
    assert_int_equal(after.bytes_received - before.bytes_received, 4 + ROOM);
    room_end(&room);
}

TEST(one_that_waits_has_its_limit_and_its_handle)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    sn_operation *receive = &step_is(&room, 0, RECEIVE_FROM, NULL)->operation;
    receive->timeout_ms = 5;
    start_in_callback(&room);
    assert_error(SN_ERROR_TIMED_OUT, run_until(room.engine, receive));
    receive->timeout_ms = 60000;
    assert_ok(sn_cancellation_create(&receive->cancellation));
    start_in_callback(&room);
    send_text(room.pair.server, "in time");
    assert_ok(run_until(room.engine, receive));
    start_in_callback(&room);
    sn_cancellation_cancel(receive->cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, receive));
    /* And now before it has begun: it takes nothing. */
    step_is(&room, 1, SEND, "stays")->operation.cancellation = receive->cancellation;
    send_text(room.pair.server, "kept");
    start_in_callback(&room);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, receive));
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, &room.steps[1].operation));
    assert_receives(room.pair.client, "kept");
    assert_false(is_readable(room.pair.server));
    sn_milliseconds timeout_ms = 0;
    run_ready(room.engine);
    assert_ok(sn_engine_get_timeout(room.engine, &timeout_ms));
    assert_true(timeout_ms == SN_FOREVER); /* its limit went with it */
    sn_cancellation_release(receive->cancellation);
    room_end(&room);
}

TEST(an_error_of_the_socket_is_told_to_a_receive_once)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    sn_socket_close(room.pair.server);
    send_text(room.pair.client, "nobody");
    wait_error(room.pair.client);
    step_is(&room, 0, RECEIVE_FROM, NULL);
    start_in_callback(&room);
    assert_error(SN_ERROR_CONNECTION_REFUSED, run_until(room.engine, &room.steps[0].operation));
    start_in_callback(&room);
    run_ready(room.engine);
    assert_int_equal(room.completed, 0);
    sn_socket_cancel(room.pair.client);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, &room.steps[0].operation));
    room_end(&room);
}

/* --- A row of receives, which one call has filled --------------------------------------------- */

static void row_make(struct room *room, void **state)
{
    static const char *const texts[] = {"a", "bc", "def", "ghij", "klmno"};
    room_make(room, state, UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        send_text(room->pair.server, texts[i]);
        step_is(room, i, i % 2 ? RECEIVE : RECEIVE_FROM, NULL);
    }
    start_in_callback(room);
    run_ready(room->engine);
    assert_int_equal(room->completed, COUNT_OF(texts));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_ptr_equal(room->order[i], &room->steps[i]);
        assert_got(&room->steps[i], texts[i]);
    }
}

TEST(what_one_call_has_filled_is_told_in_order)
{
    struct room room;
    row_make(&room, state);
    room_end(&room);
}

static void cancel_the_others(struct room *room)
{
    for (size_t i = 1; i < room->count; i++)
        sn_operation_cancel(&room->steps[i].operation);
}

static void close_it(struct room *room)
{
    sn_socket_close(room->pair.client);
}

static void start_once_more(struct room *room)
{
    room->order[--room->completed] = NULL; /* it comes again, behind the others */
    room->completes = NULL;
    send_text(room->pair.server, "again");
    assert_true(start(room, &room->steps[0]));
}

static void in_the_middle(void **state, void (*completes)(struct room *room))
{
    struct room room;
    row_make(&room, state);
    for (size_t i = 0; i < room.count; i++)
        send_text(room.pair.server, "next");
    room.completes = completes;
    start_in_callback(&room);
    run_ready(room.engine);
    assert_int_equal(room.completed, room.count);
    for (size_t i = 0; i < room.count; i++)
        if (completes != start_once_more || i > 0)
            assert_got(&room.steps[i], "next"); /* what has come is never hidden */
    if (completes == start_once_more) {
        assert_ptr_equal(room.order[room.count - 1], &room.steps[0]);
        assert_got(&room.steps[0], "again");
    }
    room_end(&room);
}

TEST(a_callback_may_cancel_what_is_told_behind_it)
{
    in_the_middle(state, cancel_the_others);
}

TEST(a_callback_may_close_the_socket_in_the_middle)
{
    in_the_middle(state, close_it);
}

TEST(a_callback_may_start_again_in_the_middle)
{
    in_the_middle(state, start_once_more);
}

/* --- Refusals --------------------------------------------------------------------------------- */

static void start_it_twice(sn_operation *post)
{
    struct room *room = post->context;
    assert_true(start(room, &room->steps[0]));
    assert_false(start(room, &room->steps[0])); /* it waits, and goes on */
}

TEST(a_record_that_runs_is_left_alone)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    struct step *step = step_is(&room, 0, RECEIVE_FROM, NULL);
    room.post = (sn_operation){.completed = start_it_twice, .context = &room};
    room.completed = 0;
    sn_engine_post_async(room.engine, &room.post);
    assert_ok(run_until(room.engine, &room.post));
    send_text(room.pair.server, "text");
    assert_ok(run_until(room.engine, &step->operation));
    assert_got(step, "text");
    room_end(&room);
}

static void start_on_a_closed_one(sn_operation *post)
{
    struct room *room = post->context;
    sn_socket_close(room->pair.client);
    for (size_t i = 0; i < room->count; i++)
        assert_true(start(room, &room->steps[i]));
    assert_int_equal(room->completed, 0);
}

TEST(a_closed_socket_refuses_it_and_keeps_no_reference)
{
    struct room room;
    room_make(&room, state, UDP_IPV4);
    step_is(&room, 0, SEND, "no");
    step_is(&room, 1, SEND_TO, "nor this");
    step_is(&room, 2, RECEIVE, NULL);
    step_is(&room, 3, RECEIVE_FROM, NULL);
    room.post = (sn_operation){.completed = start_on_a_closed_one, .context = &room};
    room.completed = 0;
    sn_engine_post_async(room.engine, &room.post);
    assert_ok(run_until(room.engine, &room.post));
    run_ready(room.engine);
    assert_int_equal(room.completed, 4);
    for (size_t i = 0; i < 4; i++)
        assert_error(SN_ERROR_OBJECT_DISPOSED, room.steps[i].operation.error);
    room_end(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_is_sent_in_a_callback_goes_at_once_and_is_told_in_order),
        ON_BOTH(those_that_have_to_wait_go_in_order_too),
        ON_BOTH(and_those_that_go_to_an_address),
        ON_BOTH(what_fails_at_once_is_told_by_the_callback),
        ON_BOTH(the_first_send_of_an_unbound_socket_binds_it),
        ON_BOTH(what_is_there_is_received_with_its_sender),
        ON_BOTH(one_that_waits_has_its_limit_and_its_handle),
        ON_BOTH(an_error_of_the_socket_is_told_to_a_receive_once),
        ON_BOTH(what_one_call_has_filled_is_told_in_order),
        ON_BOTH(a_callback_may_cancel_what_is_told_behind_it),
        ON_BOTH(a_callback_may_close_the_socket_in_the_middle),
        ON_BOTH(a_callback_may_start_again_in_the_middle),
        ON_BOTH(a_record_that_runs_is_left_alone),
        ON_BOTH(a_closed_socket_refuses_it_and_keeps_no_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
