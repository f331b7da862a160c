/**
 * The readiness layer: what every back-end does that only reports when a descriptor can be used
 * (epoll today; kqueue, poll). Attempt, remember what the kernel said, wait for an edge, attempt
 * again.
 *
 * The bits of descriptor->ready are a memory of edges: set when one is reported, cleared when an
 * attempt would block or has taken less than it asked for, which says the same without another
 * system call.
 */
#ifndef BACKENDS_READINESS_H
#define BACKENDS_READINESS_H

#include <errno.h>

#include "backends/backend.h"
#include "operation/operation.h"

/* True with the result, or false when it has to wait for an edge. */
bool readiness_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result);
/* The same for a fast one: its result, or SUBMITTED when it has to wait. */
static HOT int64_t readiness_attempt_fast(struct descriptor *descriptor, sn_operation *operation,
                                          enum direction direction);

/* A connect has succeeded: looks anew. */
void readiness_connected(struct descriptor *descriptor);

/* --- Here for the data path ------------------------------------------------------------------ */

static HOT int64_t readiness_attempt_fast(struct descriptor *descriptor, sn_operation *operation,
                                          enum direction direction)
{
    uint8_t bit = (uint8_t)(1 << direction);
    if (!(descriptor->ready & (bit | READY_ENDED)))
        return SUBMITTED;
    int64_t result =
        operation_attempt_fast(operation, atomic_load_relaxed(&descriptor->handle), direction);
    if (unlikely(result < 0)) {
        if (result != -EAGAIN)
            return result;
        descriptor->ready &= (uint8_t)~bit;
        return SUBMITTED;
    }
    /* A short count on a stream: the kernel's buffer is empty, or full. A Unix socket also stops
     * where what was sent with one message ends. Both are asked for, since most sends are whole:
     * what was wanted, and what one call can take of it. */
    if ((size_t)result < record_of(operation)->buffer.size && (size_t)result < ATTEMPT_SIZE_MAX &&
        (direction == DIRECTION_OUT ||
         (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP)))
        descriptor->ready &= (uint8_t)~bit;
    return result;
}

#endif
