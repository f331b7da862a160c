/* Connecting to one end point (contract B.5). Several addresses and host names are in
 * connect/many.c and connect/many_async.c. */
#include "socket/connect/connect.h"

static sn_error connect_any(sn_socket *socket, const sn_endpoint *remote)
{
    if (!remote || sn_endpoint_get_kind(remote) == SN_ENDPOINT_NONE)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = connect_check_state(socket);
    if (error)
        return socket_misuse(error);
    if (sn_endpoint_get_kind(remote) != SN_ENDPOINT_DNS)
        return connect_endpoint(socket, remote);
    sn_address_family hint = sn_endpoint_get_family(remote);
    if (!is_ip_socket(socket))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    if (hint != SN_FAMILY_UNSPECIFIED && !socket_can_try(socket, hint))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    return connect_name(socket, sn_endpoint_get_host(remote), hint, sn_endpoint_get_port(remote));
}

sn_error sn_socket_connect(sn_socket *socket, const sn_endpoint *remote)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = connect_any(socket, remote);
    socket_unref(socket);
    return error;
}

/* --- Asynchronous ---------------------------------------------------------------------------- */

static sn_error connect_async(sn_socket *socket, const sn_endpoint *remote, sn_operation *operation)
{
    if (!remote || sn_endpoint_get_kind(remote) == SN_ENDPOINT_NONE)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = connect_check_async(socket);
    if (error)
        return socket_misuse(error);
    sn_address_family family = sn_endpoint_get_family(remote);
    bool is_name = sn_endpoint_get_kind(remote) == SN_ENDPOINT_DNS;
    bool takes_any = is_name && family == SN_FAMILY_UNSPECIFIED && is_ip_socket(socket);
    if (!socket_can_try(socket, family) && !takes_any)
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    if (is_name)
        return connect_name_async(socket, sn_endpoint_get_host(remote), family,
                                  sn_endpoint_get_port(remote), operation);
    error = connect_prepare(operation, socket, remote);
    record_of(operation)->deadline.key = error ? 0 : connect_deadline(socket, operation);
    return error;
}

bool sn_socket_connect_async(sn_socket *socket, const sn_endpoint *remote, sn_operation *operation)
{
    if (!socket_begin_async(operation, &connect_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = connect_async(socket, remote, operation);
    socket_start_async(socket, operation, error);
    return true;
}
