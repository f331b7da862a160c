/* The handle goes back to the program instead of being closed. */
#include <sennit/handles.h>

#include "error/error.h"
#include "socket/object/object.h"

/*
 * To a connection nothing happens: it is neither reset nor shut down, and what was not received yet
 * is received through the number. So the state of the object ends here, and the file that a bind
 * has made stays with the socket; see socket_detached() for a detach that is given up.
 */
static sn_error begin_detach(sn_socket *socket, bool blocking, sn_handle *out_handle,
                             sn_operation *operation)
{
    descriptor_notice_fork(&socket->descriptor);
    if (descriptor_is_closing(&socket->descriptor))
        return socket_misuse(SN_ERROR_OBJECT_DISPOSED);
    sn_error error = closing_start_detach(&socket->descriptor, operation, blocking, out_handle);
    if (error == SN_ERROR_OBJECT_DISPOSED) /* somebody was quicker */
        return socket_misuse(error);
    if (error)
        return error;
    socket_clear(socket, SOCKET_CONNECTED);
    socket_unref(socket);
    return SN_OK;
}

bool sn_socket_detach_async(sn_socket *socket, bool blocking, sn_handle *out_handle,
                            sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_DETACH))
        return false;
    if (!socket || !out_handle) {
        socket_refuse_async(socket, operation, socket_misuse(SN_ERROR_ARGUMENT_NULL));
        return true;
    }
    /* The program may give its reference back as soon as the operation completes. */
    sn_socket *held = sn_socket_retain(socket);
    sn_error error = begin_detach(held, blocking, out_handle, operation);
    if (error)
        socket_refuse_async(held, operation, error);
    sn_socket_release(held);
    return true;
}

/* A callback may not wait, and who runs an engine would wait for itself. */
static bool may_wait_for(sn_socket *socket)
{
    struct descriptor *descriptor = &socket->descriptor;
    descriptor_notice_fork(descriptor);
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool is_driven = descriptor->worker && descriptor->worker->engine->threads == 0;
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return flow_current() || (!is_driven && !worker_current());
}

sn_error sn_socket_detach(sn_socket *socket, bool blocking, sn_handle *out_handle)
{
    if (!socket || !out_handle)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (descriptor_is_closing(&socket->descriptor))
        return socket_misuse(SN_ERROR_OBJECT_DISPOSED);
    if (!may_wait_for(socket))
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    sn_operation operation = {0};
    sn_handle handle = SN_HANDLE_NONE;
    (void)sn_socket_detach_async(socket, blocking, &handle, &operation);
    /* It has begun and comes to its end, whatever a signal or a scope says. */
    operation_await_end(&operation);
    if (operation.error)
        return operation.error;
    *out_handle = handle;
    return SN_OK;
}
