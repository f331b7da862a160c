/**
 * What is held until the end of a round: sends, so that what callbacks start one behind the other
 * on one stream leaves in one call; and receives of datagrams, which one call fills likewise.
 *
 * A send that finds nothing in its way is not held, unless the last round has started several: so a
 * program that sends once for each callback waits for nothing. What is held stands in its queue as
 * any other operation that waits, and leaves before anything that the worker's thread does to the
 * socket afterwards. See decisions 0025 and 0030.
 */
#ifndef LOOP_HELD_H
#define LOOP_HELD_H

#include "loop/credit.h"
#include "loop/inside.h"
#include "operation/operation.h"

static inline bool held_fits(const struct descriptor *descriptor)
{
    const uint32_t others = DESCRIPTOR_NO_PLAIN_STREAM;
    return !(atomic_load_relaxed(&descriptor->marks) & others);
}

static inline bool held_has(const struct descriptor *descriptor)
{
    return descriptor->held != HELD_NOT || descriptor->holds_receives;
}

/* False when there is no room. */
static inline bool held_enter(struct worker *worker, struct descriptor *descriptor)
{
    if (held_has(descriptor))
        return true;
    if (worker->held_count == HELD_MAX)
        return false;
    worker->held[worker->held_count++] = descriptor;
    return true;
}

static inline bool held_keep_send(struct worker *worker, struct descriptor *descriptor,
                                  const sn_operation *operation, enum held how)
{
    if (!held_fits(descriptor) || !(record_of(operation)->marks & MARK_ALL))
        return false;
    if (how == HELD_SEVERAL && !descriptor->sends_several)
        descriptor->sends_several = 1;
    if (descriptor->submitted & (1 << DIRECTION_OUT))
        return true; /* behind that one */
    if (!held_enter(worker, descriptor))
        return false;
    if (how > descriptor->held)
        descriptor->held = (uint8_t)how;
    return true;
}

/* Where datagrams come in quicker than they are taken out: the last attempt was not in vain. */
static inline bool held_keep_receive(struct worker *worker, struct descriptor *descriptor,
                                     const sn_operation *operation)
{
    if (!(descriptor->ready & READY_IN) || !descriptor_gathers(descriptor) ||
        !gather_takes(operation) || (descriptor->submitted & (1 << DIRECTION_IN)) ||
        !held_enter(worker, descriptor))
        return false;
    descriptor->holds_receives = true;
    return true;
}

/* True: it waits for the end of the round. False: it is to be submitted. */
static inline bool held_keep(struct worker *worker, struct descriptor *descriptor,
                             const sn_operation *operation, enum held how)
{
    if (!worker->holds)
        return false;
    return record_of(operation)->direction == DIRECTION_OUT
               ? held_keep_send(worker, descriptor, operation, how)
               : held_keep_receive(worker, descriptor, operation);
}

/* Whether nothing of a direction is submitted before the end of the round. */
static inline bool held_is(const struct descriptor *descriptor, enum direction direction)
{
    if (unlikely(direction == DIRECTION_ERROR))
        return false;
    return direction == DIRECTION_OUT ? descriptor->held != HELD_NOT : descriptor->holds_receives;
}

/* Submits what is held of one. */
void held_submit_of(struct worker *worker, struct descriptor *descriptor);
/* A part of a round begins whose starts are held. */
static inline void held_begin(struct worker *worker)
{
    worker->holds = true;
}
/* Submits all. */
COLD void held_submit(struct worker *worker);
/* It ends. */
static inline void held_end(struct worker *worker)
{
    worker->holds = false;
    if (unlikely(worker->held_count > 0))
        held_submit(worker);
}

#endif
