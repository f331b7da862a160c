#include "engine/backends/readiness.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "engine/attempt.h"
#include "engine/worker.h"
#include "sys/sys.h"

/* A short count on a stream: the kernel's buffer is empty, or full. Not so where the count says
 * nothing about what is left: a peek takes nothing, and urgent data is beside the stream. */
static bool has_drained(const sn_operation *operation, int64_t result)
{
    if (operation->internal.native_flags & (MSG_PEEK | MSG_OOB))
        return false;
    switch ((enum operation_action)operation->internal.action) {
    case ACTION_RECEIVE:
    case ACTION_SEND: return (uint64_t)result < operation->internal.buffer.size;
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL:
    case ACTION_SEND_MESSAGE:
    case ACTION_SEND_PACKETS:
    case ACTION_READABLE:
    case ACTION_ACCEPT:
    case ACTION_CONNECT:
    case ACTION_NONE:
    case ACTION_EXTERNAL:
    case ACTION_DELAY:
    case ACTION_DONE: break;
    }
    return false;
}

/* On a datagram socket a short count says nothing about the next datagram. */
static bool is_stream(const sn_operation *operation, const struct descriptor *descriptor)
{
    uint32_t marks = atomic_load_relaxed(&descriptor->marks);
    return (operation->internal.marks & MARK_ALL) || (marks & DESCRIPTOR_STREAM_TCP);
}

/* An unconnected stream is reported as hung up, which is not so any more; but the event that tells
 * of the connection may have told of data and of the peer's end too, and comes only once. */
void readiness_connected(struct descriptor *descriptor)
{
    struct sys_poll now = {.handle = atomic_load_relaxed(&descriptor->handle),
                           .events = POLLIN | POLLRDHUP};
    bool is_ended = sys_poll(&now, 1, 0) > 0 && (now.revents & (POLLHUP | POLLRDHUP | POLLERR));
    descriptor->ready = READY_IN | READY_OUT | (is_ended ? READY_ENDED : 0);
}

/* A connect makes its own readiness: the first attempt starts it. Urgent data has none of its own:
 * a receive of the stream may have used up the edge that told of it. */
static bool is_begin(const sn_operation *operation)
{
    return operation->internal.action == ACTION_CONNECT
               ? operation->internal.tries == 0
               : (operation->internal.native_flags & MSG_OOB) != 0;
}

COLD static bool attempt_with_care(struct descriptor *descriptor, sn_operation *operation,
                                   int64_t *out_result)
{
    uint8_t bit = (uint8_t)(1 << operation->internal.direction);
    if (!(descriptor->ready & (bit | READY_ENDED)) && !is_begin(operation))
        return false;
    *out_result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (descriptor->ready & READY_ENDED)
        *out_result = operation_result_after_hang_up(operation, descriptor, *out_result);
    if (operation->internal.action == ACTION_CONNECT && *out_result == 0)
        readiness_connected(descriptor);
    if (operation_would_block(operation, *out_result)) {
        descriptor->ready &= (uint8_t)~bit;
        return false;
    }
    if (*out_result >= 0 && is_stream(operation, descriptor) && has_drained(operation, *out_result))
        descriptor->ready &= (uint8_t)~bit;
    return true;
}

/* One buffer of a stream, and no flags: nearly all there is. */
static inline bool is_plain(const struct descriptor *descriptor, const sn_operation *operation)
{
    return (operation->internal.action == ACTION_RECEIVE ||
            operation->internal.action == ACTION_SEND) &&
           operation->internal.native_flags == 0 && !(descriptor->ready & READY_ENDED);
}

static HOT bool attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result)
{
    if (unlikely(!is_plain(descriptor, operation)))
        return attempt_with_care(descriptor, operation, out_result);
    uint8_t bit = (uint8_t)(1 << operation->internal.direction);
    if (!(descriptor->ready & bit))
        return false;
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    *out_result = result;
    bool is_short = result >= 0 && (uint64_t)result < operation->internal.buffer.size &&
                    is_stream(operation, descriptor);
    if (is_short || result == -EAGAIN)
        descriptor->ready &= (uint8_t)~bit;
    return result != -EAGAIN;
}

bool readiness_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result)
{
    return attempt(descriptor, operation, out_result);
}

static HOT void report(struct worker *worker, struct descriptor *descriptor, uint8_t ready,
                       enum direction direction)
{
    uint8_t bit = (uint8_t)(1 << direction);
    int64_t result;
    if (!(ready & (bit | READY_ENDED)) || !(descriptor->submitted & bit))
        return;
    sn_operation *operation = queue_first(&descriptor->queues[direction]);
    if (unlikely(operation->internal.link.previous != NULL))
        return; /* it waits for a time, not for an edge: see retry.h */
    if (attempt(descriptor, operation, &result))
        worker_settle(worker, descriptor, operation, result);
}

void readiness_report(struct worker *worker, struct descriptor *descriptor, uint8_t ready)
{
    descriptor->ready |= ready;
    report(worker, descriptor, ready, DIRECTION_IN);
    report(worker, descriptor, ready, DIRECTION_OUT);
}
