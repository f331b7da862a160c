/**
 * The worker whose thread this is, known by its address alone.
 */
#ifndef DESCRIPTOR_CURRENT_H
#define DESCRIPTOR_CURRENT_H

#include "base/base.h"

/*
 * Words of a thread (base/thread.h): `worker` is the one whose thread this is, or NULL; none in a
 * forked child, whose workers stayed behind. `at_work` is the same while it does not stop, and
 * nobody's worker instead of NULL, so that a descriptor without a worker has another one.
 */

static inline struct worker *worker_current(void)
{
    return thread_words.worker;
}

#endif
