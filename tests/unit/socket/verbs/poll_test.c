#include "support/test.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "engine/engine.h"
#include "socket/verbs/poll.h"
#include "sys/sys.h"

TEST(each_mode_asks_for_and_answers_to_its_events)
{
    assert_int_equal(poll_asked(SN_SELECT_READ), POLLIN);
    assert_int_equal(poll_asked(SN_SELECT_WRITE), POLLOUT);
    assert_int_equal(poll_asked(SN_SELECT_ERROR), POLLPRI);
    assert_int_equal(poll_asked((sn_select_mode)3), 0);
    assert_int_equal(poll_answers(SN_SELECT_READ), POLLIN | POLLHUP);
    assert_int_equal(poll_answers(SN_SELECT_WRITE), POLLOUT);
    assert_int_equal(poll_answers(SN_SELECT_ERROR), POLLERR | POLLPRI);
    assert_int_equal(poll_answers((sn_select_mode)-1), 0);
}

/* .NET divides by 1000 and truncates toward zero. */
TEST(microseconds_are_cut_to_milliseconds)
{
    static const struct {
        int timeout_us;
        bool is_right;
        int64_t deadline_ns; /* 0, SYS_NEVER, or the span */
    } rows[] = {
        {0, true, 0},
        {1, true, 0},
        {999, true, 0},
        {1000, true, 1000000},
        {1999, true, 1000000},
        {INT_MAX, true, INT64_C(2147483) * 1000000},
        {-1, true, SYS_NEVER},
        {-2, true, 0},
        {-999, true, 0},
        {-1000, true, SYS_NEVER},
        {-1999, true, SYS_NEVER},
        {-2000, false, 0},
        {INT_MIN, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t deadline_ns = 77, before = sys_now();
        assert_int_equal(poll_deadline(rows[i].timeout_us, &deadline_ns), rows[i].is_right);
        if (!rows[i].is_right)
            assert_int_equal(deadline_ns, 77);
        else if (rows[i].deadline_ns == 0 || rows[i].deadline_ns == SYS_NEVER)
            assert_true(deadline_ns == rows[i].deadline_ns);
        else
            assert_true(deadline_ns >= before + rows[i].deadline_ns &&
                        deadline_ns <= sys_now() + rows[i].deadline_ns);
    }
}

TEST(what_ended_the_wait_is_told)
{
    assert_error(SN_ERROR_INTERRUPTED, poll_error(OUTCOME_CLOSED));
    assert_int_equal(sn_error_last_native(), 0);
    assert_error(SN_ERROR_OPERATION_CANCELED, poll_error(OUTCOME_CANCELED));
    assert_int_equal(sn_error_last_native(), 0);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, poll_error(-EMFILE));
    assert_int_equal(sn_error_last_native(), EMFILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_asks_for_and_answers_to_its_events),
        cmocka_unit_test(microseconds_are_cut_to_milliseconds),
        cmocka_unit_test(what_ended_the_wait_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
