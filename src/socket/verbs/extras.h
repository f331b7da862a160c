/**
 * What the kernel is asked to tell of each datagram beside its bytes. For this room only.
 */
#ifndef SOCKET_EXTRAS_H
#define SOCKET_EXTRAS_H

#include "socket/object/object.h"

/* Whether control messages can tell anything: on IPv4 and IPv6. On a Unix socket the only ones
 * carry descriptors, which nobody here would close. */
static inline bool extras_are_told(const sn_socket *socket)
{
    return socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6;
}

/* Whether the kernel may cut its datagrams and put them together: raw sockets can be UDP's too. */
static inline bool extras_have_segments(const sn_socket *socket)
{
    return extras_are_told(socket) && socket_protocol(socket) == SN_PROTOCOL_UDP &&
           socket_type(socket) == SN_TYPE_DATAGRAM;
}

/* At the first call that wants them (sn_datagram_extra bits). Two threads may do it at once, which
 * does no harm. */
sn_error extras_switch_on(sn_socket *socket, uint32_t wanted);
/* Whether that would change nothing. */
bool extras_are_on(const sn_socket *socket, uint32_t wanted);

#endif
