#include "socket/verbs/extras.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "address/address.h"
#include "operation/operation.h"
#include "socket/options/option.h"
#include "sys/sys.h"

/* Which of the two informations an IPv6 socket needs depends on what it is bound to. */
static sn_error switch_on_information_of_ipv6(sn_socket *socket)
{
    sn_endpoint local = {0};
    sn_ip_address address = SN_IPV6_ANY;
    uint32_t size = sizeof local.as.sockaddr;
    if (sys_local_name(socket_handle(socket), local.as.sockaddr, &size) >= 0) {
        endpoint_set_from_native(&local, size);
        (void)!sn_endpoint_get_address(&local, &address);
    }
    bool is_mapped = sn_ip_address_is_ipv4_mapped_to_ipv6(&address);
    bool is_any = sn_ip_address_equals(&address, &SN_IPV6_ANY);
    sn_error error = SN_OK;
    if (socket_is(socket, SOCKET_DUAL_MODE) && (is_mapped || is_any))
        error = option_write(socket, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1);
    if (!error && !is_mapped)
        error = option_write(socket, SN_LEVEL_IPV6, SN_OPTION_PACKET_INFORMATION, 1);
    return error;
}

static sn_error switch_on_information(sn_socket *socket)
{
    if (socket_is(socket, SOCKET_PACKET_INFORMATION))
        return SN_OK;
    sn_error error = socket_family(socket) == SN_FAMILY_IPV4
                         ? option_write(socket, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1)
                         : switch_on_information_of_ipv6(socket);
    if (!error)
        socket_set(socket, SOCKET_PACKET_INFORMATION);
    return error;
}

/* What has an option of the kernel that .NET has no name for. A level of 0: it is the same for both
 * families. */
static const struct extra {
    uint32_t extra;
    uint32_t state; /* the socket's, once it is on */
    int level, ipv4_name, ipv6_name;
} rows[] = {
    {SN_DATAGRAM_TIME_TO_LIVE, SOCKET_TELLS_TIME_TO_LIVE, 0, IP_RECVTTL, IPV6_RECVHOPLIMIT},
    {SN_DATAGRAM_TRAFFIC_CLASS, SOCKET_TELLS_TRAFFIC_CLASS, 0, IP_RECVTOS, IPV6_RECVTCLASS},
    {SN_DATAGRAM_TIME, SOCKET_TELLS_TIME, SOL_SOCKET, SO_TIMESTAMPNS, SO_TIMESTAMPNS},
    {SN_DATAGRAM_SEGMENT_SIZE, SOCKET_TELLS_SEGMENTS, IPPROTO_UDP, UDP_GRO, UDP_GRO},
};

static int32_t set_one(const sn_socket *socket, int level, int name)
{
    const int on = 1;
    return sys_set_option(socket_handle(socket), level, name, &on, sizeof on);
}

static int32_t set(const sn_socket *socket, const struct extra *row)
{
    int32_t result = 0;
    if (row->level == IPPROTO_UDP && !extras_have_segments(socket))
        return -ENOPROTOOPT;
    if (row->level != 0)
        return set_one(socket, row->level, row->ipv4_name);
    bool is_ipv6 = socket_family(socket) == SN_FAMILY_IPV6;
    if (!is_ipv6 || socket_is(socket, SOCKET_DUAL_MODE))
        result = set_one(socket, IPPROTO_IP, row->ipv4_name);
    if (is_ipv6 && result >= 0)
        result = set_one(socket, IPPROTO_IPV6, row->ipv6_name);
    return result;
}

/* A fresh descriptor would not have the option. */
static sn_error switch_on(sn_socket *socket, const struct extra *row)
{
    if (socket_is(socket, row->state))
        return SN_OK;
    socket_expect_control(socket);
    socket_set(socket, SOCKET_IRREPLACEABLE);
    int32_t result = set(socket, row);
    /* Where the kernel puts no datagrams together, each comes alone. */
    if (row->extra == SN_DATAGRAM_SEGMENT_SIZE && result == -ENOPROTOOPT)
        result = 0;
    if (result >= 0)
        socket_set(socket, row->state);
    return option_result(socket, result);
}

/* As it is after the first call that wanted the same. */
bool extras_are_on(const sn_socket *socket, uint32_t wanted)
{
    const uint32_t of_rows = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS |
                             SN_DATAGRAM_TIME | SN_DATAGRAM_SEGMENT_SIZE;
    const uint32_t step = SOCKET_TELLS_TIME_TO_LIVE / SN_DATAGRAM_TIME_TO_LIVE;
    _Static_assert(SOCKET_TELLS_TRAFFIC_CLASS / SN_DATAGRAM_TRAFFIC_CLASS ==
                           SOCKET_TELLS_TIME_TO_LIVE / SN_DATAGRAM_TIME_TO_LIVE &&
                       SOCKET_TELLS_TIME / SN_DATAGRAM_TIME ==
                           SOCKET_TELLS_TIME_TO_LIVE / SN_DATAGRAM_TIME_TO_LIVE &&
                       SOCKET_TELLS_SEGMENTS / SN_DATAGRAM_SEGMENT_SIZE ==
                           SOCKET_TELLS_TIME_TO_LIVE / SN_DATAGRAM_TIME_TO_LIVE,
                   "in the same order");
    if (!extras_are_told(socket))
        return true;
    uint32_t states = (wanted & of_rows) * step;
    if (wanted & (SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE))
        states |= SOCKET_PACKET_INFORMATION;
    return (atomic_load_acquire(&socket->state) & states) == states;
}

sn_error extras_switch_on(sn_socket *socket, uint32_t wanted)
{
    sn_error error = SN_OK;
    if (extras_are_on(socket, wanted))
        return SN_OK;
    if (wanted & (SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE))
        error = switch_on_information(socket);
    for (size_t i = 0; i < array_count(rows) && !error; i++)
        if (wanted & rows[i].extra)
            error = switch_on(socket, &rows[i]);
    return error;
}
