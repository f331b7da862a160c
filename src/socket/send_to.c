/* SendTo: one datagram to a given address (contract B.8). */
#include "socket/transfer.h"

#include <string.h>

#include "address/address.h"

/*
 * The address is used where it stands, in the caller's end point. Only IPv4 on a dual-mode socket needs
 * another form, which fits into the operation.
 */
static sn_error set_destination(sn_operation *operation, const sn_socket *socket,
                                const sn_endpoint *to)
{
    if (!to || sn_endpoint_get_kind(to) == SN_ENDPOINT_NONE)
        return SN_ERROR_ARGUMENT_NULL;
    if (sn_endpoint_get_kind(to) == SN_ENDPOINT_DNS)
        return SN_ERROR_ARGUMENT;
    operation->internal.detail = (void *)(uintptr_t)to->as.sockaddr;
    operation->internal.spare = to->size;
    if (socket_is(socket, SOCKET_DUAL_MODE) && sn_endpoint_get_family(to) == SN_FAMILY_IPV4) {
        sn_endpoint mapped;
        endpoint_map_to_ipv6(to, &mapped);
        struct send_place *place = operation_send_place(operation);
        assert(mapped.size <= sizeof place->mapped);
        memcpy(place->mapped, mapped.as.sockaddr, mapped.size);
        operation->internal.detail = place->mapped;
        operation->internal.spare = mapped.size;
    }
    return SN_OK;
}

static sn_error send_to_prepare(sn_operation *operation, sn_socket *socket, const void *data,
                                size_t size, sn_flags flags, const sn_endpoint *to)
{
    operation->kind = SN_OPERATION_SEND_TO;
    sn_error error = transfer_check_data(data, size);
    if (!error)
        error = set_destination(operation, socket, to);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    operation->internal.action = ACTION_SEND_MESSAGE;
    if (socket->type == SN_TYPE_STREAM)
        operation->internal.marks |= MARK_ALL;
    return SN_OK;
}

sn_error sn_socket_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                           const sn_endpoint *to, size_t *out_sent)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    sn_operation operation = {0};
    error = send_to_prepare(&operation, socket, data, size, flags, to);
    if (!error)
        error = socket_run_blocking(socket, &operation, TIMEOUT_SEND);
    if (!error) {
        socket_set(socket, SOCKET_BOUND); /* the kernel has bound it by now */
        if (out_sent)
            *out_sent = operation.transferred;
    }
    socket_leave(socket);
    return error;
}
