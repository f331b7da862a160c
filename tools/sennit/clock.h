/** Times on the clock that nobody sets. */
#ifndef TOOLS_SENNIT_CLOCK_H
#define TOOLS_SENNIT_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int64_t clock_now_ms(void)
{
    return clock_now_ns() / 1000000;
}

static inline double clock_in_ms(int64_t span_ns)
{
    return (double)span_ns / 1e6;
}

#endif
