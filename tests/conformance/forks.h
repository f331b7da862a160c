/*
 * How the thread sanitizer takes the forks of these tests.
 */
#ifndef TESTS_CONFORMANCE_FORKS_H
#define TESTS_CONFORMANCE_FORKS_H

#include "support/async.h"

const char *__tsan_default_options(void) __attribute__((visibility("default")));
const char *__tsan_default_options(void)
{
    return "die_after_fork=0"; /* children start threads */
}

#endif
