/*
 * All fibers stand in lists, each under a lock of its own, and are dealt to them in turn: starts
 * and ends on several threads seldom meet. What a fiber counts of itself is added up when somebody
 * asks; so a switch touches nothing that another thread writes.
 *
 * The locks are no guards (base/guard.h), which a fork would hold: a forked child forgets the
 * fibers of its parent, so it needs no list that makes sense.
 */
#include "fiber/registry.h"

#define STRIPES 16u

struct stripe {
    _Alignas(64) struct lock lock;
    struct list entries; /* struct registry_entry */
    uint64_t entered, left;
    uint64_t switches; /* of those that have left */
};

#define ONE(i)                                                                                     \
    {                                                                                              \
        .lock = LOCK_INITIALIZER, .entries = {                                                     \
            &fiber_stripes[i].entries,                                                             \
            &fiber_stripes[i].entries                                                              \
        }                                                                                          \
    }
#define FOUR(i) ONE(i), ONE((i) + 1), ONE((i) + 2), ONE((i) + 3)

/* scripts/gdb/sennit-gdb.py reads them. */
static struct stripe fiber_stripes[STRIPES] = {FOUR(0), FOUR(4), FOUR(8), FOUR(12)};
static uint64_t last_number; /* atomic */

static void begin_anew(void)
{
    for (uint32_t i = 0; i < STRIPES; i++) {
        fiber_stripes[i] = (struct stripe){.entered = 0};
        lock_init(&fiber_stripes[i].lock);
        list_init(&fiber_stripes[i].entries);
    }
}

__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, begin_anew);
}

static struct stripe *hold(uint64_t number)
{
    struct stripe *stripe = &fiber_stripes[number % STRIPES];
    lock_acquire(&stripe->lock);
    return stripe;
}

static void let_go(struct stripe *stripe)
{
    lock_release(&stripe->lock);
}

void registry_enter(sn_fiber *fiber)
{
    fiber->number = atomic_add_relaxed(&last_number, UINT64_C(1)) + 1;
    struct stripe *stripe = hold(fiber->number);
    list_append(&stripe->entries, &fiber->entry.link);
    stripe->entered++;
    let_go(stripe);
}

/* One of the parent's may end in a forked child, whose lists it is not in. */
void registry_leave(sn_fiber *fiber)
{
    if (fiber->forks != sys_fork_count())
        return;
    struct stripe *stripe = hold(fiber->number);
    list_remove(&fiber->entry.link);
    stripe->left++;
    stripe->switches += fiber->switches;
    let_go(stripe);
}

/* --- Going through all ------------------------------------------------------------------------ */

void registry_walk_begin(struct registry_walk *walk)
{
    *walk = (struct registry_walk){.mark.is_mark = true,
                                   .forks = sys_fork_count(),
                                   .last_number = atomic_load_relaxed(&last_number)};
    list_init(&walk->mark.link);
}

static sn_fiber *fiber_at(struct list *link, const struct registry_walk *walk)
{
    struct registry_entry *entry = container_of(link, struct registry_entry, link);
    if (entry->is_mark)
        return NULL;
    sn_fiber *fiber = container_of(entry, struct sn_fiber, entry);
    return fiber->number <= walk->last_number ? fiber : NULL;
}

/* Under the stripe's lock. Whoever is in a list has the reference of its life. */
static sn_fiber *step(struct stripe *stripe, struct registry_walk *walk)
{
    bool is_inside = !list_is_empty(&walk->mark.link);
    struct list *link = is_inside ? walk->mark.link.next : stripe->entries.next;
    list_remove(&walk->mark.link);
    for (; link != &stripe->entries; link = link->next) {
        sn_fiber *fiber = fiber_at(link, walk);
        if (!fiber)
            continue;
        list_prepend(link, &walk->mark.link); /* behind it */
        return sn_fiber_retain(fiber);
    }
    return NULL;
}

sn_fiber *registry_walk_next(struct registry_walk *walk)
{
    sn_fiber *fiber = NULL;
    /* Who looks on has forked: there is nothing more here. */
    while (!fiber && walk->stripe < STRIPES && walk->forks == sys_fork_count()) {
        struct stripe *stripe = hold(walk->stripe);
        fiber = step(stripe, walk);
        let_go(stripe);
        walk->stripe += fiber ? 0 : 1;
    }
    return fiber;
}

void registry_walk_leave(struct registry_walk *walk)
{
    if (walk->forks != sys_fork_count() || walk->stripe >= STRIPES)
        return;
    struct stripe *stripe = hold(walk->stripe);
    list_remove(&walk->mark.link);
    let_go(stripe);
}

/* --- Counting --------------------------------------------------------------------------------- */

static void count(const sn_fiber *fiber, sn_fiber_counts *counts)
{
    switch ((sn_fiber_state)atomic_load_relaxed(&fiber->state)) {
    case SN_FIBER_STARTING: counts->starting++; break;
    case SN_FIBER_WAITING: counts->waiting++; break;
    case SN_FIBER_RUNNING:
    case SN_FIBER_OVER: counts->running++; break;
    }
    counts->switches += atomic_load_relaxed(&fiber->switches);
}

void registry_count(sn_fiber_counts *out_counts)
{
    const struct registry_walk all = {.last_number = UINT64_MAX};
    *out_counts = (sn_fiber_counts){0};
    for (uint32_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = hold(i);
        out_counts->started += stripe->entered;
        out_counts->ended += stripe->left;
        out_counts->switches += stripe->switches;
        struct list *link = stripe->entries.next;
        for (; link != &stripe->entries; link = link->next)
            if (fiber_at(link, &all))
                count(fiber_at(link, &all), out_counts);
        let_go(stripe);
    }
}
