#include "engine/carry.h"

#include <errno.h>

#include "descriptor/descriptor.h"
#include "engine/blocking.h"
#include "engine/start.h"
#include "loop/loop.h"
#include "sys/sys.h"

/* It is no longer kept, but still in its lane. What is behind it goes on after it has completed, so
 * that they complete in their order. */
static void conclude(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    if (result == OUTCOME_CLOSED)
        descriptor_note_aborted(descriptor, direction);
    atomic_add_acq_rel(&descriptor->refs, 1); /* the operation's own goes with it */
    operation_conclude_here(descriptor, operation, result);
    lane_leave_kept(descriptor, direction);
    descriptor_unref(descriptor);
}

void carry_end(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    int32_t reason = kept_leave(descriptor, operation);
    /* Its connection is being taken away, or its handle was, which a late attempt was told in its
     * own way. */
    if ((result == -ENOTCONN && reason == OUTCOME_STOPPED) ||
        (reason && descriptor_is_gone(descriptor, result)))
        result = reason;
    conclude(descriptor, operation, result);
}

void carry_hand_over(struct descriptor *descriptor, sn_operation *operation)
{
    int32_t native = 0;
    if (!descriptor_bind(descriptor, NULL, &native)) {
        carry_end(descriptor, operation, native ? native : OUTCOME_CLOSED);
        return;
    }
    int32_t reason = kept_push(descriptor, operation);
    if (reason)
        conclude(descriptor, operation, reason);
}

bool carry_on(struct descriptor *descriptor, sn_operation *operation, int64_t deadline_ns)
{
    if (thread_wake() < 0) { /* no descriptor is free for it */
        carry_hand_over(descriptor, operation);
        return true;
    }
    int64_t result = operation_carry(operation, descriptor, deadline_ns);
    bool is_ended =
        result == OUTCOME_INTERRUPTED || result == OUTCOME_RECALLED || result == OUTCOME_OVERDUE;
    if (result != OUTCOME_TIMED_OUT && !is_ended)
        carry_end(descriptor, operation, result);
    else if (!kept_put_back(descriptor, operation))
        carry_hand_over(descriptor, operation);
    return !is_ended;
}
