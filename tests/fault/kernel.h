/*
 * A scripted kernel under the whole library: each system call goes through here (the linker's
 * --wrap, see CMakeLists.txt), and the n-th of a kind does what a test says instead of what the
 * real one would do.
 */
#ifndef TESTS_FAULT_KERNEL_H
#define TESTS_FAULT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/sys.h"

/* X(name, result, parameters, arguments) of every call that can be scripted. */
#define KERNEL_CALL_TABLE(X)                                                                       \
    X(sys_socket, int32_t, (int family, int type, int protocol), (family, type, protocol))         \
    X(sys_socket_pair, int32_t, (int family, int type, int protocol, int32_t pair[2]),             \
      (family, type, protocol, pair))                                                              \
    X(sys_accept, int32_t, (int32_t listener, void *sockaddr, uint32_t *size),                     \
      (listener, sockaddr, size))                                                                  \
    X(sys_duplicate_onto, int32_t, (int32_t handle, int32_t onto), (handle, onto))                 \
    X(sys_adopt, int32_t, (int32_t handle, uint32_t * was), (handle, was))                         \
    X(sys_is_socket, int32_t, (int32_t handle), (handle))                                          \
    X(sys_bind, int32_t, (int32_t handle, const void *sockaddr, uint32_t size),                    \
      (handle, sockaddr, size))                                                                    \
    X(sys_listen, int32_t, (int32_t handle, int backlog), (handle, backlog))                       \
    X(sys_connect, int32_t, (int32_t handle, const void *sockaddr, uint32_t size),                 \
      (handle, sockaddr, size))                                                                    \
    X(sys_shutdown, int32_t, (int32_t handle, int how), (handle, how))                             \
    X(sys_local_name, int32_t, (int32_t handle, void *sockaddr, uint32_t *size),                   \
      (handle, sockaddr, size))                                                                    \
    X(sys_peer_name, int32_t, (int32_t handle, void *sockaddr, uint32_t *size),                    \
      (handle, sockaddr, size))                                                                    \
    X(sys_set_option, int32_t,                                                                     \
      (int32_t handle, int level, int name, const void *data, uint32_t size),                      \
      (handle, level, name, data, size))                                                           \
    X(sys_get_option, int32_t, (int32_t handle, int level, int name, void *data, uint32_t *size),  \
      (handle, level, name, data, size))                                                           \
    X(sys_available, int32_t, (int32_t handle, int *bytes), (handle, bytes))                       \
    X(sys_receive, int64_t, (int32_t handle, void *data, size_t size, int flags),                  \
      (handle, data, size, flags))                                                                 \
    X(sys_receive_from, int64_t,                                                                   \
      (int32_t handle, void *data, size_t size, int flags, void *sockaddr,                         \
       uint32_t *sockaddr_size),                                                                   \
      (handle, data, size, flags, sockaddr, sockaddr_size))                                        \
    X(sys_receive_message, int64_t, (int32_t handle, struct msghdr * message, int flags),          \
      (handle, message, flags))                                                                    \
    X(sys_send_to, int64_t,                                                                        \
      (int32_t handle, const void *data, size_t size, int flags, const void *sockaddr,             \
       uint32_t sockaddr_size),                                                                    \
      (handle, data, size, flags, sockaddr, sockaddr_size))                                        \
    X(sys_send_message, int64_t, (int32_t handle, const struct msghdr *message, int flags),        \
      (handle, message, flags))                                                                    \
    X(sys_receive_messages, int64_t,                                                               \
      (int32_t handle, struct mmsghdr * messages, uint32_t count, int flags),                      \
      (handle, messages, count, flags))                                                            \
    X(sys_poll, int32_t, (struct sys_poll * descriptors, size_t count, int64_t deadline_ns),       \
      (descriptors, count, deadline_ns))                                                           \
    X(sys_wake_open, int32_t, (void), ())                                                          \
    X(sys_epoll_open, int32_t, (void), ())                                                         \
    X(sys_epoll_register, int32_t,                                                                 \
      (int32_t epoll, int32_t handle, uint32_t events, void *context),                             \
      (epoll, handle, events, context))                                                            \
    X(sys_epoll_change, int32_t, (int32_t epoll, int32_t handle, uint32_t events, void *context),  \
      (epoll, handle, events, context))                                                            \
    X(sys_thread_start, int32_t, (pthread_t * thread, void *(*run)(void *), void *argument),       \
      (thread, run, argument))                                                                     \
    X(io_uring_queue_init_params, int,                                                             \
      (unsigned entries, struct io_uring *ring, struct io_uring_params *parameters),               \
      (entries, ring, parameters))

enum kernel_call {
#define X(name, result, parameters, arguments) KERNEL_##name,
    KERNEL_CALL_TABLE(X)
#undef X
        KERNEL_sys_send,
    KERNEL_sys_send_messages,
    KERNEL_CALL_COUNT
};

/* Everything real again. */
void kernel_reset(void);
/* The n-th call from now on (1: the next one) is not made and gives `result`; it alone. */
void kernel_fail_nth(enum kernel_call call, unsigned n, int32_t result);
/* All calls from now on. */
void kernel_fail_all(enum kernel_call call, int32_t result);
/* How many of that kind were made or refused since the reset. */
unsigned kernel_count(enum kernel_call call);
/* No send moves more bytes than this at once; 0: no limit. */
void kernel_limit_sends(size_t bytes);
/* No call takes more messages than this at once; 0: no limit. */
void kernel_limit_messages(uint32_t count);

#endif
