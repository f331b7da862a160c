#include "loop/held.h"

#include "loop/fast.h"

static void note_round(struct descriptor *descriptor, enum held held)
{
    if (held == HELD_ALONE)
        descriptor->sends_several = 0;
    if (held == HELD_SEVERAL)
        descriptor->sends_several = descriptor->further ? descriptor->further : 1;
    descriptor->further = 0;
}

/* What was on credit and has not left with the call: from here on a cancel finds it. All that is in
 * the queue is of this round, see credit_take(). One that was cancelled before ends here, and what
 * is behind it may go on: then the queue is another. */
static void let_wait(struct worker *worker, struct descriptor *descriptor)
{
    const struct operation_queue *queue = &descriptor->queues[DIRECTION_OUT];
    sn_operation *operation = queue_first(queue);
    while (operation) {
        const struct record *record = record_of(operation);
        if (!(atomic_load_relaxed(&record->state) & OPERATION_ARRIVED))
            fast_wait(worker, operation);
        if (unlikely(record->action == ACTION_DONE))
            operation = queue_first(queue);
        else
            operation = operation == queue->last ? NULL : record->next;
    }
}

static void submit(struct worker *worker, struct descriptor *descriptor)
{
    enum held held = (enum held)descriptor->held;
    bool holds_receives = descriptor->holds_receives;
    note_round(descriptor, held);
    descriptor->held = HELD_NOT;
    descriptor->holds_receives = false;
    if (held != HELD_NOT)
        worker_advance(worker, descriptor, DIRECTION_OUT);
    if (held == HELD_SEVERAL && descriptor->queues[DIRECTION_OUT].last &&
        !lane_is_taken(descriptor, DIRECTION_OUT))
        let_wait(worker, descriptor);
    if (holds_receives)
        worker_advance(worker, descriptor, DIRECTION_IN);
    if (credit_is_left(descriptor))
        credit_give_back(descriptor); /* the record may go with it */
}

void held_submit_of(struct worker *worker, struct descriptor *descriptor)
{
    if (!held_has(descriptor))
        return;
    uint32_t i = 0;
    while (worker->held[i] != descriptor)
        i++;
    worker->held[i] = worker->held[--worker->held_count];
    submit(worker, descriptor);
}

void held_submit(struct worker *worker)
{
    while (worker->held_count > 0)
        submit(worker, worker->held[--worker->held_count]);
}

void worker_let_go(struct descriptor *descriptor)
{
    struct worker *worker = worker_current();
    if (worker && worker == atomic_load_relaxed(&descriptor->worker))
        held_submit_of(worker, descriptor);
}
