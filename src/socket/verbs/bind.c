#include "socket/object/object.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "socket/object/unix_file.h"
#include "sys/sys.h"

/* Linux switches IPV6_V6ONLY on by itself when an IPv6 socket is bound to one IPv6 address. */
static void refresh_dual_mode(sn_socket *socket)
{
    if (!socket_is(socket, SOCKET_DUAL_MODE))
        return;
    int only = 0;
    uint32_t size = sizeof only;
    int32_t result = sys_get_option(socket_handle(socket), IPPROTO_IPV6, IPV6_V6ONLY, &only, &size);
    if (result >= 0 && only)
        socket_clear(socket, SOCKET_DUAL_MODE);
}

static int32_t bind_descriptor(sn_socket *socket, const sn_endpoint *endpoint)
{
    /* As .NET: a TCP server can be started again while old connections of its port still linger. */
    if (socket_protocol(socket) == SN_PROTOCOL_TCP ||
        socket_protocol(socket) == SN_PROTOCOL_MPTCP) {
        static const int on = 1;
        (void)sys_set_option(socket_handle(socket), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    return sys_bind(socket_handle(socket), endpoint->as.sockaddr, endpoint->size);
}

static sn_error bind_endpoint(sn_socket *socket, const sn_endpoint *local)
{
    sn_endpoint endpoint;
    sn_error error = socket_convert_endpoint(socket, local, &endpoint);
    if (error)
        return socket_misuse(error);
    struct unix_file *file = NULL;
    if (unix_file_is_made(&endpoint) && !(file = unix_file_prepare(socket, &endpoint)))
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);

    int32_t result = bind_descriptor(socket, &endpoint);
    if (result < 0) {
        memory_free(file);
        return socket_result(socket, result);
    }
    if (file)
        unix_file_made(socket, file);
    refresh_dual_mode(socket);
    socket_set(socket, SOCKET_BOUND);
    return SN_OK;
}

sn_error sn_socket_bind(sn_socket *socket, const sn_endpoint *local)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = bind_endpoint(socket, local);
    socket_unref(socket);
    return error;
}
