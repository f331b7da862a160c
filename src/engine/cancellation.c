/* A handle that cancels many operations at once. */
#include "engine/cancel.h"

#include <errno.h>

#include <sennit/engine.h>

#include "engine/start.h"
#include "sys/sys.h"

struct sn_cancellation {
    /* Under its guard, but for the references. */
    uint32_t forks;      /* the process whose operations are linked */
    uint32_t references; /* atomic: the program's, one for each linked operation, the timer's */
    bool is_cancelled;   /* atomic for readers without the lock */
    bool is_timer_running;
    struct list operations; /* by their cancellation_link */
    sn_operation timer;
    int64_t delay_ms; /* what the timer is to be started with again when it ends; -1: it is not */
};

static void drop(sn_cancellation *cancellation)
{
    if (atomic_sub_acq_rel(&cancellation->references, 1u) > 1)
        return;
    memory_free(cancellation);
}

static struct list *link_of(sn_operation *operation)
{
    _Static_assert(sizeof operation->internal.cancellation_link == sizeof(struct list), "a link");
    return (struct list *)(void *)&operation->internal.cancellation_link;
}

/* Under the guard, at the first use in a forked child. The operations that are linked, and the
 * timer, are the parent's: none of them will ever be unlinked here, or give its reference back. */
static void begin_anew(sn_cancellation *cancellation)
{
    uint32_t absent = cancellation->is_timer_running ? 1 : 0;
    struct list *link = cancellation->operations.next;
    for (; link != &cancellation->operations; link = link->next)
        absent++;
    atomic_sub_acq_rel(&cancellation->references, absent);
    list_init(&cancellation->operations);
    cancellation->is_timer_running = false;
    cancellation->timer = (sn_operation){0};
    cancellation->forks = sys_fork_count();
}

static void hold(sn_cancellation *cancellation)
{
    guard_acquire(GUARD_CANCELLATION, cancellation);
    if (unlikely(cancellation->forks != sys_fork_count()))
        begin_anew(cancellation);
}

static void let_go(sn_cancellation *cancellation)
{
    guard_release(GUARD_CANCELLATION, cancellation);
}

bool cancellation_link(sn_operation *operation)
{
    sn_cancellation *cancellation = operation->cancellation;
    if (!cancellation)
        return true;
    hold(cancellation);
    bool is_open = !cancellation->is_cancelled;
    if (is_open) {
        list_append(&cancellation->operations, link_of(operation));
        atomic_or_acq_rel(&operation->state, (uint32_t)OPERATION_LINKED);
        atomic_add_relaxed(&cancellation->references, 1u);
    }
    let_go(cancellation);
    return is_open;
}

void cancellation_unlink(sn_operation *operation)
{
    /* The state tells, since the link is its neighbours' too. One that is not linked has no
     * reference to the handle. */
    if (!(atomic_load_relaxed(&operation->state) & OPERATION_LINKED))
        return;
    sn_cancellation *cancellation = operation->cancellation;
    hold(cancellation);
    list_remove(link_of(operation));
    let_go(cancellation);
    atomic_and_acq_rel(&operation->state, ~(uint32_t)OPERATION_LINKED);
    drop(cancellation);
}

sn_error sn_cancellation_create(sn_cancellation **out_cancellation)
{
    if (!out_cancellation)
        return SN_ERROR_ARGUMENT_NULL;
    sn_cancellation *cancellation = memory_zeroed(sizeof *cancellation);
    if (!cancellation)
        return SN_ERROR_OUT_OF_MEMORY;
    list_init(&cancellation->operations);
    cancellation->references = 1;
    cancellation->forks = sys_fork_count();
    cancellation->delay_ms = -1;
    *out_cancellation = cancellation;
    return SN_OK;
}

/* While an operation is linked it cannot complete without this lock, so each one found is alive. */
void sn_cancellation_cancel(sn_cancellation *cancellation)
{
    if (!cancellation)
        return;
    hold(cancellation);
    atomic_store_relaxed(&cancellation->is_cancelled, true);
    struct list *link = cancellation->operations.next;
    for (; link != &cancellation->operations; link = link->next)
        sn_operation_cancel(container_of((void *)link, sn_operation, internal.cancellation_link));
    let_go(cancellation);
}

bool sn_cancellation_is_cancelled(const sn_cancellation *cancellation)
{
    return cancellation && atomic_load_relaxed(&cancellation->is_cancelled);
}

static void timer_completed(sn_operation *timer);

/* Under the lock; the timer is idle. */
static void start_timer(sn_cancellation *cancellation)
{
    cancellation->is_timer_running = true;
    cancellation->timer.completed = timer_completed;
    cancellation->timer.context = cancellation;
    atomic_add_relaxed(&cancellation->references, 1u);
    int64_t delay_ms = cancellation->delay_ms;
    cancellation->delay_ms = -1;
    sn_engine_delay_async(NULL, delay_ms, &cancellation->timer);
}

static void timer_completed(sn_operation *timer)
{
    sn_cancellation *cancellation = timer->context;
    if (timer->error == SN_OK)
        sn_cancellation_cancel(cancellation);
    hold(cancellation);
    cancellation->is_timer_running = false;
    if (cancellation->delay_ms >= 0 && !cancellation->is_cancelled)
        start_timer(cancellation);
    let_go(cancellation);
    drop(cancellation);
}

sn_error sn_cancellation_cancel_after(sn_cancellation *cancellation, int delay_ms)
{
    if (!cancellation)
        return SN_ERROR_ARGUMENT_NULL;
    if (delay_ms < -1)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (delay_ms == 0) {
        sn_cancellation_cancel(cancellation);
        return SN_OK;
    }
    /* Made here, where its failure can be told. */
    sn_engine *engine;
    sn_error error = sn_engine_default(&engine);
    if (error)
        return error;
    hold(cancellation);
    cancellation->delay_ms = delay_ms;
    if (cancellation->is_timer_running)
        sn_operation_cancel(&cancellation->timer); /* it starts again with the new time */
    else if (delay_ms > 0 && !cancellation->is_cancelled)
        start_timer(cancellation);
    let_go(cancellation);
    return SN_OK;
}

/* The timer has no reason to run on when nobody can be cancelled by it any more; it may be the
 * last. */
void sn_cancellation_release(sn_cancellation *cancellation)
{
    if (!cancellation)
        return;
    hold(cancellation);
    bool is_alone = list_is_empty(&cancellation->operations);
    if (cancellation->is_timer_running && is_alone) {
        cancellation->delay_ms = -1;
        sn_operation_cancel(&cancellation->timer);
    }
    let_go(cancellation);
    drop(cancellation);
}
