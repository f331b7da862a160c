/**
 * The three things that bench/wait measures, each by itself.
 */
#ifndef BENCH_WAIT_PARTS_H
#define BENCH_WAIT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * One-byte ping-pong on one processor: a raw blocking call, a blocking call of Sennit, and a
 * receive that is started and waited for. Prints a table, and ratios.
 */
bool ping_measure(size_t round_count, long turn_ms);

/**
 * What it costs a thread to start an operation of an engine whose own thread is awake: processor
 * time of the caller for each start. Prints a table, and values in nanoseconds.
 */
bool start_measure(size_t round_count);

/**
 * User memory for each idle connection with a pending receive: what the library allocated, and the
 * operation. Prints values in bytes. Call it first: it replaces the library's memory functions for
 * good.
 *
 * @param connection_count  fewer are made, and it says so, if descriptors do not suffice
 */
bool memory_measure(size_t connection_count);

#endif
