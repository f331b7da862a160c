/**
 * The worker whose thread this is, known by its address alone.
 */
#ifndef DESCRIPTOR_CURRENT_H
#define DESCRIPTOR_CURRENT_H

#include "base/base.h"

struct worker;

/* The worker whose thread this is, or NULL. None in a forked child, whose workers stayed behind. */
extern _Thread_local struct worker *worker_of_thread;
/* The same while it does not stop. Nobody's worker instead of NULL, so that a descriptor without a
 * worker has another one. */
extern _Thread_local struct worker *worker_at_work;

/* Nobody's worker: an address, never looked into. */
extern char worker_nobody;
#define WORKER_NOBODY ((struct worker *)(void *)&worker_nobody)

static inline struct worker *worker_current(void)
{
    return worker_of_thread;
}

#endif
