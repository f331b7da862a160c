/* Runs as processes of their own, some at a time. */
#ifndef TESTS_FAULTS_RUNNER_H
#define TESTS_FAULTS_RUNNER_H

#include "faults/plan.h"

struct runner_options {
    unsigned jobs;       /* processes at once */
    unsigned watchdog_s; /* after which a run counts as one that hangs */
    unsigned seconds;    /* no run begins later; 0: no limit */
};

/* Before anything else; makes the folder for sockets and files. */
void runner_begin(const struct runner_options *options);
void runner_end(void);

/* Whether it passed. The report's text says why not. */
bool runner_run_one(const struct run *run, const struct expectation *expectation,
                    struct report *out_report);
/* In this process and without a watchdog, for a debugger. */
_Noreturn void runner_run_here(const struct run *run, const struct expectation *expectation);

/* All of them, in this order; prints what fails. @return how many were made */
size_t runner_run_all(struct planned *const *runs, size_t count);

#endif
