/**
 * A lane is one direction of a descriptor, and its word says who is in it:
 *
 *     LANE_TAKEN    a thread is sending on the stream by itself (the outward lane of streams), or
 *                   the only operation is kept: no worker has it (the inward lane)
 *     LANE_WANTED   somebody must be told when that is over
 *     LANE_ONE * n  n asynchronous operations were started and have not completed
 *
 * A long send takes several system calls, and the bytes of one call must stay together however many
 * threads send. So a thread holds the send lock for the whole of its send; when operations are
 * pending it queues behind them instead. The worker submits a send only while no thread has the
 * lock. Without contention each step is one compare-and-swap. The lock is handed over to the first
 * thread that waits for it, so that threads send in the order they came.
 *
 * An asynchronous send that its starting thread could make in part only leaves the lock to the
 * operation that sends the rest: from the start until the worker has that operation in front of its
 * queue. Released any earlier, the lock would let the worker, or a thread, send something else
 * while the operation is still on its way.
 */
#ifndef DESCRIPTOR_LANE_H
#define DESCRIPTOR_LANE_H

#include "descriptor/wait.h"

enum { LANE_TAKEN = 1, LANE_WANTED = 2, LANE_ONE = 4 };

/* --- Operations: counted from their start to their completion -------------------------------- */

/*
 * The error queue has no lane: its order is that of a queue of the worker alone, and a thread that
 * takes something out of it by itself waits for nobody. So nothing is counted there, and none of
 * its operations is the first.
 */

/* Returns the word from before. */
static inline uint32_t lane_add(struct descriptor *descriptor, enum direction direction)
{
    if (unlikely(direction == DIRECTION_ERROR))
        return LANE_ONE;
    return atomic_add_acq_rel(&descriptor->lanes[direction], (uint32_t)LANE_ONE);
}

static inline void lane_subtract_several(struct descriptor *descriptor, enum direction direction,
                                         uint32_t count)
{
    if (likely(direction != DIRECTION_ERROR))
        atomic_sub_acq_rel(&descriptor->lanes[direction], LANE_ONE * count);
}

static inline void lane_subtract(struct descriptor *descriptor, enum direction direction)
{
    lane_subtract_several(descriptor, direction, 1);
}

static inline bool lane_has_operations(const struct descriptor *descriptor,
                                       enum direction direction)
{
    return direction != DIRECTION_ERROR &&
           atomic_load_acquire(&descriptor->lanes[direction]) >= LANE_ONE;
}

/* On the worker, before it submits anything: false while the lane is taken; the worker is asked to
 * resume (REQUEST_RESUME) once it is released. */
bool lane_is_free_or_wanted(struct descriptor *descriptor, enum direction direction);
/* On the worker: an operation has arrived that had the lane until now. */
void lane_taken_over(struct descriptor *descriptor, enum direction direction);

/* --- A kept operation, counted and in the lane until it has left it --------------------------- */

/* False when somebody is in the lane. */
bool lane_keep(struct descriptor *descriptor, enum direction direction);
void lane_leave_kept(struct descriptor *descriptor, enum direction direction);
/* Whether a worker has something behind it. */
static inline bool lane_is_wanted(const struct descriptor *descriptor, enum direction direction)
{
    return (atomic_load_acquire(&descriptor->lanes[direction]) & LANE_WANTED) != 0;
}
/* Whether the lane is taken: for one inward, by a kept operation. */
static inline bool lane_is_taken(const struct descriptor *descriptor, enum direction direction)
{
    return (atomic_load_acquire(&descriptor->lanes[direction]) & LANE_TAKEN) != 0;
}

/* --- Threads that send by themselves --------------------------------------------------------- */

/* Takes the lock if nobody is in the lane. */
bool send_lock_try(struct descriptor *descriptor);
/*
 * OUTCOME_SEND_LOCK: this thread has it. OUTCOME_READY: operations are pending, queue behind
 * them. Else why not: OUTCOME_TIMED_OUT, OUTCOME_CANCELED, OUTCOME_CLOSED, -errno.
 */
COLD int32_t send_lock_acquire(struct descriptor *descriptor, struct deadline *deadline,
                               uint32_t cancels);
void send_lock_release(struct descriptor *descriptor);
/* Instead of releasing it: an operation with the rest of the send is counted in the lane and
 * about to be handed to the worker. Threads that wait for the lock queue behind it: at once, since
 * the one that waits may be in a callback of that very worker. */
void send_lock_hand_over(struct descriptor *descriptor);

#endif
