#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../measure.h"
#include "../record.h"

/* Whom everybody is compared with in the records. */
static const char *const references[] = {"raw-io_uring",    "raw-epoll",     "sennit-io_uring",
                                         "sennit-epoll",    "libuv",         "raw-blocking",
                                         "sennit-blocking", "sennit-waiting"};

/* Whose ratios are printed. */
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
    {"sennit-blocking", "raw-blocking"},
    {"sennit-waiting", "sennit-blocking"},
    {"sennit-io_uring-fiber", "sennit-io_uring"},
    {"sennit-epoll-fiber", "sennit-epoll"},
    {"sennit-epoll-fiber", "sennit-blocking"},
    {"sennit-epoll-fiber", "state_threads"},
    {"sennit-epoll-fiber", "go"},
    {"sennit-epoll-fiber", "dotnet"},
};

/* --- The table --- */

/* The rounds must stay in their order: percentiles are taken of a copy. */
static double percentile(const struct entry *entry, enum metric metric, double percent)
{
    size_t count = entry->round_count;
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        abort();
    memcpy(sorted, entry->values[metric], count * sizeof *sorted);
    double value = measure_percentile(sorted, count, percent) / metric_forms[metric].scale;
    free(sorted);
    return value;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_row(const struct entry *entry)
{
    double user = seconds(entry->usage.ru_utime), system = seconds(entry->usage.ru_stime);
    printf("%-22s %7.2f %6.2f %6.2f %10.0f %9.1f %9.1f %6.0f %8.1f %6zu\n", entry->rival->name,
           percentile(entry, METRIC_CPU, 50), percentile(entry, METRIC_CPU, 10),
           percentile(entry, METRIC_CPU, 90), percentile(entry, METRIC_RATE, 50),
           histogram_percentile_ns(&entry->all, 50) / 1e3,
           histogram_percentile_ns(&entry->all, 99) / 1e3,
           user + system > 0 ? user * 100 / (user + system) : 0,
           (double)entry->usage.ru_maxrss / 1024, entry->round_count);
}

static void print_plain_row(const struct entry *entry)
{
    enum metric end, first = metrics_of(entry->scenario->way, &end);
    printf("%-22s", entry->rival->name);
    for (enum metric metric = first; metric < end; metric++)
        printf(" %10.2f %9.2f %9.2f", percentile(entry, metric, 50), percentile(entry, metric, 10),
               percentile(entry, metric, 90));
    printf(" %6zu\n", entry->round_count);
}

/* What is not measured under load. */
static void print_plain_table(const struct comparison *comparison)
{
    const struct scenario *scenario = comparison->scenario;
    enum metric end, first = metrics_of(scenario->way, &end);
    printf("%s: %s\n%-22s", scenario->name, scenario->about, "");
    for (enum metric metric = first; metric < end; metric++)
        printf(" %10s %9s %9s", metric_forms[metric].name, metric_forms[metric].unit, "p10, p90");
    printf(" rounds\n");
    for (size_t i = 0; i < comparison->count; i++) {
        if (entry_has_figures(&comparison->entries[i]))
            print_plain_row(&comparison->entries[i]);
    }
}

static void print_table(const struct comparison *comparison)
{
    printf("%s: %s\n", comparison->scenario->name, comparison->scenario->about);
    printf("%-22s %7s %6s %6s %10s %9s %9s %6s %8s %6s\n", "", "cpu us", "p10", "p90", "rate/s",
           "p50 us", "p99 us", "user %", "RSS MiB", "rounds");
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        if (entry_has_figures(entry))
            print_row(entry);
    }
    printf("(cpu: the server's processor time for a %s, user and kernel, median of the rounds; "
           "p50, p99: latency;\n user: its part of that time; RSS: the server's peak)\n",
           scenario_unit(comparison->scenario));
}

/* --- Ratios --- */

static const struct entry *find(const struct comparison *comparison, const char *name)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        if (entry_has_figures(entry) && strcmp(entry->rival->name, name) == 0)
            return entry;
    }
    return NULL;
}

static void print_ratio(const struct entry *entry, const struct entry *reference,
                        enum metric metric)
{
    printf(
        "ratio %s/%s/%s:%s %.3f\n", metric_forms[metric].name, entry->scenario->name,
        entry->rival->name, reference->rival->name,
        measure_paired_ratio(entry->values[metric], reference->values[metric], entry->round_count));
}

static void print_ratios(const struct comparison *comparison)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct entry *entry = find(comparison, pairs[i].name);
        const struct entry *reference = find(comparison, pairs[i].reference);
        if (!entry || !reference)
            continue;
        enum metric end, first = metrics_of(comparison->scenario->way, &end);
        print_ratio(entry, reference, first);
        if (first == METRIC_CPU)
            print_ratio(entry, reference, METRIC_RATE);
    }
}

/* --- Records --- */

static void record_entry(const struct comparison *comparison, const struct entry *entry,
                         enum metric metric)
{
    const struct metric_form *form = &metric_forms[metric];
    const char *scenario = comparison->scenario->name, *name = entry->rival->name;
    size_t count = entry->round_count;
    double *scaled = malloc(count * sizeof *scaled);
    if (!scaled)
        abort();
    for (size_t i = 0; i < count; i++)
        scaled[i] = entry->values[metric][i] / form->scale;
    record_figure(scenario, name, form->name, form->unit, scaled, count);
    free(scaled);
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const struct entry *reference = find(comparison, references[i]);
        if (reference)
            record_ratio(scenario, name, form->name, references[i], entry->values[metric],
                         reference->values[metric], count);
    }
}

bool report_comparison(const struct comparison *comparison)
{
    bool has_any = false;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        if (!entry_has_figures(entry))
            continue;
        has_any = true;
        enum metric end, first = metrics_of(comparison->scenario->way, &end);
        for (enum metric metric = first; metric < end; metric++)
            record_entry(comparison, entry, metric);
    }
    if (has_any) {
        if (comparison->scenario->way == WAY_ROUNDS)
            print_table(comparison);
        else
            print_plain_table(comparison);
        print_ratios(comparison);
    }
    printf("\n");
    (void)fflush(stdout);
    return has_any;
}
