/**
 * Scopes: a cancellation handle for what a thread waits for, whatever call it waits in.
 *
 * A thread that has entered a scope, or several, one inside the other, looks at their handles
 * before it goes to sleep in a blocking call, and not before: so a call that need not wait costs
 * what it always did. From its first sleep on the scope is in its handle's list, until it is left;
 * a cancel signals the thread's wake event, which every sleep polls. The signal is never lost,
 * because it stays in the event, and it disturbs nothing, because a thread in a scope that has
 * ended does not sleep any more; what is left of it goes when the scope is left.
 *
 * The handle itself stands above this room (loop/cancellation.h); here is the part of it that the
 * waits look at.
 */
#ifndef DESCRIPTOR_SCOPE_H
#define DESCRIPTOR_SCOPE_H

#include <sennit/error.h>
#include <sennit/operation.h>

#include "base/base.h"
#include "descriptor/flow.h"

/* The first member of a handle, so that its guard is the handle's. */
struct cancel_point {
    /* Atomic for readers without the guard, written under it: SN_OK as long as it is not cancelled;
     * SN_ERROR_TIMED_OUT: by its own time limit; SN_ERROR_OPERATION_CANCELED;
     * SN_ERROR_OPERATION_ABORTED: a flow's own, whose engine ends. */
    sn_error reason;
    uint32_t forks;     /* under the guard: the process whose threads are in the list */
    struct list scopes; /* under the guard: struct scope, those in which a thread may sleep */
};

/* The library's part of sn_cancellation_scope. But for the list, its thread's alone. */
struct MAY_ALIAS scope {
    struct list link;
    struct scope *outer;
    struct cancel_point *point;
    struct flow *flow;   /* under the guard, once it is linked: whose it is; NULL: a thread's */
    int32_t wake_handle; /* the same; -1: it sleeps otherwise */
    uint32_t forks;      /* the process in which it was linked */
    bool is_linked;
    bool was_told; /* under the guard: a signal was left in the wake event */
};

_Static_assert(sizeof(struct scope) <= sizeof(sn_cancellation_scope), "fits");

/* The thread's word `scope` is its innermost one, or NULL. */
static inline bool scope_is_open(void)
{
    return unlikely(thread_words.scope != NULL);
}

void cancel_point_init(struct cancel_point *point);
/* Under the guard, with the reason set: tells all who may sleep. True: there were some. */
bool cancel_point_tell(struct cancel_point *point);
/* The whole of it, for a point that is no handle's: sets the reason, unless there is one, and
 * tells.
 */
void cancel_point_end(struct cancel_point *point, sn_error reason);

/* The record was not entered yet, and the handle is there until it is left. */
void scope_enter(struct scope *scope, struct cancel_point *point);
/* The innermost one. */
void scope_leave(struct scope *scope);
/* Whether this thread is inside it. */
bool scope_is_entered(const struct scope *scope);

/* An enum outcome, if one of the thread's scopes has ended; else 0. */
int32_t scope_outcome(void);
/*
 * Before this thread sleeps: the same; if 0, the end of any of its scopes signals the wake event
 * from now on. `wake_handle` -1: it sleeps on a futex, which whoever cancels has to wake.
 */
COLD int32_t scope_before_sleep(int32_t wake_handle);
/* What nearly every wait of a flow finds: it is in one scope, its own, which knows of it since an
 * earlier sleep and has not ended. Then scope_before_sleep() has nothing to do. */
static inline bool scope_is_settled(const struct flow *flow)
{
    const struct scope *scope = thread_words.scope;
    return likely(scope && scope->flow == flow && !scope->outer) &&
           likely(!atomic_load_acquire(&scope->point->reason));
}
/* What a call says that such an outcome has ended; also OUTCOME_NO_MEMORY, of a flow. */
sn_error scope_error(int32_t outcome);

/* Around a wait that no scope must end. */
static inline struct scope *scopes_suspend(void)
{
    struct scope *suspended = thread_words.scope;
    thread_words.scope = NULL;
    return suspended;
}

static inline void scopes_resume(struct scope *suspended)
{
    thread_words.scope = suspended;
}

#endif
