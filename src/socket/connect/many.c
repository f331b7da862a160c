/* Connecting to the first of several addresses, or to a host by name (contract B.5.1). */
#include "socket/connect/connect.h"

#include <string.h>

#include "dns/dns.h"

/*
 * The last failure is told. A socket whose descriptor cannot be replaced gets one attempt only, and
 * that attempt's own error: what would follow is a refusal that helps nobody.
 */
static sn_error connect_in_turn(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                int port)
{
    sn_error error = socket_misuse(SN_ERROR_ARGUMENT); /* none of them fits the family */
    for (size_t i = 0; i < count; i++) {
        if (!socket_can_try(socket, addresses[i].family))
            continue;
        sn_endpoint remote;
        error = sn_endpoint_from_ip(&addresses[i], port, &remote);
        if (error)
            return socket_misuse(error);
        error = connect_endpoint(socket, &remote);
        bool was_ended = descriptor_is_closing(&socket->descriptor) ||
                         error == SN_ERROR_OPERATION_CANCELED || error == SN_ERROR_INTERRUPTED ||
                         scope_outcome() != 0;
        if (!error || was_ended || !socket_is_replaceable(socket))
            return error;
    }
    return error;
}

static sn_error connect_several(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                int port)
{
    return count > 0 && connect_is_race(socket) ? connect_race(socket, addresses, count, port)
                                                : connect_in_turn(socket, addresses, count, port);
}

sn_error connect_name(sn_socket *socket, const char *host, sn_address_family family, int port)
{
    struct dns_addresses found;
    sn_error error = dns_addresses(host, strlen(host), family, &found);
    if (error)
        return error;
    error = connect_several(socket, found.addresses, found.count, port);
    dns_addresses_free(&found);
    return error;
}

static sn_error connect_host(sn_socket *socket, const char *host, int port)
{
    if (!host)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (port < 0 || port > PORT_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!is_ip_socket(socket))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    sn_error error = connect_check_state(socket);
    if (error)
        return socket_misuse(error);

    /* The text of an address is used as it is, and its family has to fit (Connect(IPAddress, int)).
     */
    sn_ip_address address;
    if (sn_ip_address_parse(host, &address))
        return connect_name(socket, host, SN_FAMILY_UNSPECIFIED, port);
    if (!socket_can_try(socket, address.family))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    sn_endpoint remote;
    error = sn_endpoint_from_ip(&address, port, &remote);
    return error ? socket_misuse(error) : connect_endpoint(socket, &remote);
}

sn_error sn_socket_connect_host(sn_socket *socket, const char *host, int port)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = connect_host(socket, host, port);
    socket_unref(socket);
    return error;
}

static sn_error connect_addresses(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                  int port)
{
    if (!addresses)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (count == 0)
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (port < 0 || port > PORT_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!is_ip_socket(socket))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    sn_error error = connect_check_state(socket);
    if (error)
        return socket_misuse(error);
    return connect_several(socket, addresses, count, port);
}

sn_error sn_socket_connect_addresses(sn_socket *socket, const sn_ip_address *addresses,
                                     size_t count, int port)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = connect_addresses(socket, addresses, count, port);
    socket_unref(socket);
    return error;
}
