#include "operation/gather_messages.h"

#include <errno.h>

bool gather_takes(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    if (record->native_flags != 0 || (record->marks & (MARK_ENDING | MARK_NOT_SOCKET)))
        return false;
    switch (record->action) {
    case ACTION_RECEIVE:
    case ACTION_RECEIVE_FROM:
    case ACTION_RECEIVE_DATAGRAM:
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL: return true;
    default: return false;
    }
}

static struct msghdr message_of(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    bool is_vector = (record->marks & MARK_VECTOR) != 0;
    const sn_buffer *pieces = is_vector ? record->vector.first : &record->buffer;
    size_t count = !is_vector                          ? 1
                   : record->vector.count < PIECES_MAX ? record->vector.count
                                                       : PIECES_MAX;
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces,
                             .msg_iovlen = (uint16_t)count};
    sn_endpoint *from = record->target.from;
    if (record->action == ACTION_RECEIVE || !from)
        return message;
    message.msg_name = from->as.sockaddr;
    message.msg_namelen = sizeof from->as.sockaddr;
    if (record->action == ACTION_RECEIVE_CONTROL) {
        message.msg_control = operation_control(operation);
        message.msg_controllen = CONTROL_SIZE;
    }
    return message;
}

/* What an attempt of its own would have left: see attempt.c. */
static void take(sn_operation *operation, const struct msghdr *message)
{
    struct record *record = record_of(operation);
    switch (record->action) {
    case ACTION_RECEIVE: return;
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL: record->room.header = *message; break;
    default: /* its finish step looks at no more than this */
        record->room.header.msg_namelen = message->msg_namelen;
        record->room.header.msg_flags =
            record->action == ACTION_RECEIVE_FROM ? 0 : message->msg_flags;
        break;
    }
    record->marks |= MARK_HEADER;
}

static const sn_operation *next_of(const struct operation_queue *queue,
                                   const sn_operation *operation)
{
    return operation == queue->last ? NULL : record_of(operation)->next;
}

int64_t gather_messages(struct gathered_messages *gather, const struct operation_queue *queue,
                        int32_t handle)
{
    struct mmsghdr messages[BATCH_MESSAGES]; /* not cleared */
    const sn_operation *operation = queue_first(queue);
    int flags = 0;
    gather->asked = 0;
    for (; operation && gather->asked < BATCH_MESSAGES && gather_takes(operation);
         operation = next_of(queue, operation)) {
        struct msghdr *message = &messages[gather->asked++].msg_hdr;
        *message = message_of(operation);
        if (message->msg_control) /* a packet socket refuses the flag */
            flags = MSG_CMSG_CLOEXEC;
    }
    if (gather->asked < 2)
        return 0;
    int64_t received = batch_receive_messages(handle, messages, gather->asked, flags);
    if (received == -ENOSYS)
        return 0;
    sn_operation *first = queue_first(queue);
    for (int64_t i = 0; i < received; i++, first = record_of(first)->next) {
        gather->sizes[i] = messages[i].msg_len;
        take(first, &messages[i].msg_hdr);
    }
    return received;
}
