/*
 * Fibers of two engines, and threads, that all do the same.
 */
#ifndef TESTS_STRESS_ACTORS_H
#define TESTS_STRESS_ACTORS_H

#include <pthread.h>
#include <sched.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/test.h"

enum { ENGINES = 2, ENGINE_THREADS = 2, FIBERS = 24, THREADS = 4, ACTORS = FIBERS + THREADS };

static sn_engine *engines[ENGINES];

/* --- Who acts: some are fibers, dealt over the engines, the others threads ----------------------
 */

struct actor {
    void (*run)(struct actor *actor);
    struct randomness randomness;
    int number;
    sn_fiber *fiber;
    pthread_t thread;
};

static struct actor actors[ACTORS];

static inline sn_error run_fiber(void *context)
{
    struct actor *actor = context;
    actor->run(actor);
    return SN_OK;
}

static inline void *run_thread(void *context)
{
    (void)run_fiber(context);
    return NULL;
}

static inline void actors_start(void (*run)(struct actor *actor))
{
    for (int i = 0; i < ACTORS; i++) {
        struct actor *actor = &actors[i];
        *actor = (struct actor){.run = run, .number = i};
        actor->randomness = randomness_of((uint64_t)i + 1);
    }
    for (int i = 0; i < FIBERS; i++)
        CHECK_OK(
            sn_fiber_start(engines[i % ENGINES], run_fiber, &actors[i], NULL, &actors[i].fiber));
    for (int i = FIBERS; i < ACTORS; i++)
        CHECK(pthread_create(&actors[i].thread, NULL, run_thread, &actors[i]) == 0);
}

static inline void actors_join(void)
{
    for (int i = 0; i < FIBERS; i++) {
        CHECK_OK(sn_fiber_join(actors[i].fiber, SN_FOREVER, NULL));
        sn_fiber_release(actors[i].fiber);
    }
    for (int i = FIBERS; i < ACTORS; i++)
        CHECK(pthread_join(actors[i].thread, NULL) == 0);
}

static inline void engines_open(void)
{
    for (int i = 0; i < ENGINES; i++)
        engines[i] = stress_engine(ENGINE_THREADS);
}

static inline void engines_close(void)
{
    for (int i = 0; i < ENGINES; i++)
        CHECK_OK(sn_engine_destroy(engines[i]));
}

static inline sn_milliseconds some_limit(struct actor *actor)
{
    static const sn_milliseconds limits[] = {0, 0, 1, 2, 1000};
    return limits[random_below(&actor->randomness, 5)];
}

/* A wait may end so; anything else is a mistake. */
static inline bool has_got(sn_error error)
{
    CHECK(error == SN_OK || error == SN_ERROR_TIMED_OUT || error == SN_ERROR_OPERATION_CANCELED);
    return error == SN_OK;
}

#endif
