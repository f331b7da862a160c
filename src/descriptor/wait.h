/**
 * Threads that sleep in a descriptor, and how others wake them.
 *
 * A sleeping thread polls two descriptors: the one it wants something of, and its own wake event.
 * The wake event is made when a thread sleeps for the first time and closed when the thread ends. A
 * thread is in the descriptor's list of waiters only while it sleeps.
 */
#ifndef DESCRIPTOR_WAIT_H
#define DESCRIPTOR_WAIT_H

#include "descriptor/outcome.h"
#include "descriptor/record.h"

/* The waiters are a ring, whose last one the descriptor knows: an idle descriptor has one pointer
 * of it instead of a list's two. */
struct waiter {
    struct waiter *next, *previous; /* NULL: in no ring */
    int32_t wake_handle;            /* borrowed from its thread */
    int32_t reason;       /* under the descriptor's lock: 0, or enum outcome: why it was woken */
    bool wants_send_lock; /* sleeps until it may send, see lane.h */
    bool carries_kept;    /* is told what ends the descriptor's kept operation */
};

/* Instead of a count of cancels: the caller carries the descriptor's kept operation, and
 * `kept_end` tells it what ends that. */
#define CANCELS_OF_KEPT INT64_C(-1)

/* The calling thread's wake event, made on first need, or -errno. */
int32_t thread_wake(void);

/* A span in ms becomes a point in time: made from it on first need only, since most calls never
 * wait. 0 and less: no limit. */
struct deadline {
    int32_t timeout_ms;
    int64_t at_ns; /* 0: not computed yet */
};
int64_t deadline_at(struct deadline *deadline);
/* The point in time so many ms from now; a span of centuries is cut to one. */
int64_t deadline_after(sn_milliseconds span_ms);
/* The same for a wait: SYS_NEVER for SN_FOREVER, and for 0 a point that has passed already. */
int64_t deadline_of_wait(sn_milliseconds span_ms);

/*
 * Sleeps until one of `events` (poll's words) is there or something else happens. The caller is
 * with a reference to it. `cancels` is descriptor->cancels as it was when the caller's call began,
 * or CANCELS_OF_KEPT.
 * With events 0 only a wake or the deadline ends it.
 *
 * Returns an enum outcome or -errno; `out_revents`, if not NULL, what poll reported.
 */
int32_t descriptor_wait(struct descriptor *descriptor, int16_t events, int64_t deadline_ns,
                        int64_t cancels, int16_t *out_revents);

/* The same for several handles, which are the caller's but for the first: there the thread's wake
 * event is entered. They are those that want something outward, or all inward. */
int32_t descriptor_wait_any(struct descriptor *descriptor, struct sys_poll *polls, size_t count,
                            int64_t deadline_ns, int64_t cancels);

/* sys_poll() for a thread that is in lists, with its wake event first. Unless it only looks, the
 * end of a scope of the thread's ends it, with an enum outcome (scope.h). -EINTR when a signal has
 * interrupted it and the program is to be asked, once the thread is in none: see interrupt.h. */
int32_t waiter_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns);
/* As sys_poll(), of what a close waits for: in a callback it only looks, and nothing but the end of
 * its engine ends it in a flow. */
int32_t closing_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns);
/* Links the waiter and returns 0, or says why it must not sleep: the descriptor is closing or was
 * cancelled. It has to be delisted in both cases. */
int32_t waiter_enlist(struct descriptor *descriptor, struct waiter *waiter, int64_t cancels);
/* Unlinks it and returns the reason. */
int32_t waiter_delist(struct descriptor *descriptor, struct waiter *waiter);

/* Under the lock: gives each waiter the reason and wakes it. */
void waiters_wake_all(struct descriptor *descriptor, int32_t reason);
/* The same for the one that carries the kept operation. */
void waiters_wake_carrier(struct descriptor *descriptor, int32_t reason);

/* Under the lock: behind all others. */
void waiter_link(struct descriptor *descriptor, struct waiter *waiter);

/* Under the lock: the one behind it, or the first behind NULL; NULL behind the last. */
static inline struct waiter *waiter_after(const struct descriptor *descriptor,
                                          const struct waiter *waiter)
{
    if (!waiter)
        return descriptor->waiters ? descriptor->waiters->next : NULL;
    return waiter == descriptor->waiters ? NULL : waiter->next;
}

#endif
