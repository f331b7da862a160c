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

#include "backends/backend.h"
#include "operation/operation.h"

/* True with the result, or false when it has to wait for an edge. */
bool readiness_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result);
/* A connect has succeeded: looks anew. */
void readiness_connected(struct descriptor *descriptor);

#endif
