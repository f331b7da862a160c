/*
 * A semaphore: a count, and a line of those who want more than there is. While nobody waits the
 * count is changed by an exchange; from then on under the guard alone.
 */
#include <sennit/sync.h>

#include "error/error.h"
#include "fiber/waiting.h"

#define WAITED (UINT64_C(1) << 63) /* in the count: somebody waits */
#define MOST   ((uint32_t)INT32_MAX)

struct MAY_ALIAS semaphore {
    uint64_t count;   /* atomic */
    uint64_t maximum; /* 0: MOST */
    struct line line;
};

_Static_assert(sizeof(struct semaphore) <= sizeof(sn_semaphore), "fits");

static struct semaphore *semaphore_of(sn_semaphore *semaphore)
{
    return (struct semaphore *)(void *)semaphore;
}

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

static uint64_t maximum_of(const struct semaphore *semaphore)
{
    uint64_t maximum = semaphore->maximum;
    return maximum && maximum < MOST ? maximum : MOST;
}

static sn_error check(sn_semaphore *semaphore, uint32_t count)
{
    if (!semaphore)
        return SN_ERROR_ARGUMENT_NULL;
    bool fits = count > 0 && count <= maximum_of(semaphore_of(semaphore));
    return fits ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

/* --- Taking ----------------------------------------------------------------------------------- */

struct semaphore_waiting {
    struct waiting waiting; /* first */
    struct semaphore *semaphore;
    uint32_t count; /* so many it wants */
};

/* Nobody waits, and so many are there. */
static bool take(struct semaphore *semaphore, uint32_t count)
{
    uint64_t seen = atomic_load_relaxed(&semaphore->count);
    while (!(seen & WAITED) && seen >= count)
        if (atomic_replace_acq_rel(&semaphore->count, &seen, seen - count))
            return true;
    return false;
}

static uint32_t wanted_by(struct waiting *waiting)
{
    return container_of(waiting, struct semaphore_waiting, waiting)->count;
}

/* Under the guard: gives to the first of the line as long as there is enough for it. A count of
 * before a fork may say that somebody waits. */
static void serve(struct semaphore *semaphore, uint64_t count)
{
    size_t served = 0;
    struct waiting *next = line_first(&semaphore->line);
    for (; next && wanted_by(next) <= count; next = line_next(&semaphore->line, next)) {
        count -= wanted_by(next);
        served++;
    }
    atomic_store_release(&semaphore->count, next ? count | WAITED : count);
    line_tell(&semaphore->line, served, SN_OK);
}

static bool attempt(struct waiting *waiting, bool may_wait)
{
    const struct semaphore_waiting *own = container_of(waiting, struct semaphore_waiting, waiting);
    uint64_t *count = &own->semaphore->count, seen = atomic_load_relaxed(count);
    if ((seen & WAITED) && !line_first(&own->semaphore->line))
        serve(own->semaphore, seen & ~WAITED);
    for (;;) {
        if (take(own->semaphore, own->count))
            return true;
        seen = atomic_load_relaxed(count);
        if (!may_wait || (seen & WAITED))
            return false;
        if (seen < own->count && atomic_replace_acq_rel(count, &seen, seen | WAITED))
            return false;
    }
}

/* Those behind it may want less. */
static void left(struct waiting *waiting)
{
    struct semaphore *semaphore =
        container_of(waiting, struct semaphore_waiting, waiting)->semaphore;
    serve(semaphore, atomic_load_relaxed(&semaphore->count) & ~WAITED);
}

static const struct waiting_class semaphore_class = {
    .wait = FLOW_WAIT_SEMAPHORE, .attempt = attempt, .left = left};

COLD static sn_error wait_for(struct semaphore *semaphore, uint32_t count, int64_t deadline_ns)
{
    struct semaphore_waiting own;
    waiting_begin(&own.waiting, &semaphore_class, semaphore, &semaphore->line);
    own.semaphore = semaphore;
    own.count = count;
    return waiting_run(&own.waiting, deadline_ns);
}

sn_error sn_semaphore_acquire(sn_semaphore *semaphore, uint32_t count, sn_milliseconds timeout_ms)
{
    sn_error error = check(semaphore, count);
    if (!error && timeout_ms < SN_FOREVER)
        error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (unlikely(error))
        return misuse(error);
    if (likely(take(semaphore_of(semaphore), count)))
        return SN_OK;
    return wait_for(semaphore_of(semaphore), count, deadline_of_wait(timeout_ms));
}

/* --- Giving ----------------------------------------------------------------------------------- */

static bool has_room(const struct semaphore *semaphore, uint64_t there, uint32_t count)
{
    return there <= maximum_of(semaphore) && maximum_of(semaphore) - there >= count;
}

COLD static sn_error give_to_line(struct semaphore *semaphore, uint32_t count)
{
    waiting_hold(semaphore);
    uint64_t seen = atomic_load_relaxed(&semaphore->count);
    bool has = has_room(semaphore, seen & ~WAITED, count);
    /* Who comes by without the guard changes it only as long as nobody waits. */
    while (has && !(seen & WAITED)) {
        if (atomic_replace_acq_rel(&semaphore->count, &seen, seen | WAITED))
            break;
        has = has_room(semaphore, seen & ~WAITED, count);
    }
    if (has)
        serve(semaphore, (seen & ~WAITED) + count);
    waiting_let_go(semaphore);
    return has ? SN_OK : SN_ERROR_INVALID_OPERATION;
}

static sn_error give(struct semaphore *semaphore, uint32_t count)
{
    uint64_t seen = atomic_load_relaxed(&semaphore->count);
    while (!(seen & WAITED)) {
        if (!has_room(semaphore, seen, count))
            return SN_ERROR_INVALID_OPERATION;
        if (atomic_replace_acq_rel(&semaphore->count, &seen, seen + count))
            return SN_OK;
    }
    return give_to_line(semaphore, count);
}

sn_error sn_semaphore_release(sn_semaphore *semaphore, uint32_t count)
{
    sn_error error = check(semaphore, count);
    if (!error)
        error = give(semaphore_of(semaphore), count);
    return error ? misuse(error) : SN_OK;
}

uint32_t sn_semaphore_get_count(const sn_semaphore *semaphore)
{
    const struct semaphore *own = (const struct semaphore *)(const void *)semaphore;
    return own ? (uint32_t)(atomic_load_acquire(&own->count) & ~WAITED) : 0;
}
