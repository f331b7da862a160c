/*
 * The fast way, each start of it inside a callback of the socket's own worker, and each time with
 * what is rare: limits, handles, others before it, errors. That it gives what the general way gives
 * in all else is what the conformance programs show, which run with it (driven) and without (slow).
 */
#include "unit/engine/engines.h"

#include <string.h>
#include <sys/socket.h>

#include "loop/fast.h"
#include "socket/object/object.h"
#include "support/allocations.h"
#include "support/transfer_support.h"

enum { LARGE = 8 << 20 };

/* What is started in one callback, one after the other. */
struct start {
    sn_operation post;
    sn_socket *socket;
    struct {
        bool is_send;
        void *data;
        size_t size;
        sn_operation operation;
    } steps[3];
    size_t count;
    uint32_t completed;
};

static void start_steps(sn_operation *post)
{
    struct start *start = post->context;
    for (size_t i = 0; i < start->count; i++) {
        sn_operation *operation = &start->steps[i].operation;
        operation->completed = count_completed;
        operation->context = &start->completed;
        bool is_started =
            start->steps[i].is_send
                ? sn_socket_send_async(start->socket, start->steps[i].data, start->steps[i].size,
                                       SN_FLAG_NONE, operation)
                : sn_socket_receive_async(start->socket, start->steps[i].data, start->steps[i].size,
                                          SN_FLAG_NONE, operation);
        assert_true(is_started);
        assert_int_equal(start->completed, 0); /* no callback inside a start */
    }
}

static void start_in_callback(sn_engine *engine, struct start *start)
{
    start->post = (sn_operation){.completed = start_steps, .context = start};
    start->completed = 0;
    sn_engine_post_async(engine, &start->post);
    assert_ok(run_until(engine, &start->post));
}

struct fixture {
    sn_engine *engine;
    struct socket_pair pair;
    struct start start;
    char data[3][8];
};

/* A back-end of readiness knows the server's socket already, as after its first operation. */
static void fixture_make(struct fixture *fixture, void **state)
{
    *fixture = (struct fixture){.engine = engine_of(state, 0), .pair = pair_connected(TCP_IPV4)};
    use_engine(fixture->pair.server, fixture->engine);
    fixture->start.socket = fixture->pair.server;
    for (size_t i = 0; i < 3; i++) {
        fixture->start.steps[i].data = fixture->data[i];
        fixture->start.steps[i].size = sizeof fixture->data[i];
    }
    fixture->start.count = 1;
    start_in_callback(fixture->engine, &fixture->start);
    send_text(fixture->pair.client, "first");
    assert_ok(run_until(fixture->engine, &fixture->start.steps[0].operation));
}

static void fixture_end(struct fixture *fixture)
{
    pair_release(&fixture->pair);
    run_ready(fixture->engine);
    destroy_engine(fixture->engine);
}

TEST(a_receive_that_waits_has_its_limit)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *receive = &fixture.start.steps[0].operation;
    receive->timeout_ms = 5;
    start_in_callback(fixture.engine, &fixture.start);
    assert_true(operation_is_fast(receive));
    assert_error(SN_ERROR_TIMED_OUT, run_until(fixture.engine, receive));
    receive->timeout_ms = 60000;
    start_in_callback(fixture.engine, &fixture.start);
    send_text(fixture.pair.client, "in time");
    assert_ok(run_until(fixture.engine, receive));
    assert_int_equal(receive->transferred, 7);
    sn_milliseconds timeout_ms = 0;
    run_ready(fixture.engine);
    assert_ok(sn_engine_get_timeout(fixture.engine, &timeout_ms));
    assert_true(timeout_ms == SN_FOREVER); /* its limit went with it */
    fixture_end(&fixture);
}

TEST(a_receive_that_waits_is_ended_by_its_handle)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *receive = &fixture.start.steps[0].operation;
    assert_ok(sn_cancellation_create(&receive->cancellation));
    start_in_callback(fixture.engine, &fixture.start);
    send_text(fixture.pair.client, "data");
    assert_ok(run_until(fixture.engine, receive)); /* and is linked to it no more */
    start_in_callback(fixture.engine, &fixture.start);
    sn_cancellation_cancel(receive->cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(fixture.engine, receive));
    sn_cancellation_release(receive->cancellation);
    fixture_end(&fixture);
}

/* Also where there is data, or room: nothing moves. */
TEST(a_cancelled_handle_ends_what_is_started_with_it)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *receive = &fixture.start.steps[0].operation;
    sn_operation *send = &fixture.start.steps[1].operation;
    sn_cancellation *handle;
    assert_ok(sn_cancellation_create(&handle));
    sn_cancellation_cancel(handle);
    receive->cancellation = send->cancellation = handle;
    fixture.start.steps[1].is_send = true;
    fixture.start.count = 2;
    start_in_callback(fixture.engine, &fixture.start);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(fixture.engine, receive));
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(fixture.engine, send));
    send_text(fixture.pair.client, "kept");
    run_ready(fixture.engine); /* an edge has told of it */
    start_in_callback(fixture.engine, &fixture.start);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(fixture.engine, receive));
    assert_int_equal(fixture.start.completed, 2);
    assert_receives(fixture.pair.server, "kept");
    sn_cancellation_release(handle);
    assert_ok(sn_socket_shutdown(fixture.pair.server, SN_SHUTDOWN_SEND));
    assert_receives_end(fixture.pair.client); /* the send has sent nothing */
    fixture_end(&fixture);
}

TEST(receives_that_are_started_together_are_filled_in_order)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    fixture.start.count = 3;
    for (size_t i = 0; i < 3; i++) {
        fixture.start.steps[i].size = 1;
        fixture.start.steps[i].operation.timeout_ms = 60000;
    }
    start_in_callback(fixture.engine, &fixture.start);
    send_text(fixture.pair.client, "abc");
    assert_ok(run_until(fixture.engine, &fixture.start.steps[2].operation));
    assert_int_equal(fixture.start.completed, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fixture.data[i][0], "abc"[i]);
    fixture_end(&fixture);
}

/* The one behind the others has its limit from its start. */
TEST(a_receive_behind_others_has_its_limit_too)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    fixture.start.count = 2;
    fixture.start.steps[1].operation.timeout_ms = 5;
    start_in_callback(fixture.engine, &fixture.start);
    sn_operation *second = &fixture.start.steps[1].operation;
    assert_error(SN_ERROR_TIMED_OUT, run_until(fixture.engine, second));
    send_text(fixture.pair.client, "x");
    assert_ok(run_until(fixture.engine, &fixture.start.steps[0].operation));
    fixture_end(&fixture);
}

static void start_large(struct fixture *fixture, char *large)
{
    fixture->start.steps[0].is_send = true;
    fixture->start.steps[0].data = large;
    fixture->start.steps[0].size = LARGE;
    start_in_callback(fixture->engine, &fixture->start);
}

static void receive_all(struct fixture *fixture, size_t size)
{
    static char sink[1 << 16];
    for (size_t received = 0; size > 0; size -= received) {
        assert_ok(sn_socket_receive(fixture->pair.client, sink,
                                    size < sizeof sink ? size : sizeof sink, SN_FLAG_NONE,
                                    &received));
        assert_ok(sn_engine_run(fixture->engine, 0, NULL));
    }
}

TEST(a_send_that_does_not_fit_goes_on_and_says_what_has_moved)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    char *large = test_calloc(1, LARGE);
    sn_operation *send = &fixture.start.steps[0].operation;
    send->timeout_ms = 60000;
    start_large(&fixture, large);
    receive_all(&fixture, LARGE);
    assert_ok(run_until(fixture.engine, send));
    assert_int_equal(send->transferred, LARGE);
    send->timeout_ms = 5;
    start_large(&fixture, large);
    assert_ok(run_until(fixture.engine, send)); /* bytes that have moved are never hidden */
    assert_in_range(send->transferred, 1, LARGE - 1);
    receive_all(&fixture, send->transferred);
    test_free(large);
    fixture_end(&fixture);
}

TEST(what_fails_at_once_is_told_by_the_callback)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    assert_ok(sn_socket_shutdown(fixture.pair.server, SN_SHUTDOWN_SEND));
    fixture.start.steps[0].is_send = true;
    start_in_callback(fixture.engine, &fixture.start);
    assert_error(SN_ERROR_SHUTDOWN, run_until(fixture.engine, &fixture.start.steps[0].operation));
    assert_int_equal(fixture.start.completed, 1);
    fixture_end(&fixture);
}

/* --- In a callback of its worker, step by step ------------------------------------------------ */

static void try_again_while_it_runs(sn_operation *post)
{
    struct fixture *fixture = post->context;
    sn_operation *receive = &fixture->start.steps[0].operation;
    struct descriptor *descriptor = &fixture->pair.server->descriptor;
    int32_t refs = atomic_load_relaxed(&descriptor->refs);
    assert_int_equal(
        fast_start(descriptor, receive, fixture->data[1], 1, SN_FLAG_NONE, DIRECTION_IN),
        FAST_REFERRED);
    descriptor_unref(descriptor);
    assert_false(
        sn_socket_receive_async(fixture->pair.server, fixture->data[1], 1, SN_FLAG_NONE, receive));
    assert_int_equal(atomic_load_relaxed(&descriptor->refs), refs);
}

TEST(a_record_that_runs_is_left_alone)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    start_in_callback(fixture.engine, &fixture.start);
    sn_operation post = {.completed = try_again_while_it_runs, .context = &fixture};
    sn_engine_post_async(fixture.engine, &post);
    assert_ok(run_until(fixture.engine, &post));
    send_text(fixture.pair.client, "mine");
    assert_ok(run_until(fixture.engine, &fixture.start.steps[0].operation));
    assert_memory_equal(fixture.data[0], "mine", 4);
    assert_int_equal(fixture.start.completed, 1);
    fixture_end(&fixture);
}

/* Another thread's cancel between the claim of the record and its place in the queue. */
static void start_cancelled(sn_operation *post)
{
    struct fixture *fixture = post->context;
    sn_operation *receive = &fixture->start.steps[0].operation;
    struct descriptor *descriptor = &fixture->pair.server->descriptor;
    assert_true(descriptor_ref(descriptor));
    assert_true(operation_claim(receive));
    fast_fill(descriptor, receive, fixture->data[0], 1, DIRECTION_IN);
    sn_operation_cancel(receive);
    assert_int_equal(lane_add(descriptor, DIRECTION_IN), 0);
    fast_receive(descriptor->worker, descriptor, receive);
}

TEST(a_cancel_during_the_start_is_not_lost)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *receive = &fixture.start.steps[0].operation;
    sn_milliseconds limits[] = {0, 60000};
    for (size_t i = 0; i < array_count(limits); i++) {
        sn_operation post = {.completed = start_cancelled, .context = &fixture};
        fixture.start.completed = 0;
        receive->timeout_ms = limits[i];
        sn_engine_post_async(fixture.engine, &post);
        assert_ok(run_until(fixture.engine, &post));
        assert_error(SN_ERROR_OPERATION_CANCELED, run_until(fixture.engine, receive));
        assert_int_equal(fixture.start.completed, 1);
    }
    fixture_end(&fixture);
}

/* Another thread's cancel while the kernel takes a part. */
static void send_a_part(sn_operation *post)
{
    struct fixture *fixture = post->context;
    sn_operation *send = &fixture->start.steps[0].operation;
    struct descriptor *descriptor = &fixture->pair.server->descriptor;
    assert_true(descriptor_ref(descriptor));
    assert_true(operation_claim(send));
    fast_fill(descriptor, send, "partly", 6, DIRECTION_OUT);
    assert_int_equal(lane_add(descriptor, DIRECTION_OUT), 0);
    assert_int_equal(sys_send_once(descriptor->handle, "par", 3), 3);
    sn_cancellation_cancel(send->cancellation);
    fast_send_on(descriptor->worker, send, 3);
}

TEST(a_handle_that_is_cancelled_during_a_send_hides_nothing)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *send = &fixture.start.steps[0].operation;
    sn_operation post = {.completed = send_a_part, .context = &fixture};
    assert_ok(sn_cancellation_create(&send->cancellation));
    fixture.start.completed = 0;
    sn_engine_post_async(fixture.engine, &post);
    assert_ok(run_until(fixture.engine, &post));
    assert_ok(run_until(fixture.engine, send));
    assert_int_equal(fixture.start.completed, 1);
    assert_in_range(send->transferred, 3, 6);
    assert_ok(sn_socket_shutdown(fixture.pair.server, SN_SHUTDOWN_SEND));
    char received[8] = {0};
    receive_exactly(fixture.pair.client, received, send->transferred);
    assert_memory_equal(received, "partly", send->transferred);
    assert_receives_end(fixture.pair.client);
    sn_cancellation_release(send->cancellation);
    fixture_end(&fixture);
}

/* All queues are taken, and the heap is full. */
TEST(without_memory_for_its_limit_a_receive_says_so)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    struct limits *limits = &fixture.pair.server->descriptor.worker->limits;
    sn_operation *receive = &fixture.start.steps[0].operation;
    sn_operation others[LIMIT_QUEUES] = {0};
    uint32_t capacity = limits->heap.capacity;
    receive->timeout_ms = 60000;
    for (size_t i = 0; i < LIMIT_QUEUES; i++)
        assert_true(limits_set_span(limits, &others[i], (sn_milliseconds)i + 1, INT64_MAX - 1));
    limits->heap.capacity = limits->heap.count + LIMIT_QUEUES;
    allocations_begin();
    allocations_fail_all();
    start_in_callback(fixture.engine, &fixture.start);
    allocations_end();
    assert_error(SN_ERROR_OUT_OF_MEMORY, run_until(fixture.engine, receive));
    limits->heap.capacity = capacity;
    for (size_t i = 0; i < LIMIT_QUEUES; i++)
        limits_remove(limits, &others[i]);
    start_in_callback(fixture.engine, &fixture.start);
    send_text(fixture.pair.client, "x");
    assert_ok(run_until(fixture.engine, receive));
    fixture_end(&fixture);
}

static void start_on_a_closed_one(sn_operation *post)
{
    struct fixture *fixture = post->context;
    sn_operation *receive = &fixture->start.steps[0].operation;
    sn_socket_retain(fixture->pair.server);
    sn_socket_close(fixture->pair.server);
    assert_true(
        sn_socket_receive_async(fixture->pair.server, fixture->data[0], 1, SN_FLAG_NONE, receive));
    assert_int_equal(fixture->start.completed, 0);
    sn_socket_release(fixture->pair.server);
}

TEST(a_closed_socket_refuses_it_and_keeps_no_reference)
{
    struct fixture fixture;
    fixture_make(&fixture, state);
    sn_operation *receive = &fixture.start.steps[0].operation;
    sn_operation post = {.completed = start_on_a_closed_one, .context = &fixture};
    receive->context = &fixture.start.completed;
    fixture.start.completed = 0;
    sn_engine_post_async(fixture.engine, &post);
    assert_ok(run_until(fixture.engine, &post));
    assert_error(SN_ERROR_OBJECT_DISPOSED, run_until(fixture.engine, receive));
    assert_int_equal(fixture.start.completed, 1);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_receive_that_waits_has_its_limit),
        ON_BOTH(a_receive_that_waits_is_ended_by_its_handle),
        ON_BOTH(a_cancelled_handle_ends_what_is_started_with_it),
        ON_BOTH(receives_that_are_started_together_are_filled_in_order),
        ON_BOTH(a_receive_behind_others_has_its_limit_too),
        ON_BOTH(a_send_that_does_not_fit_goes_on_and_says_what_has_moved),
        ON_BOTH(what_fails_at_once_is_told_by_the_callback),
        ON_BOTH(a_record_that_runs_is_left_alone),
        ON_BOTH(a_cancel_during_the_start_is_not_lost),
        ON_BOTH(a_handle_that_is_cancelled_during_a_send_hides_nothing),
        ON_BOTH(without_memory_for_its_limit_a_receive_says_so),
        ON_BOTH(a_closed_socket_refuses_it_and_keeps_no_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
