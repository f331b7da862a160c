/**
 * The engine object: its workers and how they are dealt out.
 */
#ifndef ENGINE_ENGINE_OBJECT_H
#define ENGINE_ENGINE_OBJECT_H

#include <sennit/engine.h>

#include "engine/worker.h"

/* The longest that a thread may look on before it sleeps: beyond, sleeping is cheaper for sure. */
#define SPIN_US_MAX 1000

struct sn_engine {
    struct worker *workers; /* owned */
    uint32_t worker_count;
    uint32_t next_worker; /* atomic: whose turn it is */
    int threads;          /* 0: the program drives the only worker */
    uint32_t queue_size;
    uint32_t fork_count; /* of the process that made it; in a forked child it refuses */
    const struct backend_class *class;
    const char *reason; /* static */
    struct lock lock;   /* guards driver */
    pthread_t driver;   /* the thread that drives it, once there is one */
    bool has_driver;
};

/* Round robin; NULL in a process that was forked from the engine's. */
struct worker *engine_next_worker(sn_engine *engine);
bool engine_is_foreign(const sn_engine *engine);

#endif
