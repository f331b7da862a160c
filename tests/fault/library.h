/*
 * A scripted C library under the room sys: each call goes through here (the linker's --wrap, see
 * CMakeLists.txt), and those that a test names fail instead of being made.
 */
#ifndef TESTS_FAULT_LIBRARY_H
#define TESTS_FAULT_LIBRARY_H

#include <fcntl.h>
#include <ifaddrs.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* X(name, result, what it returns on failure, parameters, arguments). */
#define LIBRARY_CALL_TABLE(X)                                                                      \
    X(socket, int, -1, (int family, int type, int protocol), (family, type, protocol))             \
    X(socketpair, int, -1, (int family, int type, int protocol, int pair[2]),                      \
      (family, type, protocol, pair))                                                              \
    X(accept4, int, -1, (int handle, struct sockaddr *address, socklen_t *size, int flags),        \
      (handle, address, size, flags))                                                              \
    X(dup3, int, -1, (int handle, int onto, int flags), (handle, onto, flags))                     \
    X(close, int, -1, (int handle), (handle))                                                      \
    X(fstat, int, -1, (int handle, struct stat *status), (handle, status))                         \
    X(lstat, int, -1, (const char *path, struct stat *status), (path, status))                     \
    X(unlink, int, -1, (const char *path), (path))                                                 \
    X(getcwd, char *, NULL, (char *path, size_t size), (path, size))                               \
    X(bind, int, -1, (int handle, const struct sockaddr *address, socklen_t size),                 \
      (handle, address, size))                                                                     \
    X(listen, int, -1, (int handle, int backlog), (handle, backlog))                               \
    X(connect, int, -1, (int handle, const struct sockaddr *address, socklen_t size),              \
      (handle, address, size))                                                                     \
    X(shutdown, int, -1, (int handle, int how), (handle, how))                                     \
    X(getsockname, int, -1, (int handle, struct sockaddr *address, socklen_t *size),               \
      (handle, address, size))                                                                     \
    X(getpeername, int, -1, (int handle, struct sockaddr *address, socklen_t *size),               \
      (handle, address, size))                                                                     \
    X(setsockopt, int, -1, (int handle, int level, int name, const void *data, socklen_t size),    \
      (handle, level, name, data, size))                                                           \
    X(getsockopt, int, -1, (int handle, int level, int name, void *data, socklen_t *size),         \
      (handle, level, name, data, size))                                                           \
    X(recv, ssize_t, -1, (int handle, void *data, size_t size, int flags),                         \
      (handle, data, size, flags))                                                                 \
    X(recvfrom, ssize_t, -1,                                                                       \
      (int handle, void *data, size_t size, int flags, struct sockaddr *address,                   \
       socklen_t *address_size),                                                                   \
      (handle, data, size, flags, address, address_size))                                          \
    X(recvmsg, ssize_t, -1, (int handle, struct msghdr *message, int flags),                       \
      (handle, message, flags))                                                                    \
    X(send, ssize_t, -1, (int handle, const void *data, size_t size, int flags),                   \
      (handle, data, size, flags))                                                                 \
    X(sendto, ssize_t, -1,                                                                         \
      (int handle, const void *data, size_t size, int flags, const struct sockaddr *address,       \
       socklen_t address_size),                                                                    \
      (handle, data, size, flags, address, address_size))                                          \
    X(sendmsg, ssize_t, -1, (int handle, const struct msghdr *message, int flags),                 \
      (handle, message, flags))                                                                    \
    X(recvmmsg, int, -1,                                                                           \
      (int handle, struct mmsghdr *messages, unsigned count, int flags, struct timespec *limit),   \
      (handle, messages, count, flags, limit))                                                     \
    X(sendmmsg, int, -1, (int handle, struct mmsghdr *messages, unsigned count, int flags),        \
      (handle, messages, count, flags))                                                            \
    X(write, ssize_t, -1, (int handle, const void *data, size_t size), (handle, data, size))       \
    X(pread, ssize_t, -1, (int handle, void *data, size_t size, off_t offset),                     \
      (handle, data, size, offset))                                                                \
    X(readv, ssize_t, -1, (int handle, const struct iovec *pieces, int count),                     \
      (handle, pieces, count))                                                                     \
    X(writev, ssize_t, -1, (int handle, const struct iovec *pieces, int count),                    \
      (handle, pieces, count))                                                                     \
    X(sendfile, ssize_t, -1, (int handle, int file, off_t *offset, size_t size),                   \
      (handle, file, offset, size))                                                                \
    X(ppoll, int, -1,                                                                              \
      (struct pollfd * handles, nfds_t count, const struct timespec *limit, const sigset_t *mask), \
      (handles, count, limit, mask))                                                               \
    X(epoll_create1, int, -1, (int flags), (flags))                                                \
    X(epoll_ctl, int, -1, (int epoll, int action, int handle, struct epoll_event *event),          \
      (epoll, action, handle, event))                                                              \
    X(epoll_wait, int, -1, (int epoll, struct epoll_event *events, int count, int timeout_ms),     \
      (epoll, events, count, timeout_ms))                                                          \
    X(eventfd, int, -1, (unsigned count, int flags), (count, flags))                               \
    X(sigtimedwait, int, -1,                                                                       \
      (const sigset_t *signals, siginfo_t *info, const struct timespec *limit),                    \
      (signals, info, limit))                                                                      \
    X(sched_getaffinity, int, -1, (pid_t thread, size_t size, cpu_set_t * processors),             \
      (thread, size, processors))                                                                  \
    X(gethostname, int, -1, (char *name, size_t size), (name, size))                               \
    X(getifaddrs, int, -1, (struct ifaddrs * *out_interfaces), (out_interfaces))

/* Behind those of the table, what has a result or parameters of another shape. */
enum library_call {
#define X(name, ...) LIBRARY_##name,
    LIBRARY_CALL_TABLE(X)
#undef X
        LIBRARY_read,
    LIBRARY_open,
    LIBRARY_fcntl,
    LIBRARY_ioctl,
    LIBRARY_pthread_attr_init,
    LIBRARY_pthread_create,
};

/* Of the calls of that kind from now on, `passed` are made, then one fails with each of the `count`
 * errors, then all are made again. Whatever was scripted before ends. */
void library_fail(enum library_call call, unsigned passed, const int *errors, unsigned count);
/* What each read() gives from now on, instead of being made; NULL: it is made. */
void library_read(const char *text);
/* Everything real again. */
void library_reset(void);
/* How many of the scripted kind were made or refused. */
unsigned library_count(void);

#endif
