#include "loop/together.h"

#include <errno.h>

#include "loop/fast.h"

/* Of the last one some may be left. */
static void count_sent(struct worker *worker, struct descriptor *descriptor, int64_t sent)
{
    while (sent > 0) {
        sn_operation *operation = queue_first(&descriptor->queues[DIRECTION_OUT]);
        int64_t left = (int64_t)operation_left(operation);
        if (sent < left)
            (void)operation_advance(operation, sent);
        else
            worker_complete_whole(worker, descriptor, operation, left);
        sent -= left;
    }
}

/* One that got some is complete. */
static void count_received(struct worker *worker, struct descriptor *descriptor, int64_t received)
{
    while (received > 0) {
        sn_operation *operation = queue_first(&descriptor->queues[DIRECTION_IN]);
        int64_t room = (int64_t)operation_left(operation);
        worker_complete_whole(worker, descriptor, operation, received < room ? received : room);
        received -= room;
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
    count_sent(worker, descriptor, sent);
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
    count_received(worker, descriptor, received);
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
