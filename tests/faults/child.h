/*
 * One run: a process that plays a scenario with a fault, judges it, plays it again without, and
 * looks whether anything was left.
 */
#ifndef TESTS_FAULTS_CHILD_H
#define TESTS_FAULTS_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "faults/faults.h"
#include "faults/scenario.h"

/* What there is in a process after a scenario was played. */
struct inventory {
    size_t descriptors, memory, threads;
};

struct run {
    const struct scenario *scenario;
    sn_engine_backend backend;
    struct fault fault;
    unsigned number;
};

enum verdict {
    VERDICT_NONE, /* the process has ended before it said anything */
    VERDICT_PASSED,
    VERDICT_NOT_REACHED, /* the fault did not strike: fewer calls than in the first play */
    VERDICT_FAILED,
};

/* In memory that is shared with the parent. */
struct report {
    enum verdict verdict;
    const char *step; /* what was under way; static text, so it is the same in both processes */
    char text[240];
    sn_error error; /* what the first failing step gave */
    struct fault_counts counts;
    struct inventory inventory;
};

/* What may be left at the end: the first, or the second where the default engine has become another
 * than the one that was asked for. */
struct expectation {
    struct inventory allowed[2];
    size_t count; /* 0: nothing is known yet, and is to be found out */
};

/* Does not return. The watchdog ends the process by SIGALRM after so many seconds (0: none). */
_Noreturn void child_run(const struct run *run, const struct expectation *expectation,
                         struct report *report, const char *folder, unsigned watchdog_s);

void child_note_step(const char *what);
/* Says why the run has failed, and ends the process. */
_Noreturn void child_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* In a child of the child: its own watchdog. */
void child_watch_again(void);

/* Whether the first failing step may give this error for the fault: judge.c. */
bool judge_allows(const struct fault *fault, const char *step, sn_error error);

#endif
