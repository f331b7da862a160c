/**
 * What the two files about connecting share. For this room only. The caller is inside the socket.
 */
#ifndef SOCKET_CONNECT_H
#define SOCKET_CONNECT_H

#include "socket/object.h"

/* Whether the socket may connect at all: not listening, not connected, never disconnected. */
sn_error connect_check_state(const sn_socket *socket);

/* One blocking connect to one end point that is not a name. */
sn_error connect_endpoint(sn_socket *socket, const sn_endpoint *remote);

/* Resolves and tries the addresses in turn. */
sn_error connect_name(sn_socket *socket, const char *host, sn_address_family family, int port);

#endif
