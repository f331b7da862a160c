/*
 * Runs the tests as in a container that forbids io_uring.
 */
#ifndef TESTS_SUPPORT_FORBID_H
#define TESTS_SUPPORT_FORBID_H

#include <stdbool.h>
#include <stddef.h>

/* Whether SENNIT_TEST_FORBID asks for it. */
bool io_uring_is_forbidden(void);
/* From now on, for this thread and those it makes. False: the kernel has no seccomp filters. */
bool io_uring_forbid(void);

#endif
