#include "descriptor/wait.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "descriptor/interrupt.h"
#include "descriptor/scope.h"
#include "sys/sys.h"

#define MILLISECOND INT64_C(1000000)

/* --- The thread's wake event ----------------------------------------------------------------- */

/*
 * After a fork the child's copy of the event is the parent's event too, and a wake meant for one
 * would reach the other. So an event that was made before the fork is made anew.
 */
static _Thread_local struct {
    int32_t handle; /* one more than the number, so that zero means none */
    uint32_t fork_count;
} wake;
static pthread_key_t wake_key;

static void close_wake(void *handle_plus_one)
{
    (void)sys_close((int32_t)((intptr_t)handle_plus_one - 1));
    wake.handle = 0;
}

/* When the library is loaded: a fork in the middle of it would leave the child without. */
__attribute__((constructor)) static void prepare_wakes(void)
{
    (void)pthread_key_create(&wake_key, close_wake);
}

static int32_t make_wake(void)
{
    int32_t handle = sys_wake_open();
    if (handle < 0)
        return handle;
    int failed = pthread_setspecific(wake_key, (void *)(intptr_t)(handle + 1));
    if (failed) {
        (void)sys_close(handle);
        return -failed;
    }
    if (wake.handle)
        (void)sys_close(wake.handle - 1); /* the parent's */
    wake.handle = handle + 1;
    wake.fork_count = sys_fork_count();
    return handle;
}

int32_t thread_wake(void)
{
    struct flow *flow = flow_current();
    if (unlikely(flow != NULL))
        return flow->class->event(flow);
    return wake.handle && wake.fork_count == sys_fork_count() ? wake.handle - 1 : make_wake();
}

/* --- Deadlines ------------------------------------------------------------------------------- */

int64_t deadline_at(struct deadline *deadline)
{
    if (deadline->timeout_ms <= 0)
        return SYS_NEVER;
    if (!deadline->at_ns)
        deadline->at_ns = sys_now() + deadline->timeout_ms * MILLISECOND;
    return deadline->at_ns;
}

int64_t deadline_after(sn_milliseconds span_ms)
{
    const int64_t most_ns = INT64_MAX / 2; /* 146 years; adding to it does not overflow */
    return span_ms < most_ns / MILLISECOND ? sys_now() + span_ms * MILLISECOND : most_ns;
}

int64_t deadline_of_wait(sn_milliseconds span_ms)
{
    if (span_ms < 0)
        return SYS_NEVER;
    return span_ms == 0 ? 0 : deadline_after(span_ms);
}

/* --- Waiters --------------------------------------------------------------------------------- */

static void tell(struct waiter *waiter, int32_t reason)
{
    if (waiter->reason)
        return; /* the first reason stands */
    waiter->reason = reason;
    sys_wake_signal(waiter->wake_handle);
}

void waiters_wake_all(struct descriptor *descriptor, int32_t reason)
{
    struct waiter *waiter = NULL;
    while ((waiter = waiter_after(descriptor, waiter)) != NULL)
        tell(waiter, reason);
}

void waiters_wake_carrier(struct descriptor *descriptor, int32_t reason)
{
    struct waiter *waiter = NULL;
    while ((waiter = waiter_after(descriptor, waiter)) != NULL)
        if (waiter->carries_kept)
            tell(waiter, reason);
}

void waiter_link(struct descriptor *descriptor, struct waiter *waiter)
{
    struct waiter *last = descriptor->waiters ? descriptor->waiters : waiter;
    waiter->previous = last;
    waiter->next = last == waiter ? waiter : last->next;
    waiter->next->previous = waiter;
    last->next = waiter;
    descriptor->waiters = waiter;
}

/* Under the lock: true if it was in the ring. */
static bool unlink_waiter(struct descriptor *descriptor, struct waiter *waiter)
{
    if (!waiter->next)
        return false;
    if (descriptor->waiters == waiter)
        descriptor->waiters = waiter->previous == waiter ? NULL : waiter->previous;
    waiter->previous->next = waiter->next;
    waiter->next->previous = waiter->previous;
    waiter->next = waiter->previous = NULL;
    return true;
}

/* Under the guard: why it must not sleep, or 0. */
static int32_t refuse(const struct descriptor *descriptor, const struct waiter *waiter,
                      int64_t cancels)
{
    if (descriptor_is_closing(descriptor))
        return OUTCOME_CLOSED;
    if (waiter->carries_kept)
        return outcome_unpack(descriptor->kept_end);
    return descriptor->cancels != cancels ? OUTCOME_CANCELED : 0;
}

int32_t waiter_enlist(struct descriptor *descriptor, struct waiter *waiter, int64_t cancels)
{
    waiter->next = waiter->previous = NULL;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    int32_t reason = waiter->reason = refuse(descriptor, waiter, cancels);
    if (!reason)
        waiter_link(descriptor, waiter);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return reason;
}

int32_t waiter_delist(struct descriptor *descriptor, struct waiter *waiter)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool was_linked = unlink_waiter(descriptor, waiter);
    int32_t reason = waiter->reason;
    /* Here, not after the guard: the record may be gone by then. The reason may be an earlier one
     * than the close. */
    if (unlikely(reason) && was_linked && !descriptor->waiters &&
        descriptor_is_closing(descriptor)) {
        atomic_store_release(&descriptor->cancels, descriptor->cancels + 1);
        word_wake_all(&descriptor->cancels); /* a close may wait, see wait_for_sleepers() */
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    /* A reason given while it was linked came with a signal, which must not wake the next sleep. */
    if (was_linked && reason)
        sys_wake_drain(waiter->wake_handle);
    return reason;
}

static int32_t poll_any(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    return unlikely(interrupt_is_hooked()) ? sys_poll_interruptible(descriptors, count, deadline_ns)
                                           : sys_poll(descriptors, count, deadline_ns);
}

/* What is ready goes before the end of a scope, as before every other: moved bytes are never lost.
 */
COLD static int32_t poll_in_scope(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    int32_t outcome = scope_before_sleep(descriptors->handle);
    if (outcome)
        return outcome;
    int32_t ready = poll_any(descriptors, count, deadline_ns);
    if (ready == 1 && descriptors->revents)
        outcome = scope_outcome();
    return outcome ? outcome : ready;
}

/* A flow is woken by a scope without its event. */
COLD static int32_t poll_as_flow(struct flow *flow, struct sys_poll *descriptors, size_t count,
                                 int64_t deadline_ns)
{
    int32_t ready = sys_poll(descriptors, count, 0);
    while (ready == 0 && deadline_ns != 0 &&
           (deadline_ns == SYS_NEVER || sys_now() < deadline_ns)) {
        int32_t outcome = scope_before_sleep(-1);
        if (outcome)
            return outcome;
        ready = flow->class->poll(flow, descriptors, count, deadline_ns);
    }
    return ready;
}

int32_t waiter_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    struct flow *flow = flow_current();
    if (unlikely(flow != NULL))
        return poll_as_flow(flow, descriptors, count, deadline_ns);
    return scope_is_open() && deadline_ns != 0 ? poll_in_scope(descriptors, count, deadline_ns)
                                               : poll_any(descriptors, count, deadline_ns);
}

int32_t closing_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    struct flow *flow = flow_current();
    if (!flow)
        return sys_poll(descriptors, count, worker_current() ? 0 : deadline_ns);
    int32_t ready = sys_poll(descriptors, count, 0);
    while (ready == 0 && scope_outcome() != OUTCOME_STOPPED && sys_now() < deadline_ns)
        ready = flow->class->poll(flow, descriptors, count, deadline_ns);
    return ready;
}

static enum direction direction_of(int16_t events)
{
    if (events & POLLERR)
        return DIRECTION_ERROR;
    return events & POLLOUT ? DIRECTION_OUT : DIRECTION_IN;
}

static int32_t wait_once(struct descriptor *descriptor, struct sys_poll *polls, size_t count,
                         int64_t deadline_ns, int64_t cancels)
{
    struct waiter waiter = {.wake_handle = thread_wake(),
                            .carries_kept = cancels == CANCELS_OF_KEPT};
    if (waiter.wake_handle < 0)
        return waiter.wake_handle;

    int32_t refusal = waiter_enlist(descriptor, &waiter, cancels);
    polls[0] = (struct sys_poll){.handle = waiter.wake_handle, .events = POLLIN};
    int32_t ready = 0;
    if (!refusal)
        ready = waiter_poll(polls, count, deadline_ns);
    int32_t reason = waiter_delist(descriptor, &waiter);

    if (reason == OUTCOME_CLOSED)
        descriptor_note_aborted(descriptor, direction_of(polls[1].events));
    /* What is ready goes before a wake that came at the same time: moved bytes are never lost. */
    if (ready > (polls[0].revents != 0) && reason != OUTCOME_CLOSED)
        return OUTCOME_READY;
    if (reason)
        return reason;
    return ready < 0 ? ready : OUTCOME_TIMED_OUT;
}

/* The program is asked while the thread is in no list: it may wait in the same descriptor. */
int32_t descriptor_wait_any(struct descriptor *descriptor, struct sys_poll *polls, size_t count,
                            int64_t deadline_ns, int64_t cancels)
{
    int32_t reason;
    do {
        reason = wait_once(descriptor, polls, count, deadline_ns, cancels);
        if (unlikely(reason == -EINTR) && interrupt_ends_wait())
            return OUTCOME_INTERRUPTED;
    } while (unlikely(reason == -EINTR));
    return reason;
}

int32_t descriptor_wait(struct descriptor *descriptor, int16_t events, int64_t deadline_ns,
                        int64_t cancels, int16_t *out_revents)
{
    struct sys_poll polls[] = {
        {.handle = -1},
        {.handle = events ? atomic_load_relaxed(&descriptor->handle) : -1, .events = events},
    };
    int32_t reason =
        descriptor_wait_any(descriptor, polls, array_count(polls), deadline_ns, cancels);
    if (reason == OUTCOME_READY && out_revents)
        *out_revents = polls[1].revents;
    return reason;
}
