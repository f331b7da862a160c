/* Connecting asynchronously to the first of several addresses, to a host by name, or with a socket
 * that is made for it (contract B.5.1). */
#include "socket/connect/connect.h"

static sn_error connect_addresses(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                  int port, sn_operation *operation)
{
    if (!addresses)
        return SN_ERROR_ARGUMENT_NULL;
    if (count == 0)
        return SN_ERROR_ARGUMENT;
    if (port < 0 || port > PORT_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (!is_ip_socket(socket))
        return SN_ERROR_NOT_SUPPORTED;
    sn_error error = connect_check_async(socket);
    /* The one form that refuses a connected datagram socket too. */
    if (!error && socket_is(socket, SOCKET_CONNECTED))
        error = SN_ERROR_IS_CONNECTED;
    if (error)
        return error;
    return connect_addresses_async(socket, addresses, count, port, operation);
}

bool sn_socket_connect_addresses_async(sn_socket *socket, const sn_ip_address *addresses,
                                       size_t count, int port, sn_operation *operation)
{
    if (!socket_begin_async(operation, &connect_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = connect_addresses(socket, addresses, count, port, operation);
    if (error)
        (void)socket_misuse(error);
    socket_start_async(socket, operation, error);
    return true;
}

static sn_error connect_host(sn_socket *socket, const char *host, int port, sn_operation *operation)
{
    if (!host)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (*host == '\0')
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (port < 0 || port > PORT_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!is_ip_socket(socket))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    sn_error error = connect_check_async(socket);
    if (error)
        return socket_misuse(error);
    sn_ip_address address;
    if (sn_ip_address_parse(host, &address) == SN_OK && !socket_can_try(socket, address.family))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    return connect_name_async(socket, host, SN_FAMILY_UNSPECIFIED, port, operation);
}

bool sn_socket_connect_host_async(sn_socket *socket, const char *host, int port,
                                  sn_operation *operation)
{
    if (!socket_begin_async(operation, &connect_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = connect_host(socket, host, port, operation);
    socket_start_async(socket, operation, error);
    return true;
}

/* --- With a socket of its own ---------------------------------------------------------------- */

/* The family of the socket to begin with. For a name any will do: it becomes what the answer says.
 */
static sn_address_family first_family(const sn_endpoint *remote)
{
    sn_address_family family = sn_endpoint_get_family(remote);
    if (family != SN_FAMILY_UNSPECIFIED)
        return family;
    return sn_socket_os_supports_ipv4() ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6;
}

static sn_error make_socket(sn_socket_type type, sn_protocol_type protocol,
                            const sn_endpoint *remote, sn_socket **out_socket)
{
    sn_error error = sn_socket_create(first_family(remote), type, protocol, out_socket);
    sn_ip_address address;
    if (error || sn_endpoint_get_kind(remote) != SN_ENDPOINT_IP ||
        sn_endpoint_get_address(remote, &address))
        return error;
    return connect_become(*out_socket, &address);
}

static sn_error make_and_fill(sn_socket_type type, sn_protocol_type protocol,
                              const sn_endpoint *remote, const sn_connect_options *options,
                              sn_socket **out_socket)
{
    sn_connect_options known;
    sn_error error = connect_options_read(options, &known);
    if (error || !remote || sn_endpoint_get_kind(remote) == SN_ENDPOINT_NONE)
        return socket_misuse(error ? error : SN_ERROR_ARGUMENT);
    error = make_socket(type, protocol, remote, out_socket);
    if (!error)
        error = connect_options_set(*out_socket, &known);
    return error ? error : socket_ref(*out_socket);
}

bool sn_socket_create_connected_with_async(sn_socket_type type, sn_protocol_type protocol,
                                           const sn_endpoint *remote,
                                           const sn_connect_options *options,
                                           sn_operation *operation)
{
    if (!socket_begin_async(operation, &connect_verb))
        return false;
    sn_socket *socket = NULL;
    sn_error error = make_and_fill(type, protocol, remote, options, &socket);
    if (error) {
        socket_refuse_async(NULL, operation, error);
    } else {
        error = connect_made_async(socket, remote, operation);
        socket_start_async(socket, operation, error);
    }
    if (error)
        sn_socket_release(socket);
    return true;
}

bool sn_socket_create_connected_async(sn_socket_type type, sn_protocol_type protocol,
                                      const sn_endpoint *remote, sn_operation *operation)
{
    return sn_socket_create_connected_with_async(type, protocol, remote, NULL, operation);
}
