/*
 * A storm of signals, as the room sys sees it: every system call that can be interrupted says so
 * several times before it is made. Nothing of it comes out, no byte is lost, and a wait does not
 * get longer.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/atomic.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "sys/linux/call.h"
#include "sys/sys.h"

/* X(name, result, parameters, arguments) of the C library's calls. */
#define LIBRARY_CALL_TABLE(X)                                                                      \
    X(socket, int, (int family, int type, int protocol), (family, type, protocol))                 \
    X(socketpair, int, (int family, int type, int protocol, int pair[2]),                          \
      (family, type, protocol, pair))                                                              \
    X(accept4, int, (int handle, struct sockaddr *address, socklen_t *size, int flags),            \
      (handle, address, size, flags))                                                              \
    X(bind, int, (int handle, const struct sockaddr *address, socklen_t size),                     \
      (handle, address, size))                                                                     \
    X(listen, int, (int handle, int backlog), (handle, backlog))                                   \
    X(connect, int, (int handle, const struct sockaddr *address, socklen_t size),                  \
      (handle, address, size))                                                                     \
    X(recv, ssize_t, (int handle, void *data, size_t size, int flags),                             \
      (handle, data, size, flags))                                                                 \
    X(recvfrom, ssize_t,                                                                           \
      (int handle, void *data, size_t size, int flags, struct sockaddr *address,                   \
       socklen_t *address_size),                                                                   \
      (handle, data, size, flags, address, address_size))                                          \
    X(recvmsg, ssize_t, (int handle, struct msghdr *message, int flags), (handle, message, flags)) \
    X(send, ssize_t, (int handle, const void *data, size_t size, int flags),                       \
      (handle, data, size, flags))                                                                 \
    X(sendto, ssize_t,                                                                             \
      (int handle, const void *data, size_t size, int flags, const struct sockaddr *address,       \
       socklen_t address_size),                                                                    \
      (handle, data, size, flags, address, address_size))                                          \
    X(sendmsg, ssize_t, (int handle, const struct msghdr *message, int flags),                     \
      (handle, message, flags))                                                                    \
    X(recvmmsg, int,                                                                               \
      (int handle, struct mmsghdr *messages, unsigned count, int flags, struct timespec *limit),   \
      (handle, messages, count, flags, limit))                                                     \
    X(sendmmsg, int, (int handle, struct mmsghdr *messages, unsigned count, int flags),            \
      (handle, messages, count, flags))                                                            \
    X(readv, ssize_t, (int handle, const struct iovec *pieces, int count),                         \
      (handle, pieces, count))                                                                     \
    X(writev, ssize_t, (int handle, const struct iovec *pieces, int count),                        \
      (handle, pieces, count))                                                                     \
    X(ppoll, int,                                                                                  \
      (struct pollfd * handles, nfds_t count, const struct timespec *limit, const sigset_t *mask), \
      (handles, count, limit, mask))                                                               \
    X(epoll_wait, int, (int epoll, struct epoll_event *events, int count, int timeout_ms),         \
      (epoll, events, count, timeout_ms))                                                          \
    X(epoll_ctl, int, (int epoll, int action, int handle, struct epoll_event *event),              \
      (epoll, action, handle, event))

enum { STORM = 5 };

static uint32_t interruptions; /* atomic: how many calls have been interrupted */
static bool is_calm = true;    /* until the tests begin */

/* Each thread's calls are interrupted STORM times, then one is made. */
static bool is_interrupted(void)
{
    static _Thread_local unsigned count;
    if (is_calm || count++ % (STORM + 1) == STORM)
        return false;
    atomic_add_relaxed(&interruptions, 1u);
    errno = EINTR;
    return true;
}

#define X(name, type, parameters, arguments)                                                       \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return is_interrupted() ? -1 : __real_##name arguments;                                    \
    }
LIBRARY_CALL_TABLE(X)
#undef X

/* These go past the C library, but for a sanitizer's sake: then it is the C library's call in
 * them that is interrupted, and one that has to get through both would never be made. */
#ifdef SENNIT_IS_SANITIZED
#define is_interrupted_past_library() false
#else
#define is_interrupted_past_library() is_interrupted()
#endif
int64_t __real_sys_receive_once(int32_t handle, void *data, size_t size);
int64_t __wrap_sys_receive_once(int32_t handle, void *data, size_t size);
int64_t __wrap_sys_receive_once(int32_t handle, void *data, size_t size)
{
    return is_interrupted_past_library() ? -EINTR : __real_sys_receive_once(handle, data, size);
}

int64_t __real_sys_send_once(int32_t handle, const void *data, size_t size);
int64_t __wrap_sys_send_once(int32_t handle, const void *data, size_t size);
int64_t __wrap_sys_send_once(int32_t handle, const void *data, size_t size)
{
    return is_interrupted_past_library() ? -EINTR : __real_sys_send_once(handle, data, size);
}

int64_t __real_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size);
int64_t __wrap_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size);
int64_t __wrap_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size)
{
    return is_interrupted_past_library()
               ? -EINTR
               : __real_sys_receive_from_once(handle, data, size, flags, sockaddr, sockaddr_size);
}

int64_t __real_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size);
int64_t __wrap_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size);
int64_t __wrap_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size)
{
    return is_interrupted_past_library()
               ? -EINTR
               : __real_sys_send_to_once(handle, data, size, sockaddr, sockaddr_size);
}

int64_t __real_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags);
int64_t __wrap_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags);
int64_t __wrap_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags)
{
    bool is_told = SYS_CALL_TAKES_MESSAGES && is_interrupted();
    return is_told ? -EINTR : __real_sys_call_message(is_send, handle, message, flags);
}

static char large[1 << 20];

static sn_error send_large(void *context)
{
    return sn_socket_send(context, large, sizeof large, SN_FLAG_NONE, NULL);
}

TEST(a_stream_arrives_whole_through_a_storm_of_signals)
{
    static char received[sizeof large];
    struct socket_pair pair = pair_connected(transport_of(state));
    struct thread thread;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 7 >> 2);
    uint32_t before = atomic_load_relaxed(&interruptions);
    thread_start(&thread, send_large, pair.client);
    receive_exactly(pair.server, received, sizeof received);
    assert_ok(thread_join(&thread));
    assert_memory_equal(received, large, sizeof large);
    assert_true(atomic_load_relaxed(&interruptions) > before + STORM);
    pair_release(&pair);
}

TEST(each_datagram_of_a_batch_arrives_once_through_a_storm_of_signals)
{
    enum { COUNT = 8 };
    struct socket_pair pair = pair_connected(transport_of(state));
    int numbers[COUNT], received[COUNT];
    sn_datagram out[COUNT], in[COUNT];
    for (int i = 0; i < COUNT; i++) {
        numbers[i] = i;
        out[i] = (sn_datagram){.buffer = {&numbers[i], sizeof numbers[i]}};
        in[i] = (sn_datagram){.buffer = {&received[i], sizeof received[i]}};
    }
    for (int round = 0; round < 10; round++) {
        size_t moved = 0;
        assert_ok(sn_socket_send_batch(pair.client, out, COUNT, SN_FLAG_NONE, &moved));
        assert_int_equal(COUNT, moved);
        memset(received, 0xEE, sizeof received);
        for (size_t total = 0; total < COUNT; total += moved)
            assert_ok(sn_socket_receive_batch(pair.server, &in[total], COUNT - total, SN_FLAG_NONE,
                                              &moved));
        assert_memory_equal(numbers, received, sizeof numbers);
    }
    pair_release(&pair);
}

TEST(each_datagram_arrives_once_through_a_storm_of_signals)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    for (int i = 0; i < 50; i++) {
        int received = -1;
        size_t moved = 0;
        sn_endpoint from;
        assert_ok(sn_socket_send(pair.client, &i, sizeof i, SN_FLAG_NONE, NULL));
        assert_ok(sn_socket_receive_from(pair.server, &received, sizeof received, SN_FLAG_NONE,
                                         &from, &moved));
        assert_int_equal(moved, sizeof i);
        assert_int_equal(received, i);
    }
    bool is_ready = true;
    assert_ok(sn_socket_poll(pair.server, 0, SN_SELECT_READ, &is_ready));
    assert_false(is_ready);
    pair_release(&pair);
}

/* The time is counted from the beginning of the call, not from the last signal. */
TEST(a_time_limit_is_kept_through_a_storm_of_signals)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    size_t moved;
    assert_ok(sn_socket_set_receive_timeout(pair.server, 5));
    int64_t before = sys_now();
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive(pair.server, &byte, 1, SN_FLAG_NONE, &moved));
    assert_true(sys_now() - before >= 5000000);
    pair_release(&pair);
}

static void echo_on(sn_engine_backend backend)
{
    sn_engine *engine = NULL;
    sn_engine_options options = {.threads = 1, .backend = backend};
    sn_error error = sn_engine_create(&options, &engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        return;
    assert_ok(error);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.client, engine));
    assert_ok(sn_socket_set_engine(pair.server, engine));
    for (int i = 0; i < 200; i++) {
        int received = -1;
        sn_operation receive = {0}, send = {0};
        sn_socket_receive_async(pair.server, &received, sizeof received, SN_FLAG_NONE, &receive);
        sn_socket_send_async(pair.client, &i, sizeof i, SN_FLAG_NONE, &send);
        assert_ok(sn_operation_wait(&send));
        assert_ok(sn_operation_wait(&receive));
        assert_int_equal(received, i);
    }
    sn_operation delay = {0};
    sn_engine_delay_async(engine, 3, &delay);
    assert_ok(sn_operation_wait(&delay));
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

TEST(an_engine_works_through_a_storm_of_signals)
{
    echo_on(SN_ENGINE_BACKEND_EPOLL);
    echo_on(SN_ENGINE_BACKEND_IO_URING);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_stream_arrives_whole_through_a_storm_of_signals),
        ON_UDP(each_datagram_arrives_once_through_a_storm_of_signals),
        ON_UDP(each_datagram_of_a_batch_arrives_once_through_a_storm_of_signals),
        CASE(a_time_limit_is_kept_through_a_storm_of_signals),
        CASE(an_engine_works_through_a_storm_of_signals),
    };
    (void)has_ipv6(); /* asked with the system's own calls */
    is_calm = false;
    return RUN(cases);
}
