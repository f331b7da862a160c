/**
 * A lane is one direction of a descriptor, and its word says who is in it:
 *
 *     LANE_TAKEN    a thread is sending on the stream by itself (only the outward lane of streams)
 *     LANE_WANTED   somebody must be told when it gives the turn back
 *     LANE_ONE * n  n asynchronous operations were started and have not completed
 *
 * A long send takes several system calls, and the bytes of one call must stay together however many
 * threads send. So a thread takes the turn for the whole of its send; when operations are pending
 * it queues behind them instead. The worker submits a send only while no thread has the turn.
 * Without contention each step is one compare-and-swap. The turn is handed over to the first thread
 * that waits for it, so that threads send in the order they came.
 *
 * An asynchronous send that its starting thread could make in part only leaves the turn to the
 * operation that sends the rest: from the start until the worker has that operation in front of its
 * queue. Given back any earlier, the turn would let the worker, or a thread, send something else
 * while the operation is still on its way.
 */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include "engine/wait.h"

enum { LANE_TAKEN = 1, LANE_WANTED = 2, LANE_ONE = 4 };

/* --- Operations: counted from their start to their completion -------------------------------- */

/* Returns the word from before. */
static inline uint32_t lane_add(struct descriptor *descriptor, enum direction direction)
{
    return atomic_add_acq_rel(&descriptor->lanes[direction], (uint32_t)LANE_ONE);
}

static inline void lane_subtract(struct descriptor *descriptor, enum direction direction)
{
    atomic_sub_acq_rel(&descriptor->lanes[direction], (uint32_t)LANE_ONE);
}

static inline bool lane_has_operations(const struct descriptor *descriptor,
                                       enum direction direction)
{
    return atomic_load_acquire(&descriptor->lanes[direction]) >= LANE_ONE;
}

/* On the worker, before it submits anything outward: false when a thread has the turn; the worker
 * is asked to resume (REQUEST_RESUME) once it is given back. */
bool lane_is_free_or_wanted(struct descriptor *descriptor);

/* --- Threads that send by themselves --------------------------------------------------------- */

/* Takes the turn if nobody is in the lane. */
bool turn_try(struct descriptor *descriptor);
/*
 * WAIT_TURN: it is this thread's turn. WAIT_READY: operations are pending, queue behind them. Else
 * why not: WAIT_TIMED_OUT, WAIT_CANCELED, WAIT_CLOSED, -errno.
 */
int32_t turn_take(struct descriptor *descriptor, struct deadline *deadline, uint32_t cancels);
void turn_give(struct descriptor *descriptor);
/* Instead of giving it back: an operation with the rest of the send is counted in the lane and
 * about to be handed to the worker. Threads that wait for the turn queue behind it: at once, since
 * the one that waits may be in a callback of that very worker. */
void turn_leave_to_operation(struct descriptor *descriptor);
/* On the worker: that operation has arrived. */
void turn_arrived(struct descriptor *descriptor);

#endif
