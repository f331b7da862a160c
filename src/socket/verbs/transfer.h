/**
 * What the sending and receiving verbs share. For this room only.
 */
#ifndef SOCKET_TRANSFER_H
#define SOCKET_TRANSFER_H

#include <limits.h>

#include "socket/object/object.h"

/* NULL memory is fine when it is empty; a size must fit ssize_t. */
static inline sn_error transfer_check_data(const void *data, size_t size)
{
    if (unlikely(!data) && size > 0)
        return SN_ERROR_ARGUMENT_NULL;
    return unlikely(size > SSIZE_MAX) ? SN_ERROR_ARGUMENT_OUT_OF_RANGE : SN_OK;
}

sn_error transfer_check_buffers(const sn_buffer *buffers, size_t count);
/* The buffers of one message must go to the kernel together; a stream goes on with the rest. */
sn_error transfer_check_message_buffers(sn_socket *socket, size_t count);

/* The first steps of a prepare: what moves, and how. */
COLD sn_error transfer_prepare_some_flags(sn_operation *operation, sn_socket *socket,
                                          sn_flags flags);

static inline sn_error transfer_prepare_flags(sn_operation *operation, sn_socket *socket,
                                              sn_flags flags)
{
    if (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET)
        record_of(operation)->marks |= MARK_NOT_SOCKET;
    return likely(flags == SN_FLAG_NONE) ? SN_OK
                                         : transfer_prepare_some_flags(operation, socket, flags);
}

static inline void transfer_set_data(sn_operation *operation, const void *data, size_t size)
{
    record_of(operation)->buffer.data = (void *)(uintptr_t)data; /* a send never writes to it */
    record_of(operation)->buffer.size = size;
}

/* A flow's receive is nearly always in vain at first, and lets the others have their turn. */
static inline bool transfer_is_tried_by_flow(const sn_socket *socket, enum direction direction)
{
    return direction == DIRECTION_OUT && fast_sends_message_at_once(&socket->descriptor);
}

/* Whether a blocking call moves one message in one buffer and asks for nothing else, and nothing is
 * pending before it. Then it needs no operation as long as it need not wait. */
static inline bool transfer_is_plain(const sn_socket *socket, enum direction direction,
                                     const void *data, size_t size, sn_flags flags)
{
    const uint32_t looked_at = DESCRIPTOR_NO_PLAIN_STREAM;
    uint32_t marks = atomic_load_relaxed(&socket->descriptor.marks);
    return data && size - 1 < ATTEMPT_SIZE_MAX && flags == SN_FLAG_NONE &&
           (marks & looked_at) == DESCRIPTOR_MESSAGES &&
           !lane_has_operations(&socket->descriptor, direction) &&
           (likely(!flow_current()) || transfer_is_tried_by_flow(socket, direction));
}

void transfer_set_buffers(sn_operation *operation, const sn_buffer *buffers, size_t count);
bool transfer_are_all_empty(const sn_buffer *buffers, size_t count);
/* A receive into one buffer that tells what the kernel noticed (Truncated); without flags. */
enum operation_action transfer_action_with_flags(const sn_socket *socket);
/* It becomes such a one. */
void transfer_ask_for_flags(sn_operation *operation, const sn_socket *socket);
/* Whether it names a place at all. */
sn_error transfer_check_destination(const sn_endpoint *to);
/* Whether it must be mapped: IPv4 on a dual-mode socket. */
bool transfer_maps_destination(const sn_socket *socket, const sn_endpoint *to);
/* Where a send or a connect goes: `to` is used where it stands, unless it has to be mapped. */
sn_error transfer_set_destination(sn_operation *operation, const sn_socket *socket,
                                  const sn_endpoint *to);

#endif
