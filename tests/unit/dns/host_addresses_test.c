#include "support/hosts.h"
#include "support/test.h"

#include <stdlib.h>

#include "dns/dns.h"
#include "error/error.h"

static size_t count_of(const char *host, sn_address_family family)
{
    size_t count = 99;
    assert_ok(sn_dns_get_host_addresses(host, family, NULL, 0, &count));
    return count;
}

TEST(localhost_is_a_loopback_address)
{
    NEED_LOCALHOST();
    sn_ip_address address;
    size_t count;
    assert_ok(sn_dns_get_host_addresses("localhost", SN_FAMILY_UNSPECIFIED, &address, 1, &count));
    assert_true(count >= 1);
    assert_true(sn_ip_address_is_loopback(&address));
}

TEST(the_own_name_and_the_empty_text_are_this_machine)
{
    char name[SN_HOST_SIZE_MAX + 1];
    assert_ok(sn_dns_get_host_name(name, sizeof name));
    size_t count;
    sn_error error = sn_dns_get_host_addresses(name, SN_FAMILY_UNSPECIFIED, NULL, 0, &count);
    if (error)
        SKIP("this machine does not know its own name: %s", sn_error_name(error));
    assert_true(count >= 1);
    assert_int_equal(count, count_of("", SN_FAMILY_UNSPECIFIED));
}

TEST(the_text_of_an_address_is_its_own_answer)
{
    sn_ip_address expected, address;
    size_t count;
    static const char *const texts[] = {
        "192.0.2.77", "fd00::77", "[::1]", "fe80::1%7", "12", "::ffff:0.0.0.0", "255.255.255.255"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_ok(sn_ip_address_parse(texts[i], &expected));
        assert_ok(sn_dns_get_host_addresses(texts[i], SN_FAMILY_UNSPECIFIED, &address, 1, &count));
        assert_int_equal(1, count);
        assert_true(sn_ip_address_equals(&expected, &address));
        assert_int_equal(1, count_of(texts[i], expected.family));
        assert_int_equal(0, count_of(texts[i], SN_FAMILY_UNIX));
        assert_int_equal(0, count_of(texts[i], SN_FAMILY_UNKNOWN));
    }
    assert_int_equal(0, count_of("127.0.0.1", SN_FAMILY_IPV6));
    assert_int_equal(0, count_of("::1", SN_FAMILY_IPV4));
}

TEST(the_unspecified_addresses_are_refused)
{
    static const char *const texts[] = {"0.0.0.0", "::", "0", "[::]", "0x0.0", "::0.0.0.0"};
    size_t count;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        error_set_last_native(77);
        assert_error(SN_ERROR_ARGUMENT,
                     sn_dns_get_host_addresses(texts[i], SN_FAMILY_UNSPECIFIED, NULL, 0, &count));
        assert_int_equal(0, sn_error_last_native());
    }
}

TEST(other_families_are_refused)
{
    static const sn_address_family families[] = {SN_FAMILY_UNIX, SN_FAMILY_PACKET,
                                                 SN_FAMILY_UNKNOWN, SN_FAMILY_APPLE_TALK,
                                                 (sn_address_family)77};
    size_t count;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
                     sn_dns_get_host_addresses("localhost", families[i], NULL, 0, &count));
}

TEST(missing_pointers_are_refused)
{
    sn_ip_address address;
    size_t count = 99;
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_dns_get_host_addresses(NULL, SN_FAMILY_UNSPECIFIED, &address, 1, &count));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_dns_get_host_addresses("::1", SN_FAMILY_UNSPECIFIED, NULL, 1, &count));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_dns_get_host_addresses("::1", SN_FAMILY_UNSPECIFIED, &address, 1, NULL));
    assert_int_equal(99, count);
}

/* Only names that the resolver refuses without asking the network: a label of more than 63 bytes,
 * an empty label. Others are in question_test.c and lookup_fault.c. */
TEST(hostile_names_are_errors)
{
    size_t count;
    static const char *const names[] = {"a..b",   "..",  "a b..\n", "\xff\xfe..x",
                                        "%s%n..", "[..", ":.."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_not_equal(
            SN_OK, sn_dns_get_host_addresses(names[i], SN_FAMILY_UNSPECIFIED, NULL, 0, &count));
    static const size_t sizes[] = {64, 253, 254, 255, 256, 257, 1000, 65536, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *name = malloc(sizes[i] + 1);
        assert_non_null(name);
        memset(name, 'a', sizes[i]);
        name[sizes[i]] = '\0';
        sn_error error = sn_dns_get_host_addresses(name, SN_FAMILY_UNSPECIFIED, NULL, 0, &count);
        assert_int_not_equal(SN_OK, error);
        assert_int_equal(sizes[i] >= 255, error == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
        free(name);
    }
}

TEST(the_room_inside_takes_a_name_without_a_nul)
{
    NEED_LOCALHOST();
    struct dns_addresses addresses = {0};
    assert_ok(dns_addresses("localhostage", 9, SN_FAMILY_UNSPECIFIED, &addresses));
    assert_true(addresses.count >= 1);
    dns_addresses_free(&addresses);
    assert_ok(dns_addresses("::1", 3, SN_FAMILY_IPV4, &addresses));
    assert_int_equal(0, addresses.count);
    dns_addresses_free(&addresses);
    assert_error(SN_ERROR_HOST_NOT_FOUND,
                 dns_addresses("localhost\0evil", 14, SN_FAMILY_UNSPECIFIED, &addresses));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_is_a_loopback_address),
        cmocka_unit_test(the_own_name_and_the_empty_text_are_this_machine),
        cmocka_unit_test(the_text_of_an_address_is_its_own_answer),
        cmocka_unit_test(the_unspecified_addresses_are_refused),
        cmocka_unit_test(other_families_are_refused),
        cmocka_unit_test(missing_pointers_are_refused),
        cmocka_unit_test(hostile_names_are_errors),
        cmocka_unit_test(the_room_inside_takes_a_name_without_a_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
