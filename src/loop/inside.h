/**
 * What the files of a worker share: worker.c (its life and its loop), endure.c (waits that fail),
 * inbox.c (what comes in), pending.c (what is pending: submitted, ended), complete.c (out of its
 * queue), held.c, credit.c and together.c (several in one call), reports.c (what the back-end says)
 * and fast.c, fast_message.c. For them only.
 */
#ifndef LOOP_INSIDE_H
#define LOOP_INSIDE_H

#include "loop/worker.h"

static inline struct descriptor *descriptor_of(const sn_operation *operation)
{
    return record_of(operation)->owner;
}

/* From here on a push wakes the worker; false if something has come before, and it must not sleep.
 */
bool worker_fall_asleep(struct worker *worker);
/* From here on it does not. */
void worker_wake_up(struct worker *worker);
bool worker_inbox_is_empty(const struct worker *worker);
/* Takes everything out of the inbox, in the order it was pushed. */
COLD void worker_drain_inbox(struct worker *worker);

/* After each call of the back-end that may report something. */
void worker_settle_reports(struct worker *worker);
/* Cancels once more what is being ended and was submitted. */
void worker_cancel_again(struct worker *worker);
/* Out of its queue, into the completed one. */
void worker_complete(struct worker *worker, sn_operation *operation, int64_t result);
/* The same of the first of a direction; the result stands. */
void worker_complete_first(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t result);
/* The same of one that has moved `part` and with it all that it should. */
void worker_complete_whole(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t part);
/* It is being ended by a cancel, of its own or of its handle's. */
void worker_mark_canceled(sn_operation *operation);
/* Ends an operation for the reason in `mark`; one that the kernel has comes to its end later. */
void worker_end(struct worker *worker, sn_operation *operation, uint16_t mark);
/* Ends everything that a descriptor has pending. */
void worker_end_all(struct worker *worker, struct descriptor *descriptor, uint16_t mark);
/* Ends all that the worker has. */
void worker_end_everything(struct worker *worker);
/* A wait has failed with -errno; the worker makes the next one soon, or has come to its end. */
#define WORKER_PAUSE_NS INT64_C(1000000) /* the shortest time between two that fail */
COLD void worker_endure(struct worker *worker, int32_t native, int64_t deadline_ns);
/* Whether an operation of it has not completed. */
static inline bool worker_has_pending(const struct descriptor *descriptor)
{
    return descriptor->queues[DIRECTION_IN].last || descriptor->queues[DIRECTION_OUT].last ||
           descriptor->queues[DIRECTION_ERROR].last;
}

/* Lets go of a descriptor that is closing, if it has nothing pending any more. */
COLD void worker_release(struct worker *worker, struct descriptor *descriptor);

static inline void worker_release_if_done(struct worker *worker, struct descriptor *descriptor)
{
    if (unlikely(descriptor_is_closing(descriptor)))
        worker_release(worker, descriptor);
}

void worker_set_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns);
void worker_fire_deadlines(struct worker *worker);
void worker_drain_cancels(struct worker *worker);

/* An operation without a descriptor that waits for something outside the kernel. */
bool worker_is_waiting(const sn_operation *operation);

#endif
