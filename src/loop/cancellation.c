/* A handle that cancels many operations at once. */
#include "loop/cancellation.h"

#include "loop/cancel.h"
#include "sys/sys.h"

void cancellation_drop(sn_cancellation *cancellation)
{
    if (atomic_sub_acq_rel(&cancellation->references, 1u) > 1)
        return;
    memory_free(cancellation);
}

static struct list *link_of(sn_operation *operation)
{
    return &record_of(operation)->cancellation_link;
}

static sn_operation *operation_of(struct list *link)
{
    return record_operation(container_of((void *)link, struct record, cancellation_link));
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

void cancellation_hold(sn_cancellation *cancellation)
{
    guard_acquire(GUARD_CANCELLATION, cancellation);
    if (unlikely(cancellation->forks != sys_fork_count()))
        begin_anew(cancellation);
}

void cancellation_let_go(sn_cancellation *cancellation)
{
    guard_release(GUARD_CANCELLATION, cancellation);
}

bool cancellation_link(sn_operation *operation)
{
    sn_cancellation *cancellation = operation->cancellation;
    if (!cancellation)
        return true;
    cancellation_hold(cancellation);
    bool is_open = !cancellation->is_cancelled;
    if (is_open) {
        list_append(&cancellation->operations, link_of(operation));
        atomic_or_acq_rel(&record_of(operation)->state, (uint32_t)OPERATION_LINKED);
        atomic_add_relaxed(&cancellation->references, 1u);
    }
    cancellation_let_go(cancellation);
    return is_open;
}

void cancellation_unlink(sn_operation *operation)
{
    /* The state tells, since the link is its neighbours' too. One that is not linked has no
     * reference to the handle. */
    if (!(atomic_load_relaxed(&record_of(operation)->state) & OPERATION_LINKED))
        return;
    sn_cancellation *cancellation = operation->cancellation;
    cancellation_hold(cancellation);
    list_remove(link_of(operation));
    cancellation_let_go(cancellation);
    atomic_and_acq_rel(&record_of(operation)->state, ~(uint32_t)OPERATION_LINKED);
    cancellation_drop(cancellation);
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
    cancellation->delay_ms = SN_FOREVER;
    *out_cancellation = cancellation;
    return SN_OK;
}

/* While an operation is linked it cannot complete without this lock, so each one found is alive. */
void sn_cancellation_cancel(sn_cancellation *cancellation)
{
    if (!cancellation)
        return;
    cancellation_hold(cancellation);
    atomic_store_relaxed(&cancellation->is_cancelled, true);
    struct list *link = cancellation->operations.next;
    for (; link != &cancellation->operations; link = link->next)
        sn_operation_cancel(operation_of(link));
    cancellation_let_go(cancellation);
}

bool sn_cancellation_is_canceled(const sn_cancellation *cancellation)
{
    return cancellation && atomic_load_relaxed(&cancellation->is_cancelled);
}
