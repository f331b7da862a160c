/*
 * Runs the tests of a program so that one failure does not spoil the next: what a failed test
 * leaves behind is given up as a whole, and the tests after it run in a new process.
 *
 * A failed assertion jumps out of its test. What the test has made stays: sockets, engines, a
 * thread in a call, a script under the kernel; and operations in a frame that is gone, into which
 * the library would still write when somebody released the rest (decision 0022). So nothing is
 * released: the program is executed again from the test after the failed one. The kernel closes
 * what is left, and the process begins with what it was begun with (signals, limits, environment,
 * folder). Where no test fails there is no second process, and each test releases by hand what it
 * has made.
 */
#ifndef TESTS_SUPPORT_RUNNER_H
#define TESTS_SUPPORT_RUNNER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Gives how many tests failed, those in earlier processes too. `begin` and `end` may be NULL. */
int tests_run(const char *group, const struct CMUnitTest *tests, size_t count,
              CMFixtureFunction begin, CMFixtureFunction end);
/* The test that runs ends as skipped, which spoils nothing. */
void test_is_skipped(void);

#endif
