/**
 * Measuring contenders against each other on a machine that is never quiet.
 *
 * The speed of a machine drifts by a fifth within a minute, so two runs made one after the other
 * cannot be compared. Therefore all contenders are alive at once and take short turns; a round
 * gives each one turn, in random order; ratios are taken round by round, and their median is the
 * result.
 *
 * It knows nothing of sockets: a contender is a function that takes a turn and returns its rate.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One contender. */
struct contender {
    const char *name;
    double (*turn)(void *context); /* runs for one turn; what was done per second, or < 0: failed */
    void *context;                 /* borrowed */
    double *rates;                 /* owned by measure_run(): one a round */
};

/* What to measure. */
struct measurement {
    const char *title;            /* such as "ping_pong" */
    const char *unit;             /* such as "round trips/s" */
    double scale;                 /* a rate is divided by it before it is printed */
    struct contender *contenders; /* the first one is the reference */
    size_t count;
    size_t round_count;
};

/**
 * Runs all rounds and prints a table: the median rate, the 10th and 90th percentile, and the median
 * of the paired ratios to the reference. One more turn of each comes first and is thrown away.
 *
 * @return false if a turn failed
 */
bool measure_run(struct measurement *measurement);

/** Prints a line "ratio title/name:reference 0.97" for each but the reference, and frees the rates.
 */
void measure_finish(struct measurement *measurement);

/** Nanoseconds on a clock that never jumps. */
uint64_t measure_clock_ns(void);

/** The i-th processor that this process may use, or the last one if there are fewer. */
size_t measure_core(size_t index);

/** Keeps the calling thread on one processor. @return false if the system refuses */
bool measure_pin(size_t core);

/** How long a system call takes that does nothing. */
double measure_null_call_ns(void);

/** The value below which `percent` of the numbers lie; sorts them. */
double measure_percentile(double *numbers, size_t count, double percent);

/** The median of a[i] / b[i]. */
double measure_paired_ratio(const double *a, const double *b, size_t count);

#endif
