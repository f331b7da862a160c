#include "histogram.h"

/* Times below 32 have a place each. From there on an octave has 32 places: the position of the
 * highest bit tells which octave, the five bits after it which place. */
static unsigned place_of(uint64_t ns)
{
    if (ns < HISTOGRAM_STEPS)
        return (unsigned)ns;
    unsigned shift = 63 - 5 - (unsigned)__builtin_clzll(ns);
    unsigned place = (shift << 5) + (unsigned)(ns >> shift);
    return place < HISTOGRAM_SIZE ? place : HISTOGRAM_SIZE - 1;
}

/* The middle of a place. */
static double time_of(unsigned place)
{
    if (place < 2 * HISTOGRAM_STEPS)
        return place;
    unsigned shift = (place >> 5) - 1;
    uint64_t low = (uint64_t)(place - (shift << 5)) << shift;
    return (double)low + (double)(UINT64_C(1) << shift) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram->counts[place_of(ns)]++;
    histogram->total++;
}

void histogram_move(struct histogram *from, struct histogram *to)
{
    to->total += from->total;
    for (unsigned place = 0; place < HISTOGRAM_SIZE; place++)
        to->counts[place] += from->counts[place];
    *from = (struct histogram){.total = 0};
}

double histogram_percentile_ns(const struct histogram *histogram, double percent)
{
    double wanted = (double)histogram->total * percent / 100;
    uint64_t below = 0;
    for (unsigned place = 0; place < HISTOGRAM_SIZE; place++) {
        below += histogram->counts[place];
        if (below > 0 && (double)below >= wanted)
            return time_of(place);
    }
    return 0;
}
