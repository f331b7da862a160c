#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* Opened for each line, so that what was measured is kept whatever happens later. */
static FILE *open_records(void)
{
    const char *path = getenv("BENCH_RECORDS");
    if (!path || *path == '\0')
        return NULL;
    FILE *records = fopen(path, "a");
    if (!records)
        perror(path);
    return records;
}

static void write_summary(FILE *records, double *values, size_t count)
{
    fprintf(records, "\t%zu\t%.6g\t%.6g\t%.6g\n", count, measure_percentile(values, count, 50),
            measure_percentile(values, count, 10), measure_percentile(values, count, 90));
}

static double *copy_of(const double *values, size_t count)
{
    double *copy = malloc(count * sizeof *copy);
    if (!copy)
        abort();
    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

void record_figure(const char *scenario, const char *contender, const char *metric,
                   const char *unit, const double *values, size_t count)
{
    FILE *records = count > 0 ? open_records() : NULL;
    if (!records)
        return;
    double *copy = copy_of(values, count);
    fprintf(records, "figure\t%s\t%s\t%s\t%s", scenario, contender, metric, unit);
    write_summary(records, copy, count);
    free(copy);
    (void)fclose(records);
}

void record_ratio(const char *scenario, const char *contender, const char *metric,
                  const char *reference, const double *values, const double *reference_values,
                  size_t count)
{
    FILE *records = count > 0 ? open_records() : NULL;
    if (!records)
        return;
    double *ratios = copy_of(values, count);
    size_t pair_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (reference_values[i] > 0)
            ratios[pair_count++] = values[i] / reference_values[i];
    }
    if (pair_count > 0) {
        fprintf(records, "ratio\t%s\t%s\t%s\t%s", scenario, contender, metric, reference);
        write_summary(records, ratios, pair_count);
    }
    free(ratios);
    (void)fclose(records);
}

void record_text(const char *kind, const char *subject, const char *text)
{
    FILE *records = open_records();
    if (!records)
        return;
    fprintf(records, "%s\t%s\t%s\n", kind, subject, text);
    (void)fclose(records);
}

void record_absent(const char *scenario, const char *contender, const char *reason)
{
    FILE *records = open_records();
    if (!records)
        return;
    fprintf(records, "absent\t%s\t%s\t%s\n", scenario, contender, reason);
    (void)fclose(records);
}
