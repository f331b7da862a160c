/* What was measured, for people and for scripts. */
#include <inttypes.h>
#include <stdio.h>

#include "bench.h"
#include "json.h"
#include "progress.h"

static const struct {
    unsigned per_mille;
    const char *name;
} MARKS[] = {{500, "p50"}, {900, "p90"}, {990, "p99"}, {999, "p99.9"}};

enum { MARK_COUNT = sizeof MARKS / sizeof *MARKS };

void bench_draw_latency(const struct bench_choices *choices, const struct bench_latency *latency)
{
    char text[HISTOGRAM_TIME_TEXT];
    const struct histogram *times = &latency->times;
    printf("latency: %" PRIu64 " round trips of %ld bytes in %.1f s, %.0f/s\n", times->total,
           choices->size, latency->seconds, (double)times->total / latency->seconds);
    if (latency->lost > 0)
        printf("  %" PRIu64 " were lost\n", latency->lost);
    histogram_format(times->shortest_ns, text);
    printf("  min %s", text);
    for (size_t i = 0; i < MARK_COUNT; i++) {
        histogram_format(histogram_per_mille(times, MARKS[i].per_mille), text);
        printf("  %s %s", MARKS[i].name, text);
    }
    histogram_format(times->longest_ns, text);
    printf("  max %s\n\n", text);
    histogram_draw(times);
    printf("\n");
    (void)fflush(stdout);
}

void bench_draw_throughput(const struct bench_choices *choices,
                           const struct bench_throughput *throughput)
{
    char bytes[PROGRESS_SIZE_TEXT], rate[PROGRESS_SIZE_TEXT];
    double per_second = (double)throughput->bytes / throughput->seconds;
    progress_format_size((double)throughput->bytes, bytes);
    progress_format_size(per_second, rate);
    printf("throughput: %s there and back in %.1f s, %s/s, %.2f Gbit/s, by %ld connection%s\n",
           bytes, throughput->seconds, rate, per_second * 8 / 1e9, choices->connections,
           choices->connections == 1 ? "" : "s");
}

void bench_write_latency(const struct bench_choices *choices, const struct bench_latency *latency)
{
    const struct histogram *times = &latency->times;
    json_open_object("latency");
    json_number("size", choices->size);
    json_real("seconds", latency->seconds);
    json_number("round_trips", (int64_t)times->total);
    json_number("lost", (int64_t)latency->lost);
    json_open_object("nanoseconds");
    json_number("min", times->shortest_ns);
    for (size_t i = 0; i < MARK_COUNT; i++)
        json_number(MARKS[i].name, histogram_per_mille(times, MARKS[i].per_mille));
    json_number("max", times->longest_ns);
    json_close_object();
    json_open_array("histogram");
    for (size_t i = 0; i < HISTOGRAM_SIZE; i++) {
        if (times->counts[i] == 0)
            continue;
        json_open_object(NULL);
        json_number("from", histogram_step_ns(i));
        json_number("to", histogram_step_ns(i + 1));
        json_number("count", (int64_t)times->counts[i]);
        json_close_object();
    }
    json_close_array();
    json_close_object();
}

void bench_write_throughput(const struct bench_throughput *throughput)
{
    json_open_object("throughput");
    json_real("seconds", throughput->seconds);
    json_number("bytes", (int64_t)throughput->bytes);
    json_real("bytes_per_second", (double)throughput->bytes / throughput->seconds);
    json_close_object();
}
