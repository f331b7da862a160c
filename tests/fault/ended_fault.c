/*
 * A kernel that refuses to wait: for a while, or for good. An engine goes on where it can, and
 * where it cannot, everything that it has ends with the reason: nothing hangs, and no core is
 * burnt.
 */
#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "sys/sys.h"

/* --- What the kernel says --------------------------------------------------------------------- */

static int refusal;         /* atomic: -errno for each call, 0: the real thing */
static unsigned rest;       /* atomic: so many more calls are refused; UINT_MAX: all */
static atomic_bool is_made; /* the call is made, and only its result is another one */
static unsigned call_count; /* atomic */

static void kernel_refuses(int native, unsigned count)
{
    atomic_store_release(&rest, count);
    atomic_store_release(&call_count, 0u);
    atomic_store_release(&refusal, -native);
}

static int refusal_now(void)
{
    int result = atomic_load_acquire(&refusal);
    if (result == 0)
        return 0;
    atomic_add_acq_rel(&call_count, 1u);
    if (atomic_load_acquire(&rest) == UINT32_MAX)
        return result;
    if (atomic_load_acquire(&rest) == 0)
        return 0;
    atomic_sub_acq_rel(&rest, 1u);
    return result;
}

/* X(name, parameters, arguments) of every call in which a worker sleeps. */
#define WAIT_CALL_TABLE(X)                                                                         \
    X(io_uring_submit, (struct io_uring * ring), (ring))                                           \
    X(io_uring_submit_and_get_events, (struct io_uring * ring), (ring))                            \
    X(io_uring_submit_and_wait, (struct io_uring * ring, unsigned count), (ring, count))           \
    X(io_uring_submit_and_wait_timeout,                                                            \
      (struct io_uring * ring, struct io_uring_cqe * *entry, unsigned count,                       \
       struct __kernel_timespec *limit, sigset_t *mask),                                           \
      (ring, entry, count, limit, mask))                                                           \
    X(sys_epoll_wait,                                                                              \
      (int32_t epoll, struct epoll_event * events, int32_t count, int64_t deadline_ns),            \
      (epoll, events, count, deadline_ns))

#define X(name, parameters, arguments)                                                             \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int result = refusal_now();                                                                \
        if (result == 0 || is_made) {                                                              \
            int real = __real_##name arguments;                                                    \
            result = result ? result : real;                                                       \
        }                                                                                          \
        return result;                                                                             \
    }
WAIT_CALL_TABLE(X)
#undef X

/* --- An engine with one of everything --------------------------------------------------------- */

enum { PENDING = 8 };

static struct {
    sn_engine *engine;
    struct socket_pair pair;
    sn_socket *listener, *udp;
    sn_operation pending[PENDING];
    char data[PENDING][8];
    uint32_t count; /* atomic: callbacks */
} room;

static void count_one(sn_operation *operation)
{
    (void)operation;
    atomic_add_acq_rel(&room.count, 1u);
}

static bool engine_open(sn_engine_backend backend, int threads)
{
    sn_engine_options options = {.threads = threads, .backend = backend};
    sn_error error = sn_engine_create(&options, &room.engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        return false;
    assert_ok(error);
    return true;
}

static bool room_open(sn_engine_backend backend, int threads)
{
    memset(&room, 0, sizeof room);
    is_made = false;
    kernel_refuses(0, 0);
    if (!engine_open(backend, threads))
        return false;
    room.pair = pair_connected(TCP_IPV4);
    room.listener = socket_listening(TCP_IPV4, 4);
    room.udp = socket_bound(UDP_IPV4);
    assert_ok(sn_socket_set_engine(room.pair.server, room.engine));
    assert_ok(sn_socket_set_engine(room.listener, room.engine));
    assert_ok(sn_socket_set_engine(room.udp, room.engine));
    return true;
}

static void start_pending(void)
{
    static char large[8 << 20];
    sn_operation *pending = room.pending;
    for (int i = 0; i < PENDING; i++)
        pending[i] = (sn_operation){.completed = count_one};
    sn_socket_receive_async(room.pair.server, room.data[0], 8, SN_FLAG_NONE, &pending[0]);
    sn_socket_receive_async(room.pair.server, room.data[1], 8, SN_FLAG_NONE, &pending[1]);
    sn_socket_accept_async(room.listener, NULL, &pending[2]);
    sn_engine_delay_async(room.engine, 1000000, &pending[3]);
    pending[4].timeout_ms = 1000000;
    sn_socket_receive_async(room.udp, room.data[4], 8, SN_FLAG_NONE, &pending[4]);
    sn_socket_receive_async(room.udp, NULL, 0, SN_FLAG_NONE, &pending[5]);
    sn_engine_delay_async(room.engine, INT64_MAX, &pending[6]);
    sn_socket_send_async(room.pair.server, large, sizeof large, SN_FLAG_NONE, &pending[7]);
}

/* With threads they have it; a driver runs it first. */
static void settle(int threads)
{
    sn_operation post = {0};
    sn_engine_post_async(room.engine, &post);
    if (threads)
        assert_ok(sn_operation_wait(&post));
    for (int i = 0; !threads && i < 4; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
}

static void room_close(void)
{
    pair_release(&room.pair);
    sn_socket_release(room.listener);
    sn_socket_release(room.udp);
    assert_ok(sn_engine_destroy(room.engine));
}

static void wait_for_callbacks(int threads, uint32_t wanted)
{
    while (atomic_load_acquire(&room.count) < wanted)
        if (!threads)
            (void)!sn_engine_run(room.engine, 10, NULL);
}

/* --- For good --------------------------------------------------------------------------------- */

static const struct {
    int native; /* that the wait gives */
    sn_error error;
    int told;
} lasting[] = {
    {EPERM, SN_ERROR_ACCESS_DENIED, EPERM},
    {EBADF, SN_ERROR_OPERATION_ABORTED, EBADF},
    {EBADR, SN_ERROR_SOCKET_ERROR, EBADR}, /* one is enough: a result was lost */
    {EINVAL, SN_ERROR_INVALID_ARGUMENT, EINVAL},
    {EFAULT, SN_ERROR_FAULT, EFAULT},
    /* These may pass, so they take a second. */
    {ENOMEM, SN_ERROR_OUT_OF_MEMORY, ENOMEM},
    {EAGAIN, SN_ERROR_OUT_OF_MEMORY, ENOMEM},
    {EIO, SN_ERROR_SOCKET_ERROR, EIO},
};

static void assert_ended(const sn_operation *operation, size_t row)
{
    assert_true(sn_operation_is_completed(operation));
    assert_error(lasting[row].error, operation->error);
    assert_int_equal(operation->native_error, lasting[row].told);
}

static void assert_reason(int native)
{
    char part[32];
    snprintf(part, sizeof part, "errno %d", native);
    const char *reason = sn_engine_get_backend_reason(room.engine);
    assert_non_null(strstr(reason, "ended"));
    assert_non_null(strstr(reason, part));
}

/* What is started later ends in the same way, in a callback that is not inside the start. */
static void start_later(int threads, size_t row)
{
    sn_operation late[4] = {0};
    uint32_t before = atomic_load_acquire(&room.count);
    for (int i = 0; i < 4; i++)
        late[i].completed = count_one;
    sn_socket_receive_async(room.pair.server, room.data[0], 8, SN_FLAG_NONE, &late[0]);
    sn_socket_receive_async(room.udp, room.data[1], 8, SN_FLAG_NONE, &late[1]);
    sn_engine_delay_async(room.engine, 1, &late[2]);
    sn_engine_post_async(room.engine, &late[3]);
    wait_for_callbacks(threads, before + 4);
    for (int i = 0; i < 4; i++)
        assert_ended(&late[i], row);
}

static void end_for_good(sn_engine_backend backend, int threads, size_t row)
{
    if (!room_open(backend, threads))
        return;
    start_pending();
    settle(threads);
    kernel_refuses(lasting[row].native, UINT32_MAX);
    sn_engine_post_async(room.engine, &(sn_operation){0}); /* out of the wait it is in */
    wait_for_callbacks(threads, PENDING);
    for (int i = 0; i < PENDING; i++)
        assert_ended(&room.pending[i], row);
    /* A pause between two tries, and none after the end. */
    assert_true(atomic_load_acquire(&call_count) < 200);
    assert_reason(lasting[row].native);
    if (!threads) {
        sn_handle handle;
        sn_milliseconds timeout_ms = -1;
        assert_error(lasting[row].error, sn_engine_run(room.engine, SN_FOREVER, NULL));
        assert_int_equal(sn_error_last_native(), lasting[row].told);
        assert_error(lasting[row].error, sn_engine_get_handle(room.engine, &handle));
        assert_ok(sn_engine_get_timeout(room.engine, &timeout_ms));
        assert_int_equal(timeout_ms, 0);
    }
    start_later(threads, row);
    /* The sockets are as good as before. */
    send_text(room.pair.client, "x");
    receive_exactly(room.pair.server, room.data[0], 1);
    room_close();
    kernel_refuses(0, 0);
}

TEST(an_engine_that_the_kernel_fails_for_good_ends_everything)
{
    size_t before = descriptors_count();
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        end_for_good(SN_ENGINE_BACKEND_EPOLL, i & 1, i);
        end_for_good(SN_ENGINE_BACKEND_IO_URING, i & 1, i);
        if (i < 3) { /* each in both ways */
            end_for_good(SN_ENGINE_BACKEND_EPOLL, !(i & 1), i);
            end_for_good(SN_ENGINE_BACKEND_IO_URING, !(i & 1), i);
        }
    }
    while (descriptors_count() > before) /* the kernel closes rings in its own time */
        sched_yield();
}

/* --- Limits, cancels, closes and the end meanwhile -------------------------------------------- */

static const sn_engine_backend backends[] = {SN_ENGINE_BACKEND_EPOLL, SN_ENGINE_BACKEND_IO_URING};

static sn_error destroy_in_thread(void *engine)
{
    return sn_engine_destroy(engine);
}

TEST(cancels_closes_and_the_end_do_not_wait_for_a_kernel_that_refuses)
{
    for (size_t i = 0; i < 2 * COUNT_OF(backends); i++) {
        struct thread thread;
        if (!room_open(backends[i / 2], 1))
            continue;
        start_pending();
        settle(1);
        kernel_refuses(i & 1 ? ENOMEM : EPERM, UINT32_MAX);
        sn_operation_cancel(&room.pending[0]);
        sn_socket_cancel(room.udp);
        sn_socket_close(room.listener);
        thread_start(&thread, destroy_in_thread, room.engine);
        assert_ok(thread_join(&thread));
        for (int k = 0; k < PENDING; k++)
            assert_true(sn_operation_is_completed(&room.pending[k]));
        room.engine = NULL;
        room_close();
        kernel_refuses(0, 0);
    }
}

/* --- For a while ------------------------------------------------------------------------------ */

TEST(an_engine_goes_on_after_errors_that_pass)
{
    static const int natives[] = {EAGAIN, EBUSY, ENOMEM, EIO, EINTR};
    for (size_t i = 0; i < 2 * COUNT_OF(natives); i++) {
        int threads = i < COUNT_OF(natives);
        for (size_t k = 0; k < COUNT_OF(backends); k++) {
            if (!room_open(backends[k], threads))
                continue;
            room.pending[0] = (sn_operation){.completed = count_one};
            sn_socket_receive_async(room.pair.server, room.data[0], 8, SN_FLAG_NONE,
                                    &room.pending[0]);
            settle(threads);
            kernel_refuses(natives[i % COUNT_OF(natives)], 5);
            send_text(room.pair.client, "x");
            wait_for_callbacks(threads, 1);
            assert_ok(room.pending[0].error);
            assert_int_equal(room.data[0][0], 'x');
            kernel_refuses(0, 0);
            room_close();
        }
    }
}

/* --- What has come all the same --------------------------------------------------------------- */

TEST(results_are_taken_whatever_the_wait_said)
{
    if (!room_open(SN_ENGINE_BACKEND_IO_URING, 0))
        SKIP("there is no io_uring here");
    for (int i = 0; i < 2; i++) {
        room.pending[i] = (sn_operation){.completed = count_one};
        sn_socket_receive_async(i ? room.udp : room.pair.server, room.data[i], 8, SN_FLAG_NONE,
                                &room.pending[i]);
    }
    for (int i = 0; i < 4; i++)
        assert_ok(sn_engine_run(room.engine, 0, NULL));
    send_text(room.pair.client, "x");
    is_made = true;
    kernel_refuses(EPERM, UINT32_MAX);
    assert_error(SN_ERROR_ACCESS_DENIED, sn_engine_run(room.engine, SN_FOREVER, NULL));
    assert_int_equal(room.count, 2);
    assert_ok(room.pending[0].error);
    assert_int_equal(room.pending[0].transferred, 1);
    assert_int_equal(room.data[0][0], 'x');
    assert_error(SN_ERROR_ACCESS_DENIED, room.pending[1].error);
    room_close();
    kernel_refuses(0, 0);
}

/* More than are reported at once, in the wait that fails and in what is left of it. */
TEST(many_results_are_taken_whatever_the_wait_said)
{
    enum { CROWD = 600 };
    static sn_socket *sockets[CROWD];
    static sn_operation receives[CROWD];
    static int numbers[CROWD];
    sn_engine_options options = {.backend = SN_ENGINE_BACKEND_IO_URING, .queue_size = 1024};
    memset(&room, 0, sizeof room);
    is_made = false;
    kernel_refuses(0, 0);
    sn_error error = sn_engine_create(&options, &room.engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        SKIP("there is no io_uring here");
    assert_ok(error);
    sn_socket *peer = socket_bound(UDP_IPV4);
    for (int i = 0; i < CROWD; i++) {
        sockets[i] = socket_bound(UDP_IPV4);
        sn_endpoint to = local_endpoint(sockets[i]);
        assert_ok(sn_socket_send_to(peer, &i, sizeof i, SN_FLAG_NONE, &to, NULL));
        assert_ok(sn_socket_set_engine(sockets[i], room.engine));
        receives[i] = (sn_operation){.completed = count_one}; /* so that it is an entry */
        sn_socket_receive_async(sockets[i], &numbers[i], sizeof(int), SN_FLAG_NONE, &receives[i]);
    }
    is_made = true;
    kernel_refuses(EPERM, UINT32_MAX);
    assert_error(SN_ERROR_ACCESS_DENIED, sn_engine_run(room.engine, SN_FOREVER, NULL));
    for (int i = 0; i < CROWD; i++) {
        assert_true(sn_operation_is_completed(&receives[i]));
        assert_ok(receives[i].error);
        assert_int_equal(numbers[i], i);
        sn_socket_release(sockets[i]);
    }
    sn_socket_release(peer);
    assert_ok(sn_engine_destroy(room.engine));
    kernel_refuses(0, 0);
}

TEST(an_engine_that_has_ended_is_destroyed_by_any_thread)
{
    for (size_t i = 0; i < COUNT_OF(backends); i++) {
        struct thread thread;
        if (!room_open(backends[i], 0))
            continue;
        start_pending();
        settle(0);
        kernel_refuses(EPERM, UINT32_MAX);
        assert_error(SN_ERROR_ACCESS_DENIED, sn_engine_run(room.engine, SN_FOREVER, NULL));
        thread_start(&thread, destroy_in_thread, room.engine);
        assert_ok(thread_join(&thread));
        for (int k = 0; k < PENDING; k++)
            assert_ended(&room.pending[k], 0);
        room.engine = NULL;
        room_close();
        kernel_refuses(0, 0);
    }
}

/* --- The default engine ----------------------------------------------------------------------- */

TEST(a_default_engine_that_has_ended_is_followed_by_another)
{
    sn_engine *first = NULL, *second = NULL;
    sn_operation operation = {0};
    memset(&room, 0, sizeof room);
    assert_ok(sn_engine_default(&first));
    kernel_refuses(EPERM, UINT32_MAX);
    do { /* until each of its workers has seen it */
        sn_engine_post_async(first, &operation);
        (void)!sn_operation_wait(&operation);
        assert_ok(sn_engine_default(&second));
    } while (first == second);
    kernel_refuses(0, 0);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_destroy(first));
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &operation);
    send_text(pair.client, "x");
    assert_ok(sn_operation_wait(&operation));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        /* Both stay as long as the process, and so do their descriptors. */
        cmocka_unit_test(a_default_engine_that_has_ended_is_followed_by_another),
        CASE(an_engine_that_the_kernel_fails_for_good_ends_everything),
        CASE(cancels_closes_and_the_end_do_not_wait_for_a_kernel_that_refuses),
        CASE(an_engine_goes_on_after_errors_that_pass),
        CASE(results_are_taken_whatever_the_wait_said),
        CASE(many_results_are_taken_whatever_the_wait_said),
        CASE(an_engine_that_has_ended_is_destroyed_by_any_thread),
    };
    return RUN(cases);
}
