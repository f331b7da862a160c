/**
 * The comparison: all contenders are alive at once, and the load goes round them in short windows,
 * in random order and of random length, so that what disturbs one disturbs its neighbours too. What
 * counts are the ratios within a round.
 */
#ifndef BENCH_ECHO_COMPARE_H
#define BENCH_ECHO_COMPARE_H

#include "entry.h"

enum { SIZES_MAX = 8 };

/* What to compare. */
struct plan {
    size_t sizes[SIZES_MAX]; /* numbers of connections */
    size_t size_count;
    size_t round_count;
    bool chosen[SERVER_COUNT];
    uint64_t time_max_ns; /* for everything; 0: no limit */
};

/* All contenders at one number of connections. */
struct comparison {
    size_t connection_count;
    struct entry entries[SERVER_COUNT];
    size_t count;
};

/** Compares and prints. @return false if a contender failed in a turn, or nothing was measured */
bool compare_run(const struct plan *plan);

#endif
