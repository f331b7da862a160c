#include "socket/verbs/transfer.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "address/address.h"

sn_error transfer_check_buffers(const sn_buffer *buffers, size_t count)
{
    if (!buffers)
        return SN_ERROR_ARGUMENT_NULL;
    if (count == 0)
        return SN_ERROR_ARGUMENT;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        sn_error error = transfer_check_data(buffers[i].data, buffers[i].size);
        if (error)
            return error;
        if (buffers[i].size > SSIZE_MAX - total)
            return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
        total += buffers[i].size;
    }
    return SN_OK;
}

/* Without a system call, since the kernel would be given the first ones only. It answers so itself,
 * and .NET hands that on. */
sn_error transfer_check_message_buffers(sn_socket *socket, size_t count)
{
    bool is_stream = socket_type(socket) == SN_TYPE_STREAM ||
                     (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET);
    return is_stream || count <= PIECES_MAX ? SN_OK : socket_result(socket, -EMSGSIZE);
}

/* A stream would throw bytes away, and a batch has its own size of each. */
static bool can_tell_length(const sn_operation *operation, const sn_socket *socket, sn_flags flags)
{
    uint32_t marks = atomic_load_relaxed(&socket->descriptor.marks);
    bool is_receive = verb_of(operation)->direction != DIRECTION_OUT;
    bool is_batch = verb_of(operation)->kind == SN_OPERATION_RECEIVE_BATCH;
    return !(flags & SN_FLAG_TRUNCATE) ||
           (is_receive && !is_batch && (marks & DESCRIPTOR_MESSAGES));
}

sn_error transfer_prepare_some_flags(sn_operation *operation, sn_socket *socket, sn_flags flags)
{
    bool waits_anyhow = (flags & SN_FLAG_DONT_WAIT) && operation_is_pending(operation);
    bool is_refused =
        waits_anyhow || (flags & SN_FLAG_WAIT_ALL) || !can_tell_length(operation, socket, flags);
    if (flags_to_native(flags, &record_of(operation)->native_flags) && !is_refused)
        return SN_OK;
    if (is_refused) /* none of .NET's: the socket is left as it is */
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    /* As .NET: an unknown flag is an error of the socket, and it ends Connected. */
    socket_note_error(socket, SN_ERROR_OPERATION_NOT_SUPPORTED);
    return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
}

void transfer_set_buffers(sn_operation *operation, const sn_buffer *buffers, size_t count)
{
    record_of(operation)->marks |= MARK_VECTOR;
    record_of(operation)->vector.first = buffers;
    record_of(operation)->vector.count = count;
}

bool transfer_are_all_empty(const sn_buffer *buffers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (buffers[i].size > 0)
            return false;
    return true;
}

/*
 * A message header tells it always. UDP tells also by the length that it returns on request, as not
 * all protocols do: on a TCP stream the request throws data away, and an ICMP socket passes over
 * it. What a length cannot tell is that control messages had no room: where somebody may have asked
 * for some, the attempt takes a header all the same, and to a Unix socket any sender can attach
 * some.
 */
static bool tells_by_length(const sn_socket *socket)
{
    sn_address_family family = socket_family(socket);
    return socket_protocol(socket) == SN_PROTOCOL_UDP &&
           (family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6);
}

enum operation_action transfer_action_with_flags(const sn_socket *socket)
{
    return tells_by_length(socket) ? ACTION_RECEIVE_DATAGRAM : ACTION_RECEIVE_MESSAGE;
}

void transfer_ask_for_flags(sn_operation *operation, const sn_socket *socket)
{
    record_of(operation)->action = record_of(operation)->native_flags == 0
                                       ? (uint8_t)transfer_action_with_flags(socket)
                                       : ACTION_RECEIVE_MESSAGE;
}

sn_error transfer_check_destination(const sn_endpoint *to)
{
    if (!to || sn_endpoint_get_kind(to) == SN_ENDPOINT_NONE)
        return SN_ERROR_ARGUMENT_NULL;
    if (sn_endpoint_get_kind(to) == SN_ENDPOINT_DNS)
        return SN_ERROR_ARGUMENT;
    if (to->size > SN_SOCKADDR_SIZE_MAX)
        return SN_ERROR_ARGUMENT; /* not made by the functions for it */
    return SN_OK;
}

bool transfer_maps_destination(const sn_socket *socket, const sn_endpoint *to)
{
    return socket_is(socket, SOCKET_DUAL_MODE) && sn_endpoint_get_family(to) == SN_FAMILY_IPV4;
}

/*
 * The address is used where it stands, in the caller's end point. Only IPv4 on a dual-mode socket
 * needs another form, which fits into the operation.
 */
sn_error transfer_set_destination(sn_operation *operation, const sn_socket *socket,
                                  const sn_endpoint *to)
{
    sn_error error = transfer_check_destination(to);
    if (error)
        return error;
    struct record *record = record_of(operation);
    record->target.address = to->as.sockaddr;
    record->address_size = (uint8_t)to->size;
    if (transfer_maps_destination(socket, to)) {
        sn_endpoint mapped;
        endpoint_map_to_ipv6(to, &mapped);
        uint8_t *place = record->room.send.mapped;
        assert(mapped.size <= sizeof record->room.send.mapped);
        memcpy(place, mapped.as.sockaddr, mapped.size);
        record->target.address = place;
        record->address_size = (uint8_t)mapped.size;
    }
    return SN_OK;
}
