/* What is pending on a worker: from its submission to its completion, or to its early end. */
#include "engine/worker_inside.h"

#include <errno.h>

#include "engine/cancel.h"
#include "engine/external.h"
#include "engine/lane.h"
#include "sys/sys.h"

static struct heap_node *deadline_of(sn_operation *operation)
{
    _Static_assert(offsetof(struct sn_operation_private, deadline_index) -
                           offsetof(struct sn_operation_private, deadline_ns) ==
                       offsetof(struct heap_node, index),
                   "the two fields are a node of the heap");
    return (struct heap_node *)(void *)&operation->internal.deadline_ns;
}

sn_operation *worker_operation_of(struct heap_node *node)
{
    return container_of(node, sn_operation, internal.deadline_ns);
}

/* --- Completing ------------------------------------------------------------------------------ */

void worker_set_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns)
{
    if (heap_reserve(&worker->deadlines, worker->deadlines.count + 1))
        heap_insert(&worker->deadlines, deadline_of(operation), at_ns);
    else
        operation->internal.marks |=
            MARK_TIMED_OUT; /* no memory to count its time: it ends at once */
}

/* How an operation without a descriptor is in the list of those that wait. */
struct list *worker_wait_link(sn_operation *operation)
{
    _Static_assert(sizeof operation->internal.link == sizeof(struct list), "a link");
    return (struct list *)(void *)&operation->internal.link;
}

bool worker_is_waiting(const sn_operation *operation)
{
    return operation->internal.action == ACTION_EXTERNAL && !descriptor_of(operation);
}

/* Out of its queue, into the completed one. */
void worker_complete(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    heap_remove(&worker->deadlines, deadline_of(operation));
    if (worker_is_waiting(operation))
        list_remove(worker_wait_link(operation));
    operation->internal.native_result = result;
    operation->internal.action = ACTION_DONE;
    if (descriptor) {
        enum direction direction = (enum direction)operation->internal.direction;
        queue_remove(&descriptor->queues[direction], operation);
    }
    queue_append(&worker->completed, operation);
}

/* What a result means for an operation that was being ended. What has moved is never hidden. */
static int64_t ended_result(struct descriptor *descriptor, const sn_operation *operation,
                            int64_t result)
{
    if (result >= 0)
        return result;
    bool was_ended = result == -ECANCELED || result == -EINTR || result == -EAGAIN;
    if (!was_ended)
        return result;
    if (operation->transferred > 0 &&
        (operation->internal.marks & (MARK_TIMED_OUT | MARK_CANCELED)))
        return 0;
    if (operation->internal.marks & MARK_CANCELED)
        return WAIT_CANCELED;
    if (operation->internal.marks & MARK_TIMED_OUT)
        return WAIT_TIMED_OUT;
    if (operation->internal.marks & MARK_STOPPED)
        return WAIT_STOPPED;
    if (descriptor_is_closing(descriptor)) {
        descriptor_note_aborted(descriptor);
        return WAIT_CLOSED;
    }
    return result;
}

void worker_release_if_done(struct worker *worker, struct descriptor *descriptor)
{
    if (!descriptor_is_closing(descriptor) || descriptor->queues[DIRECTION_IN].last ||
        descriptor->queues[DIRECTION_OUT].last ||
        (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED))
        return;
    worker->class->forget(worker->backend, descriptor);
    lock_acquire(&worker->lock);
    list_remove(&descriptor->worker_link);
    lock_release(&worker->lock);
    atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_RELEASED);
    descriptor_leave(descriptor); /* what descriptor_bind() entered */
}

/* --- Submitting ------------------------------------------------------------------------------ */

/* Not only sends: nothing outward may be in front when the rest of a begun send arrives. */
static bool must_wait_for_turn(struct descriptor *descriptor, enum direction direction)
{
    return direction == DIRECTION_OUT && !lane_is_free_or_wanted(descriptor);
}

/* An accept loop that goes on after such an error would spin; see retry_instead(). */
static bool is_shortage(const sn_operation *operation, int64_t result)
{
    return operation->internal.action == ACTION_ACCEPT &&
           (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM);
}

/* True when the operation has come to its end; false: it needs another attempt. */
static bool settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    bool goes_on = result >= 0 && operation_advance(operation, result);
    bool is_ending = (operation->internal.marks & MARK_ENDING) || descriptor_is_closing(descriptor);
    if (goes_on && !is_ending)
        return false;
    if (goes_on)
        result = -ECANCELED; /* ended with a part sent */
    descriptor->is_short = is_shortage(operation, result);
    worker_complete(worker, operation, ended_result(descriptor, operation, result));
    return true;
}

/* Gives the back-end the first operation of a direction, and the next ones as long as they are done
 * at once. */
void worker_advance(struct worker *worker, struct descriptor *descriptor, enum direction direction)
{
    uint8_t bit = (uint8_t)(1 << direction);
    sn_operation *operation;
    while (!(descriptor->submitted & bit) &&
           (operation = queue_first(&descriptor->queues[direction])) != NULL) {
        int64_t result = -ECANCELED;
        bool is_ending =
            (operation->internal.marks & MARK_ENDING) || descriptor_is_closing(descriptor);
        if (!is_ending && must_wait_for_turn(descriptor, direction))
            return;
        if (is_ending && operation->internal.action == ACTION_EXTERNAL)
            descriptor->class->abandon(descriptor, operation);
        if (!is_ending && operation->internal.action == ACTION_EXTERNAL &&
            !descriptor->class->resume(descriptor, operation)) {
            descriptor->submitted |= bit;
            return;
        }
        if (operation->internal.action == ACTION_NONE) {
            worker_complete(worker, operation, operation->internal.native_result);
            continue;
        }
        if (!is_ending) {
            descriptor->submitted |= bit;
            if (!worker->class->submit(worker->backend, descriptor, operation, &result))
                return;
            descriptor->submitted &= (uint8_t)~bit;
        }
        if (!settle(worker, descriptor, operation, result) &&
            operation->internal.action == ACTION_SEND_PACKETS) {
            /* A fast reader would keep the worker with one file: the others come first. */
            worker_request(descriptor, REQUEST_RESUME);
            return;
        }
    }
}

void worker_settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    enum direction direction = (enum direction)operation->internal.direction;
    assert(descriptor->submitted & (1 << direction));
    assert(operation == queue_first(&descriptor->queues[direction]));
    descriptor->submitted &= (uint8_t) ~(1 << direction);
    (void)settle(worker, descriptor, operation, result);
    worker_advance(worker, descriptor, direction);
    worker_release_if_done(worker, descriptor);
}

static int64_t ended_plain_result(const sn_operation *operation, uint8_t mark)
{
    if (mark == MARK_TIMED_OUT) /* which is what a delay waits for */
        return operation->internal.action == ACTION_DELAY ? WAIT_READY : WAIT_TIMED_OUT;
    return mark == MARK_CANCELED ? WAIT_CANCELED : WAIT_STOPPED;
}

static void end_plain(struct worker *worker, sn_operation *operation, uint8_t mark)
{
    if (operation->internal.action == ACTION_EXTERNAL && !external_abandon(operation))
        return; /* its answer completes it */
    worker_complete(worker, operation, ended_plain_result(operation, mark));
}

/* Ends an operation for the reason in `mark`; one that the kernel has comes to its end later. */
void worker_end(struct worker *worker, sn_operation *operation, uint8_t mark)
{
    struct descriptor *descriptor = descriptor_of(operation);
    operation->internal.marks |= mark;
    if (!descriptor) {
        end_plain(worker, operation, mark);
        return;
    }
    enum direction direction = (enum direction)operation->internal.direction;
    uint8_t bit = (uint8_t)(1 << direction);
    bool is_submitted = (descriptor->submitted & bit) != 0 &&
                        operation == queue_first(&descriptor->queues[direction]);
    if (operation->internal.action == ACTION_EXTERNAL)
        descriptor->class->abandon(descriptor, operation);
    else if (is_submitted && !worker->class->cancel(worker->backend, descriptor, operation))
        return;
    if (is_submitted)
        descriptor->submitted &= (uint8_t)~bit;
    worker_complete(worker, operation, ended_result(descriptor, operation, -ECANCELED));
    worker_advance(worker, descriptor, direction); /* what was behind it */
}

/* Ends everything that a descriptor has pending. The first of a direction goes last, so that none
 * of the others is submitted for nothing. */
void worker_end_all(struct worker *worker, struct descriptor *descriptor, uint8_t mark)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        struct operation_queue *queue = &descriptor->queues[direction];
        while (queue->last && queue->last != queue_first(queue))
            worker_end(worker, queue->last, mark);
        if (queue->last)
            worker_end(worker, queue->last, mark);
    }
}

/* --- Early ends ------------------------------------------------------------------------------ */

void worker_drain_cancels(struct worker *worker)
{
    sn_operation *operation;
    while (cancels_wait(worker) && (operation = cancels_take(worker)) != NULL) {
        if (operation->internal.action != ACTION_DONE)
            worker_end(worker, operation, MARK_CANCELED);
        else
            operation->internal.marks |= MARK_CANCELED; /* its finish step must not go on */
    }
}

void worker_fire_deadlines(struct worker *worker)
{
    struct heap_node *node = heap_first(&worker->deadlines);
    if (!node)
        return;
    int64_t now_ns = sys_now();
    while ((node = heap_first(&worker->deadlines)) != NULL && node->key <= now_ns) {
        heap_remove(&worker->deadlines, node);
        worker_end(worker, worker_operation_of(node), MARK_TIMED_OUT);
    }
}
