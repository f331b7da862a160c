/*
 * The calls of sys that do more than to be made again (see calls_fault.c), and what they find out
 * about the process.
 */
#include "fault/calls.h"
#include "fault/library.h"

#include <errno.h>

#include "support/transfer_support.h"
#include "sys/sys.h"

/* --- Those that are different ----------------------------------------------------------------- */

static const int interruption[] = {EINTR}, failure[] = {EIO};

TEST(the_calls_of_the_data_path_neither_wait_nor_raise_a_signal)
{
    open_room();
    assert_int_equal(sys_receive_once(room.ends[0], bytes, 1), 1);
    assert_int_equal(sys_receive_once(room.ends[0], bytes, 1), -EAGAIN);
    assert_int_equal(sys_receive_once(room.file, bytes, 1), -ENOTSOCK);
    assert_int_equal(sys_send_once(room.ends[0], bytes, 1), 1);
    assert_int_equal(sys_send_once(room.fresh, bytes, 1), -EPIPE); /* and no signal */
    assert_int_equal(sys_send_to_once(room.ends[1], bytes, 1, NULL, 0), 1);
    assert_int_equal(sys_receive_from_once(room.ends[0], bytes, 1, 0, NULL, NULL), 1);
    assert_int_equal(sys_receive_from_once(room.ends[0], bytes, 1, 0, NULL, NULL), -EAGAIN);
    assert_int_equal(sys_receive_from_once(room.file, bytes, 1, 0, NULL, NULL), -ENOTSOCK);
    assert_int_equal(sys_send_to_once(room.fresh, bytes, 1, NULL, 0), -EPIPE);
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
    assert_int_equal(sys_epoll_wait(room.epoll, &event, 1, SYS_NEVER), -EINTR);
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

/* --- The process ------------------------------------------------------------------------------ */

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
        CASE(the_calls_of_the_data_path_neither_wait_nor_raise_a_signal),
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
