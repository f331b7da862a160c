/*
 * What the stress tests share: a size and a seed that the environment can set, randomness that
 * repeats, and a check that any thread may make.
 */
#ifndef TESTS_STRESS_STRESS_H
#define TESTS_STRESS_STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sennit.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STRESS_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STRESS_IS_SANITIZED 1
#endif
#endif
#ifndef STRESS_IS_SANITIZED
#define STRESS_IS_SANITIZED 0
#endif

/* cmocka's asserts belong to the main thread; this one ends the program from any. */
#define CHECK(condition) ((condition) ? (void)0 : stress_fail(#condition, __FILE__, __LINE__))
#define CHECK_OK(error)  stress_check_ok((error), #error, __FILE__, __LINE__)

_Noreturn void stress_fail(const char *what, const char *file, int line);
void stress_check_ok(sn_error error, const char *what, const char *file, int line);

/* SENNIT_STRESS_OPERATIONS, or one of the two sizes. */
uint64_t stress_size(uint64_t usual, uint64_t sanitized);

/* Prints the seed; SENNIT_STRESS_SEED sets it. */
void stress_begin(const char *name);

struct randomness {
    uint64_t state;
};

/* Another one for each number, all from the seed of the run. */
struct randomness randomness_of(uint64_t number);
uint32_t random_below(struct randomness *randomness, uint32_t limit);
/* Once in n times. */
bool random_once_in(struct randomness *randomness, uint32_t n);

/* An engine with this many threads on the back-end that SENNIT_ENGINE names. */
sn_engine *stress_engine(int threads);
/* Ends the test as skipped where SENNIT_ENGINE names a back-end that does not work here. */
void stress_skip_without_engine(void);

#endif
