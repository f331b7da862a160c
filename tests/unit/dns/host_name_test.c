#include "support/test.h"

#include <unistd.h>

#include "dns/dns.h"

TEST(the_host_name_is_the_systems)
{
    char expected[SN_HOST_SIZE_MAX + 1], name[SN_HOST_SIZE_MAX + 1];
    assert_int_equal(0, gethostname(expected, sizeof expected));
    assert_ok(sn_dns_get_host_name(name, sizeof name));
    assert_string_equal(expected, name);
}

TEST(a_name_that_does_not_fit_leaves_the_buffer_alone)
{
    char name[SN_HOST_SIZE_MAX + 1];
    assert_ok(sn_dns_get_host_name(name, sizeof name));
    size_t length = strlen(name);
    char exact[SN_HOST_SIZE_MAX + 1] = "untouched";
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_dns_get_host_name(exact, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_dns_get_host_name(exact, length));
    assert_string_equal("untouched", exact);
    assert_ok(sn_dns_get_host_name(exact, length + 1));
    assert_string_equal(name, exact);
}

TEST(a_missing_buffer_is_refused)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_dns_get_host_name(NULL, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_name_is_the_systems),
        cmocka_unit_test(a_name_that_does_not_fit_leaves_the_buffer_alone),
        cmocka_unit_test(a_missing_buffer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
