#include "socket/object.h"

/* A shutdown of both directions; then nothing is remembered of the peer (contract A.8). The socket still
 * counts as disconnected afterwards, so that a blocking connect refuses, as in .NET. */
sn_error sn_socket_disconnect(sn_socket *socket, bool reuse)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    error = sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH);
    if (!error) {
        lock_acquire(&socket->descriptor.lock);
        endpoint_cache_clear(&socket->local);
        endpoint_cache_clear(&socket->remote);
        lock_release(&socket->descriptor.lock);
        if (reuse)
            error = socket_replace_descriptor(socket);
    }
    socket_leave(socket);
    return error;
}
