/**
 * A timer that repeats: an operation that stays pending and has its function called once a period.
 *
 * Its deadline is set anew when it has come, from the point where it was to come and not from now,
 * so nothing adds up. The call waits in the queue of what is completed, like every other; when it
 * comes late, the periods that have passed meanwhile are one call, which is told their number. An
 * end (a cancel, the engine's) that finds the call in that queue waits for its turn there.
 */
#ifndef LOOP_REPEAT_H
#define LOOP_REPEAT_H

#include "loop/worker.h"

/* Fills a record that has begun; the first period begins now. */
void repeat_prepare(sn_operation *operation, sn_milliseconds period_ms,
                    void (*ticked)(sn_operation *operation, uint64_t periods));

/* On the worker, for one that MARK_TIMED_OUT says is due, or another mark of MARK_ENDING ends.
 * False: it has come to its end. */
bool repeat_fire(struct worker *worker, sn_operation *operation, uint16_t mark);

/* How many periods have ended that its function was not told of. */
int64_t repeat_periods(const struct repeat_place *place, int64_t now_ns);

static inline bool repeat_is_due(const sn_operation *operation)
{
    return record_of(operation)->action == ACTION_REPEAT;
}
/* The turn of one that is due, out of the queue of what is completed: calls its function, or ends
 * it. */
COLD void repeat_turn(struct worker *worker, sn_operation *operation);

#endif
