/**
 * The engine object: its workers and how they are dealt out.
 */
#ifndef ENGINE_ENGINE_OBJECT_H
#define ENGINE_ENGINE_OBJECT_H

#include <sennit/engine.h>

#include "loop/loop.h"

/* The longest that a thread may look on before it sleeps: beyond, sleeping is cheaper for sure. */
#define SPIN_US_MAX 1000

#define THREADS_MAX 1024

struct sn_engine {
    struct worker *workers; /* owned */
    uint32_t worker_count;
    uint32_t next_worker; /* atomic: whose turn it is */
    int threads;          /* 0: the program drives the only worker */
    uint32_t queue_size;
    uint32_t fork_count; /* of the process that made it; in a forked child it refuses */
    uint32_t references; /* atomic: one of its own, one for each descriptor that names a worker */
    const struct backend_class *class; /* settled by the first worker */
    const char *reason;                /* atomic: static, `choice`, or `failure` */
    uint64_t maker;    /* the thread whose ring a driven one has at first; 0: its driver's own */
    uint64_t driver;   /* atomic: the number of the thread that drives it, 0 until there is one */
    bool is_default;   /* it was the default one, and lives as long as the process */
    uint32_t failed;   /* atomic: how many workers the kernel has failed for good */
    char failure[128]; /* why, in a sentence; written before `reason` points at it */
    char choice[320];  /* the static reason, and what in the environment made no sense */
};

/* The options in this library's own record, checked; NULL is all zero. */
sn_error engine_options_read(const sn_engine_options *given, sn_engine_options *out);

/* Round robin; NULL in a process that was forked from the engine's. A worker that has ended only
 * when all have. */
struct worker *engine_next_worker(sn_engine *engine);
bool engine_is_foreign(const sn_engine *engine);
/* The kernel has failed all of its workers. */
bool engine_has_ended(const sn_engine *engine);
/* Before anybody else sees the engine: what in the environment made no sense; NULL: nothing. */
void engine_note_mistake(sn_engine *engine, const char *name, const char *value, const char *what);

#endif
