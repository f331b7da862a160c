/* The record of the object: what it holds, and how long it lives. It is made in make.c, and let go
 * of in close.c. */
#include "socket/object/object.h"

#include "base/base.h"
#include "error/error.h"

struct socket_rare *socket_rare(sn_socket *socket)
{
    if (!socket->rare)
        socket->rare = memory_zeroed(sizeof *socket->rare);
    return socket->rare;
}

static void destroy(sn_socket *socket)
{
    descriptor_deinit(&socket->descriptor);
    endpoint_cache_clear(&socket->remote);
    if (socket->rare) {
        endpoint_cache_clear(&socket->rare->local);
        memory_free(socket->rare->unix_file); /* of a bind that a close has overtaken */
        memory_free(socket->rare->connect);
    }
    memory_free(socket->rare);
    memory_free(socket);
}

/* The record lives until nobody refers to it and its descriptor is closed, whichever comes last. */
void socket_let_go(sn_socket *socket)
{
    /* Acquire and release: what other threads did with the socket happened before it goes. */
    if (atomic_sub_acq_rel(&socket->lives, 1u) == 1)
        destroy(socket);
}

sn_socket *socket_hold(sn_socket *socket)
{
    atomic_add_relaxed(&socket->lives, 1u);
    return socket;
}

void socket_closed(struct descriptor *descriptor)
{
    closing_finish(descriptor);
    socket_let_go(socket_of(descriptor));
}

sn_socket *sn_socket_retain(sn_socket *socket)
{
    if (socket)
        atomic_add_relaxed(&socket->references, 1u);
    return socket;
}

sn_error socket_misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

sn_error socket_cannot_ref(const sn_socket *socket)
{
    return socket_misuse(socket ? SN_ERROR_OBJECT_DISPOSED : SN_ERROR_ARGUMENT_NULL);
}
