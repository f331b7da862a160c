/**
 * The last step of every operation.
 */
#ifndef LOOP_CONCLUDE_H
#define LOOP_CONCLUDE_H

#include "operation/operation.h"
#include "telemetry/telemetry.h"

/* Somebody is interested in the operation, or has linked it. */
COLD void operation_conclude_marked(sn_operation *operation, struct descriptor *descriptor);

/* The last step, exactly once: the record is the program's again. On the worker, or on the starting
 * thread for an operation that completes at once; nothing of the operation is touched afterwards.
 * NULL: it has no descriptor, or leaves its reference to another operation. */
static HOT void operation_conclude_for(sn_operation *operation, struct descriptor *descriptor)
{
    const uint32_t marks =
        OPERATION_WAITED | OPERATION_WAITED_ANY | OPERATION_CANCELLING | OPERATION_LINKED;
    void (*completed)(sn_operation *) = operation->completed;
    uint32_t state = atomic_load_acquire(&record_of(operation)->state);
    assert((state & OPERATION_PHASE) == OPERATION_PENDING);
    trace_operation_complete(operation, operation->kind, operation->error, operation->transferred);
    /* The one step into "completed". From then on the record is the program's, and may be gone. */
    if (unlikely((state & marks) != 0) ||
        unlikely(!atomic_replace_acq_rel(&record_of(operation)->state, &state,
                                         (uint32_t)OPERATION_COMPLETED)))
        operation_conclude_marked(operation, descriptor);
    else if (descriptor)
        descriptor_unref(descriptor);
    if (completed)
        completed(operation);
}

/* It had a reference to the descriptor, and gives it back. */
static HOT void operation_conclude_unref(sn_operation *operation, struct descriptor *descriptor)
{
    if (!descriptor)
        __builtin_unreachable();
    operation_conclude_for(operation, descriptor);
}

/* The last step for any operation; `descriptor` is NULL for one without. */
static inline void operation_conclude(sn_operation *operation, struct descriptor *descriptor)
{
    if (descriptor) {
        operation_conclude_unref(operation, descriptor);
        return;
    }
    void (*completed)(sn_operation *) = operation->completed;
    trace_operation_complete(operation, operation->kind, operation->error, operation->transferred);
    operation_conclude_marked(operation, NULL);
    if (completed)
        completed(operation);
}

#endif
