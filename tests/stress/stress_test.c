/*
 * Everything at once: four threads and two engine threads on 200 sockets, with random starts,
 * waits, cancels, time limits, closes, releases and blocking calls. At the end every operation has
 * completed, every byte that came was the right one, and no descriptor and no memory is left.
 *
 * SENNIT_STRESS_OPERATIONS says how many operations, SENNIT_STRESS_SEED which ones.
 */
#include "stress/stream.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/test.h"

#include <sched.h>

#include "base/atomic.h"

enum { THREAD_COUNT = 4, PAIR_COUNT = 25 };

struct worker_thread {
    pthread_t id;
    struct randomness randomness;
    sn_socket *listener;
    sn_endpoint address;
    sn_cancellation *cancellation;
    struct stream_pair pairs[PAIR_COUNT];
};

static struct worker_thread threads[THREAD_COUNT];
static sn_engine *engine;
static uint64_t operation_count;

/* --- Making connections ----------------------------------------------------------------------- */

static void started(void)
{
    atomic_add_relaxed(&tally.started, 1u);
}

static sn_error wait_completed(sn_operation *operation)
{
    sn_error error = sn_operation_wait(operation);
    CHECK(sn_operation_is_completed(operation));
    atomic_add_relaxed(&tally.completed, 1u);
    return error;
}

static sn_socket *make_socket(void)
{
    sn_socket *socket = NULL;
    CHECK_OK(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    CHECK_OK(sn_socket_set_engine(socket, engine));
    return socket;
}

/* A connect that is ended early may have been quicker, and then its connection waits in the
 * listener's queue all the same. */
static sn_socket *connect_one(struct worker_thread *thread)
{
    for (;;) {
        sn_socket *socket = make_socket();
        sn_operation operation = {0};
        if (random_once_in(&thread->randomness, 4))
            operation.timeout_ms = 1 + random_below(&thread->randomness, 20);
        started();
        sn_socket_connect_async(socket, &thread->address, &operation);
        if (random_once_in(&thread->randomness, 8))
            sn_operation_cancel(&operation);
        sn_error error = wait_completed(&operation);
        if (!error)
            return socket;
        CHECK(error == SN_ERROR_TIMED_OUT || error == SN_ERROR_OPERATION_CANCELED);
        sn_socket_release(socket);
    }
}

static bool are_connected(sn_socket *client, sn_socket *server)
{
    sn_endpoint local = {0}, remote = {0};
    CHECK_OK(sn_socket_get_local_endpoint(client, &local));
    CHECK_OK(sn_socket_get_remote_endpoint(server, &remote));
    return sn_endpoint_equals(&local, &remote);
}

static sn_socket *accept_one(struct worker_thread *thread, sn_socket *client)
{
    for (;;) {
        sn_operation operation = {.timeout_ms = random_below(&thread->randomness, 3)};
        sn_socket *server = NULL;
        if (random_once_in(&thread->randomness, 4)) {
            CHECK_OK(sn_socket_accept(thread->listener, &server));
        } else {
            started();
            sn_socket_accept_async(thread->listener, NULL, &operation);
            sn_error error = wait_completed(&operation);
            server = operation.socket;
            CHECK(!error == (server != NULL));
            CHECK(!error || error == SN_ERROR_TIMED_OUT);
        }
        if (server && are_connected(client, server))
            return server;
        sn_socket_release(server);
    }
}

static void open_pair(struct worker_thread *thread, struct stream_pair *pair)
{
    sn_socket *ends[2] = {NULL, NULL};
    if (random_once_in(&thread->randomness, 2)) {
        ends[0] = connect_one(thread);
        ends[1] = accept_one(thread, ends[0]);
    } else {
        CHECK_OK(sn_socket_pair(SN_TYPE_STREAM, ends));
        CHECK_OK(sn_socket_set_engine(ends[0], engine));
        CHECK_OK(sn_socket_set_engine(ends[1], engine));
    }
    /* Small enough for sends that go out in parts. */
    if (random_once_in(&thread->randomness, 3))
        CHECK_OK(sn_socket_set_send_buffer_size(ends[0], 4096));
    stream_pair_open(pair, ends);
}

/* --- Operations without a stream -------------------------------------------------------------- */

static void noise_completed(sn_operation *operation)
{
    bool *is_done = operation->context;
    atomic_add_relaxed(&tally.completed, 1u);
    atomic_store_release(is_done, true);
}

static void make_noise(struct worker_thread *thread)
{
    bool is_done = false;
    bool has_callback = random_once_in(&thread->randomness, 2);
    sn_operation operation = {.completed = has_callback ? noise_completed : NULL,
                              .context = &is_done,
                              .cancellation = thread->cancellation};
    started();
    if (random_once_in(&thread->randomness, 2))
        sn_engine_post_async(engine, &operation);
    else
        sn_engine_delay_async(engine, random_below(&thread->randomness, 3), &operation);
    if (random_once_in(&thread->randomness, 2))
        sn_operation_cancel(&operation);
    if (!has_callback) {
        sn_error error = wait_completed(&operation);
        CHECK(!error || error == SN_ERROR_OPERATION_CANCELED || error == SN_ERROR_TIMED_OUT);
    }
    while (has_callback && !atomic_load_acquire(&is_done))
        sched_yield();
}

static void renew_cancellation(struct worker_thread *thread)
{
    if (random_once_in(&thread->randomness, 2))
        sn_cancellation_cancel(thread->cancellation);
    else
        CHECK_OK(sn_cancellation_cancel_after(thread->cancellation,
                                              (int)random_below(&thread->randomness, 3)));
    if (random_once_in(&thread->randomness, 2))
        sn_cancellation_cancel(thread->cancellation);
    sn_cancellation_release(thread->cancellation);
    CHECK_OK(sn_cancellation_create(&thread->cancellation));
}

/* --- The run ---------------------------------------------------------------------------------- */

static void step(struct worker_thread *thread)
{
    struct randomness *randomness = &thread->randomness;
    struct stream_pair *own = &thread->pairs[random_below(randomness, PAIR_COUNT)];
    struct worker_thread *other = &threads[random_below(randomness, THREAD_COUNT)];
    if (random_once_in(randomness, 12))
        stream_pair_disturb(&other->pairs[random_below(randomness, PAIR_COUNT)], randomness);
    else if (random_once_in(randomness, 150))
        make_noise(thread);
    else if (random_once_in(randomness, 200))
        renew_cancellation(thread);
    else if (!stream_pair_is_open(own) || random_once_in(randomness, 400)) {
        stream_pair_end(own, randomness);
        open_pair(thread, own);
    } else {
        stream_pair_step(own, randomness, thread->cancellation);
    }
}

static void *run(void *argument)
{
    struct worker_thread *thread = argument;
    while (atomic_load_relaxed(&tally.started) < operation_count)
        step(thread);
    for (int i = 0; i < PAIR_COUNT; i++)
        stream_pair_end(&thread->pairs[i], &thread->randomness);
    return NULL;
}

static void prepare(struct worker_thread *thread, uint64_t number)
{
    thread->randomness = randomness_of(number);
    thread->listener = make_socket();
    sn_endpoint any = {0};
    CHECK_OK(sn_endpoint_parse("127.0.0.1:0", &any));
    CHECK_OK(sn_socket_bind(thread->listener, &any));
    CHECK_OK(sn_socket_listen(thread->listener, 128));
    CHECK_OK(sn_socket_get_local_endpoint(thread->listener, &thread->address));
    CHECK_OK(sn_cancellation_create(&thread->cancellation));
    for (uint64_t i = 0; i < PAIR_COUNT; i++)
        stream_pair_init(&thread->pairs[i], randomness_of(100 + number * PAIR_COUNT + i));
}

static void report(void)
{
    print_message("%llu operations, %llu of them blocking calls; %llu cancelled, %llu timed out, "
                  "%llu aborted, %llu sends in part; %llu pairs of sockets, %llu bytes\n",
                  (unsigned long long)tally.completed, (unsigned long long)tally.blocking,
                  (unsigned long long)tally.canceled, (unsigned long long)tally.timed_out,
                  (unsigned long long)tally.aborted, (unsigned long long)tally.partial,
                  (unsigned long long)tally.pairs, (unsigned long long)tally.bytes);
}

TEST(random_operations_complete_once_and_lose_no_byte)
{
    stress_skip_without_engine();
    /* What lives as long as the process is made before. */
    sn_operation first = {0};
    sn_engine_post_async(NULL, &first);
    CHECK_OK(sn_operation_wait(&first));

    size_t descriptors_before = descriptors_count();
    allocations_begin();
    operation_count = stress_size(1000000, 100000);
    pattern_prepare();
    engine = stress_engine(2);
    for (uint64_t i = 0; i < THREAD_COUNT; i++)
        prepare(&threads[i], i);
    for (int i = 0; i < THREAD_COUNT; i++)
        CHECK(pthread_create(&threads[i].id, NULL, run, &threads[i]) == 0);
    for (int i = 0; i < THREAD_COUNT; i++)
        CHECK(pthread_join(threads[i].id, NULL) == 0);
    for (int i = 0; i < THREAD_COUNT; i++) {
        sn_cancellation_release(threads[i].cancellation);
        sn_socket_release(threads[i].listener);
    }
    CHECK_OK(sn_engine_destroy(engine));
    report();

    assert_true(tally.completed >= operation_count);
    assert_int_equal(tally.started, tally.completed);
    /* A handle whose time ran is given back by the default engine, in its own time. */
    while (allocations_outstanding() > 0)
        sched_yield();
    allocations_end();
    assert_int_equal(descriptors_count(), descriptors_before);
}

int main(void)
{
    stress_begin("stress_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_complete_once_and_lose_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
