#include "loop/task.h"

#include "loop/inside.h"

void task_make_due(struct worker *worker, sn_operation *operation)
{
    if (!task_of(operation)->is_due)
        operation_list_append(&worker->completed, operation);
    task_of(operation)->is_due = true;
}

/* With nothing of it in the inbox. The worker may be gone once its reference is. */
static void complete(struct worker *worker, sn_operation *operation)
{
    list_remove(&task_of(operation)->link);
    worker_complete(worker, operation, OUTCOME_MISUSE); /* its error stands */
    worker_unref(worker);
}

static void complete_unless_posted(struct worker *worker, sn_operation *operation)
{
    uint32_t none = POST_NONE;
    if (atomic_replace_acq_rel(&task_of(operation)->post, &none, (uint32_t)POST_NEVER))
        complete(worker, operation);
}

/* Without memory for a deadline it looks again and again. */
void task_set_deadline(sn_operation *operation, int64_t at_ns)
{
    struct worker *worker = record_of(operation)->target.worker;
    worker_change_deadline(worker, operation, at_ns);
    if (unlikely(record_of(operation)->marks & MARK_NO_MEMORY)) {
        record_of(operation)->marks &= (uint16_t)~MARK_NO_MEMORY;
        task_make_due(worker, operation);
    }
}

void task_end(sn_operation *operation)
{
    struct task_place *place = task_of(operation);
    place->is_over = true;
    if (!place->is_due)
        complete_unless_posted(record_of(operation)->target.worker, operation);
}

/* --- For the loop ----------------------------------------------------------------------------- */

static void stop(sn_operation *operation)
{
    struct task_place *place = task_of(operation);
    if (!place->is_stopped)
        place->class->stop(operation);
    place->is_stopped = true;
}

void task_arrive(struct worker *worker, sn_operation *operation)
{
    list_append(&worker->tasks, &task_of(operation)->link);
    if (record_of(operation)->marks & MARK_STOPPED)
        stop(operation);
    task_make_due(worker, operation);
}

void task_arrive_post(struct worker *worker, sn_operation *operation)
{
    struct task_place *place = task_of(operation);
    atomic_store_release(&place->post, (uint32_t)POST_NONE);
    if (!place->is_over)
        task_make_due(worker, operation);
    else if (!place->is_due)
        complete_unless_posted(worker, operation);
}

/* Its time has come, or its engine ends. */
void task_fire(struct worker *worker, sn_operation *operation, uint16_t mark)
{
    record_of(operation)->marks &= (uint16_t)~MARK_TIMED_OUT;
    if (mark & MARK_STOPPED)
        stop(operation);
    task_make_due(worker, operation);
}

void task_turn(struct worker *worker, sn_operation *operation)
{
    struct task_place *place = task_of(operation);
    place->is_due = false;
    if (place->is_over)
        complete_unless_posted(worker, operation);
    else
        place->class->turn(operation);
}
