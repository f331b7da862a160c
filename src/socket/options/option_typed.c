/* Options whose value is a record: linger and multicast memberships. */
#include "socket/options/option.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/sys.h"

#define LINGER_SECONDS_MAX 65535
#define IPV4_INDEX_MAX     0x00FFFFFF

/* --- Linger ---------------------------------------------------------------------------------- */

bool sn_linger_option_equals(const sn_linger_option *a, const sn_linger_option *b)
{
    return a && b && a->enabled == b->enabled && a->seconds == b->seconds;
}

uint32_t sn_linger_option_hash(const sn_linger_option *option)
{
    return option ? (uint32_t)option->seconds << 1 | option->enabled : 0;
}

static sn_error write_linger(sn_socket *socket, const sn_linger_option *value)
{
    if (!value)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (value->seconds < 0 || value->seconds > LINGER_SECONDS_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT);
    struct linger native = {.l_onoff = value->enabled, .l_linger = value->seconds};
    return option_write_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_LINGER, &native, sizeof native);
}

sn_error sn_socket_set_linger_state(sn_socket *socket, const sn_linger_option *value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = write_linger(socket, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_linger_state(sn_socket *socket, sn_linger_option *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    struct linger native = {0};
    if (!out_value)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        error = option_read_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_LINGER, &native, sizeof native,
                                  NULL);
    socket_unref(socket);
    if (!error)
        *out_value = (sn_linger_option){native.l_onoff != 0, native.l_linger};
    return error;
}

/* --- Memberships ----------------------------------------------------------------------------- */

static bool is_membership(sn_option_name name)
{
    return name == SN_OPTION_ADD_MEMBERSHIP || name == SN_OPTION_DROP_MEMBERSHIP;
}

static sn_error write_ipv4_membership(sn_socket *socket, sn_option_name name,
                                      const sn_multicast_option *option)
{
    if (!option)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    bool has_local = option->local_address.family != SN_FAMILY_UNSPECIFIED;
    if (!is_membership(name) || option->group.family != SN_FAMILY_IPV4 ||
        (has_local && option->local_address.family != SN_FAMILY_IPV4))
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (option->interface_index < 0 || option->interface_index > IPV4_INDEX_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    struct ip_mreqn request = {.imr_ifindex = option->interface_index};
    memcpy(&request.imr_multiaddr, option->group.bytes, sizeof request.imr_multiaddr);
    if (has_local)
        memcpy(&request.imr_address, option->local_address.bytes, sizeof request.imr_address);
    return option_write_bytes(socket, SN_LEVEL_IP, name, &request, sizeof request);
}

sn_error sn_socket_set_multicast_option(sn_socket *socket, sn_option_name name,
                                        const sn_multicast_option *option)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = write_ipv4_membership(socket, name, option);
    socket_unref(socket);
    return error;
}

/* Not a row of the table, because .NET refuses this name on this level in every other form. */
static sn_error write_ipv6_membership(sn_socket *socket, sn_option_name name,
                                      const sn_ipv6_multicast_option *option)
{
    if (!option)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!is_membership(name) || option->group.family != SN_FAMILY_IPV6)
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (option->interface_index < 0 || option->interface_index > UINT32_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    struct ipv6_mreq request = {.ipv6mr_interface = (uint32_t)option->interface_index};
    memcpy(&request.ipv6mr_multiaddr, option->group.bytes, sizeof request.ipv6mr_multiaddr);
    int native_name = name == SN_OPTION_ADD_MEMBERSHIP ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
    int32_t result =
        sys_set_option(socket_handle(socket), IPPROTO_IPV6, native_name, &request, sizeof request);
    if (result >= 0)
        socket_set(socket, SOCKET_IRREPLACEABLE);
    return socket_result(socket, result);
}

sn_error sn_socket_set_ipv6_multicast_option(sn_socket *socket, sn_option_name name,
                                             const sn_ipv6_multicast_option *option)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = write_ipv6_membership(socket, name, option);
    socket_unref(socket);
    return error;
}
