/**
 * Counts the system calls of a program and of all its threads.
 */
#ifndef BENCH_ECHO_TRACE_H
#define BENCH_ECHO_TRACE_H

#include <stdatomic.h>

/**
 * Runs a program below this process, which does nothing else until it has ended; it dies with this
 * process.
 *
 * @param words   its command line
 * @param become  turns the process that calls it into the program
 * @param calls   in shared memory; the execve() that begins it is not counted
 */
void trace_run(char *const *words, void (*become)(char *const *words), atomic_ulong *calls);

#endif
