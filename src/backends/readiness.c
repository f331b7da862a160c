#include "backends/readiness.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "operation/operation.h"
#include "sys/sys.h"

/* A short count on a stream: the kernel's buffer is empty, or full. Not so where the count says
 * nothing about what is left: a peek takes nothing, and urgent data is beside the stream. */
static bool has_drained(const sn_operation *operation, int64_t result)
{
    if (record_of(operation)->native_flags & (MSG_PEEK | MSG_OOB))
        return false;
    return action_of(operation)->drains &&
           (size_t)result < attempt_size(record_of(operation)->buffer.size);
}

/* On a datagram socket a short count says nothing about the next datagram. */
static bool is_stream(const sn_operation *operation, const struct descriptor *descriptor)
{
    uint32_t marks = atomic_load_relaxed(&descriptor->marks);
    return (record_of(operation)->marks & MARK_ALL) || (marks & DESCRIPTOR_STREAM_TCP);
}

/* An unconnected stream is reported as hung up, which is not so any more; but the event that tells
 * of the connection may have told of data and of the peer's end too, and comes only once. */
void readiness_connected(struct descriptor *descriptor)
{
    struct sys_poll now = {.handle = atomic_load_relaxed(&descriptor->handle),
                           .events = POLLIN | POLLRDHUP};
    bool is_ended = sys_poll(&now, 1, 0) > 0 && (now.revents & (POLLHUP | POLLRDHUP | POLLERR));
    uint8_t edges = descriptor->ready & READY_WATCHES_OUT;
    descriptor->ready = READY_IN | READY_OUT | READY_ERROR | edges | (is_ended ? READY_ENDED : 0);
}

/* A connect makes its own readiness: the first attempt starts it. Urgent data has none of its own:
 * a receive of the stream may have used up the edge that told of it. */
static bool is_begin(const sn_operation *operation)
{
    return action_of(operation)->makes_connection
               ? record_of(operation)->tries == 0
               : (record_of(operation)->native_flags & MSG_OOB) != 0;
}

bool readiness_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t *out_result)
{
    uint8_t bit = (uint8_t)(1 << record_of(operation)->direction);
    if (!(descriptor->ready & (bit | READY_ENDED)) && !is_begin(operation))
        return false;
    *out_result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (descriptor->ready & READY_ENDED)
        *out_result = operation_result_after_hang_up(operation, descriptor, *out_result);
    if (action_of(operation)->makes_connection && *out_result == 0)
        readiness_connected(descriptor);
    if (operation_would_block(operation, *out_result)) {
        descriptor->ready &= (uint8_t)~bit;
        return false;
    }
    if (*out_result >= 0 && is_stream(operation, descriptor) && has_drained(operation, *out_result))
        descriptor->ready &= (uint8_t)~bit;
    return true;
}
