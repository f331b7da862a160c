/*
 * Counts what the library allocates, and lets an allocation fail. Begin and end enclose code during
 * which no other thread makes its first use of the library.
 */
#ifndef TESTS_SUPPORT_ALLOCATIONS_H
#define TESTS_SUPPORT_ALLOCATIONS_H

#include <stddef.h>

/* Starts counting from zero. */
void allocations_begin(void);
/* Allocations since the start, the refused one included. */
size_t allocations_count(void);
/* Allocated since the start and not released. */
size_t allocations_outstanding(void);
/* Waits until no more than that is outstanding: another thread may hold something for a moment
 * longer than the call that made it. What then stays is for the caller to judge. */
size_t allocations_settle(size_t wanted);
/* The n-th allocation from now on fails, and it alone; 1 is the next, 0 is none. */
void allocations_fail_nth(size_t n);
/* All fail from now on, until one of the others is called. */
void allocations_fail_all(void);
/* Back to calloc and free. */
void allocations_end(void);

#endif
