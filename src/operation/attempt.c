#include "operation/attempt.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>

#include <sennit/message.h>

#include "operation/batch.h"
#include "operation/handles.h"
#include "operation/packets.h"
#include "operation/splice.h"
#include "operation/report.h"
#include "sys/sys.h"

/* What the kernel alone reads and writes. */
_Static_assert(sizeof(sn_buffer) == sizeof(struct iovec), "handed to the kernel as it is");
_Static_assert(offsetof(sn_buffer, data) == offsetof(struct iovec, iov_base), "as it is");
_Static_assert(offsetof(sn_buffer, size) == offsetof(struct iovec, iov_len), "as it is");

static void pieces_of(sn_operation *operation, uint64_t offset, struct pieces *pieces)
{
    struct record *record = record_of(operation);
    if (!(record->marks & MARK_VECTOR)) {
        pieces->copied[0] =
            (struct iovec){.iov_base = record->buffer.data, .iov_len = record->buffer.size};
        pieces->first = pieces->copied;
        pieces->count = 1;
        return;
    }
    const sn_buffer *first = record->vector.first;
    pieces->count =
        (uint16_t)(record->vector.count < PIECES_MAX ? record->vector.count : PIECES_MAX);
    if (offset == 0) {
        pieces->first = (struct iovec *)(uintptr_t)first;
        return;
    }
    /* The array is the caller's and is not written to: the rest of the first buffer goes into a
     * copy. */
    if (pieces->count > PIECES_COPIED)
        pieces->count = PIECES_COPIED;
    for (size_t i = 0; i < pieces->count; i++)
        pieces->copied[i] = (struct iovec){.iov_base = first[i].data, .iov_len = first[i].size};
    pieces->copied[0].iov_base = (char *)pieces->copied[0].iov_base + offset;
    pieces->copied[0].iov_len -= (size_t)offset;
    pieces->first = pieces->copied;
}

struct msghdr *operation_receive_message(sn_operation *operation, struct pieces *pieces)
{
    struct record *record = record_of(operation);
    bool is_any = record->action == ACTION_RECEIVE_ANY;
    sn_endpoint *from = is_any ? record->target.message->endpoint : record->target.from;
    pieces_of(operation, 0, pieces);
    struct msghdr *message = &record->room.header;
    record->marks |= MARK_HEADER;
    *message = (struct msghdr){
        .msg_name = from ? from->as.sockaddr : NULL,
        .msg_namelen = from ? sizeof from->as.sockaddr : 0,
        .msg_iov = pieces->first,
        .msg_iovlen = pieces->count,
    };
    if (record->action == ACTION_RECEIVE_CONTROL) {
        message->msg_control = operation_control(operation);
        message->msg_controllen = CONTROL_SIZE;
    }
    if (is_any && record->target.message->control.size > 0) {
        message->msg_control = record->target.message->control.data;
        message->msg_controllen = (uint32_t)attempt_size(record->target.message->control.size);
    }
    return message;
}

static int64_t attempt_receive(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    return sys_receive(handle, record->buffer.data, record->buffer.size, (int)record->native_flags);
}

static int64_t attempt_send(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    return sys_send(handle, record->buffer.data, record->buffer.size, (int)record->native_flags);
}

static int64_t receive_from(struct record *record, int32_t handle, int flags)
{
    sn_endpoint *from = record->target.from;
    uint32_t from_size = sizeof from->as.sockaddr;
    int64_t result = sys_receive_from(handle, record->buffer.data, record->buffer.size,
                                      (int)record->native_flags | flags,
                                      from ? from->as.sockaddr : NULL, from ? &from_size : NULL);
    operation_note_sender(record, from_size);
    return result;
}

static int64_t attempt_receive_from(sn_operation *operation, int32_t handle)
{
    return receive_from(record_of(operation), handle, 0);
}

static int64_t attempt_packets(sn_operation *operation, int32_t handle)
{
    return packet_list_attempt(record_of(operation)->target.packets, handle);
}

static int64_t attempt_receive_message(sn_operation *operation, int32_t handle)
{
    struct pieces pieces;
    struct msghdr *message = operation_receive_message(operation, &pieces);
    return sys_receive_message(handle, message, (int)record_of(operation)->native_flags);
}

/* Asked anew each time: control messages may be asked for while it waits. */
static int64_t attempt_receive_datagram(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    if (atomic_load_relaxed(&record->owner->marks) & DESCRIPTOR_CONTROL)
        return attempt_receive_message(operation, handle);
    return operation_note_length(record, receive_from(record, handle, MSG_TRUNC));
}

void operation_send_message(sn_operation *operation, struct msghdr *message, struct pieces *pieces)
{
    struct record *record = record_of(operation);
    pieces_of(operation, record_of(operation)->room.send.offset, pieces);
    *message = (struct msghdr){
        .msg_name = (void *)(uintptr_t)record->target.address, /* only read */
        .msg_namelen = record->address_size,
        .msg_iov = pieces->first,
        .msg_iovlen = pieces->count,
    };
    if (record->action == ACTION_SEND_CONTROL && operation->transferred == 0) {
        message->msg_control = record->room.send.control;
        message->msg_controllen = (uint32_t)record->room.send.control_size;
    }
}

/* A Unix socket whose queue is full: see operation_events(). */
static int64_t count_tries(struct record *record, int64_t result)
{
    if (result == -EAGAIN && record->tries < UINT8_MAX)
        record->tries++;
    return result;
}

static int64_t attempt_send_message(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    struct pieces pieces;
    struct msghdr message;
    operation_send_message(operation, &message, &pieces);
    return count_tries(record, sys_send_message(handle, &message, (int)record->native_flags));
}

static int64_t attempt_send_to(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    return count_tries(record, sys_send_to(handle, record->buffer.data, record->buffer.size,
                                           (int)record->native_flags, record->target.address,
                                           record->address_size));
}

/* A peek of one byte waits for data, for the end of the stream and for errors, and takes only the
 * last. It works alike on streams and datagrams, where a receive of no bytes would eat the
 * datagram. */
static int64_t attempt_readable(sn_operation *operation, int32_t handle)
{
    char byte;
    int flags = (int)record_of(operation)->native_flags;
    int64_t result = sys_receive(handle, &byte, 1, flags | MSG_PEEK);
    bool is_told = (flags & MSG_TRUNC) != 0; /* how long the datagram is */
    return result > 0 && !is_told ? 0 : result;
}

static int64_t attempt_accept(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    if (unlikely(operation_lacks_place(operation)))
        return OUTCOME_NO_MEMORY;
    struct peer_place *peer = &record->room.peer;
    peer->size = sizeof peer->address;
    return sys_accept(handle, peer->address, &peer->size);
}

static sa_family_t address_family(const sn_operation *operation)
{
    sa_family_t family = AF_UNSPEC;
    if (record_of(operation)->target.address)
        memcpy(&family, record_of(operation)->target.address, sizeof family);
    return family;
}

/* To a virtual machine a second connect() is an error where the first has succeeded, and a new
 * attempt where it has failed. */
static int64_t connect_again_on_vsock(const sn_operation *operation, int32_t handle)
{
    int error = 0;
    uint32_t size = sizeof error;
    int64_t result = sys_get_option(handle, SOL_SOCKET, SO_ERROR, &error, &size);
    if (result < 0 || error != 0)
        return result < 0 ? result : -error;
    result = sys_connect(handle, record_of(operation)->target.address,
                         record_of(operation)->address_size);
    if (result == -EISCONN)
        return 0;
    return result == -EALREADY ? -EINPROGRESS : result;
}

/*
 * A second connect() on a socket that is connecting tells how it goes: EALREADY while it is on its
 * way, 0 once it is there, or its error. So no other call has to ask, and a spurious wake does no
 * harm. Only the first EALREADY is the caller's own: somebody else's connect is on its way.
 */
static int64_t attempt_connect(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    if (unlikely(address_family(operation) == AF_VSOCK) && record->tries > 0)
        return connect_again_on_vsock(operation, handle);
    int64_t result = sys_connect(handle, record->target.address, record->address_size);
    if (result == -EALREADY && record->tries > 0)
        result = -EINPROGRESS;
    /* A Unix socket whose listener's queue is full: see operation_events(). */
    if (result == -EINPROGRESS || result == -EAGAIN) {
        if (record->tries < UINT8_MAX)
            record->tries++;
    }
    return result;
}

/* --- A pipe, a terminal, a file: there are no flags, addresses or peeks ----------------------- */

static int64_t attempt_read(sn_operation *operation, int32_t handle)
{
    struct pieces pieces;
    pieces_of(operation, 0, &pieces);
    return sys_read(handle, pieces.first, (int)pieces.count);
}

static int64_t attempt_readable_file(sn_operation *operation, int32_t handle)
{
    struct sys_poll poll = {.handle = handle, .events = POLLIN};
    int32_t ready = sys_poll(&poll, 1, 0);
    (void)operation;
    return ready == 0 ? -EAGAIN : ready < 0 ? ready : 0;
}

static int64_t attempt_write(sn_operation *operation, int32_t handle)
{
    struct pieces pieces;
    pieces_of(operation, record_of(operation)->room.send.offset, &pieces);
    return sys_write(handle, pieces.first, (int)pieces.count);
}

/* --- The rows -------------------------------------------------------------------------------- */

static bool has_events_of_connect(const sn_operation *operation, int64_t result)
{
    (void)operation;
    return result != -EAGAIN;
}

static bool goes_elsewhere_than_to_unix(const sn_operation *operation, int64_t result)
{
    (void)result;
    return address_family(operation) != AF_UNIX;
}

static bool batch_has_events(const sn_operation *operation, int64_t result)
{
    return result != -EAGAIN || !batch_goes_to(operation, AF_UNIX);
}

/* Written when there is one, and at no other time. */
static int64_t attempt_signal(sn_operation *operation, int32_t handle)
{
    struct sys_signal told;
    int32_t result = sys_signals_read(handle, &told);
    if (result == 0)
        *record_of(operation)->signal = (sn_signal){.number = told.number,
                                                    .code = told.code,
                                                    .process_id = told.process_id,
                                                    .user_id = told.user_id,
                                                    .status = told.status,
                                                    .value = told.value,
                                                    .pointer = told.pointer,
                                                    .address = told.address};
    return result;
}

const struct action actions[ACTION_COUNT] = {
    [ACTION_RECEIVE] = {.attempt = attempt_receive,
                        .attempt_on_file = attempt_read,
                        .events = POLLIN | POLLRDHUP,
                        .is_receive = true,
                        .is_tried_at_once = true,
                        .drains = true},
    [ACTION_RECEIVE_WHOLE] = {.attempt = attempt_receive,
                              .attempt_on_file = attempt_read,
                              .events = POLLIN | POLLRDHUP,
                              .is_receive = true,
                              .is_tried_at_once = true,
                              .drains = true},
    [ACTION_RECEIVE_FROM] = {.attempt = attempt_receive_from,
                             .attempt_on_file = attempt_read,
                             .events = POLLIN | POLLRDHUP,
                             .is_receive = true,
                             .is_tried_at_once = true},
    [ACTION_RECEIVE_DATAGRAM] = {.attempt = attempt_receive_datagram,
                                 .attempt_on_file = attempt_read,
                                 .events = POLLIN | POLLRDHUP,
                                 .is_receive = true,
                                 .is_tried_at_once = true},
    [ACTION_RECEIVE_MESSAGE] = {.attempt = attempt_receive_message,
                                .attempt_on_file = attempt_read,
                                .events = POLLIN | POLLRDHUP,
                                .is_receive = true,
                                .is_tried_at_once = true},
    [ACTION_RECEIVE_CONTROL] = {.attempt = attempt_receive_message,
                                .attempt_on_file = attempt_read,
                                .events = POLLIN | POLLRDHUP,
                                .is_receive = true,
                                .is_tried_at_once = true},
    [ACTION_RECEIVE_ANY] = {.attempt = attempt_receive_message,
                            .events = POLLIN | POLLRDHUP,
                            .is_receive = true,
                            .is_tried_at_once = true},
    [ACTION_READABLE] = {.attempt = attempt_readable,
                         .attempt_on_file = attempt_readable_file,
                         .events = POLLIN | POLLRDHUP,
                         .is_receive = true,
                         .is_tried_at_once = true},
    [ACTION_RECEIVE_ENOUGH] = {.attempt = attempt_receive,
                               .attempt_on_file = attempt_read,
                               .events = POLLIN | POLLRDHUP,
                               .is_receive = true,
                               .is_tried_at_once = true,
                               .drains = true,
                               .is_all_or_error = true},
    [ACTION_SEND] = {.attempt = attempt_send,
                     .attempt_on_file = attempt_write,
                     .events = POLLOUT,
                     .is_tried_at_once = true,
                     .drains = true},
    [ACTION_SEND_TO] = {.attempt = attempt_send_to,
                        .attempt_on_file = attempt_write,
                        .events = POLLOUT,
                        .has_events = goes_elsewhere_than_to_unix,
                        .is_tried_at_once = true},
    [ACTION_SEND_MESSAGE] = {.attempt = attempt_send_message,
                             .attempt_on_file = attempt_write,
                             .events = POLLOUT,
                             .has_events = goes_elsewhere_than_to_unix,
                             .is_tried_at_once = true},
    [ACTION_SEND_CONTROL] = {.attempt = attempt_send_message,
                             .events = POLLOUT,
                             .has_events = goes_elsewhere_than_to_unix,
                             .is_tried_at_once = true},
    /* Not tried at once: it may take long. */
    [ACTION_SEND_PACKETS] = {.attempt = attempt_packets, .events = POLLOUT, .takes_turns = true},
    [ACTION_SEND_BATCH] = {.attempt = batch_send_attempt,
                           .events = POLLOUT,
                           .has_events = batch_has_events,
                           .is_tried_at_once = true,
                           .takes_turns = true},
    [ACTION_RECEIVE_BATCH] = {.attempt = batch_receive_attempt,
                              .events = POLLIN | POLLRDHUP,
                              .is_receive = true,
                              .is_tried_at_once = true},
    [ACTION_SEND_HANDLES] = {.attempt = handles_send_attempt,
                             .events = POLLOUT,
                             .is_tried_at_once = true},
    [ACTION_RECEIVE_HANDLES] = {.attempt = handles_receive_attempt,
                                .events = POLLIN | POLLRDHUP,
                                .is_receive = true,
                                .is_tried_at_once = true},
    [ACTION_SPLICE_IN] = {.attempt = splice_in_attempt,
                          .attempt_on_file = splice_in_attempt,
                          .events = POLLIN | POLLRDHUP,
                          .is_receive = true,
                          .is_tried_at_once = true},
    [ACTION_SPLICE_OUT] = {.attempt = splice_out_attempt,
                           .attempt_on_file = splice_out_attempt,
                           .events = POLLOUT,
                           .is_tried_at_once = true},
    [ACTION_SIGNAL] = {.attempt = attempt_signal,
                       .attempt_on_file = attempt_signal,
                       .events = POLLIN,
                       .is_receive = true,
                       .is_tried_at_once = true},
    [ACTION_RECEIVE_ERROR] = {.attempt = report_attempt,
                              .events = POLLERR,
                              .is_tried_at_once = true},
    [ACTION_ACCEPT] = {.attempt = attempt_accept,
                       .events = POLLIN,
                       .is_tried_at_once = true,
                       .makes_descriptor = true},
    /* Nor this one: its finish step may have to go on with another address. */
    [ACTION_CONNECT] = {.attempt = attempt_connect,
                        .events = POLLOUT,
                        .has_events = has_events_of_connect,
                        .makes_connection = true},
};

int64_t operation_result_after_end(sn_operation *operation, int32_t handle)
{
    const struct action *action = action_of(operation);
    bool wants_bytes = action->is_receive && record_of(operation)->action != ACTION_READABLE;
    if (!wants_bytes || handles_have_come(operation) || !sys_end_is_doubtful(handle))
        return 0;
    int64_t result = action->attempt(operation, handle);
    return result > 0 ? result : 0;
}

int64_t operation_attempt(sn_operation *operation, int32_t handle)
{
    const struct action *action = action_of(operation);
    assert(action->attempt); /* prepare gives it one that has */
    if (likely(!(record_of(operation)->marks & MARK_NOT_SOCKET))) {
        int64_t result = action->attempt(operation, handle);
        return likely(result != 0) ? result : operation_result_after_end(operation, handle);
    }
    return action->attempt_on_file ? action->attempt_on_file(operation, handle) : -ENOTSOCK;
}

/* A signal has interrupted it. */
int64_t operation_attempt_again(sn_operation *operation)
{
    const struct descriptor *descriptor = record_of(operation)->owner;
    return operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
}

int64_t operation_result_after_hang_up(const sn_operation *operation,
                                       const struct descriptor *descriptor, int64_t result)
{
    bool has_messages = (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES) != 0;
    return result == -EAGAIN && action_of(operation)->is_receive && has_messages ? 0 : result;
}

int16_t operation_events(const sn_operation *operation, int64_t result)
{
    const struct action *action = action_of(operation);
    return action->has_events && !action->has_events(operation, result) ? 0 : action->events;
}

bool operation_was_woken_in_vain(const sn_operation *operation, int64_t revents)
{
    const struct action *action = action_of(operation);
    bool is_for_it = (revents & action->events & ~POLLERR) != 0;
    return revents != 0 && !is_for_it && !action->makes_connection;
}
