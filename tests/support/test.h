/**
 * What every test file starts with: cmocka behind three macros, so that a test reads as a sentence.
 *
 *     TEST(only_ipv6_has_a_scope) { ... assert_int_equal(...); }
 *
 * The main function lists the tests for cmocka; those of tests/conformance use support/run.h.
 *
 * Support code must never know a room's insides; it offers only what many tests need.
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sennit.h>

#include "support/runner.h"

/* The tests after one that failed run in a new process. */
#undef cmocka_run_group_tests
#define cmocka_run_group_tests(tests, begin, end)                                                  \
    cmocka_run_group_tests_name(#tests, tests, begin, end)
#undef cmocka_run_group_tests_name
#define cmocka_run_group_tests_name(name, tests, begin, end)                                       \
    tests_run(name, tests, sizeof(tests) / sizeof(tests)[0], begin, end)

/* A test function. */
#define TEST(name) static void name(void **state __attribute__((unused)))

/* Ends the test as skipped and says why; the runner counts it. */
#define SKIP(...)                                                                                  \
    do {                                                                                           \
        print_message("skipped: " __VA_ARGS__);                                                    \
        print_message("\n");                                                                       \
        test_is_skipped();                                                                         \
        skip();                                                                                    \
    } while (0)

/* An error is compared by name, so that a failure can be read. */
#define assert_error(expected, actual)                                                             \
    assert_string_equal(sn_error_name(expected), sn_error_name(actual))
#define assert_ok(actual) assert_error(SN_OK, actual)

/* Its allocator does not survive a fork while another thread is inside it; the C library's does. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#define HAS_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define HAS_ADDRESS_SANITIZER 0
#endif

#endif
