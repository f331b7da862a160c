/**
 * The fast way of one datagram: the start of a send or a receive of one buffer, in a callback of
 * the socket's own worker.
 *
 *     fast_start_message   does the call ask for nothing else, and is this the worker's thread?
 *         send             tried at once, and nearly always done: the rest is fast_conclude()
 *         receive          tried where there may be one; else it waits, as in the general way
 *     fast_conclude_received
 *
 * A datagram moves as a whole or not at all, so what is in nobody's way is tried at once even where
 * others have not been called back yet; what cannot be is put behind them, and is one like all
 * others from then on.
 *
 * The fast way of streams (fast.h) says what they share. SENNIT_FAST=0 switches this off, too.
 */
#ifndef LOOP_FAST_MESSAGE_H
#define LOOP_FAST_MESSAGE_H

#include "loop/fast.h"

/* What a message is, beside its memory. */
struct fast_message {
    const struct verb *verb; /* static */
    sn_operation_kind kind;  /* the verb's */
    enum operation_action action;
    bool is_datagram;    /* counted as one */
    const void *address; /* where a send goes; NULL: to the peer */
    uint32_t address_size;
    sn_endpoint *from; /* gets a receive's sender; NULL: nobody wants to know */
};

/* A send that was not tried (SUBMITTED), or has not gone. */
COLD void fast_send_message_on(struct worker *worker, sn_operation *operation, int64_t result);
/* A receive: nothing is known, or the attempt has not got one (`result`). */
COLD void fast_receive_message_on(struct worker *worker, sn_operation *operation, int64_t result);

/* Whether a call moves one datagram in one buffer, and asks for nothing else. */
static HOT bool fast_fits_message(const struct descriptor *descriptor, const void *data,
                                  size_t size, sn_flags flags)
{
    return likely(data) && likely(size - 1 < ATTEMPT_SIZE_MAX) && likely(flags == SN_FLAG_NONE) &&
           likely(descriptor_gathers(descriptor));
}

/* And whether this thread can start it so; the descriptor is not NULL. */
static HOT bool fast_takes_message(const struct descriptor *descriptor,
                                   const sn_operation *operation, const void *data, size_t size,
                                   sn_flags flags)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    return fast_is_here(worker, operation) && fast_fits_message(descriptor, data, size, flags);
}

static HOT void fast_fill_message(struct descriptor *descriptor, sn_operation *operation,
                                  const void *data, size_t size, const struct fast_message *message,
                                  enum direction direction)
{
    struct record *record = record_of(operation);
    fast_fill(descriptor, operation, data, size, direction);
    operation->kind = message->kind;
    record->verb = message->verb;
    record->marks = 0;
    record->action = (uint8_t)message->action;
    record->address_size = (uint8_t)message->address_size;
    record->target.address = message->address;
    if (direction == DIRECTION_OUT)
        return;
    record->target.from = message->from;
    if (message->from) /* the kernel names no sender of family 0: see sender.c */
        memset(message->from->as.sockaddr, 0, sizeof(sa_family_t));
}

/* With a ring, see ring_tries_first(): one that nobody waits for is as well given to the ring,
 * which gathers them when there is much to do. */
static HOT bool fast_message_is_tried(const struct worker *worker,
                                      const struct descriptor *descriptor)
{
    return !worker->class->enter || (descriptor->ready & (worker->sends_when | READY_OUT));
}

/* As fast_sends_at_once(). */
static inline bool fast_sends_message_at_once(const struct descriptor *descriptor)
{
    const struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    return !worker || worker != thread_words.at_work || fast_message_is_tried(worker, descriptor);
}

static HOT int64_t fast_send_attempt(sn_operation *operation, const struct descriptor *descriptor,
                                     const struct fast_message *message)
{
    const sn_buffer *buffer = &record_of(operation)->buffer;
    int64_t result = sys_send_to_once(atomic_load_relaxed(&descriptor->handle), buffer->data,
                                      buffer->size, message->address, message->address_size);
    return likely(result != -EINTR) ? result : operation_attempt_again(operation);
}

static HOT void fast_send_message(struct worker *worker, struct descriptor *descriptor,
                                  sn_operation *operation, const struct fast_message *message)
{
    int64_t result = SUBMITTED;
    if (likely(!descriptor->queues[DIRECTION_OUT].last) && !fast_is_cancelled(operation) &&
        likely(fast_message_is_tried(worker, descriptor))) {
        result = fast_send_attempt(operation, descriptor, message);
        if (likely(result >= 0)) {
            if (message->is_datagram)
                metrics_source_add(&worker->metrics, METRIC_DATAGRAMS_SENT, 1);
            record_of(operation)->marks = MARK_FAST; /* for its end: no finish step is left */
            fast_complete(worker, operation, result);
            return;
        }
    }
    fast_send_message_on(worker, operation, result);
}

/* See attempt.c, which does everything: this is what there nearly always is. */
static HOT int64_t fast_receive_attempt(sn_operation *operation,
                                        const struct descriptor *descriptor)
{
    struct record *record = record_of(operation);
    sn_endpoint *from = record->target.from;
    uint32_t from_size = sizeof from->as.sockaddr;
    int32_t handle = atomic_load_relaxed(&descriptor->handle);
    if (unlikely(record->action != ACTION_RECEIVE_DATAGRAM) ||
        unlikely(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_CONTROL))
        return operation_attempt(operation, handle);
    int64_t result =
        sys_receive_from_once(handle, record->buffer.data, record->buffer.size, MSG_TRUNC,
                              from ? from->as.sockaddr : NULL, from ? &from_size : NULL);
    if (unlikely(result == -EINTR))
        return operation_attempt_again(operation);
    operation_note_sender(record, from_size);
    return operation_note_length(record, result);
}

/* Where the last one was not in vain. */
static HOT bool fast_receive_is_tried(const struct worker *worker,
                                      const struct descriptor *descriptor,
                                      const sn_operation *operation)
{
    return likely(descriptor->ready & READY_IN) && !(descriptor->ready & READY_ENDED) &&
           (worker->class->enter || likely(!(descriptor->ready & READY_UNKNOWN))) &&
           !fast_is_cancelled(operation);
}

static HOT void fast_received(struct worker *worker, struct descriptor *descriptor,
                              sn_operation *operation, int64_t bytes)
{
    if (worker->class->enter)
        descriptor_note_look(descriptor, false);
    record_of(operation)->marks |= MARK_FAST; /* for its end */
    fast_complete(worker, operation, bytes);
}

/* The only one. */
static HOT void fast_receive_message(struct worker *worker, struct descriptor *descriptor,
                                     sn_operation *operation)
{
    int64_t result = SUBMITTED;
    if (fast_receive_is_tried(worker, descriptor, operation)) {
        result = fast_receive_attempt(operation, descriptor);
        if (likely(result >= 0)) {
            fast_received(worker, descriptor, operation, result);
            return;
        }
    }
    fast_receive_message_on(worker, operation, result);
}

/* What fast_takes_message(). False: it was not started, and there is a reference to give back, see
 * FAST_REFERRED. */
static HOT bool fast_start_message(struct descriptor *descriptor, sn_operation *operation,
                                   const void *data, size_t size,
                                   const struct fast_message *message, enum direction direction)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    if (unlikely(!descriptor_ref_unforked(descriptor)) || unlikely(!operation_claim(operation)))
        return false;
    fast_fill_message(descriptor, operation, data, size, message, direction);
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    uint32_t before = lane_add(descriptor, direction);
    if (direction == DIRECTION_OUT)
        fast_send_message(worker, descriptor, operation, message);
    else if (likely(before == 0))
        fast_receive_message(worker, descriptor, operation);
    else
        fast_start_behind(worker, operation, HELD_SEVERAL);
    return true;
}

#endif
