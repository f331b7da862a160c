/**
 * The fast way, from the call to the callback: an operation that moves one buffer of a stream
 * socket and is started in a callback of the socket's own worker. Nearly all traffic is that.
 *
 *     fast_start       does the call ask for nothing else, and is this the worker's thread?
 *         fast_send        tried at once, and nearly always done: on to the completed list
 *         fast_receive     waits in its queue: an edge is to come, or the ring has its entry
 *             fast_ready       the edge has come: tried, and on to the completed list
 *             fast_settle      the ring has told the result: the same
 *     fast_conclude    the last step, and the callback
 *
 * The general way (engine/start.c, loop/pending.c, loop/worker.c) does everything, this included.
 * It knows this one at two places only: the verb that begins, and the loop where it takes reports
 * (reports.c) and runs what is completed (worker.c). An operation whose mark says MARK_FAST is a
 * plain transfer, whichever way it was started; what ends one early takes the mark off, and it is
 * like all others from then on. SENNIT_FAST=0 in the environment switches all of this off.
 *
 * What makes it fast is that it asks once for each thing that is rare, in conditions that stand
 * together, and keeps what is rare out of line (COLD, in fast.c). See decision 0014.
 *
 * A time limit and a cancellation handle are no reason to leave it: they are for those that wait,
 * and so are tied to an operation when it has to (fast_tie).
 */
#ifndef LOOP_FAST_H
#define LOOP_FAST_H

#include <errno.h>

#include "loop/cancellation.h"
#include "loop/held.h"
#include "loop/worker.h"
#include "sys/sys.h"

enum fast_start {
    FAST_STARTED,
    FAST_NOT, /* it does not fit this way; nothing has happened */
    /* The same, but there is a reference to give back: the descriptor is closing, or the record is
     * in use. Not given back here, where it would cost each start the registers for that call. */
    FAST_REFERRED,
};

/* --- What is rare, in fast.c ------------------------------------------------------------------ */

/* Others are before it in its direction, or are to be expected behind it. */
COLD void fast_start_behind(struct worker *worker, sn_operation *operation, enum held how);
/* The first attempt of a send has not sent everything (or there was none: SUBMITTED). */
COLD void fast_send_on(struct worker *worker, sn_operation *operation, int64_t result);
/* An edge has come for a receive, and nothing behind it. */
COLD void fast_not_ready(struct worker *worker, sn_operation *operation, int64_t result);
/* A receive that need not wait for an edge: there is data, as far as is known. */
COLD void fast_receive_now(struct worker *worker, sn_operation *operation);
/* From here on a cancel finds it, and its limit and its handle end it. */
COLD void fast_tie(struct worker *worker, sn_operation *operation);
/* It waits, and was cancelled before it began to. */
COLD void fast_end(struct worker *worker, sn_operation *operation);
/* Some that one call has moved, from this one on; returns the last of them. */
COLD sn_operation *fast_conclude_row(struct worker *worker, sn_operation *operation);

/* --- Starting --------------------------------------------------------------------------------- */

/* Whether a call moves one buffer of a stream socket, which a system call can take as a whole, and
 * asks for nothing else. */
static HOT bool fast_fits(const struct descriptor *descriptor, const void *data, size_t size,
                          sn_flags flags)
{
    const uint32_t others = DESCRIPTOR_NO_PLAIN_STREAM;
    if (unlikely(!data) || unlikely(size - 1 >= ATTEMPT_SIZE_MAX) ||
        unlikely(flags != SN_FLAG_NONE))
        return false;
    return !(atomic_load_relaxed(&descriptor->marks) & others);
}

/*
 * Whether an operation that this thread starts is the worker's at once: it is its thread, and other
 * threads have pushed nothing that comes first. And whether the operation is to be called back. In
 * a forked child no thread is a worker's, so nobody need look for a fork here.
 */
static HOT bool fast_is_here(struct worker *worker, const sn_operation *operation)
{
    /* In steps: as one value of all three it costs each start five instructions. */
    if (unlikely(!worker_takes_starts(worker)) || unlikely(!operation))
        return false;
    return likely(operation->completed != NULL);
}

/* What the last run has left and this one would not write: two stores of 16 bytes, because of how
 * the record is laid out. And what this one is. */
static HOT void fast_fill(struct descriptor *descriptor, sn_operation *operation, const void *data,
                          size_t size, enum direction direction)
{
    struct record *record = record_of(operation);
    operation_clear_results(operation);
    operation->kind = direction == DIRECTION_IN ? SN_OPERATION_RECEIVE : SN_OPERATION_SEND;
    memset(&record->verb, 0,
           offsetof(struct record, native_result) - offsetof(struct record, verb));
    memset(&record->deadline, 0, sizeof record->deadline);
    record->owner = descriptor;
    record->buffer.data = (void *)(uintptr_t)data; /* a send never writes to it */
    record->buffer.size = size;
    record->marks = MARK_FAST | (direction == DIRECTION_IN ? 0 : MARK_ALL);
    record->action = direction == DIRECTION_IN ? ACTION_RECEIVE : ACTION_SEND;
    record->direction = (uint8_t)direction; /* one store, all three */
}

/* Its result stands; it is still to be put where the completed ones are. */
static HOT void fast_finish(sn_operation *operation, int64_t result)
{
    struct record *record = record_of(operation);
    operation->transferred += (size_t)result;
    record->native_result = result;
    record->action = ACTION_DONE;
}

static HOT void fast_complete(struct worker *worker, sn_operation *operation, int64_t result)
{
    fast_finish(operation, result);
    operation_list_append(&worker->completed, operation);
}

/* Whoever gets an error looks whether it was a signal, see fast_uninterrupted(). */
static HOT int64_t fast_attempt(const sn_operation *operation, const struct descriptor *descriptor,
                                enum direction direction)
{
    const sn_buffer *buffer = &record_of(operation)->buffer;
    int32_t handle = atomic_load_relaxed(&descriptor->handle);
    return direction == DIRECTION_IN ? sys_receive_once(handle, buffer->data, buffer->size)
                                     : sys_send_once(handle, buffer->data, buffer->size);
}

static inline int64_t fast_uninterrupted(sn_operation *operation, int64_t result)
{
    return likely(result != -EINTR) ? result : operation_attempt_again(operation);
}

static HOT bool fast_is_cancelled(const sn_operation *operation)
{
    const sn_cancellation *cancellation = operation->cancellation;
    return unlikely(cancellation != NULL) &&
           atomic_load_relaxed(&cancellation->point.reason) != SN_OK;
}

/* It has to wait. */
static HOT void fast_wait(struct worker *worker, sn_operation *operation)
{
    const uint32_t arrived = OPERATION_HANDED | OPERATION_ARRIVED;
    if (unlikely(operation->cancellation || operation->timeout_ms > 0))
        fast_tie(worker, operation);
    else if (unlikely((int32_t)atomic_add_fetch_acq_rel(&record_of(operation)->state, arrived) < 0))
        fast_end(worker, operation);
}

/* The only one of its direction, which the back-end has from now on. */
static HOT void fast_queue(struct descriptor *descriptor, sn_operation *operation,
                           enum direction direction)
{
    queue_set_only(&descriptor->queues[direction], operation);
    descriptor->submitted |= (uint8_t)(1 << direction);
}

static HOT void fast_enter(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation)
{
    worker->class->enter(worker->backend, operation, atomic_load_relaxed(&descriptor->handle));
    fast_wait(worker, operation);
}

/* Most are whole after one call. Then no queue has seen it, and nobody else. A ring gathers them
 * when there is much to do. */
static HOT void fast_send(struct worker *worker, struct descriptor *descriptor,
                          sn_operation *operation)
{
    int64_t result = SUBMITTED;
    if (likely(descriptor->ready & worker->sends_when) && likely(!fast_is_cancelled(operation))) {
        result = fast_attempt(operation, descriptor, DIRECTION_OUT);
        if (likely(result == (int64_t)record_of(operation)->buffer.size)) {
            fast_complete(worker, operation, result);
            return;
        }
    } else if (worker->class->enter && likely(!operation->cancellation)) {
        fast_queue(descriptor, operation, DIRECTION_OUT);
        fast_enter(worker, descriptor, operation);
        return;
    }
    fast_send_on(worker, operation, result);
}

/* Whether this thread, in a callback or a flow, tries a send of a descriptor itself: unless that is
 * its worker's, which knows better. */
static inline bool fast_sends_at_once(const struct descriptor *descriptor)
{
    const struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    return !worker || worker != thread_words.at_work || (descriptor->ready & worker->sends_when);
}

static HOT void fast_receive(struct worker *worker, struct descriptor *descriptor,
                             sn_operation *operation)
{
    fast_queue(descriptor, operation, DIRECTION_IN);
    if (descriptor_must_wait(descriptor, DIRECTION_IN))
        fast_wait(worker, operation);
    else if (worker->class->enter && likely(!operation->cancellation))
        fast_enter(worker, descriptor, operation);
    else
        fast_receive_now(worker, operation);
}

/* Others are before it. The third send of a round finds that they are held, and is held, too; those
 * behind it are on credit, if they are expected to be many. */
static HOT void fast_start_further(struct worker *worker, struct descriptor *descriptor,
                                   sn_operation *operation, enum direction direction)
{
    if (direction == DIRECTION_IN || descriptor->held != HELD_SEVERAL) {
        fast_start_behind(worker, operation, HELD_SEVERAL);
        return;
    }
    queue_append(&descriptor->queues[direction], operation);
    fast_wait(worker, operation);
    credit_count_further(descriptor);
    credit_take(descriptor);
}

/* `descriptor` and `operation` may be NULL. */
static HOT enum fast_start fast_start(struct descriptor *descriptor, sn_operation *operation,
                                      const void *data, size_t size, sn_flags flags,
                                      enum direction direction)
{
    if (unlikely(!descriptor) || unlikely(!fast_fits(descriptor, data, size, flags)))
        return FAST_NOT;
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    if (unlikely(!fast_is_here(worker, operation)))
        return FAST_NOT;
    if (unlikely(!descriptor_ref_unforked(descriptor)) || unlikely(!operation_claim(operation)))
        return FAST_REFERRED;
    fast_fill(descriptor, operation, data, size, direction);
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    /* Counts from the start to the completion, so nothing is in the queue either. */
    if (unlikely(lane_add(descriptor, direction) != 0))
        fast_start_further(worker, descriptor, operation, direction);
    else if (direction == DIRECTION_IN)
        fast_receive(worker, descriptor, operation);
    else if (unlikely(descriptor->sends_several))
        fast_start_behind(worker, operation, HELD_ALONE);
    else
        fast_send(worker, descriptor, operation);
    return FAST_STARTED;
}

/*
 * A send whose reference and count were taken before, see credit.h. False: it is not, and nothing
 * has happened. Asked for before all others: many come in a row, and each is held.
 */
static HOT bool fast_start_on_credit(struct descriptor *descriptor, sn_operation *operation,
                                     const void *data, size_t size, sn_flags flags)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    if (unlikely(!fast_fits(descriptor, data, size, flags)) ||
        unlikely(!fast_is_here(worker, operation)) || unlikely(!credit_is_left(descriptor)) ||
        unlikely(descriptor_is_closing(descriptor)) || unlikely(!operation_claim(operation)))
        return false;
    credit_use(descriptor);
    fast_fill(descriptor, operation, data, size, DIRECTION_OUT);
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    queue_append(&descriptor->queues[DIRECTION_OUT], operation);
    if (unlikely(descriptor->submitted & 1 << DIRECTION_OUT) ||
        unlikely(operation->cancellation || operation->timeout_ms > 0))
        fast_wait(worker, operation);
    return true; /* else it waits only if the call at the end of the round leaves it behind */
}

/* --- Settling --------------------------------------------------------------------------------- */

static HOT void fast_untie(struct worker *worker, sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (unlikely(record->deadline.place != HEAP_NOWHERE || (record->marks & MARK_TIED)))
        worker_untie(worker, operation);
}

/* Others wait behind it. What a ring cannot tell is then whether there is more for them: a receive
 * that was filled says so. */
static inline void fast_note_more(const struct worker *worker, struct descriptor *descriptor,
                                  const sn_operation *operation, int64_t result)
{
    const struct record *record = record_of(operation);
    if (!worker->class->enter || record->direction != DIRECTION_IN)
        return;
    descriptor->ready &= (uint8_t)~READY_IN;
    if (result == (int64_t)record->buffer.size)
        descriptor->ready |= READY_IN;
}

/* The first of a direction has moved what it should: out of its queue. */
static HOT void fast_leave(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t result, enum direction direction)
{
    struct operation_queue *queue = &descriptor->queues[direction];
    assert(operation == queue_first(queue));
    descriptor->submitted &= (uint8_t) ~(1 << direction);
    fast_untie(worker, operation);
    if (likely(queue->last == operation)) {
        queue->last = NULL;
        fast_complete(worker, operation, result);
    } else {
        fast_note_more(worker, descriptor, operation, result);
        queue_remove_front(queue, operation);
        fast_complete(worker, operation, result);
        worker_advance(worker, descriptor, direction);
    }
}

/* A receive is complete, whatever it has moved; a send when everything has gone. */
static HOT void fast_settle(struct worker *worker, struct descriptor *descriptor,
                            sn_operation *operation, int64_t result, enum direction direction)
{
    int64_t whole = direction == DIRECTION_IN ? 0 : (int64_t)record_of(operation)->buffer.size;
    if (likely(result >= whole))
        fast_leave(worker, descriptor, operation, result, direction);
    else
        worker_settle(worker, descriptor, operation, result);
}

/* An edge has come for a receive, the first of its direction. (A send that had to wait is at
 * leisure, and goes the general way.) */
static HOT void fast_ready(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation)
{
    int64_t result = fast_attempt(operation, descriptor, DIRECTION_IN);
    if (unlikely(result < 0)) {
        fast_not_ready(worker, operation, result);
        return;
    }
    /* A short count on a stream: the kernel's buffer is empty. A Unix socket also stops where what
     * was sent with one message ends. */
    if (result < (int64_t)record_of(operation)->buffer.size &&
        (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP))
        descriptor->ready &= (uint8_t)~READY_IN;
    fast_leave(worker, descriptor, operation, result, DIRECTION_IN);
}

/* --- The end ---------------------------------------------------------------------------------- */

static HOT enum direction fast_direction(const sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    if (direction == DIRECTION_ERROR)
        __builtin_unreachable();
    return direction;
}

static HOT void fast_count(struct worker *worker, const sn_operation *operation,
                           enum direction direction)
{
    _Static_assert(METRIC_BYTES_SENT - METRIC_BYTES_RECEIVED == DIRECTION_OUT - DIRECTION_IN,
                   "in the order of the directions");
    metrics_source_add(&worker->metrics, (enum metric)(METRIC_BYTES_RECEIVED + direction),
                       (int64_t)operation->transferred);
}

/* Neither one of a row nor messages that were received. */
static HOT bool fast_is_alone(const sn_operation *operation)
{
    const uint16_t others = MARK_FOLLOWED | MARK_HEADER | MARK_BATCH;
    return (record_of(operation)->marks & (MARK_FAST | others)) == MARK_FAST;
}

/* Another one of its row comes behind it. */
static HOT bool fast_is_followed(const sn_operation *operation)
{
    const uint16_t both = MARK_FAST | MARK_FOLLOWED;
    return (record_of(operation)->marks & both) == both;
}

/*
 * It has no finish step but the count of its bytes. Nor need it look whether the descriptor is
 * closing, as the general way does to let go of it: a close ends what is pending, so that is fast
 * no more, and with nothing pending it lets go at once.
 */
static HOT void fast_conclude(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    enum direction direction = fast_direction(operation);
    fast_count(worker, operation, direction);
    lane_subtract(descriptor, direction);
    operation_conclude_unref(operation, descriptor); /* and gives back the start's reference */
}

/* The same of messages that were received, whose sender and flags are told. */
static inline void fast_conclude_received(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    descriptor->class->on_received(descriptor, operation, &worker->metrics);
    lane_subtract(descriptor, DIRECTION_IN);
    operation_conclude_unref(operation, descriptor);
}

#endif
