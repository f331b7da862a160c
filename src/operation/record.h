/**
 * The life of an operation: idle -> pending -> completed, and around again. The state word is the
 * only thing that other threads than the worker look at.
 */
#ifndef OPERATION_RECORD_H
#define OPERATION_RECORD_H

#include <sennit/operation.h>

#include <string.h>

#include "descriptor/descriptor.h"
#include "telemetry/telemetry.h"

/*
 * The phase in `state` says where the operation is; the other bits are marks of who is interested.
 * A record is the program's memory and may never have been cleared, so the two phases that the
 * library writes have a number in them that other bytes do not have by chance: whatever is neither
 * is idle.
 */
enum operation_state {
    OPERATION_PENDING = 0x534e6f01, /* "SNo" */
    OPERATION_COMPLETED = 0x534e6f02,
    OPERATION_PHASE = 0x7fffff03, /* the mask of the phase */
    OPERATION_WAITED = 4,         /* a thread sleeps on the word */
    OPERATION_WAITED_ANY = 8,     /* a thread sleeps until any of several completes */
    OPERATION_CANCELLING = 16,    /* in its worker's list of operations to cancel */
    OPERATION_HANDED = 32,        /* a worker has it, or will soon */
    OPERATION_ARRIVED = 64,       /* it has come out of the worker's inbox */
    OPERATION_LINKED = 128,       /* in the list of its cancellation handle */
};

/* Cancelled before it arrived. The sign, which a processor tests for nothing. */
#define OPERATION_CANCEL_EARLY 0x80000000u

static inline bool operation_is_pending(const sn_operation *operation)
{
    return (atomic_load_acquire(&operation->state) & OPERATION_PHASE) == OPERATION_PENDING;
}

/* What the last run has left, without what is always written before it is read, and without
 * `message`: the record is large. In pieces of 64 bytes at most, which compilers clear with a few
 * stores; beyond, gcc makes a string instruction of it, which costs more than all the rest. */
static HOT void operation_clear(sn_operation *operation)
{
    const size_t results = offsetof(sn_operation, error);
    const size_t state = offsetof(sn_operation, state);
    const size_t buffer = offsetof(struct sn_operation_private, buffer);
    memset((char *)operation + results, 0, state - results);
    memset(&operation->internal, 0, 64);
    memset((char *)&operation->internal + 64, 0, buffer - 64);
}

static inline void operation_clear_message(sn_operation *operation)
{
    memset(operation->internal.message, 0, sizeof operation->internal.message);
}

/* Whether it can be started. */
static inline bool operation_is_free(const sn_operation *operation)
{
    return operation && !operation_is_pending(operation);
}

/*
 * Claims the record for a new run and clears what the last one left. False: there is none, or it is
 * in progress, which is the caller's mistake; the running operation is left alone.
 */
static HOT bool operation_begin_fast(sn_operation *operation, sn_operation_kind kind)
{
    if (unlikely(!operation))
        return false;
    uint32_t state = atomic_load_relaxed(&operation->state);
    /* Most have been run before, which is one comparison. */
    if (unlikely(state != (uint32_t)OPERATION_COMPLETED) &&
        unlikely((state & OPERATION_PHASE) == OPERATION_PENDING))
        return false;
    /* A state that is no longer so: another thread has been quicker. */
    if (unlikely(!atomic_replace_acq_rel(&operation->state, &state, (uint32_t)OPERATION_PENDING)))
        return false;
    operation_clear(operation);
    operation->kind = kind;
    return true;
}

/* The same for one that may use its `message`. */
static inline bool operation_begin(sn_operation *operation, sn_operation_kind kind)
{
    bool has_begun = operation_begin_fast(operation, kind);
    if (has_begun)
        operation_clear_message(operation);
    return has_begun;
}

/* Who waits for it is told; by its address alone, since the record may be gone. `state` is what it
 * was until now. */
void operation_wake_waiters(const sn_operation *operation, uint32_t state);

/* The finish step of an operation without a descriptor. */
void operation_finish_detached(sn_operation *operation);

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

/* --- A FIFO that is only ever taken as a whole ------------------------------------------------ */

struct operation_list {
    void *first;
    void **end; /* where the next one goes */
};

static inline void operation_list_init(struct operation_list *list)
{
    list->end = &list->first;
}

static inline bool operation_list_is_empty(const struct operation_list *list)
{
    return list->end == &list->first;
}

static inline void operation_list_append(struct operation_list *list, sn_operation *operation)
{
    *list->end = operation;
    list->end = &operation->internal.link.next;
}

/* The first one; the last one's link is NULL. */
static inline sn_operation *operation_list_take(struct operation_list *list)
{
    *list->end = NULL;
    list->end = &list->first;
    return list->first;
}

#endif
