#include "unit/address/exact.h"

static sn_ip_network network(const char *text)
{
    sn_ip_network parsed_network;
    assert_ok(sn_ip_network_parse(text, &parsed_network));
    return parsed_network;
}

static void assert_network_text(const char *expected, const sn_ip_network *actual)
{
    char text[SN_IP_NETWORK_TEXT_SIZE];
    assert_ok(sn_ip_network_format(actual, text, sizeof text));
    assert_string_equal(expected, text);
}

TEST(a_prefix_must_fit_the_family)
{
    static const struct {
        const char *base;
        int prefix_length;
        sn_error error;
    } rows[] = {
        {"0.0.0.0", 0, SN_OK},
        {"10.0.0.0", 8, SN_OK},
        {"1.2.3.4", 32, SN_OK},
        {"1.2.3.4", 33, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"1.2.3.4", -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"1.2.3.4", INT32_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"::", 0, SN_OK},
        {"::1", 128, SN_OK},
        {"::1", 129, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"::1", INT32_MAX, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address base = parsed(rows[i].base);
        sn_ip_network created;
        fill_untouched(created);
        assert_error(rows[i].error, sn_ip_network_create(&base, rows[i].prefix_length, &created));
        if (rows[i].error) {
            assert_untouched(&created, sizeof created);
            continue;
        }
        sn_ip_address again = sn_ip_network_get_base_address(&created);
        assert_true(sn_ip_address_equals(&base, &again));
        assert_int_equal(rows[i].prefix_length, sn_ip_network_get_prefix_length(&created));
    }
}

TEST(bits_behind_the_prefix_are_cleared)
{
    static const struct {
        const char *base;
        int prefix_length;
        const char *expected;
    } rows[] = {
        {"10.0.0.1", 8, "10.0.0.0/8"},
        {"255.255.255.255", 1, "128.0.0.0/1"},
        {"255.255.255.255", 31, "255.255.255.254/31"},
        {"255.255.255.255", 17, "255.255.128.0/17"},
        {"255.255.255.255", 0, "0.0.0.0/0"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65, "ffff:ffff:ffff:ffff:8000::/65"},
        {"::ffff:1.2.3.4", 24, "::/24"},
        /* with cleared bits the scope is lost, and with an empty prefix always */
        {"fe80::1%5", 128, "fe80::1%5/128"},
        {"fe80::%5", 64, "fe80::%5/64"},
        {"fe80::1%5", 127, "fe80::/127"},
        {"::%5", 0, "::/0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address base = parsed(rows[i].base);
        sn_ip_network created;
        assert_ok(sn_ip_network_create(&base, rows[i].prefix_length, &created));
        assert_network_text(rows[i].expected, &created);
    }
}

TEST(a_network_contains_what_shares_its_prefix)
{
    static const struct {
        const char *network;
        const char *address;
        bool is_inside;
    } rows[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/9", "10.127.255.255", true},
        {"10.0.0.0/9", "10.128.0.0", false},
        {"1.2.3.4/32", "1.2.3.4", true},
        {"1.2.3.4/32", "1.2.3.5", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "ffff::", true},
        {"::/0", "1.2.3.4", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::1/128", "::1%4", true},
        {"fe80::%5/64", "fe80::1%6", true},
        /* an IPv4 network knows mapped addresses, but not the other way round */
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
        {"10.0.0.0/8", "::ffff:10.1.1.1%3", true},
        {"10.0.0.0/8", "::ffff:11.1.1.1", false},
        {"10.0.0.0/8", "::10.1.1.1", false},
        {"::ffff:10.0.0.0/104", "10.1.1.1", false},
        {"::ffff:10.0.0.0/104", "::ffff:10.1.1.1", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_network known = network(rows[i].network);
        sn_ip_address address = parsed(rows[i].address);
        assert_int_equal(rows[i].is_inside, sn_ip_network_contains(&known, &address));
    }
}

TEST(all_zero_behaves_as_every_ipv4_address)
{
    sn_ip_network zero = {0};
    sn_ip_network all = network("0.0.0.0/0");
    assert_true(sn_ip_network_equals(&zero, &all));
    assert_int_equal(sn_ip_network_hash(&zero), sn_ip_network_hash(&all));
    assert_network_text("0.0.0.0/0", &zero);
    assert_true(sn_ip_network_contains(&zero, &SN_IPV4_LOOPBACK));
    assert_false(sn_ip_network_contains(&zero, &SN_IPV6_LOOPBACK));
    sn_ip_address base = sn_ip_network_get_base_address(&zero);
    assert_true(sn_ip_address_equals(&SN_IPV4_ANY, &base));
    assert_int_equal(0, sn_ip_network_get_prefix_length(&zero));
}

TEST(equal_networks_have_equal_hashes)
{
    static const struct {
        const char *a;
        const char *b;
        bool is_equal;
    } rows[] = {
        {"10.0.0.0/8", "10.1.2.3/8", true},     {"10.0.0.0/8", "10.0.0.0/9", false},
        {"10.0.0.0/8", "11.0.0.0/8", false},    {"0.0.0.0/0", "::/0", false},
        {"fe80::%5/64", "fe80::/64", false},    {"fe80::%5/64", "fe80::%5/64", true},
        {"fe80::1%5/64", "fe80::2%6/64", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_network a = network(rows[i].a);
        sn_ip_network b = network(rows[i].b);
        assert_int_equal(rows[i].is_equal, sn_ip_network_equals(&a, &b));
        assert_int_equal(rows[i].is_equal, sn_ip_network_hash(&a) == sn_ip_network_hash(&b));
    }
}

TEST(a_network_filled_wrongly_by_hand_contains_nothing)
{
    static const sn_ip_network wrong[] = {
        {{SN_FAMILY_IPV4, 0, {10}}, 33},  {{SN_FAMILY_IPV4, 0, {10}}, -1},
        {{SN_FAMILY_IPV6, 0, {10}}, 129}, {{SN_FAMILY_IPV6, 0, {10}}, INT32_MIN},
        {{SN_FAMILY_UNIX, 0, {10}}, 0},   {{(sn_address_family)4711, 0, {10}}, 8},
    };
    sn_ip_address zero = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(sn_ip_network_contains(&wrong[i], &SN_IPV4_LOOPBACK));
        assert_false(sn_ip_network_equals(&wrong[i], &wrong[i]));
        assert_int_equal(0, sn_ip_network_hash(&wrong[i]));
        assert_int_equal(0, sn_ip_network_get_prefix_length(&wrong[i]));
        sn_ip_address base = sn_ip_network_get_base_address(&wrong[i]);
        assert_memory_equal(&zero, &base, sizeof base);
    }
    /* Bits behind the prefix that a program wrote itself do not count. */
    sn_ip_network hand_made = {{SN_FAMILY_IPV4, 0, {10, 9, 9, 9}}, 8};
    sn_ip_address address = parsed("10.1.1.1");
    assert_true(sn_ip_network_contains(&hand_made, &address));
}

TEST(null_is_an_error_or_a_plain_value)
{
    sn_ip_network known = network("10.0.0.0/8");
    sn_ip_address zero = {0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_create(NULL, 8, &known));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_create(&SN_IPV4_ANY, 8, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_network_create(&zero, 0, &known));
    assert_false(sn_ip_network_contains(NULL, &SN_IPV4_ANY));
    assert_false(sn_ip_network_contains(&known, NULL));
    assert_false(sn_ip_network_equals(NULL, &known));
    assert_false(sn_ip_network_equals(&known, NULL));
    assert_int_equal(0, sn_ip_network_hash(NULL));
    assert_int_equal(0, sn_ip_network_get_prefix_length(NULL));
    sn_ip_address base = sn_ip_network_get_base_address(NULL);
    assert_memory_equal(&zero, &base, sizeof base);
    assert_network_text("10.0.0.0/8", &known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prefix_must_fit_the_family),
        cmocka_unit_test(bits_behind_the_prefix_are_cleared),
        cmocka_unit_test(a_network_contains_what_shares_its_prefix),
        cmocka_unit_test(all_zero_behaves_as_every_ipv4_address),
        cmocka_unit_test(equal_networks_have_equal_hashes),
        cmocka_unit_test(a_network_filled_wrongly_by_hand_contains_nothing),
        cmocka_unit_test(null_is_an_error_or_a_plain_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
