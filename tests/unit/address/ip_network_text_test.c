#include "unit/address/exact.h"

static const struct {
    const char *text;
    size_t size;
    const char *expected; /* NULL: refused */
} rows[] = {
    {BYTES("1.2.3.0/24"), "1.2.3.0/24"},
    {BYTES("1.2.3.4/24"), "1.2.3.0/24"},
    {BYTES("1.2.3.4/32"), "1.2.3.4/32"},
    {BYTES("0/0"), "0.0.0.0/0"},
    {BYTES("1/8"), "0.0.0.0/8"},
    {BYTES("0x7f.1/8"), "127.0.0.0/8"},
    {BYTES("1.2.3.0/024"), "1.2.3.0/24"},
    {BYTES("1.2.3.0/24\0"), "1.2.3.0/24"},
    {BYTES("::/0"), "::/0"},
    {BYTES("::/128"), "::/128"},
    {BYTES("[::]/0"), "::/0"},
    {BYTES("[::]:80/0"), "::/0"},
    {BYTES("2001:DB8::/32"), "2001:db8::/32"},
    {BYTES("fe80::1%5/128"), "fe80::1%5/128"},
    {BYTES("fe80::%5/64"), "fe80::%5/64"},
    {BYTES("fe80::1%5/64"), "fe80::/64"},
    {BYTES("1.2.3.4/33"), NULL},
    {BYTES("::/129"), NULL},
    {BYTES("1.2.3.0/4294967304"), NULL},
    {BYTES("1.2.3.0/"), NULL},
    {BYTES("1.2.3.0"), NULL},
    {BYTES("/24"), NULL},
    {BYTES("/"), NULL},
    {BYTES(""), NULL},
    {BYTES("::/0/0"), NULL},
    {BYTES("1.2.3.0/+24"), NULL},
    {BYTES("1.2.3.0/-1"), NULL},
    {BYTES("1.2.3.0/ 24"), NULL},
    {BYTES("1.2.3.0 /24"), NULL},
    {BYTES("1.2.3.0/24 "), NULL},
    {BYTES("1.2.3.0/0x18"), NULL},
    {BYTES("1.2.3.0/\0"), NULL},
    {BYTES("1.2.3.0\0/24"), NULL},
    {BYTES("1.2.3.0/255.255.255.0"), NULL},
    {BYTES("fe80::%a/b/64"), NULL},
};

TEST(texts_are_read_or_refused_as_dotnet_does)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_network network;
        fill_untouched(network);
        char *exact = exact_copy(rows[i].text, rows[i].size);
        sn_error error = sn_ip_network_parse_bytes(exact, rows[i].size, &network);
        free(exact);
        assert_error(rows[i].expected ? SN_OK : SN_ERROR_FORMAT, error);
        if (rows[i].expected) {
            char text[SN_IP_NETWORK_TEXT_SIZE];
            assert_ok(sn_ip_network_format(&network, text, sizeof text));
            assert_string_equal(rows[i].expected, text);
        } else {
            assert_untouched(&network, sizeof network);
        }
    }
}

TEST(a_million_of_any_character_is_refused)
{
    static const char characters[] = "0123456789:.%[]/x";
    for (const char *c = characters;; c++) { /* with the NUL at the end */
        sn_ip_network network;
        char *text = exact_repeat("", *c, 1000000);
        assert_error(SN_ERROR_FORMAT, sn_ip_network_parse_bytes(text, 1000000, &network));
        free(text);
        if (*c == '\0')
            break;
    }
}

TEST(the_longest_text_fits_the_named_size)
{
    static const char longest[] = "ffff:ffff:ffff:ffff:0:5efe:255.255.255.255%4294967295/128";
    _Static_assert(sizeof longest <= SN_IP_NETWORK_TEXT_SIZE, "the constant is large enough");
    sn_ip_network network;
    char text[SN_IP_NETWORK_TEXT_SIZE];
    assert_ok(sn_ip_network_parse(longest, &network));
    assert_ok(sn_ip_network_format(&network, text, sizeof longest));
    assert_string_equal(longest, text);
    fill_untouched(text);
    for (size_t size = 0; size < sizeof longest; size++)
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_ip_network_format(&network, text, size));
    assert_untouched(text, sizeof text);
}

TEST(what_is_no_network_has_no_text)
{
    static const sn_ip_network wrong = {{SN_FAMILY_IPV4, 0, {10}}, 33};
    sn_ip_network network = {0};
    char text[SN_IP_NETWORK_TEXT_SIZE];
    fill_untouched(text);
    assert_error(SN_ERROR_ARGUMENT, sn_ip_network_format(&wrong, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_format(NULL, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_format(&network, NULL, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_parse(NULL, &network));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_parse("::/0", NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_ip_network_parse_bytes(NULL, 4, &network));
    assert_untouched(text, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_or_refused_as_dotnet_does),
        cmocka_unit_test(a_million_of_any_character_is_refused),
        cmocka_unit_test(the_longest_text_fits_the_named_size),
        cmocka_unit_test(what_is_no_network_has_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
