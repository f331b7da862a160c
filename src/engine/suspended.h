/**
 * A blocking call of a flow (descriptor/flow.h): its asynchronous form, on the flow's own worker,
 * for which the flow steps aside until the operation's callback.
 *
 * So its answers are those of operations, and a time limit, a cancel, a close and the end of the
 * engine need nothing of their own here; the finish step asks whose the operation is
 * (operation_is_blocking). A descriptor of another worker works too: its callback wakes the flow.
 */
#ifndef ENGINE_SUSPENDED_H
#define ENGINE_SUSPENDED_H

#include "descriptor/descriptor.h"
#include "error/error.h"
#include "operation/operation.h"

struct fast_message;

/* As operation_run_blocking(), for a call of the flow that runs, and that may wait. The finish step
 * has been done when it returns. */
void suspended_run(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                   enum direction direction, int32_t timeout_ms);
/* The same for a stream's send of which the flow has made the first attempt, with `result`, under
 * the send lock, which it gives away. */
void suspended_run_rest(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                        int32_t timeout_ms, uint32_t cancels, int64_t result);
/*
 * One buffer of a stream that fast_fits(), where the descriptor is the flow's worker's, or nobody's
 * yet. The record need not be clear. False: it does not fit this way after all, and nothing has
 * happened.
 */
bool suspended_transfer(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                        void *data, size_t size, enum direction direction, int32_t timeout_ms);

/* The same for a receive of one datagram. */
bool suspended_message(struct flow *flow, sn_operation *operation, struct descriptor *descriptor,
                       void *data, size_t size, const struct fast_message *message,
                       int32_t timeout_ms);

/* What the call says that has come to its end so. */
static inline sn_error suspended_error(const sn_operation *operation)
{
    if (unlikely(operation->error))
        error_set_last_native(operation->native_error);
    return operation->error;
}

/* The callback of such an operation. */
void suspended_completed(sn_operation *operation);

#endif
