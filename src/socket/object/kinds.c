#include "socket/object/kinds.h"

#include <linux/can.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"

/* Headers are often older than the running kernel. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef CAN_J1939
#define CAN_J1939 7
#endif

int type_to_native(sn_socket_type type)
{
    switch (type) {
    case SN_TYPE_STREAM: return SOCK_STREAM;
    case SN_TYPE_DATAGRAM: return SOCK_DGRAM;
    case SN_TYPE_RAW: return SOCK_RAW;
    case SN_TYPE_RDM: return SOCK_RDM;
    case SN_TYPE_SEQPACKET: return SOCK_SEQPACKET;
    case SN_TYPE_UNKNOWN: break;
    }
    return -1;
}

sn_socket_type type_from_native(int native)
{
    switch (native) {
    case SOCK_STREAM: return SN_TYPE_STREAM;
    case SOCK_DGRAM: return SN_TYPE_DATAGRAM;
    case SOCK_RAW: return SN_TYPE_RAW;
    case SOCK_RDM: return SN_TYPE_RDM;
    case SOCK_SEQPACKET: return SN_TYPE_SEQPACKET;
    default: return SN_TYPE_UNKNOWN;
    }
}

/* One row a protocol that a family has (contract D.4). The first row of a native number is the one
 * that adoption reports. */
static const struct protocol_row {
    sn_address_family family;
    sn_protocol_type protocol;
    int native;
} rows[] = {
    {SN_FAMILY_IPV4, SN_PROTOCOL_UNSPECIFIED, 0},
    {SN_FAMILY_IPV4, SN_PROTOCOL_ICMP, IPPROTO_ICMP},
    {SN_FAMILY_IPV4, SN_PROTOCOL_IGMP, IPPROTO_IGMP},
    {SN_FAMILY_IPV4, SN_PROTOCOL_TCP, IPPROTO_TCP},
    {SN_FAMILY_IPV4, SN_PROTOCOL_UDP, IPPROTO_UDP},
    {SN_FAMILY_IPV4, SN_PROTOCOL_RAW, IPPROTO_RAW},
    {SN_FAMILY_IPV4, SN_PROTOCOL_MPTCP, IPPROTO_MPTCP},
    {SN_FAMILY_IPV4, SN_PROTOCOL_UDP_LITE, IPPROTO_UDPLITE},
    {SN_FAMILY_IPV6, SN_PROTOCOL_UNSPECIFIED, 0},
    {SN_FAMILY_IPV6, SN_PROTOCOL_ICMPV6, IPPROTO_ICMPV6},
    {SN_FAMILY_IPV6, SN_PROTOCOL_ICMP, IPPROTO_ICMPV6},
    {SN_FAMILY_IPV6, SN_PROTOCOL_IGMP, IPPROTO_IGMP},
    {SN_FAMILY_IPV6, SN_PROTOCOL_TCP, IPPROTO_TCP},
    {SN_FAMILY_IPV6, SN_PROTOCOL_UDP, IPPROTO_UDP},
    {SN_FAMILY_IPV6, SN_PROTOCOL_IPV6_ROUTING_HEADER, IPPROTO_ROUTING},
    {SN_FAMILY_IPV6, SN_PROTOCOL_IPV6_FRAGMENT_HEADER, IPPROTO_FRAGMENT},
    {SN_FAMILY_IPV6, SN_PROTOCOL_IPV6_NO_NEXT_HEADER, IPPROTO_NONE},
    {SN_FAMILY_IPV6, SN_PROTOCOL_IPV6_DESTINATION_OPTIONS, IPPROTO_DSTOPTS},
    {SN_FAMILY_IPV6, SN_PROTOCOL_RAW, IPPROTO_RAW},
    {SN_FAMILY_IPV6, SN_PROTOCOL_MPTCP, IPPROTO_MPTCP},
    {SN_FAMILY_IPV6, SN_PROTOCOL_UDP_LITE, IPPROTO_UDPLITE},
    {SN_FAMILY_UNIX, SN_PROTOCOL_UNSPECIFIED, 0},
    {SN_FAMILY_UNSPECIFIED, SN_PROTOCOL_UNSPECIFIED, 0},
    {SN_FAMILY_CAN, SN_PROTOCOL_UNSPECIFIED, 0},
    {SN_FAMILY_CAN, SN_PROTOCOL_RAW, CAN_RAW},
    {SN_FAMILY_CAN, SN_PROTOCOL_CAN_BROADCAST_MANAGER, CAN_BCM},
    {SN_FAMILY_CAN, SN_PROTOCOL_CAN_ISO_TP, CAN_ISOTP},
    {SN_FAMILY_CAN, SN_PROTOCOL_CAN_J1939, CAN_J1939},
    {SN_FAMILY_VSOCK, SN_PROTOCOL_UNSPECIFIED, 0},
};

int protocol_to_native(sn_address_family family, sn_protocol_type protocol)
{
    /* A packet socket's protocol is an 802.3 number in network byte order, passed on as it is, and
     * so is netlink's own. */
    if (family == SN_FAMILY_PACKET || family == SN_FAMILY_NETLINK)
        return (int)protocol;
    for (size_t i = 0; i < array_count(rows); i++)
        if (rows[i].family == family && rows[i].protocol == protocol)
            return rows[i].native;
    return -1;
}

sn_protocol_type protocol_from_native(sn_address_family family, int native)
{
    if (family == SN_FAMILY_PACKET || family == SN_FAMILY_NETLINK)
        return (sn_protocol_type)native;
    if (native == 0)
        return SN_PROTOCOL_UNSPECIFIED; /* also for a family that has no rows */
    for (size_t i = 0; i < array_count(rows); i++)
        if (rows[i].family == family && rows[i].native == native)
            return rows[i].protocol;
    return SN_PROTOCOL_UNKNOWN;
}
