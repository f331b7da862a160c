#include "backends/io_uring_prepare.h"

#include <errno.h>

bool entry_is_rest(const sn_operation *operation)
{
    return (record_of(operation)->marks & MARK_ALL) && operation->transferred > 0;
}

/*
 * With MSG_WAITALL the kernel would go on with a short send by itself. But when that fails it tells
 * what has moved, and the error is taken off the socket: instead of the peer's reset, the next send
 * would be told of the end of the stream. So a short send comes back, and its rest is another
 * entry.
 */
static int send_flags(const sn_operation *operation)
{
    int flags = (int)record_of(operation)->native_flags | MSG_NOSIGNAL;
    const struct descriptor *descriptor = record_of(operation)->owner;
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

/* --- The entries ----------------------------------------------------------------------------- */

static void prepare_receive(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                            struct entry_scratch *scratch)
{
    const sn_buffer *buffer = &record_of(operation)->buffer;
    int flags = (int)record_of(operation)->native_flags;
    (void)scratch;
    io_uring_prep_recv(entry, handle, buffer->data, attempt_size(buffer->size), flags);
    if (!flags) /* what is looked at, or out of band, is there already or comes otherwise */
        entry_wait_for_data(entry, buffer->size);
}

/* What was there has been taken by the receive before: the entry of the rest does not try first. */
static void prepare_receive_enough(struct io_uring_sqe *entry, sn_operation *operation,
                                   int32_t handle, struct entry_scratch *scratch)
{
    prepare_receive(entry, operation, handle, scratch);
    if (operation->transferred > 0)
        entry->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

static void prepare_readable(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                             struct entry_scratch *scratch)
{
    (void)scratch;
    io_uring_prep_recv(entry, handle, NULL, 0, (int)record_of(operation)->native_flags);
}

static void prepare_receive_message(struct io_uring_sqe *entry, sn_operation *operation,
                                    int32_t handle, struct entry_scratch *scratch)
{
    struct msghdr *message = operation_receive_message(operation, &scratch->pieces);
    unsigned flags = record_of(operation)->native_flags;
    if (message->msg_control) /* a packet socket refuses the flag */
        flags |= MSG_CMSG_CLOEXEC;
    io_uring_prep_recvmsg(entry, handle, message, flags);
}

static void prepare_send(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                         struct entry_scratch *scratch)
{
    const sn_buffer *buffer = &record_of(operation)->buffer;
    (void)scratch;
    io_uring_prep_send(entry, handle, buffer->data, attempt_size(buffer->size),
                       send_flags(operation));
    wait_for_room(entry, operation);
}

/* The address stays where it is until the operation completes. */
static void prepare_send_to(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                            struct entry_scratch *scratch)
{
    const struct record *record = record_of(operation);
    prepare_send(entry, operation, handle, scratch);
    io_uring_prep_send_set_addr(entry, record->target.address, record->address_size);
}

static void prepare_send_message(struct io_uring_sqe *entry, sn_operation *operation,
                                 int32_t handle, struct entry_scratch *scratch)
{
    operation_send_message(operation, &scratch->message, &scratch->pieces);
    io_uring_prep_sendmsg(entry, handle, &scratch->message, (unsigned)send_flags(operation));
    wait_for_room(entry, operation);
}

static void prepare_accept(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                           struct entry_scratch *scratch)
{
    struct peer_place *peer = &record_of(operation)->room.peer;
    (void)scratch;
    peer->size = sizeof peer->address;
    io_uring_prep_accept(entry, handle, (struct sockaddr *)(void *)peer->address, &peer->size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/*
 * What has no entry is polled, and attempted by a system call then. A zero-byte receive is an entry
 * of no bytes on a TCP stream, which waits for data and takes none; on datagrams such an entry
 * would eat one. The ring has no entry that names the sender but that of a message. A connect has
 * none because an entry that had to wait takes its result from the socket's error, and once told of
 * a connection to a host that is not there. The ring has no sendfile.
 */
static const struct {
    void (*prepare)(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                    struct entry_scratch *scratch);
    bool needs_scratch;
    bool is_for_tcp_only;
    bool is_send;
} entries[ACTION_COUNT] = {
    [ACTION_RECEIVE] = {.prepare = prepare_receive},
    [ACTION_RECEIVE_ENOUGH] = {.prepare = prepare_receive_enough},
    [ACTION_READABLE] = {.prepare = prepare_readable, .is_for_tcp_only = true},
    [ACTION_RECEIVE_WHOLE] = {.prepare = prepare_receive},
    [ACTION_RECEIVE_FROM] = {.prepare = prepare_receive_message, .needs_scratch = true},
    [ACTION_RECEIVE_DATAGRAM] = {.prepare = prepare_receive_message, .needs_scratch = true},
    [ACTION_RECEIVE_MESSAGE] = {.prepare = prepare_receive_message, .needs_scratch = true},
    [ACTION_RECEIVE_CONTROL] = {.prepare = prepare_receive_message, .needs_scratch = true},
    [ACTION_SEND] = {.prepare = prepare_send, .is_send = true},
    [ACTION_SEND_TO] = {.prepare = prepare_send_to, .is_send = true},
    [ACTION_SEND_MESSAGE] = {.prepare = prepare_send_message,
                             .needs_scratch = true,
                             .is_send = true},
    [ACTION_RECEIVE_ANY] = {.prepare = prepare_receive_message, .needs_scratch = true},
    [ACTION_SEND_CONTROL] = {.prepare = prepare_send_message,
                             .needs_scratch = true,
                             .is_send = true},
    [ACTION_ACCEPT] = {.prepare = prepare_accept},
};

bool entry_needs_scratch(const sn_operation *operation)
{
    return entries[record_of(operation)->action].needs_scratch;
}

bool entry_is_send(const sn_operation *operation)
{
    return entries[record_of(operation)->action].is_send;
}

/* What is no socket is polled because the kernel answers a read of a non-blocking pipe at once. */
bool entry_is_poll(const sn_operation *operation, const struct descriptor *descriptor)
{
    if ((record_of(operation)->marks & MARK_NOT_SOCKET) ||
        !entries[record_of(operation)->action].prepare)
        return true;
    return entries[record_of(operation)->action].is_for_tcp_only &&
           !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP);
}

void entry_prepare(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                   struct entry_scratch *scratch)
{
    entries[record_of(operation)->action].prepare(entry, operation, handle, scratch);
}
