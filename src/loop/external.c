#include "loop/external.h"

#include "loop/cancel.h"
#include "loop/worker.h"

static struct worker *worker_of(const sn_operation *operation)
{
    assert(!record_of(operation)->owner);
    return record_of(operation)->target.worker;
}

void external_begin_on(struct worker *worker, sn_operation *operation,
                       const struct external_class *class)
{
    bool is_there = worker_ref(worker);
    assert(is_there);
    (void)is_there;
    record_of(operation)->action = ACTION_EXTERNAL;
    record_of(operation)->target.worker = worker;
    *external_of(operation) = (struct external){.class = class};
}

void external_start(sn_operation *operation)
{
    /* What it waits for is under way, so the worker has to abandon it. */
    if (!cancellation_link(operation)) {
        cancellation_note(operation);
        record_of(operation)->marks |= MARK_CANCELED;
    }
    worker_start(worker_of(operation), operation);
}

void external_undo(sn_operation *operation)
{
    worker_unref(worker_of(operation));
}

/* The worker may complete the operation as soon as it is pushed, and its program may destroy the
 * engine then. So the worker is noted before, and stays until this has let go of it. */
void external_answer(sn_operation *operation)
{
    struct worker *worker = worker_of(operation);
    worker_answer(worker, operation);
    worker_unref(worker);
}
