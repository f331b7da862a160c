/**
 * A contender as a process of its own, so that its processor time can be read apart from the
 * load's.
 *
 * It knows nothing of what the process serves.
 */
#ifndef BENCH_ECHO_PROCESS_H
#define BENCH_ECHO_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

struct process {
    pid_t id; /* 0: none */
    clockid_t clock;
    int port;
    char version[64]; /* of what it is made with */
    char reason[160]; /* why it does not run */
};

/* How a process is started. */
struct process_start {
    char *const *words;  /* the command line, ended by NULL */
    size_t core;         /* the processor that it is kept on */
    atomic_ulong *calls; /* in shared memory: counts its system calls; NULL: nobody asks */
};

/**
 * Starts a contender and waits until it listens. It dies with this process.
 *
 * @return false, with the reason, if it cannot run
 */
bool process_start(struct process *process, const struct process_start *start);

/** Processor time so far: all threads, and what the kernel did for them. */
uint64_t process_cpu_ns(const struct process *process);

/** Bytes of memory that are the process's own and no file's; 0: not known. */
size_t process_memory(const struct process *process);

/** Whether it has ended by itself. @param out_text  how, in words */
bool process_has_died(const struct process *process, char *out_text, size_t size);

/** Ends the process. @param out_usage  what it has used; NULL: nobody asks */
void process_stop(struct process *process, struct rusage *out_usage);

#endif
