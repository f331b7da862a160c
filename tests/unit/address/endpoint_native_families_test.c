/* Parts of end points of virtual machines, netlink and CAN; their texts are in
 * endpoint_text_test.c and endpoint_format_test.c. */
#include "unit/address/exact.h"

#include <sys/socket.h>

#include <linux/can.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>

#include "address/endpoint_native_families.h"

TEST(a_virtual_machine_has_a_context_and_a_port)
{
    sn_endpoint endpoint;
    struct sockaddr_vm native;
    size_t size = 0;
    uint32_t context = 0, port = 0;
    assert_ok(sn_endpoint_from_vsock(SN_VSOCK_CONTEXT_HOST, 4000000000u, &endpoint));
    assert_int_equal(sn_endpoint_get_family(&endpoint), SN_FAMILY_VSOCK);
    assert_int_equal(sn_endpoint_get_kind(&endpoint), SN_ENDPOINT_OTHER);
    assert_ok(sn_endpoint_get_vsock(&endpoint, &context, &port));
    assert_int_equal(context, SN_VSOCK_CONTEXT_HOST);
    assert_int_equal(port, 4000000000u);
    memcpy(&native, sn_endpoint_get_sockaddr(&endpoint, &size), sizeof native);
    assert_int_equal(size, sizeof native);
    assert_int_equal(native.svm_family, AF_VSOCK);
    assert_int_equal(native.svm_cid, VMADDR_CID_HOST);
    assert_int_equal(native.svm_port, 4000000000u);
    assert_int_equal(SN_VSOCK_CONTEXT_ANY, VMADDR_CID_ANY);
    assert_int_equal(SN_VSOCK_PORT_ANY, VMADDR_PORT_ANY);
}

TEST(netlink_has_a_port_and_groups)
{
    sn_endpoint endpoint;
    struct sockaddr_nl native;
    size_t size = 0;
    uint32_t port = 0, groups = 0;
    assert_ok(sn_endpoint_from_netlink(77, 0x80000001u, &endpoint));
    assert_int_equal(sn_endpoint_get_family(&endpoint), SN_FAMILY_NETLINK);
    assert_ok(sn_endpoint_get_netlink(&endpoint, &port, &groups));
    assert_int_equal(port, 77);
    assert_int_equal(groups, 0x80000001u);
    memcpy(&native, sn_endpoint_get_sockaddr(&endpoint, &size), sizeof native);
    assert_int_equal(size, sizeof native);
    assert_int_equal(native.nl_pid, 77);
    assert_int_equal(native.nl_groups, 0x80000001u);
}

TEST(a_bus_has_an_interface_and_identifiers)
{
    const sn_can_address address = {3, 0x123, 0x456};
    sn_can_address read;
    sn_endpoint endpoint;
    struct sockaddr_can native = {.can_family = AF_CAN, .can_ifindex = 9};
    assert_ok(sn_endpoint_from_can(&address, &endpoint));
    assert_int_equal(sn_endpoint_get_family(&endpoint), SN_FAMILY_CAN);
    assert_ok(sn_endpoint_get_can(&endpoint, &read));
    assert_memory_equal(&read, &address, sizeof read);
    /* The kernel tells no more than the interface of a raw socket. */
    assert_ok(sn_endpoint_from_sockaddr(&native, 8, &endpoint));
    assert_ok(sn_endpoint_get_can(&endpoint, &read));
    assert_int_equal(read.interface_index, 9);
    assert_int_equal(read.receive_id, 0);
}

TEST(mistakes_write_nothing)
{
    sn_endpoint vsock, other = {0}, endpoint;
    sn_can_address address = {.interface_index = -1};
    uint32_t number = 5;
    fill_untouched(endpoint);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_vsock(1, 1, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_netlink(1, 1, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_can(NULL, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_can(&address, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_can(&address, &endpoint));
    assert_untouched(&endpoint, sizeof endpoint);
    assert_ok(sn_endpoint_from_vsock(1, 2, &vsock));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_vsock(NULL, &number, &number));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_vsock(&vsock, NULL, &number));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_vsock(&vsock, &number, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_get_vsock(&other, &number, &number));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_get_netlink(&vsock, &number, &number));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_netlink(&vsock, &number, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_get_can(&vsock, &address));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_get_can(&vsock, NULL));
    vsock.size = 12; /* cut off */
    assert_error(SN_ERROR_ARGUMENT, sn_endpoint_get_vsock(&vsock, &number, &number));
    vsock.size = UINT32_MAX; /* not made by the functions for it */
    assert_ok(sn_endpoint_get_vsock(&vsock, &number, &number));
    assert_int_equal(number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_virtual_machine_has_a_context_and_a_port),
        cmocka_unit_test(netlink_has_a_port_and_groups),
        cmocka_unit_test(a_bus_has_an_interface_and_identifiers),
        cmocka_unit_test(mistakes_write_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
