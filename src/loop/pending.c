/* What is pending on a worker: from its submission to its completion, or to its early end. */
#include "loop/inside.h"

#include <errno.h>

#include "descriptor/descriptor.h"
#include "loop/cancel.h"
#include "loop/cancellation.h"
#include "loop/external.h"
#include "loop/held.h"
#include "loop/kept.h"
#include "loop/repeat.h"
#include "loop/task.h"
#include "loop/together.h"
#include "sys/sys.h"

/* --- How it ends ----------------------------------------------------------------------------- */

/* Whether it is the answer of the descriptor that has taken the place of the operation's own, see
 * descriptor_abort(): that one was connected. */
static bool is_of_another(const struct descriptor *descriptor, const sn_operation *operation,
                          int64_t result)
{
    bool is_aborted = (record_of(operation)->marks & MARK_STOPPED) ||
                      (atomic_load_acquire(&descriptor->marks) & REQUEST_ABORT);
    return result == -ENOTCONN && is_aborted;
}

/* One that is linked or tied: then its handle is there, and says why, if it was the handle. */
void worker_mark_canceled(sn_operation *operation)
{
    const struct record *record = record_of(operation);
    if ((atomic_load_relaxed(&record->state) & OPERATION_LINKED) || (record->marks & MARK_TIED))
        cancellation_note(operation);
    operation_mark_ending(operation, MARK_CANCELED);
}

static int64_t stopped_result(const struct worker *worker)
{
    int32_t failure = worker_failure(worker);
    return failure ? failure : OUTCOME_STOPPED;
}

/* Also what the kernel has said that looked at the handle only after the close: what ended the
 * operation may have come before that. */
static bool tells_only_of_end(const struct descriptor *descriptor, int64_t result)
{
    return result == -ECANCELED || result == -EINTR || result == -EAGAIN ||
           descriptor_is_gone(descriptor, result);
}

/* What an error means for an operation that was being ended. What has moved is never hidden. */
static int64_t ended_result(const struct worker *worker, struct descriptor *descriptor,
                            sn_operation *operation, int64_t result)
{
    if (is_of_another(descriptor, operation, result))
        return stopped_result(worker);
    if (!tells_only_of_end(descriptor, result))
        return result;
    /* A close may be seen here before the cancel that the same thread made first. */
    if (operation_is_being_cancelled(operation))
        worker_mark_canceled(operation);
    if (operation_has_moved(operation) && !action_of(operation)->is_all_or_error &&
        (record_of(operation)->marks & (MARK_TIMED_OUT | MARK_CANCELED)))
        return 0;
    if (record_of(operation)->marks & MARK_CANCELED)
        return operation_canceled_result(operation);
    if (record_of(operation)->marks & MARK_NO_MEMORY)
        return OUTCOME_NO_MEMORY;
    if (record_of(operation)->marks & MARK_TIMED_OUT)
        return OUTCOME_TIMED_OUT;
    if (record_of(operation)->marks & MARK_STOPPED)
        return stopped_result(worker);
    if (descriptor_is_closing(descriptor)) {
        descriptor_note_aborted(descriptor, (enum direction)record_of(operation)->direction);
        return OUTCOME_CLOSED;
    }
    return result;
}

void worker_release(struct worker *worker, struct descriptor *descriptor)
{
    if (worker_has_pending(descriptor) ||
        (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED))
        return;
    descriptor_forget(descriptor);
    lock_acquire(&worker->lock);
    list_remove(&descriptor->worker_link);
    lock_release(&worker->lock);
    /* Under the guard: a request is in the inbox before that, or is not made. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_RELEASED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    descriptor_unref(descriptor); /* what descriptor_bind() entered */
}

/* --- Submitting ------------------------------------------------------------------------------ */

/* Not only sends: nothing outward may be in front when the rest of a begun send arrives. And inward
 * nothing goes before one that was kept, which may have nobody who waits for it. */
static bool must_wait_for_lane(struct descriptor *descriptor, enum direction direction)
{
    if (likely(lane_is_free_or_wanted(descriptor, direction)))
        return false;
    kept_bring(descriptor);
    return true;
}

static bool settle_end(struct worker *worker, struct descriptor *descriptor,
                       sn_operation *operation, int64_t result, bool goes_on)
{
    bool is_ending =
        (record_of(operation)->marks & MARK_ENDING) || descriptor_is_closing(descriptor);
    if (goes_on && !is_ending)
        return false;
    if (goes_on)
        result = -ECANCELED; /* ended with a part sent */
    operation_note_shortage(operation, descriptor, result);
    record_of(operation)->marks &= (uint16_t)~MARK_FAST;
    worker_complete_first(worker, descriptor, operation,
                          ended_result(worker, descriptor, operation, result));
    return true;
}

/* True when the operation has come to its end; false: it needs another attempt. */
static bool settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    bool goes_on = result >= 0 && operation_advance(operation, result);
    if (result < 0 || goes_on)
        return settle_end(worker, descriptor, operation, result, goes_on);
    worker_complete_first(worker, descriptor, operation, result);
    return true;
}

/* True: what is first now is to be looked at anew. False: the first goes alone. */
static bool submit_together(struct worker *worker, struct descriptor *descriptor,
                            enum direction direction)
{
    const struct operation_queue *queue = &descriptor->queues[direction];
    if (!queue_has_several(queue))
        return false;
    int64_t result = together_move(worker, descriptor, direction);
    if (result < 0 && result != SUBMITTED)
        (void)settle(worker, descriptor, queue_first(queue), result);
    return result != SUBMITTED;
}

/* True: go on with what is first now. False: it waits, or the others come first. */
static bool submit_first(struct worker *worker, struct descriptor *descriptor,
                         sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    uint8_t bit = (uint8_t)(1 << direction);
    if (submit_together(worker, descriptor, direction))
        return descriptor->queues[direction].last != NULL;
    operation = queue_first(&descriptor->queues[direction]);
    descriptor->submitted |= bit;
    int64_t result = worker->class->submit(worker->backend, descriptor, operation);
    if (result == SUBMITTED)
        return false;
    descriptor->submitted &= (uint8_t)~bit;
    if (settle(worker, descriptor, operation, result))
        return descriptor->queues[direction].last != NULL;
    if (!action_of(operation)->takes_turns)
        return true;
    /* A fast reader would keep the worker with one file, and a fast card with one batch. */
    descriptor->class->request(descriptor, REQUEST_RESUME);
    return false;
}

/* Before anything is submitted that may be ending, or has to wait for the send lock or for
 * something outside the kernel. True: it can be submitted now. False: see *goes_on, as above. */
static bool may_submit(struct worker *worker, struct descriptor *descriptor,
                       sn_operation *operation, bool *goes_on)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    bool is_ending =
        (record_of(operation)->marks & MARK_ENDING) || descriptor_is_closing(descriptor);
    *goes_on = false;
    if (!is_ending && must_wait_for_lane(descriptor, direction))
        return false;
    if (is_ending && record_of(operation)->action == ACTION_EXTERNAL)
        descriptor->class->on_abandon(descriptor, operation);
    if (!is_ending && record_of(operation)->action == ACTION_EXTERNAL &&
        !descriptor->class->on_resume(descriptor, operation)) {
        descriptor->submitted |= (uint8_t)(1 << direction);
        return false;
    }
    *goes_on = true;
    if (record_of(operation)->action == ACTION_NONE)
        worker_complete(worker, operation, record_of(operation)->native_result);
    else if (is_ending)
        (void)settle_end(worker, descriptor, operation, -ECANCELED, false);
    else
        return true;
    return false;
}

void worker_advance(struct worker *worker, struct descriptor *descriptor, enum direction direction)
{
    uint8_t bit = (uint8_t)(1 << direction);
    bool goes_on = !held_is(descriptor, direction);
    sn_operation *operation;
    while (goes_on && !(descriptor->submitted & bit) &&
           (operation = queue_first(&descriptor->queues[direction])) != NULL) {
        if (may_submit(worker, descriptor, operation, &goes_on))
            goes_on = submit_first(worker, descriptor, operation);
    }
}

/* True when it is alone in its direction; if not, or cancelled meanwhile, it has to queue. */
static bool let_in(struct descriptor *descriptor, sn_operation *operation, enum direction direction)
{
    const uint32_t arrived = OPERATION_HANDED | OPERATION_ARRIVED;
    /* Counts from the start to the completion, so nothing is in the queue either. */
    bool is_first = lane_add(descriptor, direction) == 0;
    if ((int32_t)atomic_add_fetch_acq_rel(&record_of(operation)->state, arrived) < 0)
        return false;
    return is_first;
}

static void start_behind(struct worker *worker, struct descriptor *descriptor,
                         sn_operation *operation, enum held how)
{
    struct record *record = record_of(operation);
    enum direction direction = (enum direction)record->direction;
    queue_append(&descriptor->queues[direction], operation);
    if (record->action == ACTION_NONE)
        worker_complete(worker, operation, record->native_result);
    else if (atomic_load_relaxed(&record->state) & OPERATION_CANCEL_EARLY)
        worker_end(worker, operation, MARK_CANCELED); /* not behind the others */
    else if (!held_keep(worker, descriptor, operation, how))
        worker_advance(worker, descriptor, direction);
}

void worker_start_here(struct worker *worker, struct descriptor *descriptor,
                       sn_operation *operation, enum direction direction)
{
    uint8_t action = record_of(operation)->action;
    bool is_known = action == ACTION_NONE || action == ACTION_EXTERNAL;
    if (!let_in(descriptor, operation, direction) || is_known) {
        start_behind(worker, descriptor, operation, HELD_SEVERAL);
        return;
    }
    if (direction == DIRECTION_OUT && descriptor->sends_several) {
        start_behind(worker, descriptor, operation, HELD_ALONE);
        return;
    }
    queue_set_only(&descriptor->queues[direction], operation);
    if (submit_first(worker, descriptor, operation))
        worker_advance(worker, descriptor, direction);
}

void worker_settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    assert(descriptor->submitted & (1 << direction));
    descriptor->submitted &= (uint8_t) ~(1 << direction);
    (void)settle(worker, descriptor, operation, result);
    worker_advance(worker, descriptor, direction);
}

static int64_t ended_plain_result(const struct worker *worker, const sn_operation *operation,
                                  uint16_t mark)
{
    assert(record_of(operation)->action !=
           ACTION_NONE); /* such a one is complete when it arrives */
    if (mark & MARK_NO_MEMORY)
        return OUTCOME_NO_MEMORY;
    if (mark == MARK_TIMED_OUT) /* which is what a delay waits for */
        return record_of(operation)->action == ACTION_DELAY ? OUTCOME_READY : OUTCOME_TIMED_OUT;
    return mark == MARK_CANCELED ? operation_canceled_result(operation) : stopped_result(worker);
}

static void end_detached(struct worker *worker, sn_operation *operation, uint16_t mark)
{
    if (task_is(operation)) {
        task_fire(worker, operation, mark);
        return;
    }
    if (record_of(operation)->action == ACTION_EXTERNAL && !external_abandon(operation))
        return; /* its answer completes it */
    if (record_of(operation)->action == ACTION_REPEAT && repeat_fire(worker, operation, mark))
        return;
    worker_complete(worker, operation, ended_plain_result(worker, operation, mark));
}

/* Ends an operation for the reason in `mark`; one that the kernel has comes to its end later. */
void worker_end(struct worker *worker, sn_operation *operation, uint16_t mark)
{
    struct descriptor *descriptor = descriptor_of(operation);
    operation_mark_ending(operation, mark);
    if (!descriptor) {
        end_detached(worker, operation, mark);
        return;
    }
    enum direction direction = (enum direction)record_of(operation)->direction;
    uint8_t bit = (uint8_t)(1 << direction);
    bool is_submitted = (descriptor->submitted & bit) != 0 &&
                        operation == queue_first(&descriptor->queues[direction]);
    if (record_of(operation)->action == ACTION_EXTERNAL)
        descriptor->class->on_abandon(descriptor, operation);
    else if (is_submitted && !worker->class->cancel(worker->backend, descriptor, operation))
        return;
    if (is_submitted)
        descriptor->submitted &= (uint8_t)~bit;
    worker_complete(worker, operation, ended_result(worker, descriptor, operation, -ECANCELED));
    worker_advance(worker, descriptor, direction); /* what was behind it */
}

/* Ends everything that a descriptor has pending. The first of a direction goes last, so that none
 * of the others is submitted for nothing. */
void worker_end_all(struct worker *worker, struct descriptor *descriptor, uint16_t mark)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        struct operation_queue *queue = &descriptor->queues[direction];
        while (queue->last && queue->last != queue_first(queue))
            worker_end(worker, queue->last, mark);
        if (queue->last)
            worker_end(worker, queue->last, mark);
    }
}

/* Nothing of it comes to its end here: results do that. */
void worker_cancel_again(struct worker *worker)
{
    lock_acquire(&worker->lock);
    struct list *link = worker->descriptors.next;
    for (; link != &worker->descriptors; link = link->next) {
        struct descriptor *descriptor = container_of(link, struct descriptor, worker_link);
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            sn_operation *first = queue_first(&descriptor->queues[direction]);
            if (!(descriptor->submitted & (1 << direction)) || !first ||
                !(record_of(first)->marks & MARK_ENDING))
                continue;
            bool is_withdrawn = worker->class->cancel(worker->backend, descriptor, first);
            assert(!is_withdrawn); /* what can be is at once */
            (void)is_withdrawn;
        }
    }
    lock_release(&worker->lock);
}

/* --- Early ends ------------------------------------------------------------------------------ */

void worker_drain_cancels(struct worker *worker)
{
    sn_operation *operation;
    while (cancels_wait(worker) && (operation = cancels_take(worker)) != NULL) {
        worker_mark_canceled(operation);
        /* A finish step that is still to come must not go on. */
        if (record_of(operation)->action != ACTION_DONE)
            worker_end(worker, operation, MARK_CANCELED);
    }
}

void worker_fire_deadlines(struct worker *worker)
{
    sn_operation *operation;
    if (limits_next(&worker->limits) == SYS_NEVER)
        return;
    int64_t now_ns = sys_now();
    while ((operation = limits_take(&worker->limits, now_ns)) != NULL)
        worker_end(worker, operation, MARK_TIMED_OUT);
}
