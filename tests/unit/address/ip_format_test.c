#include "unit/address/exact.h"

TEST(addresses_are_written_as_dotnet_writes_them)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"0xffffffff", "255.255.255.255"},
        {"::", "::"},
        {"0:0:0:0:0:0:1:0", "::0.1.0.0"},
        {"0:0:0:0:0:0:0:1001", "::1001"},
        {"::1.2.3.4", "::1.2.3.4"},
        {"::0.0.3.4", "::304"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        {"::ffff:0:1", "::ffff:0:1"},
        {"::ffff:0:0", "::ffff:0:0"},
        {"::ffff:0:1.2.3.4", "::ffff:0:1.2.3.4"},
        {"::ffff:0:0:1", "::ffff:0:0:1"},
        {"::1:2:3", "::1:2:3"},
        {"::ffff:1:2:3", "::ffff:1:2:3"},
        {"::fffe:0:2:3", "::fffe:0:2:3"},
        {"::1:ffff:1.2.3.4", "::1:ffff:102:304"},
        {"FE08::192.168.0.1", "fe08::c0a8:1"},
        {"1::5efe:192.168.0.1", "1::5efe:192.168.0.1"},
        {"1::5EFE:0:0", "1::5efe:0.0.0.0"},
        {"::5efe:1:2", "::5efe:0.1.0.2"},
        {"1:2:3:4:5:5efe:1:2", "1:2:3:4:5:5efe:1:2"},
        {"1:0:0:2:0:5efe:1:2", "1::2:0:5efe:0.1.0.2"},
        {"E:E:E:E:E:0:2:2", "e:e:e:e:e:0:2:2"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
        {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"},
        {"fe80::1%0", "fe80::1"},
        {"fe80::1%4294967295", "fe80::1%4294967295"},
        {"::ffff:1.2.3.4%7", "::ffff:1.2.3.4%7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address address = parsed(rows[i].text);
        assert_address_text(rows[i].expected, &address);
    }
}

TEST(what_was_written_is_read_back)
{
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        sn_ip_address address = {SN_FAMILY_IPV6, 0, {0}};
        for (int i = 0; i < 16; i++) {
            random = (uint32_t)(random * 1664525ull + 1013904223ull);
            if (random >> 30)
                address.bytes[i] = (uint8_t)(random >> 16);
        }
        if (round % 3 == 0)
            address.scope_id = random;
        char text[SN_IP_ADDRESS_TEXT_SIZE];
        assert_ok(sn_ip_address_format(&address, text, sizeof text));
        sn_ip_address again = parsed(text);
        assert_true(sn_ip_address_equals(&address, &again));
    }
}

TEST(the_longest_text_fits_the_named_size)
{
    static const char *const longest[] = {
        "ffff:ffff:ffff:ffff:0:5efe:255.255.255.255%4294967295",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295",
    };
    for (size_t i = 0; i < sizeof longest / sizeof longest[0]; i++) {
        assert_true(strlen(longest[i]) < SN_IP_ADDRESS_TEXT_SIZE);
        sn_ip_address address = parsed(longest[i]);
        assert_address_text(longest[i], &address);
    }
}

TEST(a_buffer_that_is_too_small_stays_as_it_was)
{
    sn_ip_address address = parsed("fe80::1%7");
    size_t needed = sizeof "fe80::1%7";
    for (size_t size = 0; size < needed; size++) {
        char text[16];
        fill_untouched(text);
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_ip_address_format(&address, text, size));
        assert_untouched(text, sizeof text);
    }
    char *exact = malloc(needed);
    assert_ok(sn_ip_address_format(&address, exact, needed));
    assert_string_equal("fe80::1%7", exact);
    free(exact);
}

TEST(what_is_no_address_has_no_text)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    sn_ip_address zero = {0};
    sn_ip_address garbage = {(sn_address_family)4711, 0, {0}};
    fill_untouched(text);
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_format(&zero, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_format(&garbage, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_format(NULL, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_format(&SN_IPV4_ANY, NULL, 10));
    assert_untouched(text, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_written_as_dotnet_writes_them),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(the_longest_text_fits_the_named_size),
        cmocka_unit_test(a_buffer_that_is_too_small_stays_as_it_was),
        cmocka_unit_test(what_is_no_address_has_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
