/**
 * A contender as a process of its own, so that its processor time can be read apart from the
 * load's.
 *
 * It knows nothing of what the process serves.
 */
#ifndef BENCH_ECHO_PROCESS_H
#define BENCH_ECHO_PROCESS_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include "server.h"

struct process {
    pid_t id; /* 0: none */
    clockid_t clock;
    int port;
    char reason[160]; /* why it does not run */
};

/**
 * Starts a contender on one processor and waits until it listens. It dies with this process.
 *
 * @return false, with the reason, if it cannot run
 */
bool process_start(struct process *process, const struct server *server, size_t core);

/** Processor time so far: all threads, and what the kernel did for them. */
uint64_t process_cpu_ns(const struct process *process);

/** Ends the process. @param out_usage  what it has used; NULL: nobody asks */
void process_stop(struct process *process, struct rusage *out_usage);

#endif
