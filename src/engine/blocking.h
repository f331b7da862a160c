/**
 * Carries an operation out on the calling thread: attempt, wait, attempt again, until it is done,
 * the time is over, or somebody closes or cancels the descriptor.
 */
#ifndef ENGINE_BLOCKING_H
#define ENGINE_BLOCKING_H

#include "operation/operation.h"

/* The timeout of a call that must not wait at all. */
#define BLOCKING_NEVER (-1)

/*
 * The caller has a reference to the descriptor. `timeout_ms` is BLOCKING_NEVER, 0 (no limit) or a
 * span. When asynchronous operations are pending in its direction it queues behind them and waits.
 *
 * True: the outcome is in record_of(operation)->native_result (what operation_attempt() returns, or
 * an enum outcome) and the bytes in operation->transferred. False: the finish step has been
 * done already, by a worker.
 */
bool operation_run_blocking(sn_operation *operation, struct descriptor *descriptor,
                            enum direction direction, int32_t timeout_ms);

/*
 * The same for a receive of a stream socket into one buffer, which needs no operation as long as
 * none is pending in its direction. Returns bytes, -errno or an enum outcome.
 */
int64_t blocking_receive(struct descriptor *descriptor, void *data, size_t size,
                         int32_t timeout_ms);

/*
 * The same for an operation of which the calling thread has made the first attempt already, with
 * `result`, while nothing was pending in its direction; for a stream's send it has the send lock.
 * `cancels` is descriptor->cancels from before that attempt.
 */
void operation_run_blocking_on(sn_operation *operation, struct descriptor *descriptor,
                               int32_t timeout_ms, uint32_t cancels, int64_t result);

/*
 * The same for the kept operation of the descriptor, which the calling thread has claimed: until
 * it is done, or `kept_end` says why it must end. OUTCOME_TIMED_OUT: the deadline has passed.
 */
int64_t operation_carry(sn_operation *operation, struct descriptor *descriptor,
                        int64_t deadline_ns);

/* Whether an operation that a worker finishes belongs to a blocking call. */
bool operation_is_blocking(const sn_operation *operation);

#endif
