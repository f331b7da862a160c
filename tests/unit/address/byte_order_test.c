#include "unit/address/exact.h"

TEST(network_order_puts_the_high_byte_first_in_memory)
{
    int16_t n16 = sn_ip_address_host_to_network_order_16(0x0102);
    int32_t n32 = sn_ip_address_host_to_network_order_32(0x01020304);
    int64_t n64 = sn_ip_address_host_to_network_order_64(0x0102030405060708);
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
    assert_memory_equal(bytes, &n16, 2);
    assert_memory_equal(bytes, &n32, 4);
    assert_memory_equal(bytes, &n64, 8);
}

TEST(the_way_back_gives_the_same_number)
{
    static const int64_t numbers[] = {0,         1,         -1,        127,
                                      128,       -32768,    32767,     INT32_MIN,
                                      INT32_MAX, INT64_MIN, INT64_MAX, 0x123456789abcdef0};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int16_t n16 = (int16_t)numbers[i];
        int32_t n32 = (int32_t)numbers[i];
        int64_t n64 = numbers[i];
        assert_int_equal(n16, sn_ip_address_network_to_host_order_16(
                                  sn_ip_address_host_to_network_order_16(n16)));
        assert_int_equal(n32, sn_ip_address_network_to_host_order_32(
                                  sn_ip_address_host_to_network_order_32(n32)));
        assert_true(n64 == sn_ip_address_network_to_host_order_64(
                               sn_ip_address_host_to_network_order_64(n64)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_order_puts_the_high_byte_first_in_memory),
        cmocka_unit_test(the_way_back_gives_the_same_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
