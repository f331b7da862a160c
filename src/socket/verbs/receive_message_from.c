/* ReceiveMessageFrom: one datagram, its sender, and where it was sent to (contract B.10). */
#include "socket/verbs/sender.h"

#include <sys/socket.h>

#include "operation/operation.h"
#include "socket/verbs/extras.h"

/* The control messages come first: the sender's end point, whose room they use, is finished last.
 */
static bool finish(sn_socket *socket, sn_operation *operation)
{
    const struct msghdr *message = &record_of(operation)->room.header;
    if (operation->error)
        return true;
    if (message->msg_control)
        (void)control_message_read(message->msg_control, message->msg_controllen,
                                   &operation->packet_information);
    sender_finish(socket, operation);
    return true;
}

static const struct verb receive_message_from_verb = {
    .kind = SN_OPERATION_RECEIVE_MESSAGE_FROM,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .finish = finish,
};

/*
 * What both forms share; `checked` is what the check of the memory has said. A Unix socket gets no
 * room for control messages: the only ones there carry descriptors, which nobody here would close.
 */
static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_error checked,
                        sn_flags flags, sn_endpoint *from)
{
    sn_error error = sender_check(operation, socket, checked, flags, from);
    if (!error)
        error = extras_switch_on(socket, SN_DATAGRAM_ADDRESS);
    if (error)
        return error; /* nothing is written then */
    sender_set(operation, from);
    record_of(operation)->action =
        extras_are_told(socket) ? ACTION_RECEIVE_CONTROL : ACTION_RECEIVE_MESSAGE;
    return SN_OK;
}

static sn_error prepare_data(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                             sn_flags flags, sn_endpoint *from)
{
    sn_error error = prepare(operation, socket, transfer_check_data(data, size), flags, from);
    if (!error)
        sender_set_data(operation, data, size);
    return error;
}

static sn_error prepare_buffers(sn_operation *operation, sn_socket *socket,
                                const sn_buffer *buffers, size_t count, sn_flags flags,
                                sn_endpoint *from)
{
    sn_error error =
        prepare(operation, socket, transfer_check_buffers(buffers, count), flags, from);
    if (!error)
        error = transfer_check_message_buffers(socket, count);
    if (!error)
        sender_set_buffers(operation, buffers, count);
    return error;
}

/* Where a blocking form puts what came of it. */
struct outputs {
    sn_flags *flags;
    sn_endpoint *from;
    sn_ip_packet_information *information;
    size_t *received;
};

static sn_error run(sn_socket *socket, sn_operation *operation, const struct outputs *out)
{
    if (!out->flags || !out->information || !out->received)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = socket_run_to_end(socket, operation);
    if (error)
        return error;
    *out->flags = operation->flags;
    *out->from = *record_of(operation)->target.from;
    *out->information = operation->packet_information;
    *out->received = operation->transferred;
    return SN_OK;
}

sn_error sn_socket_receive_message_from(sn_socket *socket, void *data, size_t size,
                                        sn_flags *inout_flags, sn_endpoint *out_from,
                                        sn_ip_packet_information *out_information,
                                        size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    const struct outputs out = {inout_flags, out_from, out_information, out_received};
    sn_operation operation;
    verb_begin(&operation, &receive_message_from_verb);
    sn_endpoint from;
    error = prepare_data(&operation, socket, data, size, inout_flags ? *inout_flags : SN_FLAG_NONE,
                         out_from ? &from : NULL);
    if (!error)
        error = run(socket, &operation, &out);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_receive_message_from_buffers(sn_socket *socket, const sn_buffer *buffers,
                                                size_t count, sn_flags *inout_flags,
                                                sn_endpoint *out_from,
                                                sn_ip_packet_information *out_information,
                                                size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    const struct outputs out = {inout_flags, out_from, out_information, out_received};
    sn_operation operation;
    verb_begin(&operation, &receive_message_from_verb);
    sn_endpoint from;
    error = prepare_buffers(&operation, socket, buffers, count,
                            inout_flags ? *inout_flags : SN_FLAG_NONE, out_from ? &from : NULL);
    if (!error)
        error = run(socket, &operation, &out);
    socket_unref(socket);
    return error;
}

bool sn_socket_receive_message_from_async(sn_socket *socket, void *data, size_t size,
                                          sn_flags flags, sn_endpoint *out_from,
                                          sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_message_from_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare_data(operation, socket, data, size, flags, out_from);
    socket_start_async(socket, operation, error);
    return true;
}

bool sn_socket_receive_message_from_buffers_async(sn_socket *socket, const sn_buffer *buffers,
                                                  size_t count, sn_flags flags,
                                                  sn_endpoint *out_from, sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_message_from_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare_buffers(operation, socket, buffers, count, flags, out_from);
    socket_start_async(socket, operation, error);
    return true;
}
