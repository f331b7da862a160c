/* Sockets for a host that is given by name, or for an address of this machine. */
#include "clients/holder.h"

#include <sennit/dns.h>
#include <sennit/option.h>

sn_error resolve_host(const char *host, int port, sn_ip_address addresses[NAME_ADDRESSES_MAX],
                      size_t *out_count)
{
    if (!host)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (port < SN_PORT_MIN || port > SN_PORT_MAX)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    size_t count = 0;
    sn_error error = sn_dns_get_host_addresses(host, SN_FAMILY_UNSPECIFIED, addresses,
                                               NAME_ADDRESSES_MAX, &count);
    if (!error)
        *out_count = count < NAME_ADDRESSES_MAX ? count : NAME_ADDRESSES_MAX;
    return error;
}

static sn_error connect_one(sn_socket_type type, sn_protocol_type protocol,
                            const sn_ip_address *address, int port, sn_socket **out_socket)
{
    sn_endpoint remote;
    sn_socket *socket = NULL;
    sn_error error = sn_endpoint_from_ip(address, port, &remote);
    if (!error)
        error = sn_socket_create(address->family, type, protocol, &socket);
    if (!error && sn_ip_address_is_ipv4_mapped_to_ipv6(address))
        error = sn_socket_set_dual_mode(socket, true); /* it is reached over IPv4 */
    if (!error)
        error = sn_socket_connect(socket, &remote);
    if (error)
        sn_socket_release(socket);
    else
        *out_socket = socket;
    return error;
}

sn_error connect_new_socket(sn_socket_type type, sn_protocol_type protocol, const char *host,
                            int port, sn_socket **out_socket)
{
    sn_ip_address addresses[NAME_ADDRESSES_MAX];
    size_t count = 0;
    sn_error error = resolve_host(host, port, addresses, &count);
    if (error)
        return error;
    error = misuse(SN_ERROR_NOT_CONNECTED);
    for (size_t i = 0; i < count; i++) {
        error = connect_one(type, protocol, &addresses[i], port, out_socket);
        if (error == SN_OK || error == SN_ERROR_OUT_OF_MEMORY)
            break;
    }
    return error;
}

sn_error connect_to_host(sn_socket *socket, const char *host, int port)
{
    sn_ip_address addresses[NAME_ADDRESSES_MAX];
    size_t count = 0;
    sn_error error = resolve_host(host, port, addresses, &count);
    if (error)
        return error;
    error = sn_socket_connect_addresses(socket, addresses, count, port);
    /* None fits: the same failure has another name in these classes than in the socket. */
    return error == SN_ERROR_ARGUMENT ? misuse(SN_ERROR_NOT_CONNECTED) : error;
}

sn_error bind_new_socket(sn_socket_type type, sn_protocol_type protocol, const sn_endpoint *local,
                         sn_socket **out_socket)
{
    if (!local || sn_endpoint_get_kind(local) == SN_ENDPOINT_NONE)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (sn_endpoint_get_kind(local) != SN_ENDPOINT_IP)
        return misuse(SN_ERROR_ARGUMENT);
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(sn_endpoint_get_family(local), type, protocol, &socket);
    if (!error)
        error = sn_socket_bind(socket, local);
    if (error)
        sn_socket_release(socket);
    else
        *out_socket = socket;
    return error;
}
