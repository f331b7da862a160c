#include "engine/suspended.h"

#include "descriptor/descriptor.h"
#include "engine/early.h"
#include "engine/start.h"
#include "loop/loop.h"

/* On the flow's stack, behind the operation's context. The operation's state says that it has
 * completed before its callback has run, which looks here; so that has the last word. */
struct suspended {
    struct flow *flow;
    uint32_t is_done; /* atomic: nothing of this is touched any more */
};

void suspended_completed(sn_operation *operation)
{
    struct suspended *suspended = operation->context;
    struct flow *flow = suspended->flow;
    if (likely(flow->worker == worker_current())) {
        atomic_store_relaxed(&suspended->is_done, 1u);
        flow->class->go_on(flow);
        return;
    }
    flow->class->retain(flow); /* it may go on, and end, as soon as it is done */
    atomic_store_release(&suspended->is_done, 1u);
    flow->class->wake(flow);
    flow->class->release(flow);
}

static void await_callback(const struct suspended *suspended)
{
    while (!atomic_load_acquire(&suspended->is_done))
        suspended->flow->class->sleep(suspended->flow, SYS_NEVER);
}

/* Until its callback; the end of a scope of the flow's ends it early. */
static void await(const struct suspended *suspended, sn_operation *operation,
                  const struct descriptor *descriptor)
{
    flow_note(suspended->flow, operation->kind, atomic_load_relaxed(&descriptor->handle));
    while (!atomic_load_acquire(&suspended->is_done)) {
        int32_t outcome = scope_is_settled(suspended->flow) ? 0 : scope_before_sleep(-1);
        if (unlikely(outcome)) {
            sn_operation_cancel(operation);
            await_callback(suspended);
            early_tell_reason(operation, scope_error(outcome));
            return;
        }
        suspended->flow->class->sleep(suspended->flow, SYS_NEVER);
    }
}

static void prepare(sn_operation *operation, struct suspended *suspended, struct flow *flow,
                    int32_t timeout_ms)
{
    *suspended = (struct suspended){.flow = flow};
    operation->completed = suspended_completed;
    operation->context = suspended;
    operation->timeout_ms = timeout_ms > 0 ? timeout_ms : 0;
    operation->cancellation = NULL;
}

/* What belongs to nobody becomes its worker's where it is used, so that nothing goes from thread to
 * thread. */
static void bind_here(struct descriptor *descriptor, const struct flow *flow)
{
    if (unlikely(!atomic_load_acquire(&descriptor->worker)))
        (void)worker_bind(flow->worker, descriptor);
}

void suspended_run(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                   enum direction direction, int32_t timeout_ms)
{
    struct suspended suspended;
    uint32_t cancels = atomic_load_acquire(&descriptor->cancels);
    prepare(operation, &suspended, flow, timeout_ms);
    bind_here(descriptor, flow);
    atomic_store_relaxed(&record_of(operation)->state, (uint32_t)OPERATION_PENDING);
    atomic_add_acq_rel(&descriptor->refs, 1); /* the operation's */
    operation_start_untraced(descriptor, operation, direction);
    /* After the start: a cancel that changes the count from now on finds the operation. */
    if (atomic_load_acquire(&descriptor->cancels) != cancels)
        sn_operation_cancel(operation);
    await(&suspended, operation, descriptor);
}

void suspended_run_rest(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                        int32_t timeout_ms, uint32_t cancels, int64_t result)
{
    struct suspended suspended;
    prepare(operation, &suspended, flow, timeout_ms);
    bind_here(descriptor, flow);
    atomic_store_relaxed(&record_of(operation)->state, (uint32_t)OPERATION_PENDING);
    atomic_add_acq_rel(&descriptor->refs, 1); /* the operation's */
    operation_start_rest(descriptor, operation, result);
    if (atomic_load_acquire(&descriptor->cancels) != cancels)
        sn_operation_cancel(operation);
    await(&suspended, operation, descriptor);
}

bool suspended_transfer(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                        void *data, size_t size, enum direction direction, int32_t timeout_ms)
{
    struct suspended suspended;
    prepare(operation, &suspended, flow, timeout_ms);
    record_of(operation)->state = 0;
    bind_here(descriptor, flow);
    switch (fast_start(descriptor, operation, data, size, SN_FLAG_NONE, direction)) {
    case FAST_STARTED: await(&suspended, operation, descriptor); return true;
    case FAST_REFERRED: descriptor_unref(descriptor); break;
    case FAST_NOT: break;
    }
    return false;
}

bool suspended_message(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                       void *data, size_t size, const struct fast_message *message,
                       int32_t timeout_ms)
{
    struct suspended suspended;
    prepare(operation, &suspended, flow, timeout_ms);
    record_of(operation)->state = 0;
    bind_here(descriptor, flow);
    if (!fast_takes_message(descriptor, operation, data, size, SN_FLAG_NONE))
        return false;
    if (!fast_start_message(descriptor, operation, data, size, message, DIRECTION_IN)) {
        descriptor_unref(descriptor);
        return false;
    }
    await(&suspended, operation, descriptor);
    return true;
}
