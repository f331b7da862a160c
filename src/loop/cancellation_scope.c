/* A handle for the blocking calls of a thread: entering its scope and leaving it. */
#include "loop/cancellation.h"

static struct scope *scope_of(sn_cancellation_scope *scope)
{
    return (struct scope *)(void *)scope->opaque;
}

/* In a forked child the scopes of the parent's other threads are never left: their references keep
 * the handle's memory there. */
sn_error sn_cancellation_enter(sn_cancellation *cancellation, sn_cancellation_scope *scope)
{
    if (!cancellation || !scope)
        return SN_ERROR_ARGUMENT_NULL;
    if (scope_is_entered(scope_of(scope)))
        return SN_ERROR_INVALID_OPERATION;
    atomic_add_acq_rel(&cancellation->entered, 1u);
    atomic_add_acq_rel(&cancellation->references, 1u);
    scope_enter(scope_of(scope), &cancellation->point);
    return SN_OK;
}

sn_error sn_cancellation_leave(sn_cancellation_scope *scope)
{
    if (!scope)
        return SN_ERROR_ARGUMENT_NULL;
    if (thread_words.scope != scope_of(scope))
        return SN_ERROR_INVALID_OPERATION;
    sn_cancellation *cancellation =
        container_of(scope_of(scope)->point, struct sn_cancellation, point);
    scope_leave(scope_of(scope));
    atomic_sub_acq_rel(&cancellation->entered, 1u);
    cancellation_drop(cancellation);
    return SN_OK;
}

sn_error sn_cancellation_check(void)
{
    int32_t outcome = scope_outcome();
    return outcome ? scope_error(outcome) : SN_OK;
}
