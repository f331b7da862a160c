#include "socket/object/object.h"

/* A shutdown of both directions; then nothing is remembered of the peer (contract A.8). The socket
 * still counts as disconnected afterwards, so that a blocking connect refuses, as in .NET. */
sn_error socket_disconnect(sn_socket *socket, bool reuse)
{
    sn_error error = sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH);
    if (error)
        return error;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare)
        endpoint_cache_clear(&socket->rare->local);
    endpoint_cache_clear(&socket->remote);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    if (!reuse) {
        socket_set(socket, SOCKET_ENDED);
        return SN_OK;
    }
    /* What is pending must not go on with the new one's peer. The kernel has no event for it: the
     * old descriptor is gone before its worker may have looked. */
    descriptor_abort(&socket->descriptor);
    /* Unlike a connect, and as in .NET, it does not mind options that will be lost; but a number
     * that is somebody else's stays theirs. */
    bool is_owned = atomic_load_acquire(&socket->descriptor.marks) & DESCRIPTOR_OWNED;
    return is_owned ? socket_renew_descriptor(socket) : socket_replace_descriptor(socket);
}

sn_error sn_socket_disconnect(sn_socket *socket, bool reuse)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = socket_disconnect(socket, reuse);
    socket_unref(socket);
    return error;
}

static const struct verb disconnect_verb = {
    .kind = SN_OPERATION_DISCONNECT,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
};

/* It never waits, so it is done here, and only its completion takes the way of all operations. */
bool sn_socket_disconnect_async(sn_socket *socket, bool reuse, sn_operation *operation)
{
    if (!socket_begin_async(operation, &disconnect_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error reason = sn_cancellation_get_reason(operation->cancellation);
    sn_error error = reason ? SN_OK : socket_disconnect(socket, reuse);
    record_of(operation)->action = ACTION_NONE;
    if (reason)
        record_of(operation)->native_result =
            reason == SN_ERROR_TIMED_OUT ? OUTCOME_OVERDUE : OUTCOME_CANCELED;
    socket_start_async(socket, operation, error);
    return true;
}
