#include "loop/held.h"

#include "loop/fast.h"

#define CREDIT_MIN 4 /* below, to give the rest back costs as much as it saves */

/* As many as the last round had; a round that has more, or the first one, doubles what it has. */
static int32_t expected(const struct descriptor *descriptor)
{
    int32_t more = descriptor->sends_several - descriptor->further;
    return more < CREDIT_MIN && descriptor->further >= 2 * CREDIT_MIN ? descriptor->further : more;
}

void held_take_credit(struct descriptor *descriptor)
{
    int32_t credit = expected(descriptor);
    if (credit < CREDIT_MIN)
        return;
    atomic_add_fetch_acq_rel(&descriptor->refs, credit);
    atomic_add_acq_rel(&descriptor->lanes[DIRECTION_OUT], LANE_ONE * (uint32_t)credit);
    atomic_store_relaxed(&descriptor->credit, (uint8_t)credit);
}

static void give_back_credit(struct descriptor *descriptor)
{
    uint8_t credit = descriptor->credit;
    atomic_store_relaxed(&descriptor->credit, (uint8_t)0);
    lane_subtract_several(descriptor, DIRECTION_OUT, credit);
    descriptor_unref_several(descriptor, credit);
}

static void note_round(struct descriptor *descriptor, enum held held)
{
    if (held == HELD_ALONE)
        descriptor->sends_several = 0;
    if (held == HELD_SEVERAL)
        descriptor->sends_several = descriptor->further ? descriptor->further : 1;
    descriptor->further = 0;
}

/* What was on credit and has not left with the call: from here on a cancel finds it. All that is in
 * the queue is of this round. One that was cancelled before ends here, and what is behind it may go
 * on: then the queue is another. */
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
    if (held == HELD_SEVERAL && descriptor->queues[DIRECTION_OUT].last)
        let_wait(worker, descriptor);
    if (holds_receives)
        worker_advance(worker, descriptor, DIRECTION_IN);
    if (unlikely(descriptor->credit > 0))
        give_back_credit(descriptor); /* the record may go with it */
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
