/**
 * A task: an operation without a descriptor that goes on in turns on its worker, until it says that
 * it is over.
 *
 * A turn stands in the queue of what is completed, like a callback. Whoever wants one posts it: on
 * the worker's thread it is due at once, on any other it goes through the inbox, once however many
 * post. So a turn may be in that queue or on its way when the task is over; then that is where it
 * completes. The end of the engine is told once, and what is left of the task runs after that.
 */
#ifndef LOOP_TASK_H
#define LOOP_TASK_H

#include "loop/worker.h"

struct task_class {
    /* On the worker: it goes on. */
    void (*turn)(sn_operation *operation);
    /* On the worker, once, before a turn: the engine ends, or the kernel has failed it. */
    void (*stop)(sn_operation *operation);
};

static inline struct task_place *task_of(const sn_operation *operation)
{
    return &record_of(operation)->room.task;
}

/* Hands a record that has begun to the worker, to which the caller has a reference until then. Its
 * first turn comes by itself. */
void task_start(struct worker *worker, sn_operation *operation, const struct task_class *class);
/* From any thread, as long as somebody knows that it has not completed. */
void task_post(sn_operation *operation);
/* On the worker: it has a turn at that time; 0: it has not. */
void task_set_deadline(sn_operation *operation, int64_t at_ns);
/* On the worker, in a turn or a callback: `operation->error` is set, and it completes. */
void task_end(sn_operation *operation);

/* Whether it is in the inbox, or will never be any more. */
enum task_post_state { POST_NONE, POST_MADE, POST_NEVER };

/* --- For the loop ----------------------------------------------------------------------------- */

static inline bool task_is(const sn_operation *operation)
{
    return record_of(operation)->action == ACTION_TASK;
}

void task_arrive(struct worker *worker, sn_operation *operation);
void task_arrive_post(struct worker *worker, sn_operation *operation);
void task_fire(struct worker *worker, sn_operation *operation, uint16_t mark);
void task_make_due(struct worker *worker, sn_operation *operation);
COLD void task_turn(struct worker *worker, sn_operation *operation);

static inline sn_operation *task_operation(struct list *link)
{
    void *place = container_of(link, struct task_place, link);
    return record_operation(container_of(place, struct record, room));
}

#endif
