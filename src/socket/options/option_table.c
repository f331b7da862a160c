#include "socket/options/option_table.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/base.h"
#include "sys/sys.h"

#define PLAIN(level, name, native_level, native_name, kind)                                        \
    {                                                                                              \
        SN_LEVEL_##level, SN_OPTION_##name, native_level, native_name, OPTION_##kind,              \
            option_set_plain, option_set_plain, option_get_plain                                   \
    }
#define OWN(level, name, native_level, native_name, kind, set_int, set, get)                       \
    {                                                                                              \
        SN_LEVEL_##level, SN_OPTION_##name, native_level, native_name, OPTION_##kind, set_int,     \
            set, get                                                                               \
    }

/* clang-format off */
static const struct option_row rows[] = {
    PLAIN(SOCKET, DEBUG,              SOL_SOCKET, SO_DEBUG,      TRACKED),
    PLAIN(SOCKET, ACCEPT_CONNECTION,  SOL_SOCKET, SO_ACCEPTCONN, TRACKED),
    OWN(SOCKET, REUSE_ADDRESS,        SOL_SOCKET, SO_REUSEADDR,  TRACKED,
        option_set_reuse_address, option_set_reuse_address, option_get_reuse_address),
    OWN(SOCKET, EXCLUSIVE_ADDRESS_USE, SOL_SOCKET, SO_REUSEADDR, TRACKED,
        option_set_exclusive_address_use, option_set_exclusive_address_use,
        option_get_exclusive_address_use),
    PLAIN(SOCKET, KEEP_ALIVE,         SOL_SOCKET, SO_KEEPALIVE,  TRACKED),
    PLAIN(SOCKET, DONT_ROUTE,         SOL_SOCKET, SO_DONTROUTE,  TRACKED),
    PLAIN(SOCKET, BROADCAST,          SOL_SOCKET, SO_BROADCAST,  UNTRACKED),
    PLAIN(SOCKET, LINGER,             SOL_SOCKET, SO_LINGER,     TRACKED),
    PLAIN(SOCKET, OUT_OF_BAND_INLINE, SOL_SOCKET, SO_OOBINLINE,  TRACKED),
    PLAIN(SOCKET, SEND_BUFFER,        SOL_SOCKET, SO_SNDBUF,     TRACKED),
    PLAIN(SOCKET, RECEIVE_BUFFER,     SOL_SOCKET, SO_RCVBUF,     TRACKED),
    PLAIN(SOCKET, SEND_LOW_WATER,     SOL_SOCKET, SO_SNDLOWAT,   TRACKED),
    PLAIN(SOCKET, RECEIVE_LOW_WATER,  SOL_SOCKET, SO_RCVLOWAT,   TRACKED),
    OWN(SOCKET, SEND_TIMEOUT,         SOL_SOCKET, SO_SNDTIMEO,   TRACKED,
        option_set_timeout, option_set_plain, option_get_timeout),
    OWN(SOCKET, RECEIVE_TIMEOUT,      SOL_SOCKET, SO_RCVTIMEO,   TRACKED,
        option_set_timeout, option_set_plain, option_get_timeout),
    OWN(SOCKET, ERROR,                SOL_SOCKET, SO_ERROR,      UNTRACKED,
        option_set_plain, option_set_plain, option_get_error),
    OWN(SOCKET, TYPE,                 SOL_SOCKET, SO_TYPE,       UNTRACKED,
        option_set_plain, option_set_plain, option_get_type),

    PLAIN(IP, IP_OPTIONS,             IPPROTO_IP, IP_OPTIONS,        UNTRACKED),
    PLAIN(IP, HEADER_INCLUDED,        IPPROTO_IP, IP_HDRINCL,        UNTRACKED),
    PLAIN(IP, TYPE_OF_SERVICE,        IPPROTO_IP, IP_TOS,            TRACKED),
    PLAIN(IP, IP_TIME_TO_LIVE,        IPPROTO_IP, IP_TTL,            TRACKED),
    OWN(IP, MULTICAST_INTERFACE,      IPPROTO_IP, IP_MULTICAST_IF,   UNTRACKED,
        option_set_multicast_interface, option_set_plain, option_get_plain),
    PLAIN(IP, MULTICAST_TIME_TO_LIVE, IPPROTO_IP, IP_MULTICAST_TTL,  UNTRACKED),
    PLAIN(IP, MULTICAST_LOOPBACK,     IPPROTO_IP, IP_MULTICAST_LOOP, UNTRACKED),
    PLAIN(IP, ADD_MEMBERSHIP,         IPPROTO_IP, IP_ADD_MEMBERSHIP, UNTRACKED),
    PLAIN(IP, DROP_MEMBERSHIP,        IPPROTO_IP, IP_DROP_MEMBERSHIP, UNTRACKED),
    OWN(IP, DONT_FRAGMENT,            IPPROTO_IP, IP_MTU_DISCOVER,   UNTRACKED,
        option_set_dont_fragment, option_set_dont_fragment, option_get_dont_fragment),
    PLAIN(IP, ADD_SOURCE_MEMBERSHIP,  IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP,  UNTRACKED),
    PLAIN(IP, DROP_SOURCE_MEMBERSHIP, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, UNTRACKED),
    PLAIN(IP, BLOCK_SOURCE,           IPPROTO_IP, IP_BLOCK_SOURCE,   UNTRACKED),
    PLAIN(IP, UNBLOCK_SOURCE,         IPPROTO_IP, IP_UNBLOCK_SOURCE, UNTRACKED),
    OWN(IP, PACKET_INFORMATION,       IPPROTO_IP, IP_PKTINFO,        UNTRACKED,
        option_set_packet_information, option_set_packet_information, option_get_plain),

    PLAIN(IPV6, IP_TIME_TO_LIVE,        IPPROTO_IPV6, IPV6_UNICAST_HOPS,   UNTRACKED),
    PLAIN(IPV6, MULTICAST_INTERFACE,    IPPROTO_IPV6, IPV6_MULTICAST_IF,   UNTRACKED),
    PLAIN(IPV6, MULTICAST_TIME_TO_LIVE, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, UNTRACKED),
    PLAIN(IPV6, MULTICAST_LOOPBACK,     IPPROTO_IPV6, IPV6_MULTICAST_LOOP, UNTRACKED),
    OWN(IPV6, PACKET_INFORMATION,       IPPROTO_IPV6, IPV6_RECVPKTINFO,    UNTRACKED,
        option_set_packet_information, option_set_packet_information, option_get_plain),
    PLAIN(IPV6, HOP_LIMIT,              IPPROTO_IPV6, IPV6_HOPLIMIT,       UNTRACKED),
    OWN(IPV6, IPV6_ONLY,                IPPROTO_IPV6, IPV6_V6ONLY,         TRACKED,
        option_set_ipv6_only, option_set_ipv6_only, option_get_plain),

    PLAIN(TCP, NO_DELAY,                   IPPROTO_TCP, TCP_NODELAY,   TRACKED),
    PLAIN(TCP, TCP_KEEP_ALIVE_TIME,        IPPROTO_TCP, TCP_KEEPIDLE,  TRACKED),
    PLAIN(TCP, FAST_OPEN,                  IPPROTO_TCP, TCP_FASTOPEN,  TRACKED),
    PLAIN(TCP, TCP_KEEP_ALIVE_RETRY_COUNT, IPPROTO_TCP, TCP_KEEPCNT,   TRACKED),
    PLAIN(TCP, TCP_KEEP_ALIVE_INTERVAL,    IPPROTO_TCP, TCP_KEEPINTVL, TRACKED),
};
/* clang-format on */

_Static_assert(array_count(rows) <= 64, "a bit each in the socket's tracked_options");

const struct option_row *option_find(sn_option_level level, sn_option_name name)
{
    /* As in .NET, the pending error can be read through any level. */
    if (name == SN_OPTION_ERROR)
        level = SN_LEVEL_SOCKET;
    for (size_t i = 0; i < array_count(rows); i++)
        if (rows[i].level == level && rows[i].name == name)
            return &rows[i];
    return NULL;
}

const struct option_row *option_at(uint32_t index)
{
    return index < array_count(rows) ? &rows[index] : NULL;
}

uint32_t option_index(const struct option_row *row)
{
    return (uint32_t)(row - rows);
}
