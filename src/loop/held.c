#include "loop/held.h"

static void submit(struct worker *worker, struct descriptor *descriptor)
{
    enum held held = (enum held)descriptor->held;
    bool holds_receives = descriptor->holds_receives;
    if (held == HELD_ALONE)
        descriptor->sends_several = false;
    descriptor->held = HELD_NOT;
    descriptor->holds_receives = false;
    if (held != HELD_NOT)
        worker_advance(worker, descriptor, DIRECTION_OUT);
    if (holds_receives)
        worker_advance(worker, descriptor, DIRECTION_IN);
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
