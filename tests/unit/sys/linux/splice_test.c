/* A pipe, and bytes that go through it. */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "sys/sys.h"

static int32_t near[2], far[2], ends[2];

static void open_all(void)
{
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, near));
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, far));
    assert_int_equal(0, sys_pipe(ends));
}

static void close_pair(const int32_t pair[2])
{
    for (int i = 0; i < 2; i++)
        (void)sys_close(pair[i]);
}

static void close_all(void)
{
    close_pair(near);
    close_pair(far);
    close_pair(ends);
}

TEST(a_pipe_neither_waits_nor_is_inherited)
{
    open_all();
    for (int i = 0; i < 2; i++) {
        assert_true(descriptor_is_nonblocking(ends[i]));
        assert_true(descriptor_is_close_on_exec(ends[i]));
    }
    close_all();
}

TEST(bytes_go_through_a_pipe)
{
    char data[8];
    open_all();
    assert_int_equal(-EAGAIN, sys_splice_in(near[1], ends[1], 100));
    assert_int_equal(5, write(near[0], "bytes", 5));
    assert_int_equal(5, sys_splice_in(near[1], ends[1], 100));
    assert_int_equal(2, sys_splice_out(ends[0], far[0], 2));
    assert_int_equal(3, sys_splice_out(ends[0], far[0], 3));
    assert_int_equal(5, read(far[1], data, sizeof data));
    assert_memory_equal("bytes", data, 5);
    assert_int_equal(0, shutdown(near[0], SHUT_WR));
    assert_int_equal(0, sys_splice_in(near[1], ends[1], 100));
    close_all();
}

/* Whoever shares the open file may have made it wait. */
TEST(a_splice_never_waits)
{
    open_all();
    assert_int_equal(0, fcntl(near[1], F_SETFL, 0));
    assert_int_equal(-EAGAIN, sys_splice_in(near[1], ends[1], 100));
    assert_int_equal(0, fcntl(far[0], F_SETFL, 0));
    int64_t result = 1;
    while (result > 0) { /* until the receiver's queue is full */
        char block[4096] = "";
        assert_int_equal(sizeof block, write(ends[1], block, sizeof block));
        result = sys_splice_out(ends[0], far[0], sizeof block);
    }
    assert_int_equal(-EAGAIN, result);
    close_all();
}

TEST(a_broken_connection_raises_no_signal)
{
    sigset_t pending;
    open_all();
    assert_int_equal(1, write(ends[1], "x", 1));
    (void)sys_close(far[1]);
    assert_int_equal(-EPIPE, sys_splice_out(ends[0], far[0], 1));
    assert_int_equal(0, sigpending(&pending));
    assert_false(sigismember(&pending, SIGPIPE));
    far[1] = -1;
    close_all();
}

TEST(what_cannot_be_spliced_says_so)
{
    open_all();
    int32_t event = sys_wake_open();
    assert_int_equal(-EBADF, sys_splice_in(-1, ends[1], 1));
    assert_int_equal(-EINVAL, sys_splice_in(event, ends[1], 1));
    (void)sys_close(event);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_neither_waits_nor_is_inherited),
        cmocka_unit_test(bytes_go_through_a_pipe),
        cmocka_unit_test(a_splice_never_waits),
        cmocka_unit_test(a_broken_connection_raises_no_signal),
        cmocka_unit_test(what_cannot_be_spliced_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
