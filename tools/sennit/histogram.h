/**
 * Times counted by size: eight steps for each doubling, so that any of them is known to an eighth,
 * and all of them take a few KiB. It knows nothing of what took the time.
 */
#ifndef TOOLS_SENNIT_HISTOGRAM_H
#define TOOLS_SENNIT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_STEPS = 8, HISTOGRAM_SIZE = 60 * HISTOGRAM_STEPS };

struct histogram {
    uint64_t counts[HISTOGRAM_SIZE];
    uint64_t total;
    int64_t shortest_ns, longest_ns;
};

void histogram_add(struct histogram *histogram, int64_t span_ns);

/** Adds what another one has counted. */
void histogram_join(struct histogram *histogram, const struct histogram *other);

/** Where a step begins; the next one begins where it ends. */
int64_t histogram_step_ns(size_t step);

/** The time that so many of 1000 were not above, to the end of its step. */
int64_t histogram_per_mille(const struct histogram *histogram, unsigned per_mille);

enum { HISTOGRAM_TIME_TEXT = 16 };

/** "12.3 us": three digits and a unit. */
void histogram_format(int64_t span_ns, char out_text[HISTOGRAM_TIME_TEXT]);

/** Prints it as bars, as wide as the terminal is. */
void histogram_draw(const struct histogram *histogram);

#endif
