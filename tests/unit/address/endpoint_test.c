#include "unit/address/exact.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "address/address.h"

static sn_endpoint unix_endpoint(const char *path)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_unix(path, &endpoint));
    return endpoint;
}

static sn_endpoint dns_endpoint(const char *host, int port)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_dns(host, port, SN_FAMILY_UNSPECIFIED, &endpoint));
    return endpoint;
}

TEST(an_ip_end_point_holds_the_kernels_bytes)
{
    sn_ip_address address = parsed("1.2.3.4");
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_ip(&address, 0x1234, &endpoint));
    size_t size;
    struct sockaddr_in ipv4;
    const void *sockaddr = sn_endpoint_get_sockaddr(&endpoint, &size);
    assert_int_equal(sizeof ipv4, size);
    memcpy(&ipv4, sockaddr, sizeof ipv4);
    assert_int_equal(AF_INET, ipv4.sin_family);
    assert_int_equal(htons(0x1234), ipv4.sin_port);
    assert_memory_equal("\1\2\3\4", &ipv4.sin_addr, 4);
    assert_memory_equal("\0\0\0\0\0\0\0", ipv4.sin_zero, 8);

    address = parsed("fe80::1%5");
    assert_ok(sn_endpoint_from_ip(&address, 65535, &endpoint));
    struct sockaddr_in6 ipv6;
    sockaddr = sn_endpoint_get_sockaddr(&endpoint, &size);
    assert_int_equal(sizeof ipv6, size);
    memcpy(&ipv6, sockaddr, sizeof ipv6);
    assert_int_equal(AF_INET6, ipv6.sin6_family);
    assert_int_equal(65535, ntohs(ipv6.sin6_port));
    assert_int_equal(0, ipv6.sin6_flowinfo);
    assert_int_equal(5, ipv6.sin6_scope_id);
    assert_memory_equal(address.bytes, &ipv6.sin6_addr, 16);
}

TEST(native_bytes_are_aligned_for_every_structure)
{
    assert_int_equal(0, offsetof(sn_endpoint, as.sockaddr) % 8);
    assert_int_equal(0, _Alignof(sn_endpoint) % 8);
}

TEST(an_end_point_answers_for_its_kind)
{
    sn_endpoint none = {0};
    sn_endpoint ipv4 = parsed_endpoint("1.2.3.4:80");
    sn_endpoint ipv6 = parsed_endpoint("[::1]:443");
    sn_endpoint dns = dns_endpoint("example.org", 25);
    sn_endpoint path = unix_endpoint("/tmp/x");
    const struct {
        const sn_endpoint *endpoint;
        sn_endpoint_kind kind;
        sn_address_family family;
        int port;
    } rows[] = {
        {NULL, SN_ENDPOINT_NONE, SN_FAMILY_UNSPECIFIED, 0},
        {&none, SN_ENDPOINT_NONE, SN_FAMILY_UNSPECIFIED, 0},
        {&ipv4, SN_ENDPOINT_IP, SN_FAMILY_IPV4, 80},
        {&ipv6, SN_ENDPOINT_IP, SN_FAMILY_IPV6, 443},
        {&dns, SN_ENDPOINT_DNS, SN_FAMILY_UNSPECIFIED, 25},
        {&path, SN_ENDPOINT_UNIX, SN_FAMILY_UNIX, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rows[i].kind, sn_endpoint_get_kind(rows[i].endpoint));
        assert_int_equal(rows[i].family, sn_endpoint_get_family(rows[i].endpoint));
        assert_int_equal(rows[i].port, sn_endpoint_get_port(rows[i].endpoint));
    }
}

TEST(a_port_has_sixteen_bits)
{
    static const int bad[] = {-1, 65536, INT32_MAX, INT32_MIN};
    sn_endpoint endpoint;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fill_untouched(endpoint);
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     sn_endpoint_from_ip(&SN_IPV4_ANY, bad[i], &endpoint));
        assert_untouched(&endpoint, sizeof endpoint);
        endpoint = parsed_endpoint("1.2.3.4:80");
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_set_port(&endpoint, bad[i]));
        assert_int_equal(80, sn_endpoint_get_port(&endpoint));
    }
    assert_ok(sn_endpoint_from_ip(&SN_IPV4_ANY, SN_PORT_MIN, &endpoint));
    assert_ok(sn_endpoint_from_ip(&SN_IPV4_ANY, SN_PORT_MAX, &endpoint));
    assert_int_equal(65535, sn_endpoint_get_port(&endpoint));
}

TEST(address_and_port_change_alone)
{
    sn_endpoint endpoint = parsed_endpoint("[fe80::1%3]:80");
    sn_ip_address address;
    assert_ok(sn_endpoint_set_port(&endpoint, 81));
    assert_endpoint_text("[fe80::1%3]:81", &endpoint);
    assert_ok(sn_endpoint_set_address(&endpoint, &SN_IPV4_LOOPBACK));
    assert_endpoint_text("127.0.0.1:81", &endpoint);
    size_t size;
    (void)sn_endpoint_get_sockaddr(&endpoint, &size);
    assert_int_equal(16, size);
    assert_ok(sn_endpoint_set_address(&endpoint, &SN_IPV6_ANY));
    assert_endpoint_text("[::]:81", &endpoint);
    assert_ok(sn_endpoint_get_address(&endpoint, &address));
    assert_true(sn_ip_address_equals(&SN_IPV6_ANY, &address));

    endpoint = dns_endpoint("host", 1);
    assert_ok(sn_endpoint_set_port(&endpoint, 2));
    assert_endpoint_text("Unspecified/host:2", &endpoint);
}

TEST(other_kinds_have_no_address)
{
    sn_endpoint endpoints[] = {{0}, dns_endpoint("a", 1), unix_endpoint("a")};
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        sn_ip_address address;
        fill_untouched(address);
        sn_endpoint before = endpoints[i];
        assert_error(SN_ERROR_ARGUMENT, sn_endpoint_get_address(&endpoints[i], &address));
        assert_error(SN_ERROR_ARGUMENT, sn_endpoint_set_address(&endpoints[i], &SN_IPV4_ANY));
        assert_untouched(&address, sizeof address);
        assert_memory_equal(&before, &endpoints[i], sizeof before);
    }
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_set_port(&endpoints[0], 1));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_set_port(&endpoints[2], 1));
}

TEST(three_addresses_are_wildcards)
{
    static const struct {
        const char *text;
        bool is_wildcard;
    } rows[] = {
        {"0.0.0.0:80", true},        {"[::]:80", true},   {"[::ffff:0.0.0.0]:80", true},
        {"0.0.0.1:80", false},       {"[::1]:80", false}, {"[::ffff:0.0.0.1]:80", false},
        {"[::1:0.0.0.0]:80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint = parsed_endpoint(rows[i].text);
        assert_int_equal(rows[i].is_wildcard, endpoint_is_wildcard(&endpoint));
    }
    sn_endpoint none = {0};
    sn_endpoint path = unix_endpoint("0.0.0.0");
    assert_false(endpoint_is_wildcard(&none));
    assert_false(endpoint_is_wildcard(&path));
}

TEST(only_an_ipv4_end_point_is_mapped)
{
    sn_endpoint from = parsed_endpoint("1.2.3.4:80");
    sn_endpoint to;
    endpoint_map_to_ipv6(&from, &to);
    assert_endpoint_text("[::ffff:1.2.3.4]:80", &to);
    assert_endpoint_text("1.2.3.4:80", &from);
    endpoint_map_to_ipv6(&from, &from);
    assert_true(sn_endpoint_equals(&from, &to));

    sn_endpoint others[] = {
        {0}, parsed_endpoint("[fe80::1%3]:80"), dns_endpoint("a", 1), unix_endpoint("a")};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        endpoint_map_to_ipv6(&others[i], &to);
        assert_memory_equal(&others[i], &to, sizeof to);
        endpoint_map_to_ipv6(&to, &to);
        assert_memory_equal(&others[i], &to, sizeof to);
    }
}

/* A program may fill the record by hand, or with what it read from elsewhere. */
TEST(a_record_of_garbage_is_read_within_its_bounds)
{
    static const uint32_t kinds[] = {0, 1, 2, 3, 4, 5, UINT32_MAX};
    static const uint32_t sizes[] = {0, 1, 2, 3, 15, 16, 27, 28, 110, 111, 128, 129, UINT32_MAX};
    static const int fills[] = {0, 1, 2, 10, 0xff};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (size_t f = 0; f < sizeof fills / sizeof fills[0]; f++) {
                sn_endpoint *endpoint = malloc(sizeof *endpoint);
                memset(endpoint, fills[f], sizeof *endpoint);
                endpoint->kind = kinds[k];
                endpoint->size = sizes[s];
                endpoint->as.sockaddr[1] = 0; /* so that the family may be a real one */
                size_t size;
                char text[SN_ENDPOINT_TEXT_SIZE];
                sn_ip_address address;
                (void)sn_endpoint_get_sockaddr(endpoint, &size);
                assert_true(size <= SN_SOCKADDR_SIZE_MAX);
                (void)sn_endpoint_get_kind(endpoint);
                (void)sn_endpoint_get_family(endpoint);
                (void)sn_endpoint_get_port(endpoint);
                const char *host = sn_endpoint_get_host(endpoint);
                assert_true(!host || strlen(host) <= SN_HOST_SIZE_MAX);
                (void)sn_endpoint_get_unix_path(endpoint, &size);
                assert_true(size <= SN_SOCKADDR_SIZE_MAX);
                (void)!sn_endpoint_get_address(endpoint, &address);
                (void)!sn_endpoint_format(endpoint, text, sizeof text);
                (void)!sn_endpoint_format_sockaddr(endpoint, text, sizeof text);
                (void)sn_endpoint_equals(endpoint, endpoint);
                (void)sn_endpoint_hash(endpoint);
                (void)endpoint_is_wildcard(endpoint);
                endpoint_map_to_ipv6(endpoint, endpoint);
                free(endpoint);
            }
}

TEST(null_is_an_error)
{
    sn_endpoint endpoint = parsed_endpoint("1.2.3.4:80");
    sn_ip_address address;
    sn_ip_address garbage = {0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_ip(NULL, -1, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_ip(&SN_IPV4_ANY, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_from_ip(&garbage, 0, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_address(NULL, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_address(&endpoint, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_set_address(NULL, &SN_IPV4_ANY));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_set_address(&endpoint, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_set_address(&endpoint, &garbage));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_set_port(NULL, 1));
    assert_false(endpoint_is_wildcard(NULL));
    assert_endpoint_text("1.2.3.4:80", &endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ip_end_point_holds_the_kernels_bytes),
        cmocka_unit_test(native_bytes_are_aligned_for_every_structure),
        cmocka_unit_test(an_end_point_answers_for_its_kind),
        cmocka_unit_test(a_port_has_sixteen_bits),
        cmocka_unit_test(address_and_port_change_alone),
        cmocka_unit_test(other_kinds_have_no_address),
        cmocka_unit_test(three_addresses_are_wildcards),
        cmocka_unit_test(only_an_ipv4_end_point_is_mapped),
        cmocka_unit_test(a_record_of_garbage_is_read_within_its_bounds),
        cmocka_unit_test(null_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
