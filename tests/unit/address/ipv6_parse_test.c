#include "unit/address/exact.h"

#include <net/if.h>

#include "address/ip_parse.h"

static const struct {
    const char *text;
    size_t size;
    const char *expected; /* NULL: refused */
} rows[] = {
    {BYTES("::"), "::"},
    {BYTES("::1"), "::1"},
    {BYTES("1::"), "1::"},
    {BYTES("2001:db8::1"), "2001:db8::1"},
    {BYTES("2001:0DB8:0000:0000:0008:0800:200C:417A"), "2001:db8::8:800:200c:417a"},
    {BYTES("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8"},
    {BYTES("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0"},
    {BYTES("::1:2:3:4:5:6:7"), "0:1:2:3:4:5:6:7"},
    {BYTES("1::2:3:4:5:6:7"), "1:0:2:3:4:5:6:7"},

    /* a gap stands for one group at least, and there is one gap */
    {BYTES("1:2:3:4:5:6:7:8::"), NULL},
    {BYTES("::1:2:3:4:5:6:7:8"), NULL},
    {BYTES("1::2:3:4:5:6:7:8"), NULL},
    {BYTES("1::2::3"), NULL},
    {BYTES(":::"), NULL},
    {BYTES("4df:::"), NULL},
    {BYTES("::::"), NULL},
    {BYTES("1:2:3:4:5:6:7"), NULL},
    {BYTES("1:2:3:4:5:6:7:8:9"), NULL},
    {BYTES("1:"), NULL},
    {BYTES(":1"), NULL},
    {BYTES(":"), NULL},
    {BYTES("1:2:3:4:5:6:7:"), NULL},
    {BYTES(":1:2:3:4:5:6:7:8"), NULL},
    {BYTES("1:2:3:4:5:6:7:8:"), NULL},
    {BYTES("12345::"), NULL},
    {BYTES("00001::"), NULL},
    {BYTES("g::"), NULL},
    {BYTES("::1 "), NULL},
    {BYTES(" ::1"), NULL},
    {BYTES("::1\0"), NULL},
    {BYTES("\0::1"), NULL},
    {BYTES("::\xff"), NULL},
    {BYTES("::0x1"), NULL},

    /* a prefix is no part of an address */
    {BYTES("Fe08::/64"), NULL},
    {BYTES("fe80::%1/64"), NULL},
    {BYTES("[::1%a/5]"), NULL},

    /* brackets, and the port behind them */
    {BYTES("[fe08::1]"), "fe08::1"},
    {BYTES("[Fe08::1]:80"), "fe08::1"},
    {BYTES("[Fe08::1]:0x80"), "fe08::1"},
    {BYTES("[::1]:"), "::1"},
    {BYTES("[::1]:0x"), "::1"},
    {BYTES("[::1]:0"), "::1"},
    {BYTES("[::1]:99999999999999999999"), "::1"},
    {BYTES("[::1]:0xFFfF"), "::1"},
    {BYTES("[::1]:0X50"), NULL},
    {BYTES("[::1]:0xZ"), NULL},
    {BYTES("[Fe08::1]:80Z"), NULL},
    {BYTES("[::1]:80\0"), NULL},
    {BYTES("[::1]:-1"), NULL},
    {BYTES("[::1]80"), NULL},
    {BYTES("[::1]]"), NULL},
    {BYTES("[::1]:80:90"), NULL},
    {BYTES("[::1]%1"), NULL},
    {BYTES("[fe08::1"), NULL},
    {BYTES("fe08::1]"), NULL},
    {BYTES("[[::1]]"), NULL},
    {BYTES("[:"), NULL},
    {BYTES("[::"), NULL},
    {BYTES("[]:"), NULL},
    {BYTES("[192.168.0.1]:80"), NULL},
    {BYTES("192.168.0.0:80"), NULL},

    /* a dotted end */
    {BYTES("::192.168.0.1"), "::192.168.0.1"},
    {BYTES("::ffff:192.168.0.1"), "::ffff:192.168.0.1"},
    {BYTES("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304"},
    {BYTES("1::1.2.3.4"), "1::102:304"},
    {BYTES("1:2:3:4:5::1.2.3.4"), "1:2:3:4:5:0:102:304"},
    {BYTES("::192.168.0.010"), NULL},
    {BYTES("[::1.2.3.4]:5"), "::1.2.3.4"},
    {BYTES("::1.2.3.4%5"), "::1.2.3.4%5"},
    {BYTES("1:2:3:4:5:6::1.2.3.4"), NULL},
    {BYTES("1:2:3:4:5:6:7:1.2.3.4"), NULL},
    {BYTES("1:2:3:4:5:1.2.3.4"), NULL},
    {BYTES("::192.168.0.0x0"), NULL},
    {BYTES("::1.2.3.4:5"), NULL},
    {BYTES("::1.2.3.4::"), NULL},
    {BYTES("1.2.3.4::"), NULL},
    {BYTES("::a.1.2.3"), NULL},
    {BYTES("::1.2.3"), NULL},
    {BYTES("::.1.2.3"), NULL},

    /* scopes that are numbers; NULs may follow the digits */
    {BYTES("fe08::1%13542"), "fe08::1%13542"},
    {BYTES("[fe08::1%13542]"), "fe08::1%13542"},
    {BYTES("::%4294967295"), "::%4294967295"},
    {BYTES("::%007"), "::%7"},
    {BYTES("::%0"), "::"},
    {BYTES("::%1\0"), "::%1"},
    {BYTES("::%4294967296"), "::"},
    {BYTES("::%+1"), "::"},
    {BYTES("::%"), "::"},
    {BYTES("[::%]:1"), "::"},
    {BYTES("::%%5"), "::"},
    {BYTES("%::"), NULL},
    {BYTES("%1:"), NULL},
    {BYTES("1%:"), NULL},
    {BYTES("::1%a]"), NULL},
    {BYTES("[::1%a"), NULL},
};

TEST(texts_are_read_or_refused_as_dotnet_does)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address address;
        fill_untouched(address);
        char *text = exact_copy(rows[i].text, rows[i].size);
        bool is_parsed = ipv6_parse(text, rows[i].size, &address);
        free(text);
        if (is_parsed != (rows[i].expected != NULL))
            fail_msg("%s: %s", is_parsed ? "accepted" : "refused", rows[i].text);
        if (is_parsed)
            assert_address_text(rows[i].expected, &address);
        else
            assert_untouched(&address, sizeof address);
    }
}

static uint32_t scope_of(const char *text, size_t size)
{
    sn_ip_address address;
    char *exact = exact_copy(text, size);
    assert_true(ipv6_parse(exact, size, &address));
    free(exact);
    return address.scope_id;
}

/* Trap 126: the port behind the brackets is passed over. */
TEST(a_scope_may_be_the_name_of_an_interface)
{
    uint32_t loopback = if_nametoindex("lo");
    if (loopback == 0)
        SKIP("there is no interface named lo");
    assert_int_equal(loopback, scope_of(BYTES("fe80::1%lo")));
    assert_int_equal(loopback, scope_of(BYTES("[fe80::1%lo]:80")));
    assert_int_equal(loopback, scope_of(BYTES("fe80::1%lo\0x"))); /* a NUL ends the name */
    assert_int_equal(loopback, scope_of(BYTES("fe80::1%%lo")));   /* one '%' more is dropped */
    assert_int_equal(0, scope_of(BYTES("fe80::1%%%lo")));
}

/* Trap 126. */
TEST(an_unknown_scope_name_gives_scope_0)
{
    assert_int_equal(0, scope_of(BYTES("::%unknownInterface")));
    assert_int_equal(0, scope_of(BYTES("::%fifteen-letters")));
    assert_int_equal(0, scope_of(BYTES("::%sixteen-letters!")));
    assert_int_equal(0, scope_of(BYTES("::%a-name-that-is-longer-than-any-interface-can-have")));
    assert_int_equal(0, scope_of(BYTES("::%\0")));
    assert_int_equal(0, scope_of(BYTES("::%%")));
    assert_int_equal(0, scope_of(BYTES("::%a b:c%d[e.f")));
    assert_int_equal(0, scope_of(BYTES("::%\xff\xfe")));
    assert_int_equal(0, scope_of(BYTES("::%1\0\0x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_or_refused_as_dotnet_does),
        cmocka_unit_test(a_scope_may_be_the_name_of_an_interface),
        cmocka_unit_test(an_unknown_scope_name_gives_scope_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
