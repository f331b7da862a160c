/**
 * A contender in one scenario: its process, the load on it, and what was measured.
 */
#ifndef BENCH_ECHO_ENTRY_H
#define BENCH_ECHO_ENTRY_H

#include "histogram.h"
#include "load.h"
#include "process.h"
#include "rival.h"
#include "scenario.h"
#include "worker.h"

/* What is measured, once a round. */
enum metric {
    METRIC_CPU,         /* of the server, for one request */
    METRIC_RATE,        /* requests a second */
    METRIC_P50,         /* half of the answers took no longer */
    METRIC_P99,         /* all but one of a hundred took no longer */
    METRIC_MEMORY,      /* for each idle connection */
    METRIC_START,       /* from nothing to the first answer */
    METRIC_START_CPU,   /* processor time of it */
    METRIC_START_CALLS, /* system calls of it */
    METRIC_COUNT
};

/* How a metric is written. */
struct metric_form {
    const char *name;
    const char *unit;
    double scale; /* a value is divided by it */
};
extern const struct metric_form metric_forms[METRIC_COUNT];

/** The metrics of a scenario, from the main one on: `*out_end` is behind the last. */
enum metric metrics_of(enum scenario_way way, enum metric *out_end);

struct entry {
    const struct rival *rival;
    const struct scenario *scenario;
    struct process process;
    struct worker worker;
    bool is_measured; /* every turn so far went well */
    bool is_slow;     /* one turn is enough */
    bool was_started; /* its program ran, at least once */

    double *values[METRIC_COUNT]; /* owned: one a round */
    size_t round_count;
    struct histogram all; /* latencies of all rounds */
    struct rusage usage;  /* of the server's whole life */
};

/* The processors: one serves, another makes the load. */
struct entry_cores {
    size_t server, load;
};

/** Makes room for what will be measured. */
void entry_init(struct entry *entry, const struct rival *rival, const struct scenario *scenario,
                size_t round_max);

/** Starts the server and connects to it. @return false after saying why on standard output */
bool entry_open(struct entry *entry, const struct entry_cores *cores);

/**
 * One turn under load.
 *
 * @param window_ns  how long the counted part is at least
 * @param is_kept    false: a turn to warm up
 * @return false after saying why on standard error; the entry is out of the race
 */
bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept);

/** Starts the server alone. @return false after saying why on standard output */
bool entry_start(struct entry *entry, size_t core, atomic_ulong *calls);

/** Takes the entry out of the race, after saying why on standard error. @return false */
bool entry_fail(struct entry *entry, const char *failure);

/** Ends the server; what was measured stays. */
void entry_close(struct entry *entry);

/** Frees what was measured. */
void entry_deinit(struct entry *entry);

/** Whether there is anything to show. */
bool entry_has_figures(const struct entry *entry);

#endif
