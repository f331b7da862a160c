/* Cancelling what has a handle: what is linked under its guard, and what is at its home. */
#include "loop/cancel.h"
#include "loop/cancellation.h"

/* Under the guard, before it is cancelled: whom to tell, with a reference of the handle's. */
static struct worker *home_to_tell(sn_cancellation *cancellation)
{
    struct worker *home = cancellation->home;
    if (!home)
        return NULL;
    atomic_add_relaxed(&cancellation->references, 1u);
    cancellation->is_on_its_way = true;
    return home;
}

/* Without the guard, since it may have to wake the worker. */
static void tell_home(struct worker *home, sn_cancellation *cancellation)
{
    if (!worker_ref(home)) { /* it has ended, with all that it had */
        cancellation_drop(cancellation);
        return;
    }
    worker_cancel(home, cancellation);
    worker_unref(home);
}

/* While an operation is linked it cannot complete without this lock, so each one found is alive. */
void cancellation_cancel(sn_cancellation *cancellation, sn_error reason)
{
    cancellation_hold(cancellation);
    if (cancellation->point.reason) { /* nothing is linked any more that was not told */
        cancellation_let_go(cancellation);
        return;
    }
    struct worker *home = home_to_tell(cancellation);
    atomic_store_release(&cancellation->point.reason, reason);
    bool has_told = cancel_point_tell(&cancellation->point);
    struct list *link = cancellation->operations.next;
    for (; link != &cancellation->operations; link = link->next)
        sn_operation_cancel(cancellation_operation(link));
    cancellation_let_go(cancellation);
    if (has_told)
        operation_wake_any(); /* who sleeps there and not in a poll */
    if (home)
        tell_home(home, cancellation);
}

void sn_cancellation_cancel(sn_cancellation *cancellation)
{
    if (cancellation)
        cancellation_cancel(cancellation, SN_ERROR_OPERATION_CANCELED);
}
