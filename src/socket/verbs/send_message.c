/* SendMessage: bytes with control messages. */
#include "operation/operation.h"
#include "socket/verbs/message.h"

static bool finish(sn_socket *socket, sn_operation *operation)
{
    /* By the kernel, where there was a destination. */
    if (!operation->error && record_of(operation)->address_size > 0 &&
        !socket_is(socket, SOCKET_BOUND))
        socket_set(socket, SOCKET_BOUND);
    return true;
}

static const struct verb send_message_verb = {
    .kind = SN_OPERATION_SEND_MESSAGE,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
    .finish = finish,
};

static sn_error prepare(sn_operation *operation, sn_socket *socket, const sn_message *message,
                        sn_flags flags)
{
    struct record *record = record_of(operation);
    sn_error error = message_check(message);
    if (!error && !control_message_are_whole(message->control.data, message->control.size))
        error = SN_ERROR_ARGUMENT;
    if (!error && message->endpoint)
        error = transfer_set_destination(operation, socket, message->endpoint);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (!error)
        error = transfer_check_message_buffers(socket, message->buffer_count);
    if (error)
        return error;
    message_set_pieces(operation, message);
    record->action = ACTION_SEND_CONTROL;
    record->room.send.control = message->control.size > 0 ? message->control.data : NULL;
    record->room.send.control_size = message->control.size;
    if (socket_type(socket) == SN_TYPE_STREAM)
        record->marks |= MARK_ALL;
    return SN_OK;
}

sn_error sn_socket_send_message(sn_socket *socket, const sn_message *message, sn_flags flags,
                                size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &send_message_verb);
    error = prepare(&operation, socket, message, flags);
    if (!error) {
        error = socket_run_to_end(socket, &operation);
        if (out_sent && (!error || operation.transferred > 0))
            *out_sent = operation.transferred;
    }
    socket_unref(socket);
    return error;
}

bool sn_socket_send_message_async(sn_socket *socket, const sn_message *message, sn_flags flags,
                                  sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_message_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, message, flags);
    socket_start_async(socket, operation, error);
    return true;
}
