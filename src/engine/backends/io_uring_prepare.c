#include "engine/backends/io_uring_prepare.h"

#include <errno.h>

bool entry_needs_scratch(const sn_operation *operation)
{
    return operation->internal.action == ACTION_SEND_MESSAGE ||
           operation->internal.action == ACTION_RECEIVE_MESSAGE ||
           operation->internal.action == ACTION_RECEIVE_CONTROL;
}

bool entry_is_rest(const sn_operation *operation)
{
    return (operation->internal.marks & MARK_ALL) && operation->transferred > 0;
}

/*
 * A zero-byte receive is an entry of no bytes on a TCP stream, which waits for data and takes none;
 * on datagrams such an entry would eat one. What is no socket is polled because the kernel answers
 * a read of a non-blocking pipe at once. A connect is polled because an entry that had to wait
 * takes its result from the socket's error, and once told of a connection to a host that is not
 * there.
 */
bool entry_is_poll(const sn_operation *operation, const struct descriptor *descriptor)
{
    if (operation->internal.marks & MARK_NOT_SOCKET)
        return true;
    if (operation->internal.action == ACTION_SEND_PACKETS)
        return true; /* the ring has no sendfile */
    if (operation->internal.action == ACTION_CONNECT)
        return true;
    return operation->internal.action == ACTION_READABLE &&
           !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP);
}

/*
 * With MSG_WAITALL the kernel would go on with a short send by itself. But when that fails it tells
 * what has moved, and the error is taken off the socket: instead of the peer's reset, the next send
 * would be told of the end of the stream. So a short send comes back, and its rest is another
 * entry.
 */
static int send_flags(const sn_operation *operation)
{
    int flags = (int)operation->internal.native_flags | MSG_NOSIGNAL;
    const struct descriptor *descriptor = operation->internal.owner;
    /* A Unix socket takes a message out of its buffers before it finds the receiver's queue full,
     * and the ring would try again with what is left of them: an empty message. So it must say
     * "would block" instead. See a_message_for_a_full_unix_receiver_arrives_whole. */
    if (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES)
        flags |= MSG_DONTWAIT;
    return flags;
}

/* After a short send the kernel's buffer is full: the entry of the rest does not try in vain first.
 */
static void wait_for_room(struct io_uring_sqe *entry, const sn_operation *operation)
{
    if (entry_is_rest(operation))
        entry->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

static void prepare_send_message(struct io_uring_sqe *entry, sn_operation *operation,
                                 int32_t handle, struct entry_scratch *scratch)
{
    operation_send_message(operation, &scratch->message, &scratch->pieces);
    io_uring_prep_sendmsg(entry, handle, &scratch->message, (unsigned)send_flags(operation));
    wait_for_room(entry, operation);
}

void entry_prepare(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                   struct entry_scratch *scratch)
{
    struct sn_operation_private *internal = &operation->internal;
    int flags = (int)internal->native_flags;
    struct msghdr *message;
    switch ((enum operation_action)internal->action) {
    case ACTION_RECEIVE:
        io_uring_prep_recv(entry, handle, internal->buffer.data,
                           attempt_size(internal->buffer.size), flags);
        return;
    case ACTION_READABLE: io_uring_prep_recv(entry, handle, NULL, 0, flags); return;
    case ACTION_RECEIVE_MESSAGE:
    case ACTION_RECEIVE_CONTROL:
        message = operation_receive_message(operation, &scratch->pieces);
        if (message->msg_control) /* a packet socket refuses the flag */
            flags |= MSG_CMSG_CLOEXEC;
        io_uring_prep_recvmsg(entry, handle, message, (unsigned)flags);
        return;
    case ACTION_SEND:
        io_uring_prep_send(entry, handle, internal->buffer.data,
                           attempt_size(internal->buffer.size), send_flags(operation));
        wait_for_room(entry, operation);
        return;
    case ACTION_SEND_MESSAGE: prepare_send_message(entry, operation, handle, scratch); return;
    case ACTION_ACCEPT:
        internal->native_flags = sizeof internal->message;
        io_uring_prep_accept(entry, handle, (struct sockaddr *)(void *)internal->message,
                             &internal->native_flags, SOCK_CLOEXEC | SOCK_NONBLOCK);
        return;
    case ACTION_CONNECT:
    case ACTION_SEND_PACKETS:
    case ACTION_NONE:
    case ACTION_EXTERNAL:
    case ACTION_DELAY:
    case ACTION_DONE: break;
    }
    assert(internal->action == ACTION_RECEIVE); /* never here: the others have no entry */
    io_uring_prep_nop(entry);
}
