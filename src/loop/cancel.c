/*
 * The cancel of one operation.
 *
 * The difficulty is that the operation may complete at the same moment, and its record be freed. So
 * a cancel marks the record under a lock, and the mark holds the completion up:
 * operation_conclude() cannot take the step into "completed" while OPERATION_CANCELLING is set, and
 * only removes it under the same lock. What is marked is therefore alive, and so is its descriptor,
 * of which it has a reference. One lock for the process will do: it is held for a few instructions,
 * and only cancels and operations that are being cancelled take it.
 */
#include "loop/cancel.h"

#include "loop/kept.h"
#include "loop/worker.h"
#include "sys/sys.h"

static void hold(void)
{
    guard_acquire(GUARD_CANCELS, NULL);
}

static void let_go(void)
{
    guard_release(GUARD_CANCELS, NULL);
}

static struct worker *worker_of(const sn_operation *operation)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    return descriptor ? atomic_load_acquire(&descriptor->worker)
                      : record_of(operation)->target.worker;
}

static void enqueue(struct worker *worker, sn_operation *operation)
{
    record_of(operation)->cancel_next = worker->cancels;
    atomic_store_release(&worker->cancels, operation);
}

/* Under the lock, with its mark set, which keeps it and its descriptor alive. */
static bool is_ended_by_close(const sn_operation *operation)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    return descriptor && descriptor_is_closing(descriptor);
}

static uint32_t take_mark_back(sn_operation *operation)
{
    return atomic_and_acq_rel(&record_of(operation)->state, ~(uint32_t)OPERATION_CANCELLING) &
           ~(uint32_t)OPERATION_CANCELLING;
}

/* Under the lock, with its mark set: the worker that has it from now on in its list, or NULL. */
static struct worker *enqueue_handed(sn_operation *operation)
{
    struct worker *worker = is_ended_by_close(operation) ? NULL : worker_of(operation);
    if (worker && !worker_is_foreign(worker)) {
        enqueue(worker, operation);
        return worker;
    }
    /* In a forked child: it is the parent's, and pending here for ever. */
    (void)take_mark_back(operation);
    return NULL;
}

/* Under the lock: the worker to wake, or NULL if nothing more has to be done but, with *out_kept,
 * to end it. */
static struct worker *mark(sn_operation *operation, enum kept_cancel *out_kept)
{
    const uint32_t someones = OPERATION_HANDED | OPERATION_KEPT;
    uint32_t state = atomic_load_acquire(&record_of(operation)->state);
    for (;;) {
        bool is_done = (state & OPERATION_PHASE) != OPERATION_PENDING ||
                       (state & (OPERATION_CANCELLING | OPERATION_CANCEL_EARLY));
        if (is_done)
            return NULL;
        uint32_t added = state & someones ? OPERATION_CANCELLING : OPERATION_CANCEL_EARLY;
        if (!atomic_replace_acq_rel(&record_of(operation)->state, &state, state | added))
            continue;
        if (!(state & someones))
            return NULL;
        if (!(state & OPERATION_KEPT))
            return enqueue_handed(operation);
        *out_kept = kept_cancel(operation);
        state = take_mark_back(operation);
        if (*out_kept != KEPT_GONE)
            return NULL;
    }
}

bool operation_is_being_cancelled(const sn_operation *operation)
{
    const uint32_t marks = OPERATION_CANCELLING | OPERATION_CANCEL_EARLY;
    if (!(atomic_load_acquire(&record_of(operation)->state) & marks))
        return false;
    hold(); /* mark() may be about to take its mark back */
    bool is_being = (atomic_load_acquire(&record_of(operation)->state) & marks) != 0;
    let_go();
    return is_being;
}

void sn_operation_cancel(sn_operation *operation)
{
    enum kept_cancel kept = KEPT_GONE;
    if (!operation)
        return;
    hold();
    struct worker *worker = mark(operation, &kept);
    /* Under the lock: without it the worker might be gone by now. */
    if (worker && worker != worker_current())
        worker_wake(worker);
    let_go();
    if (kept == KEPT_CLAIMED) {
        struct descriptor *descriptor = record_of(operation)->owner;
        descriptor->class->end_kept(descriptor, operation, OUTCOME_CANCELED);
    }
}

static void unlink_cancel(struct worker *worker, sn_operation *operation)
{
    if (worker->cancels == operation) {
        atomic_store_release(&worker->cancels, record_of(operation)->cancel_next);
        return;
    }
    sn_operation *before = worker->cancels;
    while (record_of(before)->cancel_next != operation)
        before = record_of(before)->cancel_next;
    record_of(before)->cancel_next = record_of(operation)->cancel_next;
}

uint32_t operation_forget_cancel(sn_operation *operation)
{
    hold();
    uint32_t state = atomic_load_acquire(&record_of(operation)->state);
    if (state & OPERATION_CANCELLING) {
        unlink_cancel(worker_of(operation), operation);
        state = atomic_and_acq_rel(&record_of(operation)->state, ~(uint32_t)OPERATION_CANCELLING) &
                ~(uint32_t)OPERATION_CANCELLING;
    }
    let_go();
    return state;
}

bool cancels_wait(struct worker *worker)
{
    return atomic_load_acquire(&worker->cancels) != NULL;
}

/* One that has not come out of the inbox yet is cancelled when it does. */
sn_operation *cancels_take(struct worker *worker)
{
    sn_operation *operation;
    hold();
    while ((operation = worker->cancels) != NULL) {
        atomic_store_release(&worker->cancels, record_of(operation)->cancel_next);
        uint32_t before =
            atomic_and_acq_rel(&record_of(operation)->state, ~(uint32_t)OPERATION_CANCELLING);
        if (before & OPERATION_ARRIVED)
            break;
        atomic_or_acq_rel(&record_of(operation)->state, (uint32_t)OPERATION_CANCEL_EARLY);
    }
    let_go();
    return operation;
}
