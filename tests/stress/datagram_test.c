/*
 * Datagrams one by one, over a pair of Unix sockets, which lose nothing: each number arrives once,
 * whatever has ended the call that carried it. Nearly all are started in the callback of the one
 * before, many at a time, and so go the fast way; some have a limit, some are cancelled by a
 * callback or by another thread, and two threads send and receive beside them by blocking calls.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/base.h"
#include "stress/stress.h"
#include "support/descriptors.h"
#include "support/test.h"

enum { SLOTS = 40, LIMIT_MS = 5 };

static struct {
    sn_socket *ends[2];
    uint32_t numbers;
    uint32_t next;     /* atomic: the next number that nobody has taken */
    uint32_t *arrived; /* atomic, one for each number */
    uint32_t count;    /* atomic: all that have arrived */
    uint32_t cut;      /* atomic: operations that were ended without a datagram */
    uint32_t running;  /* atomic: slots that go on */
} room;

/* One operation that is started again and again, always by its own callback. */
struct slot {
    sn_operation operation;
    bool is_send, is_started;
    uint32_t value;
    sn_endpoint from;
    struct randomness randomness;
};

static struct slot slots[SLOTS]; /* senders and receivers in turn */

static bool is_end(sn_error error)
{
    return error == SN_ERROR_TIMED_OUT || error == SN_ERROR_OPERATION_CANCELED ||
           error == SN_ERROR_WOULD_BLOCK;
}

static void arrive(uint32_t value, size_t size)
{
    CHECK(size == sizeof value);
    CHECK(value < room.numbers);
    CHECK(atomic_add_relaxed(&room.arrived[value], 1u) == 0);
    atomic_add_acq_rel(&room.count, 1u);
}

static bool take_number(uint32_t *out_value)
{
    *out_value = atomic_add_relaxed(&room.next, 1u);
    return *out_value < room.numbers;
}

static bool have_all_arrived(void)
{
    return atomic_load_acquire(&room.count) == room.numbers;
}

static void start(struct slot *slot)
{
    sn_operation *operation = &slot->operation;
    bool is_named = random_once_in(&slot->randomness, 2);
    operation->timeout_ms = random_once_in(&slot->randomness, 3)
                                ? (sn_milliseconds)(1 + random_below(&slot->randomness, LIMIT_MS))
                                : 0;
    CHECK(!slot->is_started);
    slot->is_started = true;
    if (slot->is_send)
        CHECK(sn_socket_send_async(room.ends[0], &slot->value, sizeof slot->value, SN_FLAG_NONE,
                                   operation));
    else if (is_named)
        CHECK(sn_socket_receive_from_async(room.ends[1], &slot->value, sizeof slot->value,
                                           SN_FLAG_NONE, &slot->from, operation));
    else
        CHECK(sn_socket_receive_async(room.ends[1], &slot->value, sizeof slot->value, SN_FLAG_NONE,
                                      operation));
}

/* What has moved is told, whatever was asked of it meanwhile; and what has not goes once more. */
static bool goes_on(struct slot *slot)
{
    sn_error error = slot->operation.error;
    CHECK(!error || is_end(error));
    CHECK(error ? slot->operation.transferred == 0
                : slot->operation.transferred == sizeof slot->value);
    if (error) {
        atomic_add_relaxed(&room.cut, 1u);
        return slot->is_send || !have_all_arrived();
    }
    if (slot->is_send)
        return take_number(&slot->value);
    arrive(slot->value, slot->operation.transferred);
    return !have_all_arrived();
}

static void on_completed(sn_operation *operation)
{
    struct slot *slot = operation->context;
    CHECK(slot->is_started); /* once for each start */
    slot->is_started = false;
    if (random_once_in(&slot->randomness, 50)) { /* one of the same worker, often in the same row */
        uint32_t other = random_below(&slot->randomness, SLOTS / 2) * 2 + !slot->is_send;
        sn_operation_cancel(&slots[other].operation);
    }
    if (goes_on(slot))
        start(slot);
    else
        atomic_sub_acq_rel(&room.running, 1u);
}

static void begin_all(void)
{
    atomic_store_release(&room.running, (uint32_t)SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++) {
        slots[i] = (struct slot){.is_send = i % 2 == 0, .randomness = randomness_of(i)};
        slots[i].operation.completed = on_completed;
        slots[i].operation.context = &slots[i];
        if (slots[i].is_send)
            CHECK(take_number(&slots[i].value));
    }
    for (uint32_t i = 0; i < SLOTS; i++)
        start(&slots[i]);
}

static void *cancel_some(void *context)
{
    struct randomness randomness = randomness_of(SLOTS);
    (void)context;
    while (atomic_load_acquire(&room.running) > 0) {
        sn_operation_cancel(&slots[random_below(&randomness, SLOTS)].operation);
        if (have_all_arrived())
            sn_socket_cancel(room.ends[1]); /* the receivers that wait for more */
        sched_yield();
    }
    return NULL;
}

static void *send_some(void *context)
{
    uint32_t value;
    (void)context;
    while (take_number(&value)) {
        sn_error error;
        do
            error = sn_socket_send(room.ends[0], &value, sizeof value, SN_FLAG_NONE, NULL);
        while (is_end(error));
        CHECK_OK(error);
    }
    return NULL;
}

static void *receive_some(void *context)
{
    (void)context;
    while (!have_all_arrived()) {
        uint32_t value;
        size_t size;
        sn_error error = sn_socket_receive(room.ends[1], &value, sizeof value, SN_FLAG_NONE, &size);
        CHECK(!error || is_end(error));
        if (!error)
            arrive(value, size);
    }
    return NULL;
}

TEST(each_datagram_arrives_once_however_its_operation_ended)
{
    static void *(*const bodies[])(void *) = {cancel_some, send_some, receive_some};
    pthread_t threads[array_count(bodies)];
    stress_skip_without_engine();
    size_t descriptors_before = descriptors_count();
    sn_engine *engine = stress_engine(2);
    room.numbers = (uint32_t)stress_size(400000, 30000);
    room.arrived = calloc(room.numbers, sizeof *room.arrived);
    assert_non_null(room.arrived);
    assert_ok(sn_socket_pair(SN_TYPE_DATAGRAM, room.ends));
    for (int i = 0; i < 2; i++) {
        assert_ok(sn_socket_set_engine(room.ends[i], engine));
        assert_ok(sn_socket_set_send_timeout(room.ends[i], LIMIT_MS));
        assert_ok(sn_socket_set_receive_timeout(room.ends[i], LIMIT_MS));
    }
    begin_all();
    for (size_t i = 0; i < array_count(bodies); i++)
        CHECK(pthread_create(&threads[i], NULL, bodies[i], NULL) == 0);
    for (size_t i = 0; i < array_count(bodies); i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    assert_int_equal(room.count, room.numbers);
    assert_true(room.cut > 0);
    sn_socket_release(room.ends[0]);
    sn_socket_release(room.ends[1]);
    assert_ok(sn_engine_destroy(engine));
    free(room.arrived);
    assert_int_equal(descriptors_count(), descriptors_before);
}

int main(void)
{
    stress_begin("datagram_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_datagram_arrives_once_however_its_operation_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
