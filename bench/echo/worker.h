/**
 * The load on one contender, in a process of its own: so each contender has as many descriptors as
 * a process may have, and what one load has in its caches and heap is nothing to the next.
 *
 * It works when it is told to, and sleeps the rest of the time; only one works at a time.
 */
#ifndef BENCH_ECHO_WORKER_H
#define BENCH_ECHO_WORKER_H

#include "histogram.h"
#include "load.h"
#include "process.h"

/* What a turn has brought; in memory that both processes share. */
struct turn {
    bool is_ok;
    char failure[96]; /* what went wrong */
    uint64_t cpu_ns;  /* of the server, in the window */
    uint64_t elapsed_ns;
    uint64_t completed;         /* answers in the window */
    struct histogram latencies; /* of the window */
};

struct worker {
    pid_t id; /* 0: none */
    int orders, replies;
    struct turn *turn; /* owned, shared */
};

/**
 * Starts the process and connects to the server.
 *
 * @param core  the processor that it is kept on
 * @return false, with the failure in the turn if there is one
 */
bool worker_start(struct worker *worker, const struct process *server, const struct load_plan *plan,
                  size_t core);

/**
 * One turn: all connections are put to work, some time passes until they go steadily, then the
 * server's processor time and the answers are counted; at the end all of them come to rest.
 *
 * @return false, with the failure in the turn
 */
bool worker_turn(struct worker *worker, uint64_t window_ns);

/** Ends the process; accepts one that was never started. */
void worker_stop(struct worker *worker);

#endif
