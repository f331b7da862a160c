/* A task's way to its worker: when it starts, and when it is to have a turn. */
#include "loop/inside.h"
#include "loop/task.h"

void task_start(struct worker *worker, sn_operation *operation, const struct task_class *class)
{
    bool is_there = worker_ref(worker);
    assert(is_there);
    (void)is_there;
    record_of(operation)->action = ACTION_TASK;
    record_of(operation)->target.worker = worker;
    *task_of(operation) = (struct task_place){.class = class};
    trace_operation_start(operation, operation->kind, -1);
    worker_start(worker, operation);
}

void task_post(sn_operation *operation)
{
    struct worker *worker = record_of(operation)->target.worker;
    uint32_t none = POST_NONE;
    if (worker != worker_current()) {
        if (atomic_replace_acq_rel(&task_of(operation)->post, &none, (uint32_t)POST_MADE))
            worker_answer(worker, operation);
        return;
    }
    /* Before it has arrived its first turn is still to come. */
    if (atomic_load_relaxed(&record_of(operation)->state) & OPERATION_ARRIVED)
        task_make_due(worker, operation);
}
