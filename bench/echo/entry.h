/**
 * A contender at one number of connections: its process, the load on it, and what was measured.
 */
#ifndef BENCH_ECHO_ENTRY_H
#define BENCH_ECHO_ENTRY_H

#include "histogram.h"
#include "load.h"
#include "process.h"
#include "server.h"

struct entry {
    const struct server *server;
    struct process process;
    struct load load;
    size_t group;     /* entries of one group were alive together */
    bool is_measured; /* every turn so far went well */

    /* One of each a round; owned. */
    double *cpu_ns; /* of the server, for one request */
    double *rates;  /* requests/s */
    size_t round_count;

    struct histogram latencies; /* of all rounds */
    struct rusage usage;        /* of the server's whole life */
};

/** Starts the server and connects to it. @return false after saying why on standard output */
bool entry_open(struct entry *entry, size_t connection_count, size_t round_max, size_t core);

/**
 * One turn: all connections are put to work, some time passes until they go steadily, then the
 * server's processor time and the answers are counted; at the end all of them come to rest.
 *
 * @param window_ns  how long the counted part is
 * @param is_kept    false: a turn to warm up
 * @return false after saying why on standard error; the entry is out of the race
 */
bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept);

/** Ends the server; what was measured stays. */
void entry_close(struct entry *entry);

/** Frees what was measured. */
void entry_deinit(struct entry *entry);

#endif
