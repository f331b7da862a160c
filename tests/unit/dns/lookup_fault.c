/* What the resolver may say, and what becomes of it. */
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/lookup.h"
#include "error/error.h"
#include "scripted_resolver.h"
#include "support/allocations.h"

static void check(sn_dns_entry *entry, const char *const *expected, size_t count)
{
    size_t found_count;
    const sn_ip_address *found = sn_dns_entry_get_address_list(entry, &found_count);
    assert_int_equal(count, found_count);
    for (size_t i = 0; i < count; i++) {
        char text[SN_IP_ADDRESS_TEXT_SIZE];
        assert_ok(sn_ip_address_format(&found[i], text, sizeof text));
        assert_string_equal(expected[i], text);
    }
    sn_dns_entry_release(entry);
}

static sn_dns_entry *entry_of(const char *host, sn_address_family family)
{
    sn_dns_entry *entry = NULL;
    assert_ok(sn_dns_get_host_entry(host, family, &entry));
    return entry;
}

#define CHECK(entry, ...)                                                                          \
    do {                                                                                           \
        const char *const expected[] = {__VA_ARGS__};                                              \
        check(entry, expected, sizeof expected / sizeof expected[0]);                              \
    } while (0)

TEST(each_failure_of_the_resolver_has_its_error)
{
    static const struct {
        const char *host;
        sn_error error;
        int native;
    } rows[] = {
        {"fails-200001", SN_ERROR_TRY_AGAIN, EAGAIN},
        {"fails-200002", SN_ERROR_INVALID_ARGUMENT, EINVAL},
        {"fails-200003", SN_ERROR_NO_RECOVERY, 0},
        {"fails-200004", SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, EAFNOSUPPORT},
        {"fails-200005", SN_ERROR_HOST_NOT_FOUND, 0},
        {"fails-200006", SN_ERROR_SOCKET_ERROR, 0},
        {"fails-12", SN_ERROR_OUT_OF_MEMORY, ENOMEM},
        {"fails-24", SN_ERROR_SOCKET_ERROR, EMFILE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count = 99;
        error_set_last_native(77);
        assert_error(rows[i].error, sn_dns_get_host_addresses(rows[i].host, SN_FAMILY_UNSPECIFIED,
                                                              NULL, 0, &count));
        assert_int_equal(rows[i].native, sn_error_last_native());
        assert_int_equal(99, count);
    }
}

TEST(addresses_keep_their_order_and_appear_once)
{
    script_reset();
    script.listed[0].text = "192.0.2.9";
    script.listed[1].text = "fe80::1%3";
    script.listed[2].text = "192.0.2.9";
    script.listed[3].text = "fe80::1%4";
    script.listed[4].text = "fe80::1%3";
    script.listed[5].text = "192.0.2.8";
    CHECK(entry_of("listed", SN_FAMILY_UNSPECIFIED), "192.0.2.9", "fe80::1%3", "fe80::1%4",
          "192.0.2.8");
    CHECK(entry_of("listed", SN_FAMILY_IPV4), "192.0.2.9", "192.0.2.8");
}

/* The resolver decides what a name is; here it gets every one as it is. */
TEST(strange_names_are_handed_on)
{
    static const char *const names[] = {"local host", " quick", "\n",   "\xff\xfe",
                                        "%s%n",       "[",      "[::1", "1.2.3.4.",
                                        "1.2.3.4.5",  ":",      "-x",   "127.0.0.1 "};
    script_reset();
    size_t count;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_error(SN_ERROR_HOST_NOT_FOUND,
                     sn_dns_get_host_addresses(names[i], SN_FAMILY_UNSPECIFIED, NULL, 0, &count));
    assert_int_equal(sizeof names / sizeof names[0], script_lookup_count());
}

TEST(a_name_without_addresses_gives_none)
{
    script_reset();
    size_t count = 99;
    assert_ok(sn_dns_get_host_addresses("listed", SN_FAMILY_UNSPECIFIED, NULL, 0, &count));
    assert_int_equal(0, count);
}

TEST(a_small_array_is_filled_and_the_count_is_whole)
{
    script_reset();
    script.listed[0].text = "192.0.2.1";
    script.listed[1].text = "192.0.2.2";
    script.listed[2].text = "192.0.2.3";
    sn_ip_address addresses[3] = {{.family = SN_FAMILY_UNKNOWN}};
    addresses[2].family = SN_FAMILY_UNKNOWN;
    size_t count;
    assert_ok(sn_dns_get_host_addresses("listed", SN_FAMILY_UNSPECIFIED, addresses, 2, &count));
    assert_int_equal(3, count);
    assert_int_equal(1, addresses[0].bytes[3]);
    assert_int_equal(2, addresses[1].bytes[3]);
    assert_int_equal(SN_FAMILY_UNKNOWN, addresses[2].family);
}

TEST(the_host_name_is_the_canonical_one_or_the_one_asked_for)
{
    script_reset();
    sn_dns_entry *entry = entry_of("listed", SN_FAMILY_UNSPECIFIED);
    assert_string_equal("listed", sn_dns_entry_get_host_name(entry));
    sn_dns_entry_release(entry);
    script.canonical_name = "canonical.example";
    entry = entry_of("listed", SN_FAMILY_UNSPECIFIED);
    assert_string_equal("canonical.example", sn_dns_entry_get_host_name(entry));
    sn_dns_entry_release(entry);
}

/* --- This machine's own name ------------------------------------------------------------------ */

TEST(the_own_name_brings_the_interfaces_without_loopback)
{
    script_reset();
    script.interfaces[0] = (struct script_address){"127.0.0.1", true};
    script.interfaces[1] = (struct script_address){"192.0.2.2", false};
    script.interfaces[2] = (struct script_address){"::1", true};
    script.interfaces[3] = (struct script_address){"fe80::2%4", false};
    static const char *const names[] = {"own.example", "OWN.EXAMPLE", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        CHECK(entry_of(names[i], SN_FAMILY_UNSPECIFIED), "127.0.1.1", "192.0.2.2", "fe80::2%4");
    /* .NET hands out fe80::2%4 here. */
    CHECK(entry_of("own.example", SN_FAMILY_IPV4), "127.0.1.1", "192.0.2.2");
}

TEST(a_family_with_loopback_alone_keeps_it)
{
    script_reset();
    script.interfaces[0] = (struct script_address){"127.0.0.1", true};
    script.interfaces[1] = (struct script_address){"192.0.2.2", false};
    script.interfaces[2] = (struct script_address){"::1", true};
    CHECK(entry_of("", SN_FAMILY_UNSPECIFIED), "127.0.1.1", "192.0.2.2", "::1");
}

TEST(an_interface_address_that_the_resolver_gave_is_not_repeated)
{
    script_reset();
    script.interfaces[0] = (struct script_address){"127.0.1.1", false};
    CHECK(entry_of("", SN_FAMILY_UNSPECIFIED), "127.0.1.1");
}

TEST(without_the_interfaces_the_resolver_suffices)
{
    script_reset();
    script.interfaces_result = -EMFILE;
    CHECK(entry_of("", SN_FAMILY_UNSPECIFIED), "127.0.1.1");
}

TEST(a_machine_without_a_name_resolves_other_names)
{
    script_reset();
    script.host_name_result = -ENAMETOOLONG;
    CHECK(entry_of("quick", SN_FAMILY_UNSPECIFIED), "192.0.2.1");
    size_t count;
    assert_error(SN_ERROR_SOCKET_ERROR,
                 sn_dns_get_host_addresses("", SN_FAMILY_UNSPECIFIED, NULL, 0, &count));
    assert_int_equal(ENAMETOOLONG, sn_error_last_native());
    char name[SN_HOST_SIZE_MAX + 1];
    assert_error(SN_ERROR_SOCKET_ERROR, sn_dns_get_host_name(name, sizeof name));
}

/* --- Backwards -------------------------------------------------------------------------------- */

TEST(an_address_is_looked_up_backwards_and_then_forwards)
{
    script_reset();
    script.reverse_name = "listed";
    script.canonical_name = "canonical.example";
    script.listed[0].text = "192.0.2.5";
    sn_dns_entry *entry = entry_of("192.0.2.77", SN_FAMILY_UNSPECIFIED);
    assert_string_equal("canonical.example", sn_dns_entry_get_host_name(entry));
    CHECK(entry, "192.0.2.5");
}

TEST(a_name_found_backwards_that_leads_nowhere_has_an_empty_list)
{
    script_reset();
    script.reverse_name = "nowhere";
    sn_dns_entry *entry = entry_of("192.0.2.77", SN_FAMILY_UNSPECIFIED);
    assert_string_equal("nowhere", sn_dns_entry_get_host_name(entry));
    check(entry, NULL, 0);
    script.reverse_name = "quick";
    check(entry_of("192.0.2.77", SN_FAMILY_IPV6), NULL, 0);
    check(entry_of("192.0.2.77", SN_FAMILY_UNKNOWN), NULL, 0);
}

TEST(an_address_without_a_name_is_a_host_not_found)
{
    script_reset();
    script.reverse_result = SYS_RESOLVE_NOT_FOUND;
    sn_dns_entry *entry = NULL;
    assert_error(SN_ERROR_HOST_NOT_FOUND,
                 sn_dns_get_host_entry("192.0.2.77", SN_FAMILY_UNSPECIFIED, &entry));
    assert_error(SN_ERROR_HOST_NOT_FOUND, sn_dns_get_host_entry_address(&SN_IPV6_LOOPBACK, &entry));
    assert_null(entry);
}

/* --- No memory -------------------------------------------------------------------------------- */

static sn_error own_entry(void)
{
    sn_dns_entry *entry;
    sn_error error = sn_dns_get_host_entry("", SN_FAMILY_UNSPECIFIED, &entry);
    if (!error)
        sn_dns_entry_release(entry);
    return error;
}

static sn_error reverse_entry(void)
{
    sn_dns_entry *entry;
    sn_error error = sn_dns_get_host_entry("192.0.2.77", SN_FAMILY_UNSPECIFIED, &entry);
    if (!error)
        sn_dns_entry_release(entry);
    return error;
}

static sn_error literal_addresses(void)
{
    size_t count;
    return sn_dns_get_host_addresses("::1", SN_FAMILY_UNSPECIFIED, NULL, 0, &count);
}

/* One allocation may be missed: the list of the interfaces, without which it goes on. */
TEST(every_allocation_may_fail_and_nothing_is_lost)
{
    static sn_error (*const calls[])(void) = {own_entry, reverse_entry, literal_addresses};
    script_reset();
    script.canonical_name = "canonical.example";
    script.reverse_name = "listed";
    script.listed[0].text = "192.0.2.5";
    script.interfaces[0].text = "192.0.2.6";
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        allocations_begin();
        assert_ok(calls[i]());
        size_t needed = allocations_count();
        assert_true(needed > 0);
        size_t refused = 0;
        for (size_t n = 1; n <= needed; n++) {
            allocations_fail_nth(n);
            sn_error error = calls[i]();
            assert_true(error == SN_OK || error == SN_ERROR_OUT_OF_MEMORY);
            refused += error == SN_ERROR_OUT_OF_MEMORY;
            assert_int_equal(0, allocations_outstanding());
        }
        assert_true(refused + 1 >= needed);
        allocations_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_of_the_resolver_has_its_error),
        cmocka_unit_test(addresses_keep_their_order_and_appear_once),
        cmocka_unit_test(strange_names_are_handed_on),
        cmocka_unit_test(a_name_without_addresses_gives_none),
        cmocka_unit_test(a_small_array_is_filled_and_the_count_is_whole),
        cmocka_unit_test(the_host_name_is_the_canonical_one_or_the_one_asked_for),
        cmocka_unit_test(the_own_name_brings_the_interfaces_without_loopback),
        cmocka_unit_test(a_family_with_loopback_alone_keeps_it),
        cmocka_unit_test(an_interface_address_that_the_resolver_gave_is_not_repeated),
        cmocka_unit_test(without_the_interfaces_the_resolver_suffices),
        cmocka_unit_test(a_machine_without_a_name_resolves_other_names),
        cmocka_unit_test(an_address_is_looked_up_backwards_and_then_forwards),
        cmocka_unit_test(a_name_found_backwards_that_leads_nowhere_has_an_empty_list),
        cmocka_unit_test(an_address_without_a_name_is_a_host_not_found),
        cmocka_unit_test(every_allocation_may_fail_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
