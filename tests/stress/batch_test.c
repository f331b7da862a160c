/*
 * Batches of datagrams by several threads at once, over one pair of Unix sockets, which lose
 * nothing: each number that was sent arrives once, whatever ended the batch that carried it. Some
 * batches block, some are called back, some are waited for; some have a time limit or are cancelled
 * on their way, and then tell how many of their records have moved.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include <sennit/batch.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/descriptors.h"
#include "support/test.h"

enum { SENDERS = 2, RECEIVERS = 2, BATCH_MAX = 80, LIMIT_MS = 5 };

static struct {
    sn_socket *ends[2];
    uint32_t numbers;  /* of each sender */
    uint32_t *arrived; /* atomic, one for each number */
    uint32_t count;    /* atomic: all that have arrived */
    uint32_t cut;      /* atomic: batches that were ended with a part moved, or nothing */
} room;

struct worker_thread {
    pthread_t id;
    uint32_t number;
    struct randomness randomness;
    sn_datagram datagrams[BATCH_MAX];
    uint32_t values[BATCH_MAX];
    sn_operation operation;
    uint32_t is_called; /* atomic */
};

static void note_called(sn_operation *operation)
{
    struct worker_thread *thread = operation->context;
    atomic_store_release(&thread->is_called, 1u);
}

static bool is_end(sn_error error)
{
    return error == SN_ERROR_TIMED_OUT || error == SN_ERROR_OPERATION_CANCELED ||
           error == SN_ERROR_WOULD_BLOCK;
}

typedef bool (*start_function)(sn_socket *socket, sn_datagram *datagrams, size_t count,
                               sn_flags flags, sn_operation *operation);

/* Until it has completed, which it does by itself or because it has taken too long: another thread
 * may have got the last datagram. Its callback runs after that. */
static void await(struct worker_thread *thread)
{
    sn_operation *operation = &thread->operation;
    bool is_hasty = random_once_in(&thread->randomness, 3);
    if (sn_operation_wait_for(operation, is_hasty ? 0 : LIMIT_MS) == SN_ERROR_TIMED_OUT)
        sn_operation_cancel(operation);
    (void)!sn_operation_wait(operation);
    while (operation->completed && !atomic_load_acquire(&thread->is_called))
        sched_yield();
}

/* How many have moved. */
static size_t move_asynchronously(struct worker_thread *thread, start_function start,
                                  sn_socket *socket, size_t count)
{
    sn_operation *operation = &thread->operation;
    *operation = (sn_operation){.context = thread};
    atomic_store_release(&thread->is_called, 0u);
    if (random_once_in(&thread->randomness, 2))
        operation->completed = note_called;
    if (random_once_in(&thread->randomness, 2))
        operation->timeout_ms = 1 + random_below(&thread->randomness, LIMIT_MS);
    CHECK(start(socket, thread->datagrams, count, SN_FLAG_NONE, operation));
    await(thread);
    size_t moved = sn_operation_get_datagram_count(operation);
    CHECK(moved <= count);
    CHECK(!operation->error || is_end(operation->error));
    if (moved < count)
        atomic_add_relaxed(&room.cut, 1u);
    return moved;
}

static void prepare(struct worker_thread *thread, size_t count)
{
    for (size_t i = 0; i < count; i++)
        thread->datagrams[i] =
            (sn_datagram){.buffer = {&thread->values[i], sizeof thread->values[i]}};
}

static size_t send_some(struct worker_thread *thread, size_t count)
{
    size_t moved = 0;
    if (random_once_in(&thread->randomness, 2))
        return move_asynchronously(thread, sn_socket_send_batch_async, room.ends[0], count);
    sn_error error =
        sn_socket_send_batch(room.ends[0], thread->datagrams, count, SN_FLAG_NONE, &moved);
    CHECK(!error || is_end(error));
    return moved;
}

static void *send_all(void *context)
{
    struct worker_thread *thread = context;
    uint32_t next = 0;
    while (next < room.numbers) {
        uint32_t count = 1 + random_below(&thread->randomness, BATCH_MAX);
        if (count > room.numbers - next)
            count = room.numbers - next;
        prepare(thread, count);
        for (uint32_t i = 0; i < count; i++)
            thread->values[i] = thread->number * room.numbers + next + i;
        next += (uint32_t)send_some(thread, count); /* the rest goes with the next */
    }
    return NULL;
}

static size_t receive_some(struct worker_thread *thread, size_t count)
{
    size_t moved = 0;
    if (random_once_in(&thread->randomness, 2))
        return move_asynchronously(thread, sn_socket_receive_batch_async, room.ends[1], count);
    sn_error error =
        sn_socket_receive_batch(room.ends[1], thread->datagrams, count, SN_FLAG_NONE, &moved);
    CHECK(!error || is_end(error));
    return moved;
}

static void *receive_all(void *context)
{
    struct worker_thread *thread = context;
    while (atomic_load_acquire(&room.count) < SENDERS * room.numbers) {
        uint32_t count = 1 + random_below(&thread->randomness, BATCH_MAX);
        prepare(thread, count);
        size_t moved = receive_some(thread, count);
        for (size_t i = 0; i < moved; i++) {
            CHECK(thread->datagrams[i].transferred == sizeof thread->values[i]);
            CHECK(thread->values[i] < SENDERS * room.numbers);
            uint32_t before = atomic_add_relaxed(&room.arrived[thread->values[i]], 1u);
            CHECK(before == 0);
        }
        atomic_add_acq_rel(&room.count, (uint32_t)moved);
    }
    return NULL;
}

TEST(each_datagram_arrives_once_however_its_batch_ended)
{
    stress_skip_without_engine();
    static struct worker_thread threads[SENDERS + RECEIVERS];
    size_t descriptors_before = descriptors_count();
    sn_engine *engine = stress_engine(2);
    room.numbers = (uint32_t)stress_size(200000, 20000);
    room.arrived = calloc((size_t)SENDERS * room.numbers, sizeof *room.arrived);
    assert_non_null(room.arrived);
    assert_ok(sn_socket_pair(SN_TYPE_DATAGRAM, room.ends));
    for (int i = 0; i < 2; i++) {
        assert_ok(sn_socket_set_engine(room.ends[i], engine));
        assert_ok(sn_socket_set_send_timeout(room.ends[i], LIMIT_MS));
        assert_ok(sn_socket_set_receive_timeout(room.ends[i], LIMIT_MS));
    }
    for (uint32_t i = 0; i < SENDERS + RECEIVERS; i++) {
        threads[i].number = i;
        threads[i].randomness = randomness_of(i);
        CHECK(pthread_create(&threads[i].id, NULL, i < SENDERS ? send_all : receive_all,
                             &threads[i]) == 0);
    }
    for (uint32_t i = 0; i < SENDERS + RECEIVERS; i++)
        CHECK(pthread_join(threads[i].id, NULL) == 0);
    assert_int_equal(room.count, SENDERS * room.numbers);
    assert_true(room.cut > 0);
    sn_socket_release(room.ends[0]);
    sn_socket_release(room.ends[1]);
    assert_ok(sn_engine_destroy(engine));
    free(room.arrived);
    /* Each thread's wake event has gone with it. */
    assert_int_equal(descriptors_count(), descriptors_before);
}

int main(void)
{
    stress_begin("batch_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_datagram_arrives_once_however_its_batch_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
