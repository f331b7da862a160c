/*
 * Descriptors to make the calls of sys with: for the tests over the scripted C library.
 */
#ifndef TESTS_FAULT_CALLS_H
#define TESTS_FAULT_CALLS_H

#include "fault/library.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "support/run.h"
#include "sys/sys.h"

static struct {
    int32_t ends[2]; /* of a pair of Unix streams; a byte waits at the first */
    int32_t listener, client, fresh;
    int32_t epoll, wake;
    struct unix_path path;
    int32_t file; /* at the path, four bytes long */
} room;

static const struct sockaddr_in any_port = {.sin_family = AF_INET};
static char bytes[4];
static struct iovec piece = {.iov_base = bytes, .iov_len = 1};

static inline int32_t made(int32_t handle)
{
    assert_true(handle >= 0);
    return handle;
}

static inline void open_room(void)
{
    struct sockaddr_in address;
    uint32_t size = sizeof address;
    assert_int_equal(sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, room.ends), 0);
    assert_int_equal(sys_send(room.ends[1], "x", 1, 0), 1);
    room.listener = made(sys_socket(AF_INET, SOCK_STREAM, 0));
    room.fresh = made(sys_socket(AF_INET, SOCK_STREAM, 0));
    room.client = made(sys_socket(AF_INET, SOCK_STREAM, 0));
    assert_int_equal(sys_bind(room.listener, &any_port, sizeof any_port), 0);
    assert_int_equal(sys_listen(room.listener, 1), 0);
    assert_int_equal(sys_local_name(room.listener, &address, &size), 0);
    (void)sys_connect(room.client, &address, size);
    room.epoll = made(sys_epoll_open());
    assert_int_equal(sys_epoll_register(room.epoll, room.ends[0], EPOLLIN, NULL), 0);
    room.wake = made(sys_wake_open());
    room.path = unix_path_new();
    room.file = made(open(room.path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(write(room.file, "file", 4), 4);
}

static inline void close_room(void)
{
    const int32_t handles[] = {room.ends[0], room.ends[1], room.listener, room.client,
                               room.fresh,   room.epoll,   room.wake,     room.file};
    for (size_t i = 0; i < array_count(handles); i++)
        assert_int_equal(sys_close(handles[i]), 0);
    (void)sys_unlink(room.path.text);
}

static inline int64_t call_read(void)
{
    return sys_read(room.ends[0], &piece, 1);
}

#endif
