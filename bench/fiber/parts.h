/**
 * The two things that bench/fiber measures, each by itself.
 */
#ifndef BENCH_FIBER_PARTS_H
#define BENCH_FIBER_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A switch there and back, by sn_fiber_yield(), and a fiber's start and end, with a stack from the
 * pool, beside those of a thread. Prints values in nanoseconds of processor time.
 *
 * @param turn_size  how many of each in a row
 */
bool life_measure(size_t round_count, size_t turn_size);

/**
 * What fibers that wait take of user memory: what the library allocated, and the pages that were
 * touched beside it, which are those of their stacks. As many as there may be descriptors, but not
 * more than one in five, wait at the ends of connections; the others for a time that does not end.
 * Prints values in bytes. Call it first: it replaces the library's memory functions for good.
 */
bool memory_measure(size_t fiber_count);

#endif
