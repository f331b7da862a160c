/* The properties of a UdpClient, which are those of its socket, and its multicast groups. */
#include <sennit/option.h>

#include "clients/udp_client.h"

/* The socket's function, on the socket inside. */
#define FORWARD(function, client, value)                                                           \
    sn_socket *socket = NULL;                                                                      \
    sn_error error = udp_client_use(client, &socket);                                              \
    if (!error)                                                                                    \
        error = function(socket, value);                                                           \
    sn_socket_release(socket);                                                                     \
    return error

sn_error sn_udp_client_get_dont_fragment(sn_udp_client *client, bool *out_value)
{
    FORWARD(sn_socket_get_dont_fragment, client, out_value);
}

sn_error sn_udp_client_set_dont_fragment(sn_udp_client *client, bool value)
{
    FORWARD(sn_socket_set_dont_fragment, client, value);
}

sn_error sn_udp_client_get_enable_broadcast(sn_udp_client *client, bool *out_value)
{
    FORWARD(sn_socket_get_enable_broadcast, client, out_value);
}

sn_error sn_udp_client_set_enable_broadcast(sn_udp_client *client, bool value)
{
    FORWARD(sn_socket_set_enable_broadcast, client, value);
}

sn_error sn_udp_client_get_exclusive_address_use(sn_udp_client *client, bool *out_value)
{
    FORWARD(sn_socket_get_exclusive_address_use, client, out_value);
}

sn_error sn_udp_client_set_exclusive_address_use(sn_udp_client *client, bool value)
{
    FORWARD(sn_socket_set_exclusive_address_use, client, value);
}

sn_error sn_udp_client_get_multicast_loopback(sn_udp_client *client, bool *out_value)
{
    FORWARD(sn_socket_get_multicast_loopback, client, out_value);
}

sn_error sn_udp_client_set_multicast_loopback(sn_udp_client *client, bool value)
{
    FORWARD(sn_socket_set_multicast_loopback, client, value);
}

sn_error sn_udp_client_get_ttl(sn_udp_client *client, int *out_value)
{
    FORWARD(sn_socket_get_ttl, client, out_value);
}

sn_error sn_udp_client_set_ttl(sn_udp_client *client, int value)
{
    FORWARD(sn_socket_set_ttl, client, value);
}

sn_error sn_udp_client_get_available(sn_udp_client *client, size_t *out_available)
{
    FORWARD(sn_socket_get_available, client, out_available);
}

/* --- Multicast groups: each check, then one option of the socket ------------------------------ */

enum group_rule {
    GROUP_OF_FAMILY,    /* the group must be of the client's family */
    GROUP_ON_ADDRESS,   /* IPv4 only */
    GROUP_ON_INTERFACE, /* IPv6 only */
};

/* What .NET reports of a group of the other family, form by form. */
static sn_error misfit(enum group_rule rule)
{
    switch (rule) {
    case GROUP_ON_ADDRESS: return SN_ERROR_OPERATION_NOT_SUPPORTED;
    case GROUP_ON_INTERFACE: return SN_ERROR_INVALID_ARGUMENT;
    case GROUP_OF_FAMILY: break;
    }
    return SN_ERROR_ARGUMENT;
}

static sn_error check_group(sn_socket *socket, const sn_ip_address *group,
                            const sn_ip_address *local_address, enum group_rule rule)
{
    sn_address_family family = sn_socket_get_address_family(socket);
    switch (rule) {
    case GROUP_ON_ADDRESS:
        if (family != SN_FAMILY_IPV4)
            return SN_ERROR_OPERATION_NOT_SUPPORTED;
        break;
    case GROUP_ON_INTERFACE:
        if (family != SN_FAMILY_IPV6)
            return SN_ERROR_OPERATION_NOT_SUPPORTED;
        if (group->family != family)
            return SN_ERROR_INVALID_ARGUMENT; /* .NET leaves that to the kernel */
        break;
    case GROUP_OF_FAMILY: break;
    }
    if (group->family != family || (local_address && local_address->family != family))
        return misfit(rule);
    return SN_OK;
}

static sn_error set_membership(sn_socket *socket, sn_option_name name, const sn_ip_address *group,
                               const sn_ip_address *local_address, int interface_index)
{
    if (group->family == SN_FAMILY_IPV4) {
        sn_multicast_option option = {.group = *group, .interface_index = interface_index};
        if (local_address)
            option.local_address = *local_address;
        return sn_socket_set_multicast_option(socket, name, &option);
    }
    sn_ipv6_multicast_option option = {.group = *group, .interface_index = interface_index};
    return sn_socket_set_ipv6_multicast_option(socket, name, &option);
}

static sn_error change_membership(sn_udp_client *client, sn_option_name name,
                                  const sn_ip_address *group, enum group_rule rule,
                                  const sn_ip_address *local_address, int interface_index)
{
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    if (!group || (rule == GROUP_ON_ADDRESS && !local_address))
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    else if (interface_index < 0)
        error = misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    else if ((error = check_group(socket, group, local_address, rule)) != SN_OK)
        error = misuse(error);
    else
        error = set_membership(socket, name, group, local_address, interface_index);
    sn_socket_release(socket);
    return error;
}

sn_error sn_udp_client_join_multicast_group(sn_udp_client *client, const sn_ip_address *group)
{
    return change_membership(client, SN_OPTION_ADD_MEMBERSHIP, group, GROUP_OF_FAMILY, NULL, 0);
}

sn_error sn_udp_client_join_multicast_group_on_address(sn_udp_client *client,
                                                       const sn_ip_address *group,
                                                       const sn_ip_address *local_address)
{
    return change_membership(client, SN_OPTION_ADD_MEMBERSHIP, group, GROUP_ON_ADDRESS,
                             local_address, 0);
}

sn_error sn_udp_client_join_multicast_group_on_interface(sn_udp_client *client,
                                                         const sn_ip_address *group,
                                                         int interface_index)
{
    return change_membership(client, SN_OPTION_ADD_MEMBERSHIP, group, GROUP_ON_INTERFACE, NULL,
                             interface_index);
}

sn_error sn_udp_client_drop_multicast_group(sn_udp_client *client, const sn_ip_address *group)
{
    return change_membership(client, SN_OPTION_DROP_MEMBERSHIP, group, GROUP_OF_FAMILY, NULL, 0);
}

sn_error sn_udp_client_drop_multicast_group_on_interface(sn_udp_client *client,
                                                         const sn_ip_address *group,
                                                         int interface_index)
{
    return change_membership(client, SN_OPTION_DROP_MEMBERSHIP, group, GROUP_ON_INTERFACE, NULL,
                             interface_index);
}

sn_error sn_udp_client_join_multicast_group_with_ttl(sn_udp_client *client,
                                                     const sn_ip_address *group, int time_to_live)
{
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    if (!group)
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    else if (time_to_live < 0 || time_to_live > 255)
        error = misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    else
        error = sn_udp_client_join_multicast_group(client, group);
    sn_option_level level =
        sn_socket_get_address_family(socket) == SN_FAMILY_IPV4 ? SN_LEVEL_IP : SN_LEVEL_IPV6;
    if (!error)
        error = sn_socket_set_option(socket, level, SN_OPTION_MULTICAST_TIME_TO_LIVE, time_to_live);
    sn_socket_release(socket);
    return error;
}
