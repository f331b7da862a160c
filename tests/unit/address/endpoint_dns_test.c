#include "unit/address/exact.h"

TEST(arguments_are_checked_in_the_order_that_dotnet_checks_them)
{
    static const struct {
        const char *host;
        int port;
        int family;
        sn_error error;
    } rows[] = {
        {"h", 1, SN_FAMILY_UNSPECIFIED, SN_OK},
        {"h", 0, SN_FAMILY_IPV4, SN_OK},
        {"h", 65535, SN_FAMILY_IPV6, SN_OK},
        {"127.0.0.1", 1, SN_FAMILY_IPV6, SN_OK}, /* a literal is a name until it is looked up */
        {NULL, -1, SN_FAMILY_UNIX, SN_ERROR_ARGUMENT_NULL},
        {"", -1, SN_FAMILY_UNSPECIFIED, SN_ERROR_ARGUMENT},
        {"h", -1, SN_FAMILY_UNIX, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"h", 65536, SN_FAMILY_UNSPECIFIED, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"h", 1, SN_FAMILY_UNIX, SN_ERROR_ARGUMENT},
        {"h", 1, SN_FAMILY_UNKNOWN, SN_ERROR_ARGUMENT},
        {"h", 1, SN_FAMILY_PACKET, SN_ERROR_ARGUMENT},
        {"h", 1, 4711, SN_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint;
        fill_untouched(endpoint);
        assert_error(rows[i].error,
                     sn_endpoint_from_dns(rows[i].host, rows[i].port,
                                          (sn_address_family)rows[i].family, &endpoint));
        if (rows[i].error) {
            assert_untouched(&endpoint, sizeof endpoint);
            continue;
        }
        assert_int_equal(SN_ENDPOINT_DNS, sn_endpoint_get_kind(&endpoint));
        assert_string_equal(rows[i].host, sn_endpoint_get_host(&endpoint));
        assert_int_equal(rows[i].port, sn_endpoint_get_port(&endpoint));
        assert_int_equal(rows[i].family, sn_endpoint_get_family(&endpoint));
    }
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_dns("h", 1, SN_FAMILY_UNSPECIFIED, NULL));
}

TEST(a_name_has_255_bytes_at_most)
{
    char host[1000];
    sn_endpoint endpoint;
    memset(host, 'a', sizeof host);
    host[sizeof host - 1] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_endpoint_from_dns(host, 1, SN_FAMILY_UNSPECIFIED, &endpoint));
    host[256] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_endpoint_from_dns(host, 1, SN_FAMILY_UNSPECIFIED, &endpoint));
    host[255] = '\0';
    assert_ok(sn_endpoint_from_dns(host, 1, SN_FAMILY_UNSPECIFIED, &endpoint));
    assert_string_equal(host, sn_endpoint_get_host(&endpoint));
}

TEST(a_name_is_no_native_address)
{
    sn_endpoint endpoint;
    size_t size = 99;
    assert_ok(sn_endpoint_from_dns("h", 1, SN_FAMILY_IPV4, &endpoint));
    assert_null(sn_endpoint_get_sockaddr(&endpoint, &size));
    assert_int_equal(0, size);
    assert_null(sn_endpoint_get_unix_path(&endpoint, NULL));
}

TEST(other_kinds_have_no_host)
{
    sn_endpoint none = {0};
    sn_endpoint ip = parsed_endpoint("1.2.3.4:80");
    assert_null(sn_endpoint_get_host(&none));
    assert_null(sn_endpoint_get_host(&ip));
    assert_null(sn_endpoint_get_host(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked_in_the_order_that_dotnet_checks_them),
        cmocka_unit_test(a_name_has_255_bytes_at_most),
        cmocka_unit_test(a_name_is_no_native_address),
        cmocka_unit_test(other_kinds_have_no_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
