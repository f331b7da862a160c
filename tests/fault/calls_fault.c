/*
 * The room sys over a scripted C library: a call that a signal interrupted is made again, and one
 * that fails gives its errno as a negative number.
 */
#include "fault/calls.h"
#include "fault/library.h"

#include <errno.h>
#include <sys/un.h>

#include "support/transfer_support.h"
#include "sys/sys.h"

/* Closes what a call has made. */
static int64_t closed(int32_t handle)
{
    return handle < 0 ? handle : sys_close(handle);
}

static int64_t call_socket(void)
{
    return closed(sys_socket(AF_INET, SOCK_DGRAM, 0));
}

static int64_t call_pair(void)
{
    int32_t pair[2];
    int32_t result = sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair);
    return result < 0 ? result : closed(pair[0]) + closed(pair[1]);
}

static int64_t call_accept(void)
{
    struct sys_poll listener = {.handle = room.listener, .events = POLLIN};
    assert_int_equal(sys_poll(&listener, 1, SYS_NEVER), 1);
    return closed(sys_accept(room.listener, NULL, NULL));
}

static int64_t call_duplicate(void)
{
    return closed(sys_duplicate(room.file));
}

static int64_t call_duplicate_onto(void)
{
    return sys_duplicate_onto(room.file, room.fresh);
}

static int64_t call_is_socket(void)
{
    return sys_is_socket(room.fresh);
}

static int64_t call_set_nonblocking(void)
{
    return sys_set_nonblocking(room.file, true);
}

static int64_t call_adopt(void)
{
    uint32_t was = 77;
    int64_t result = sys_adopt(room.file, &was);
    assert_int_equal(was, result < 0 ? 77 : (uint32_t)SYS_WAS_BLOCKING);
    return result;
}

static int64_t call_unlink(void)
{
    return sys_unlink(room.path.text);
}

static int64_t call_identify(void)
{
    struct sys_identity identity;
    return sys_identify(room.path.text, &identity);
}

static int64_t call_bind(void)
{
    return sys_bind(room.fresh, &any_port, sizeof any_port);
}

static int64_t call_listen(void)
{
    return sys_listen(room.listener, 2);
}

static int64_t call_connect(void)
{
    struct sockaddr_in address;
    uint32_t size = sizeof address;
    assert_int_equal(sys_local_name(room.listener, &address, &size), 0);
    int32_t result = sys_connect(room.fresh, &address, size);
    return result == -EINPROGRESS ? 0 : result;
}

static int64_t call_shutdown(void)
{
    return sys_shutdown(room.ends[0], SHUT_WR);
}

static int64_t call_local_name(void)
{
    struct sockaddr_in address;
    uint32_t size = sizeof address;
    return sys_local_name(room.listener, &address, &size);
}

static int64_t call_peer_name(void)
{
    struct sockaddr_un address;
    uint32_t size = sizeof address;
    return sys_peer_name(room.ends[0], &address, &size);
}

static int64_t call_set_option(void)
{
    static const int on = 1;
    return sys_set_option(room.fresh, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static int64_t call_get_option(void)
{
    int value;
    uint32_t size = sizeof value;
    return sys_get_option(room.fresh, SOL_SOCKET, SO_KEEPALIVE, &value, &size);
}

static int64_t call_available(void)
{
    int count;
    return sys_available(room.ends[0], &count);
}

static int64_t call_at_mark(void)
{
    int is_at_mark;
    struct sys_poll listener = {.handle = room.listener, .events = POLLIN};
    assert_int_equal(sys_poll(&listener, 1, SYS_NEVER), 1);
    return sys_at_mark(room.client, &is_at_mark);
}

static int64_t call_receive(void)
{
    return sys_receive(room.ends[0], bytes, 1, 0);
}

static int64_t call_receive_from(void)
{
    return sys_receive_from(room.ends[0], bytes, 1, 0, NULL, NULL);
}

static int64_t call_receive_message(void)
{
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return sys_receive_message(room.ends[0], &message, 0);
}

static int64_t call_send(void)
{
    return sys_send(room.ends[0], "y", 1, 0);
}

static int64_t call_send_to(void)
{
    return sys_send_to(room.ends[0], "y", 1, 0, NULL, 0);
}

static int64_t call_send_message(void)
{
    const struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return sys_send_message(room.ends[0], &message, 0);
}

static int64_t call_receive_messages(void)
{
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}};
    return sys_receive_messages(room.ends[0], &message, 1, 0);
}

static int64_t call_send_messages(void)
{
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}};
    return sys_send_messages(room.ends[0], &message, 1, 0);
}

static int64_t call_write(void)
{
    return sys_write(room.ends[0], &piece, 1);
}

static int64_t call_open_file(void)
{
    return closed(sys_open_file(room.path.text));
}

static int64_t call_file_size(void)
{
    int64_t size = 77;
    int64_t result = sys_file_size(room.file, &size);
    assert_int_equal(size, result < 0 ? 77 : 4);
    return result;
}

static int64_t call_send_file(void)
{
    return sys_send_file(room.ends[0], room.file, 0, 4);
}

static int64_t call_read_at(void)
{
    return sys_read_at(room.file, bytes, sizeof bytes, 0);
}

static int64_t call_poll(void)
{
    struct sys_poll end = {.handle = room.ends[0], .events = POLLIN};
    return sys_poll(&end, 1, SYS_NEVER);
}

static int64_t call_wake_open(void)
{
    return closed(sys_wake_open());
}

static int64_t call_epoll_open(void)
{
    return closed(sys_epoll_open());
}

static int64_t call_epoll_register(void)
{
    return sys_epoll_register(room.epoll, room.ends[1], EPOLLOUT, NULL);
}

static int64_t call_epoll_forget(void)
{
    return sys_epoll_forget(room.epoll, room.ends[0]);
}

static int64_t call_interface_addresses(void)
{
    struct sys_resolved *list = NULL;
    int64_t result = sys_interface_addresses(AF_UNSPEC, &list);
    sys_resolved_free(list);
    return result;
}

static int64_t call_host_name(void)
{
    char name[256];
    return sys_host_name(name, sizeof name);
}

/* `passed`: how many calls of the kind are made before the one that is meant. */
static const struct call_case {
    const char *name;
    enum library_call kind;
    unsigned passed;
    int64_t (*call)(void);
} call_cases[] = {
    {"socket", LIBRARY_socket, 0, call_socket},
    {"socket pair", LIBRARY_socketpair, 0, call_pair},
    {"accept", LIBRARY_accept4, 0, call_accept},
    {"duplicate", LIBRARY_fcntl, 0, call_duplicate},
    {"duplicate onto", LIBRARY_dup3, 0, call_duplicate_onto},
    {"is socket", LIBRARY_fstat, 0, call_is_socket},
    {"set nonblocking, reading", LIBRARY_fcntl, 0, call_set_nonblocking},
    {"set nonblocking, writing", LIBRARY_fcntl, 1, call_set_nonblocking},
    {"adopt, reading the file's flags", LIBRARY_fcntl, 0, call_adopt},
    {"adopt, reading the descriptor's flags", LIBRARY_fcntl, 1, call_adopt},
    {"adopt, writing the descriptor's flags", LIBRARY_fcntl, 2, call_adopt},
    {"adopt, writing the file's flags", LIBRARY_fcntl, 3, call_adopt},
    {"unlink", LIBRARY_unlink, 0, call_unlink},
    {"identify", LIBRARY_lstat, 0, call_identify},
    {"bind", LIBRARY_bind, 0, call_bind},
    {"listen", LIBRARY_listen, 0, call_listen},
    {"connect", LIBRARY_connect, 0, call_connect},
    {"shutdown", LIBRARY_shutdown, 0, call_shutdown},
    {"local name", LIBRARY_getsockname, 0, call_local_name},
    {"peer name", LIBRARY_getpeername, 0, call_peer_name},
    {"set option", LIBRARY_setsockopt, 0, call_set_option},
    {"get option", LIBRARY_getsockopt, 0, call_get_option},
    {"available", LIBRARY_ioctl, 0, call_available},
    {"at mark", LIBRARY_ioctl, 0, call_at_mark},
    {"receive", LIBRARY_recv, 0, call_receive},
    {"receive from", LIBRARY_recvfrom, 0, call_receive_from},
    {"receive message", LIBRARY_recvmsg, 0, call_receive_message},
    {"send", LIBRARY_send, 0, call_send},
    {"send to", LIBRARY_sendto, 0, call_send_to},
    {"send message", LIBRARY_sendmsg, 0, call_send_message},
    {"receive messages", LIBRARY_recvmmsg, 0, call_receive_messages},
    {"send messages", LIBRARY_sendmmsg, 0, call_send_messages},
    {"read", LIBRARY_readv, 0, call_read},
    {"write", LIBRARY_writev, 0, call_write},
    {"open file", LIBRARY_open, 0, call_open_file},
    {"file size", LIBRARY_fstat, 0, call_file_size},
    {"file size, how it is open", LIBRARY_fcntl, 0, call_file_size},
    {"send file", LIBRARY_sendfile, 0, call_send_file},
    {"read at", LIBRARY_pread, 0, call_read_at},
    {"poll", LIBRARY_ppoll, 0, call_poll},
    {"wake open", LIBRARY_eventfd, 0, call_wake_open},
    {"epoll open", LIBRARY_epoll_create1, 0, call_epoll_open},
    {"epoll register", LIBRARY_epoll_ctl, 0, call_epoll_register},
    {"epoll forget", LIBRARY_epoll_ctl, 0, call_epoll_forget},
    {"interface addresses", LIBRARY_getifaddrs, 0, call_interface_addresses},
    {"host name", LIBRARY_gethostname, 0, call_host_name},
};

static int64_t play(const struct call_case *row, const int *errors, unsigned count)
{
    open_room();
    library_fail(row->kind, row->passed, errors, count);
    int64_t result = row->call();
    library_reset();
    close_room();
    return result;
}

TEST(an_interrupted_call_is_made_again)
{
    static const int interruptions[] = {EINTR, EINTR, EINTR};
    for (size_t i = 0; i < array_count(call_cases); i++) {
        row_begin("%s", call_cases[i].name);
        row_equal(true, play(&call_cases[i], interruptions, 3) >= 0);
        row_equal(true, library_count() >= call_cases[i].passed + 4);
    }
    rows_end();
}

TEST(a_failed_call_gives_its_errno_and_is_not_made_again)
{
    static const int failures[] = {EINTR, EIO, EINTR};
    for (size_t i = 0; i < array_count(call_cases); i++) {
        row_begin("%s", call_cases[i].name);
        row_equal(-EIO, play(&call_cases[i], failures, 2));
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_interrupted_call_is_made_again),
        CASE(a_failed_call_gives_its_errno_and_is_not_made_again),
    };
    /* Where time_t was once shorter, most of the calls have other names below those in the source.
     */
    if (sizeof(long) < sizeof(int64_t)) {
        puts("skipped: the C library's calls have names of their own here");
        return 0;
    }
    return RUN(cases);
}
