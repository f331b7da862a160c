#include "measure.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "record.h"

enum { NULL_CALLS = 200000 };

uint64_t measure_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

size_t measure_core(size_t index)
{
    cpu_set_t set;
    size_t found = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 0;
    for (size_t core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &set))
            continue;
        found = core;
        if (index-- == 0)
            break;
    }
    return found;
}

bool measure_pin(size_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

double measure_null_call_ns(void)
{
    uint64_t begin_ns = measure_clock_ns();
    for (int i = 0; i < NULL_CALLS; i++)
        (void)syscall(SYS_getppid);
    return (double)(measure_clock_ns() - begin_ns) / NULL_CALLS;
}

/* --- Statistics --- */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double measure_percentile(double *numbers, size_t count, double percent)
{
    qsort(numbers, count, sizeof *numbers, compare);
    double place = percent / 100 * (double)(count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < count ? below + 1 : below;
    return numbers[below] + (numbers[above] - numbers[below]) * (place - (double)below);
}

double measure_paired_ratio(const double *a, const double *b, size_t count)
{
    double *ratios = malloc(count * sizeof *ratios);
    if (!ratios)
        abort();
    for (size_t i = 0; i < count; i++)
        ratios[i] = a[i] / b[i];
    double median = measure_percentile(ratios, count, 50);
    free(ratios);
    return median;
}

/* --- Rounds --- */

/* Fisher and Yates; the order need not be unpredictable, only not always the same. */
static void shuffle(size_t *order, size_t count)
{
    static uint64_t state;
    if (state == 0)
        state = measure_clock_ns() | 1;
    for (size_t i = count - 1; i > 0; i--) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t k = (size_t)(state % (i + 1));
        size_t kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
}

/* One turn each. The round -1 is to warm up: its rates are not kept. */
static bool run_round(struct measurement *measurement, size_t *order, long round)
{
    shuffle(order, measurement->count);
    for (size_t i = 0; i < measurement->count; i++) {
        struct contender *contender = &measurement->contenders[order[i]];
        double rate = contender->turn(contender->context);
        if (rate < 0) {
            fprintf(stderr, "%s: %s failed\n", measurement->title, contender->name);
            return false;
        }
        if (round >= 0)
            contender->rates[round] = rate;
    }
    return true;
}

static void record_row(const struct measurement *measurement, const struct contender *contender)
{
    const struct contender *reference = &measurement->contenders[0];
    double *scaled = calloc(measurement->round_count, sizeof *scaled);
    if (!scaled)
        abort();
    for (size_t i = 0; i < measurement->round_count; i++)
        scaled[i] = contender->rates[i] / measurement->scale;
    record_figure(measurement->title, contender->name, "rate", measurement->unit, scaled,
                  measurement->round_count);
    free(scaled);
    record_ratio(measurement->title, contender->name, "rate", reference->name, contender->rates,
                 reference->rates, measurement->round_count);
}

static void print_row(const struct measurement *measurement, const struct contender *contender)
{
    size_t count = measurement->round_count;
    const double *reference = measurement->contenders[0].rates;
    double ratio = measure_paired_ratio(contender->rates, reference, count);
    double *sorted = malloc(count * sizeof *sorted); /* the pairs must stay in their order */
    if (!sorted)
        abort();
    for (size_t i = 0; i < count; i++)
        sorted[i] = contender->rates[i] / measurement->scale;
    printf("%-24s %12.0f %12.0f %12.0f %9.3f\n", contender->name,
           measure_percentile(sorted, count, 50), measure_percentile(sorted, count, 10),
           measure_percentile(sorted, count, 90), ratio);
    free(sorted);
}

bool measure_run(struct measurement *measurement)
{
    size_t *order = calloc(measurement->count, sizeof *order);
    if (!order)
        abort();
    for (size_t i = 0; i < measurement->count; i++) {
        order[i] = i;
        measurement->contenders[i].rates = calloc(measurement->round_count, sizeof(double));
        if (!measurement->contenders[i].rates)
            abort();
    }
    bool is_ok = true;
    for (long round = -1; is_ok && round < (long)measurement->round_count; round++)
        is_ok = run_round(measurement, order, round);
    free(order);
    if (!is_ok)
        return false;

    printf("%-24s %12s %12s %12s %9s\n", measurement->title, "median", "p10", "p90", "ratio");
    for (size_t i = 0; i < measurement->count; i++) {
        print_row(measurement, &measurement->contenders[i]);
        record_row(measurement, &measurement->contenders[i]);
    }
    printf("(%s; %zu rounds; ratio: median of the rounds' ratios to %s)\n\n", measurement->unit,
           measurement->round_count, measurement->contenders[0].name);
    fflush(stdout);
    return true;
}

void measure_finish(struct measurement *measurement)
{
    struct contender *reference = &measurement->contenders[0];
    for (size_t i = 1; i < measurement->count; i++) {
        struct contender *contender = &measurement->contenders[i];
        printf("ratio %s/%s:%s %.3f\n", measurement->title, contender->name, reference->name,
               measure_paired_ratio(contender->rates, reference->rates, measurement->round_count));
        free(contender->rates);
        contender->rates = NULL;
    }
    free(reference->rates);
    reference->rates = NULL;
}
