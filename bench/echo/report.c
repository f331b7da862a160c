#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../measure.h"

/* Who is compared with whom. */
static const struct {
    const char *name;
    const char *reference;
} pairs[] = {
    {"sennit-io_uring", "raw-io_uring"},
    {"sennit-epoll", "raw-epoll"},
    {"sennit-io_uring", "libuv"},
    {"sennit-epoll", "libuv"},
    {"sennit-thread", "raw-io_uring"},
    {"sennit-thread", "sennit-io_uring"},
    {"sennit-io_uring", "libuv-try"},
    {"raw-io_uring", "raw-epoll"},
    {"libuv", "raw-epoll"},
};

static bool has_figures(const struct entry *entry)
{
    return entry->is_measured && entry->round_count > 0;
}

/* The rounds must stay in their order: percentiles are taken of a copy. */
static double percentile(const double *numbers, size_t count, double percent)
{
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        abort();
    memcpy(sorted, numbers, count * sizeof *sorted);
    double value = measure_percentile(sorted, count, percent);
    free(sorted);
    return value;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_row(const struct entry *entry)
{
    size_t count = entry->round_count;
    double user = seconds(entry->usage.ru_utime), system = seconds(entry->usage.ru_stime);
    printf("%-16s %7.2f %6.2f %6.2f %10.0f %9.1f %9.1f %6.0f %8.1f %6zu\n", entry->server->name,
           percentile(entry->cpu_ns, count, 50) / 1e3, percentile(entry->cpu_ns, count, 10) / 1e3,
           percentile(entry->cpu_ns, count, 90) / 1e3, percentile(entry->rates, count, 50),
           histogram_percentile_ns(&entry->latencies, 50) / 1e3,
           histogram_percentile_ns(&entry->latencies, 99) / 1e3,
           user + system > 0 ? user * 100 / (user + system) : 0,
           (double)entry->usage.ru_maxrss / 1024, count);
}

void report_table(const struct comparison *comparison)
{
    printf("%zu connection%s\n", comparison->connection_count,
           comparison->connection_count == 1 ? "" : "s");
    printf("%-16s %7s %6s %6s %10s %9s %9s %6s %8s %6s\n", "", "cpu us", "p10", "p90", "req/s",
           "p50 us", "p99 us", "user %", "RSS MiB", "rounds");
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        if (i > 0 && entry->group != comparison->entries[i - 1].group)
            printf("  --\n");
        if (has_figures(entry))
            print_row(entry);
    }
    printf(
        "(cpu: the server's processor time for a request, user and kernel, median of the rounds; "
        "p50, p99: latency;\n user: its part of that time; RSS: the server's peak)\n\n");
    (void)fflush(stdout);
}

static const struct entry *find(const struct comparison *comparison, const char *name)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        if (has_figures(entry) && strcmp(entry->server->name, name) == 0)
            return entry;
    }
    return NULL;
}

bool report_ratios(const struct comparison *comparison)
{
    bool has_any = false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct entry *entry = find(comparison, pairs[i].name);
        const struct entry *reference = find(comparison, pairs[i].reference);
        if (!entry || !reference || entry->group != reference->group)
            continue;
        size_t count = entry->round_count;
        printf("ratio cpu/%zu/%s:%s %.3f\n", comparison->connection_count, pairs[i].name,
               pairs[i].reference, measure_paired_ratio(entry->cpu_ns, reference->cpu_ns, count));
        printf("ratio rate/%zu/%s:%s %.3f\n", comparison->connection_count, pairs[i].name,
               pairs[i].reference, measure_paired_ratio(entry->rates, reference->rates, count));
        has_any = true;
    }
    return has_any;
}
