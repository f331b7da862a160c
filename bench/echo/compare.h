/**
 * The comparison: all contenders are alive at once, and the load goes round them in short windows,
 * in random order and of random length, so that what disturbs one disturbs its neighbours too. What
 * counts are the ratios within a round.
 */
#ifndef BENCH_ECHO_COMPARE_H
#define BENCH_ECHO_COMPARE_H

#include "entry.h"

enum { PLAN_MAX = 40 };

/* What to compare. */
struct plan {
    struct scenario scenarios[PLAN_MAX];
    size_t scenario_count;
    size_t round_count;
    const struct rival *named[RIVALS_MAX]; /* the contenders, if any are named */
    size_t named_count;
    bool is_quick;
    uint64_t time_max_ns; /* for everything; 0: no limit */
};

/* All contenders in one scenario. */
struct comparison {
    const struct scenario *scenario;
    struct entry entries[RIVALS_MAX];
    size_t count;
};

/** Compares and prints. @return false if a contender failed in a turn, or nothing was measured */
bool compare_run(const struct plan *plan);

#endif
