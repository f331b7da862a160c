/* The runs there are: one for each point, errno, occurrence and mode that a scenario can meet. */
#ifndef TESTS_FAULTS_PLAN_H
#define TESTS_FAULTS_PLAN_H

#include "faults/child.h"

/* A scenario on a back-end. */
struct group {
    const struct scenario *scenario;
    sn_engine_backend backend;
    struct expectation expectation;
    struct fault_counts counts; /* the most of some plays without a fault */
    unsigned limit;             /* of descriptors, with which it works */
    unsigned run_count, failed_count, unreached_count, skipped_count;
};

struct planned {
    struct group *group;
    struct fault fault;
};

struct plan {
    struct group *groups;
    struct planned *runs;
    size_t group_count, run_count;
    unsigned skipped_count; /* runs that cannot be made here */
    const char *skip_reason;
};

/* Plays each scenario without a fault and lists what may happen to it. False: one does not even
 * work so; that was said. `scenario` and `backend` NULL: all. `is_quick`: it looks less closely for
 * how much there is. */
bool plan_make(struct plan *plan, const char *scenario, const char *backend, bool is_quick);

void plan_free(struct plan *plan);

/* The command line that makes this run alone. */
void plan_print_line(const struct planned *planned);

const char *backend_name(sn_engine_backend backend);

#endif
