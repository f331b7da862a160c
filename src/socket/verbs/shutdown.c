#include "socket/object/object.h"

#include <errno.h>
#include <sys/socket.h>

#include "sys/sys.h"

static bool was_ever_connected(const sn_socket *socket)
{
    return socket_is(socket, SOCKET_CONNECTED | SOCKET_DISCONNECTED);
}

/* Afterwards the object counts as not connected, whichever direction was shut down (contract A.8).
 */
static void note_shutdown(sn_socket *socket, int native_how)
{
    if (native_how != SHUT_RD)
        atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_SEND_SHUT);
    if (socket_is(socket, SOCKET_CONNECTED)) {
        socket_clear(socket, SOCKET_CONNECTED);
        socket_set(socket, SOCKET_DISCONNECTED);
    }
}

static sn_error shutdown_descriptor(sn_socket *socket, sn_shutdown how)
{
    int native_how;
    switch (how) {
    case SN_SHUTDOWN_RECEIVE: native_how = SHUT_RD; break;
    case SN_SHUTDOWN_SEND: native_how = SHUT_WR; break;
    case SN_SHUTDOWN_BOTH: native_how = SHUT_RDWR; break;
    default: return socket_result(socket, -EINVAL);
    }
    worker_let_go(&socket->descriptor);
    int32_t result = sys_shutdown(socket_handle(socket), native_how);
    /* A connection that has come to its end by itself may be shut down all the same; and a
     * descriptor that is no socket has nothing to shut down. */
    if (result == -ENOTSOCK || (result == -ENOTCONN && was_ever_connected(socket)))
        result = 0;
    if (result < 0)
        return socket_result(socket, result);
    note_shutdown(socket, native_how);
    return SN_OK;
}

sn_error sn_socket_shutdown(sn_socket *socket, sn_shutdown how)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = shutdown_descriptor(socket, how);
    socket_unref(socket);
    return error;
}
