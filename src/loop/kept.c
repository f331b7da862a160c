#include "loop/kept.h"

#include "descriptor/descriptor.h"
#include "loop/worker.h"
#include "sys/sys.h"

#define KEPT_BITS (OPERATION_KEPT | OPERATION_CARRIED)

/* False when it was cancelled while it was being started. */
static bool mark_kept(sn_operation *operation)
{
    uint32_t *word = &record_of(operation)->state;
    uint32_t state = atomic_load_acquire(word);
    record_of(operation)->kept_by = sys_fork_count();
    while (!(state & OPERATION_CANCEL_EARLY))
        if (atomic_replace_acq_rel(word, &state, state | OPERATION_KEPT))
            return true;
    return false;
}

static void unmark(sn_operation *operation)
{
    atomic_and_acq_rel(&record_of(operation)->state, ~(uint32_t)KEPT_BITS);
}

/* Under the guard, like all that ends what is kept. */
static bool put_held(struct descriptor *descriptor, sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    const struct worker *worker = descriptor->worker;
    if (descriptor_is_closing(descriptor) || (worker && !worker->has_thread) ||
        !mark_kept(operation))
        return false;
    if (!lane_keep(descriptor, direction)) {
        unmark(operation);
        return false;
    }
    assert(!descriptor->kept && !descriptor->kept_end);
    descriptor->kept = operation;
    return true;
}

bool kept_put(struct descriptor *descriptor, sn_operation *operation)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool is_kept = put_held(descriptor, operation);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_kept;
}

void kept_bring(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    sn_operation *operation = descriptor->kept;
    bool is_mine = operation && operation_claim_kept(operation);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (is_mine)
        descriptor->class->hand_over(descriptor, operation);
}

/* Under the guard. */
static enum kept_cancel end_held(struct descriptor *descriptor, sn_operation *operation,
                                 int32_t reason)
{
    if (operation_claim_kept(operation))
        return KEPT_CLAIMED;
    if (!descriptor->kept_end)
        descriptor->kept_end = outcome_pack(reason);
    waiters_wake_carrier(descriptor, reason);
    return KEPT_TOLD;
}

void kept_end(struct descriptor *descriptor, int32_t reason)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    sn_operation *operation = descriptor->kept;
    bool is_mine = operation && end_held(descriptor, operation, reason) == KEPT_CLAIMED;
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (is_mine)
        descriptor->class->end_kept(descriptor, operation, reason);
}

void kept_renew_held(struct descriptor *descriptor)
{
    if (descriptor->kept)
        waiters_wake_carrier(descriptor, OUTCOME_RENEWED);
}

enum kept_cancel kept_cancel(sn_operation *operation)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    if (record_of(operation)->kept_by != sys_fork_count())
        return KEPT_TOLD; /* in a forked child it is the parent's, and pending here for ever */
    enum kept_cancel found = KEPT_GONE;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    if (descriptor->kept == operation)
        found = end_held(descriptor, operation, OUTCOME_CANCELED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return found;
}

int32_t kept_leave_held(struct descriptor *descriptor, sn_operation *operation)
{
    assert(descriptor->kept == operation);
    int32_t reason = outcome_unpack(descriptor->kept_end);
    descriptor->kept = NULL;
    descriptor->kept_end = 0;
    unmark(operation);
    return reason;
}

int32_t kept_leave(struct descriptor *descriptor, sn_operation *operation)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    int32_t reason = kept_leave_held(descriptor, operation);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return reason;
}

/* Under the guard, which whoever leaves a reason or brings it takes too. A second thread that waits
 * says so before it looks whether there is somebody who carries it. */
static bool put_back_held(const struct descriptor *descriptor, sn_operation *operation)
{
    const uint32_t waited = OPERATION_WAITED | OPERATION_WAITED_ANY;
    uint32_t *word = &record_of(operation)->state;
    uint32_t state = atomic_load_acquire(word);
    if (descriptor->kept_end || descriptor_is_closing(descriptor) ||
        lane_is_wanted(descriptor, (enum direction)record_of(operation)->direction))
        return false;
    while (!(state & waited))
        if (atomic_replace_acq_rel(word, &state, state & ~(uint32_t)OPERATION_CARRIED))
            return true;
    return false;
}

bool kept_put_back(struct descriptor *descriptor, sn_operation *operation)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool is_back = put_back_held(descriptor, operation);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_back;
}
