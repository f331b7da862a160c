#include "unit/address/exact.h"

#include <sys/socket.h>

#include "address/address.h"

static const struct {
    sn_address_family family;
    int native;
    uint32_t size;
} passed_on[] = {
    {SN_FAMILY_UNSPECIFIED, AF_UNSPEC, 128}, {SN_FAMILY_UNIX, AF_UNIX, 110},
    {SN_FAMILY_IPV4, AF_INET, 16},           {SN_FAMILY_IPV6, AF_INET6, 28},
    {SN_FAMILY_PACKET, AF_PACKET, 128},      {SN_FAMILY_CAN, AF_CAN, 128},
    {SN_FAMILY_NETLINK, AF_NETLINK, 12},     {SN_FAMILY_VSOCK, AF_VSOCK, 16},
};

static bool is_passed_on(sn_address_family family)
{
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
        if (passed_on[i].family == family)
            return true;
    return false;
}

static const sn_address_family all[] = {
#define X(id, number, name) SN_FAMILY_##id,
    SN_ADDRESS_FAMILY_TABLE(X) SN_ADDRESS_FAMILY_NATIVE_TABLE(X)
#undef X
};

TEST(eight_families_have_a_native_number_and_the_way_back)
{
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
        assert_int_equal(passed_on[i].native, address_family_to_native(passed_on[i].family));
        assert_int_equal(passed_on[i].family, address_family_from_native(passed_on[i].native));
    }
}

TEST(every_other_family_is_refused)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!is_passed_on(all[i]))
            assert_int_equal(-1, address_family_to_native(all[i]));
    assert_int_equal(-1, address_family_to_native((sn_address_family)10)); /* AF_INET6's number */
    assert_int_equal(-1, address_family_to_native((sn_address_family)4711));
}

TEST(a_native_family_without_a_name_is_unknown)
{
    assert_int_equal(SN_FAMILY_UNKNOWN, address_family_from_native(AF_BLUETOOTH));
    assert_int_equal(SN_FAMILY_UNKNOWN, address_family_from_native(23));
    assert_int_equal(SN_FAMILY_UNKNOWN, address_family_from_native(-1));
    assert_int_equal(SN_FAMILY_UNKNOWN, address_family_from_native(65535));
}

TEST(a_family_whose_addresses_are_not_known_has_the_largest_size)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        uint32_t expected = SN_SOCKADDR_SIZE_MAX;
        for (size_t row = 0; row < sizeof passed_on / sizeof passed_on[0]; row++)
            if (passed_on[row].family == all[i])
                expected = passed_on[row].size;
        assert_int_equal(expected, sn_endpoint_get_maximum_sockaddr_size(all[i]));
        assert_int_equal(expected, address_sockaddr_size_max(all[i]));
    }
    assert_int_equal(SN_SOCKADDR_SIZE_MAX,
                     sn_endpoint_get_maximum_sockaddr_size((sn_address_family)4711));
}

TEST(a_family_has_the_name_that_dotnet_gives_it)
{
    assert_string_equal("InterNetwork", sn_address_family_name(SN_FAMILY_IPV4));
    assert_string_equal("InterNetworkV6", sn_address_family_name(SN_FAMILY_IPV6));
    assert_string_equal("ControllerAreaNetwork", sn_address_family_name(SN_FAMILY_CAN));
    assert_string_equal("Unknown", sn_address_family_name(SN_FAMILY_UNKNOWN));
    assert_string_equal("?", sn_address_family_name((sn_address_family)4711));
}

TEST(no_two_families_share_a_name)
{
    static const sn_address_family every[] = {
#define X(id, number, name) SN_FAMILY_##id,
        SN_ADDRESS_FAMILY_TABLE(X) SN_ADDRESS_FAMILY_NATIVE_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) {
        assert_string_not_equal("?", sn_address_family_name(every[i]));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(sn_address_family_name(every[k]),
                                    sn_address_family_name(every[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_families_have_a_native_number_and_the_way_back),
        cmocka_unit_test(every_other_family_is_refused),
        cmocka_unit_test(a_native_family_without_a_name_is_unknown),
        cmocka_unit_test(a_family_whose_addresses_are_not_known_has_the_largest_size),
        cmocka_unit_test(a_family_has_the_name_that_dotnet_gives_it),
        cmocka_unit_test(no_two_families_share_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
