#include "unit/engine/engines.h"

#include "operation/splice.h"

#include <fcntl.h>
#include <poll.h>

static int pair[2], ends[2];

static void open_all(void)
{
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
    assert_int_equal(0, sys_pipe(ends));
}

static void close_all(void)
{
    for (int i = 0; i < 2; i++) {
        close(pair[i]);
        close(ends[i]);
    }
}

static sn_operation operation_that(enum operation_action action, int pipe, size_t size)
{
    static struct descriptor plain;
    sn_operation operation = {0};
    record_of(&operation)->owner = &plain;
    record_of(&operation)->action = (uint8_t)action;
    record_of(&operation)->marks = action == ACTION_SPLICE_OUT ? MARK_ALL : 0;
    record_of(&operation)->buffer.size = size;
    record_of(&operation)->room.splice.pipe = pipe;
    return operation;
}

TEST(one_half_fills_the_pipe_with_what_is_there)
{
    open_all();
    sn_operation in = operation_that(ACTION_SPLICE_IN, ends[1], SPLICE_SIZE);
    assert_int_equal(-EAGAIN, operation_attempt(&in, pair[0]));
    assert_true(operation_would_block(&in, -EAGAIN));
    assert_int_equal(POLLIN | POLLRDHUP, operation_events(&in, -EAGAIN));
    assert_int_equal(3, write(pair[1], "abc", 3));
    assert_int_equal(3, operation_attempt(&in, pair[0]));
    assert_false(operation_advance(&in, 3));
    assert_int_equal(3, in.transferred);
    assert_false(record_of(&in)->room.splice.is_refused);
    close_all();
}

TEST(the_other_half_goes_on_until_the_pipe_is_empty)
{
    open_all();
    assert_int_equal(5, write(ends[1], "abcde", 5));
    sn_operation out = operation_that(ACTION_SPLICE_OUT, ends[0], 5);
    assert_int_equal(POLLOUT, operation_events(&out, -EAGAIN));
    assert_true(operation_advance(&out, 2)); /* as if a part had gone */
    assert_int_equal(3, record_of(&out)->buffer.size);
    assert_int_equal(3, operation_attempt(&out, pair[0]));
    assert_false(operation_advance(&out, 3));
    assert_int_equal(5, out.transferred);
    close_all();
}

/* An event cannot do it; the caller moves the bytes otherwise. */
TEST(a_refusal_is_no_error_and_moves_nothing)
{
    open_all();
    int32_t event = sys_wake_open();
    sn_operation in = operation_that(ACTION_SPLICE_IN, ends[1], SPLICE_SIZE);
    assert_int_equal(0, splice_in_attempt(&in, event));
    assert_true(record_of(&in)->room.splice.is_refused);
    assert_false(operation_advance(&in, 0));
    sn_operation out = operation_that(ACTION_SPLICE_OUT, ends[1], 5); /* the wrong end */
    assert_int_equal(-EBADF, splice_out_attempt(&out, pair[0]));
    assert_false(record_of(&out)->room.splice.is_refused);
    assert_false(operation_advance(&out, 0));
    (void)sys_close(event);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_half_fills_the_pipe_with_what_is_there),
        cmocka_unit_test(the_other_half_goes_on_until_the_pipe_is_empty),
        cmocka_unit_test(a_refusal_is_no_error_and_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
