/**
 * The life of an operation: idle -> pending -> completed, and around again. The state word is the
 * only thing that other threads than the worker look at.
 */
#ifndef ENGINE_OPERATION_H
#define ENGINE_OPERATION_H

#include <sennit/operation.h>

#include "engine/descriptor.h"
#include "telemetry/telemetry.h"

/* The low bits of `state` say where the operation is; the rest are marks of who is interested. */
enum operation_state {
    OPERATION_IDLE = 0, /* as an all-zero record */
    OPERATION_PENDING = 1,
    OPERATION_COMPLETED = 2,
    OPERATION_PHASE = 3,          /* the mask of the three */
    OPERATION_WAITED = 4,         /* a thread sleeps on the word */
    OPERATION_WAITED_ANY = 8,     /* a thread sleeps until any of several completes */
    OPERATION_CANCELLING = 16,    /* in its worker's list of operations to cancel */
    OPERATION_HANDED = 32,        /* a worker has it, or will soon */
    OPERATION_ARRIVED = 64,       /* it has come out of the worker's inbox */
    OPERATION_CANCEL_EARLY = 128, /* cancelled before it arrived */
    OPERATION_LINKED = 256        /* in the list of its cancellation handle */
};

static inline bool operation_is_pending(const sn_operation *operation)
{
    return (atomic_load_acquire(&operation->state) & OPERATION_PHASE) == OPERATION_PENDING;
}

/* Field by field, without what is always written before it is read: the record is large. */
static HOT void operation_clear(sn_operation *operation, sn_operation_kind kind)
{
    struct sn_operation_private *internal = &operation->internal;
    operation->error = SN_OK;
    operation->native_error = 0;
    operation->kind = kind;
    operation->flags = SN_FLAG_NONE;
    operation->transferred = 0;
    operation->socket = NULL;
    operation->packet_information = (sn_ip_packet_information){0};
    internal->link.next = NULL;
    internal->link.previous = NULL;
    internal->deadline_ns = 0;
    internal->deadline_index = HEAP_NOWHERE;
    internal->native_flags = 0;
    internal->owner = NULL;
    internal->detail = NULL;
    internal->native_result = 0;
    internal->action = internal->direction = internal->marks = internal->tries = 0;
    internal->spare = 0;
    for (size_t i = 0; i < array_count(internal->message); i++)
        internal->message[i] = 0;
}

/*
 * Claims the record for a new run and clears what the last one left. False: it is in progress,
 * which is the caller's mistake; the running operation is left alone.
 */
static HOT bool operation_begin(sn_operation *operation, sn_operation_kind kind)
{
    if (unlikely(!operation))
        return false;
    uint32_t state = atomic_load_relaxed(&operation->state);
    bool is_free = (state & OPERATION_PHASE) != OPERATION_PENDING &&
                   atomic_replace_acq_rel(&operation->state, &state, (uint32_t)OPERATION_PENDING);
    assert(is_free); /* the program starts a record that the library still has */
    if (unlikely(!is_free))
        return false;
    operation_clear(operation, kind);
    return true;
}

/* Somebody is interested in the operation, or has linked it. */
COLD void operation_conclude_marked(sn_operation *operation, struct descriptor *inside);

/* The last step, exactly once: the record is the program's again. On the worker, or on the starting
 * thread for an operation that completes at once; nothing of the operation is touched afterwards.
 * `inside`, if not NULL, is the descriptor that the operation was inside of: it leaves. */
static HOT void operation_conclude(sn_operation *operation, struct descriptor *inside)
{
    const uint32_t marks =
        OPERATION_WAITED | OPERATION_WAITED_ANY | OPERATION_CANCELLING | OPERATION_LINKED;
    void (*completed)(sn_operation *) = operation->completed;
    uint32_t state = atomic_load_acquire(&operation->state);
    assert((state & OPERATION_PHASE) == OPERATION_PENDING);
    trace_operation_complete(operation, operation->kind, operation->error, operation->transferred);
    /* The one step into "completed". From then on the record is the program's, and may be gone. */
    if (unlikely((state & marks) != 0) ||
        unlikely(!atomic_replace_acq_rel(&operation->state, &state, (uint32_t)OPERATION_COMPLETED)))
        operation_conclude_marked(operation, inside);
    else if (inside)
        descriptor_leave(inside);
    if (completed)
        completed(operation);
}

/* --- A FIFO: the last one, whose link leads back to the first -------------------------------- */

static inline sn_operation *queue_first(const struct operation_queue *queue)
{
    return queue->last ? queue->last->internal.link.next : NULL;
}

static inline void queue_append(struct operation_queue *queue, sn_operation *operation)
{
    operation->internal.link.next = operation;
    if (queue->last) {
        operation->internal.link.next = queue->last->internal.link.next;
        queue->last->internal.link.next = operation;
    }
    queue->last = operation;
}

static inline void queue_prepend(struct operation_queue *queue, sn_operation *operation)
{
    sn_operation *last = queue->last;
    queue_append(queue, operation);
    if (last)
        queue->last = last; /* behind the last one comes the first */
}

static inline sn_operation *queue_pop(struct operation_queue *queue)
{
    sn_operation *first = queue_first(queue);
    if (!first)
        return NULL;
    if (first == queue->last)
        queue->last = NULL;
    else
        queue->last->internal.link.next = first->internal.link.next;
    return first;
}

/* The queue is empty. */
static inline void queue_set_only(struct operation_queue *queue, sn_operation *operation)
{
    operation->internal.link.next = operation;
    queue->last = operation;
}

static inline void queue_remove_first(struct operation_queue *queue, sn_operation *first)
{
    if (queue->last == first)
        queue->last = NULL;
    else
        queue->last->internal.link.next = first->internal.link.next;
}

/* It is in the queue. Most are the first; a search is only for one that is cancelled while it
 * waits. */
static inline void queue_remove(struct operation_queue *queue, sn_operation *operation)
{
    sn_operation *before = queue->last;
    while (before->internal.link.next != operation)
        before = before->internal.link.next;
    before->internal.link.next = operation->internal.link.next;
    if (queue->last == operation)
        queue->last = before == operation ? NULL : before;
}

#endif
