#include "unit/address/exact.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "address/address.h"

static sn_error from_family(int family, size_t size, uint8_t fill, sn_endpoint *out_endpoint)
{
    uint8_t bytes[300];
    memset(bytes, fill, sizeof bytes);
    sa_family_t native = (sa_family_t)family;
    memcpy(bytes, &native, sizeof native);
    char *exact = exact_copy(bytes, size);
    sn_error error = sn_endpoint_from_sockaddr(exact, size, out_endpoint);
    free(exact);
    return error;
}

/* Trap 130. */
TEST(an_ip_address_that_is_too_short_is_refused)
{
    static const struct {
        int family;
        size_t size;
        sn_error error;
    } rows[] = {
        {AF_INET, 0, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {AF_INET, 1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {AF_INET, 2, SN_ERROR_ARGUMENT},
        {AF_INET, 15, SN_ERROR_ARGUMENT},
        {AF_INET, 16, SN_OK},
        {AF_INET, 128, SN_OK},
        {AF_INET, 129, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {AF_INET6, 16, SN_ERROR_ARGUMENT},
        {AF_INET6, 27, SN_ERROR_ARGUMENT},
        {AF_INET6, 28, SN_OK},
        {AF_INET6, 128, SN_OK},
        {AF_VSOCK, 2, SN_OK},
        {AF_VSOCK, 128, SN_OK},
        {AF_VSOCK, 129, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {AF_UNSPEC, 16, SN_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint;
        fill_untouched(endpoint);
        assert_error(rows[i].error, from_family(rows[i].family, rows[i].size, 0x41, &endpoint));
        if (rows[i].error)
            assert_untouched(&endpoint, sizeof endpoint);
    }
}

TEST(ip_bytes_get_one_form)
{
    sn_endpoint long_one;
    sn_endpoint short_one;
    size_t size;
    assert_ok(from_family(AF_INET, 128, 0x41, &long_one));
    assert_ok(from_family(AF_INET, 16, 0x41, &short_one));
    (void)sn_endpoint_get_sockaddr(&long_one, &size);
    assert_int_equal(16, size);
    assert_memory_equal(long_one.as.sockaddr, short_one.as.sockaddr, 16);
    assert_memory_equal("\0\0\0\0\0\0\0", long_one.as.sockaddr + 8, 8);
    assert_endpoint_text("65.65.65.65:16705", &long_one);

    assert_ok(from_family(AF_INET6, 128, 0x41, &long_one));
    (void)sn_endpoint_get_sockaddr(&long_one, &size);
    assert_int_equal(28, size);
    assert_endpoint_text("[4141:4141:4141:4141:4141:4141:4141:4141%1094795585]:16705", &long_one);
}

TEST(an_unknown_family_passes_through_unchanged)
{
    static const int families[] = {AF_UNSPEC, AF_VSOCK, AF_NETLINK, AF_PACKET, AF_CAN, 4711, 65535};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        for (size_t size = 2; size <= SN_SOCKADDR_SIZE_MAX; size++) {
            sn_endpoint endpoint;
            uint8_t expected[SN_SOCKADDR_SIZE_MAX];
            sa_family_t native = (sa_family_t)families[i];
            memset(expected, 0x41, sizeof expected);
            memcpy(expected, &native, sizeof native);
            assert_ok(from_family(families[i], size, 0x41, &endpoint));
            size_t stored;
            const void *sockaddr = sn_endpoint_get_sockaddr(&endpoint, &stored);
            assert_int_equal(size, stored);
            assert_memory_equal(expected, sockaddr, size);
            assert_int_equal(SN_ENDPOINT_OTHER, sn_endpoint_get_kind(&endpoint));
            assert_int_equal(address_family_from_native(families[i]),
                             sn_endpoint_get_family(&endpoint));
        }
}

TEST(what_the_kernel_wrote_is_finished_in_place)
{
    static const struct {
        int family;
        uint32_t reported;
        sn_endpoint_kind kind;
        uint32_t size;
    } rows[] = {
        {AF_INET, 0, SN_ENDPOINT_NONE, 0}, /* a connected stream has no sender */
        {AF_INET, 1, SN_ENDPOINT_NONE, 0},
        {AF_INET, 2, SN_ENDPOINT_OTHER, 2},
        {AF_INET, 16, SN_ENDPOINT_IP, 16},
        {AF_INET, 128, SN_ENDPOINT_IP, 16},
        {AF_INET6, 28, SN_ENDPOINT_IP, 28},
        {AF_INET6, 27, SN_ENDPOINT_OTHER, 27},
        {AF_VSOCK, 16, SN_ENDPOINT_OTHER, 16},
        {AF_VSOCK, 128, SN_ENDPOINT_OTHER, 128},
        {AF_VSOCK, 129, SN_ENDPOINT_OTHER, 128}, /* it was cut */
        {AF_VSOCK, UINT32_MAX, SN_ENDPOINT_OTHER, 128},
        {AF_UNIX, 2, SN_ENDPOINT_UNIX, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint;
        fill_untouched(endpoint);
        sa_family_t native = (sa_family_t)rows[i].family;
        memcpy(endpoint.as.sockaddr, &native, sizeof native);
        endpoint_set_from_native(&endpoint, rows[i].reported);
        assert_int_equal(rows[i].kind, endpoint.kind);
        assert_int_equal(rows[i].size, endpoint.size);
    }
}

TEST(a_real_socket_reports_an_end_point_equal_to_the_one_it_was_bound_to)
{
    struct sockaddr_in wanted = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    sn_endpoint reported = {0};
    sn_endpoint brought;
    socklen_t size = sizeof reported.as.sockaddr;
    int handle = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(handle >= 0);
    assert_int_equal(0, bind(handle, (struct sockaddr *)&wanted, sizeof wanted));
    assert_int_equal(0, getsockname(handle, (struct sockaddr *)&reported.as.sockaddr, &size));
    endpoint_set_from_native(&reported, size);
    memset(wanted.sin_zero, 0xff, sizeof wanted.sin_zero);
    wanted.sin_port = htons((uint16_t)sn_endpoint_get_port(&reported));
    assert_ok(sn_endpoint_from_sockaddr(&wanted, sizeof wanted, &brought));
    assert_true(sn_endpoint_equals(&reported, &brought));
    assert_int_equal(sn_endpoint_hash(&reported), sn_endpoint_hash(&brought));
    close(handle);
}

TEST(null_is_an_error)
{
    sn_endpoint endpoint;
    uint8_t bytes[16] = {0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_sockaddr(NULL, 16, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_sockaddr(bytes, 16, NULL));
    size_t size = 99;
    assert_null(sn_endpoint_get_sockaddr(NULL, &size));
    assert_int_equal(0, size);
    assert_null(sn_endpoint_get_sockaddr(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ip_address_that_is_too_short_is_refused),
        cmocka_unit_test(ip_bytes_get_one_form),
        cmocka_unit_test(an_unknown_family_passes_through_unchanged),
        cmocka_unit_test(what_the_kernel_wrote_is_finished_in_place),
        cmocka_unit_test(a_real_socket_reports_an_end_point_equal_to_the_one_it_was_bound_to),
        cmocka_unit_test(null_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
