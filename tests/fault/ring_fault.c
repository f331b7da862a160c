/*
 * A ring that takes no submissions for now: about every second call says EBUSY, as a kernel does
 * whose completion queue is full. Nothing is lost, nothing is mixed up, everything ends.
 */
#include <errno.h>
#include <liburing.h>

#include "base/base.h"
#include "support/transfer_support.h"

/* X(name, parameters, arguments) of what hands entries over. */
#define SUBMIT_CALL_TABLE(X)                                                                       \
    X(io_uring_submit, (struct io_uring * ring), (ring))                                           \
    X(io_uring_submit_and_get_events, (struct io_uring * ring), (ring))                            \
    X(io_uring_submit_and_wait, (struct io_uring * ring, unsigned count), (ring, count))           \
    X(io_uring_submit_and_wait_timeout,                                                            \
      (struct io_uring * ring, struct io_uring_cqe * *entry, unsigned count,                       \
       struct __kernel_timespec *limit, sigset_t *mask),                                           \
      (ring, entry, count, limit, mask))

static bool is_busy_now; /* the tests have begun */
static bool is_always_busy;
static unsigned refused;

static bool is_refused(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    if (!is_busy_now || (!is_always_busy && (state >> 16) % 2 == 0))
        return false;
    refused++;
    return true;
}

#define X(name, parameters, arguments)                                                             \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        return is_refused() ? -EBUSY : __real_##name arguments;                                    \
    }
SUBMIT_CALL_TABLE(X)
#undef X

static unsigned unregistered; /* so many registrations of an event are refused */

int __real_io_uring_register_eventfd(struct io_uring *ring, int event);
int __wrap_io_uring_register_eventfd(struct io_uring *ring, int event);
int __wrap_io_uring_register_eventfd(struct io_uring *ring, int event)
{
    if (unregistered == 0)
        return __real_io_uring_register_eventfd(ring, event);
    unregistered--;
    return -ENOMEM;
}

enum { MANY = 150, ROUNDS = 20 };

static const int queue_sizes[] = {8, 128};

static struct {
    sn_engine *engine;
    sn_socket *sockets[MANY], *peer;
    sn_endpoint address;
    sn_operation receives[MANY], sends[MANY];
    int numbers[MANY];
    unsigned sent;
} room;

static void open_room(int queue_size)
{
    sn_engine_options options = {.backend = SN_ENGINE_BACKEND_IO_URING, .queue_size = queue_size};
    is_busy_now = false;
    sn_error error = sn_engine_create(&options, &room.engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        SKIP("there is no io_uring here");
    assert_ok(error);
    room.sent = refused = 0;
    room.peer = socket_bound(UDP_IPV4);
    room.address = local_endpoint(room.peer);
    for (int i = 0; i < MANY; i++) {
        room.sockets[i] = socket_bound(UDP_IPV4);
        assert_ok(sn_socket_set_engine(room.sockets[i], room.engine));
    }
    is_busy_now = true;
}

static void run_until(sn_operation *operation)
{
    while (!sn_operation_is_completed(operation))
        assert_ok(sn_engine_run(room.engine, 1, NULL));
}

static void close_room(void)
{
    for (int i = 0; i < MANY; i++)
        sn_socket_release(room.sockets[i]);
    sn_socket_release(room.peer);
    assert_ok(sn_engine_destroy(room.engine));
    is_busy_now = false;
    assert_true(refused > 0);
}

static void start_receives(void (*completed)(sn_operation *))
{
    for (int i = 0; i < MANY; i++) {
        room.receives[i] = (sn_operation){.completed = completed};
        sn_socket_receive_async(room.sockets[i], &room.numbers[i], sizeof room.numbers[i],
                                SN_FLAG_NONE, &room.receives[i]);
    }
}

static void count_sent(sn_operation *operation)
{
    room.sent += operation->error == SN_OK;
}

static void send_number(sn_operation *operation)
{
    ptrdiff_t number = operation - room.receives;
    room.numbers[number] = (int)number;
    room.sends[number] = (sn_operation){.completed = count_sent};
    sn_socket_send_to_async(room.sockets[number], &room.numbers[number], sizeof(int), SN_FLAG_NONE,
                            &room.address, &room.sends[number]);
}

static void wake_all(void)
{
    for (int i = 0; i < MANY; i++) {
        sn_endpoint address = local_endpoint(room.sockets[i]);
        assert_ok(sn_socket_send_to(room.peer, &i, sizeof i, SN_FLAG_NONE, &address, NULL));
    }
}

static void send_through_busy_ring(int queue_size)
{
    bool has_come[MANY] = {false};
    open_room(queue_size);
    start_receives(send_number);
    for (int i = 0; i < 4; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    wake_all();
    for (int i = 0; i < MANY; i++)
        run_until(&room.receives[i]);
    for (int i = 0; i < MANY; i++)
        run_until(&room.sends[i]);
    assert_int_equal(room.sent, MANY);
    for (int i = 0; i < MANY; i++) {
        int number = -1;
        size_t moved;
        assert_ok(sn_socket_receive(room.peer, &number, sizeof number, SN_FLAG_NONE, &moved));
        assert_true(number >= 0 && number < MANY && !has_come[number]);
        has_come[number] = true;
    }
    close_room();
}

TEST(entries_that_wait_for_the_kernel_stay_what_they_are)
{
    for (size_t i = 0; i < ROUNDS; i++)
        send_through_busy_ring(queue_sizes[i % array_count(queue_sizes)]);
}

static void end_through_busy_ring(int queue_size)
{
    open_room(queue_size);
    start_receives(NULL);
    for (int i = 0; i < 4; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    for (int i = 0; i < MANY; i += 2)
        sn_operation_cancel(&room.receives[i]);
    for (int i = 0; i < MANY; i += 2) {
        run_until(&room.receives[i]);
        assert_error(SN_ERROR_OPERATION_CANCELED, room.receives[i].error);
    }
    close_room(); /* ends the others */
    for (int i = 1; i < MANY; i += 2)
        assert_error(SN_ERROR_OPERATION_ABORTED, room.receives[i].error);
}

TEST(operations_are_ended_through_a_ring_that_is_busy)
{
    for (size_t i = 0; i < ROUNDS; i++)
        end_through_busy_ring(queue_sizes[i % array_count(queue_sizes)]);
}

/* More cancels than entries: those that find none are made later, and nobody waits for them. */
static void cancel_without_entries(bool is_destroyed)
{
    open_room(8);
    start_receives(NULL);
    for (int i = 0; i < 40; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    is_always_busy = true;
    for (int i = 0; i < MANY; i++)
        sn_operation_cancel(&room.receives[i]);
    for (int i = 0; i < 5; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    is_always_busy = false;
    for (int i = 0; !is_destroyed && i < MANY; i++)
        run_until(&room.receives[i]);
    close_room();
    for (int i = 0; i < MANY; i++)
        assert_error(SN_ERROR_OPERATION_CANCELED, room.receives[i].error);
}

TEST(cancels_that_find_no_entry_are_made_later)
{
    cancel_without_entries(false);
    cancel_without_entries(true);
}

/* What is closed names no socket any more when the kernel gets its entry at last, and is answered
 * so: an operation that was cancelled before that was cancelled all the same. */
TEST(entries_that_come_after_the_close_tell_what_ended_them)
{
    open_room(8);
    is_always_busy = true;
    start_receives(NULL);
    assert_ok(sn_engine_run(room.engine, 0, NULL));
    for (int i = 0; i < MANY; i += 2)
        sn_operation_cancel(&room.receives[i]);
    assert_ok(sn_engine_run(room.engine, 0, NULL));
    for (int i = 0; i < MANY; i++)
        sn_socket_close(room.sockets[i]);
    is_always_busy = false;
    for (int i = 0; i < MANY; i++) {
        run_until(&room.receives[i]);
        assert_error(i % 2 ? SN_ERROR_OPERATION_ABORTED : SN_ERROR_OPERATION_CANCELED,
                     room.receives[i].error);
    }
    close_room();
}

/* Started while the ring takes nothing: half of them as entries, half as polls, since a receive of
 * no bytes is one. */
TEST(operations_that_find_no_entry_are_begun_later)
{
    open_room(8);
    is_always_busy = true;
    for (int i = 0; i < MANY; i++) {
        bool is_poll = i % 2;
        room.numbers[i] = -1;
        room.receives[i] = (sn_operation){.completed = i % 4 ? count_sent : NULL};
        sn_socket_receive_async(room.sockets[i], is_poll ? NULL : &room.numbers[i],
                                is_poll ? 0 : sizeof(int), SN_FLAG_NONE, &room.receives[i]);
    }
    for (int i = 0; i < 5; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    wake_all();
    is_always_busy = false;
    for (int i = 0; i < MANY; i++) {
        run_until(&room.receives[i]);
        assert_ok(room.receives[i].error);
        if (i % 2) { /* it has told of the datagram and left it */
            size_t moved;
            assert_ok(sn_socket_receive(room.sockets[i], &room.numbers[i], sizeof(int),
                                        SN_FLAG_NONE, &moved));
        }
        assert_int_equal(room.numbers[i], i);
    }
    close_room();
}

TEST(a_ring_that_takes_no_event_has_no_handle_for_now)
{
    sn_handle handle = -7;
    open_room(8);
    is_always_busy = false;
    unregistered = 1;
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_engine_get_handle(room.engine, &handle));
    assert_int_equal(handle, -7);
    assert_ok(sn_engine_get_handle(room.engine, &handle));
    assert_true(handle >= 0);
    sn_operation post = {0};
    sn_engine_post_async(room.engine, &post);
    refused = 1; /* nothing has to be, here */
    run_until(&post);
    close_room();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(entries_that_wait_for_the_kernel_stay_what_they_are),
        CASE(operations_are_ended_through_a_ring_that_is_busy),
        CASE(cancels_that_find_no_entry_are_made_later),
        CASE(entries_that_come_after_the_close_tell_what_ended_them),
        CASE(operations_that_find_no_entry_are_begun_later),
        CASE(a_ring_that_takes_no_event_has_no_handle_for_now),
    };
    return RUN(cases);
}
