/**
 * References and places in the lane that a row of sends takes in one step.
 *
 * Each operation has a reference and is counted in the lane, a locked instruction each. Where many
 * sends are expected in a round, the third of them takes those of the others in advance: the
 * credit. A send that is held on it is like all others from then on; what is left at the end of the
 * round is given back. So there is credit only while sends are held (held.h). See decision 0025.
 */
#ifndef LOOP_CREDIT_H
#define LOOP_CREDIT_H

#include "descriptor/descriptor.h"

/* Any thread may ask; on the worker's it stays so. */
static HOT bool credit_is_left(const struct descriptor *descriptor)
{
    return unlikely(atomic_load_relaxed(&descriptor->credit) > 0);
}

/* One more behind the second of the round. */
static inline void credit_count_further(struct descriptor *descriptor)
{
    if (descriptor->further < UINT8_MAX)
        descriptor->further++;
}

/* For one of them. */
static inline void credit_use(struct descriptor *descriptor)
{
    atomic_store_relaxed(&descriptor->credit, (uint8_t)(descriptor->credit - 1));
    credit_count_further(descriptor);
}

/* As much as the round may need, if that is worth it. An operation of the descriptor is pending.
 * None while a thread sends by itself: what waits for that is of many rounds. (No thread begins to
 * while there is credit, since that is counted in the lane.) */
COLD void credit_take(struct descriptor *descriptor);
/* What is left. The descriptor may be gone with it. */
void credit_give_back(struct descriptor *descriptor);

#endif
