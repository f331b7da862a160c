/* The file is not built where there is io_uring, so it is taken in under another name. */
#define backend_io_uring backend_that_is_absent
#include "backends/absent.c"
#undef backend_io_uring

#include <string.h>

#include "support/test.h"
#include "sys/sys.h"

extern const struct backend_class backend_io_uring;

TEST(what_was_not_built_says_so_and_opens_nothing)
{
    struct backend_host host = {.wake_handle = -1, .watched = -1};
    const struct backend_class *absent = &backend_that_is_absent;
    struct backend *backend = absent->make(&host);
    assert_non_null(backend);
    assert_int_equal(absent->open(backend, 64), -EOPNOTSUPP);
    assert_int_equal(absent->check(backend), -EOPNOTSUPP);
    absent->close(backend);
    assert_non_null(strstr(absent->absence, "without io_uring"));
}

TEST(it_answers_to_the_name_of_what_it_stands_for)
{
    assert_int_equal(backend_that_is_absent.id, backend_io_uring.id);
    assert_string_equal(backend_that_is_absent.name, backend_io_uring.name);
}

/* Asked for, it does not work; by itself epoll comes, with the reason. */
TEST(an_engine_takes_epoll_in_its_place)
{
    struct backend_host host = {.wake_handle = -1, .watched = -1};
    struct backend_choice choice = {.wanted = SN_ENGINE_BACKEND_IO_URING,
                                    .class = &backend_that_is_absent};
    struct backend *backend = choice.class->make(&host);
    assert_int_equal(backend_settle(&choice, 64, &host, &backend), -EOPNOTSUPP);
    assert_null(choice.class);
    assert_null(backend);

    choice = (struct backend_choice){.wanted = SN_ENGINE_BACKEND_AUTOMATIC,
                                     .class = &backend_that_is_absent};
    host.wake_handle = sys_wake_open();
    backend = choice.class->make(&host);
    assert_int_equal(backend_settle(&choice, 64, &host, &backend), 0);
    assert_ptr_equal(choice.class, &backend_epoll);
    assert_string_equal(choice.reason, backend_that_is_absent.absence);
    backend_epoll.close(backend);
    (void)sys_close(host.wake_handle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_built_says_so_and_opens_nothing),
        cmocka_unit_test(it_answers_to_the_name_of_what_it_stands_for),
        cmocka_unit_test(an_engine_takes_epoll_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
