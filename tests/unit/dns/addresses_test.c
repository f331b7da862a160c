#include "support/test.h"

#include "dns/lookup.h"

static sn_ip_address parse(const char *text)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

TEST(an_address_is_added_once)
{
    static const char *const texts[] = {"192.0.2.1", "::1",       "192.0.2.1",
                                        "fe80::1%2", "fe80::1%3", "::ffff:192.0.2.1"};
    struct dns_addresses addresses = {0};
    assert_true(dns_addresses_reserve(&addresses, 6));
    for (size_t i = 0; i < 6; i++) {
        sn_ip_address address = parse(texts[i]);
        dns_addresses_add(&addresses, &address);
    }
    assert_int_equal(5, addresses.count);
    dns_addresses_free(&addresses);
}

TEST(reserving_keeps_what_is_there)
{
    struct dns_addresses addresses = {0};
    assert_true(dns_addresses_reserve(&addresses, 1));
    dns_addresses_add(&addresses, &SN_IPV6_LOOPBACK);
    assert_true(dns_addresses_reserve(&addresses, 100));
    assert_true(dns_addresses_reserve(&addresses, 0));
    assert_int_equal(1, addresses.count);
    assert_true(sn_ip_address_equals(&SN_IPV6_LOOPBACK, &addresses.addresses[0]));
    dns_addresses_free(&addresses);
}

TEST(more_than_fits_in_memory_is_refused)
{
    struct dns_addresses addresses = {0};
    assert_false(dns_addresses_reserve(&addresses, SIZE_MAX));
    assert_true(dns_addresses_reserve(&addresses, 1));
    dns_addresses_add(&addresses, &SN_IPV6_LOOPBACK);
    assert_false(dns_addresses_reserve(&addresses, SIZE_MAX));
    assert_int_equal(1, addresses.count);
    dns_addresses_free(&addresses);
}

TEST(freeing_leaves_an_empty_list_and_may_be_repeated)
{
    struct dns_addresses addresses = {0};
    dns_addresses_free(&addresses);
    assert_true(dns_addresses_reserve(&addresses, 1));
    dns_addresses_free(&addresses);
    assert_null(addresses.addresses);
    assert_int_equal(0, addresses.count);
    dns_addresses_free(&addresses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_added_once),
        cmocka_unit_test(reserving_keeps_what_is_there),
        cmocka_unit_test(more_than_fits_in_memory_is_refused),
        cmocka_unit_test(freeing_leaves_an_empty_list_and_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
