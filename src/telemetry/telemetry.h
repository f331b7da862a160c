/**
 * telemetry: the counters of what the library does, and its trace points (trace.h).
 *
 * A counter that all threads share is a cache line that all processors fight for. So there are many
 * copies of all counters, each a cache line of its own, and the reader adds them up:
 *
 *   - a thread of an engine writes the copy of its worker, which nobody else writes meanwhile;
 *   - the first threads of the process that count anything get a copy each, for good;
 *   - all later threads share some more.
 *
 * Where one thread alone writes, a count is a load, an addition and a store. Only in a shared copy
 * is it an atomic addition, which waits for every store before it (measured with such stores: 6 ns
 * instead of 4). A copy for each thread would have to be allocated at its first count, in the
 * middle of a send, and found again when the thread ends.
 *
 * This room must never know a socket, an operation or an engine: it is told what to add, and whose
 * counters a thread writes.
 */
#ifndef TELEMETRY_TELEMETRY_H
#define TELEMETRY_TELEMETRY_H

#include <sennit/metrics.h>

#include "base/base.h"
#include "telemetry/trace.h"

enum metric {
#define X(id, field, name) METRIC_##id,
    SN_METRICS_TABLE(X)
#undef X
        METRIC_COUNT
};

struct metrics_counters {
    int64_t values[METRIC_COUNT]; /* atomic, so that they can be read meanwhile */
};

/* Counters of somebody who is also asked alone, such as a worker. */
struct metrics_source {
    struct metrics_counters counters; /* written by the thread that uses it, see metrics_use() */
    struct list link;                 /* among all sources */
};

/* From now on it is part of what the process has done; also after its end. */
void metrics_source_init(struct metrics_source *source);
void metrics_source_deinit(struct metrics_source *source);

/* What this thread counts goes to the source from now on, or again to where it went first (NULL).
 * No other thread may use the source meanwhile. */
void metrics_use(struct metrics_source *source);

/* By the thread that uses it. */
static inline void metrics_source_add(struct metrics_source *source, enum metric metric,
                                      int64_t amount)
{
    int64_t *value = &source->counters.values[metric];
    atomic_store_relaxed(value, atomic_load_relaxed(value) + amount);
}

/* Adds to a counter, from any thread. */
void metrics_add(enum metric metric, int64_t amount);

/* A send or a receive has succeeded. */
void metrics_add_sent(size_t bytes, bool is_datagram);
void metrics_add_received(size_t bytes, bool is_datagram);

/* A connect begins (1) or ends (-1), on whatever thread. It must end where it began: at a source,
 * or at none (NULL). The one counter of a source that others than its thread may write. */
void metrics_add_attempt(struct metrics_source *source, int64_t amount);

/* In a forked child: the connects that were on their way are the parent's. */
void metrics_forget_attempts(void);

/* Adds what the source has counted. */
void metrics_add_up(const struct metrics_source *source, sn_metrics *metrics);
/* Into a record of the program, which knows only so many bytes of it, or more. */
void metrics_hand_out(const sn_metrics *metrics, sn_metrics *out_metrics, size_t size);

#endif
