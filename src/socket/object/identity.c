/* What the object is: what was given at creation, whether calls wait, its handle. */
#include "socket/object/object.h"

sn_address_family sn_socket_get_address_family(const sn_socket *socket)
{
    return socket ? socket_family(socket) : SN_FAMILY_UNKNOWN;
}

sn_socket_type sn_socket_get_socket_type(const sn_socket *socket)
{
    return socket ? socket_type(socket) : SN_TYPE_UNKNOWN;
}

sn_protocol_type sn_socket_get_protocol_type(const sn_socket *socket)
{
    return socket ? socket_protocol(socket) : SN_PROTOCOL_UNKNOWN;
}

bool sn_socket_is_blocking(const sn_socket *socket)
{
    return socket && !socket_is(socket, SOCKET_NON_BLOCKING);
}

sn_error sn_socket_set_blocking(sn_socket *socket, bool blocking)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (blocking)
        socket_clear(socket, SOCKET_NON_BLOCKING);
    else
        socket_set(socket, SOCKET_NON_BLOCKING);
    socket_unref(socket);
    return SN_OK;
}

sn_handle sn_socket_get_handle(sn_socket *socket)
{
    if (!socket)
        return SN_HANDLE_NONE;
    socket_set(socket, SOCKET_EXPOSED);
    socket_expect_control(socket);
    return descriptor_is_closing(&socket->descriptor) ? SN_HANDLE_NONE : socket_handle(socket);
}
