/**
 * The readiness layer: what every back-end does that only reports when a descriptor can be used
 * (epoll today; kqueue, poll). Attempt, remember what the kernel said, wait for an edge, attempt
 * again.
 *
 * The bits of descriptor->ready are a memory of edges: set when one is reported, cleared when an
 * attempt would block or has taken less than it asked for, which says the same without another
 * system call.
 */
#ifndef ENGINE_BACKENDS_READINESS_H
#define ENGINE_BACKENDS_READINESS_H

#include "engine/backend.h"

/* Once the end of the stream or an error was reported no further edge may come: always attempt. */
#define READY_ENDED 0x80

/* Whether an attempt of an operation on a stream or a datagram would be in vain for now. */
static inline bool readiness_must_wait(const struct descriptor *descriptor,
                                       const sn_operation *operation)
{
    uint8_t bit = (uint8_t)(1 << operation->internal.direction);
    return !(descriptor->ready & (bit | READY_ENDED)) && operation->internal.native_flags == 0;
}

/* True with the result, or false when it has to wait for an edge. */
bool readiness_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result);

/* Edges were reported: attempts what waits for them, and settles what is done. */
void readiness_report(struct worker *worker, struct descriptor *descriptor, uint8_t ready);

/* A connect has succeeded: looks anew. */
void readiness_connected(struct descriptor *descriptor);

#endif
