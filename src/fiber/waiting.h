/**
 * Lines of flows and threads that wait for something: the one way of sleeping below the mutex, the
 * condition, the semaphore, the channel and the group.
 *
 * Who waits stands in the line with a record on its own stack, under the guard of the object that
 * the line belongs to. Whoever has something for it takes it out under the same guard, hands it
 * over, and tells it; so what is handed over is never lost: one that gives up at that moment finds
 * under the guard that it was told, and takes it. The teller touches nothing of the record once it
 * has let go of the guard.
 *
 * In a forked child those who stood in a line are the parent's; it is empty there.
 */
#ifndef FIBER_WAITING_H
#define FIBER_WAITING_H

#include <sennit/error.h>

#include "base/base.h"
#include "descriptor/descriptor.h"

/* All zero is an empty one. It may be copied while it is empty. */
struct line {
    struct list *first; /* under its object's guard: struct waiting, in a ring */
    uint32_t forks;     /* the process whose flows and threads stand in it */
};

struct waiting;

/* What is waited for. Both under the guard. */
struct waiting_class {
    uint32_t wait;        /* enum flow_wait */
    bool ignores_signals; /* the program is not asked whether one ends it */
    /* Whether it need not wait, or must not: then `error` says what the call gives. `may_wait`
     * false: it will not stand in the line, come what may. NULL: it has to wait in any case. */
    bool (*attempt)(struct waiting *waiting, bool may_wait);
    /* It has left the line without having been told. NULL: nobody cares. */
    void (*left)(struct waiting *waiting);
};

/* On the stack of who waits, from waiting_begin() until it has got or given up what it wants. */
struct waiting {
    struct list link;
    const struct waiting_class *class;
    const void *object; /* whose guard it is; borrowed */
    struct line *line;  /* of that object */
    struct flow *flow;  /* NULL: a thread */
    int32_t wake;       /* of a thread that is in a scope: its event; else -1 */
    uint32_t told;      /* atomic, of a thread outside of scopes a futex: enum told */
    sn_error error;     /* once it need not wait any more, or was told */
};

static inline void waiting_hold(const void *object)
{
    guard_acquire(GUARD_WAITING, object);
}

static inline void waiting_let_go(const void *object)
{
    guard_release(GUARD_WAITING, object);
}

/* --- Who waits -------------------------------------------------------------------------------- */

void waiting_begin(struct waiting *waiting, const struct waiting_class *class, const void *object,
                   struct line *line);
/* The whole of it. `deadline_ns` 0: it only looks (SN_ERROR_TIMED_OUT). What would have to wait in
 * a callback is SN_ERROR_INVALID_OPERATION. */
sn_error waiting_run(struct waiting *waiting, int64_t deadline_ns);
/*
 * Its two halves. The first: true, it stands in the line, and the second has to follow; false: its
 * error tells. The second: 0, it was told, and its error tells; -EINTR: a signal has taken it out
 * of the line, and it is to begin anew; another -errno or an enum outcome (waiting_error()): it has
 * given up.
 */
bool waiting_enter(struct waiting *waiting, int64_t deadline_ns);
int32_t waiting_sleep(struct waiting *waiting, int64_t deadline_ns);
sn_error waiting_error(int32_t outcome);

/* --- Who has something for them: under the guard ---------------------------------------------- */

/*
 * Who was told may go on at once, and end what it has waited for: as soon as the last one is told
 * nothing of the object or its line is touched any more, but for the guard, which only needs the
 * object's address.
 */

/* NULL: nobody stands there. */
struct waiting *line_first(struct line *line);
/* Who stands behind it, or NULL. */
struct waiting *line_next(const struct line *line, const struct waiting *waiting);
/* Takes it out of its line and lets it go on with `error`. */
void waiting_tell(struct waiting *waiting, sn_error error);
/* The same with the first so many, which stand there. */
void line_tell(struct line *line, size_t count, sn_error error);
void line_tell_all(struct line *line, sn_error error);

#endif
