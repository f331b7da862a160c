/* Send: to the peer, from one buffer or from several (contract B.6). */
#include "socket/transfer.h"

#include <errno.h>

#define DATAGRAM_BUFFERS_MAX 1024 /* what the kernel takes in one message */

/* A stream's send is not done before everything is sent. */
static void mark_all(sn_operation *operation, const sn_socket *socket)
{
    if (socket->type == SN_TYPE_STREAM || (operation->internal.marks & MARK_NOT_SOCKET))
        operation->internal.marks |= MARK_ALL;
}

static sn_error send_prepare(sn_operation *operation, sn_socket *socket, const void *data,
                             size_t size, sn_flags flags)
{
    operation->kind = SN_OPERATION_SEND;
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    operation->internal.action = ACTION_SEND;
    mark_all(operation, socket);
    return SN_OK;
}

static sn_error send_buffers_prepare(sn_operation *operation, sn_socket *socket,
                                     const sn_buffer *buffers, size_t count, sn_flags flags)
{
    operation->kind = SN_OPERATION_SEND;
    sn_error error = transfer_check_buffers(buffers, count);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    if (socket->type != SN_TYPE_STREAM && count > DATAGRAM_BUFFERS_MAX)
        return socket_result(socket, -EMSGSIZE);
    transfer_set_buffers(operation, buffers, count);
    operation->internal.action = ACTION_SEND_MESSAGE;
    mark_all(operation, socket);
    return SN_OK;
}

static sn_error send_start(sn_socket *socket, sn_operation *operation, size_t *out_sent)
{
    sn_error error = socket_run_blocking(socket, operation, TIMEOUT_SEND);
    if (!error && out_sent)
        *out_sent = operation->transferred;
    return error;
}

sn_error sn_socket_send(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                        size_t *out_sent)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = send_prepare(&operation, socket, data, size, flags);
    if (!error)
        error = send_start(socket, &operation, out_sent);
    socket_leave(socket);
    return error;
}

sn_error sn_socket_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                sn_flags flags, size_t *out_sent)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = send_buffers_prepare(&operation, socket, buffers, count, flags);
    if (!error)
        error = send_start(socket, &operation, out_sent);
    socket_leave(socket);
    return error;
}

COLD static void send_with_care(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                                sn_operation *operation)
{
    operation_clear_message(operation);
    sn_error error = send_prepare(operation, socket, data, size, flags);
    socket_start_async(socket, operation, DIRECTION_OUT, error);
}

void sn_socket_send_async(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                          sn_operation *operation)
{
    if (!socket_begin_simple(socket, operation, SN_OPERATION_SEND))
        return;
    if (likely(transfer_is_simple(socket, operation, data, size, flags)))
        transfer_start_simple(socket, operation, data, size, DIRECTION_OUT);
    else
        send_with_care(socket, data, size, flags, operation);
}

void sn_socket_send_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                  sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(socket, operation, SN_OPERATION_SEND))
        return;
    sn_error error = send_buffers_prepare(operation, socket, buffers, count, flags);
    socket_start_async(socket, operation, DIRECTION_OUT, error);
}
