#include "loop/together.h"

#include <errno.h>

#include "loop/fast.h"
#include "operation/gather.h"

/* The first of a direction has moved all it should. */
static void complete_whole(struct worker *worker, struct descriptor *descriptor,
                           sn_operation *operation, int64_t part)
{
    struct record *record = record_of(operation);
    if (likely(operation_is_fast(operation))) {
        fast_untie(worker, operation);
        queue_remove_first(&descriptor->queues[record->direction], operation);
        fast_complete(worker, operation, part);
        return;
    }
    (void)operation_advance(operation, part);
    worker_complete(worker, operation, part);
}

/* Of the last one some may be left. */
static void count_sent(struct worker *worker, struct descriptor *descriptor, int64_t sent)
{
    while (sent > 0) {
        sn_operation *operation = queue_first(&descriptor->queues[DIRECTION_OUT]);
        int64_t left = (int64_t)operation_left(operation);
        if (sent < left)
            (void)operation_advance(operation, sent);
        else
            complete_whole(worker, descriptor, operation, left);
        sent -= left;
    }
}

/* An error of the connection is told once, and so belongs to the first. What the memory of any of
 * them may be the reason for does not: each tries by itself. */
static bool is_told_once(int64_t result)
{
    switch (-result) {
    case EAGAIN:
    case EFAULT:
    case EINVAL:
    case EMSGSIZE:
    case ENOBUFS:
    case ENOMEM: return false;
    default: return result < 0;
    }
}

static bool is_worth_it(const struct worker *worker, const struct descriptor *descriptor)
{
    return (worker->class->enter || (descriptor->ready & (READY_OUT | READY_ENDED))) &&
           !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_SLOW);
}

int64_t together_move(struct worker *worker, struct descriptor *descriptor,
                      enum direction direction)
{
    struct gathered gather;
    if (direction != DIRECTION_OUT || !is_worth_it(worker, descriptor) ||
        !gather_queue(&gather, &descriptor->queues[DIRECTION_OUT]))
        return SUBMITTED;
    int64_t sent = gather_send(&gather, atomic_load_relaxed(&descriptor->handle));
    if (sent == (int64_t)gather.bytes) {
        count_sent(worker, descriptor, sent);
        return 0;
    }
    if (is_told_once(sent))
        return sent;
    if (!worker->class->enter && (sent >= 0 || sent == -EAGAIN))
        descriptor->ready &= (uint8_t)~READY_OUT; /* the kernel's buffer is full */
    count_sent(worker, descriptor, sent);
    return SUBMITTED;
}
