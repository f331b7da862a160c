/* The scopes of a thread, without sockets: who is told, and what is left in the wake event. */
#include "descriptor/descriptor.h"

#include <poll.h>

#include "support/test.h"

static void open_point(struct cancel_point *point)
{
    memset(point, 0xa5, sizeof *point);
    cancel_point_init(point);
}

/* As a handle does, see cancellation_cancel(). */
static bool end_point(struct cancel_point *point, sn_error reason)
{
    guard_acquire(GUARD_CANCELLATION, point);
    point->reason = reason;
    bool has_told = cancel_point_tell(point);
    guard_release(GUARD_CANCELLATION, point);
    return has_told;
}

static bool is_signalled(void)
{
    struct sys_poll wake = {.handle = thread_wake(), .events = POLLIN};
    return sys_poll(&wake, 1, 0) == 1;
}

TEST(a_thread_that_has_not_slept_is_in_no_list)
{
    struct cancel_point point;
    struct scope scope;
    open_point(&point);
    assert_false(scope_is_open());
    scope_enter(&scope, &point);
    assert_true(scope_is_open());
    assert_true(list_is_empty(&point.scopes));
    assert_int_equal(0, scope_outcome());
    assert_false(end_point(&point, SN_ERROR_OPERATION_CANCELED));
    assert_int_equal(OUTCOME_RECALLED, scope_outcome());
    assert_int_equal(OUTCOME_RECALLED, scope_before_sleep(thread_wake()));
    assert_true(list_is_empty(&point.scopes));
    scope_leave(&scope);
    assert_false(scope_is_open());
    assert_int_equal(0, scope_outcome());
    assert_false(is_signalled());
}

TEST(one_that_may_sleep_is_told_by_its_wake_event_until_it_leaves)
{
    struct cancel_point point;
    struct scope scope;
    open_point(&point);
    scope_enter(&scope, &point);
    assert_int_equal(0, scope_before_sleep(thread_wake()));
    assert_int_equal(0, scope_before_sleep(thread_wake())); /* it is in the list once */
    assert_false(is_signalled());
    assert_true(end_point(&point, SN_ERROR_TIMED_OUT));
    assert_true(is_signalled());
    assert_int_equal(OUTCOME_OVERDUE, scope_before_sleep(thread_wake()));
    scope_leave(&scope);
    assert_false(is_signalled());
    assert_true(list_is_empty(&point.scopes));
}

TEST(one_that_sleeps_on_a_futex_is_counted_and_gets_no_signal)
{
    struct cancel_point point;
    struct scope scope;
    open_point(&point);
    scope_enter(&scope, &point);
    assert_int_equal(0, scope_before_sleep(-1));
    assert_true(end_point(&point, SN_ERROR_OPERATION_CANCELED));
    assert_false(is_signalled());
    scope_leave(&scope);
}

TEST(one_that_sleeps_first_so_and_then_so_gets_its_signal)
{
    struct cancel_point point;
    struct scope scope;
    open_point(&point);
    scope_enter(&scope, &point);
    assert_int_equal(0, scope_before_sleep(-1));
    assert_int_equal(0, scope_before_sleep(thread_wake()));
    assert_int_equal(0, scope_before_sleep(-1)); /* and keeps it */
    assert_true(end_point(&point, SN_ERROR_OPERATION_CANCELED));
    assert_true(is_signalled());
    scope_leave(&scope);
    assert_false(is_signalled());
}

TEST(the_innermost_scope_that_has_ended_says_why)
{
    struct cancel_point points[3];
    struct scope scopes[3];
    for (int i = 0; i < 3; i++) {
        open_point(&points[i]);
        assert_false(scope_is_entered(&scopes[i]));
        scope_enter(&scopes[i], &points[i]);
        assert_true(scope_is_entered(&scopes[i]));
    }
    assert_int_equal(0, scope_before_sleep(thread_wake()));
    (void)end_point(&points[0], SN_ERROR_OPERATION_CANCELED);
    assert_int_equal(OUTCOME_RECALLED, scope_before_sleep(thread_wake()));
    (void)end_point(&points[2], SN_ERROR_TIMED_OUT);
    assert_int_equal(OUTCOME_OVERDUE, scope_outcome());
    scope_leave(&scopes[2]);
    assert_int_equal(OUTCOME_RECALLED, scope_outcome());
    scope_leave(&scopes[1]);
    scope_leave(&scopes[0]);
    assert_false(is_signalled());
    assert_false(scope_is_open());
}

TEST(a_wait_that_no_scope_must_end_sees_none)
{
    struct cancel_point point;
    struct scope scope;
    open_point(&point);
    scope_enter(&scope, &point);
    (void)end_point(&point, SN_ERROR_OPERATION_CANCELED);
    struct scope *suspended = scopes_suspend();
    assert_false(scope_is_open());
    assert_int_equal(0, scope_outcome());
    scopes_resume(suspended);
    assert_int_equal(OUTCOME_RECALLED, scope_outcome());
    scope_leave(&scope);
}

TEST(an_outcome_is_told_as_an_error)
{
    assert_int_equal(SN_ERROR_TIMED_OUT, scope_error(OUTCOME_OVERDUE));
    assert_int_equal(SN_ERROR_OPERATION_CANCELED, scope_error(OUTCOME_RECALLED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_has_not_slept_is_in_no_list),
        cmocka_unit_test(one_that_may_sleep_is_told_by_its_wake_event_until_it_leaves),
        cmocka_unit_test(one_that_sleeps_on_a_futex_is_counted_and_gets_no_signal),
        cmocka_unit_test(one_that_sleeps_first_so_and_then_so_gets_its_signal),
        cmocka_unit_test(the_innermost_scope_that_has_ended_says_why),
        cmocka_unit_test(a_wait_that_no_scope_must_end_sees_none),
        cmocka_unit_test(an_outcome_is_told_as_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
