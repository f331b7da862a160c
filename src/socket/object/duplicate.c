/* A second object for the same open file. */
#include <sennit/handles.h>

#include "error/error.h"
#include "socket/object/object.h"
#include "sys/sys.h"

/* What the file is, or is as far as the object knows. A file in the file system stays the first
 * one's to remove. */
static void copy_state(sn_socket *from, sn_socket *to)
{
    const uint32_t own = SOCKET_BOUND_BY_SEND | SOCKET_FILE_STAYS | SOCKET_CONNECT_OPTIONS |
                         SOCKET_EXPOSED | SOCKET_TYPE;
    const uint32_t marks = DESCRIPTOR_NOT_SOCKET | DESCRIPTOR_LISTENING | DESCRIPTOR_SEND_SHUT |
                           DESCRIPTOR_CONTROL | DESCRIPTOR_SLOW;
    sn_endpoint remote;
    socket_set(to, atomic_load_acquire(&from->state) & ~own);
    atomic_or_acq_rel(&to->descriptor.marks, atomic_load_acquire(&from->descriptor.marks) & marks);
    atomic_store_relaxed(&to->tracked_options, atomic_load_acquire(&from->tracked_options));
    for (int i = 0; i < TIMEOUT_COUNT; i++)
        atomic_store_relaxed(&to->timeouts_ms[i], atomic_load_relaxed(&from->timeouts_ms[i]));
    guard_acquire(GUARD_DESCRIPTOR, &from->descriptor);
    bool is_known = endpoint_cache_get(&from->remote, &remote);
    guard_release(GUARD_DESCRIPTOR, &from->descriptor);
    if (is_known)
        endpoint_cache_set(&to->remote, &remote);
}

/* The reset of a close that had to end something is an option of the file: it would hit the other
 * object's close. So neither asks for it, as after a fork. */
static void mark_shared(sn_socket *socket)
{
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_INHERITED);
}

static sn_error duplicate(sn_socket *socket, sn_socket **out_socket)
{
    int32_t handle = sys_duplicate(socket_handle(socket));
    if (handle < 0) { /* which says nothing of the connection */
        error_set_last_native(-handle);
        return sn_error_from_native(-handle);
    }
    sn_socket *copy = socket_new(handle, true, socket_family(socket), socket_type(socket),
                                 socket_protocol(socket));
    if (!copy) {
        (void)sys_close(handle);
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    copy_state(socket, copy);
    mark_shared(socket);
    mark_shared(copy);
    *out_socket = copy;
    return SN_OK;
}

sn_error sn_socket_duplicate(sn_socket *socket, sn_socket **out_socket)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = out_socket ? duplicate(socket, out_socket) : socket_misuse(SN_ERROR_ARGUMENT_NULL);
    socket_unref(socket);
    return error;
}
