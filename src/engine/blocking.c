#include "engine/blocking.h"

#include <errno.h>
#include <poll.h>

#include "descriptor/descriptor.h"
#include "engine/early.h"
#include "engine/engine_object.h"
#include "engine/start.h"
#include "engine/suspended.h"
#include "loop/loop.h"
#include "sys/sys.h"

#define RETRY_NS INT64_C(1000000)

/* Between two tries where no event tells when to try again: 1 ms, doubled up to 16. */
static int64_t retry_at(const sn_operation *operation, int64_t deadline_ns)
{
    uint32_t doublings = record_of(operation)->tries < 5 ? record_of(operation)->tries : 4u;
    int64_t at_ns = sys_now() + (RETRY_NS << doublings);
    return at_ns < deadline_ns ? at_ns : deadline_ns;
}

static int32_t wait_for_next(sn_operation *operation, struct descriptor *descriptor, int64_t result,
                             struct deadline *deadline, int64_t cancels, int16_t *out_revents)
{
    int16_t events = operation_events(operation, result);
    int64_t until_ns = deadline_at(deadline);
    /* The kernel may call a socket ready for ever that is not (a connect after a shutdown). */
    if (until_ns != SYS_NEVER && sys_now() >= until_ns)
        return OUTCOME_TIMED_OUT;
    if (action_of(operation)->makes_connection && (*out_revents & POLLHUP))
        events = 0; /* such a one is asked again after a while */
    if (unlikely(operation_was_woken_in_vain(operation, *out_revents)))
        events = *out_revents = 0; /* and so is one that another's error has woken */
    if (events) {
        int32_t reason = descriptor_wait(descriptor, events, until_ns, cancels, out_revents);
        return reason == OUTCOME_RENEWED ? OUTCOME_READY : reason;
    }
    int64_t retry_ns = retry_at(operation, until_ns);
    int32_t reason = descriptor_wait(descriptor, 0, retry_ns, cancels, NULL);
    return reason == OUTCOME_TIMED_OUT && retry_ns < until_ns ? OUTCOME_READY : reason;
}

/* How long a call looks on before it sleeps; see sn_engine_set_blocking_spin(). */
static int32_t spin_us; /* atomic */

sn_error sn_engine_set_blocking_spin(int wanted_us)
{
    if (wanted_us < 0 || wanted_us > SPIN_US_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    /* With one processor the thread it waits for could not run meanwhile. */
    atomic_store_relaxed(&spin_us,
                         wanted_us > 0 && sys_processor_count_online() > 1 ? wanted_us : 0);
    return SN_OK;
}

/* Whether to try again at once instead of sleeping. The time counts from the first attempt in vain.
 */
static bool spins_on(struct descriptor *descriptor, int64_t *until_ns)
{
    int32_t span_us = atomic_load_relaxed(&spin_us);
    if (span_us == 0 || descriptor_is_closing(descriptor))
        return false;
    int64_t now_ns = sys_now();
    if (*until_ns == 0)
        *until_ns = now_ns + span_us * INT64_C(1000);
    return now_ns < *until_ns;
}

static int64_t attempt(sn_operation *operation, const struct descriptor *descriptor)
{
    return operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
}

/* `result` is what the first attempt has said. */
static int64_t run(sn_operation *operation, struct descriptor *descriptor, int32_t timeout_ms,
                   struct deadline *deadline, int64_t cancels, int64_t result)
{
    int16_t revents = 0;
    int64_t spin_until_ns = 0;
    for (;; result = attempt(operation, descriptor)) {
        if (revents & (POLLHUP | POLLRDHUP))
            result = operation_result_after_hang_up(operation, descriptor, result);
        if (result >= 0 && !operation_advance(operation, result))
            return result;
        if (result < 0 && !operation_would_block(operation, result))
            return result;
        if (timeout_ms == BLOCKING_NEVER && record_of(operation)->action == ACTION_SEND_PACKETS) {
            /* All or "would block"; more fits as long as it is ready right now. */
            int32_t ready = result < 0 ? OUTCOME_TIMED_OUT
                                       : descriptor_wait(descriptor, POLLOUT, 0, cancels, &revents);
            if (ready == OUTCOME_READY)
                continue;
            return ready == OUTCOME_TIMED_OUT ? -EAGAIN : ready;
        }
        bool is_whole = action_of(operation)->is_all_or_error;
        if (timeout_ms == BLOCKING_NEVER && result >= 0 &&
            (action_of(operation)->takes_turns || is_whole))
            continue;
        if (timeout_ms == BLOCKING_NEVER)
            return operation_has_moved(operation) && !is_whole ? 0 : result;
        /* A send that went out in part has filled the kernel's buffer: trying again at once is
         * vain. */
        if (spins_on(descriptor, &spin_until_ns))
            continue;
        spin_until_ns = 0;
        int32_t reason = wait_for_next(operation, descriptor, result, deadline, cancels, &revents);
        if (reason != OUTCOME_READY)
            return reason;
    }
}

/* As wait_for_next(). */
static int32_t wait_for_bytes(struct descriptor *descriptor, struct deadline *deadline,
                              uint32_t cancels, int16_t *inout_revents)
{
    const int16_t events = POLLIN | POLLRDHUP;
    int64_t until_ns = deadline_at(deadline);
    if (likely(*inout_revents == 0) || (*inout_revents & (events | POLLHUP)))
        return descriptor_wait(descriptor, events, until_ns, cancels, inout_revents);
    *inout_revents = 0; /* woken in vain, see operation_was_woken_in_vain() */
    int64_t retry_ns = sys_now() + RETRY_NS;
    if (retry_ns >= until_ns)
        return descriptor_wait(descriptor, 0, until_ns, cancels, NULL);
    int32_t reason = descriptor_wait(descriptor, 0, retry_ns, cancels, NULL);
    return reason == OUTCOME_TIMED_OUT ? OUTCOME_READY : reason;
}

int64_t blocking_receive(struct descriptor *descriptor, void *data, size_t size, int32_t timeout_ms)
{
    struct deadline deadline = {.timeout_ms = timeout_ms};
    uint32_t cancels = atomic_load_acquire(&descriptor->cancels);
    int64_t spin_until_ns = 0;
    int16_t revents = 0;
    for (;;) {
        int64_t result = sys_receive_once(atomic_load_relaxed(&descriptor->handle), data, size);
        if (likely(result >= 0))
            return result;
        if (result == -EINTR)
            continue;
        if (result != -EAGAIN || timeout_ms == BLOCKING_NEVER)
            return result;
        if (spins_on(descriptor, &spin_until_ns))
            continue;
        spin_until_ns = 0;
        int32_t reason = wait_for_bytes(descriptor, &deadline, cancels, &revents);
        if (reason != OUTCOME_READY)
            return reason;
    }
}

void operation_run_blocking_on(sn_operation *operation, struct descriptor *descriptor,
                               int32_t timeout_ms, uint32_t cancels, int64_t result)
{
    struct deadline deadline = {.timeout_ms = timeout_ms};
    if (result == -EINTR)
        result = attempt(operation, descriptor);
    record_of(operation)->native_result =
        run(operation, descriptor, timeout_ms, &deadline, cancels, result);
}

int64_t operation_carry(sn_operation *operation, struct descriptor *descriptor, int64_t deadline_ns)
{
    struct deadline deadline = {.timeout_ms = deadline_ns != SYS_NEVER,
                                .at_ns = deadline_ns > 0 ? deadline_ns : 1};
    /* The start has just tried it in vain, or a wait before this one. But a wait that only looks
     * would never get to an attempt. */
    int64_t result = deadline_ns == SYS_NEVER ? -EAGAIN : attempt(operation, descriptor);
    return run(operation, descriptor, 0, &deadline, CANCELS_OF_KEPT, result);
}

/* What marks the operation of a blocking call that has queued behind asynchronous ones. */
static const char blocking_context;

bool operation_is_blocking(const sn_operation *operation)
{
    return operation->context == &blocking_context || operation->completed == suspended_completed;
}

static bool must_not_queue(sn_operation *operation, int32_t timeout_ms)
{
    if (timeout_ms == BLOCKING_NEVER) {
        record_of(operation)->native_result = -EAGAIN;
        return true;
    }
    if (flow_must_not_wait()) { /* a callback: sn_operation_wait() would refuse, the operation go on
                                 */
        operation->error = SN_ERROR_INVALID_OPERATION;
        record_of(operation)->native_result = OUTCOME_MISUSE;
        return true;
    }
    return false;
}

COLD static void end_early(sn_operation *operation, sn_error reason)
{
    sn_operation_cancel(operation);
    operation_await_end(operation);
    early_tell_reason(operation, reason);
}

/* The call may have waited for the send lock before: its time counts from there, and a cancel that
 * came meanwhile has found neither a waiter nor an operation. */
static bool run_behind(sn_operation *operation, struct worker *worker,
                       struct descriptor *descriptor, enum direction direction,
                       const struct deadline *deadline, uint32_t cancels)
{
    if (must_not_queue(operation, deadline->timeout_ms)) {
        worker_unref(worker);
        return true;
    }
    operation->context = (void *)(uintptr_t)&blocking_context;
    operation->timeout_ms = deadline->timeout_ms;
    record_of(operation)->deadline.key = deadline->at_ns;
    atomic_store_relaxed(&record_of(operation)->state, (uint32_t)OPERATION_PENDING);
    atomic_add_acq_rel(&descriptor->refs, 1); /* the operation's */
    operation_start_behind(worker, descriptor, operation, direction);
    worker_unref(worker);
    /* After the start: a cancel that changes the count from now on finds the operation. */
    if (atomic_load_acquire(&descriptor->cancels) != cancels)
        sn_operation_cancel(operation);
    /* Its error is the operation's own, read by the caller, unless the wait was ended. */
    sn_error error = sn_operation_wait(operation);
    if (operation_is_pending(operation))
        end_early(operation, error);
    return false;
}

static int32_t acquire_send_lock(struct descriptor *descriptor, int32_t timeout_ms,
                                 struct deadline *deadline, uint32_t cancels)
{
    if (send_lock_try(descriptor))
        return OUTCOME_SEND_LOCK;
    if (lane_has_operations(descriptor, DIRECTION_OUT))
        return OUTCOME_READY;
    return timeout_ms == BLOCKING_NEVER ? -EAGAIN
                                        : send_lock_acquire(descriptor, deadline, cancels);
}

/* Nobody can queue behind what no worker has: so that goes to one; or, while a thread carries it,
 * there is one to queue at. */
COLD static void get_behind_kept(struct descriptor *descriptor)
{
    int32_t native;
    kept_bring(descriptor);
    (void)descriptor_bind(descriptor, NULL, &native);
}

bool operation_run_blocking(sn_operation *operation, struct descriptor *descriptor,
                            enum direction direction, int32_t timeout_ms)
{
    struct flow *flow = flow_current();
    if (flow && timeout_ms != BLOCKING_NEVER) {
        suspended_run(flow, operation, descriptor, direction, timeout_ms);
        return false;
    }
    struct deadline deadline = {.timeout_ms = timeout_ms};
    uint32_t cancels = atomic_load_acquire(&descriptor->cancels);
    int32_t reason = OUTCOME_READY;
    bool is_locked = (record_of(operation)->marks & MARK_ALL) != 0;
    if (unlikely(direction == DIRECTION_IN && lane_is_taken(descriptor, direction)))
        get_behind_kept(descriptor);
    /* Where the worker is gone with its engine, nothing is pending any more. */
    do {
        if (is_locked)
            reason = acquire_send_lock(descriptor, timeout_ms, &deadline, cancels);
        struct worker *worker =
            reason == OUTCOME_READY && lane_has_operations(descriptor, direction)
                ? worker_ref_of(descriptor)
                : NULL;
        if (worker)
            return run_behind(operation, worker, descriptor, direction, &deadline, cancels);
    } while (is_locked && reason == OUTCOME_READY);
    int64_t *result = &record_of(operation)->native_result;
    if (is_locked && reason != OUTCOME_SEND_LOCK) {
        *result = reason;
        return true;
    }
    *result =
        run(operation, descriptor, timeout_ms, &deadline, cancels, attempt(operation, descriptor));
    if (is_locked)
        send_lock_release(descriptor);
    return true;
}
