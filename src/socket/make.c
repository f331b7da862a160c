#include "socket/object.h"

sn_socket *socket_new(int32_t handle, bool owned, sn_address_family family, sn_socket_type type,
                      sn_protocol_type protocol)
{
    sn_socket *socket = memory_zeroed(sizeof *socket);
    if (!socket)
        return NULL;
    uint32_t marks = owned ? DESCRIPTOR_OWNED : 0;
    if (type == SN_TYPE_STREAM && (family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6))
        marks |= DESCRIPTOR_STREAM_TCP;
    if (type != SN_TYPE_STREAM && type != SN_TYPE_UNKNOWN)
        marks |= DESCRIPTOR_MESSAGES;
    descriptor_init(&socket->descriptor, handle, marks, &socket_class);
    socket->references = 1;
    socket->lives = 2;
    socket_set_identity(socket, family, type, protocol);
    return socket;
}
