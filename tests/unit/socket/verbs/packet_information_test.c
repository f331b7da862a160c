/* Packet information as a value: compared and hashed. */
#include "support/test.h"

static sn_ip_packet_information of(const char *text, int interface)
{
    sn_ip_packet_information information;
    memset(&information, 0, sizeof information);
    assert_ok(sn_ip_address_parse(text, &information.address));
    information.interface_index = interface;
    return information;
}

TEST(equal_values_are_equal_and_hash_alike)
{
    static const struct {
        const char *a, *b;
        int interface_a, interface_b;
        bool are_equal;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", 1, 1, true},         {"127.0.0.1", "127.0.0.2", 1, 1, false},
        {"127.0.0.1", "127.0.0.1", 1, 2, false},        {"fe80::1%3", "fe80::1%3", 3, 3, true},
        {"fe80::1%3", "fe80::1%4", 3, 3, false},        {"::1", "::1", 1, 1, true},
        {"127.0.0.1", "::ffff:127.0.0.1", 1, 1, false}, {"0.0.0.0", "::", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_packet_information a = of(rows[i].a, rows[i].interface_a);
        sn_ip_packet_information b = of(rows[i].b, rows[i].interface_b);
        assert_int_equal(rows[i].are_equal, sn_ip_packet_information_equals(&a, &b));
        assert_int_equal(rows[i].are_equal, sn_ip_packet_information_equals(&b, &a));
        if (rows[i].are_equal)
            assert_int_equal(sn_ip_packet_information_hash(&a), sn_ip_packet_information_hash(&b));
        assert_true(sn_ip_packet_information_equals(&a, &a));
    }
}

TEST(what_is_not_known_equals_itself)
{
    sn_ip_packet_information none = {.interface_index = 0}, known = of("0.0.0.0", 0);
    assert_true(sn_ip_packet_information_equals(&none, &none));
    assert_false(sn_ip_packet_information_equals(&none, &known));
}

TEST(nothing_equals_no_value)
{
    sn_ip_packet_information information = of("::1", 1);
    assert_false(sn_ip_packet_information_equals(NULL, &information));
    assert_false(sn_ip_packet_information_equals(&information, NULL));
    assert_false(sn_ip_packet_information_equals(NULL, NULL));
    assert_int_equal(0, sn_ip_packet_information_hash(NULL));
}

TEST(an_operation_tells_its_packet_information)
{
    sn_operation operation = {.packet_information = of("::1", 7)};
    sn_ip_packet_information none = {.interface_index = 0};
    sn_ip_packet_information told = sn_operation_get_packet_information(&operation);
    assert_true(sn_ip_packet_information_equals(&operation.packet_information, &told));
    told = sn_operation_get_packet_information(NULL);
    assert_true(sn_ip_packet_information_equals(&none, &told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_are_equal_and_hash_alike),
        cmocka_unit_test(what_is_not_known_equals_itself),
        cmocka_unit_test(nothing_equals_no_value),
        cmocka_unit_test(an_operation_tells_its_packet_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
