/**
 * Sends that are held until the end of a round, so that what callbacks start one behind the other
 * on one stream leaves in one call.
 *
 * A send that finds nothing in its way is not held, unless the last round has started several: so a
 * program that sends once for each callback waits for nothing. What is held stands in its queue as
 * any other operation that waits, and leaves before anything that the worker's thread does to the
 * socket afterwards. See decision 0025.
 */
#ifndef LOOP_HELD_H
#define LOOP_HELD_H

#include "loop/inside.h"

static inline bool held_fits(const struct descriptor *descriptor)
{
    const uint32_t others = DESCRIPTOR_NO_PLAIN_STREAM;
    return !(atomic_load_relaxed(&descriptor->marks) & others);
}

/* True: its sends wait for the end of the round. False: they are to be submitted. */
static inline bool held_keep(struct worker *worker, struct descriptor *descriptor,
                             const sn_operation *operation, enum held how)
{
    if (!worker->holds || !held_fits(descriptor) || !(record_of(operation)->marks & MARK_ALL))
        return false;
    if (how == HELD_SEVERAL)
        descriptor->sends_several = true;
    if (descriptor->submitted & (1 << DIRECTION_OUT))
        return true; /* behind that one */
    if (descriptor->held == HELD_NOT) {
        if (worker->held_count == HELD_MAX)
            return false;
        worker->held[worker->held_count++] = descriptor;
    }
    if (how > descriptor->held)
        descriptor->held = (uint8_t)how;
    return true;
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
