/* ReceiveMessage: bytes with the control messages that come with them. */
#include <string.h>

#include "operation/operation.h"
#include "socket/verbs/extras.h"
#include "socket/verbs/message.h"
#include "socket/verbs/sender.h"

static void tell_sender(const sn_socket *socket, sn_endpoint *from, uint32_t size)
{
    sa_family_t family;
    memcpy(&family, from->as.sockaddr, sizeof family);
    from->size = family == AF_UNSPEC ? 0 : size;
    sender_set_told(socket, from);
}

/* Twice does no harm. Without a header the kernel has told nothing: data of a stream was waited
 * for. */
static bool finish(sn_socket *socket, sn_operation *operation)
{
    const struct record *record = record_of(operation);
    const struct msghdr *header = &record->room.header;
    sn_message *message = record->target.message;
    bool is_told = (record->marks & MARK_HEADER) != 0;
    if (operation->error)
        return true;
    operation->flags = is_told ? flags_from_native((uint32_t)header->msg_flags) : SN_FLAG_NONE;
    message->flags = operation->flags;
    message->transferred = operation->transferred;
    message->control_size = is_told && header->msg_control ? header->msg_controllen : 0;
    if (message->endpoint)
        tell_sender(socket, message->endpoint, is_told ? header->msg_namelen : 0);
    return true;
}

static const struct verb receive_message_verb = {
    .kind = SN_OPERATION_RECEIVE_MESSAGE,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .finish = finish,
};

static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_message *message,
                        sn_flags flags)
{
    struct record *record = record_of(operation);
    sn_error error = message_check(message);
    /* The kernel refuses there what makes descriptors close-on-exec. */
    if (!error && message->control.size > 0 && socket_family(socket) == SN_FAMILY_PACKET)
        error = SN_ERROR_NOT_SUPPORTED;
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (!error)
        error = transfer_check_message_buffers(socket, message->buffer_count);
    if (error)
        return error;
    bool waits_for_data = socket_type(socket) == SN_TYPE_STREAM && message_is_empty(message);
    message_set_pieces(operation, message);
    record->action = waits_for_data ? ACTION_READABLE : ACTION_RECEIVE_ANY;
    record->target.message = message;
    if (message->endpoint) /* a receive that ends because of a shutdown leaves it */
        memset(message->endpoint->as.sockaddr, 0, sizeof(sa_family_t));
    return SN_OK;
}

sn_error sn_socket_receive_message(sn_socket *socket, sn_message *message, sn_flags flags)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &receive_message_verb);
    error = prepare(&operation, socket, message, flags);
    if (!error)
        error = socket_run_to_end(socket, &operation);
    socket_unref(socket);
    return error;
}

bool sn_socket_receive_message_async(sn_socket *socket, sn_message *message, sn_flags flags,
                                     sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_message_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, message, flags);
    socket_start_async(socket, operation, error);
    return true;
}

sn_error sn_socket_ask_for_extras(sn_socket *socket, uint32_t wanted)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (wanted & ~DATAGRAM_EXTRAS)
        error = socket_misuse(SN_ERROR_ARGUMENT);
    else if (!extras_are_told(socket))
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    else
        error = extras_switch_on(socket, wanted);
    socket_unref(socket);
    return error;
}
