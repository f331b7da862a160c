/**
 * Counts times by size, in steps of about 3 per cent, so that percentiles of millions of them need
 * neither memory nor sorting.
 */
#ifndef BENCH_ECHO_HISTOGRAM_H
#define BENCH_ECHO_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 32, HISTOGRAM_SIZE = 40 * HISTOGRAM_STEPS };

struct histogram {
    uint64_t total;
    uint64_t counts[HISTOGRAM_SIZE];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/** Adds the counts of one to another, and empties it. */
void histogram_move(struct histogram *from, struct histogram *to);

/** The time below which `percent` of the times lie; 0 if there are none. */
double histogram_percentile_ns(const struct histogram *histogram, double percent);

#endif
