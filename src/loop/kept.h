/**
 * A kept operation: a receive without a callback that found nothing yet, and that no worker has.
 *
 * Most operations without a callback are waited for by the thread that has started them. Handed to
 * a worker, such a one costs two switches of threads and several system calls; a thread that waits
 * can as well make the attempts itself. So a start keeps it:
 *
 *     engine/start.c --kept_put()--> kept --a thread waits--> carried --> completed
 *                                      |                         | its wait has a limit that passes
 *                                      |                         v
 *                                      |                        kept
 *                                      v somebody needs a worker for it
 *                                   handed over, like any other
 *
 * A worker is needed by who asks whether it has completed, waits for any of several, or starts
 * something behind it. Whoever sets OPERATION_CARRIED has it for himself: he completes it, hands it
 * over, or puts it back. All others find it through its descriptor, under the guard, and either
 * claim it too or leave a reason for its carrier (`kept_end`).
 *
 * Only receives: a send that found no room is owed to the peer, whether or not somebody waits.
 */
#ifndef LOOP_KEPT_H
#define LOOP_KEPT_H

#include "operation/operation.h"

struct worker;

/* On the starting thread: false when it must be handed over instead (somebody is in the lane, the
 * descriptor is closing, a driven engine's program runs that instead of waiting). */
bool kept_put(struct descriptor *descriptor, sn_operation *operation);

/* A kept one that nobody carries goes to the descriptor's worker. */
void kept_bring(struct descriptor *descriptor);
/* Ends it with `reason`, an enum outcome, here or by who carries it. The caller has a reference to
 * the descriptor. */
void kept_end(struct descriptor *descriptor, int32_t reason);
/* Its handle names another file: who carries it looks at that. Under the guard. */
void kept_renew_held(struct descriptor *descriptor);

enum kept_cancel {
    KEPT_TOLD,    /* who carries it ends it */
    KEPT_CLAIMED, /* the caller is to end it */
    KEPT_GONE,    /* it is not kept any more */
};
/* Of an operation that cannot complete meanwhile, see cancel.c. */
enum kept_cancel kept_cancel(sn_operation *operation);

/* --- By who has claimed it -------------------------------------------------------------------- */

/* It is no longer kept. Returns the reason that was left for him, or 0. */
int32_t kept_leave(struct descriptor *descriptor, sn_operation *operation);
/* The same under the guard. */
int32_t kept_leave_held(struct descriptor *descriptor, sn_operation *operation);
/* False when it must be handed over: somebody else waits for it, or something is behind it. */
bool kept_put_back(struct descriptor *descriptor, sn_operation *operation);
/* Into the inbox of the descriptor's worker. Returns 0, or the reason why not: then it has left. */
int32_t kept_push(struct descriptor *descriptor, sn_operation *operation);

#endif
