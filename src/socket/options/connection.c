/* What became of what was asked for: several paths, data with the first packet. */
#include "socket/options/option.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>

#include "sys/sys.h"

/* Headers are often older than the running kernel. */
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#define OPTION_MPTCP_INFO 1

/* The beginning of the kernel's struct mptcp_info, which may be longer, or end earlier. */
struct multipath_info {
    uint8_t subflows; /* beside the first */
    uint8_t unused[5];
    uint32_t flags;
    uint32_t token;
    uint64_t write_sequence, unacknowledged, next;
    uint8_t local_addresses, local_addresses_max, has_checksum;
    uint32_t retransmits;
};

#define MULTIPATH_FELL_BACK 1u

static sn_error read_multipath(sn_socket *socket, sn_multipath *out_multipath)
{
    struct multipath_info info = {0};
    uint32_t size = sizeof info;
    if (!out_multipath)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (socket_protocol(socket) != SN_PROTOCOL_MPTCP)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    if (!sn_socket_is_connected(socket))
        return socket_misuse(SN_ERROR_NOT_CONNECTED);
    int32_t result =
        sys_get_option(socket_handle(socket), SOL_MPTCP, OPTION_MPTCP_INFO, &info, &size);
    if (result < 0 && result != -EOPNOTSUPP) /* which TCP says of the other's options */
        return option_result(socket, result);
    bool fell_back = result < 0 || (info.flags & MULTIPATH_FELL_BACK);
    *out_multipath = (sn_multipath){.fell_back = fell_back,
                                    .paths = fell_back ? 1 : 1u + info.subflows,
                                    .retries = fell_back ? 0 : info.retransmits};
    return SN_OK;
}

sn_error sn_socket_get_multipath(sn_socket *socket, sn_multipath *out_multipath)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = read_multipath(socket, out_multipath);
    socket_unref(socket);
    return error;
}

#ifndef TCPI_OPT_SYN_DATA
#define TCPI_OPT_SYN_DATA 32
#endif

static sn_error read_fast_open(sn_socket *socket, bool *out_accepted)
{
    struct tcp_info info = {0};
    uint32_t size = sizeof info;
    bool is_ip = socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6;
    if (!out_accepted)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!is_ip || socket_type(socket) != SN_TYPE_STREAM)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    if (!sn_socket_is_connected(socket))
        return socket_misuse(SN_ERROR_NOT_CONNECTED);
    int32_t result = sys_get_option(socket_handle(socket), IPPROTO_TCP, TCP_INFO, &info, &size);
    if (result < 0)
        return option_result(socket, result);
    *out_accepted = (info.tcpi_options & TCPI_OPT_SYN_DATA) != 0;
    return SN_OK;
}

sn_error sn_socket_get_fast_open_accepted(sn_socket *socket, bool *out_accepted)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = read_fast_open(socket, out_accepted);
    socket_unref(socket);
    return error;
}
