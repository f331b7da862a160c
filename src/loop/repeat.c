#include "loop/repeat.h"

#include "loop/inside.h"
#include "sys/sys.h"

#define MILLISECOND   INT64_C(1000000)
#define PERIOD_NS_MAX (INT64_MAX / 4) /* 73 years; what is added to it does not overflow */

static struct repeat_place *place_of(sn_operation *operation)
{
    return &record_of(operation)->room.repeat;
}

void repeat_prepare(sn_operation *operation, sn_milliseconds period_ms,
                    void (*ticked)(sn_operation *operation, uint64_t periods))
{
    struct repeat_place *place = place_of(operation);
    place->ticked = ticked;
    place->period_ns =
        period_ms < PERIOD_NS_MAX / MILLISECOND ? period_ms * MILLISECOND : PERIOD_NS_MAX;
    place->last_ns = sys_now();
    record_of(operation)->action = ACTION_REPEAT;
    record_of(operation)->deadline.key = place->last_ns + place->period_ns;
}

int64_t repeat_periods(const struct repeat_place *place, int64_t now_ns)
{
    return (now_ns - place->last_ns) / place->period_ns;
}

/* It has just been taken out of the heap, which keeps the room for it. */
static void set_next(struct worker *worker, sn_operation *operation)
{
    const struct repeat_place *place = place_of(operation);
    int64_t periods = repeat_periods(place, sys_now()) + 1;
    worker_set_deadline(worker, operation, place->last_ns + periods * place->period_ns);
}

bool repeat_fire(struct worker *worker, sn_operation *operation, uint16_t mark)
{
    struct repeat_place *place = place_of(operation);
    if (mark != MARK_TIMED_OUT)
        return place->is_due;
    record_of(operation)->marks &= (uint16_t)~MARK_TIMED_OUT;
    set_next(worker, operation);
    if (!place->is_due)
        operation_list_append(&worker->completed, operation);
    place->is_due = true;
    return true;
}
