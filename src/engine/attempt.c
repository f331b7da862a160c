#include "engine/attempt.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>

#include "engine/packets.h"
#include "sys/sys.h"

_Static_assert(sizeof(sn_buffer) == sizeof(struct iovec), "handed to the kernel as it is");
_Static_assert(offsetof(sn_buffer, data) == offsetof(struct iovec, iov_base), "as it is");
_Static_assert(offsetof(sn_buffer, size) == offsetof(struct iovec, iov_len), "as it is");

static void pieces_of(sn_operation *operation, uint64_t offset, struct pieces *pieces)
{
    struct sn_operation_private *internal = &operation->internal;
    if (!(internal->marks & MARK_VECTOR)) {
        pieces->first = (struct iovec *)(void *)&internal->buffer;
        pieces->count = 1;
        return;
    }
    pieces->first = internal->buffer.data;
    pieces->count =
        (uint16_t)(internal->buffer.size < PIECES_MAX ? internal->buffer.size : PIECES_MAX);
    if (offset == 0)
        return;
    /* The array is the caller's and is not written to: the rest of the first buffer goes into a
     * copy. */
    if (pieces->count > PIECES_COPIED)
        pieces->count = PIECES_COPIED;
    for (size_t i = 0; i < pieces->count; i++)
        pieces->copied[i] = pieces->first[i];
    pieces->copied[0].iov_base = (char *)pieces->copied[0].iov_base + offset;
    pieces->copied[0].iov_len -= (size_t)offset;
    pieces->first = pieces->copied;
}

struct msghdr *operation_receive_message(sn_operation *operation, struct pieces *pieces)
{
    struct sn_operation_private *internal = &operation->internal;
    sn_endpoint *from = internal->detail;
    pieces_of(operation, 0, pieces);
    struct msghdr *message = (struct msghdr *)(void *)internal->message;
    _Static_assert(sizeof *message <= sizeof internal->message, "fits");
    internal->marks |= MARK_HEADER;
    *message = (struct msghdr){
        .msg_name = from ? from->as.sockaddr : NULL,
        .msg_namelen = from ? sizeof from->as.sockaddr : 0,
        .msg_iov = pieces->first,
        .msg_iovlen = pieces->count,
    };
    if (internal->action == ACTION_RECEIVE_CONTROL) {
        message->msg_control = operation_control(operation);
        message->msg_controllen = CONTROL_SIZE;
    }
    return message;
}

static int64_t attempt_receive_message(sn_operation *operation, int32_t handle)
{
    struct pieces pieces;
    struct msghdr *message = operation_receive_message(operation, &pieces);
    return sys_receive_message(handle, message, (int)operation->internal.native_flags);
}

void operation_send_message(sn_operation *operation, struct msghdr *message, struct pieces *pieces)
{
    struct sn_operation_private *internal = &operation->internal;
    pieces_of(operation, operation_send_place(operation)->offset, pieces);
    *message = (struct msghdr){
        .msg_name = internal->detail,
        .msg_namelen = internal->detail ? internal->spare : 0,
        .msg_iov = pieces->first,
        .msg_iovlen = pieces->count,
    };
}

static int64_t attempt_send_message(sn_operation *operation, int32_t handle)
{
    struct pieces pieces;
    struct msghdr message;
    operation_send_message(operation, &message, &pieces);
    int64_t result = sys_send_message(handle, &message, (int)operation->internal.native_flags);
    if (result == -EAGAIN && operation->internal.tries < UINT8_MAX)
        operation->internal.tries++;
    return result;
}

/* A peek of one byte waits for data, for the end of the stream and for errors, and takes only the
 * last. It works alike on streams and datagrams, where a receive of no bytes would eat the
 * datagram. */
static int64_t attempt_readable(sn_operation *operation, int32_t handle)
{
    char byte;
    int64_t result =
        sys_receive(handle, &byte, 1, (int)operation->internal.native_flags | MSG_PEEK);
    return result > 0 ? 0 : result;
}

static int64_t attempt_accept(sn_operation *operation, int32_t handle)
{
    struct sn_operation_private *internal = &operation->internal;
    internal->native_flags = sizeof internal->message;
    return sys_accept(handle, internal->message, &internal->native_flags);
}

/*
 * A second connect() on a socket that is connecting tells how it goes: EALREADY while it is on its
 * way, 0 once it is there, or its error. So no other call has to ask, and a spurious wake does no
 * harm. Only the first EALREADY is the caller's own: somebody else's connect is on its way.
 */
static int64_t attempt_connect(sn_operation *operation, int32_t handle)
{
    struct sn_operation_private *internal = &operation->internal;
    int64_t result = sys_connect(handle, internal->detail, internal->spare);
    if (result == -EALREADY && internal->tries > 0)
        result = -EINPROGRESS;
    /* A Unix socket whose listener's queue is full: see operation_events(). */
    if (result == -EINPROGRESS || result == -EAGAIN) {
        if (internal->tries < UINT8_MAX)
            internal->tries++;
    }
    return result;
}

/* A pipe, a terminal, a file: there are no flags, addresses or peeks. */
static int64_t attempt_not_socket(sn_operation *operation, int32_t handle)
{
    struct sn_operation_private *internal = &operation->internal;
    struct pieces pieces;
    switch ((enum operation_action)internal->action) {
    case ACTION_RECEIVE:
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL:
        pieces_of(operation, 0, &pieces);
        return sys_read(handle, pieces.first, (int)pieces.count);
    case ACTION_READABLE: {
        struct sys_poll poll = {.handle = handle, .events = POLLIN};
        int32_t ready = sys_poll(&poll, 1, 0);
        return ready == 0 ? -EAGAIN : ready < 0 ? ready : 0;
    }
    case ACTION_SEND:
    case ACTION_SEND_MESSAGE:
        pieces_of(operation, operation_send_place(operation)->offset, &pieces);
        return sys_write(handle, pieces.first, (int)pieces.count);
    case ACTION_SEND_PACKETS:
    case ACTION_ACCEPT:
    case ACTION_CONNECT:
    case ACTION_EXTERNAL:
    case ACTION_DELAY:
    case ACTION_DONE:
    case ACTION_NONE: break;
    }
    return -ENOTSOCK;
}

int64_t operation_attempt(sn_operation *operation, int32_t handle)
{
    struct sn_operation_private *internal = &operation->internal;
    if (internal->marks & MARK_NOT_SOCKET)
        return attempt_not_socket(operation, handle);
    switch ((enum operation_action)internal->action) {
    case ACTION_RECEIVE:
        return sys_receive(handle, internal->buffer.data, internal->buffer.size,
                           (int)internal->native_flags);
    case ACTION_SEND:
        return sys_send(handle, internal->buffer.data, internal->buffer.size,
                        (int)internal->native_flags);
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL: return attempt_receive_message(operation, handle);
    case ACTION_READABLE: return attempt_readable(operation, handle);
    case ACTION_SEND_MESSAGE: return attempt_send_message(operation, handle);
    case ACTION_SEND_PACKETS: return packet_list_attempt(internal->detail, handle);
    case ACTION_ACCEPT: return attempt_accept(operation, handle);
    case ACTION_CONNECT: return attempt_connect(operation, handle);
    case ACTION_EXTERNAL:
    case ACTION_DELAY:
    case ACTION_DONE:
    case ACTION_NONE: break;
    }
    assert(internal->action == ACTION_ACCEPT); /* never here: prepare gives it one of the above */
    return -EINVAL;
}

/* A signal has interrupted it. */
int64_t operation_attempt_again(sn_operation *operation)
{
    const struct descriptor *descriptor = operation->internal.owner;
    return operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
}

static bool goes_to_unix_path(const sn_operation *operation)
{
    const struct sockaddr *to = operation->internal.detail;
    return to && to->sa_family == AF_UNIX;
}

int64_t operation_result_after_hang_up(const sn_operation *operation,
                                       const struct descriptor *descriptor, int64_t result)
{
    bool is_receive = operation->internal.action == ACTION_RECEIVE ||
                      operation->internal.action == ACTION_RECEIVE_MESSAGE ||
                      operation->internal.action == ACTION_RECEIVE_CONTROL ||
                      operation->internal.action == ACTION_READABLE;
    bool has_messages = (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES) != 0;
    return result == -EAGAIN && is_receive && has_messages ? 0 : result;
}

int16_t operation_events(const sn_operation *operation, int64_t result)
{
    switch ((enum operation_action)operation->internal.action) {
    case ACTION_RECEIVE:
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL:
    case ACTION_READABLE: return POLLIN | POLLRDHUP;
    case ACTION_ACCEPT: return POLLIN;
    case ACTION_CONNECT: return result == -EAGAIN ? 0 : POLLOUT;
    case ACTION_SEND:
    case ACTION_SEND_PACKETS: return POLLOUT;
    case ACTION_SEND_MESSAGE: return goes_to_unix_path(operation) ? 0 : POLLOUT;
    case ACTION_EXTERNAL:
    case ACTION_DELAY:
    case ACTION_DONE:
    case ACTION_NONE: break;
    }
    return 0;
}

static bool advance_vector(struct sn_operation_private *internal, struct send_place *place,
                           uint64_t bytes)
{
    sn_buffer *buffer = internal->buffer.data;
    bytes += place->offset;
    while (internal->buffer.size > 0 && bytes >= buffer->size) {
        bytes -= buffer->size;
        buffer++;
        internal->buffer.size--;
    }
    internal->buffer.data = buffer;
    place->offset = bytes;
    return internal->buffer.size > 0;
}

bool operation_advance_other(sn_operation *operation, int64_t result)
{
    struct sn_operation_private *internal = &operation->internal;
    if (internal->action == ACTION_ACCEPT)
        return false; /* a descriptor, no bytes */
    operation->transferred += (size_t)result;
    if (internal->action == ACTION_SEND_PACKETS)
        return packet_list_advance(internal->detail, result);
    if (!(internal->marks & MARK_ALL))
        return false;
    if (internal->marks & MARK_VECTOR)
        return advance_vector(internal, operation_send_place(operation), (uint64_t)result);
    return operation_advance_buffer(internal, result);
}
