#include "unit/address/exact.h"

TEST(a_colon_makes_it_ipv6)
{
    static const struct {
        const char *text;
        sn_address_family family; /* SN_FAMILY_UNKNOWN: refused */
    } rows[] = {
        {"1.2.3.4", SN_FAMILY_IPV4},      {"0x7f.1", SN_FAMILY_IPV4},
        {"::", SN_FAMILY_IPV6},           {"::1.2.3.4", SN_FAMILY_IPV6},
        {"[::1]:80", SN_FAMILY_IPV6},     {"1.2.3.4:80", SN_FAMILY_UNKNOWN},
        {"1.2.3.4:", SN_FAMILY_UNKNOWN},  {"[1.2.3.4]", SN_FAMILY_UNKNOWN},
        {"1.2.3.4%1", SN_FAMILY_UNKNOWN}, {"", SN_FAMILY_UNKNOWN},
        {"[", SN_FAMILY_UNKNOWN},         {"[]", SN_FAMILY_UNKNOWN},
        {"localhost", SN_FAMILY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_valid = rows[i].family != SN_FAMILY_UNKNOWN;
        sn_ip_address address;
        fill_untouched(address);
        assert_error(is_valid ? SN_OK : SN_ERROR_FORMAT,
                     sn_ip_address_parse(rows[i].text, &address));
        assert_int_equal(is_valid, sn_ip_address_is_valid(rows[i].text));
        if (is_valid)
            assert_int_equal(rows[i].family, address.family);
        else
            assert_untouched(&address, sizeof address);
    }
}

TEST(the_size_decides_and_not_a_nul)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse_bytes("1.2.3.45", 7, &address));
    assert_address_text("1.2.3.4", &address);
    assert_ok(sn_ip_address_parse_bytes("::12", 3, &address));
    assert_address_text("::1", &address);
    assert_error(SN_ERROR_FORMAT, sn_ip_address_parse_bytes("1.2.3.4", 8, &address));
    assert_error(SN_ERROR_FORMAT, sn_ip_address_parse_bytes("1.2.3.4", 0, &address));
    assert_address_text("::1", &address);
}

/* A hostile peer may send any length; nothing may be read past it or take long. */
TEST(a_million_of_any_character_is_refused)
{
    static const char characters[] = "123456789:.%[]/x \xff";
    for (const char *c = characters;; c++) { /* with the NUL at the end */
        sn_ip_address address;
        fill_untouched(address);
        char *text = exact_repeat("", *c, 1000000);
        assert_error(SN_ERROR_FORMAT, sn_ip_address_parse_bytes(text, 1000000, &address));
        free(text);
        assert_untouched(&address, sizeof address);
        if (*c == '\0')
            break;
    }
}

TEST(a_long_text_can_be_an_address)
{
    static const struct {
        const char *prefix;
        char repeated;
        const char *expected;
    } rows[] = {
        {"0", '0', "0.0.0.0"},  {"0x", '0', "0.0.0.0"}, {"1.2.3.", '0', "1.2.3.0"},
        {"::%1", '\0', "::%1"}, {"::%", '0', "::"},     {"::%", 'z', "::"},
        {"::%", ':', "::"},     {"[::1]:", '9', "::1"}, {"[::1]:0x", 'f', "::1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].prefix) + 1000000;
        char *text = exact_repeat(rows[i].prefix, rows[i].repeated, 1000000);
        sn_ip_address address;
        assert_ok(sn_ip_address_parse_bytes(text, size, &address));
        free(text);
        assert_address_text(rows[i].expected, &address);
    }
}

TEST(every_prefix_of_an_address_is_read_within_its_size)
{
    static const char whole[] = "[1:2:3:4:5:6:111.122.133.144%lo]:0x12";
    for (size_t size = 0; size < sizeof whole; size++) {
        char *text = exact_copy(whole, size);
        sn_ip_address address;
        sn_error error = sn_ip_address_parse_bytes(text, size, &address);
        free(text);
        /* Complete with the bracket, with any part of the port, and not before. */
        bool is_complete = size >= strlen("[1:2:3:4:5:6:111.122.133.144%lo]");
        assert_error(is_complete ? SN_OK : SN_ERROR_FORMAT, error);
    }
}

TEST(null_is_an_error)
{
    sn_ip_address address;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_parse(NULL, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_parse("::1", NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_parse_bytes(NULL, 0, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_parse_bytes(NULL, 9, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_address_parse_bytes("::1", 3, NULL));
    assert_false(sn_ip_address_is_valid(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_colon_makes_it_ipv6),
        cmocka_unit_test(the_size_decides_and_not_a_nul),
        cmocka_unit_test(a_million_of_any_character_is_refused),
        cmocka_unit_test(a_long_text_can_be_an_address),
        cmocka_unit_test(every_prefix_of_an_address_is_read_within_its_size),
        cmocka_unit_test(null_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
