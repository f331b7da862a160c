#include "support/hosts.h"
#include "support/test.h"

#include "dns/dns.h"

TEST(localhost_has_an_entry)
{
    NEED_LOCALHOST();
    sn_dns_entry *entry;
    assert_ok(sn_dns_get_host_entry("localhost", SN_FAMILY_UNSPECIFIED, &entry));
    assert_string_equal("localhost", sn_dns_entry_get_host_name(entry));
    size_t count;
    const sn_ip_address *addresses = sn_dns_entry_get_address_list(entry, &count);
    assert_true(count >= 1);
    assert_true(sn_ip_address_is_loopback(&addresses[0]));
    assert_ptr_equal(addresses, sn_dns_entry_get_address_list(entry, NULL));
    assert_null(sn_dns_entry_get_aliases(entry, &count));
    assert_int_equal(0, count);
    sn_dns_entry_release(entry);
}

TEST(the_loopback_address_has_a_name)
{
    sn_dns_entry *by_text, *by_address;
    sn_error error = sn_dns_get_host_entry("127.0.0.1", SN_FAMILY_UNSPECIFIED, &by_text);
    if (error)
        SKIP("this machine does not know 127.0.0.1: %s", sn_error_name(error));
    assert_ok(sn_dns_get_host_entry_address(&SN_IPV4_LOOPBACK, &by_address));
    assert_string_not_equal("", sn_dns_entry_get_host_name(by_text));
    assert_string_equal(sn_dns_entry_get_host_name(by_text),
                        sn_dns_entry_get_host_name(by_address));
    sn_dns_entry_release(by_text);
    sn_dns_entry_release(by_address);
}

TEST(bad_arguments_are_refused)
{
    static const sn_ip_address nothing = {0};
    sn_dns_entry *entry = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_dns_get_host_entry(NULL, SN_FAMILY_UNSPECIFIED, &entry));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_dns_get_host_entry("localhost", SN_FAMILY_UNSPECIFIED, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_dns_get_host_entry("::", SN_FAMILY_UNSPECIFIED, &entry));
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
                 sn_dns_get_host_entry("localhost", SN_FAMILY_UNIX, &entry));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_dns_get_host_entry_address(NULL, &entry));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_dns_get_host_entry_address(&SN_IPV4_LOOPBACK, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_dns_get_host_entry_address(&SN_IPV4_ANY, &entry));
    assert_error(SN_ERROR_ARGUMENT, sn_dns_get_host_entry_address(&SN_IPV6_ANY, &entry));
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
                 sn_dns_get_host_entry_address(&nothing, &entry));
    assert_null(entry);
}

TEST(no_entry_is_harmless)
{
    size_t count = 99;
    sn_dns_entry_release(NULL);
    assert_string_equal("", sn_dns_entry_get_host_name(NULL));
    assert_null(sn_dns_entry_get_address_list(NULL, &count));
    assert_int_equal(0, count);
    assert_null(sn_dns_entry_get_aliases(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_has_an_entry),
        cmocka_unit_test(the_loopback_address_has_a_name),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(no_entry_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
