/** The parts of `sennit bench`: what is measured, and the load that it is measured with. */
#ifndef TOOLS_SENNIT_BENCH_H
#define TOOLS_SENNIT_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "target.h"
#include "way.h"

struct bench_choices {
    const char *endpoint; /* NULL: a server of this program's own */
    struct way way;
    long duration_ms, size, connections;
    bool only_latency, only_throughput, is_json;
};

struct bench_latency {
    struct histogram times;
    uint64_t lost; /* datagrams that did not come back */
    double seconds;
};

struct bench_throughput {
    uint64_t bytes; /* that came back */
    double seconds;
};

/* Each opens its connections, has them work for the time, and gives EXIT_DONE, or EXIT_FAILED after
 * a report. */
int bench_measure_latency(const struct bench_choices *choices, const struct target *target,
                          struct bench_latency *out_latency);
int bench_measure_throughput(const struct bench_choices *choices, const struct target *target,
                             struct bench_throughput *out_throughput);

/* What came of it: drawn for people, or as members of an object of JSON. */
void bench_draw_latency(const struct bench_choices *choices, const struct bench_latency *latency);
void bench_draw_throughput(const struct bench_choices *choices,
                           const struct bench_throughput *throughput);
void bench_write_latency(const struct bench_choices *choices, const struct bench_latency *latency);
void bench_write_throughput(const struct bench_throughput *throughput);

#endif
