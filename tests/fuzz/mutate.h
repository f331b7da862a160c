/**
 * New inputs out of old ones. The same seed, number and corpus give the same bytes, on every
 * machine, so that a finding is told by two numbers.
 */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include "corpus.h"

enum { INPUT_SIZE_MAX = 512 };

/* One input of the corpus, changed in one to eight places; returns its size. */
size_t mutate(const struct corpus *corpus, uint64_t seed, uint64_t number,
              uint8_t out_data[INPUT_SIZE_MAX]);

#endif
