#include "support/test.h"

#include "dns/threads.h"
#include "error/error.h"

TEST(the_limit_can_be_read_and_set)
{
    assert_int_equal(DNS_THREADS_DEFAULT, sn_dns_get_thread_limit());
    assert_ok(sn_dns_set_thread_limit(3));
    assert_int_equal(3, sn_dns_get_thread_limit());
}

TEST(a_limit_out_of_range_changes_nothing)
{
    static const unsigned limits[] = {0, POOL_LIMIT_MAX + 1, UINT32_MAX};
    assert_ok(sn_dns_set_thread_limit(POOL_LIMIT_MAX));
    for (size_t i = 0; i < array_count(limits); i++) {
        error_set_last_native(77);
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_dns_set_thread_limit(limits[i]));
        assert_int_equal(0, sn_error_last_native());
    }
    assert_int_equal(POOL_LIMIT_MAX, sn_dns_get_thread_limit());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_can_be_read_and_set),
        cmocka_unit_test(a_limit_out_of_range_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
