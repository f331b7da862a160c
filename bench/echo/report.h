/**
 * What was measured, as a table for people, as a line a ratio, and as records for programs.
 */
#ifndef BENCH_ECHO_REPORT_H
#define BENCH_ECHO_REPORT_H

#include "compare.h"

/**
 * Prints a row for each contender, and lines such as "ratio
 * cpu/echo-50/sennit-epoll:raw-epoll 1.04".
 *
 * @return false: nothing was measured
 */
bool report_comparison(const struct comparison *comparison);

#endif
