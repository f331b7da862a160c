/* An operation comes to its end: out of its queue, its limit and its handle. */
#include "loop/inside.h"

#include "loop/cancellation.h"
#include "loop/external.h"
#include "loop/fast.h"

void worker_untie(struct worker *worker, sn_operation *operation)
{
    limits_remove(&worker->limits, operation);
    if (record_of(operation)->marks & MARK_TIED)
        cancellation_untie(operation);
}

void worker_set_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns)
{
    if (!limits_set(&worker->limits, operation, at_ns))
        operation_mark_ending(operation, MARK_NO_MEMORY);
}

void worker_change_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns)
{
    limits_remove(&worker->limits, operation);
    record_of(operation)->deadline.key = at_ns;
    if (at_ns)
        worker_set_deadline(worker, operation, at_ns);
}

bool worker_is_waiting(const sn_operation *operation)
{
    return record_of(operation)->action == ACTION_EXTERNAL && !descriptor_of(operation);
}

/* Out of its queue, into the completed one. */
void worker_complete(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    worker_untie(worker, operation);
    if (worker_is_waiting(operation))
        list_remove(&record_of(operation)->wait_link);
    record_of(operation)->native_result = result;
    record_of(operation)->action = ACTION_DONE;
    record_of(operation)->marks &= (uint16_t)~MARK_FAST;
    if (descriptor) {
        enum direction direction = (enum direction)record_of(operation)->direction;
        queue_remove(&descriptor->queues[direction], operation);
    }
    operation_list_append(&worker->completed, operation);
}

void worker_complete_first(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t result)
{
    struct record *record = record_of(operation);
    struct operation_queue *queue = &descriptor->queues[record->direction];
    assert(operation == queue_first(queue));
    worker_untie(worker, operation);
    record->native_result = result;
    record->action = ACTION_DONE;
    queue_remove_front(queue, operation);
    operation_list_append(&worker->completed, operation);
}

void worker_complete_whole(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t part)
{
    struct record *record = record_of(operation);
    if (likely(operation_is_fast(operation))) {
        fast_untie(worker, operation);
        queue_remove_front(&descriptor->queues[record->direction], operation);
        fast_complete(worker, operation, part);
        return;
    }
    (void)operation_advance(operation, part);
    worker_complete_first(worker, descriptor, operation, part);
}
