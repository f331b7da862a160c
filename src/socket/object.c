/* The object's life: made, shared, released. */
#include "socket/object.h"

#include "base/base.h"
#include "error/error.h"
#include "socket/unix_file.h"

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
        unix_file_drop(socket->rare->unix_file); /* a bind that a close has overtaken */
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
    socket_let_go(socket_of(descriptor));
}

sn_socket *socket_new(int32_t handle, bool owned, sn_address_family family, sn_socket_type type,
                      sn_protocol_type protocol)
{
    sn_socket *socket = memory_zeroed(sizeof *socket);
    if (!socket)
        return NULL;
    uint32_t marks = owned ? DESCRIPTOR_OWNED : 0;
    if (type == SN_TYPE_STREAM && (family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6))
        marks |= DESCRIPTOR_STREAM_TCP;
    if (type != SN_TYPE_STREAM && type != SN_TYPE_UNKNOWN)
        marks |= DESCRIPTOR_MESSAGES;
    descriptor_init(&socket->descriptor, handle, marks, &socket_class);
    socket->references = 1;
    socket->lives = 2;
    socket_set_identity(socket, family, type, protocol);
    return socket;
}

sn_socket *sn_socket_retain(sn_socket *socket)
{
    if (socket)
        atomic_add_relaxed(&socket->references, 1u);
    return socket;
}

void sn_socket_release(sn_socket *socket)
{
    if (!socket || atomic_sub_acq_rel(&socket->references, 1u) > 1)
        return;
    sn_socket_close(socket);
    socket_let_go(socket);
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
