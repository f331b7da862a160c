#include "loop/conclude.h"

#include "loop/cancel.h"

void operation_conclude_marked(sn_operation *operation, struct descriptor *descriptor)
{
    cancellation_unlink(operation);
    /* Afterwards only the record's address is used, for the wake. */
    uint32_t before = atomic_load_acquire(&record_of(operation)->state);
    do {
        if (before & OPERATION_CANCELLING)
            before = operation_forget_cancel(operation);
        assert((before & OPERATION_PHASE) == OPERATION_PENDING);
    } while (!atomic_replace_acq_rel(&record_of(operation)->state, &before,
                                     (uint32_t)OPERATION_COMPLETED));
    /* Not earlier: a cancel of a pending operation finds the worker through its descriptor. */
    if (descriptor)
        descriptor_unref(descriptor);
    operation_wake_waiters(operation, before);
}
