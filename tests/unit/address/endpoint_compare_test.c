#include "unit/address/exact.h"

#include <sys/socket.h>

static sn_endpoint dns(const char *host, int port, sn_address_family family)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_dns(host, port, family, &endpoint));
    return endpoint;
}

static sn_endpoint path(const char *bytes, size_t size)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_from_unix_bytes(bytes, size, &endpoint));
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

static void check(sn_endpoint a, sn_endpoint b, bool is_equal)
{
    assert_int_equal(is_equal, sn_endpoint_equals(&a, &b));
    assert_int_equal(is_equal, sn_endpoint_equals(&b, &a));
    if (is_equal)
        assert_int_equal(sn_endpoint_hash(&a), sn_endpoint_hash(&b));
    assert_true(sn_endpoint_equals(&a, &a));
}

TEST(ip_end_points_are_equal_by_address_scope_and_port)
{
    check(parsed_endpoint("1.2.3.4:80"), parsed_endpoint("0x01020304:080"), true);
    check(parsed_endpoint("1.2.3.4:80"), parsed_endpoint("1.2.3.4:81"), false);
    check(parsed_endpoint("1.2.3.4:80"), parsed_endpoint("1.2.3.5:80"), false);
    check(parsed_endpoint("1.2.3.4:80"), parsed_endpoint("[::ffff:1.2.3.4]:80"), false);
    check(parsed_endpoint("[::1%1]:80"), parsed_endpoint("[::1%1]:80"), true);
    check(parsed_endpoint("[::1%1]:80"), parsed_endpoint("[::1%2]:80"), false);
    assert_int_not_equal(sn_endpoint_hash(&(sn_endpoint[]){parsed_endpoint("1.2.3.4:80")}[0]),
                         sn_endpoint_hash(&(sn_endpoint[]){parsed_endpoint("1.2.3.4:81")}[0]));
}

/* The kernel may report a flow label; it names no other peer. */
TEST(the_flow_label_does_not_count)
{
    sn_endpoint plain = parsed_endpoint("[::1]:80");
    sn_endpoint labelled = plain;
    labelled.as.sockaddr[7] = 9;
    check(plain, labelled, true);
}

TEST(the_case_of_a_host_name_does_not_count)
{
    sn_endpoint lower = dns("host", 1, SN_FAMILY_UNSPECIFIED);
    sn_endpoint upper = dns("HOST", 1, SN_FAMILY_UNSPECIFIED);
    check(lower, dns("host", 1, SN_FAMILY_UNSPECIFIED), true);
    check(lower, upper, true);
    assert_int_equal(sn_endpoint_hash(&lower), sn_endpoint_hash(&upper));
    check(lower, dns("host", 2, SN_FAMILY_UNSPECIFIED), false);
    check(lower, dns("host", 1, SN_FAMILY_IPV4), false);
    check(lower, dns("hos", 1, SN_FAMILY_UNSPECIFIED), false);
    check(dns("1.2.3.4", 80, SN_FAMILY_UNSPECIFIED), parsed_endpoint("1.2.3.4:80"), false);
}

/* Trap 108. */
TEST(unix_end_points_are_equal_by_path)
{
    check(path(BYTES("a")), path(BYTES("a\0")), true);
    check(path(BYTES("a")), path(BYTES("b")), false);
    check(path(BYTES("a")), path(BYTES("\0a")), false);
    check(path(BYTES("a")), path(BYTES("a\0b")), false);
    check(path(BYTES("\0a")), path(BYTES("\0a")), true);
    check(path(BYTES("\0a")), path(BYTES("\0a\0")), false);
    check(path(BYTES("a")), path(BYTES("A")), false);
}

TEST(other_families_are_equal_by_all_their_bytes)
{
    check(native(AF_VSOCK, 1, 16), native(AF_VSOCK, 1, 16), true);
    check(native(AF_VSOCK, 1, 16), native(AF_VSOCK, 2, 16), false);
    check(native(AF_VSOCK, 1, 16), native(AF_VSOCK, 1, 15), false);
    check(native(AF_VSOCK, 1, 16), native(AF_NETLINK, 1, 16), false);
}

/* A program may have written into the record. */
TEST(what_is_no_end_point_of_its_kind_equals_nothing)
{
    sn_endpoint ip = parsed_endpoint("1.2.3.4:80"), no_ip = ip;
    memset(no_ip.as.sockaddr, 0xff, sizeof no_ip.as.sockaddr);
    check(ip, no_ip, false);
    assert_false(sn_endpoint_equals(&no_ip, &no_ip));
    sn_endpoint host = dns("host", 1, SN_FAMILY_UNSPECIFIED), no_host = host;
    memset(no_host.as.dns.host, 'h', sizeof no_host.as.dns.host);
    check(host, no_host, false);
    assert_false(sn_endpoint_equals(&no_host, &no_host));
}

TEST(nothing_equals_nothing_and_null_equals_nothing_at_all)
{
    sn_endpoint none = {0};
    sn_endpoint dirty;
    memset(&dirty, 0x41, sizeof dirty);
    dirty.kind = SN_ENDPOINT_NONE;
    check(none, dirty, true);
    check(none, parsed_endpoint("0.0.0.0:0"), false);
    assert_false(sn_endpoint_equals(NULL, &none));
    assert_false(sn_endpoint_equals(&none, NULL));
    assert_false(sn_endpoint_equals(NULL, NULL));
    assert_int_equal(0, sn_endpoint_hash(NULL));
    assert_int_equal(0, sn_endpoint_hash(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip_end_points_are_equal_by_address_scope_and_port),
        cmocka_unit_test(the_flow_label_does_not_count),
        cmocka_unit_test(the_case_of_a_host_name_does_not_count),
        cmocka_unit_test(unix_end_points_are_equal_by_path),
        cmocka_unit_test(other_families_are_equal_by_all_their_bytes),
        cmocka_unit_test(what_is_no_end_point_of_its_kind_equals_nothing),
        cmocka_unit_test(nothing_equals_nothing_and_null_equals_nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
