#include "descriptor/lane.h"

#include <errno.h>
#include <poll.h>

#include "descriptor/interrupt.h"
#include "sys/sys.h"

bool send_lock_try(struct descriptor *descriptor)
{
    uint32_t expected = 0;
    return atomic_replace_acq_rel(&descriptor->lanes[DIRECTION_OUT], &expected, LANE_TAKEN);
}

/* Under the lock, which send_lock_release() takes too when somebody waits: so no hand-over is
 * missed. */
static int32_t take_or_enlist(struct descriptor *descriptor, struct waiter *waiter)
{
    uint32_t *lane = &descriptor->lanes[DIRECTION_OUT];
    uint32_t word = atomic_load_acquire(lane);
    for (;;) {
        if (word >= LANE_ONE)
            return OUTCOME_READY;
        uint32_t wanted = word ? word | LANE_WANTED : LANE_TAKEN;
        if (!atomic_replace_acq_rel(lane, &word, wanted))
            continue;
        if (word == 0)
            return OUTCOME_SEND_LOCK;
        waiter_link(descriptor, waiter);
        return 1;
    }
}

static int32_t enlist(struct descriptor *descriptor, struct waiter *waiter, uint32_t cancels)
{
    waiter->next = waiter->previous = NULL;
    waiter->reason = 0;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    int32_t outcome;
    if (descriptor_is_closing(descriptor))
        outcome = OUTCOME_CLOSED;
    else if (descriptor->cancels != cancels)
        outcome = OUTCOME_CANCELED;
    else
        outcome = take_or_enlist(descriptor, waiter);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return outcome;
}

static int32_t acquire_once(struct descriptor *descriptor, struct deadline *deadline,
                            uint32_t cancels)
{
    struct waiter waiter = {.wake_handle = thread_wake(), .wants_send_lock = true};
    if (waiter.wake_handle < 0)
        return waiter.wake_handle;
    int32_t outcome = enlist(descriptor, &waiter, cancels);
    if (outcome == OUTCOME_CLOSED)
        descriptor_note_aborted(descriptor, DIRECTION_OUT);
    if (outcome <= 0)
        return outcome;

    struct sys_poll wake = {.handle = waiter.wake_handle, .events = POLLIN};
    int32_t ready = waiter_poll(&wake, 1, deadline_at(deadline));
    int32_t reason = waiter_delist(descriptor, &waiter);
    if (reason == OUTCOME_CLOSED)
        descriptor_note_aborted(descriptor, DIRECTION_OUT);
    if (reason)
        return reason == OUTCOME_BEHIND ? OUTCOME_READY : reason;
    return ready < 0 ? ready : OUTCOME_TIMED_OUT;
}

int32_t send_lock_acquire(struct descriptor *descriptor, struct deadline *deadline,
                          uint32_t cancels)
{
    int32_t outcome;
    do {
        outcome = acquire_once(descriptor, deadline, cancels);
        if (unlikely(outcome == -EINTR) && interrupt_ends_wait())
            return OUTCOME_INTERRUPTED;
    } while (unlikely(outcome == -EINTR));
    return outcome;
}

/* Under the lock. One that is being ended for another reason stays linked until its thread runs. */
static struct waiter *next_for_send_lock(struct descriptor *descriptor)
{
    struct waiter *waiter = NULL;
    do
        waiter = waiter_after(descriptor, waiter);
    while (waiter && (!waiter->wants_send_lock || waiter->reason));
    return waiter;
}

void send_lock_release(struct descriptor *descriptor)
{
    uint32_t *lane = &descriptor->lanes[DIRECTION_OUT];
    uint32_t word = LANE_TAKEN;
    while (!(word & LANE_WANTED))
        if (atomic_replace_acq_rel(lane, &word, word & ~(uint32_t)LANE_TAKEN))
            return;

    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct waiter *next = next_for_send_lock(descriptor);
    if (next) {
        next->reason = OUTCOME_SEND_LOCK; /* LANE_TAKEN stays: the lock is handed over */
        sys_wake_signal(next->wake_handle);
    } else {
        word = atomic_and_acq_rel(lane, ~(uint32_t)(LANE_TAKEN | LANE_WANTED));
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (!next && word >= LANE_ONE)
        descriptor->class->request(descriptor, REQUEST_RESUME);
}

void send_lock_hand_over(struct descriptor *descriptor)
{
    struct waiter *waiter;
    assert(lane_has_operations(descriptor, DIRECTION_OUT)); /* so nobody begins to wait any more */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    while ((waiter = next_for_send_lock(descriptor)) != NULL) {
        waiter->reason = OUTCOME_BEHIND;
        sys_wake_signal(waiter->wake_handle);
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

/* --- What the worker asks -------------------------------------------------------------------- */

void lane_taken_over(struct descriptor *descriptor, enum direction direction)
{
    uint32_t before =
        atomic_and_acq_rel(&descriptor->lanes[direction], ~(uint32_t)(LANE_TAKEN | LANE_WANTED));
    assert(before & LANE_TAKEN);
    (void)before;
}

bool lane_is_free_or_wanted(struct descriptor *descriptor, enum direction direction)
{
    if (unlikely(direction == DIRECTION_ERROR))
        return true;
    uint32_t *lane = &descriptor->lanes[direction];
    uint32_t word = atomic_load_acquire(lane);
    while (word & LANE_TAKEN)
        if (atomic_replace_acq_rel(lane, &word, word | LANE_WANTED))
            return false;
    return true;
}

/* --- A kept operation ------------------------------------------------------------------------ */

bool lane_keep(struct descriptor *descriptor, enum direction direction)
{
    uint32_t expected = 0;
    return atomic_replace_acq_rel(&descriptor->lanes[direction], &expected, LANE_ONE | LANE_TAKEN);
}

void lane_leave_kept(struct descriptor *descriptor, enum direction direction)
{
    uint32_t *lane = &descriptor->lanes[direction];
    uint32_t word = atomic_load_acquire(lane);
    uint32_t left;
    do {
        assert(word & LANE_TAKEN && word >= LANE_ONE);
        left = (word & ~(uint32_t)(LANE_TAKEN | LANE_WANTED)) - LANE_ONE;
    } while (!atomic_replace_acq_rel(lane, &word, left));
    if (left)
        descriptor->class->request(descriptor, REQUEST_RESUME);
}
