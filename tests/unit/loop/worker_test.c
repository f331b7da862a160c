#include "unit/engine/engines.h"

#include <pthread.h>

#include "engine/engine_object.h"
#include "loop/worker.h"
#include "socket/object/object.h"
#include "stress/stress.h"
#include "support/descriptors.h"

/* --- Order ------------------------------------------------------------------------------------ */

enum { QUEUED = 5 };

static sn_operation *completed_order[16];
static uint32_t completed_count;

static void note_order(sn_operation *operation)
{
    completed_order[completed_count++] = operation;
}

TEST(operations_of_one_direction_complete_in_the_order_they_were_started)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operations[QUEUED];
    char data[QUEUED];
    completed_count = 0;
    use_engine(pair.server, engine);
    for (int i = 0; i < QUEUED; i++) {
        operations[i] = (sn_operation){.completed = note_order};
        sn_socket_receive_async(pair.server, &data[i], 1, SN_FLAG_NONE, &operations[i]);
    }
    run_ready(engine);
    send_text(pair.client, "12345");
    assert_ok(run_until(engine, &operations[QUEUED - 1]));
    for (int i = 0; i < QUEUED; i++)
        assert_ptr_equal(completed_order[i], &operations[i]);
    assert_memory_equal(data, "12345", QUEUED);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(both_directions_of_a_socket_go_on_at_once)
{
    static char large[4 << 20];
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    uint32_t count = 0;
    char data[8];
    sn_operation send = {.completed = count_completed, .context = &count}, receive = send;
    use_engine(pair.client, engine);
    sn_socket_send_async(pair.client, large, sizeof large, SN_FLAG_NONE, &send);
    sn_socket_receive_async(pair.client, data, sizeof data, SN_FLAG_NONE, &receive);
    run_ready(engine);
    assert_int_equal(count, 0);
    send_text(pair.server, "answer");
    assert_ok(run_until(engine, &receive)); /* while the send is blocked */
    assert_false(sn_operation_is_completed(&send));
    sn_operation_cancel(&send);
    assert_ok(run_until(engine, &send)); /* what has moved is never hidden */
    assert_true(send.transferred > 0 && send.transferred < sizeof large);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

/* --- Time limits ------------------------------------------------------------------------------ */

TEST(an_operation_ends_at_its_own_time_limit)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[8];
    sn_operation first = {0}, second = {.timeout_ms = 2};
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &first);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &second); /* behind the other */
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&second));
    assert_false(sn_operation_is_completed(&first));
    send_text(pair.client, "x");
    assert_ok(sn_operation_wait(&first));
    second.timeout_ms = INT64_MAX;
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &second);
    sn_operation_cancel(&second);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&second));
    pair_release(&pair);
    destroy_engine(engine);
}

/* --- A connect that goes on ------------------------------------------------------------------- */

/* The second attempt has a new descriptor under the old number, which the back-end must notice. */
TEST(a_connect_goes_on_with_the_next_address)
{
    sn_engine *engine = engine_of(state, 1);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *socket = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    sn_ip_address addresses[4];
    assert_ok(sn_ip_address_parse("127.0.0.2", &addresses[0])); /* nobody listens there */
    addresses[1] = addresses[2] = addresses[0];
    addresses[3] = SN_IPV4_LOOPBACK;
    sn_operation operation = {0};
    use_engine(socket, engine);
    sn_socket_connect_addresses_async(socket, addresses, 4, sn_endpoint_get_port(&address),
                                      &operation);
    assert_ok(sn_operation_wait(&operation));
    sn_socket *accepted = NULL;
    assert_ok(sn_socket_accept(listener, &accepted));
    send_text(socket, "there");
    assert_receives(accepted, "there");
    sn_socket_release(accepted);
    sn_socket_release(socket);
    sn_socket_release(listener);
    destroy_engine(engine);
}

/* --- Stopping --------------------------------------------------------------------------------- */

struct rest {
    sn_socket *socket; /* whose worker has stopped when the callback runs */
    sn_operation receive, delay, post;
    uint32_t *count;
    char byte;
};

static void start_rest(sn_operation *operation)
{
    struct rest *rest = operation->context;
    rest->receive = (sn_operation){.completed = count_completed, .context = rest->count};
    rest->delay = rest->post = rest->receive;
    sn_socket_receive_async(rest->socket, &rest->byte, 1, SN_FLAG_NONE, &rest->receive);
    sn_engine *engine = rest->socket->descriptor.worker->engine;
    sn_engine_delay_async(engine, 100000, &rest->delay);
    sn_engine_post_async(engine, &rest->post);
    atomic_add_acq_rel(rest->count, 1u);
}

static void stop_with_callbacks(void **state, int threads)
{
    sn_engine *engine = engine_of(state, threads);
    struct socket_pair pairs[] = {pair_connected(TCP_IPV4), pair_connected(TCP_IPV4)};
    uint32_t count = 0;
    struct rest rests[2];
    sn_operation operations[2];
    char data[2];
    use_engine(pairs[0].server, engine);
    use_engine(pairs[1].server, engine);
    for (int i = 0; i < 2; i++) {
        rests[i] = (struct rest){.socket = pairs[!i].server, .count = &count};
        operations[i] = (sn_operation){.completed = start_rest, .context = &rests[i]};
        sn_socket_receive_async(pairs[i].server, &data[i], 1, SN_FLAG_NONE, &operations[i]);
    }
    destroy_engine(engine);
    assert_int_equal(count, 8);
    for (int i = 0; i < 2; i++) {
        assert_error(SN_ERROR_OPERATION_ABORTED, operations[i].error);
        assert_error(SN_ERROR_OPERATION_ABORTED, rests[i].receive.error);
        assert_error(SN_ERROR_OPERATION_ABORTED, rests[i].delay.error);
        assert_ok(rests[i].post.error);
        send_text(pairs[i].client, "alive");
        assert_receives(pairs[i].server, "alive");
        pair_release(&pairs[i]);
    }
}

TEST(what_the_last_callbacks_start_completes_too)
{
    stop_with_callbacks(state, 1);
    stop_with_callbacks(state, 2);
    stop_with_callbacks(state, 0);
}

TEST(everything_that_is_pending_completes_as_aborted_when_the_engine_goes)
{
    static char large[32 << 20]; /* more than both ends of a connection take */
    sn_engine *engine = engine_of(state, 2);
    size_t before = descriptors_count();
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *udp = socket_bound(UDP_IPV4);
    sn_operation operations[7] = {0};
    sn_endpoint from;
    char data[8];
    use_engine(pair.server, engine);
    use_engine(listener, engine);
    use_engine(udp, engine);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &operations[0]);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &operations[1]);
    sn_socket_accept_async(listener, NULL, &operations[2]);
    sn_socket_receive_from_async(udp, data, 1, SN_FLAG_NONE, &from, &operations[3]);
    sn_socket_receive_async(udp, NULL, 0, SN_FLAG_NONE, &operations[4]);
    sn_engine_delay_async(engine, 100000, &operations[5]);
    operations[6].timeout_ms = 100000;
    sn_socket_send_async(pair.server, large, sizeof large, SN_FLAG_NONE, &operations[6]);
    destroy_engine(engine);
    for (int i = 0; i < 7; i++) {
        assert_true(sn_operation_is_completed(&operations[i]));
        assert_error(SN_ERROR_OPERATION_ABORTED, operations[i].error);
    }
    pair_release(&pair);
    sn_socket_release(listener);
    sn_socket_release(udp);
    assert_true(descriptors_count() < before);
}

/* --- A flat stack ----------------------------------------------------------------------------- */

static uint32_t rounds_left;

static void go_again(sn_operation *operation)
{
    if (--rounds_left > 0)
        sn_engine_post_async(operation->context, operation);
}

/* The thread that drives an engine is the one that destroys it. */
static void *run_many(void *argument)
{
    sn_engine *engine = argument;
    sn_operation operation = {.completed = go_again, .context = engine};
    sn_engine_post_async(engine, &operation);
    while (rounds_left > 0)
        if (sn_engine_run(engine, SN_FOREVER, NULL))
            return engine;
    return sn_engine_destroy(engine) ? engine : NULL;
}

TEST(back_to_back_completions_need_a_small_stack)
{
    sn_engine *engine = engine_of(state, 0);
    pthread_attr_t attributes;
    pthread_t thread;
    void *failed = engine;
    rounds_left = STRESS_IS_SANITIZED ? 100000 : 1000000;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    /* The least that glibc gives on ARM of 64 bits; a sanitizer's frames are several times as
     * large.
     */
    size_t size = STRESS_IS_SANITIZED ? 512 << 10 : 128 << 10;
    assert_int_equal(pthread_attr_setstacksize(&attributes, size), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_many, engine), 0);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    pthread_attr_destroy(&attributes);
}

/* --- Spinning --------------------------------------------------------------------------------- */

/* The one it waits for may have a processor of its own. */
TEST(a_worker_of_a_process_with_one_processor_looks_on_too)
{
    cpu_set_t before, one;
    size_t processor = 0;
    if (sys_processor_count_online() < 2)
        SKIP("this machine has one processor");
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(processor, &before))
        processor++;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    uint32_t online = sys_processor_count_online(), allowed = sys_processor_count();
    sn_engine_options options = {.backend = (sn_engine_backend)(intptr_t)*state, .spin_us = 50};
    sn_engine *engine = engine_with(options);
    int64_t spin_ns = engine->workers->spin_ns;
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(allowed, 1);
    assert_true(online > 1);
    assert_int_equal(spin_ns, 50000);
    destroy_engine(engine);
}

TEST(a_worker_that_looks_on_keeps_the_time_of_a_delay)
{
    sn_engine_options options = {.backend = (sn_engine_backend)(intptr_t)*state, .spin_us = 1000};
    sn_engine *engine = engine_with(options);
    for (int i = 0; i < 20; i++) {
        sn_operation delay = {0};
        sn_engine_delay_async(engine, 1, &delay);
        assert_ok(run_until(engine, &delay));
    }
    destroy_engine(engine);
}

/* --- Shutting --------------------------------------------------------------------------------- */

TEST(a_worker_is_not_shut_while_somebody_may_push)
{
    sn_engine *engine = engine_of(state, 0);
    struct worker *worker = engine->workers;
    assert_true(worker_ref(worker));
    assert_false(worker_shut(worker));
    worker_unref(worker);
    assert_true(worker_shut(worker));
    assert_false(worker_ref(worker));
    worker_open_again(worker);
    assert_true(worker_ref(worker));
    worker_unref(worker);
    destroy_engine(engine);
}

TEST(a_worker_is_not_shut_with_work_to_do)
{
    sn_engine *engine = engine_of(state, 0);
    sn_operation post = {0};
    sn_engine_post_async(engine, &post);
    assert_false(worker_shut(engine->workers));
    assert_ok(run_until(engine, &post)); /* it is open as before */
    assert_true(worker_shut(engine->workers));
    worker_open_again(engine->workers);
    destroy_engine(engine);
}

/* --- Cancelled on the way --------------------------------------------------------------------- */

static struct {
    struct bare bare;
    sn_operation first, second;
    char data[2];
} early;

static void start_receive(struct worker *worker, sn_operation *operation, char *data)
{
    struct descriptor *descriptor = &early.bare.descriptor;
    assert_true(operation_begin(operation, SN_OPERATION_RECEIVE));
    record_of(operation)->owner = descriptor;
    record_of(operation)->action = ACTION_RECEIVE;
    record_of(operation)->direction = DIRECTION_IN;
    record_of(operation)->buffer = (sn_buffer){.data = data, .size = 1};
    assert_true(descriptor_ref(descriptor));
    if (operation == &early.second)
        sn_operation_cancel(operation); /* as by another thread, before the worker has it */
    worker_start_here(worker, descriptor, operation, DIRECTION_IN);
}

static void start_cancelled(sn_operation *operation)
{
    struct worker *worker = worker_current();
    int32_t native = 0;
    assert_ptr_equal(descriptor_bind(&early.bare.descriptor, operation->context, &native), worker);
    start_receive(worker, &early.first, &early.data[0]);
    start_receive(worker, &early.second, &early.data[1]);
}

TEST(a_cancel_that_comes_before_its_operation_does_not_wait_for_what_is_in_front)
{
    sn_engine *engine = engine_of(state, 0);
    sn_operation post = {.completed = start_cancelled, .context = engine};
    uint32_t count = 0;
    memset(&early, 0, sizeof early);
    bare_open(&early.bare, SOCK_STREAM);
    early.first = early.second = (sn_operation){.completed = count_completed, .context = &count};
    sn_engine_post_async(engine, &post);
    run_ready(engine);
    assert_int_equal(count, 1);
    assert_true(sn_operation_is_completed(&early.second));
    assert_int_equal(record_of(&early.second)->native_result, OUTCOME_CANCELED);
    assert_int_equal(send(early.bare.peer, "x", 1, 0), 1);
    assert_ok(run_until(engine, &early.first));
    assert_int_equal(early.data[0], 'x');
    bare_begin_close(&early.bare);
    run_ready(engine);
    bare_close(&early.bare);
    destroy_engine(engine);
}

/* --- A send in parts, from a callback --------------------------------------------------------- */

static char parts[8 << 20];
static sn_operation parts_send;

static void send_parts(sn_operation *operation)
{
    static const sn_buffer pieces[] = {{parts, 1000}, {parts + 1000, sizeof parts - 1000}};
    parts_send = (sn_operation){.completed = count_completed, .context = &completed_count};
    sn_socket_send_buffers_async(operation->context, pieces, 2, SN_FLAG_NONE, &parts_send);
}

TEST(a_send_of_pieces_that_a_callback_starts_goes_on_until_all_is_sent)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation post = {.completed = send_parts, .context = pair.client}, first = {0};
    char byte;
    completed_count = 0;
    for (size_t i = 0; i < sizeof parts; i++)
        parts[i] = (char)(i * 31 >> 3);
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 65536)); /* so that some is left */
    use_engine(pair.client, engine);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &first); /* binds it */
    run_ready(engine);
    sn_engine_post_async(engine, &post);
    run_ready(engine);
    assert_int_equal(completed_count, 0);
    for (size_t at = 0; at < sizeof parts;) {
        static char received[1 << 16];
        size_t moved;
        assert_ok(sn_engine_run(engine, 0, NULL));
        assert_ok(sn_socket_receive(pair.server, received, sizeof received, SN_FLAG_NONE, &moved));
        assert_memory_equal(received, &parts[at], moved);
        at += moved;
    }
    assert_ok(run_until(engine, &parts_send));
    assert_int_equal(parts_send.transferred, sizeof parts);
    sn_operation_cancel(&first);
    run_ready(engine);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(operations_of_one_direction_complete_in_the_order_they_were_started),
        ON_BOTH(both_directions_of_a_socket_go_on_at_once),
        ON_BOTH(an_operation_ends_at_its_own_time_limit),
        ON_BOTH(a_connect_goes_on_with_the_next_address),
        ON_BOTH(what_the_last_callbacks_start_completes_too),
        ON_BOTH(everything_that_is_pending_completes_as_aborted_when_the_engine_goes),
        ON_BOTH(a_worker_of_a_process_with_one_processor_looks_on_too),
        ON_BOTH(a_worker_that_looks_on_keeps_the_time_of_a_delay),
        ON_BOTH(a_worker_is_not_shut_while_somebody_may_push),
        ON_BOTH(a_worker_is_not_shut_with_work_to_do),
        ON_BOTH(a_cancel_that_comes_before_its_operation_does_not_wait_for_what_is_in_front),
        ON_BOTH(a_send_of_pieces_that_a_callback_starts_goes_on_until_all_is_sent),
        ON_BOTH(back_to_back_completions_need_a_small_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
