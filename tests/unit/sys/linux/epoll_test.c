#include "support/test.h"

#include "sys/sys.h"

static int32_t epoll, wake;

static int set_up(void **state)
{
    (void)state;
    epoll = sys_epoll_open();
    wake = sys_wake_open();
    return epoll < 0 || wake < 0 || sys_epoll_register(epoll, wake, EPOLLIN | EPOLLET, &wake) < 0;
}

static int tear_down(void **state)
{
    (void)state;
    return sys_close(epoll) < 0 || sys_close(wake) < 0;
}

static int32_t wait_until(int64_t deadline_ns, struct epoll_event *out_event)
{
    return sys_epoll_wait(epoll, out_event, 1, deadline_ns);
}

TEST(a_wait_ends_at_its_deadline_and_not_before)
{
    struct epoll_event event;
    int64_t deadline = sys_now() + 1;
    assert_int_equal(wait_until(deadline, &event), 0);
    assert_true(sys_now() >= deadline);
    deadline = sys_now() + 2500000;
    assert_int_equal(wait_until(deadline, &event), 0);
    assert_true(sys_now() >= deadline);
}

TEST(a_deadline_that_has_passed_waits_for_nothing)
{
    struct epoll_event event;
    assert_int_equal(wait_until(0, &event), 0);
    assert_int_equal(wait_until(-1, &event), 0);
    assert_int_equal(wait_until(1, &event), 0);
}

TEST(what_is_ready_comes_whatever_the_deadline_is)
{
    static const int64_t deadlines[] = {INT64_MIN, 0, 1, INT64_MAX - 1, SYS_NEVER};
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        struct epoll_event event = {0};
        sys_wake_signal(wake);
        assert_int_equal(wait_until(deadlines[i], &event), 1);
        assert_ptr_equal(event.data.ptr, &wake);
    }
}

TEST(what_is_forgotten_reports_nothing)
{
    struct epoll_event event;
    assert_int_equal(sys_epoll_forget(epoll, wake), 0);
    sys_wake_signal(wake);
    assert_int_equal(wait_until(0, &event), 0);
    assert_true(sys_epoll_forget(epoll, wake) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wait_ends_at_its_deadline_and_not_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_deadline_that_has_passed_waits_for_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_ready_comes_whatever_the_deadline_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_forgotten_reports_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
