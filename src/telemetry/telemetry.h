/**
 * telemetry: the counters of what the library does.
 *
 * A counter that all threads share is a cache line that all processors fight for. So there are
 * several copies of all counters, each a cache line of its own; a thread gets one of them at its
 * first count and keeps it, and the reader adds them up. Two threads that have the same copy are
 * rare and stay right, since each count is one relaxed atomic addition. A copy for each thread
 * would save the lock prefix, and would have to be found again and kept when the thread ends.
 *
 * This room must never know a socket or an operation: it is told what to add.
 */
#ifndef TELEMETRY_TELEMETRY_H
#define TELEMETRY_TELEMETRY_H

#include <sennit/metrics.h>

enum metric {
#define X(id, field, name) METRIC_##id,
    SN_METRICS_TABLE(X)
#undef X
        METRIC_COUNT
};

/* Adds to a counter, from any thread. */
void metrics_add(enum metric metric, int64_t amount);

/* A send or a receive has succeeded. */
void metrics_add_sent(size_t bytes, bool is_datagram);
void metrics_add_received(size_t bytes, bool is_datagram);

#endif
