#include "socket/object/object.h"

#include "sys/sys.h"

/* No check of our own, as in .NET: the kernel clamps the backlog, and binds an unbound TCP socket
 * to a port of its choice (is_bound stays false then, and accept refuses). */
sn_error sn_socket_listen(sn_socket *socket, int backlog)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = socket_result(socket, sys_listen(socket_handle(socket), backlog));
    if (!error)
        socket_set_listening(socket);
    socket_unref(socket);
    return error;
}
