/*
 * An engine that this thread drives, and on it one fiber that measures: it yields, and starts
 * others that end at once. Measured is processor time, since the machine may have more to do.
 *
 * Threads are measured after all fibers: each one's end gives back its stack, after which the
 * processor has to look all addresses up again, also for the act that would follow.
 */
#include "parts.h"

#include <sennit.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../measure.h"

static double cpu_ns(void)
{
    struct timespec used = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

/* --- What is measured --- */

static size_t turn;  /* how many of each in a row */
static size_t ended; /* by fibers of one thread */

static sn_error end_at_once(void *context)
{
    (void)context;
    ended++;
    return SN_OK;
}

static void *end_thread(void *context)
{
    return context;
}

static bool yield(void)
{
    for (size_t i = 0; i < turn; i++) {
        if (sn_fiber_yield())
            return false;
    }
    return true;
}

/* Nobody waits for it by name: as a server starts one for each connection. */
static bool start_many(void)
{
    size_t begin = ended;
    for (size_t i = 0; i < turn; i++) {
        if (sn_fiber_start(NULL, end_at_once, NULL, NULL, NULL))
            return false;
    }
    while (ended - begin < turn) {
        if (sn_fiber_yield())
            return false;
    }
    return true;
}

static bool start_and_join(void)
{
    for (size_t i = 0; i < turn; i++) {
        sn_fiber *fiber;
        if (sn_fiber_start(NULL, end_at_once, NULL, NULL, &fiber))
            return false;
        sn_error error = sn_fiber_join(fiber, SN_FOREVER, NULL);
        sn_fiber_release(fiber);
        if (error)
            return false;
    }
    return true;
}

static bool start_threads(void)
{
    for (size_t i = 0; i < turn; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
            return false;
    }
    return true;
}

static const struct act {
    const char *name;
    bool (*run)(void);
} acts[] = {
    {"yield", yield},
    {"start", start_many},
    {"start_join", start_and_join},
    {"thread_start_join", start_threads},
};
enum { ACTS = sizeof acts / sizeof *acts, THREAD_ACT = ACTS - 1 };

/* --- Rounds --- */

struct rounds {
    size_t count;
    double *ns[ACTS]; /* owned */
    bool is_ok;
};

/* The first round warms up: it maps the stacks, and is thrown away. */
static void measure_acts(struct rounds *rounds, size_t begin, size_t end)
{
    for (size_t round = 0; rounds->is_ok && round <= rounds->count; round++) {
        for (size_t i = begin; rounds->is_ok && i < end; i++) {
            double begin_ns = cpu_ns();
            rounds->is_ok = acts[i].run();
            if (round > 0)
                rounds->ns[i][round - 1] = (cpu_ns() - begin_ns) / (double)turn;
        }
    }
}

static sn_error measure(void *context)
{
    struct rounds *rounds = context;
    rounds->is_ok = true;
    measure_acts(rounds, 0, THREAD_ACT);
    measure_acts(rounds, THREAD_ACT, ACTS);
    return SN_OK;
}

static void print_values(sn_engine *engine, const struct rounds *rounds)
{
    const char *name = sn_engine_backend_name(sn_engine_get_backend(engine));
    printf("(%s, driven; processor time; medians of %zu rounds)\n", name, rounds->count);
    for (size_t i = 0; i < ACTS; i++) {
        double median = measure_percentile(rounds->ns[i], rounds->count, 50);
        printf("value %s_%s_ns %.1f (fastest %.1f)\n", acts[i].name, name, median,
               measure_percentile(rounds->ns[i], rounds->count, 0));
    }
}

static bool run_on(sn_engine *engine, struct rounds *rounds)
{
    sn_fiber *fiber;
    if (sn_fiber_start(engine, measure, rounds, NULL, &fiber))
        return false;
    while (!sn_fiber_is_over(fiber)) {
        if (sn_engine_run(engine, SN_FOREVER, NULL))
            abort(); /* a fiber that does not end, whose rounds are on this stack */
    }
    sn_fiber_release(fiber);
    if (rounds->is_ok)
        print_values(engine, rounds);
    return rounds->is_ok;
}

static bool measure_backend(sn_engine_backend backend, size_t round_count)
{
    struct rounds rounds = {.count = round_count};
    sn_engine *engine;
    if (sn_engine_create(&(sn_engine_options){.backend = backend}, &engine)) {
        printf("not here: fibers on %s\n", sn_engine_backend_name(backend));
        return true;
    }
    for (size_t i = 0; i < ACTS; i++) {
        rounds.ns[i] = calloc(round_count, sizeof **rounds.ns);
        if (!rounds.ns[i])
            abort();
    }
    bool is_ok = run_on(engine, &rounds);
    for (size_t i = 0; i < ACTS; i++)
        free(rounds.ns[i]);
    return sn_engine_destroy(engine) == SN_OK && is_ok;
}

bool life_measure(size_t round_count, size_t turn_size)
{
    /* The C library takes short cuts until there has been a thread; most programs have had one. */
    turn = 1;
    if (!start_threads())
        return false;
    turn = turn_size;
    return measure_backend(SN_ENGINE_BACKEND_IO_URING, round_count) &&
           measure_backend(SN_ENGINE_BACKEND_EPOLL, round_count);
}
