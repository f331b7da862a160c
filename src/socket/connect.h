/**
 * What the files about connecting share. For this room only. The caller is inside the socket.
 */
#ifndef SOCKET_CONNECT_H
#define SOCKET_CONNECT_H

#include "socket/object.h"

#define PORT_MAX 65535

/* Whether the socket may connect at all: not listening, not connected, never disconnected. */
sn_error connect_check_state(const sn_socket *socket);

/* Fills an operation that connects to an end point that is not a name; the end point must outlive
 * it, unless it is IPv4 on a dual-mode socket. */
sn_error connect_prepare(sn_operation *operation, sn_socket *socket, const sn_endpoint *remote);

/* What one attempt leaves behind, in the blocking and in the asynchronous form. */
void connect_note_attempt(sn_socket *socket, const sn_operation *operation);

/* One blocking connect to one end point that is not a name. */
sn_error connect_endpoint(sn_socket *socket, const sn_endpoint *remote);

/* Resolves and tries the addresses in turn. */
sn_error connect_name(sn_socket *socket, const char *host, sn_address_family family, int port);

bool is_ip_socket(const sn_socket *socket);

/* Starts an operation for a name; the caller is inside and hands that over when it succeeds. */
sn_error connect_name_async(sn_socket *socket, const char *host, sn_address_family family, int port,
                            sn_operation *operation);
/* The checks that every asynchronous connect begins with. */
sn_error connect_check_async(const sn_socket *socket);

#endif
