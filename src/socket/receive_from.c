/* ReceiveFrom: one datagram and its sender (contract B.9). */
#include "socket/transfer.h"

#include <string.h>
#include <sys/socket.h>

#include "address/address.h"

/* A receive that ends because the socket was shut down leaves both the sender's bytes and their
 * size as they were. The kernel never names a sender of family 0. */
void sender_prepare(sn_endpoint *from)
{
    memset(from->as.sockaddr, 0, sizeof(sa_family_t));
}

static uint32_t sender_size(const sn_endpoint *from, uint32_t size)
{
    sa_family_t family;
    memcpy(&family, from->as.sockaddr, sizeof family);
    return family == AF_UNSPEC ? 0 : size;
}

/* What both forms share; `checked` is what the check of the memory has said. The kernel writes the
 * sender's bytes into `from`; the rest of the end point is filled at the end. */
static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_error checked,
                        sn_flags flags, sn_endpoint *from)
{
    operation->kind = SN_OPERATION_RECEIVE_FROM;
    sn_error error = checked;
    if (!error && !from)
        error = SN_ERROR_ARGUMENT_NULL;
    if (!error && !socket_is(socket, SOCKET_BOUND))
        error = SN_ERROR_INVALID_OPERATION;
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    sender_prepare(from);
    operation->internal.detail = from;
    operation->internal.action = ACTION_RECEIVE_MESSAGE;
    return SN_OK;
}

static sn_error prepare_data(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                             sn_flags flags, sn_endpoint *from)
{
    sn_error error = prepare(operation, socket, transfer_check_data(data, size), flags, from);
    if (error)
        return error;
    if (size > 0)
        transfer_set_data(operation, data, size);
    else
        transfer_set_look(operation);
    return SN_OK;
}

static sn_error prepare_buffers(sn_operation *operation, sn_socket *socket,
                                const sn_buffer *buffers, size_t count, sn_flags flags,
                                sn_endpoint *from)
{
    sn_error error =
        prepare(operation, socket, transfer_check_buffers(buffers, count), flags, from);
    if (!error)
        error = transfer_check_message_buffers(socket, count);
    if (error)
        return error;
    if (transfer_are_all_empty(buffers, count))
        transfer_set_look(operation);
    else
        transfer_set_buffers(operation, buffers, count);
    return SN_OK;
}

/* On a connected stream, and for a Unix sender without a path, the kernel names nobody. .NET
 * answers with the family's wildcard, or with an end point whose path is empty. */
void receive_from_finish(const sn_socket *socket, sn_operation *operation)
{
    const struct msghdr *message = (const struct msghdr *)(void *)operation->internal.message;
    sn_endpoint *from = operation->internal.detail;
    operation->flags = flags_from_native((uint32_t)message->msg_flags);
    if (transfer_is_look(operation)) {
        operation->transferred = 0;
        operation->flags =
            SN_FLAG_NONE; /* that the look was too short for the datagram means nothing */
    }
    uint32_t size = sender_size(from, message->msg_namelen);
    endpoint_set_from_native(from, size);
    if (size > 0)
        return;
    if (socket_family(socket) == SN_FAMILY_IPV4)
        (void)!sn_endpoint_from_ip(&SN_IPV4_ANY, 0, from);
    else if (socket_family(socket) == SN_FAMILY_IPV6)
        (void)!sn_endpoint_from_ip(&SN_IPV6_ANY, 0, from);
    else if (socket_family(socket) == SN_FAMILY_UNIX)
        (void)!sn_endpoint_from_sockaddr(&(sa_family_t){AF_UNIX}, sizeof(sa_family_t), from);
}

static sn_error run(sn_socket *socket, sn_operation *operation, sn_endpoint *out_from,
                    size_t *out_received)
{
    if (!out_received)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = socket_run_blocking(socket, operation, TIMEOUT_RECEIVE);
    if (error)
        return error;
    receive_from_finish(socket, operation);
    *out_from = *(sn_endpoint *)operation->internal.detail;
    *out_received = operation->transferred;
    return SN_OK;
}

sn_error sn_socket_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                sn_endpoint *out_from, size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    sn_endpoint from;
    error = prepare_data(&operation, socket, data, size, flags, out_from ? &from : NULL);
    if (!error)
        error = run(socket, &operation, out_from, out_received);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_receive_from_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                        sn_flags flags, sn_endpoint *out_from, size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    sn_endpoint from;
    error = prepare_buffers(&operation, socket, buffers, count, flags, out_from ? &from : NULL);
    if (!error)
        error = run(socket, &operation, out_from, out_received);
    socket_unref(socket);
    return error;
}

void sn_socket_receive_from_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                  sn_endpoint *out_from, sn_operation *operation)
{
    if (!socket_begin_async(socket, operation, SN_OPERATION_RECEIVE_FROM))
        return;
    sn_error error = prepare_data(operation, socket, data, size, flags, out_from);
    socket_start_async(socket, operation, DIRECTION_IN, error);
}

void sn_socket_receive_from_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                          sn_flags flags, sn_endpoint *out_from,
                                          sn_operation *operation)
{
    if (!socket_begin_async(socket, operation, SN_OPERATION_RECEIVE_FROM))
        return;
    sn_error error = prepare_buffers(operation, socket, buffers, count, flags, out_from);
    socket_start_async(socket, operation, DIRECTION_IN, error);
}
