/**
 * The fast way of a batch of receives: one that a callback of the socket's own worker starts. What
 * is there is for the batch's own attempt to find (operation/batch.h); all else is as with one
 * datagram (fast_message.h), the end included.
 */
#ifndef LOOP_FAST_BATCH_H
#define LOOP_FAST_BATCH_H

#include "loop/fast_message.h"
#include "operation/operation.h"

/* The only receive. Its attempt counts by itself what has moved. */
static HOT void fast_receive_batch(struct worker *worker, struct descriptor *descriptor,
                                   sn_operation *operation)
{
    int64_t result = SUBMITTED;
    if (fast_receive_is_tried(worker, descriptor, operation)) {
        result = batch_receive_attempt(operation, atomic_load_relaxed(&descriptor->handle));
        if (likely(result >= 0)) {
            fast_received(worker, descriptor, operation, 0);
            return;
        }
    }
    fast_receive_message_on(worker, operation, result);
}

/* What fast_takes_message() with the records as its memory, all of which are as they should be, and
 * want nothing that the kernel was not asked for before. False: as fast_start_message(). */
static HOT bool fast_start_batch(struct descriptor *descriptor, sn_operation *operation,
                                 sn_datagram *datagrams, size_t count,
                                 const struct batch_place *place,
                                 const struct fast_message *message)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    struct record *record = record_of(operation);
    if (unlikely(!descriptor_ref_unforked(descriptor)) || unlikely(!operation_claim(operation)))
        return false;
    fast_fill_message(descriptor, operation, NULL, 0, message, DIRECTION_IN);
    record->marks = MARK_BATCH;
    record->datagrams.first = datagrams;
    record->datagrams.count = count;
    record->room.batch = *place;
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    if (likely(lane_add(descriptor, DIRECTION_IN) == 0))
        fast_receive_batch(worker, descriptor, operation);
    else
        fast_start_behind(worker, operation, HELD_SEVERAL);
    return true;
}

#endif
