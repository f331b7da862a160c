#include "descriptor/scope.h"

#include "descriptor/outcome.h"
#include "sys/sys.h"

/* In a forked child the scopes in the list are those of the parent's threads; the one that has
 * forked enters itself anew, see scope_before_sleep(). */
static void hold(struct cancel_point *point)
{
    guard_acquire(GUARD_CANCELLATION, point);
    if (unlikely(point->forks != sys_fork_count())) {
        list_init(&point->scopes);
        point->forks = sys_fork_count();
    }
}

static void let_go(struct cancel_point *point)
{
    guard_release(GUARD_CANCELLATION, point);
}

void cancel_point_init(struct cancel_point *point)
{
    point->reason = SN_OK;
    point->forks = sys_fork_count();
    list_init(&point->scopes);
}

bool cancel_point_tell(struct cancel_point *point)
{
    if (point->forks != sys_fork_count() || list_is_empty(&point->scopes))
        return false;
    for (struct list *link = point->scopes.next; link != &point->scopes; link = link->next) {
        struct scope *scope = container_of((void *)link, struct scope, link);
        scope->was_told = scope->wake_handle >= 0;
        if (scope->flow)
            scope->flow->class->wake(scope->flow);
        if (scope->was_told)
            sys_wake_signal(scope->wake_handle);
    }
    return true;
}

void cancel_point_end(struct cancel_point *point, sn_error reason)
{
    hold(point);
    if (!point->reason) {
        atomic_store_release(&point->reason, reason);
        (void)cancel_point_tell(point);
    }
    let_go(point);
}

/* --- Entering and leaving --------------------------------------------------------------------- */

bool scope_is_entered(const struct scope *scope)
{
    const struct scope *entered = thread_words.scope;
    while (entered && entered != scope)
        entered = entered->outer;
    return entered != NULL;
}

/* Asked for before anything is in a vector register: see decision 0017. */
COLD static struct scope **innermost(void)
{
    return &thread_words.scope;
}

void scope_enter(struct scope *scope, struct cancel_point *point)
{
    struct scope **place = innermost();
    *scope = (struct scope){.point = point, .outer = *place, .wake_handle = -1};
    *place = scope;
}

/* The thread is in no other list, so nobody else's signal is taken away. */
void scope_leave(struct scope *scope)
{
    assert(thread_words.scope == scope);
    thread_words.scope = scope->outer;
    if (!scope->is_linked || scope->forks != sys_fork_count())
        return;
    hold(scope->point);
    list_remove(&scope->link);
    let_go(scope->point);
    if (scope->was_told)
        sys_wake_drain(scope->wake_handle);
}

/* --- Sleeping --------------------------------------------------------------------------------- */

static int32_t outcome_of(const struct scope *scope)
{
    sn_error reason = atomic_load_acquire(&scope->point->reason);
    if (reason == SN_OK)
        return 0;
    if (reason == SN_ERROR_OPERATION_ABORTED)
        return OUTCOME_STOPPED;
    return reason == SN_ERROR_TIMED_OUT ? OUTCOME_OVERDUE : OUTCOME_RECALLED;
}

int32_t scope_outcome(void)
{
    int32_t outcome = 0;
    for (const struct scope *scope = thread_words.scope; scope && !outcome; scope = scope->outer)
        outcome = outcome_of(scope);
    return outcome;
}

/* Under the guard, as a cancel sets the reason and tells: so either it finds the scope, or the
 * reason is found here. */
static int32_t link_scope(struct scope *scope, int32_t wake_handle)
{
    hold(scope->point);
    int32_t outcome = outcome_of(scope);
    if (!outcome && !(scope->is_linked && scope->forks == sys_fork_count())) {
        list_append(&scope->point->scopes, &scope->link);
        scope->forks = sys_fork_count();
        scope->is_linked = true;
        scope->flow = flow_current();
        scope->wake_handle = wake_handle;
    } else if (!outcome && wake_handle >= 0) {
        scope->wake_handle = wake_handle;
    }
    let_go(scope->point);
    return outcome;
}

/* A flow that is linked is told for good: a cancel after this look wakes its next sleep. */
int32_t scope_before_sleep(int32_t wake_handle)
{
    const struct flow *flow = flow_current();
    int32_t outcome = 0;
    for (struct scope *scope = thread_words.scope; scope && !outcome; scope = scope->outer) {
        bool is_told = flow && scope->flow == flow;
        outcome = is_told ? outcome_of(scope) : link_scope(scope, flow ? -1 : wake_handle);
    }
    return outcome;
}

sn_error scope_error(int32_t outcome)
{
    if (outcome == OUTCOME_STOPPED)
        return SN_ERROR_OPERATION_ABORTED;
    if (outcome == OUTCOME_NO_MEMORY)
        return SN_ERROR_OUT_OF_MEMORY;
    return outcome == OUTCOME_OVERDUE ? SN_ERROR_TIMED_OUT : SN_ERROR_OPERATION_CANCELED;
}
