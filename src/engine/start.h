/**
 * Starting an asynchronous operation: from the caller's thread into the worker's hands.
 */
#ifndef ENGINE_START_H
#define ENGINE_START_H

#include <sennit/engine.h>

#include "loop/loop.h"

/*
 * Starts a prepared operation of a descriptor. The caller hands its reference over. With
 * `completed` NULL and nobody before it in its direction, the first attempt is made right here, and
 * the operation may be complete when this returns.
 */
void operation_start(struct descriptor *descriptor, sn_operation *operation,
                     enum direction direction);
/* The same for one whose start has been traced. */
void operation_start_untraced(struct descriptor *descriptor, sn_operation *operation,
                              enum direction direction);
/* The same for a stream's send of which the calling thread has made the first attempt, with
 * `result`, under the send lock, which goes with the operation. */
void operation_start_rest(struct descriptor *descriptor, sn_operation *operation, int64_t result);
/* The same without an attempt here: it queues behind what is pending on the descriptor's worker, to
 * which the caller has a reference. */
void operation_start_behind(struct worker *worker, struct descriptor *descriptor,
                            sn_operation *operation, enum direction direction);

/* Its last steps, on the calling thread, for one that no worker has and nobody is to be called for.
 */
void operation_conclude_here(struct descriptor *descriptor, sn_operation *operation,
                             int64_t result);

/*
 * Completes an operation that cannot start: `operation->error` and `native_error` are set. The
 * callback runs on the worker of the descriptor, which may be closed; without one (or with NULL) on
 * the default engine's. Nothing is needed for that which could be short.
 */
void operation_refuse(struct descriptor *descriptor, sn_operation *operation);

/* Starts an operation that has no descriptor on a worker of the engine (NULL: the default one). */
void operation_start_detached(sn_engine *engine, sn_operation *operation);
/* The same on this very worker, to which the caller has a reference. */
void operation_start_detached_on(struct worker *worker, sn_operation *operation);

#endif
