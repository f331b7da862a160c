/* A kept operation on its way to a worker. */
#include "descriptor/descriptor.h"
#include "loop/kept.h"
#include "loop/worker.h"

/* In one step: what ends the descriptor's operations finds it here before, or comes to the worker
 * behind it. */
int32_t kept_push(struct descriptor *descriptor, sn_operation *operation)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    int32_t reason = kept_leave_held(descriptor, operation);
    if (!reason && (!worker || !worker_ref(worker)))
        reason = descriptor_is_closing(descriptor) ? OUTCOME_CLOSED : OUTCOME_STOPPED;
    if (!reason) {
        record_of(operation)->marks |= MARK_BEGUN;
        worker_push(worker, operation);
        worker_unref(worker);
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return reason;
}
