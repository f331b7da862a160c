#include "operation/gather.h"

#include "sys/sys.h"

/* A stream's send of memory, to its peer, and as every other; a receive into one buffer. */
static bool is_plain(const struct record *record)
{
    const uint16_t others = MARK_ENDING | MARK_NOT_SOCKET;
    if (record->direction == DIRECTION_IN)
        return record->action == ACTION_RECEIVE && !(record->marks & others) &&
               record->native_flags == 0;
    return (record->action == ACTION_SEND || record->action == ACTION_SEND_MESSAGE) &&
           (record->marks & MARK_ALL) && !(record->marks & others) && record->native_flags == 0 &&
           record->address_size == 0;
}

size_t operation_left_of_vector(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    size_t left = 0;
    for (size_t i = 0; i < record->vector.count; i++)
        left += record->vector.first[i].size;
    return left - (size_t)record->room.send.offset;
}

static void add_piece(struct gathered *gather, void *data, size_t size)
{
    gather->pieces[gather->count++] = (struct iovec){.iov_base = data, .iov_len = size};
    gather->bytes += size;
}

static void add_vector(struct gathered *gather, const struct record *record)
{
    size_t offset = (size_t)record->room.send.offset;
    for (size_t i = 0; i < record->vector.count; i++) {
        const sn_buffer *buffer = &record->vector.first[i];
        add_piece(gather, (char *)buffer->data + offset, buffer->size - offset);
        offset = 0;
    }
}

/* One without bytes goes by itself: no count would tell that its turn has come. */
static bool add_other(struct gathered *gather, const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    bool is_vector = (record->marks & MARK_VECTOR) != 0;
    size_t pieces = is_vector ? record->vector.count : 1;
    if (!is_plain(record) || pieces > GATHER_PIECES - gather->count)
        return false;
    size_t left = operation_left(operation);
    if (left == 0 || left > GATHER_BYTES - gather->bytes)
        return false;
    if (is_vector)
        add_vector(gather, record);
    else
        add_piece(gather, record->buffer.data, record->buffer.size);
    return true;
}

static inline bool add(struct gathered *gather, const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    bool is_easy = operation_is_fast(operation) && gather->count < GATHER_PIECES &&
                   record->buffer.size <= GATHER_BYTES - gather->bytes;
    if (unlikely(!is_easy))
        return add_other(gather, operation);
    add_piece(gather, record->buffer.data, record->buffer.size);
    return true;
}

bool gather_queue(struct gathered *gather, const struct operation_queue *queue)
{
    const sn_operation *operation = queue_first(queue);
    gather->operations = gather->bytes = gather->count = 0;
    while (operation && add(gather, operation)) {
        operation = operation == queue->last ? NULL : record_of(operation)->next;
        gather->operations++;
    }
    return gather->operations > 1;
}

int64_t gather_send(struct gathered *gather, int32_t handle)
{
    const struct msghdr message = {.msg_iov = gather->pieces,
                                   .msg_iovlen = (uint16_t)gather->count};
    return sys_send_message(handle, &message, 0);
}

int64_t gather_receive(struct gathered *gather, int32_t handle)
{
    struct msghdr message = {.msg_iov = gather->pieces, .msg_iovlen = (uint16_t)gather->count};
    return sys_receive_message(handle, &message, 0);
}
