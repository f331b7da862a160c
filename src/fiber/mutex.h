/**
 * The mutex, as the condition sees it.
 */
#ifndef FIBER_MUTEX_H
#define FIBER_MUTEX_H

#include <sennit/sync.h>

#include "fiber/waiting.h"

struct MAY_ALIAS mutex {
    uint64_t word; /* atomic: who has it, see mutex.c; 0: nobody */
    struct line line;
};

_Static_assert(sizeof(struct mutex) <= sizeof(sn_mutex), "fits");

static inline struct mutex *mutex_of(sn_mutex *mutex)
{
    return (struct mutex *)(void *)mutex;
}

/* Whether it is the caller that has it. */
bool mutex_is_own(const struct mutex *mutex);
/* By its owner. */
void mutex_give(struct mutex *mutex);
/* Waits for it, whatever else happens meanwhile. The caller does not have it. */
void mutex_take_again(struct mutex *mutex);

#endif
