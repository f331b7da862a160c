/* Receives of one datagram socket, each of which gets a datagram of its own: decision 0030. */
#include "loop/fast.h"
#include "loop/together.h"

#include <errno.h>

/* There is none. A ring would ask once more by itself. */
static void note_in_vain(const struct worker *worker, struct descriptor *descriptor)
{
    descriptor->ready &= (uint8_t)~READY_IN;
    if (worker->class->enter)
        record_of(queue_first(&descriptor->queues[DIRECTION_IN]))->tries = 1;
}

/* Those that have got one: out of their queue in one step, and a row, see fast_conclude_row(). */
static void complete_front(struct worker *worker, struct operation_queue *queue,
                           const struct gathered_messages *gather, int64_t received)
{
    sn_operation *first = queue_first(queue), *operation = first, *last = NULL;
    for (int64_t i = 0; i < received; i++) {
        last = operation;
        operation = record_of(last)->next;
        fast_untie(worker, last);
        fast_finish(last, gather->sizes[i]);
        if (record_of(last)->marks & MARK_HEADER)
            record_of(last)->marks |= MARK_FAST | MARK_FOLLOWED;
    }
    record_of(last)->marks &= (uint16_t)~MARK_FOLLOWED;
    queue_remove_front(queue, last);
    operation_list_append_several(&worker->completed, first, last);
}

/* A ring learns only by trying. After fewer than were asked for there may be another, or an error
 * that ended the call: the next one asks. */
int64_t together_receive_datagrams(struct worker *worker, struct descriptor *descriptor)
{
    struct operation_queue *queue = &descriptor->queues[DIRECTION_IN];
    struct gathered_messages gather;
    if (!worker->class->enter && !(descriptor->ready & (READY_IN | READY_ENDED)))
        return SUBMITTED;
    int64_t received = gather_messages(&gather, queue, atomic_load_relaxed(&descriptor->handle));
    if (received == -EAGAIN)
        note_in_vain(worker, descriptor);
    if (received == -EAGAIN || received == 0)
        return SUBMITTED;
    if (received < 0)
        return received;
    complete_front(worker, queue, &gather, received);
    descriptor->ready |= worker->class->enter ? READY_IN : 0;
    return received == (int64_t)gather.asked ? 0 : SUBMITTED;
}
