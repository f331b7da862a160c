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
    struct load load;
    size_t group;     /* entries of one group were alive together */
    bool is_measured; /* every turn so far went well */
    bool was_started; /* its program ran, at least once */

    double *values[METRIC_COUNT]; /* owned: one a round */
    size_t round_count;
    struct histogram latencies; /* of a round */
    struct histogram all;       /* of all rounds */
    struct rusage usage;        /* of the server's whole life */
};

/** Makes room for what will be measured. */
void entry_init(struct entry *entry, const struct rival *rival, const struct scenario *scenario,
                size_t round_max);

/** Starts the server and connects to it. @return false after saying why on standard output */
bool entry_open(struct entry *entry, const struct load_plan *plan, size_t core);

/**
 * One turn: all connections are put to work, some time passes until they go steadily, then the
 * server's processor time and the answers are counted; at the end all of them come to rest.
 *
 * @param window_ns  how long the counted part is
 * @param is_kept    false: a turn to warm up
 * @return false after saying why on standard error; the entry is out of the race
 */
bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept);

/** Starts the server alone. @return false after saying why on standard output */
bool entry_start(struct entry *entry, size_t core, atomic_ulong *calls);

/** Takes the entry out of the race, after saying why on standard error. @return false */
bool entry_fail(struct entry *entry);

/** Ends the server; what was measured stays. */
void entry_close(struct entry *entry);

/** Frees what was measured. */
void entry_deinit(struct entry *entry);

/** Whether there is anything to show. */
bool entry_has_figures(const struct entry *entry);

#endif
