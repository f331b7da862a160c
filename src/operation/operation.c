#include "operation/record.h"

#include <errno.h>
#include <string.h>

#include "descriptor/descriptor.h"
#include "error/error.h"
#include "sys/sys.h"

_Static_assert(
    sizeof(void *) < 8 || sizeof(sn_operation) == 272,
    "programs embed operations in their own records: what is added takes the spare word");

/* Completions that somebody waits for among several bump this word; see sn_operation_wait_any(). */
static uint32_t any_completed;

void operation_wake_waiters(const sn_operation *operation, uint32_t state)
{
    if (state & OPERATION_WAITED)
        word_wake_all(&record_of(operation)->state);
    if (state & OPERATION_WAITED_ANY)
        operation_wake_any();
}

void operation_wake_any(void)
{
    atomic_add_acq_rel(&any_completed, 1u);
    word_wake_all(&any_completed);
}

void operation_finish_detached(sn_operation *operation)
{
    switch (record_of(operation)->native_result) {
    case OUTCOME_CANCELED: operation->error = SN_ERROR_OPERATION_CANCELED; break;
    case OUTCOME_STOPPED: operation->error = SN_ERROR_OPERATION_ABORTED; break;
    case OUTCOME_OVERDUE:
    case OUTCOME_TIMED_OUT: operation->error = SN_ERROR_TIMED_OUT; break;
    case OUTCOME_NO_MEMORY:
        operation->error = SN_ERROR_OUT_OF_MEMORY;
        operation->native_error = ENOMEM;
        break;
    case OUTCOME_MISUSE: break; /* whoever started it has set the error */
    default:
        if (record_of(operation)->native_result < 0) { /* its engine has ended */
            operation->native_error = (int)-record_of(operation)->native_result;
            operation->error = sn_error_from_native(operation->native_error);
        }
        break;
    }
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* Its end is to come without a thread that waits for it alone. */
static void hand_over_kept(sn_operation *operation)
{
    if (operation_claim_kept(operation)) {
        struct descriptor *descriptor = record_of(operation)->owner;
        descriptor->class->hand_over(descriptor, operation);
    }
}

/* One that no worker has is carried by the thread that waits for it; a flow has a worker at hand.
 * False: a signal has ended the wait, or its scope has. */
static bool carry_kept(sn_operation *operation, int64_t deadline_ns)
{
    struct descriptor *descriptor;
    if (flow_current()) {
        hand_over_kept(operation);
        return true;
    }
    if (!operation_claim_kept(operation))
        return true;
    descriptor = record_of(operation)->owner;
    return descriptor->class->carry(descriptor, operation, deadline_ns);
}

static sn_error ended_early(void)
{
    int32_t outcome = scope_outcome();
    return outcome ? scope_error(outcome) : SN_ERROR_INTERRUPTED;
}

/* The word that a thread sleeps on, and what it was. In a scope the one of all, since a cancel of
 * the scope's handle knows nothing of the operation; it is read before the thread looks. A flow is
 * woken by that cancel itself. */
struct place {
    const uint32_t *word;
    uint32_t seen;
    uint32_t mark; /* in the operation's state, so that its end is told there */
};

static struct place place_of(sn_operation *operation)
{
    if (!scope_is_open() || flow_current())
        return (struct place){.word = &record_of(operation)->state, .mark = OPERATION_WAITED};
    return (struct place){.word = &any_completed,
                          .seen = atomic_load_acquire(&any_completed),
                          .mark = OPERATION_WAITED_ANY};
}

/* SN_OK: look again. */
static sn_error sleep_in(const struct place *place, uint32_t seen, int64_t deadline_ns)
{
    if (scope_is_open() && scope_before_sleep(-1))
        return ended_early();
    return word_sleep(place->word, seen, deadline_ns) && interrupt_ends_wait()
               ? SN_ERROR_INTERRUPTED
               : SN_OK;
}

/* SN_OK once it has completed. */
static sn_error wait_until(sn_operation *operation, int64_t deadline_ns)
{
    for (;;) {
        struct place place = place_of(operation);
        if (!carry_kept(operation, deadline_ns))
            return ended_early();
        uint32_t state = atomic_load_acquire(&record_of(operation)->state);
        if ((state & OPERATION_PHASE) != OPERATION_PENDING)
            return SN_OK;
        if (deadline_ns != SYS_NEVER && sys_now() >= deadline_ns)
            return SN_ERROR_TIMED_OUT;
        if (!(state & place.mark) &&
            !atomic_replace_acq_rel(&record_of(operation)->state, &state, state | place.mark))
            continue;
        uint32_t seen = place.mark == OPERATION_WAITED ? state | OPERATION_WAITED : place.seen;
        sn_error error = sleep_in(&place, seen, deadline_ns);
        if (error)
            return error;
    }
}

void operation_await_end(sn_operation *operation)
{
    struct scope *suspended = scopes_suspend();
    while (operation_is_pending(operation))
        (void)!sn_operation_wait(operation);
    scopes_resume(suspended);
}

bool sn_operation_is_completed(const sn_operation *operation)
{
    if (!operation)
        return false;
    hand_over_kept((sn_operation *)(uintptr_t)operation); /* who only looks never carries it */
    return (atomic_load_acquire(&record_of(operation)->state) & OPERATION_PHASE) ==
           OPERATION_COMPLETED;
}

sn_error sn_operation_wait_for(sn_operation *operation, sn_milliseconds timeout_ms)
{
    if (!operation)
        return SN_ERROR_ARGUMENT_NULL;
    if (timeout_ms < SN_FOREVER)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (operation_is_pending(operation)) { /* many have completed at their start */
        if (flow_must_not_wait())
            return SN_ERROR_INVALID_OPERATION; /* a callback that waits holds up its engine, maybe
                                                  for itself */
        sn_error error = wait_until(operation, deadline_of_wait(timeout_ms));
        if (error)
            return error;
    }
    return sn_operation_is_completed(operation) ? operation->error : SN_ERROR_INVALID_OPERATION;
}

sn_error sn_operation_wait(sn_operation *operation)
{
    return sn_operation_wait_for(operation, SN_FOREVER);
}

/* A callback that waits holds up its engine, and maybe itself. */
static bool would_hold_up_engine(const sn_operation *operation)
{
    return flow_must_not_wait() && operation_is_pending(operation);
}

static sn_error check_list(sn_operation *const *operations, size_t count,
                           sn_milliseconds timeout_ms)
{
    if (!operations)
        return SN_ERROR_ARGUMENT_NULL;
    if (timeout_ms < SN_FOREVER)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    for (size_t i = 0; i < count; i++) {
        if (!operations[i])
            return SN_ERROR_ARGUMENT_NULL;
        uint32_t phase = atomic_load_acquire(&record_of(operations[i])->state) & OPERATION_PHASE;
        if (phase != OPERATION_PENDING && phase != OPERATION_COMPLETED)
            return SN_ERROR_INVALID_OPERATION; /* never started */
        if (would_hold_up_engine(operations[i]))
            return SN_ERROR_INVALID_OPERATION;
    }
    return SN_OK;
}

sn_error sn_operation_wait_all(sn_operation *const *operations, size_t count,
                               sn_milliseconds timeout_ms)
{
    sn_error error = check_list(operations, count, timeout_ms);
    if (error)
        return error;
    int64_t deadline_ns = deadline_of_wait(timeout_ms);
    for (size_t i = 0; i < count && !error; i++)
        error = wait_until(operations[i], deadline_ns);
    return error;
}

/* The index of a completed one, or `count`; the others are marked, so that their end is told. */
static size_t find_completed(sn_operation *const *operations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t state = atomic_load_acquire(&record_of(operations[i])->state);
        while ((state & OPERATION_PHASE) == OPERATION_PENDING && !(state & OPERATION_WAITED_ANY))
            if (atomic_replace_acq_rel(&record_of(operations[i])->state, &state,
                                       state | OPERATION_WAITED_ANY))
                break;
        if ((state & OPERATION_PHASE) == OPERATION_COMPLETED)
            return i;
        hand_over_kept(operations[i]); /* after the mark, see kept_put_back() */
    }
    return count;
}

sn_error sn_operation_wait_any(sn_operation *const *operations, size_t count,
                               sn_milliseconds timeout_ms, size_t *out_index)
{
    sn_error error = check_list(operations, count, timeout_ms);
    if (!error && count == 0)
        error = SN_ERROR_ARGUMENT;
    if (!error && !out_index)
        error = SN_ERROR_ARGUMENT_NULL;
    if (error)
        return error;
    int64_t deadline_ns = deadline_of_wait(timeout_ms);
    for (;;) {
        /* Read before the look: a completion in between changes it, and the sleep ends at once. */
        uint32_t seen = atomic_load_acquire(&any_completed);
        size_t index = find_completed(operations, count);
        if (index < count) {
            *out_index = index;
            return SN_OK;
        }
        if (deadline_ns != SYS_NEVER && sys_now() >= deadline_ns)
            return SN_ERROR_TIMED_OUT;
        const struct place place = {.word = &any_completed};
        error = sleep_in(&place, seen, deadline_ns);
        if (error)
            return error;
    }
}
