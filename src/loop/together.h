/**
 * Operations of a stream that wait one behind the other move their bytes in one call. What it has
 * moved is counted to them in their order; datagrams come one to each. See decisions 0025, 0030.
 */
#ifndef LOOP_TOGETHER_H
#define LOOP_TOGETHER_H

#include "loop/inside.h"

static inline bool queue_has_several(const struct operation_queue *queue)
{
    return queue->last && queue->last != queue_first(queue);
}

/* 0: all that were in the call are done. SUBMITTED: the first is to be submitted alone: it is the
 * only one that could go, or the kernel has moved less. Else the error that the kernel has told,
 * which is the first one's. */
int64_t together_move(struct worker *worker, struct descriptor *descriptor,
                      enum direction direction);

/* The same of datagrams, inward: together_move() does it. */
int64_t together_receive_datagrams(struct worker *worker, struct descriptor *descriptor);

#endif
