#include "support/test.h"

#include <linux/can.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"
#include "socket/object/kinds.h"

TEST(types_go_there_and_back)
{
    static const struct {
        sn_socket_type type;
        int native;
    } rows[] = {
        {SN_TYPE_STREAM, SOCK_STREAM}, {SN_TYPE_DATAGRAM, SOCK_DGRAM},      {SN_TYPE_RAW, SOCK_RAW},
        {SN_TYPE_RDM, SOCK_RDM},       {SN_TYPE_SEQPACKET, SOCK_SEQPACKET},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        assert_int_equal(type_to_native(rows[i].type), rows[i].native);
        assert_int_equal(type_from_native(rows[i].native), rows[i].type);
    }
    assert_int_equal(type_to_native(SN_TYPE_UNKNOWN), -1);
    assert_int_equal(type_to_native((sn_socket_type)6), -1);
    assert_int_equal(type_from_native(-1), SN_TYPE_UNKNOWN);
    assert_int_equal(type_from_native(99), SN_TYPE_UNKNOWN);
}

TEST(protocols_belong_to_their_family)
{
    static const struct {
        sn_address_family family;
        sn_protocol_type protocol;
        int native;
    } rows[] = {
        {SN_FAMILY_IPV4, SN_PROTOCOL_TCP, IPPROTO_TCP},
        {SN_FAMILY_IPV4, SN_PROTOCOL_UDP, IPPROTO_UDP},
        {SN_FAMILY_IPV4, SN_PROTOCOL_ICMP, IPPROTO_ICMP},
        {SN_FAMILY_IPV4, SN_PROTOCOL_UNSPECIFIED, 0},
        {SN_FAMILY_IPV4, SN_PROTOCOL_ICMPV6, -1},
        {SN_FAMILY_IPV4, SN_PROTOCOL_IPX, -1},
        {SN_FAMILY_IPV6, SN_PROTOCOL_TCP, IPPROTO_TCP},
        {SN_FAMILY_IPV6, SN_PROTOCOL_ICMP, IPPROTO_ICMPV6},
        {SN_FAMILY_IPV6, SN_PROTOCOL_ICMPV6, IPPROTO_ICMPV6},
        {SN_FAMILY_IPV6, SN_PROTOCOL_IPV6_NO_NEXT_HEADER, IPPROTO_NONE},
        {SN_FAMILY_UNIX, SN_PROTOCOL_UNSPECIFIED, 0},
        {SN_FAMILY_UNIX, SN_PROTOCOL_TCP, -1},
        {SN_FAMILY_CAN, SN_PROTOCOL_RAW, CAN_RAW},
        {SN_FAMILY_CAN, SN_PROTOCOL_CAN_ISO_TP, CAN_ISOTP},
        {SN_FAMILY_CAN, SN_PROTOCOL_CAN_BROADCAST_MANAGER, CAN_BCM},
        {SN_FAMILY_CAN, SN_PROTOCOL_MPTCP, -1},
        {SN_FAMILY_IPV4, SN_PROTOCOL_MPTCP, 262},
        {SN_FAMILY_IPV6, SN_PROTOCOL_MPTCP, 262},
        {SN_FAMILY_IPV4, SN_PROTOCOL_UDP_LITE, IPPROTO_UDPLITE},
        {SN_FAMILY_IPV6, SN_PROTOCOL_UDP_LITE, IPPROTO_UDPLITE},
        {SN_FAMILY_UNIX, SN_PROTOCOL_UDP_LITE, -1},
        {SN_FAMILY_VSOCK, SN_PROTOCOL_UNSPECIFIED, 0},
        {SN_FAMILY_VSOCK, SN_PROTOCOL_TCP, -1},
        /* So is netlink's. */
        {SN_FAMILY_NETLINK, (sn_protocol_type)15, 15},
        {SN_FAMILY_APPLE_TALK, SN_PROTOCOL_UNSPECIFIED, -1},
        /* A packet socket's number is passed on as it is, whatever it is. */
        {SN_FAMILY_PACKET, (sn_protocol_type)0x0300, 0x0300},
        {SN_FAMILY_PACKET, SN_PROTOCOL_UNKNOWN, -1},
    };
    for (size_t i = 0; i < array_count(rows); i++)
        assert_int_equal(protocol_to_native(rows[i].family, rows[i].protocol), rows[i].native);
}

TEST(an_adopted_protocol_gets_its_first_name)
{
    assert_int_equal(protocol_from_native(SN_FAMILY_IPV6, IPPROTO_ICMPV6), SN_PROTOCOL_ICMPV6);
    assert_int_equal(protocol_from_native(SN_FAMILY_IPV4, IPPROTO_TCP), SN_PROTOCOL_TCP);
    assert_int_equal(protocol_from_native(SN_FAMILY_IPV4, 0), SN_PROTOCOL_UNSPECIFIED);
    assert_int_equal(protocol_from_native(SN_FAMILY_IPV4, 132), SN_PROTOCOL_UNKNOWN);
    assert_int_equal(protocol_from_native(SN_FAMILY_IPV4, 262), SN_PROTOCOL_MPTCP);
    assert_int_equal(protocol_from_native(SN_FAMILY_NETLINK, 15), 15);
    assert_int_equal(protocol_from_native(SN_FAMILY_UNIX, IPPROTO_TCP), SN_PROTOCOL_UNKNOWN);
    assert_int_equal(protocol_from_native(SN_FAMILY_PACKET, 0x0300), 0x0300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_go_there_and_back),
        cmocka_unit_test(protocols_belong_to_their_family),
        cmocka_unit_test(an_adopted_protocol_gets_its_first_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
