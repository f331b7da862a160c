/* Who is at the other end of a Unix socket, as the kernel has noted it. */
#include "socket/options/option.h"

#include <errno.h>
#include <sys/socket.h>

#include "sys/sys.h"

/* What a connection of a Unix socket is asked; a listener notes its own process. */
static sn_error read_peer(sn_socket *socket, int native_name, void *data, uint32_t *inout_size)
{
    uint32_t marks = atomic_load_relaxed(&socket->descriptor.marks);
    if (socket_family(socket) != SN_FAMILY_UNIX)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    if (marks & DESCRIPTOR_LISTENING)
        return socket_misuse(SN_ERROR_NOT_CONNECTED);
    int32_t result =
        sys_get_option(socket_handle(socket), SOL_SOCKET, native_name, data, inout_size);
    if (result == -ENODATA)
        return socket_misuse(SN_ERROR_NOT_CONNECTED);
    return result == -ERANGE ? SN_OK : socket_result(socket, result);
}

static sn_error read_credentials(sn_socket *socket, sn_peer_credentials *out_credentials)
{
    struct ucred native = {0};
    uint32_t size = sizeof native;
    if (!out_credentials)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = read_peer(socket, SO_PEERCRED, &native, &size);
    if (error)
        return error;
    if (native.pid == 0 && native.uid == (uid_t)-1) /* nobody has connected it */
        return socket_misuse(SN_ERROR_NOT_CONNECTED);
    *out_credentials =
        (sn_peer_credentials){.process = native.pid, .user = native.uid, .group = native.gid};
    return SN_OK;
}

sn_error sn_socket_get_peer_credentials(sn_socket *socket, sn_peer_credentials *out_credentials)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = read_credentials(socket, out_credentials);
    socket_unref(socket);
    return error;
}

/* The kernel says how much room it wants, and writes nothing where there is less. */
static sn_error read_groups(sn_socket *socket, uint32_t *groups, size_t size, size_t *out_count)
{
    _Static_assert(sizeof(gid_t) == sizeof *groups, "written as they are");
    const size_t most = 1 << 16; /* of the kernel: NGROUPS_MAX */
    if (!out_count || (size > 0 && !groups))
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    uint32_t room = (uint32_t)((size < most ? size : most) * sizeof *groups), bytes = room;
    sn_error error = read_peer(socket, SO_PEERGROUPS, groups, &bytes);
    if (error)
        return error;
    *out_count = bytes / sizeof *groups;
    return bytes <= room ? SN_OK : socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
}

sn_error sn_socket_get_peer_groups(sn_socket *socket, uint32_t *groups, size_t size,
                                   size_t *out_count)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = read_groups(socket, groups, size, out_count);
    socket_unref(socket);
    return error;
}
