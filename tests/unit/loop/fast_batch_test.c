/*
 * The fast way of a batch of receives: started inside a callback of the socket's own worker, with
 * what is rare. That it gives what the general way gives is what the conformance programs of
 * batches show, which run with it (driven) and without (slow).
 */
#include "unit/engine/engines.h"

#include <sennit/batch.h>

#include "loop/loop.h"
#include "support/transfer_support.h"

enum { RECORDS = 4, ROOM = 16 };

struct room {
    sn_engine *engine;
    struct socket_pair pair; /* the client's is the engine's */
    sn_operation post, before[2], operation;
    bool comes_behind; /* the batch is started behind two plain receives, of which one is held */
    char data[RECORDS][ROOM], texts[2][ROOM];
    sn_endpoint senders[RECORDS];
    sn_datagram_extras extras[RECORDS];
    sn_datagram datagrams[RECORDS];
    size_t completed;
};

static void note_completed(sn_operation *operation)
{
    struct room *room = operation->context;
    room->completed++;
}

static void start(sn_operation *post)
{
    struct room *room = post->context;
    for (size_t i = 0; i < COUNT_OF(room->before) && room->comes_behind; i++)
        assert_true(sn_socket_receive_async(room->pair.client, room->texts[i], ROOM, SN_FLAG_NONE,
                                            &room->before[i]));
    assert_true(sn_socket_receive_batch_async(room->pair.client, room->datagrams, RECORDS,
                                              SN_FLAG_NONE, &room->operation));
    assert_int_equal(room->completed, 0); /* no callback inside a start */
}

static void start_in_callback(struct room *room)
{
    room->completed = 0;
    room->post = (sn_operation){.completed = start, .context = room};
    sn_engine_post_async(room->engine, &room->post);
    assert_ok(run_until(room->engine, &room->post));
}

/* Each wants its sender and, if `wanted`, extras. */
static void set_records(struct room *room, uint32_t wanted)
{
    for (size_t i = 0; i < RECORDS; i++) {
        room->extras[i] = (sn_datagram_extras){.wanted = wanted};
        room->datagrams[i] = (sn_datagram){.buffer = {room->data[i], ROOM},
                                           .endpoint = &room->senders[i],
                                           .extras = wanted ? &room->extras[i] : NULL};
    }
}

static bool went_fast(const struct room *room)
{
    return operation_is_fast(&room->operation);
}

/* The last attempt of a receive was not in vain. */
static void room_make(struct room *room, void **state)
{
    memset(room, 0, sizeof *room);
    room->engine = engine_of(state, 0);
    room->pair = pair_connected(UDP_IPV4);
    use_engine(room->pair.client, room->engine);
    for (size_t i = 0; i < COUNT_OF(room->before); i++)
        room->before[i] = (sn_operation){.completed = note_completed, .context = room};
    room->operation = room->before[0];
    set_records(room, 0);
    for (int i = 0; i < 2; i++) {
        send_text(room->pair.server, "first");
        start_in_callback(room);
        assert_ok(run_until(room->engine, &room->operation));
    }
    assert_true(room->pair.client->descriptor.ready & READY_IN);
}

static void room_end(struct room *room)
{
    run_ready(room->engine);
    assert_int_equal(room->pair.client->descriptor.lanes[DIRECTION_IN], 0);
    assert_closes(room->engine, room->pair.client);
    pair_release(&room->pair);
    destroy_engine(room->engine);
}

/* `count` have come, and the other records say that nothing has. */
static void assert_got(const struct room *room, const char *const *texts, size_t count)
{
    sn_endpoint server = local_endpoint(room->pair.server);
    size_t bytes = 0;
    assert_ok(room->operation.error);
    assert_int_equal(sn_operation_get_datagram_count(&room->operation), count);
    for (size_t i = 0; i < RECORDS; i++) {
        size_t size = i < count ? strlen(texts[i]) : 0;
        bytes += size;
        assert_int_equal(room->datagrams[i].transferred, size);
        assert_ok(room->datagrams[i].error);
        if (i >= count)
            continue;
        assert_memory_equal(room->data[i], texts[i], size);
        assert_true(sn_endpoint_equals(&server, &room->senders[i]));
    }
    assert_int_equal(room->operation.transferred, bytes);
}

TEST(what_is_there_is_told_at_once_and_counted)
{
    static const char *const texts[] = {"a", "bc", "def"};
    struct room room;
    sn_metrics before, after;
    room_make(&room, state);
    sn_engine_get_metrics(room.engine, &before, sizeof before);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        send_text(room.pair.server, texts[i]);
    start_in_callback(&room);
    run_ready(room.engine);
    assert_int_equal(room.completed, 1);
    assert_got(&room, texts, COUNT_OF(texts));
    assert_true(went_fast(&room));
    assert_int_equal(room.operation.kind, SN_OPERATION_RECEIVE_BATCH);
    sn_engine_get_metrics(room.engine, &after, sizeof after);
    assert_int_equal(after.datagrams_received - before.datagrams_received, 3);
    assert_int_equal(after.bytes_received - before.bytes_received, 6);
    room_end(&room);
}

TEST(what_the_kernel_has_to_be_asked_for_goes_the_general_way_once)
{
    static const char *const texts[] = {"told"};
    struct room room;
    room_make(&room, state);
    set_records(&room, SN_DATAGRAM_TIME_TO_LIVE);
    for (int i = 0; i < 2; i++) {
        send_text(room.pair.server, texts[0]);
        start_in_callback(&room);
        run_ready(room.engine);
        assert_got(&room, texts, 1);
        assert_int_equal(went_fast(&room), i > 0);
    }
    assert_true(room.extras[0].present & SN_DATAGRAM_TIME_TO_LIVE);
    assert_true(room.extras[0].time_to_live > 0);
    room_end(&room);
}

TEST(one_that_finds_nothing_waits_with_its_limit_and_its_handle)
{
    static const char *const texts[] = {"in time"};
    struct room room;
    room_make(&room, state);
    sn_operation *operation = &room.operation;
    operation->timeout_ms = 5;
    start_in_callback(&room);
    assert_error(SN_ERROR_TIMED_OUT, run_until(room.engine, operation));
    assert_int_equal(sn_operation_get_datagram_count(operation), 0);
    operation->timeout_ms = 60000;
    assert_ok(sn_cancellation_create(&operation->cancellation));
    start_in_callback(&room);
    send_text(room.pair.server, texts[0]);
    assert_ok(run_until(room.engine, operation));
    assert_got(&room, texts, 1);
    start_in_callback(&room);
    sn_cancellation_cancel(operation->cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, operation));
    /* And now before it has begun: it takes nothing. */
    send_text(room.pair.server, "kept");
    start_in_callback(&room);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, operation));
    assert_receives(room.pair.client, "kept");
    sn_cancellation_release(operation->cancellation);
    room_end(&room);
}

TEST(one_behind_others_gets_what_they_leave)
{
    static const char *const texts[] = {"first", "second", "third", "fourth"};
    struct room room;
    room_make(&room, state);
    room.comes_behind = true;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        send_text(room.pair.server, texts[i]);
    start_in_callback(&room);
    assert_ok(run_until(room.engine, &room.operation));
    assert_int_equal(room.completed, 3);
    for (size_t i = 0; i < COUNT_OF(room.before); i++)
        assert_memory_equal(room.texts[i], texts[i], strlen(texts[i]));
    assert_got(&room, texts + 2, 2);
    room_end(&room);
}

TEST(an_error_of_the_socket_is_told_once)
{
    struct room room;
    room_make(&room, state);
    sn_socket_close(room.pair.server);
    send_text(room.pair.client, "nobody");
    wait_error(room.pair.client);
    start_in_callback(&room);
    assert_error(SN_ERROR_CONNECTION_REFUSED, run_until(room.engine, &room.operation));
    assert_error(SN_ERROR_CONNECTION_REFUSED, room.datagrams[0].error);
    start_in_callback(&room);
    run_ready(room.engine);
    assert_int_equal(room.completed, 0);
    sn_socket_cancel(room.pair.client);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(room.engine, &room.operation));
    room_end(&room);
}

TEST(a_wrong_record_is_told_and_takes_nothing)
{
    struct room room;
    room_make(&room, state);
    room.datagrams[2].buffer.data = NULL;
    send_text(room.pair.server, "kept");
    start_in_callback(&room);
    run_ready(room.engine);
    assert_error(SN_ERROR_ARGUMENT_NULL, room.operation.error);
    assert_error(SN_ERROR_ARGUMENT_NULL, room.datagrams[2].error);
    assert_receives(room.pair.client, "kept");
    room_end(&room);
}

static void start_it_twice(sn_operation *post)
{
    struct room *room = post->context;
    start(post);
    assert_false(sn_socket_receive_batch_async(room->pair.client, room->datagrams, RECORDS,
                                               SN_FLAG_NONE, &room->operation));
}

static void close_and_start(sn_operation *post)
{
    struct room *room = post->context;
    sn_socket_close(room->pair.client);
    start(post);
}

static void run_in_callback(struct room *room, void (*what)(sn_operation *post))
{
    room->completed = 0;
    room->post = (sn_operation){.completed = what, .context = room};
    sn_engine_post_async(room->engine, &room->post);
    assert_ok(run_until(room->engine, &room->post));
}

TEST(a_record_that_runs_is_left_alone)
{
    static const char *const texts[] = {"text"};
    struct room room;
    room_make(&room, state);
    run_in_callback(&room, start_it_twice);
    send_text(room.pair.server, texts[0]);
    assert_ok(run_until(room.engine, &room.operation));
    assert_got(&room, texts, 1);
    room_end(&room);
}

TEST(a_closed_socket_refuses_it_and_keeps_no_reference)
{
    struct room room;
    room_make(&room, state);
    run_in_callback(&room, close_and_start);
    run_ready(room.engine);
    assert_int_equal(room.completed, 1);
    assert_error(SN_ERROR_OBJECT_DISPOSED, room.operation.error);
    room_end(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_is_there_is_told_at_once_and_counted),
        ON_BOTH(what_the_kernel_has_to_be_asked_for_goes_the_general_way_once),
        ON_BOTH(one_that_finds_nothing_waits_with_its_limit_and_its_handle),
        ON_BOTH(one_behind_others_gets_what_they_leave),
        ON_BOTH(an_error_of_the_socket_is_told_once),
        ON_BOTH(a_wrong_record_is_told_and_takes_nothing),
        ON_BOTH(a_record_that_runs_is_left_alone),
        ON_BOTH(a_closed_socket_refuses_it_and_keeps_no_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
