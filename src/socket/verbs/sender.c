#include "socket/verbs/sender.h"

#include <string.h>
#include <sys/socket.h>

#include "address/address.h"

sn_error sender_check(sn_operation *operation, sn_socket *socket, sn_error checked, sn_flags flags,
                      const sn_endpoint *from)
{
    sn_error error = checked;
    if (!error && !from)
        error = SN_ERROR_ARGUMENT_NULL;
    if (!error && !socket_is(socket, SOCKET_BOUND))
        error = SN_ERROR_INVALID_OPERATION;
    return error ? socket_misuse(error) : transfer_prepare_flags(operation, socket, flags);
}

/* A receive that ends because the socket was shut down leaves both the sender's bytes and their
 * size as they were. The kernel never names a sender of family 0. */
void sender_set(sn_operation *operation, sn_endpoint *from)
{
    memset(from->as.sockaddr, 0, sizeof(sa_family_t));
    record_of(operation)->target.from = from;
}

static uint32_t sender_size(const sn_endpoint *from, uint32_t size)
{
    sa_family_t family;
    memcpy(&family, from->as.sockaddr, sizeof family);
    return family == AF_UNSPEC ? 0 : size;
}

static void set_look(sn_operation *operation)
{
    transfer_set_data(operation, &record_of(operation)->look, 1);
    record_of(operation)->native_flags |= MSG_PEEK;
}

static bool is_look(const sn_operation *operation)
{
    return record_of(operation)->buffer.data == &record_of(operation)->look;
}

void sender_set_data(sn_operation *operation, void *data, size_t size)
{
    if (size > 0)
        transfer_set_data(operation, data, size);
    else
        set_look(operation);
}

void sender_set_buffers(sn_operation *operation, const sn_buffer *buffers, size_t count)
{
    if (transfer_are_all_empty(buffers, count))
        set_look(operation);
    else
        transfer_set_buffers(operation, buffers, count);
}

/* On a connected stream, and for a Unix sender without a path, the kernel names nobody. .NET
 * answers with the family's wildcard, or with an end point whose path is empty. */
static void set_nobody(const sn_socket *socket, sn_endpoint *from)
{
    if (socket_family(socket) == SN_FAMILY_IPV4)
        (void)!sn_endpoint_from_ip(&SN_IPV4_ANY, 0, from);
    else if (socket_family(socket) == SN_FAMILY_IPV6)
        (void)!sn_endpoint_from_ip(&SN_IPV6_ANY, 0, from);
    else if (socket_family(socket) == SN_FAMILY_UNIX)
        (void)!sn_endpoint_from_sockaddr(&(sa_family_t){AF_UNIX}, sizeof(sa_family_t), from);
}

/* Its bytes stand in it already. */
static void set_from_native(const sn_socket *socket, sn_endpoint *from, uint32_t size)
{
    if (likely(endpoint_set_from_ipv4(from, size)))
        return;
    endpoint_set_from_native(from, size);
    if (size == 0)
        set_nobody(socket, from);
}

_Static_assert(sizeof(struct sockaddr_storage) == SN_SOCKADDR_SIZE_MAX, "any address fits");

void sender_tell(const sn_socket *socket, const struct sockaddr_storage *sender, uint32_t size,
                 sn_endpoint *out_from)
{
    if (sender->ss_family == AF_UNSPEC)
        size = 0;
    if (likely(size == sizeof(struct sockaddr_in))) /* no call, where the size is known */
        memcpy(out_from->as.sockaddr, sender, sizeof(struct sockaddr_in));
    else
        memcpy(out_from->as.sockaddr, sender, size < sizeof *sender ? size : sizeof *sender);
    set_from_native(socket, out_from, size);
}

void sender_set_told(const sn_socket *socket, sn_endpoint *from)
{
    set_from_native(socket, from, from->size);
}

void sender_finish(const sn_socket *socket, sn_operation *operation)
{
    const struct msghdr *message = &record_of(operation)->room.header;
    sn_endpoint *from = record_of(operation)->target.from;
    operation->flags = flags_from_native((uint32_t)message->msg_flags);
    if (is_look(operation)) {
        if (!(record_of(operation)->native_flags & MSG_TRUNC))
            operation->transferred = 0;
        /* That the look was too short for the datagram means nothing. */
        operation->flags = SN_FLAG_NONE;
    }
    set_from_native(socket, from, sender_size(from, message->msg_namelen));
}
