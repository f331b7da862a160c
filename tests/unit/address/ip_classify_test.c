#include "unit/address/exact.h"

#define LOOPBACK     0x01
#define MAPPED       0x02
#define LINK_LOCAL   0x04
#define MULTICAST    0x08
#define SITE_LOCAL   0x10
#define TEREDO       0x20
#define UNIQUE_LOCAL 0x40

static int classes(const sn_ip_address *address)
{
    return (sn_ip_address_is_loopback(address) ? LOOPBACK : 0) |
           (sn_ip_address_is_ipv4_mapped_to_ipv6(address) ? MAPPED : 0) |
           (sn_ip_address_is_ipv6_link_local(address) ? LINK_LOCAL : 0) |
           (sn_ip_address_is_ipv6_multicast(address) ? MULTICAST : 0) |
           (sn_ip_address_is_ipv6_site_local(address) ? SITE_LOCAL : 0) |
           (sn_ip_address_is_ipv6_teredo(address) ? TEREDO : 0) |
           (sn_ip_address_is_ipv6_unique_local(address) ? UNIQUE_LOCAL : 0);
}

TEST(each_range_begins_and_ends_where_dotnet_says)
{
    static const struct {
        const char *text;
        int classes;
    } rows[] = {
        {"0.0.0.0", 0},
        {"126.255.255.255", 0},
        {"127.0.0.0", LOOPBACK},
        {"127.0.0.1", LOOPBACK},
        {"127.255.255.255", LOOPBACK},
        {"128.0.0.0", 0},
        {"224.0.0.1", 0}, /* the IPv6 classes are for IPv6 */
        {"254.128.0.0", 0},
        {"::", 0},
        {"::1", LOOPBACK},
        {"::2", 0},
        {"::1%5", 0}, /* with a scope it is another address */
        {"::ffff:0:0", MAPPED},
        {"::ffff:1.2.3.4", MAPPED},
        {"::fffe:1.2.3.4", 0},
        {"::1:ffff:1.2.3.4", 0},
        {"fe7f:ffff::", 0},
        {"fe80::", LINK_LOCAL},
        {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LINK_LOCAL},
        {"fe80::1%3", LINK_LOCAL},
        {"fec0::", SITE_LOCAL},
        {"feff:ffff::", SITE_LOCAL},
        {"ff00::", MULTICAST},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", MULTICAST},
        {"fbff:ffff::", 0},
        {"fc00::", UNIQUE_LOCAL},
        {"fdff:ffff::", UNIQUE_LOCAL},
        {"fe00::", 0},
        {"2001::", TEREDO},
        {"2001:0:ffff::1", TEREDO},
        {"2001:1::", 0},
        {"2000:ffff::", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_ip_address address = parsed(rows[i].text);
        assert_int_equal(rows[i].classes, classes(&address));
    }
}

/* Trap 128. */
TEST(the_mapped_loopback_address_is_loopback)
{
    sn_ip_address mapped = parsed("::ffff:127.0.0.1");
    sn_ip_address next = parsed("::ffff:127.0.0.2");
    sn_ip_address scoped = parsed("::ffff:127.0.0.1%5");
    assert_int_equal(LOOPBACK | MAPPED, classes(&mapped));
    assert_int_equal(MAPPED, classes(&next));
    assert_int_equal(MAPPED, classes(&scoped));
}

TEST(null_and_what_is_no_address_belong_to_no_class)
{
    sn_ip_address zero = {0};
    sn_ip_address garbage = {(sn_address_family)4711, 0, {127, 0, 0, 1}};
    assert_int_equal(0, classes(NULL));
    assert_int_equal(0, classes(&zero));
    assert_int_equal(0, classes(&garbage));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_range_begins_and_ends_where_dotnet_says),
        cmocka_unit_test(the_mapped_loopback_address_is_loopback),
        cmocka_unit_test(null_and_what_is_no_address_belong_to_no_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
