#include "support/test.h"

#include "dns/lookup.h"

static sn_error prepare(enum dns_request_kind kind, const char *host, size_t size,
                        struct dns_question *question)
{
    const struct dns_request request = {.kind = kind, .host = host, .host_size = size};
    return dns_question_prepare(&request, question);
}

TEST(the_text_decides_the_way)
{
    static const struct {
        const char *host;
        sn_error error;
        enum dns_way way;
        enum dns_way way_of_entry;
    } rows[] = {
        {"", SN_OK, DNS_FORWARD, DNS_FORWARD},
        {"localhost", SN_OK, DNS_FORWARD, DNS_FORWARD},
        {"local host", SN_OK, DNS_FORWARD, DNS_FORWARD},
        {" 127.0.0.1", SN_OK, DNS_FORWARD, DNS_FORWARD},
        {"1.2.3.4.5", SN_OK, DNS_FORWARD, DNS_FORWARD},
        {"127.0.0.1", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"12", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"::1", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"[::1]:80", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"::%3", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"::ffff:0.0.0.0", SN_OK, DNS_KNOWN, DNS_REVERSE},
        {"0.0.0.0", SN_ERROR_ARGUMENT, DNS_KNOWN, DNS_KNOWN},
        {"0", SN_ERROR_ARGUMENT, DNS_KNOWN, DNS_KNOWN},
        {"0x0", SN_ERROR_ARGUMENT, DNS_KNOWN, DNS_KNOWN},
        {"::", SN_ERROR_ARGUMENT, DNS_KNOWN, DNS_KNOWN},
        {"::0", SN_ERROR_ARGUMENT, DNS_KNOWN, DNS_KNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dns_question question = {.way = DNS_FORWARD};
        const char *host = rows[i].host;
        assert_error(rows[i].error, prepare(DNS_ADDRESSES, host, strlen(host), &question));
        if (!rows[i].error)
            assert_int_equal(rows[i].way, question.way);
        assert_error(rows[i].error, prepare(DNS_ENTRY, host, strlen(host), &question));
        if (!rows[i].error)
            assert_int_equal(rows[i].way_of_entry, question.way);
    }
}

TEST(a_name_may_have_255_bytes_if_the_last_is_a_dot)
{
    char host[400];
    struct dns_question question;
    memset(host, 'a', sizeof host);
    assert_ok(prepare(DNS_ADDRESSES, host, 254, &question));
    assert_int_equal(254, strlen(question.host));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, prepare(DNS_ADDRESSES, host, 255, &question));
    host[254] = '.';
    assert_ok(prepare(DNS_ADDRESSES, host, 255, &question));
    assert_int_equal(255, strlen(question.host));
    host[255] = '.';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, prepare(DNS_ADDRESSES, host, 256, &question));
}

TEST(the_text_of_an_address_may_have_any_length)
{
    char host[400];
    struct dns_question question;
    memset(host, '0', sizeof host);
    host[399] = '1';
    assert_ok(prepare(DNS_ADDRESSES, host, sizeof host, &question));
    assert_int_equal(DNS_KNOWN, question.way);
    assert_int_equal(1, question.address.bytes[3]);
}

TEST(a_nul_inside_makes_a_name_that_does_not_exist)
{
    struct dns_question question;
    assert_error(SN_ERROR_HOST_NOT_FOUND, prepare(DNS_ADDRESSES, "localhost\0evil", 14, &question));
    assert_error(SN_ERROR_HOST_NOT_FOUND, prepare(DNS_ADDRESSES, "localhost", 10, &question));
    assert_error(SN_ERROR_HOST_NOT_FOUND, prepare(DNS_ENTRY, "\0", 1, &question));
    assert_error(SN_ERROR_HOST_NOT_FOUND, prepare(DNS_ENTRY, "127.0.0.1\0", 10, &question));
}

/* No byte behind the name is read: the sanitizer watches the end of the block. */
TEST(a_name_needs_no_nul)
{
    struct dns_question question;
    char *host = test_malloc(9);
    memcpy(host, "localhost", 9);
    assert_ok(prepare(DNS_ADDRESSES, host, 9, &question));
    assert_string_equal("localhost", question.host);
    test_free(host);
}

TEST(what_is_missing_is_an_error)
{
    struct dns_question question;
    assert_error(SN_ERROR_ARGUMENT_NULL, prepare(DNS_ADDRESSES, NULL, 0, &question));
    assert_error(SN_ERROR_ARGUMENT_NULL, prepare(DNS_ENTRY, NULL, 5, &question));
    assert_error(SN_ERROR_ARGUMENT_NULL, prepare(DNS_ENTRY_OF_ADDRESS, NULL, 0, &question));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_decides_the_way),
        cmocka_unit_test(a_name_may_have_255_bytes_if_the_last_is_a_dot),
        cmocka_unit_test(the_text_of_an_address_may_have_any_length),
        cmocka_unit_test(a_nul_inside_makes_a_name_that_does_not_exist),
        cmocka_unit_test(a_name_needs_no_nul),
        cmocka_unit_test(what_is_missing_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
