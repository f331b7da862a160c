#include "unit/address/exact.h"

#include <sys/socket.h>

static sn_endpoint unix_bytes(const char *bytes, size_t size)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_unix_bytes(bytes, size, &endpoint));
    return endpoint;
}

static sn_endpoint dns(const char *host, int port, sn_address_family family)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_dns(host, port, family, &endpoint));
    return endpoint;
}

static sn_endpoint native(int family, uint8_t fill, size_t size)
{
    uint8_t bytes[SN_SOCKADDR_SIZE_MAX];
    sn_endpoint endpoint;
    memset(bytes, fill, sizeof bytes);
    sa_family_t native_family = (sa_family_t)family;
    memcpy(bytes, &native_family, sizeof native_family);
    assert_ok(sn_endpoint_from_sockaddr(bytes, size, &endpoint));
    return endpoint;
}

TEST(every_kind_has_a_text)
{
    const struct {
        sn_endpoint endpoint;
        const char *text;
    } rows[] = {
        {{0}, ""},
        {parsed_endpoint("1.2.3.4:80"), "1.2.3.4:80"},
        {parsed_endpoint("[FE80::1%2]:80"), "[fe80::1%2]:80"},
        {dns("example.org", 80, SN_FAMILY_UNSPECIFIED), "Unspecified/example.org:80"},
        {dns("a", 1, SN_FAMILY_IPV4), "InterNetwork/a:1"},
        {dns("a", 1, SN_FAMILY_IPV6), "InterNetworkV6/a:1"},
        {unix_bytes(BYTES("/tmp/x")), "/tmp/x"},
        {unix_bytes(BYTES("\0name")), "@name"},
        {unix_bytes(BYTES("\0")), "@"},
        {unix_bytes(BYTES("\0a\0b\0")), "@a@b@"},
        {unix_bytes(BYTES("a\0b")), "a@b"},
        {unix_bytes(BYTES("100%s%n")), "100%s%n"},
        {native(AF_UNIX, 0, 2), ""},
        {native(AF_VSOCK, 0, 16), "vsock:0:0"},
        {native(AF_VSOCK, 0, 15), "family 40, 15 bytes"},
        {native(AF_NETLINK, 0, 11), "family 16, 11 bytes"},
        {native(AF_CAN, 0, 7), "family 29, 7 bytes"},
        {native(AF_CAN, 0, 8), "can:*"},
        {native(AF_PACKET, 0, 20), "family 17, 20 bytes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_endpoint_text(rows[i].text, &rows[i].endpoint);
}

/* The scope stands in the machine's own order. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SCOPE_5 "5,0,0,0"
#else
#define SCOPE_5 "0,0,0,5"
#endif

/* The texts are what .NET's SocketAddress.ToString gives. */
TEST(native_bytes_have_a_text)
{
    const struct {
        sn_endpoint endpoint;
        const char *text;
    } rows[] = {
        {parsed_endpoint("127.0.0.1:80"), "InterNetwork:16:{0,80,127,0,0,1,0,0,0,0,0,0,0,0}"},
        {parsed_endpoint("[fe80::1%5]:80"),
         "InterNetworkV6:28:{0,80,0,0,0,0,254,128,0,0,0,0,0,0,0,0,0,0,0,0,0,1," SCOPE_5 "}"},
        {unix_bytes(BYTES("z")), "Unix:4:{122,0}"},
        {native(AF_UNIX, 0, 2), "Unix:2:{}"},
        {native(AF_UNSPEC, 7, 3), "Unspecified:3:{7}"},
        {native(AF_VSOCK, 255, 4), "Vsock:4:{255,255}"},
        {native(AF_PACKET, 1, 4), "Packet:4:{1,1}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SN_ENDPOINT_TEXT_SIZE];
        assert_ok(sn_endpoint_format_sockaddr(&rows[i].endpoint, text, sizeof text));
        assert_string_equal(rows[i].text, text);
    }
}

TEST(a_name_and_nothing_have_no_native_bytes)
{
    sn_endpoint none = {0};
    sn_endpoint name = dns("a", 1, SN_FAMILY_UNSPECIFIED);
    char text[SN_ENDPOINT_TEXT_SIZE];
    fill_untouched(text);
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_format_sockaddr(&none, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_format_sockaddr(&name, text, sizeof text));
    assert_untouched(text, sizeof text);
}

TEST(the_longest_texts_fit_the_named_size)
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    char host[256];
    memset(host, 'h', 255);
    host[255] = '\0';
    sn_endpoint name = dns(host, 65535, SN_FAMILY_IPV6);
    assert_ok(sn_endpoint_format(&name, text, sizeof text));
    assert_int_equal(strlen("InterNetworkV6/") + 255 + strlen(":65535"), strlen(text));
    sn_endpoint bytes = native(AF_CAN, 255, SN_SOCKADDR_SIZE_MAX);
    assert_ok(sn_endpoint_format_sockaddr(&bytes, text, sizeof text));
    assert_int_equal(strlen("ControllerAreaNetwork:128:{}") + 126 * 4 - 1, strlen(text));
    sn_endpoint ip =
        parsed_endpoint("[ffff:ffff:ffff:ffff:0:5efe:255.255.255.255%4294967295]:65535");
    assert_ok(sn_endpoint_format(&ip, text, sizeof text));
}

TEST(a_buffer_that_is_too_small_stays_as_it_was)
{
    sn_endpoint endpoint = parsed_endpoint("1.2.3.4:80");
    sn_endpoint none = {0};
    char text[64];
    fill_untouched(text);
    for (size_t size = 0; size < sizeof "1.2.3.4:80"; size++)
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_format(&endpoint, text, size));
    for (size_t size = 0; size < sizeof "InterNetwork:16:{0,80,1,2,3,4,0,0,0,0,0,0,0,0}"; size++)
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     sn_endpoint_format_sockaddr(&endpoint, text, size));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_format(&none, text, 0));
    assert_untouched(text, sizeof text);
    assert_ok(sn_endpoint_format(&endpoint, text, sizeof "1.2.3.4:80"));
    assert_string_equal("1.2.3.4:80", text);
    assert_ok(sn_endpoint_format(&none, text, 1));
    assert_string_equal("", text);
}

TEST(null_is_an_error)
{
    sn_endpoint endpoint = parsed_endpoint("1.2.3.4:80");
    char text[64];
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_format(NULL, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_format(&endpoint, NULL, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_format_sockaddr(NULL, text, sizeof text));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_format_sockaddr(&endpoint, NULL, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_text),
        cmocka_unit_test(native_bytes_have_a_text),
        cmocka_unit_test(a_name_and_nothing_have_no_native_bytes),
        cmocka_unit_test(the_longest_texts_fit_the_named_size),
        cmocka_unit_test(a_buffer_that_is_too_small_stays_as_it_was),
        cmocka_unit_test(null_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
