/**
 * Inside fiber only: all fibers of the process that have not ended, for whoever looks at them.
 */
#ifndef FIBER_REGISTRY_H
#define FIBER_REGISTRY_H

#include <sennit/fiber_look.h>

#include "fiber/fiber_object.h"

/* Before its first turn; gives it its number. */
void registry_enter(sn_fiber *fiber);
/* When it has ended. */
void registry_leave(sn_fiber *fiber);

/* Where somebody is who goes through all of them; on that one's stack. A mark of it stands in the
 * lists, so that fibers may start and end, and others look, between two steps. */
struct registry_walk {
    struct registry_entry mark;
    uint32_t stripe;
    uint32_t forks;
    uint64_t last_number; /* later ones are left out: a walk ends, however many are started */
};

void registry_walk_begin(struct registry_walk *walk);
/* With a reference, which the caller gives back; NULL: that was all, and nothing is left of the
 * walk. */
sn_fiber *registry_walk_next(struct registry_walk *walk);
/* Before it has come to its end. */
void registry_walk_leave(struct registry_walk *walk);

void registry_count(sn_fiber_counts *out_counts);

#endif
