#include "unit/engine/engines.h"

#include <stdlib.h>

#include "backends/backend.h"

struct choice {
    const struct backend_class *class;
    const char *reason;
    int32_t native;
};

/* As an engine's first worker makes it. */
static struct choice choose(sn_engine_backend wanted, const char *environment)
{
    struct backend_host host = {.wake_handle = sys_wake_open(), .watched = -1};
    if (environment)
        setenv("SENNIT_ENGINE", environment, 1);
    else
        unsetenv("SENNIT_ENGINE");
    struct backend_choice made = backend_choose(wanted);
    unsetenv("SENNIT_ENGINE");
    struct backend *backend = made.class->make(&host);
    int32_t native = backend_settle(&made, 64, &host, &backend);
    if (backend)
        made.class->close(backend);
    (void)sys_close(host.wake_handle);
    assert_int_equal(native < 0, !backend);
    return (struct choice){made.class, made.reason, native};
}

TEST(epoll_comes_when_the_program_or_the_environment_asks_for_it)
{
    struct choice choice = choose(SN_ENGINE_BACKEND_EPOLL, NULL);
    assert_ptr_equal(choice.class, &backend_epoll);
    assert_non_null(strstr(choice.reason, "the program asked"));
    assert_int_equal(choice.native, 0);
    choice = choose(SN_ENGINE_BACKEND_AUTOMATIC, "epoll");
    assert_ptr_equal(choice.class, &backend_epoll);
    assert_non_null(strstr(choice.reason, "SENNIT_ENGINE"));
}

TEST(the_programs_choice_is_stronger_than_the_environment)
{
    struct choice asked = choose(SN_ENGINE_BACKEND_IO_URING, NULL);
    assert_ptr_equal(choose(SN_ENGINE_BACKEND_IO_URING, "epoll").class, asked.class);
    assert_ptr_equal(choose(SN_ENGINE_BACKEND_EPOLL, "io_uring").class, &backend_epoll);
}

TEST(io_uring_comes_where_it_works_and_the_reason_is_told)
{
    struct choice choice = choose(SN_ENGINE_BACKEND_IO_URING, NULL);
    struct choice automatic = choose(SN_ENGINE_BACKEND_AUTOMATIC, NULL);
    assert_non_null(choice.reason);
    if (choice.class) {
        assert_ptr_equal(choice.class, &backend_io_uring);
        assert_int_equal(choice.native, 0);
        assert_ptr_equal(automatic.class, &backend_io_uring);
        assert_ptr_equal(choose(SN_ENGINE_BACKEND_AUTOMATIC, "io_uring").class, &backend_io_uring);
        assert_ptr_equal(choose(SN_ENGINE_BACKEND_AUTOMATIC, "nonsense").class, &backend_io_uring);
    } else {
        assert_true(choice.native < 0);
        assert_ptr_equal(automatic.class, &backend_epoll);
        assert_string_equal(automatic.reason, choice.reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epoll_comes_when_the_program_or_the_environment_asks_for_it),
        cmocka_unit_test(the_programs_choice_is_stronger_than_the_environment),
        cmocka_unit_test(io_uring_comes_where_it_works_and_the_reason_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
