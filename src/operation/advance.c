/* What an attempt has moved is counted to its operation, and whether something is left to do. One
 * buffer of a socket is counted in attempt.h. */
#include "operation/attempt.h"

#include "operation/packets.h"

static bool advance_vector(struct record *record, uint64_t bytes)
{
    bytes += record->room.send.offset;
    while (record->vector.count > 0 && bytes >= record->vector.first->size) {
        bytes -= record->vector.first->size;
        record->vector.first++;
        record->vector.count--;
    }
    record->room.send.offset = bytes;
    return record->vector.count > 0;
}

/* Nothing is the end of the stream. */
static bool advance_to_enough(sn_operation *operation, size_t received)
{
    struct record *record = record_of(operation);
    struct enough_place *enough = &record->room.enough;
    bool has_room = operation_advance_buffer(record, (int64_t)received);
    operation->transferred += received;
    enough->is_reached = enough->is_enough ? enough->is_enough(enough->context, received)
                                           : operation->transferred >= enough->minimum;
    return received > 0 && has_room && !enough->is_reached;
}

bool operation_advance_other(sn_operation *operation, int64_t result)
{
    struct record *record = record_of(operation);
    if (action_of(operation)->makes_descriptor)
        return false;
    if (record->marks & MARK_BATCH) /* a receive is done with what was there */
        return record->action == ACTION_SEND_BATCH &&
               record->room.batch.done < record->datagrams.count;
    if (record->action == ACTION_RECEIVE_ENOUGH)
        return advance_to_enough(operation, (size_t)result);
    operation->transferred += (size_t)result;
    if (record->action == ACTION_SPLICE_OUT) { /* 0: refused */
        record->buffer.size -= (size_t)result;
        return result > 0 && record->buffer.size > 0;
    }
    if (record->action == ACTION_SEND_PACKETS)
        return packet_list_advance(record->target.packets, result);
    if (record->action == ACTION_RECEIVE_WHOLE) /* nothing is the end of the stream */
        return operation_advance_buffer(record, result) && result > 0;
    if (!(record->marks & MARK_ALL))
        return false;
    if (record->marks & MARK_VECTOR)
        return advance_vector(record, (uint64_t)result);
    return operation_advance_buffer(record, result);
}
