/**
 * What was measured, as a table for people and as a line a ratio for programs.
 */
#ifndef BENCH_ECHO_REPORT_H
#define BENCH_ECHO_REPORT_H

#include "compare.h"

/** Prints a row for each contender. */
void report_table(const struct comparison *comparison);

/** Prints "ratio cpu/50/sennit-epoll:raw-epoll 1.04" and the like. @return false: there was none */
bool report_ratios(const struct comparison *comparison);

#endif
