/*
 * A handle for whatever a thread waits in: it ends each call that has to wait, by a cancel from
 * another thread and by its own time, and no call that need not.
 */
#include "conformance/scopes.h"

static char large[8 << 20];

/* --- Calls that wait: on a thread that is inside the scope ------------------------------------ */

static sn_error call_receive_buffers(struct scene *scene)
{
    const sn_buffer buffers[] = {{scene->data, 1}, {scene->data + 1, 1}};
    return sn_socket_receive_buffers(scene->pair.server, buffers, 2, SN_FLAG_NONE, &scene->count);
}

static sn_error call_receive_from(struct scene *scene)
{
    sn_endpoint from;
    return sn_socket_receive_from(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &from,
                                  &scene->count);
}

static sn_error call_receive_batch(struct scene *scene)
{
    sn_datagram datagram = {.buffer = {scene->data, 1}};
    return sn_socket_receive_batch(scene->pair.server, &datagram, 1, SN_FLAG_NONE, &scene->count);
}

/* An asynchronous one is before it, so that it queues. */
static sn_error call_receive_behind(struct scene *scene)
{
    scene->first = (sn_operation){.timeout_ms = 600000};
    sn_socket_receive_async(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &scene->first);
    return call_receive(scene);
}

static sn_error call_send(struct scene *scene)
{
    return sn_socket_send(scene->pair.client, large, sizeof large, SN_FLAG_NONE, &scene->count);
}

static sn_error call_send_behind(struct scene *scene)
{
    scene->first = (sn_operation){.timeout_ms = 600000};
    sn_socket_send_async(scene->pair.client, large, sizeof large, SN_FLAG_NONE, &scene->first);
    return sn_socket_send(scene->pair.client, "x", 1, SN_FLAG_NONE, &scene->count);
}

/* To a listener whose queue is full, which no event tells of. */
static sn_error call_connect(struct scene *scene)
{
    sn_endpoint address = local_endpoint(scene->pair.listener);
    sn_error error = SN_OK;
    scene->made = socket_make(UNIX_STREAM);
    while (!error) {
        sn_socket_release(scene->made);
        scene->made = socket_make(UNIX_STREAM);
        error = sn_socket_connect(scene->made, &address);
    }
    return error;
}

static sn_error call_poll(struct scene *scene)
{
    bool is_ready;
    return sn_socket_poll(scene->pair.server, -1, SN_SELECT_READ, &is_ready);
}

static sn_error call_select(struct scene *scene)
{
    sn_socket *sockets[] = {scene->pair.server};
    sn_socket_list list = {.sockets = sockets, .count = 1};
    return sn_socket_select(&list, NULL, NULL, -1);
}

/* Carried by this thread: it is not an engine's. */
static sn_error call_wait_kept(struct scene *scene)
{
    start(scene, 0);
    return sn_operation_wait(&scene->first);
}

static sn_error call_wait_for(struct scene *scene)
{
    start(scene, 0);
    return sn_operation_wait_for(&scene->first, 600000);
}

static sn_error call_wait_any(struct scene *scene)
{
    sn_operation *all[] = {&scene->first};
    size_t index;
    start(scene, 0);
    return sn_operation_wait_any(all, 1, SN_FOREVER, &index);
}

static sn_error call_wait_all(struct scene *scene)
{
    sn_operation *all[] = {&scene->first};
    start(scene, 600000);
    return sn_operation_wait_all(all, 1, SN_FOREVER);
}

static sn_error call_receive_exactly(struct scene *scene)
{
    return sn_socket_receive_exactly(scene->pair.server, scene->data, 1, NULL);
}

static sn_error call_receive_message(struct scene *scene)
{
    sn_buffer buffer = {scene->data, 1};
    sn_message message = {.buffers = &buffer, .buffer_count = 1};
    return sn_socket_receive_message(scene->pair.server, &message, SN_FLAG_NONE);
}

static sn_error call_receive_error(struct scene *scene)
{
    sn_report report = {0};
    return sn_socket_receive_error(scene->pair.server, &report, SN_FLAG_NONE);
}

static sn_error call_relay(struct scene *scene)
{
    return sn_socket_relay(scene->pair.server, scene->pair.client, SN_FOREVER, SN_FOREVER, NULL);
}

/* A server that says nothing. */
static sn_error call_resolve(struct scene *scene)
{
    if (!scene->made)
        scene->made = socket_bound(UDP_IPV4);
    sn_endpoint server = local_endpoint(scene->made);
    const sn_resolver_options options = {
        .servers = &server, .server_count = 1, .attempt_timeout_ms = 60000};
    sn_resolver *resolver = NULL;
    sn_dns_result *result = NULL;
    sn_error error = sn_resolver_create(&options, &resolver);
    if (!error)
        error = sn_resolver_resolve(resolver, "a.example.org", SN_DNS_TYPE_A, SN_FOREVER, &result);
    sn_resolver_release(resolver);
    return error;
}

static const struct waiting_call calls[] = {
    {"receive", call_receive, TCP_IPV4},
    {"receive of a message", call_receive, UNIX_DATAGRAM},
    {"receive_buffers", call_receive_buffers, UNIX_STREAM},
    {"receive_from", call_receive_from, UDP_IPV4},
    {"receive_batch", call_receive_batch, UDP_IPV4},
    {"receive behind", call_receive_behind, TCP_IPV4},
    {"receive_exactly", call_receive_exactly, TCP_IPV4},
    {"receive_message", call_receive_message, UDP_IPV4},
    {"receive_error", call_receive_error, UDP_IPV4},
    {"relay", call_relay, TCP_IPV4},
    {"resolve", call_resolve, UDP_IPV4},
    {"accept", call_accept, TCP_IPV4},
    {"connect", call_connect, UNIX_STREAM},
    {"poll", call_poll, UNIX_STREAM},
    {"select", call_select, TCP_IPV4},
    {"wait, kept", call_wait_kept, TCP_IPV4},
    {"wait, handed", call_wait_handed, TCP_IPV4},
    {"wait_for", call_wait_for, UNIX_STREAM},
    {"wait_any", call_wait_any, UDP_IPV4},
    {"wait_all", call_wait_all, TCP_IPV4},
    {"send behind", call_send_behind, TCP_IPV4},
};

static bool is_receive(const struct waiting_call *call)
{
    return call->call != call_accept && call->call != call_connect &&
           call->call != call_send_behind && call->call != call_receive_error &&
           call->call != call_relay && call->call != call_resolve;
}

static void expect(const struct waiting_call *call, sn_error expected, sn_error error)
{
    row_begin("%s", call->name);
    row_error(expected, error);
}

TEST(a_cancel_from_another_thread_ends_each_call_that_waits)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        struct thread thread;
        scene_open(&scene, calls[i].transport);
        thread_start_blocked(&thread, call_inside, &(struct inside){&scene, &calls[i]});
        sn_cancellation_cancel(scene.cancellation);
        expect(&calls[i], SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
        scene_close(&scene);
    }
    rows_end();
}

TEST(the_time_of_the_handle_ends_each_call_that_waits)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        scene_open(&scene, calls[i].transport);
        assert_ok(sn_cancellation_cancel_after(scene.cancellation, 3));
        expect(&calls[i], SN_ERROR_TIMED_OUT, call_inside(&(struct inside){&scene, &calls[i]}));
        scene_close(&scene);
    }
    rows_end();
}

TEST(a_call_that_would_wait_when_all_is_over_ends_at_once)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        scene_open(&scene, calls[i].transport);
        sn_cancellation_cancel(scene.cancellation);
        expect(&calls[i], SN_ERROR_OPERATION_CANCELED,
               call_inside(&(struct inside){&scene, &calls[i]}));
        scene_close(&scene);
    }
    rows_end();
}

/* And the sockets live on: what comes afterwards is received, also by what goes on pending. */
TEST(a_call_that_was_ended_loses_nothing)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        char byte = 0;
        if (!is_receive(&calls[i]))
            continue;
        scene_open(&scene, calls[i].transport);
        sn_cancellation_cancel(scene.cancellation);
        expect(&calls[i], SN_ERROR_OPERATION_CANCELED,
               call_inside(&(struct inside){&scene, &calls[i]}));
        send_plain(scene.pair.client, "x", 1);
        if (sn_operation_get_kind(&scene.first) == SN_OPERATION_NONE) {
            receive_plain(scene.pair.server, &byte, 1);
        } else {
            row_error(SN_OK, sn_operation_wait(&scene.first));
            byte = scene.data[0];
        }
        row_equal('x', byte);
        scene_close(&scene);
    }
    rows_end();
}

/* --- Calls that need not wait ----------------------------------------------------------------- */

TEST(what_is_there_is_received_when_all_is_over)
{
    struct scene scene;
    sn_cancellation_scope scope;
    bool is_ready = false;
    scene_open(&scene, TCP_IPV4);
    send_plain(scene.pair.client, "xy", 2);
    wait_readable(scene.pair.server);
    sn_cancellation_cancel(scene.cancellation);
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_cancellation_check());
    assert_ok(call_receive(&scene));
    assert_ok(sn_socket_poll(scene.pair.server, -1, SN_SELECT_READ, &is_ready));
    assert_true(is_ready);
    assert_ok(sn_socket_poll(scene.pair.listener, 0, SN_SELECT_READ, &is_ready));
    assert_false(is_ready); /* it only looks */
    assert_ok(call_receive(&scene));
    assert_error(SN_ERROR_OPERATION_CANCELED, call_receive(&scene));
    assert_error(SN_ERROR_OPERATION_CANCELED, call_receive(&scene)); /* and again */
    assert_ok(sn_cancellation_leave(&scope));
    assert_ok(sn_cancellation_check());
    scene_close(&scene);
}

TEST(a_look_at_an_operation_is_no_wait)
{
    struct scene scene;
    sn_cancellation_scope scope;
    scene_open(&scene, TCP_IPV4);
    sn_cancellation_cancel(scene.cancellation);
    start(&scene, 0);
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&scene.first, 0));
    assert_ok(sn_cancellation_leave(&scope));
    send_plain(scene.pair.client, "x", 1);
    wait_readable(scene.pair.server);
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_ok(sn_operation_wait_for(&scene.first, 0));
    assert_ok(sn_operation_wait(&scene.first)); /* it has completed */
    assert_ok(sn_cancellation_leave(&scope));
    scene_close(&scene);
}

/* --- Sends ------------------------------------------------------------------------------------ */

static size_t count_rest(sn_socket *socket)
{
    static char data[1 << 16];
    size_t all = 0, received;
    while (!sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &received) && received > 0)
        all += received;
    return all;
}

/* As by the socket's own time limit: an error, and what went out is told. */
TEST(a_send_whose_scope_s_time_is_over_tells_what_went_out)
{
    const struct waiting_call send = {"send", call_send, TCP_IPV4};
    struct scene scene;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_cancellation_cancel_after(scene.cancellation, 3));
    assert_error(SN_ERROR_TIMED_OUT, call_inside(&(struct inside){&scene, &send}));
    assert_true(scene.count > 0 && scene.count < sizeof large);
    assert_ok(sn_socket_shutdown(scene.pair.client, SN_SHUTDOWN_SEND));
    assert_int_equal(count_rest(scene.pair.server), scene.count);
    scene_close(&scene);
}

/* As every cancel: bytes that have moved are a success with their count. */
TEST(a_send_that_is_cancelled_in_its_scope_tells_what_went_out)
{
    const struct waiting_call send = {"send", call_send, TCP_IPV4};
    struct scene scene;
    struct thread thread;
    scene_open(&scene, TCP_IPV4);
    thread_start_blocked(&thread, call_inside, &(struct inside){&scene, &send});
    sn_cancellation_cancel(scene.cancellation);
    assert_ok(thread_join(&thread));
    assert_true(scene.count > 0 && scene.count < sizeof large);
    assert_ok(sn_socket_shutdown(scene.pair.client, SN_SHUTDOWN_SEND));
    assert_int_equal(count_rest(scene.pair.server), scene.count);
    scene_close(&scene);
}

static sn_error send_outside(void *context)
{
    return call_send(context);
}

/* Two threads send on one stream: one has the send lock, and the other waits for it. */
TEST(a_thread_that_waits_for_its_turn_to_send_is_ended_too)
{
    const struct waiting_call send = {"send", call_send, TCP_IPV4};
    struct scene scene, other;
    struct thread holder, waiting;
    scene_open(&scene, TCP_IPV4);
    other = scene;
    thread_start_blocked(&holder, send_outside, &scene);
    thread_start_blocked(&waiting, call_inside, &(struct inside){&other, &send});
    sn_cancellation_cancel(scene.cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&waiting));
    assert_int_equal(0, other.count);
    sn_socket_close(scene.pair.client);
    assert_true(thread_join(&holder) != SN_OK);
    scene_close(&scene);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_cancel_from_another_thread_ends_each_call_that_waits),
        CASE(the_time_of_the_handle_ends_each_call_that_waits),
        CASE(a_call_that_would_wait_when_all_is_over_ends_at_once),
        CASE(a_call_that_was_ended_loses_nothing),
        CASE(what_is_there_is_received_when_all_is_over),
        CASE(a_look_at_an_operation_is_no_wait),
        CASE(a_send_whose_scope_s_time_is_over_tells_what_went_out),
        CASE(a_send_that_is_cancelled_in_its_scope_tells_what_went_out),
        CASE(a_thread_that_waits_for_its_turn_to_send_is_ended_too),
    };
    return RUN(cases);
}
