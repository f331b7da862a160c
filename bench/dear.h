/**
 * System calls that cost more, as they do in a guest, in a container with a filter, or with
 * mitigations that this machine does not need.
 */
#ifndef BENCH_DEAR_H
#define BENCH_DEAR_H

#include <stdbool.h>

/**
 * From now on each system call of this thread, and of those that it starts, passes a filter that
 * allows everything and takes its time. There is no way back.
 *
 * @return false where there are no filters
 */
bool make_calls_dear(void);

#endif
