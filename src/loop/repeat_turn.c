/* The call of a timer that repeats, and its end, out of the queue of what is completed. */
#include "loop/inside.h"
#include "loop/repeat.h"
#include "sys/sys.h"

void repeat_turn(struct worker *worker, sn_operation *operation)
{
    struct record *record = record_of(operation);
    struct repeat_place *place = &record->room.repeat;
    place->is_due = false;
    if (atomic_load_acquire(&worker->stopping) || worker_failure(worker))
        operation_mark_ending(operation, MARK_STOPPED);
    if (record->marks & MARK_ENDING) {
        worker_end(worker, operation, record->marks & MARK_ENDING);
        return;
    }
    int64_t periods = repeat_periods(place, sys_now());
    if (periods == 0) /* the last call came so late that it was told of this one too */
        return;
    place->last_ns += periods * place->period_ns;
    operation->transferred++;
    place->ticked(operation, (uint64_t)periods);
}
