/**
 * What the fuzz targets share. A target is one function that takes any bytes and requires what is
 * true of all of them; "does not crash" is the least of it.
 *
 * The same file is linked with libFuzzer (./dev fuzz), which looks for new inputs by coverage, and
 * with driver.c (the tests, any compiler), which replays the corpus and mutates it.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The target; libFuzzer knows it by this name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is how a finding is told, unless the condition holds. */
#define require(condition)                                                                         \
    ((condition) ? (void)0 : fuzz_require_failed(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_require_failed(const char *condition, const char *file, int line);

/* The bytes in a heap block of exactly their size, so that the sanitizer sees a read past the end;
 * the second one with a NUL behind them. Free it with free(). */
void *fuzz_exact(const void *bytes, size_t size);
char *fuzz_text(const void *bytes, size_t size);

/* A record whose every byte is known: after a failed call it must be as it was. */
#define fuzz_fill(record)         memset(&(record), 0xA5, sizeof(record))
#define fuzz_is_untouched(record) fuzz_is_filled(&(record), sizeof(record))
bool fuzz_is_filled(const void *record, size_t size);

#endif
