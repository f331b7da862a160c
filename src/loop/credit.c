#include "loop/credit.h"

#define CREDIT_MIN 4 /* below, to give the rest back costs as much as it saves */

/* As many as the last round had; a round that has more, or the first one, doubles what it has. */
static int32_t expected(const struct descriptor *descriptor)
{
    int32_t more = descriptor->sends_several - descriptor->further;
    return more < CREDIT_MIN && descriptor->further >= 2 * CREDIT_MIN ? descriptor->further : more;
}

void credit_take(struct descriptor *descriptor)
{
    int32_t credit = expected(descriptor);
    if (credit < CREDIT_MIN || lane_is_taken(descriptor, DIRECTION_OUT))
        return;
    atomic_add_fetch_acq_rel(&descriptor->refs, credit);
    atomic_add_acq_rel(&descriptor->lanes[DIRECTION_OUT], LANE_ONE * (uint32_t)credit);
    atomic_store_relaxed(&descriptor->credit, (uint8_t)credit);
}

void credit_give_back(struct descriptor *descriptor)
{
    uint8_t credit = descriptor->credit;
    atomic_store_relaxed(&descriptor->credit, (uint8_t)0);
    lane_subtract_several(descriptor, DIRECTION_OUT, credit);
    descriptor_unref_several(descriptor, credit);
}
