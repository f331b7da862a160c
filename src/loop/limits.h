/**
 * The deadlines of a worker's operations: the earliest is at hand, any can go.
 *
 * Most time limits of a program are equal: 30 seconds for each receive, say. Set one after the
 * other on one thread they end in the order they were set, so those of one length stand in a queue,
 * where setting and removing one costs a few instructions, however many there are. The queue's
 * first is in a heap, beside the queues of other lengths, deadlines that were set on other threads,
 * and lengths beyond the first few. (With 50 operations in the heap alone, as a server that answers
 * them in any order has them: 160 instructions instead of 30 for each.)
 *
 * In a forked child all this is the parent's, like the worker itself.
 */
#ifndef LOOP_LIMITS_H
#define LOOP_LIMITS_H

#include "operation/operation.h"

#define LIMIT_QUEUES 4

/* In record.deadline.place: it is in a queue, and not in the heap itself. */
#define LIMIT_QUEUED UINT32_MAX

struct limit_queue {
    /* In the heap while there is somebody in the queue; its key is that of the first, or of one
     * that was first and has gone: then the worker wakes once for nothing, and looks again. */
    struct heap_node node;
    struct list waiting; /* by operation_limit_link(), in the order of their deadlines */
    sn_milliseconds span_ms;
};

struct limits {
    struct heap heap;
    struct limit_queue queues[LIMIT_QUEUES];
};

bool limits_init(struct limits *limits); /* false: no memory */
void limits_deinit(struct limits *limits);

/* The operation ends at `at_ns`. False: there is no memory for it. */
bool limits_set(struct limits *limits, sn_operation *operation, int64_t at_ns);
/* The same where `at_ns` is `span_ms` from now, and this thread alone says so. */
bool limits_set_span(struct limits *limits, sn_operation *operation, sn_milliseconds span_ms,
                     int64_t at_ns);
/* Harmless if it has none. */
void limits_remove(struct limits *limits, sn_operation *operation);

/* When to look again; SYS_NEVER: there is none. */
int64_t limits_next(const struct limits *limits);
/* Removes one whose deadline is `now_ns` or earlier; NULL: there is none. */
sn_operation *limits_take(struct limits *limits, int64_t now_ns);

#endif
