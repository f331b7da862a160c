#include "engine/blocking.h"

#include <errno.h>

#include "engine/turn.h"
#include "engine/wait.h"
#include "sys/sys.h"

/* Between two tries where no event tells when to try again: 1 ms, doubled up to 16. */
static int64_t retry_at(const sn_operation *operation, int64_t deadline_ns)
{
    uint32_t doublings = operation->internal.tries < 5 ? operation->internal.tries - 1u : 4u;
    int64_t at_ns = sys_now() + (INT64_C(1000000) << doublings);
    return at_ns < deadline_ns ? at_ns : deadline_ns;
}

static int32_t wait_for_next(sn_operation *operation, struct descriptor *descriptor, int64_t result,
                             struct deadline *deadline, uint32_t cancels)
{
    int16_t events = operation_events(operation, result);
    int64_t until_ns = deadline_at(deadline);
    if (events)
        return descriptor_wait(descriptor, events, until_ns, cancels, NULL);
    int64_t retry_ns = retry_at(operation, until_ns);
    int32_t reason = descriptor_wait(descriptor, 0, retry_ns, cancels, NULL);
    return reason == WAIT_TIMED_OUT && retry_ns < until_ns ? WAIT_READY : reason;
}

static int64_t run(sn_operation *operation, struct descriptor *descriptor, int32_t timeout_ms,
                   struct deadline *deadline, uint32_t cancels)
{
    for (;;) {
        int64_t result =
            operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
        if (result >= 0 && !operation_advance(operation, result))
            return result;
        if (result < 0 && !operation_would_block(operation, result))
            return result;
        if (timeout_ms == BLOCKING_NEVER)
            return operation->transferred > 0 ? 0 : result;
        /* A send that went out in part has filled the kernel's buffer: trying again at once is vain. */
        int32_t reason =
            wait_for_next(operation, descriptor, result, deadline, cancels);
        if (reason != WAIT_READY)
            return reason;
    }
}

void operation_run_blocking(sn_operation *operation, struct descriptor *descriptor,
                            int32_t timeout_ms)
{
    struct deadline deadline = {.timeout_ms = timeout_ms};
    uint32_t cancels = atomic_load_acquire(&descriptor->cancels);
    int64_t *result = &operation->internal.native_result;
    if (!(operation->internal.marks & MARK_ALL)) {
        *result = run(operation, descriptor, timeout_ms, &deadline, cancels);
        return;
    }
    if (!turn_try(descriptor)) {
        int32_t reason = timeout_ms == BLOCKING_NEVER
                             ? -EAGAIN
                             : turn_take(descriptor, &deadline, cancels);
        if (reason != WAIT_TURN) {
            *result = reason;
            return;
        }
    }
    *result = run(operation, descriptor, timeout_ms, &deadline, cancels);
    turn_give(descriptor);
}
