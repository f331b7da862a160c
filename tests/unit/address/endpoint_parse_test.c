#include "unit/address/exact.h"

/* Trap 127. */
static const struct {
    const char *text;
    size_t size;
    const char *expected; /* NULL: refused */
} rows[] = {
    {BYTES("1.2.3.4"), "1.2.3.4:0"},
    {BYTES("1.2.3.4:80"), "1.2.3.4:80"},
    {BYTES("1.2.3.4:0"), "1.2.3.4:0"},
    {BYTES("1.2.3.4:65535"), "1.2.3.4:65535"},
    {BYTES("1.2.3.4:080"), "1.2.3.4:80"},
    {BYTES("1.2.3.4:00000000000000000080"), "1.2.3.4:80"},
    {BYTES("1.2.3.4:80\0"), "1.2.3.4:80"},
    {BYTES("12:1"), "0.0.0.12:1"},
    {BYTES("0x7f.1:1"), "127.0.0.1:1"},
    {BYTES("::"), "[::]:0"},
    {BYTES("::1:80"), "[::0.1.0.128]:0"},
    {BYTES("1:2:3:4:5:6:7:8"), "[1:2:3:4:5:6:7:8]:0"},
    {BYTES("::1%1"), "[::1%1]:0"},
    {BYTES("[::1]"), "[::1]:0"},
    {BYTES("[::1]:80"), "[::1]:80"},
    {BYTES("[::1]:80\0\0"), "[::1]:80"},
    {BYTES("[fe80::1%5]:80"), "[fe80::1%5]:80"},
    {BYTES("[::ffff:1.2.3.4]:80"), "[::ffff:1.2.3.4]:80"},
    {BYTES("1.2.3.4:65536"), NULL},
    {BYTES("1.2.3.4:4294967376"), NULL},
    {BYTES("1.2.3.4:"), NULL},
    {BYTES("1.2.3.4::80"), NULL},
    {BYTES("1.2.3.4:80:90"), NULL},
    {BYTES("1.2.3.4:-300"), NULL},
    {BYTES("1.2.3.4:+300"), NULL},
    {BYTES("1.2.3.4:80a"), NULL},
    {BYTES("1.2.3.4:0x50"), NULL},
    {BYTES("1.2.3.4: 80"), NULL},
    {BYTES("1.2.3.4:80 "), NULL},
    {BYTES("1.2.3.4:\0"), NULL},
    {BYTES("1.2.3.4:8\0"
           "0"),
     NULL},
    {BYTES("1.2.3.4\0:80"), NULL},
    {BYTES("[1.2.3.4]:80"), NULL},
    {BYTES("1.2.3.4]:80"), NULL},
    {BYTES("[1.2.3.4:80"), NULL},
    {BYTES("[::1]:"), NULL},
    {BYTES("[::1]:0x50"), NULL}, /* the address parser alone would ignore this port */
    {BYTES("[::1]:80:90"), NULL},
    {BYTES("[::1]::80"), NULL},
    {BYTES("[::1]:80]"), NULL},
    {BYTES("[::1]]:80"), NULL},
    {BYTES("[[::1]]:80"), NULL},
    {BYTES("::1]:80"), NULL},
    {BYTES("[::1:80"), NULL},
    {BYTES("[fe80::1]:4294967376"), NULL},
    {BYTES("[::1%a]:5]:80"), NULL},
    {BYTES(":80"), NULL},
    {BYTES(":"), NULL},
    {BYTES(""), NULL},
    {BYTES("\0"), NULL},
    {BYTES("localhost:80"), NULL},
    {BYTES("/tmp/socket"), NULL},
};

TEST(texts_are_read_or_refused_as_dotnet_does)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint;
        fill_untouched(endpoint);
        char *exact = exact_copy(rows[i].text, rows[i].size);
        sn_error error = sn_endpoint_parse_bytes(exact, rows[i].size, &endpoint);
        free(exact);
        if ((error == SN_OK) != (rows[i].expected != NULL))
            fail_msg("%s: %s", error ? "refused" : "accepted", rows[i].text);
        if (rows[i].expected) {
            assert_endpoint_text(rows[i].expected, &endpoint);
        } else {
            assert_error(SN_ERROR_FORMAT, error);
            assert_untouched(&endpoint, sizeof endpoint);
        }
    }
}

TEST(a_million_of_any_character_is_refused)
{
    static const char characters[] = "123456789:.%[]/x ";
    for (const char *c = characters;; c++) { /* with the NUL at the end */
        sn_endpoint endpoint;
        char *text = exact_repeat("", *c, 1000000);
        assert_error(SN_ERROR_FORMAT, sn_endpoint_parse_bytes(text, 1000000, &endpoint));
        free(text);
        text = exact_repeat("1.2.3.4:", *c, 1000000);
        assert_error(SN_ERROR_FORMAT, sn_endpoint_parse_bytes(text, 1000008, &endpoint));
        free(text);
        if (*c == '\0')
            break;
    }
}

TEST(null_is_an_error)
{
    sn_endpoint endpoint;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_parse(NULL, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_parse("1.2.3.4:80", NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_parse_bytes(NULL, 5, &endpoint));
    assert_ok(sn_endpoint_parse("1.2.3.4:80", &endpoint));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_or_refused_as_dotnet_does),
        cmocka_unit_test(a_million_of_any_character_is_refused),
        cmocka_unit_test(null_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
