/* What is rare on the fast way of one datagram: waiting, and errors. */
#include "loop/fast_message.h"

#include <errno.h>

#include "loop/inside.h"

/* Behind those that wait, if there are any. */
static void wait(struct worker *worker, struct descriptor *descriptor, sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    queue_append(&descriptor->queues[direction], operation);
    fast_wait(worker, operation);
    if (record_of(operation)->action != ACTION_DONE)
        worker_advance(worker, descriptor, direction);
}

/* The attempt has failed, with an error that the kernel tells once. Nothing was before it. */
static void fail(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                 int64_t result)
{
    fast_queue(descriptor, operation, (enum direction)record_of(operation)->direction);
    worker_settle(worker, descriptor, operation, result);
}

void fast_send_message_on(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (worker->class->enter && result != SUBMITTED)
        descriptor->ready &= (uint8_t)~READY_OUT;
    if (result == SUBMITTED || result == -EAGAIN)
        wait(worker, descriptor,
             operation); /* which tries once more, and learns what to wait for */
    else
        fail(worker, descriptor, operation, result);
}

void fast_receive_message_on(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (result == -EAGAIN || (worker->class->enter && result != SUBMITTED))
        descriptor->ready &= (uint8_t)~READY_IN;
    if (result == -EAGAIN && worker->class->enter) {
        descriptor_note_look(descriptor, true);
        record_of(operation)->tries = 1; /* a ring would ask once more by itself */
    }
    if (result == SUBMITTED || result == -EAGAIN)
        wait(worker, descriptor, operation);
    else
        fail(worker, descriptor, operation, result);
}
