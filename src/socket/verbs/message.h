/**
 * What the two verbs of messages share. For this room only.
 */
#ifndef SOCKET_MESSAGE_H
#define SOCKET_MESSAGE_H

#include <sennit/message.h>

#include "socket/verbs/transfer.h"

static inline sn_error message_check(const sn_message *message)
{
    if (!message)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = transfer_check_data(message->control.data, message->control.size);
    if (error)
        return error;
    if (message->buffer_count == 0)
        return transfer_check_data(message->buffer.data, message->buffer.size);
    return message->buffers ? transfer_check_buffers(message->buffers, message->buffer_count)
                            : SN_ERROR_ARGUMENT;
}

static inline void message_set_pieces(sn_operation *operation, const sn_message *message)
{
    if (message->buffer_count > 0)
        transfer_set_buffers(operation, message->buffers, message->buffer_count);
    else
        transfer_set_data(operation, message->buffer.data, message->buffer.size);
}

static inline bool message_is_empty(const sn_message *message)
{
    return message->buffer_count > 0
               ? transfer_are_all_empty(message->buffers, message->buffer_count)
               : message->buffer.size == 0;
}

#endif
