#include "unit/address/exact.h"

#include "address/ip_parse.h"

struct row {
    const char *text;
    size_t size;
    const char *expected; /* NULL: refused */
};

static void check(const struct row *rows, size_t count,
                  bool (*parse)(const char *text, size_t size, uint8_t out_bytes[4]))
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        char *text = exact_copy(rows[i].text, rows[i].size);
        bool is_parsed = parse(text, rows[i].size, bytes);
        free(text);
        if (!rows[i].expected) {
            if (is_parsed)
                fail_msg("accepted: %s", rows[i].text);
            continue;
        }
        if (!is_parsed)
            fail_msg("refused: %s", rows[i].text);
        sn_ip_address address;
        assert_ok(sn_ip_address_from_bytes(bytes, sizeof bytes, &address));
        assert_address_text(rows[i].expected, &address);
    }
}

/* Trap 125. */
TEST(short_octal_and_hexadecimal_forms_are_read)
{
    static const struct row rows[] = {
        {BYTES("0"), "0.0.0.0"},
        {BYTES("00"), "0.0.0.0"},
        {BYTES("12"), "0.0.0.12"},
        {BYTES("12.1.7"), "12.1.0.7"},
        {BYTES("20.65535"), "20.0.255.255"},
        {BYTES("157.3873051"), "157.59.25.27"},
        {BYTES("4294967295"), "255.255.255.255"},
        {BYTES("0X9D.0x3B.0X19.0x1B"), "157.59.25.27"},
        {BYTES("0xffffffff"), "255.255.255.255"},
        {BYTES("0x000000000000000000000000001"), "0.0.0.1"},
        {BYTES("0313.027035210"), "203.92.58.136"},
        {BYTES("157.59.0x25.033"), "157.59.37.27"},
        {BYTES("00000023516614433"), "157.59.25.27"},
        {BYTES("037777777777"), "255.255.255.255"},
        {BYTES("1.16777215"), "1.255.255.255"},
        {BYTES("1.2.65535"), "1.2.255.255"},
        {BYTES("1.2.3.255"), "1.2.3.255"},
        {BYTES("0x1.02.3"), "1.2.0.3"},
    };
    check(rows, sizeof rows / sizeof rows[0], ipv4_parse);
}

TEST(what_is_no_ipv4_address_is_refused)
{
    static const struct row rows[] = {
        {BYTES(""), NULL},
        {BYTES("."), NULL},
        {BYTES("1."), NULL},
        {BYTES(".1"), NULL},
        {BYTES("1..1.1"), NULL},
        {BYTES("1.1.1."), NULL},
        {BYTES("1.1.1.1."), NULL},
        {BYTES("1.1.1.1.1"), NULL},
        {BYTES("1.1.1.0x"), NULL},
        {BYTES("0x"), NULL},
        {BYTES("0X"), NULL},
        {BYTES("0x.1"), NULL},
        {BYTES("x1"), NULL},
        {BYTES("08"), NULL},
        {BYTES("0.0.0.089"), NULL},
        {BYTES("0000X9D.1.1.1"), NULL},
        {BYTES("256.1.1.1"), NULL},
        {BYTES("260.156"), NULL},
        {BYTES("255.1.1.256"), NULL},
        {BYTES("1.2.65536"), NULL},
        {BYTES("1.16777216"), NULL},
        {BYTES("4294967296"), NULL},
        {BYTES("0x100000000"), NULL},
        {BYTES("040000000000"), NULL},
        {BYTES("99999999999999999999999999"), NULL},
        {BYTES("1.2.3.4 "), NULL},
        {BYTES(" 1.2.3.4"), NULL},
        {BYTES("1.2.3.4\0"), NULL},
        {BYTES("1.2\0.3.4"), NULL},
        {BYTES("\0"), NULL},
        {BYTES("+1.2.3.4"), NULL},
        {BYTES("-1"), NULL},
        {BYTES("192.168.0.0/16"), NULL},
        {BYTES("1.2.3.4%1"), NULL},
        {BYTES("a.b.c.d"), NULL},
        {BYTES("0xg"), NULL},
        {BYTES("1.2.3.\xff"), NULL},
        {BYTES("1,2,3,4"), NULL},
        {BYTES("1.2.3.4\\"), NULL},
        {BYTES("1.2.3.4#"), NULL},
    };
    check(rows, sizeof rows / sizeof rows[0], ipv4_parse);
}

/* Trap 125, as .NET 11 has it: in 10 the last part may have a leading zero. */
TEST(the_form_inside_ipv6_is_strict_in_every_part)
{
    static const struct row rows[] = {
        {BYTES("192.168.0.1"), "192.168.0.1"},
        {BYTES("0.0.0.0"), "0.0.0.0"},
        {BYTES("255.255.255.255"), "255.255.255.255"},
        {BYTES("192.168.0.010"), NULL},
        {BYTES("192.168.0.09"), NULL},
        {BYTES("192.168.0.0255"), NULL},
        {BYTES("192.168.0.00"), NULL},
        {BYTES("192.168.0.001"), NULL},
        {BYTES("192.168.0.0x0"), NULL},
        {BYTES("192.168.00.1"), NULL},
        {BYTES("192.168.01.1"), NULL},
        {BYTES("01.168.0.1"), NULL},
        {BYTES("192.168.256.1"), NULL},
        {BYTES("192.168.0.256"), NULL},
        {BYTES("192.168.1"), NULL},
        {BYTES("192.168.0.1.1"), NULL},
        {BYTES("192.168.0.1."), NULL},
        {BYTES("192.168..1"), NULL},
        {BYTES("192.168.0."), NULL},
        {BYTES("192"), NULL},
        {BYTES("192.168:0.1"), NULL},
        {BYTES("192.168.0.1\0"), NULL},
        {BYTES(""), NULL},
        {BYTES("99999999999.1.1.1"), NULL},
    };
    check(rows, sizeof rows / sizeof rows[0], ipv4_parse_embedded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_octal_and_hexadecimal_forms_are_read),
        cmocka_unit_test(what_is_no_ipv4_address_is_refused),
        cmocka_unit_test(the_form_inside_ipv6_is_strict_in_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
