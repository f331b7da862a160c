/* What is rare on the fast way: waiting for somebody else, limits, handles, errors. */
#include "loop/fast.h"

#include "loop/cancel.h"
#include "loop/held.h"
#include "loop/inside.h"

static bool has_ended(const sn_operation *operation)
{
    return record_of(operation)->action == ACTION_DONE;
}

void fast_end(struct worker *worker, sn_operation *operation)
{
    cancellation_note(operation);
    worker_end(worker, operation, MARK_CANCELED);
}

static void set_limit(struct worker *worker, sn_operation *operation)
{
    int64_t at_ns = deadline_after(operation->timeout_ms);
    if (!limits_set_span(&worker->limits, operation, operation->timeout_ms, at_ns))
        worker_end(worker, operation, MARK_NO_MEMORY);
}

void fast_tie(struct worker *worker, sn_operation *operation)
{
    const uint32_t arrived = OPERATION_HANDED | OPERATION_ARRIVED;
    if ((int32_t)atomic_add_fetch_acq_rel(&record_of(operation)->state, arrived) < 0)
        fast_end(worker, operation);
    else if (operation->cancellation && !cancellation_tie(worker, operation))
        fast_end(worker, operation);
    else if (operation->timeout_ms > 0)
        set_limit(worker, operation);
}

void fast_start_behind(struct worker *worker, sn_operation *operation, enum held how)
{
    struct descriptor *descriptor = descriptor_of(operation);
    enum direction direction = (enum direction)record_of(operation)->direction;
    queue_append(&descriptor->queues[direction], operation);
    fast_wait(worker, operation);
    if (has_ended(operation))
        return;
    if (!held_keep(worker, descriptor, operation, how))
        worker_advance(worker, descriptor, direction);
}

/* The first of its direction, which is submitted, has to wait. */
static void wait(struct worker *worker, struct descriptor *descriptor, sn_operation *operation)
{
    if (worker->class->enter)
        worker->class->enter(worker->backend, operation, atomic_load_relaxed(&descriptor->handle));
    fast_tie(worker, operation);
}

/* The general way finds out whether it has to wait, and introduces a descriptor to a readiness
 * back-end that does not know it yet. */
static void submit(struct worker *worker, struct descriptor *descriptor, sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    descriptor->submitted &= (uint8_t) ~(1 << direction);
    worker_advance(worker, descriptor, direction);
    if (!has_ended(operation))
        fast_tie(worker, operation);
}

static bool is_unknown(const struct worker *worker, const struct descriptor *descriptor)
{
    return !worker->class->enter && (descriptor->ready & READY_UNKNOWN);
}

void fast_send_on(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    result = fast_uninterrupted(operation, result);
    /* Before anything was tried: else it is ended below, with what has moved. */
    if (result == SUBMITTED && fast_is_cancelled(operation)) {
        fast_start_behind(worker, operation, HELD_ALONE);
        return;
    }
    fast_queue(descriptor, operation, DIRECTION_OUT);
    /* Also after a short count: the kernel's buffer is full. */
    if (result == -EAGAIN || (result >= 0 && !worker->class->enter))
        descriptor->ready &= (uint8_t)~READY_OUT;
    if ((result == SUBMITTED || result == -EAGAIN) && !worker->class->enter) {
        submit(worker, descriptor, operation);
        return;
    }
    if (result == SUBMITTED || result == -EAGAIN) {
        wait(worker, descriptor, operation);
        return;
    }
    worker_settle(worker, descriptor, operation, result);
    if (!has_ended(operation))
        fast_tie(worker, operation);
}

void fast_not_ready(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    result = fast_uninterrupted(operation, result);
    if (result == -EAGAIN)
        descriptor->ready &= (uint8_t)~READY_IN;
    else
        worker_settle(worker, descriptor, operation, result);
}

void fast_receive_now(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (fast_is_cancelled(operation)) {
        descriptor->submitted &= (uint8_t) ~(1 << DIRECTION_IN); /* nobody has it yet */
        fast_end(worker, operation);
    } else if (is_unknown(worker, descriptor)) {
        submit(worker, descriptor, operation);
    } else if (worker->class->enter) {
        wait(worker, descriptor, operation);
    } else {
        fast_ready(worker, descriptor, operation);
        if (!has_ended(operation))
            fast_tie(worker, operation);
    }
}

/* --- The end ---------------------------------------------------------------------------------- */

static void give_back(struct descriptor *descriptor, enum direction direction, uint32_t count)
{
    lane_subtract_several(descriptor, direction, count);
    descriptor_unref_several(descriptor, (int32_t)count);
}

static void finish(struct worker *worker, sn_operation *operation)
{
    struct record *record = record_of(operation);
    struct descriptor *descriptor = record->owner;
    if (record->marks & MARK_HEADER)
        descriptor->class->on_received(descriptor, operation, &worker->metrics);
    else
        fast_count(worker, operation, (enum direction)record->direction);
}

/*
 * Each but the last of a row is followed by another of its descriptor and direction, which has a
 * reference and is counted in the lane as well. So they leave theirs, to be given back in one step
 * before the last one's turn. A callback may have cancelled what follows it: that goes the general
 * way then, and the row ends there.
 */
sn_operation *fast_conclude_row(struct worker *worker, sn_operation *operation)
{
    struct worker *const *current = &thread_words.worker;
    struct descriptor *descriptor = descriptor_of(operation);
    enum direction direction = (enum direction)record_of(operation)->direction;
    uint32_t owed = 0;
    while (fast_is_followed(operation)) {
        sn_operation *next = record_of(operation)->next;
        finish(worker, operation);
        owed++;
        operation_conclude_for(operation, NULL);
        operation = next;
        if (unlikely(*current != worker))
            return NULL; /* a forked child, whose descriptors have no references any more */
    }
    worker->count += owed - 1; /* the caller counts the first */
    give_back(descriptor, direction, owed);
    return operation;
}
