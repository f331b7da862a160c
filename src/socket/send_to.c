/* SendTo: one datagram to a given address (contract B.8). */
#include "socket/transfer.h"

static sn_error send_to_prepare(sn_operation *operation, sn_socket *socket, const void *data,
                                size_t size, sn_flags flags, const sn_endpoint *to)
{
    operation->kind = SN_OPERATION_SEND_TO;
    sn_error error = transfer_check_data(data, size);
    if (!error)
        error = transfer_set_destination(operation, socket, to);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    operation->internal.action = ACTION_SEND_MESSAGE;
    if (socket_type(socket) == SN_TYPE_STREAM)
        operation->internal.marks |= MARK_ALL;
    return SN_OK;
}

sn_error sn_socket_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                           const sn_endpoint *to, size_t *out_sent)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = send_to_prepare(&operation, socket, data, size, flags, to);
    if (!error)
        error = socket_run_blocking(socket, &operation, TIMEOUT_SEND);
    if (!error) {
        socket_clear(socket, SOCKET_BOUND_BY_SEND);
        socket_set(socket, SOCKET_BOUND); /* the kernel has bound it by now */
        if (out_sent)
            *out_sent = operation.transferred;
    }
    socket_leave(socket);
    return error;
}

/* .NET counts the socket as bound from the start of an asynchronous send, and takes that back when
 * the send fails. See datagram-broadcast-without-permission in tests/differential. */
void send_to_finish(sn_socket *socket, sn_error error)
{
    if (!socket_is(socket, SOCKET_BOUND_BY_SEND)) {
        if (!error)
            socket_set(socket, SOCKET_BOUND);
        return;
    }
    socket_clear(socket, error ? SOCKET_BOUND | SOCKET_BOUND_BY_SEND : SOCKET_BOUND_BY_SEND);
    if (!error)
        return;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare)
        endpoint_cache_clear(&socket->rare->local);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
}

void sn_socket_send_to_async(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                             const sn_endpoint *to, sn_operation *operation)
{
    if (!socket_begin_async(socket, operation, SN_OPERATION_SEND_TO))
        return;
    sn_error error = send_to_prepare(operation, socket, data, size, flags, to);
    if (!error && !socket_is(socket, SOCKET_BOUND))
        socket_set(socket, SOCKET_BOUND | SOCKET_BOUND_BY_SEND); /* already, as in .NET */
    socket_start_async(socket, operation, DIRECTION_OUT, error);
}
