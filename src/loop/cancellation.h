/**
 * The handle that cancels many operations: what its files share, and the fast way.
 *
 * Operations are linked to it, and a cancel goes through the list. Threads that start and workers
 * that complete do so under its guard. But most handles are used on one worker: the handle of a
 * connection, a request. So the first worker that needs it becomes its *home*, for good: what is
 * started on that thread stands in a list of its own, which no other thread touches, and a cancel
 * asks the worker, through its inbox, to end what is in it. Whether a handle was cancelled before
 * an operation is put into that list or after: either that is seen, or the worker finds it.
 *
 * A home may be gone long before its handle, with its engine: the handle keeps the engine's memory
 * (struct worker_owner), and a worker that has ended gives no reference.
 */
#ifndef LOOP_CANCELLATION_H
#define LOOP_CANCELLATION_H

#include "loop/worker.h"
#include "operation/operation.h"

struct sn_cancellation {
    struct cancel_point point; /* first: whether it was cancelled, and who is in its scopes */
    uint32_t entered;          /* atomic: how many scopes of it were entered and not left */
    /* Under its guard, but for the references. */
    uint32_t forks; /* the process whose operations are linked */
    uint32_t
        references; /* atomic: the program's, one for each linked operation and each scope, one for
                       all that are at home, the timer's, and while it is on its way to its home */
    bool is_timer_running;
    bool is_on_its_way;     /* to its home, to end what is there */
    struct list operations; /* by their cancellation_link */
    sn_operation timer;
    sn_milliseconds delay_ms; /* what the timer is to be started with again when it ends;
                                 SN_FOREVER: it is not */

    struct worker *home; /* atomic; written under the guard, once: NULL until then */
    void *inbox_next;    /* while it is on its way */
    /* Its home's thread: */
    struct list at_home; /* operations, by their cancellation_link */
    uint32_t home_count; /* atomic: how many there are */
};

/* Around a use of what is under its guard; begins it anew in a forked child. */
void cancellation_hold(sn_cancellation *cancellation);
void cancellation_let_go(sn_cancellation *cancellation);
/* Cancels it, for one of the two reasons; the first one stands. */
void cancellation_cancel(sn_cancellation *cancellation, sn_error reason);
/* Gives a reference back. */
void cancellation_drop(sn_cancellation *cancellation);

/* On the worker, for an operation of its own: links it to its handle. False: that is cancelled. */
bool cancellation_tie(struct worker *worker, sn_operation *operation);
/* On the worker: of one that is tied (MARK_TIED). */
void cancellation_untie(sn_operation *operation);
/* On its home: one that was tied there, and is no more; NULL: there is none. */
sn_operation *cancellation_take_home(sn_cancellation *cancellation);

static inline sn_operation *cancellation_operation(struct list *link)
{
    return record_operation(container_of((void *)link, struct record, cancellation_link));
}

#endif
