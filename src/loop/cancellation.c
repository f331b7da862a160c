/* A handle that cancels many operations at once. */
#include "loop/cancellation.h"

#include "loop/cancel.h"
#include "sys/sys.h"

void cancellation_drop(sn_cancellation *cancellation)
{
    if (atomic_sub_acq_rel(&cancellation->references, 1u) > 1)
        return;
    struct worker *home = cancellation->home;
    if (home)
        home->owner->release(home->engine);
    memory_free(cancellation);
}

static struct list *link_of(sn_operation *operation)
{
    return &record_of(operation)->cancellation_link;
}

/* Under the guard, at the first use in a forked child. The operations that are linked, the timer
 * and the home are the parent's: none of them will ever be unlinked here, or give its reference
 * back. */
static void begin_anew(sn_cancellation *cancellation)
{
    uint32_t absent = (cancellation->is_timer_running ? 1u : 0u) +
                      (cancellation->is_on_its_way ? 1u : 0u) +
                      (atomic_load_acquire(&cancellation->home_count) > 0 ? 1u : 0u);
    struct list *link = cancellation->operations.next;
    for (; link != &cancellation->operations; link = link->next)
        absent++;
    atomic_sub_acq_rel(&cancellation->references, absent);
    list_init(&cancellation->operations);
    cancellation->is_timer_running = false;
    cancellation->timer = (sn_operation){0};
    cancellation->is_on_its_way = false;
    cancellation->home_count = 0;
    list_init(&cancellation->at_home);
    atomic_store_release(&cancellation->home, (struct worker *)NULL);
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
    bool is_open = !cancellation->point.reason;
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
    cancel_point_init(&cancellation->point);
    list_init(&cancellation->operations);
    list_init(&cancellation->at_home);
    cancellation->references = 1;
    cancellation->forks = sys_fork_count();
    cancellation->delay_ms = SN_FOREVER;
    *out_cancellation = cancellation;
    return SN_OK;
}

/* --- At home ---------------------------------------------------------------------------------- */

/* Whether the worker is its home from now on, if it has none yet. */
COLD static bool settle_down(struct worker *worker, sn_cancellation *cancellation)
{
    cancellation_hold(cancellation);
    if (!cancellation->home) {
        worker->owner->retain(worker->engine);
        atomic_store_release(&cancellation->home, worker);
    }
    bool is_home = cancellation->home == worker;
    cancellation_let_go(cancellation);
    return is_home;
}

/* The count follows the references, so that a fork in between finds a reference too many at most.
 */
bool cancellation_tie(struct worker *worker, sn_operation *operation)
{
    sn_cancellation *cancellation = operation->cancellation;
    if (unlikely(atomic_load_relaxed(&cancellation->home) != worker) &&
        !settle_down(worker, cancellation))
        return cancellation_link(operation);
    if (unlikely(atomic_load_relaxed(&cancellation->point.reason)))
        return false;
    uint32_t count = cancellation->home_count;
    if (count == 0)
        atomic_add_relaxed(&cancellation->references, 1u);
    atomic_store_release(&cancellation->home_count, count + 1);
    list_append(&cancellation->at_home, link_of(operation));
    record_of(operation)->marks |= MARK_TIED;
    return true;
}

void cancellation_untie(sn_operation *operation)
{
    sn_cancellation *cancellation = operation->cancellation;
    uint32_t count = cancellation->home_count - 1;
    record_of(operation)->marks &= (uint16_t)~MARK_TIED;
    list_remove(link_of(operation));
    atomic_store_release(&cancellation->home_count, count);
    if (count == 0)
        cancellation_drop(cancellation);
}

sn_operation *cancellation_take_home(sn_cancellation *cancellation)
{
    struct list *link = list_first(&cancellation->at_home);
    if (!link)
        return NULL;
    cancellation_untie(cancellation_operation(link));
    return cancellation_operation(link);
}

bool sn_cancellation_is_canceled(const sn_cancellation *cancellation)
{
    return sn_cancellation_get_reason(cancellation) != SN_OK;
}

sn_error sn_cancellation_get_reason(const sn_cancellation *cancellation)
{
    return cancellation ? atomic_load_relaxed(&cancellation->point.reason) : SN_OK;
}

void cancellation_note(sn_operation *operation)
{
    if (sn_cancellation_get_reason(operation->cancellation) == SN_ERROR_TIMED_OUT)
        record_of(operation)->marks |= MARK_OVERDUE;
}
