/* Receive: from the peer, into one buffer or into several (contract B.7). */
#include "socket/transfer.h"

static sn_error receive_prepare(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                                sn_flags flags)
{
    operation->kind = SN_OPERATION_RECEIVE;
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    operation->internal.action = size > 0 ? ACTION_RECEIVE : ACTION_READABLE;
    return SN_OK;
}

static sn_error receive_buffers_prepare(sn_operation *operation, sn_socket *socket,
                                        const sn_buffer *buffers, size_t count, sn_flags flags)
{
    operation->kind = SN_OPERATION_RECEIVE;
    sn_error error = transfer_check_buffers(buffers, count);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_buffers(operation, buffers, count);
    operation->internal.action =
        transfer_are_all_empty(buffers, count) ? ACTION_READABLE : ACTION_RECEIVE_MESSAGE;
    return SN_OK;
}

sn_error sn_socket_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                           size_t *out_received)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = receive_prepare(&operation, socket, data, size, flags);
    if (!error && !out_received)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = socket_run_blocking(socket, &operation, TIMEOUT_RECEIVE);
    if (!error)
        *out_received = operation.transferred;
    socket_leave(socket);
    return error;
}

sn_error sn_socket_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                   sn_flags flags, size_t *out_received)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = receive_buffers_prepare(&operation, socket, buffers, count, flags);
    if (!error && !out_received)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = socket_run_blocking(socket, &operation, TIMEOUT_RECEIVE);
    if (!error)
        *out_received = operation.transferred;
    socket_leave(socket);
    return error;
}

/* What is noticed of a datagram (Truncated) comes with a message header only. */
static void ask_for_flags(sn_operation *operation, const sn_socket *socket)
{
    if (operation->internal.action == ACTION_RECEIVE && socket->type != SN_TYPE_STREAM)
        operation->internal.action = ACTION_RECEIVE_MESSAGE;
}

COLD static void receive_with_care(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                   sn_operation *operation)
{
    operation_clear_message(operation);
    sn_error error = receive_prepare(operation, socket, data, size, flags);
    if (!error)
        ask_for_flags(operation, socket);
    socket_start_async(socket, operation, DIRECTION_IN, error);
}

void sn_socket_receive_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                             sn_operation *operation)
{
    if (!socket_begin_simple(socket, operation, SN_OPERATION_RECEIVE))
        return;
    if (likely(transfer_is_simple(socket, operation, data, size, flags)))
        transfer_start_simple(socket, operation, data, size, DIRECTION_IN);
    else
        receive_with_care(socket, data, size, flags, operation);
}

void sn_socket_receive_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                     sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(socket, operation, SN_OPERATION_RECEIVE))
        return;
    sn_error error = receive_buffers_prepare(operation, socket, buffers, count, flags);
    socket_start_async(socket, operation, DIRECTION_IN, error);
}
