#include "unit/address/exact.h"

static const uint8_t sixteen[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};

TEST(four_bytes_make_ipv4_and_sixteen_make_ipv6)
{
    for (size_t size = 0; size <= 40; size++) {
        uint8_t bytes[40] = {0};
        memcpy(bytes, sixteen, sizeof sixteen);
        char *exact = exact_copy(bytes, size);
        sn_ip_address address;
        fill_untouched(address);
        sn_error error = sn_ip_address_from_bytes(exact, size, &address);
        free(exact);
        if (size == 4) {
            assert_ok(error);
            assert_address_text("254.128.0.0", &address);
        } else if (size == 16) {
            assert_ok(error);
            assert_address_text("fe80::102:304:506:708", &address);
        } else {
            assert_error(SN_ERROR_ARGUMENT, error);
            assert_untouched(&address, sizeof address);
        }
    }
}

TEST(only_sixteen_bytes_take_a_scope)
{
    static const struct {
        size_t size;
        int64_t scope_id;
        sn_error error;
    } rows[] = {
        {16, 0, SN_OK},
        {16, 5, SN_OK},
        {16, 0xffffffff, SN_OK},
        {16, 0x100000000, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {16, -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {16, INT64_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {4, 0, SN_ERROR_ARGUMENT},
        {4, -1, SN_ERROR_ARGUMENT}, /* the size is looked at first */
        {0, 0, SN_ERROR_ARGUMENT},
        {15, 0, SN_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address address;
        fill_untouched(address);
        assert_error(rows[i].error, sn_ip_address_from_bytes_scoped(sixteen, rows[i].size,
                                                                    rows[i].scope_id, &address));
        if (rows[i].error)
            assert_untouched(&address, sizeof address);
        else
            assert_int_equal(rows[i].scope_id, address.scope_id);
    }
}

TEST(a_number_is_the_s_addr_of_the_address)
{
    static const struct {
        int64_t number;
        sn_error error;
        const char *text;
    } rows[] = {
        {0, SN_OK, "0.0.0.0"},
        {0xffffffff, SN_OK, "255.255.255.255"},
        {-1, SN_ERROR_ARGUMENT_OUT_OF_RANGE, NULL},
        {0x100000000, SN_ERROR_ARGUMENT_OUT_OF_RANGE, NULL},
        {INT64_MAX, SN_ERROR_ARGUMENT_OUT_OF_RANGE, NULL},
        {INT64_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE, NULL},
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        {0x0100007f, SN_OK, "127.0.0.1"},
        {67305985, SN_OK, "1.2.3.4"},
#endif
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address address;
        fill_untouched(address);
        assert_error(rows[i].error, sn_ip_address_from_number(rows[i].number, &address));
        if (rows[i].error) {
            assert_untouched(&address, sizeof address);
            continue;
        }
        assert_address_text(rows[i].text, &address);
        int64_t number = -1;
        assert_ok(sn_ip_address_get_address(&address, &number));
        assert_true(number == rows[i].number);
    }
}

TEST(an_ipv6_address_has_no_number)
{
    int64_t number = 7;
    sn_ip_address garbage = {SN_FAMILY_UNIX, 0, {0}};
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_ip_address_get_address(&SN_IPV6_LOOPBACK, &number));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_get_address(&garbage, &number));
    assert_int_equal(7, number);
}

#define IS_CONSTANT(address) _Generic(&(address), const sn_ip_address * : true, default : false)

/* Trap 129: the compiler guards what .NET throws for. */
TEST(the_well_known_addresses_are_constants)
{
    assert_true(IS_CONSTANT(SN_IPV4_ANY));
    assert_true(IS_CONSTANT(SN_IPV4_LOOPBACK));
    assert_true(IS_CONSTANT(SN_IPV4_BROADCAST));
    assert_true(IS_CONSTANT(SN_IPV4_NONE));
    assert_true(IS_CONSTANT(SN_IPV6_ANY));
    assert_true(IS_CONSTANT(SN_IPV6_LOOPBACK));
    assert_true(IS_CONSTANT(SN_IPV6_NONE));
    sn_ip_address own = SN_IPV4_ANY;
    assert_false(IS_CONSTANT(own));
}

TEST(only_ipv6_has_a_scope)
{
    sn_ip_address ipv4 = SN_IPV4_LOOPBACK;
    sn_ip_address ipv6 = SN_IPV6_LOOPBACK;
    sn_ip_address mapped = parsed("::ffff:1.2.3.4");
    sn_ip_address garbage = {(sn_address_family)4711, 0, {0}};
    int64_t scope_id = 7;
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_ip_address_get_scope_id(&ipv4, &scope_id));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_ip_address_set_scope_id(&ipv4, 1));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_ip_address_set_scope_id(&ipv4, -1));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_get_scope_id(&garbage, &scope_id));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_set_scope_id(&garbage, 1));
    assert_int_equal(7, scope_id);

    assert_ok(sn_ip_address_set_scope_id(&ipv6, 0xffffffff));
    assert_ok(sn_ip_address_get_scope_id(&ipv6, &scope_id));
    assert_true(scope_id == 0xffffffff);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_ip_address_set_scope_id(&ipv6, 0x100000000));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_ip_address_set_scope_id(&ipv6, -1));
    assert_int_equal(0xffffffff, ipv6.scope_id);
    assert_ok(sn_ip_address_set_scope_id(&mapped, 3));
    assert_address_text("::ffff:1.2.3.4%3", &mapped);
}

TEST(bytes_are_written_whole_or_not_at_all)
{
    uint8_t bytes[16];
    size_t written = 99;
    sn_ip_address address = parsed("1.2.3.4");
    sn_ip_address garbage = {0};
    fill_untouched(bytes);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_ip_address_try_write_bytes(&address, bytes, 3, &written));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_ip_address_try_write_bytes(&SN_IPV6_LOOPBACK, bytes, 15, &written));
    assert_error(SN_ERROR_ARGUMENT, sn_ip_address_try_write_bytes(&garbage, bytes, 16, &written));
    assert_untouched(bytes, sizeof bytes);
    assert_int_equal(99, written);
    assert_ok(sn_ip_address_try_write_bytes(&address, bytes, 4, &written));
    assert_int_equal(4, written);
    assert_memory_equal("\1\2\3\4", bytes, 4);
    assert_ok(sn_ip_address_try_write_bytes(&SN_IPV6_LOOPBACK, bytes, 16, &written));
    assert_int_equal(16, written);
    assert_memory_equal(SN_IPV6_LOOPBACK.bytes, bytes, 16);
}

TEST(mapping_goes_both_ways)
{
    static const struct {
        const char *from;
        const char *ipv4;
        const char *ipv6;
    } rows[] = {
        {"1.2.3.4", "1.2.3.4", "::ffff:1.2.3.4"},
        {"::ffff:1.2.3.4", "1.2.3.4", "::ffff:1.2.3.4"},
        {"2001:db8::1.2.3.4", "1.2.3.4", "2001:db8::102:304"}, /* whatever the rest is */
        {"::%5", "0.0.0.0", "::%5"},
        {"::1", "0.0.0.1", "::1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address from = parsed(rows[i].from);
        sn_ip_address ipv4 = sn_ip_address_map_to_ipv4(&from);
        sn_ip_address ipv6 = sn_ip_address_map_to_ipv6(&from);
        assert_address_text(rows[i].ipv4, &ipv4);
        assert_address_text(rows[i].ipv6, &ipv6);
        assert_int_equal(0, ipv4.scope_id);
    }
    sn_ip_address zero = {0};
    sn_ip_address none = sn_ip_address_map_to_ipv4(NULL);
    assert_memory_equal(&zero, &none, sizeof none);
    none = sn_ip_address_map_to_ipv6(&zero);
    assert_memory_equal(&zero, &none, sizeof none);
}

TEST(equal_addresses_have_equal_hashes)
{
    static const struct {
        const char *a;
        const char *b;
        bool is_equal;
    } rows[] = {
        {"1.2.3.4", "0x01020304", true},
        {"1.2.3.4", "1.2.3.5", false},
        {"1.2.3.4", "::ffff:1.2.3.4", false},
        {"::1", "0:0:0:0:0:0:0:1", true},
        {"::1%1", "::1", false},
        {"::1%1", "[::1%01]:80", true},
        {"fe80::1%1", "fe80::1%2", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address a = parsed(rows[i].a);
        sn_ip_address b = parsed(rows[i].b);
        assert_int_equal(rows[i].is_equal, sn_ip_address_equals(&a, &b));
        assert_int_equal(rows[i].is_equal, sn_ip_address_equals(&b, &a));
        assert_int_equal(rows[i].is_equal, sn_ip_address_hash(&a) == sn_ip_address_hash(&b));
    }
    assert_true(sn_ip_address_equals(&SN_IPV4_NONE, &SN_IPV4_BROADCAST));
    assert_true(sn_ip_address_equals(&SN_IPV6_NONE, &SN_IPV6_ANY));
    assert_false(sn_ip_address_equals(&SN_IPV4_ANY, &SN_IPV6_ANY));
}

TEST(what_an_ipv4_address_does_not_use_is_not_compared)
{
    sn_ip_address clean = parsed("1.2.3.4");
    sn_ip_address dirty = clean;
    dirty.scope_id = 9;
    memset(dirty.bytes + 4, 0xff, 12);
    assert_true(sn_ip_address_equals(&clean, &dirty));
    assert_int_equal(sn_ip_address_hash(&clean), sn_ip_address_hash(&dirty));
    assert_address_text("1.2.3.4", &dirty);
}

TEST(null_is_an_error_or_a_plain_value)
{
    sn_ip_address address = SN_IPV6_LOOPBACK;
    int64_t number = 0;
    size_t written = 0;
    uint8_t bytes[16];
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_from_bytes(NULL, 4, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_from_bytes(bytes, 4, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_from_bytes_scoped(NULL, 16, 0, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_from_bytes_scoped(sixteen, 16, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_from_number(0, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_get_address(NULL, &number));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_get_address(&address, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_get_scope_id(NULL, &number));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_get_scope_id(&address, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_set_scope_id(NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_try_write_bytes(NULL, bytes, 16, &written));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_ip_address_try_write_bytes(&address, NULL, 16, &written));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_try_write_bytes(&address, bytes, 16, NULL));
    assert_false(sn_ip_address_equals(NULL, &address));
    assert_false(sn_ip_address_equals(&address, NULL));
    assert_false(sn_ip_address_equals(NULL, NULL));
    assert_int_equal(0, sn_ip_address_hash(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_bytes_make_ipv4_and_sixteen_make_ipv6),
        cmocka_unit_test(only_sixteen_bytes_take_a_scope),
        cmocka_unit_test(a_number_is_the_s_addr_of_the_address),
        cmocka_unit_test(an_ipv6_address_has_no_number),
        cmocka_unit_test(the_well_known_addresses_are_constants),
        cmocka_unit_test(only_ipv6_has_a_scope),
        cmocka_unit_test(bytes_are_written_whole_or_not_at_all),
        cmocka_unit_test(mapping_goes_both_ways),
        cmocka_unit_test(equal_addresses_have_equal_hashes),
        cmocka_unit_test(what_an_ipv4_address_does_not_use_is_not_compared),
        cmocka_unit_test(null_is_an_error_or_a_plain_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
