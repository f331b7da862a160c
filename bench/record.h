/**
 * Results for programs to read: a line each, with tabs between the fields, appended to the file
 * that the environment names in BENCH_RECORDS; without it nothing is written.
 *
 *     figure   SCENARIO CONTENDER METRIC UNIT ROUNDS MEDIAN P10 P90
 *     ratio    SCENARIO CONTENDER METRIC REFERENCE ROUNDS MEDIAN P10 P90
 *     version  CONTENDER TEXT
 *     absent   SCENARIO CONTENDER REASON
 *     about    SCENARIO TEXT
 *     note     SCENARIO TEXT
 *     fact     NAME TEXT
 *
 * scripts/report-bench makes JSON, tables and charts of them.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stddef.h>

/** A figure, by its values in the rounds; their order stays. */
void record_figure(const char *scenario, const char *contender, const char *metric,
                   const char *unit, const double *values, size_t count);

/** A ratio, pair by pair. */
void record_ratio(const char *scenario, const char *contender, const char *metric,
                  const char *reference, const double *values, const double *reference_values,
                  size_t count);

/** Text about something: `subject` is the scenario or the contender. */
void record_text(const char *kind, const char *subject, const char *text);

/** That a contender is not in a scenario. */
void record_absent(const char *scenario, const char *contender, const char *reason);

#endif
