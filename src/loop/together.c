#include "loop/together.h"

#include <errno.h>

#include "loop/fast.h"

/* Of so many bytes those that are the operation's. False: a send that is not whole with them. */
static bool take_part(const sn_operation *operation, int64_t moved, int64_t *out_part)
{
    int64_t left = (int64_t)operation_left(operation);
    *out_part = left < moved ? left : moved;
    return left <= moved || record_of(operation)->direction == DIRECTION_IN;
}

/* The fast ones at the front, which are whole: out of their queue in one step. Returns the bytes
 * that belong to what is first then. */
static int64_t complete_front(struct worker *worker, struct operation_queue *queue, int64_t moved)
{
    sn_operation *first = queue_first(queue), *operation = first, *last = NULL;
    int64_t part;
    while (moved > 0 && operation_is_fast(operation) && take_part(operation, moved, &part)) {
        fast_untie(worker, operation);
        fast_finish(operation, part);
        record_of(operation)->marks |= MARK_FOLLOWED;
        moved -= part;
        last = operation;
        operation = record_of(operation)->next;
    }
    if (!last)
        return moved;
    record_of(last)->marks &= (uint16_t)~MARK_FOLLOWED;
    queue_remove_front(queue, last);
    operation_list_append_several(&worker->completed, first, last);
    return moved;
}

/* The bytes are those of operations in the queue. Of the last one of several sends some may be
 * left; a receive that got some is complete. */
static void count_moved(struct worker *worker, struct descriptor *descriptor,
                        enum direction direction, int64_t moved)
{
    struct operation_queue *queue = &descriptor->queues[direction];
    int64_t part;
    while ((moved = complete_front(worker, queue, moved)) > 0) {
        sn_operation *operation = queue_first(queue);
        if (take_part(operation, moved, &part))
            worker_complete_whole(worker, descriptor, operation, part);
        else
            (void)operation_advance(operation, part);
        moved -= part;
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

/* A ring knows of a receive only that the last one has filled its buffer, see fast_leave(). */
static bool is_worth_it(const struct worker *worker, const struct descriptor *descriptor,
                        enum direction direction)
{
    const uint32_t others = DESCRIPTOR_NO_PLAIN_STREAM;
    uint8_t known = (uint8_t)(1 << direction) | READY_ENDED;
    bool is_ready =
        (worker->class->enter && direction == DIRECTION_OUT) || (descriptor->ready & known);
    return is_ready && !(atomic_load_relaxed(&descriptor->marks) & others);
}

static int64_t send_together(struct worker *worker, struct descriptor *descriptor,
                             struct gathered *gather)
{
    int64_t sent = gather_send(gather, atomic_load_relaxed(&descriptor->handle));
    if (is_told_once(sent))
        return sent;
    count_moved(worker, descriptor, DIRECTION_OUT, sent);
    if (sent == (int64_t)gather->bytes)
        return 0;
    if (!worker->class->enter && (sent >= 0 || sent == -EAGAIN))
        descriptor->ready &= (uint8_t)~READY_OUT; /* the kernel's buffer is full */
    return SUBMITTED;
}

/* A short count on a stream: the kernel's buffer is empty. See fast_ready() for Unix sockets. */
static int64_t receive_together(struct worker *worker, struct descriptor *descriptor,
                                struct gathered *gather)
{
    int64_t received = gather_receive(gather, atomic_load_relaxed(&descriptor->handle));
    if (is_told_once(received))
        return received;
    bool is_tcp = (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP) != 0;
    if (received == 0) /* the end, which each of them is told by itself */
        worker_complete_whole(worker, descriptor, queue_first(&descriptor->queues[DIRECTION_IN]),
                              0);
    else if (received == -EAGAIN || (received < (int64_t)gather->bytes && is_tcp))
        descriptor->ready &= (uint8_t)~READY_IN;
    count_moved(worker, descriptor, DIRECTION_IN, received);
    return received < 0 ? SUBMITTED : 0;
}

int64_t together_move(struct worker *worker, struct descriptor *descriptor,
                      enum direction direction)
{
    struct gathered gather;
    if (descriptor_gathers(descriptor))
        return direction == DIRECTION_IN ? together_receive_datagrams(worker, descriptor)
                                         : SUBMITTED;
    if (!is_worth_it(worker, descriptor, direction) ||
        !gather_queue(&gather, &descriptor->queues[direction]))
        return SUBMITTED;
    return direction == DIRECTION_OUT ? send_together(worker, descriptor, &gather)
                                      : receive_together(worker, descriptor, &gather);
}
