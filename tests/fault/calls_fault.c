/*
 * The room sys over a scripted C library: a call that a signal interrupted is made again, and one
 * that fails gives its errno as a negative number.
 */
#include "fault/library.h"

#include <errno.h>
#include <sys/un.h>

#include "base/base.h"
#include "support/transfer_support.h"
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

static int32_t made(int32_t handle)
{
    assert_true(handle >= 0);
    return handle;
}

static void open_room(void)
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

static void close_room(void)
{
    const int32_t handles[] = {room.ends[0], room.ends[1], room.listener, room.client,
                               room.fresh,   room.epoll,   room.wake,     room.file};
    for (size_t i = 0; i < array_count(handles); i++)
        assert_int_equal(sys_close(handles[i]), 0);
    (void)sys_unlink(room.path.text);
}

/* --- Calls -------------------------------------------------------------------------------------
 */

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

static int64_t call_receive_message(void)
{
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return sys_receive_message(room.ends[0], &message, 0);
}

static int64_t call_send(void)
{
    return sys_send(room.ends[0], "y", 1, 0);
}

static int64_t call_send_message(void)
{
    const struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return sys_send_message(room.ends[0], &message, 0);
}

static int64_t call_read(void)
{
    return sys_read(room.ends[0], &piece, 1);
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
    {"receive message", LIBRARY_recvmsg, 0, call_receive_message},
    {"send", LIBRARY_send, 0, call_send},
    {"send message", LIBRARY_sendmsg, 0, call_send_message},
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

/* --- Those that are different ------------------------------------------------------------------
 */

static const int interruption[] = {EINTR}, failure[] = {EIO};

/* The caller makes it again, where it has nothing better to do. */
TEST(the_calls_of_the_data_path_are_made_once)
{
    open_room();
    library_fail(LIBRARY_recv, 0, interruption, 1);
    assert_int_equal(sys_receive_once(room.ends[0], bytes, 1), -EINTR);
    assert_int_equal(sys_receive_once(room.ends[0], bytes, 1), 1);
    library_fail(LIBRARY_send, 0, interruption, 1);
    assert_int_equal(sys_send_once(room.ends[0], bytes, 1), -EINTR);
    assert_int_equal(sys_send_once(room.ends[0], bytes, 1), 1);
    library_reset();
    close_room();
}

/* The number is free after the first one, and may be somebody else's by then. */
TEST(an_interrupted_close_is_not_made_again)
{
    open_room();
    library_fail(LIBRARY_close, 0, interruption, 1);
    assert_int_equal(sys_close(room.wake), 0);
    assert_int_equal(library_count(), 1);
    library_fail(LIBRARY_close, 0, failure, 1);
    assert_int_equal(sys_close(room.wake), -EIO);
    assert_int_equal(library_count(), 1);
    library_reset();
    close_room();
}

TEST(an_interrupted_wait_of_epoll_returns_without_events)
{
    struct epoll_event event;
    open_room();
    library_fail(LIBRARY_epoll_wait, 0, interruption, 1);
    assert_int_equal(sys_epoll_wait(room.epoll, &event, 1, SYS_NEVER), 0);
    library_fail(LIBRARY_epoll_wait, 0, failure, 1);
    assert_int_equal(sys_epoll_wait(room.epoll, &event, 1, SYS_NEVER), -EIO);
    assert_int_equal(sys_epoll_wait(room.epoll, &event, 1, SYS_NEVER), 1);
    library_reset();
    close_room();
}

static bool is_awake(void)
{
    struct sys_poll wake = {.handle = room.wake, .events = POLLIN};
    return sys_poll(&wake, 1, 0) == 1;
}

TEST(a_wake_event_survives_signals)
{
    static const int interruptions[] = {EINTR, EINTR};
    open_room();
    library_fail(LIBRARY_write, 0, interruptions, 2);
    sys_wake_signal(room.wake);
    assert_true(is_awake());
    library_fail(LIBRARY_read, 0, interruptions, 2);
    sys_wake_drain(room.wake);
    assert_false(is_awake());
    library_reset();
    close_room();
}

/* A full counter is readable, and an event without a signal has nothing to drain. */
TEST(a_wake_event_that_is_full_or_empty_stays_so)
{
    static const uint64_t full = UINT64_MAX - 1;
    open_room();
    sys_wake_drain(room.wake);
    assert_false(is_awake());
    assert_int_equal(write(room.wake, &full, sizeof full), sizeof full);
    sys_wake_signal(room.wake);
    assert_true(is_awake());
    close_room();
}

/* The bytes before the broken pipe went, and the signal came with them. */
TEST(taking_the_signal_of_a_broken_pipe_away_is_made_again)
{
    static const int interruptions[] = {EINTR, EINTR};
    int32_t ends[2];
    assert_int_equal(sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(sys_close(ends[1]), 0);
    library_fail(LIBRARY_sigtimedwait, 0, interruptions, 2);
    assert_int_equal(sys_write(ends[0], &piece, 1), -EPIPE);
    assert_int_equal(library_count(), 3);
    library_reset();
    sigset_t pending;
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
    assert_int_equal(sys_close(ends[0]), 0);
}

/* One that was there before the call is the program's own. */
TEST(a_signal_of_a_broken_pipe_that_was_pending_stays)
{
    static const struct timespec at_once = {0, 0};
    sigset_t signals, before, pending;
    int32_t ends[2];
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &signals, &before), 0);
    assert_int_equal(raise(SIGPIPE), 0);
    assert_int_equal(sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(sys_close(ends[1]), 0);
    assert_int_equal(sys_write(ends[0], &piece, 1), -EPIPE);
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 1);
    assert_int_equal(sigtimedwait(&signals, NULL, &at_once), SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    assert_int_equal(sys_close(ends[0]), 0);
}

TEST(only_a_regular_file_that_can_be_read_has_a_size)
{
    int64_t size = 77;
    open_room();
    int32_t folder = made(open("/", O_RDONLY | O_CLOEXEC));
    int32_t written = made(open(room.path.text, O_WRONLY | O_CLOEXEC));
    assert_int_equal(sys_file_size(folder, &size), -EISDIR);
    assert_int_equal(sys_file_size(room.wake, &size), -ESPIPE);
    assert_int_equal(sys_file_size(written, &size), -EBADF);
    assert_int_equal(size, 77);
    assert_int_equal(sys_close(folder), 0);
    assert_int_equal(sys_close(written), 0);
    close_room();
}

TEST(what_is_non_blocking_already_is_not_made_so_again)
{
    open_room();
    library_fail(LIBRARY_fcntl, 1, failure, 1);
    assert_int_equal(sys_set_nonblocking(room.fresh, true), 0);
    assert_int_equal(library_count(), 1);
    library_reset();
    close_room();
}

static int flags_of(int command)
{
    return fcntl(room.file, command, 0);
}

/* Whatever the kernel says, what was adopted is given back as far as it goes. */
TEST(what_was_adopted_becomes_again_what_it_was)
{
    uint32_t was;
    open_room();
    assert_int_equal(fcntl(room.file, F_SETFD, 0), 0);
    assert_int_equal(sys_adopt(room.file, &was), 0);
    assert_int_equal(was, SYS_WAS_BLOCKING | SYS_WAS_INHERITED);
    assert_int_equal(flags_of(F_GETFD), FD_CLOEXEC);
    library_fail(LIBRARY_fcntl, 2, interruption, 1);
    sys_give_back(room.file, was);
    library_reset();
    assert_int_equal(flags_of(F_GETFD), 0);
    assert_int_equal(flags_of(F_GETFL) & O_NONBLOCK, 0);

    assert_int_equal(sys_adopt(room.file, &was), 0);
    library_fail(LIBRARY_fcntl, 2, failure, 1);
    sys_give_back(room.file, was);
    library_reset();
    assert_int_equal(flags_of(F_GETFD), FD_CLOEXEC);
    assert_int_equal(flags_of(F_GETFL) & O_NONBLOCK, 0);
    sys_give_back(room.file, 0);
    assert_int_equal(flags_of(F_GETFD), FD_CLOEXEC);
    close_room();
}

/* A descriptor that another has made blocking is put back before a call that could wait. */
TEST(a_call_that_could_wait_puts_a_blocking_descriptor_back)
{
    open_room();
    assert_int_equal(sys_set_nonblocking(room.ends[0], false), 0);
    assert_int_equal(call_read(), 1);
    assert_int_equal(call_read(), -EAGAIN);
    /* What is wrong with the descriptor, the call itself says. */
    assert_int_equal(sys_read(-1, &piece, 1), -EBADF);
    close_room();
}

TEST(a_working_directory_that_cannot_be_told_is_an_error)
{
    char path[4096];
    assert_int_equal(sys_working_directory(path, sizeof path), 0);
    assert_int_equal(path[0], '/');
    assert_int_equal(sys_working_directory(path, 1), -ERANGE);
    library_fail(LIBRARY_getcwd, 0, failure, 1);
    assert_int_equal(sys_working_directory(path, sizeof path), -EIO);
    library_reset();
}

/* --- The process -------------------------------------------------------------------------------
 */

TEST(a_process_whose_processors_cannot_be_counted_has_one)
{
    library_fail(LIBRARY_sched_getaffinity, 0, failure, 1);
    assert_int_equal(sys_processor_count(), 1);
    library_reset();
    assert_true(sys_processor_count() >= 1);
}

TEST(a_machine_that_does_not_tell_its_processors_has_those_of_the_process)
{
    static const int interruptions[] = {EINTR, EINTR};
    uint32_t online = sys_processor_count_online(), allowed = sys_processor_count();
    assert_true(online >= allowed);
    library_fail(LIBRARY_open, 0, failure, 1);
    assert_int_equal(sys_processor_count_online(), allowed);
    library_fail(LIBRARY_read, 0, failure, 1);
    assert_int_equal(sys_processor_count_online(), allowed);
    library_fail(LIBRARY_open, 0, interruptions, 2);
    assert_int_equal(sys_processor_count_online(), online);
    library_fail(LIBRARY_read, 0, interruptions, 2);
    assert_int_equal(sys_processor_count_online(), online);
    library_reset();
}

/* Text that is no list of ranges ends the count; it is never taken for many processors. */
TEST(the_processors_of_the_machine_are_counted_in_ranges)
{
    static const struct {
        const char *text;
        uint32_t count;
    } rows[] = {
        {"0\n", 1},
        {"0-3\n", 4},
        {"0-3,8\n", 5},
        {"0-1,4-5,1000-1999\n", 1004},
        {"", 0},
        {"\n", 0},
        {"none\n", 0},
        {"0-99,x", 100},
        {"0-99 100-199", 100},
        {"5-2,0-299", 300},
        {"0-70000,0-99", 100},
        {":", 0},
    };
    uint32_t allowed = sys_processor_count();
    for (size_t i = 0; i < array_count(rows); i++) {
        library_read(rows[i].text);
        uint32_t online = sys_processor_count_online();
        library_reset();
        row_begin("%s", rows[i].text);
        row_equal(rows[i].count > allowed ? rows[i].count : allowed, online);
    }
    rows_end();
}

static void *do_nothing(void *context)
{
    return context;
}

TEST(a_thread_that_cannot_be_started_is_an_error_and_leaves_the_signals_alone)
{
    static const int exhausted[] = {EAGAIN};
    sigset_t before, after;
    pthread_t thread;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
    library_fail(LIBRARY_pthread_create, 0, exhausted, 1);
    assert_int_equal(sys_thread_start(&thread, do_nothing, NULL), -EAGAIN);
    library_fail(LIBRARY_pthread_create, 0, exhausted, 1);
    assert_int_equal(sys_thread_start_detached(do_nothing, NULL), -EAGAIN);
    library_fail(LIBRARY_pthread_attr_init, 0, (const int[]){ENOMEM}, 1);
    assert_int_equal(sys_thread_start_detached(do_nothing, NULL), -ENOMEM);
    library_reset();
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
    for (int number = 1; number < 32; number++)
        assert_int_equal(sigismember(&before, number), sigismember(&after, number));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_interrupted_call_is_made_again),
        CASE(a_failed_call_gives_its_errno_and_is_not_made_again),
        CASE(the_calls_of_the_data_path_are_made_once),
        CASE(an_interrupted_close_is_not_made_again),
        CASE(an_interrupted_wait_of_epoll_returns_without_events),
        CASE(a_wake_event_survives_signals),
        CASE(a_wake_event_that_is_full_or_empty_stays_so),
        CASE(taking_the_signal_of_a_broken_pipe_away_is_made_again),
        CASE(a_signal_of_a_broken_pipe_that_was_pending_stays),
        CASE(only_a_regular_file_that_can_be_read_has_a_size),
        CASE(what_is_non_blocking_already_is_not_made_so_again),
        CASE(what_was_adopted_becomes_again_what_it_was),
        CASE(a_call_that_could_wait_puts_a_blocking_descriptor_back),
        CASE(a_working_directory_that_cannot_be_told_is_an_error),
        CASE(a_process_whose_processors_cannot_be_counted_has_one),
        CASE(a_machine_that_does_not_tell_its_processors_has_those_of_the_process),
        CASE(the_processors_of_the_machine_are_counted_in_ranges),
        CASE(a_thread_that_cannot_be_started_is_an_error_and_leaves_the_signals_alone),
    };
    /* Where time_t was once shorter, most of the calls have other names below those in the source.
     */
    if (sizeof(long) < sizeof(int64_t)) {
        puts("skipped: the C library's calls have names of their own here");
        return 0;
    }
    return RUN(cases);
}
