/*
 * Everything below the library that can fail, a row each: what the wrappers, the runs and the
 * linker's options are made from.
 *
 * A fault is honest: what is said to have failed has not happened, and nothing is said that a real
 * kernel would not say in that state. So these are missing on purpose:
 *  - EINTR, which sys makes again by itself (tests/fault/interrupt_fault.c),
 *  - EINPROGRESS, EALREADY, EISCONN of a connect: something would have to be under way,
 *  - ENOTCONN of the peer's name, which is an answer,
 *  - EAGAIN of a call that would not block: no edge would follow it. Where readiness is asked for
 *    anew before each attempt (SCENARIO_LEVEL) it is a spurious wake-up, and is tried,
 *  - EPERM of an epoll registration, which is said of files and never of sockets,
 *  - failures of a cancel in the ring: the request would still be there.
 */
#ifndef TESTS_FAULTS_TABLE_H
#define TESTS_FAULTS_TABLE_H

#include <liburing.h>

#include "sys/sys.h"

/* How a call fails. */
enum fault_how {
    FAULT_INSTEAD, /* it is not made */
    FAULT_AFTER,   /* it is made all the same: a close that fails has closed */
};

/* What any call on a descriptor says that is none, or none of the right kind. */
#define NO_HANDLE EBADF, ENOTSOCK
#define NO_ROUTE  ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH
#define ON_RECEIVE                                                                                 \
    NO_HANDLE, ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, ETIMEDOUT,     \
        EHOSTUNREACH
#define ON_SEND                                                                                    \
    NO_HANDLE, NO_ROUTE, EACCES, ECONNREFUSED, ECONNRESET, EDESTADDRREQ, EFAULT, EINVAL, EMSGSIZE, \
        ENOBUFS, ENOMEM, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, ETIMEDOUT
#define ON_ACCEPT                                                                                  \
    NO_HANDLE, NO_ROUTE, ECONNABORTED, EFAULT, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM,            \
        EOPNOTSUPP, EPERM, EPROTO, ENONET, ENOPROTOOPT
#define ON_CONNECT                                                                                 \
    NO_HANDLE, ENETUNREACH, EHOSTUNREACH, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT,         \
        ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, ENOBUFS, ENOENT, EPERM, EPROTOTYPE, ETIMEDOUT
#define ON_RESOLVE                                                                                 \
    ENOMEM, EMFILE, EIO, -SYS_RESOLVE_TRY_AGAIN, -SYS_RESOLVE_BAD_ARGUMENT, -SYS_RESOLVE_FAILED,   \
        -SYS_RESOLVE_BAD_FAMILY, -SYS_RESOLVE_NOT_FOUND, -SYS_RESOLVE_OTHER

/* X(name, result, parameters, arguments, how, errno...) */
#define FAULT_SYS_TABLE(X)                                                                         \
    X(sys_socket, int32_t, (int family, int type, int protocol), (family, type, protocol),         \
      FAULT_INSTEAD, EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM,                \
      EPROTONOSUPPORT)                                                                             \
    X(sys_socket_pair, int32_t, (int family, int type, int protocol, int32_t pair[2]),             \
      (family, type, protocol, pair), FAULT_INSTEAD, EAFNOSUPPORT, EFAULT, EMFILE, ENFILE, ENOMEM, \
      EOPNOTSUPP, EPROTONOSUPPORT)                                                                 \
    X(sys_accept, int32_t, (int32_t listener, void *sockaddr, uint32_t *size),                     \
      (listener, sockaddr, size), FAULT_INSTEAD, ON_ACCEPT)                                        \
    X(sys_close, int32_t, (int32_t handle), (handle), FAULT_AFTER, EIO, ENOSPC, EDQUOT)            \
    X(sys_duplicate_onto, int32_t, (int32_t handle, int32_t onto), (handle, onto), FAULT_INSTEAD,  \
      EBADF, EBUSY, EINVAL, EMFILE)                                                                \
    X(sys_duplicate, int32_t, (int32_t handle), (handle), FAULT_INSTEAD, EBADF, EMFILE)            \
    X(sys_adopt, int32_t, (int32_t handle, uint32_t * was), (handle, was), FAULT_INSTEAD, EBADF,   \
      EPERM)                                                                                       \
    X(sys_is_socket, int32_t, (int32_t handle), (handle), FAULT_INSTEAD, EBADF, ENOMEM)            \
    X(sys_bind, int32_t, (int32_t handle, const void *sockaddr, uint32_t size),                    \
      (handle, sockaddr, size), FAULT_INSTEAD, NO_HANDLE, EACCES, EADDRINUSE, EADDRNOTAVAIL,       \
      EFAULT, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EROFS)                         \
    X(sys_listen, int32_t, (int32_t handle, int backlog), (handle, backlog), FAULT_INSTEAD,        \
      NO_HANDLE, EADDRINUSE, EOPNOTSUPP)                                                           \
    X(sys_connect, int32_t, (int32_t handle, const void *sockaddr, uint32_t size),                 \
      (handle, sockaddr, size), FAULT_INSTEAD, ON_CONNECT)                                         \
    X(sys_shutdown, int32_t, (int32_t handle, int how), (handle, how), FAULT_INSTEAD, NO_HANDLE,   \
      EINVAL, ENOTCONN)                                                                            \
    X(sys_local_name, int32_t, (int32_t handle, void *sockaddr, uint32_t *size),                   \
      (handle, sockaddr, size), FAULT_INSTEAD, NO_HANDLE, EFAULT, EINVAL, ENOBUFS)                 \
    X(sys_peer_name, int32_t, (int32_t handle, void *sockaddr, uint32_t *size),                    \
      (handle, sockaddr, size), FAULT_INSTEAD, NO_HANDLE, EFAULT, EINVAL, ENOBUFS)                 \
    X(sys_set_option, int32_t,                                                                     \
      (int32_t handle, int level, int name, const void *data, uint32_t size),                      \
      (handle, level, name, data, size), FAULT_INSTEAD, NO_HANDLE, EFAULT, EINVAL, ENOPROTOOPT,    \
      EPERM, ENOMEM)                                                                               \
    X(sys_get_option, int32_t, (int32_t handle, int level, int name, void *data, uint32_t *size),  \
      (handle, level, name, data, size), FAULT_INSTEAD, NO_HANDLE, EFAULT, EINVAL, ENOPROTOOPT)    \
    X(sys_available, int32_t, (int32_t handle, int *bytes), (handle, bytes), FAULT_INSTEAD, EBADF, \
      EFAULT, EINVAL, ENOTTY)                                                                      \
    X(sys_at_mark, int32_t, (int32_t handle, int *at_mark), (handle, at_mark), FAULT_INSTEAD,      \
      EBADF, EINVAL, ENOTTY)                                                                       \
    X(sys_interface_index, int64_t, (const char *name), (name), FAULT_INSTEAD, EMFILE, ENFILE,     \
      ENOBUFS, ENOMEM)                                                                             \
    X(sys_interface_name, int32_t, (uint32_t index, char *name), (index, name), FAULT_INSTEAD,     \
      EMFILE, ENFILE, ENOBUFS, ENOMEM)                                                             \
    X(sys_interface_list, int32_t,                                                                 \
      (struct sys_interface * interfaces, size_t capacity, size_t * count),                        \
      (interfaces, capacity, count), FAULT_INSTEAD, EMFILE, ENFILE, ENOBUFS, ENOMEM)               \
    X(sys_receive, int64_t, (int32_t handle, void *data, size_t size, int flags),                  \
      (handle, data, size, flags), FAULT_INSTEAD, EAGAIN, ON_RECEIVE)                              \
    X(sys_receive_from, int64_t,                                                                   \
      (int32_t handle, void *data, size_t size, int flags, void *sockaddr,                         \
       uint32_t *sockaddr_size),                                                                   \
      (handle, data, size, flags, sockaddr, sockaddr_size), FAULT_INSTEAD, EAGAIN, ON_RECEIVE)     \
    X(sys_receive_message, int64_t, (int32_t handle, struct msghdr * message, int flags),          \
      (handle, message, flags), FAULT_INSTEAD, EAGAIN, ON_RECEIVE)                                 \
    X(sys_send, int64_t, (int32_t handle, const void *data, size_t size, int flags),               \
      (handle, data, size, flags), FAULT_INSTEAD, EAGAIN, ON_SEND)                                 \
    X(sys_send_to, int64_t,                                                                        \
      (int32_t handle, const void *data, size_t size, int flags, const void *sockaddr,             \
       uint32_t sockaddr_size),                                                                    \
      (handle, data, size, flags, sockaddr, sockaddr_size), FAULT_INSTEAD, EAGAIN, ON_SEND)        \
    X(sys_send_message, int64_t, (int32_t handle, const struct msghdr *message, int flags),        \
      (handle, message, flags), FAULT_INSTEAD, EAGAIN, ETOOMANYREFS, ON_SEND)                      \
    X(sys_send_messages, int64_t,                                                                  \
      (int32_t handle, struct mmsghdr * messages, uint32_t count, int flags),                      \
      (handle, messages, count, flags), FAULT_INSTEAD, EAGAIN, ON_SEND)                            \
    X(sys_receive_messages, int64_t,                                                               \
      (int32_t handle, struct mmsghdr * messages, uint32_t count, int flags),                      \
      (handle, messages, count, flags), FAULT_INSTEAD, EAGAIN, ON_RECEIVE)                         \
    X(sys_receive_once, int64_t, (int32_t handle, void *data, size_t size), (handle, data, size),  \
      FAULT_INSTEAD, EAGAIN, EINTR, ON_RECEIVE)                                                    \
    X(sys_send_once, int64_t, (int32_t handle, const void *data, size_t size),                     \
      (handle, data, size), FAULT_INSTEAD, EAGAIN, EINTR, ON_SEND)                                 \
    X(sys_receive_from_once, int64_t,                                                              \
      (int32_t handle, void *data, size_t size, int flags, void *sockaddr,                         \
       uint32_t *sockaddr_size),                                                                   \
      (handle, data, size, flags, sockaddr, sockaddr_size), FAULT_INSTEAD, EAGAIN, EINTR,          \
      ON_RECEIVE)                                                                                  \
    X(sys_send_to_once, int64_t,                                                                   \
      (int32_t handle, const void *data, size_t size, const void *sockaddr,                        \
       uint32_t sockaddr_size),                                                                    \
      (handle, data, size, sockaddr, sockaddr_size), FAULT_INSTEAD, EAGAIN, EINTR, ON_SEND)        \
    X(sys_read, int64_t, (int32_t handle, const struct iovec *pieces, int count),                  \
      (handle, pieces, count), FAULT_INSTEAD, EAGAIN, EBADF, EFAULT, EINVAL, EIO, EISDIR)          \
    X(sys_write, int64_t, (int32_t handle, const struct iovec *pieces, int count),                 \
      (handle, pieces, count), FAULT_INSTEAD, EAGAIN, EBADF, EDESTADDRREQ, EDQUOT, EFAULT, EFBIG,  \
      EINVAL, EIO, ENOSPC, EPERM, EPIPE)                                                           \
    X(sys_send_file, int64_t, (int32_t handle, int32_t file, int64_t offset, size_t size),         \
      (handle, file, offset, size), FAULT_INSTEAD, EBADF, ECONNRESET, EFAULT, EINVAL, EIO, ENOMEM, \
      EOVERFLOW, EPIPE)                                                                            \
    X(sys_pipe, int32_t, (int32_t ends[2]), (ends), FAULT_INSTEAD, EFAULT, EMFILE, ENFILE)         \
    X(sys_splice_in, int64_t, (int32_t handle, int32_t pipe, size_t size), (handle, pipe, size),   \
      FAULT_INSTEAD, EBADF, ECONNRESET, EINVAL, ENOMEM, EPERM, ETIMEDOUT)                          \
    X(sys_splice_out, int64_t, (int32_t pipe, int32_t handle, size_t size), (pipe, handle, size),  \
      FAULT_INSTEAD, EBADF, ECONNRESET, EINVAL, ENOMEM, EPERM, EPIPE)                              \
    X(sys_poll, int32_t, (struct sys_poll * descriptors, size_t count, int64_t deadline_ns),       \
      (descriptors, count, deadline_ns), FAULT_INSTEAD, EFAULT, EINVAL, ENOMEM)                    \
    X(sys_wake_open, int32_t, (void), (), FAULT_INSTEAD, EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM)   \
    X(sys_signals_open, int32_t, (const int *numbers, size_t count), (numbers, count),             \
      FAULT_INSTEAD, EMFILE, ENFILE, ENODEV, ENOMEM)                                               \
    X(sys_signals_read, int32_t, (int32_t handle, struct sys_signal * told), (handle, told),       \
      FAULT_INSTEAD, EAGAIN, EBADF, EFAULT, EINVAL)                                                \
    X(sys_epoll_open, int32_t, (void), (), FAULT_INSTEAD, EINVAL, EMFILE, ENFILE, ENOMEM)          \
    X(sys_epoll_register, int32_t,                                                                 \
      (int32_t epoll, int32_t handle, uint32_t events, void *context),                             \
      (epoll, handle, events, context), FAULT_INSTEAD, EBADF, EINVAL, ELOOP, ENOENT, ENOMEM,       \
      ENOSPC)                                                                                      \
    X(sys_epoll_change, int32_t, (int32_t epoll, int32_t handle, uint32_t events, void *context),  \
      (epoll, handle, events, context), FAULT_INSTEAD, EBADF, EINVAL, ENOENT, ENOMEM)              \
    X(sys_epoll_wait, int32_t,                                                                     \
      (int32_t epoll, struct epoll_event * events, int32_t count, int64_t deadline_ns),            \
      (epoll, events, count, deadline_ns), FAULT_INSTEAD, EBADF, EFAULT, EINVAL)                   \
    X(sys_unlink, int32_t, (const char *path), (path), FAULT_INSTEAD, EACCES, EBUSY, EIO, EISDIR,  \
      ENOENT, ENOMEM, EPERM, EROFS)                                                                \
    X(sys_identify, int32_t, (const char *path, struct sys_identity *identity), (path, identity),  \
      FAULT_INSTEAD, EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EOVERFLOW)              \
    X(sys_open_file, int32_t, (const char *path), (path), FAULT_INSTEAD, EACCES, EINVAL, EISDIR,   \
      ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENODEV, ENOENT, ENOMEM, ENOTDIR, ENXIO, EOVERFLOW,      \
      EPERM)                                                                                       \
    X(sys_file_size, int32_t, (int32_t file, int64_t * size), (file, size), FAULT_INSTEAD, EBADF,  \
      EIO, EISDIR, ENOMEM, EOVERFLOW, ESPIPE)                                                      \
    X(sys_read_at, int64_t, (int32_t file, void *data, size_t size, int64_t offset),               \
      (file, data, size, offset), FAULT_INSTEAD, EBADF, EFAULT, EINVAL, EIO, EISDIR, ESPIPE)       \
    X(sys_working_directory, int32_t, (char *path, size_t size), (path, size), FAULT_INSTEAD,      \
      EACCES, ENOENT, ENOMEM, ERANGE)                                                              \
    X(sys_thread_start, int32_t, (pthread_t * thread, void *(*run)(void *), void *argument),       \
      (thread, run, argument), FAULT_INSTEAD, EAGAIN, EPERM)                                       \
    X(sys_thread_start_detached, int32_t, (void *(*run)(void *), void *context), (run, context),   \
      FAULT_INSTEAD, EAGAIN, EPERM, ENOMEM)                                                        \
    X(sys_stack_map, int32_t, (size_t size, void **base), (size, base), FAULT_INSTEAD, EAGAIN,     \
      ENOMEM, EPERM)                                                                               \
    X(sys_stack_unmap, int32_t, (void *base, size_t size), (base, size), FAULT_INSTEAD, ENOMEM)    \
    X(sys_resolve, int32_t, (const char *host, int family, struct sys_resolved **list),            \
      (host, family, list), FAULT_INSTEAD, ON_RESOLVE)                                             \
    X(sys_reverse, int32_t, (const void *sockaddr, uint32_t size, char *name, size_t name_size),   \
      (sockaddr, size, name, name_size), FAULT_INSTEAD, ON_RESOLVE)                                \
    X(sys_random, int32_t, (void *data, size_t size), (data, size), FAULT_INSTEAD, EFAULT, EINVAL, \
      ENOSYS)                                                                                      \
    X(sys_host_name, int32_t, (char *name, size_t size), (name, size), FAULT_INSTEAD, EFAULT,      \
      EINVAL, ENAMETOOLONG, EPERM)                                                                 \
    X(sys_interface_addresses, int32_t, (int family, struct sys_resolved **list), (family, list),  \
      FAULT_INSTEAD, EMFILE, ENFILE, ENOBUFS, ENOMEM)

/* X(name, parameters, arguments, errno...) of liburing, all int. What hands entries over fails
 * before it has taken one. */
#define FAULT_RING_TABLE(X)                                                                        \
    X(io_uring_queue_init_params,                                                                  \
      (unsigned entries, struct io_uring *ring, struct io_uring_params *parameters),               \
      (entries, ring, parameters), EFAULT, EINVAL, EMFILE, ENFILE, ENOMEM, EPERM)                  \
    X(io_uring_ring_dontfork, (struct io_uring * ring), (ring), EINVAL, ENOMEM)                    \
    X(io_uring_register_eventfd, (struct io_uring * ring, int handle), (ring, handle), EBADF,      \
      EBUSY, EINVAL, ENOMEM, EPERM)                                                                \
    X(io_uring_submit, (struct io_uring * ring), (ring), EAGAIN, EBUSY, EBADR, EINVAL, EIO,        \
      ENOMEM, EPERM)                                                                               \
    X(io_uring_submit_and_get_events, (struct io_uring * ring), (ring), EAGAIN, EBUSY, EBADR,      \
      EINVAL, EIO, ENOMEM, EPERM)                                                                  \
    X(io_uring_submit_and_wait, (struct io_uring * ring, unsigned count), (ring, count), EAGAIN,   \
      EBUSY, EBADR, EINVAL, EIO, ENOMEM, EPERM)                                                    \
    X(io_uring_submit_and_wait_timeout,                                                            \
      (struct io_uring * ring, struct io_uring_cqe * *entry, unsigned count,                       \
       struct __kernel_timespec *limit, sigset_t *mask),                                           \
      (ring, entry, count, limit, mask), EAGAIN, EBUSY, EBADR, EINTR, EINVAL, EIO, ENOMEM, EPERM)

/* X(name, errno...) of the entries of a ring, which fail as results. A connect is none: it is
 * polled. */
#define FAULT_ENTRY_TABLE(X)                                                                       \
    X(RECV, EINTR, ON_RECEIVE)                                                                     \
    X(RECVMSG, EINTR, ON_RECEIVE)                                                                  \
    X(SEND, EINTR, ON_SEND)                                                                        \
    X(SENDMSG, EINTR, ON_SEND)                                                                     \
    X(ACCEPT, EINTR, ON_ACCEPT)                                                                    \
    X(POLL_ADD, EBADF, EINVAL, ENOMEM)

#endif
