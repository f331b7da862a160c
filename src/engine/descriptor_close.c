/* What a descriptor wants of its worker: the close, another file under the handle, early ends. */
#include "descriptor/descriptor.h"

#include "engine/engine_object.h"
#include "loop/loop.h"
#include "sys/sys.h"

/*
 * The handle stays taken until the last reference is given back, and that may take long: operations
 * give theirs back when their callbacks are due, and a worker may be in a callback of somebody
 * else's. The file need not stay. Where it has an address that others may be waiting for, it is
 * closed now, by putting a file of the worker's under the handle. An attempt that comes too late is
 * told that this is no socket; see descriptor_is_gone(). A connection's file stays, since only the
 * worker knows whether its end is to be a reset.
 */
static void let_go_of_file(struct descriptor *descriptor)
{
    const uint32_t addressed = DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES;
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if (!(marks & DESCRIPTOR_OWNED) || !(marks & addressed) || (marks & DESCRIPTOR_DETACHED))
        return;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    if (worker) {
        descriptor_forget_held(descriptor);
        (void)sys_duplicate_onto(worker->host.wake_handle,
                                 atomic_load_relaxed(&descriptor->handle));
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

/* How long a close waits for a callback that may be waiting for it. */
#define PATIENCE    10
#define PATIENCE_NS INT64_C(1000000) /* so many times */

/* Whether an answer is still to be waited for: one that has released the descriptor has ended what
 * was pending, and gives none. Each look into a callback costs patience. */
static bool is_worth_waiting(struct descriptor *descriptor, const struct worker *worker,
                             int *inout_patience)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor); /* the worker is there while it is bound */
    bool is_bound = descriptor->worker == worker &&
                    !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED);
    bool is_calling = is_bound && atomic_load_relaxed(&worker->is_calling);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_bound && (!is_calling || --*inout_patience > 0);
}

/* The worker answers before it calls anybody. If it is in a callback already, that may be waiting
 * for a lock that the caller of close holds: then there is an end to the patience. And it may be
 * gone with its engine. */
static void wait_for_answer(struct descriptor *descriptor, const struct worker *worker,
                            int patience)
{
    uint32_t marks;
    while ((marks = atomic_load_acquire(&descriptor->marks)) & DESCRIPTOR_AWAITED) {
        if (!is_worth_waiting(descriptor, worker, &patience))
            return;
        (void)word_sleep(&descriptor->marks, marks, sys_now() + PATIENCE_NS);
    }
}

/* What a close wants to know of the worker, which may go with its engine at any moment. */
struct answerer {
    struct worker *worker;
    bool has_thread;
    bool has_ring;
};

static struct answerer answerer_of(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct answerer answerer = {.worker = descriptor->worker};
    if (answerer.worker) {
        answerer.has_thread = answerer.worker->engine->threads > 0;
        answerer.has_ring = answerer.worker->made.class->flush != NULL;
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return answerer;
}

/* What the kernel itself has pending keeps the file open too (io_uring), and only the worker ends
 * that. */
static void ask_to_close(struct descriptor *descriptor)
{
    struct answerer answerer = answerer_of(descriptor);
    if (!answerer.worker)
        return; /* and it gets none any more */
    if (answerer.worker == worker_current()) {
        worker_close_here(answerer.worker, descriptor);
        return;
    }
    if (worker_release_unasked(descriptor))
        return;
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    bool is_awaited =
        (marks & (DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES)) &&
        (lane_has_operations(descriptor, DIRECTION_IN) || (marks & DESCRIPTOR_ERRORS)) &&
        answerer.has_thread && !(marks & DESCRIPTOR_NO_WAIT);
    if (is_awaited)
        atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_AWAITED);
    worker_request(descriptor, REQUEST_CLOSE);
    /* Without a ring a callback keeps no file open, only an attempt that is being made. */
    bool is_patient = answerer.has_ring && (marks & DESCRIPTOR_MESSAGES);
    if (is_awaited)
        wait_for_answer(descriptor, answerer.worker, is_patient ? PATIENCE : 1);
}

/* `marks` are set by the one that begins it: its reference keeps the handle until then. */
static bool begin(struct descriptor *descriptor, uint32_t marks)
{
    descriptor_notice_fork(descriptor);
    worker_let_go(descriptor);
    (void)descriptor_ref_unforked(descriptor);
    if (atomic_and_acq_rel(&descriptor->refs, ~DESCRIPTOR_OPEN) >= 0) {
        descriptor_unref(descriptor);
        return false;
    }
    atomic_or_acq_rel(&descriptor->marks, marks);
    /* Who is about to sleep takes the guard first and sees the mark there; who sleeps is woken
     * here. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    waiters_wake_all(descriptor, OUTCOME_CLOSED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    kept_end(descriptor, OUTCOME_CLOSED);
    let_go_of_file(descriptor);
    ask_to_close(descriptor);
    return true;
}

bool descriptor_begin_close(struct descriptor *descriptor)
{
    return begin(descriptor, 0);
}

bool descriptor_begin_detach(struct descriptor *descriptor, bool blocking)
{
    const uint32_t mode = blocking ? DESCRIPTOR_LEFT_BLOCKING : 0;
    /* Whoever gives it back closes nothing, so nobody lingers; a worker's answer is waited for by
     * the operation. */
    return begin(descriptor, DESCRIPTOR_DETACHED | DESCRIPTOR_NO_WAIT | mode);
}

/* Until nobody sleeps in it any more: the kernel keeps a file open that a thread polls. */
static void wait_for_sleepers(struct descriptor *descriptor)
{
    for (;;) {
        guard_acquire(GUARD_DESCRIPTOR, descriptor);
        bool is_empty = !descriptor->waiters;
        uint32_t cancels = descriptor->cancels;
        guard_release(GUARD_DESCRIPTOR, descriptor);
        if (is_empty)
            return;
        (void)word_sleep(&descriptor->cancels, cancels, SYS_NEVER); /* see waiter_delist() */
    }
}

void descriptor_wait_closed(struct descriptor *descriptor)
{
    /* The worker closes it, and waiting for a worker could be waiting for the caller: a callback
     * may need a lock that the caller of close holds. */
    if (atomic_load_acquire(&descriptor->worker)) {
        wait_for_sleepers(descriptor);
        return;
    }
    if (descriptor_is_closed(descriptor))
        return;
    uint32_t closed;
    while (
        !((closed = atomic_or_acq_rel(&descriptor->closed, (uint32_t)CLOSE_AWAITED)) & CLOSE_DONE))
        (void)word_sleep(&descriptor->closed, closed | CLOSE_AWAITED, SYS_NEVER);
}

/* --- The handle names another file ----------------------------------------------------------- */

int32_t descriptor_replace(struct descriptor *descriptor, int32_t fresh)
{
    int32_t handle = atomic_load_relaxed(&descriptor->handle);
    descriptor_stop_lingering(descriptor, handle);
    /* The worker registers under the guard too: so it does that before, and it is forgotten here,
     * or afterwards, and it registers the new file. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    descriptor_forget_held(descriptor);
    int32_t result = sys_duplicate_onto(fresh, handle);
    kept_renew_held(descriptor);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    worker_request(descriptor, REQUEST_RENEWED); /* also after a failure: it is registered anew */
    return result;
}

/* --- Early ends ------------------------------------------------------------------------------ */

void descriptor_cancel(struct descriptor *descriptor)
{
    worker_let_go(descriptor);
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    /* Who has read the old count and is not asleep yet sees the change in waiter_enlist(). */
    atomic_store_release(&descriptor->cancels, descriptor->cancels + 1);
    waiters_wake_all(descriptor, OUTCOME_CANCELED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    kept_end(descriptor, OUTCOME_CANCELED);
    if (atomic_load_acquire(&descriptor->worker))
        worker_request(descriptor, REQUEST_CANCEL);
}

void descriptor_abort(struct descriptor *descriptor)
{
    worker_let_go(descriptor);
    kept_end(descriptor, OUTCOME_STOPPED);
    worker_request(descriptor, REQUEST_ABORT);
}
