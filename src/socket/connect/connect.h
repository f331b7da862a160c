/**
 * What the files about connecting share, from the bottom up: one attempt (connect/attempt.c), the
 * blocking way through several addresses (connect/many.c), the asynchronous one (connect/chain.c);
 * the verbs (connect.c, connect/many_async.c) stand on them. For this room only. The caller has a
 * reference to the socket.
 */
#ifndef SOCKET_CONNECT_H
#define SOCKET_CONNECT_H

#include "engine/engine.h"
#include "socket/object/object.h"
#include "telemetry/telemetry.h"

#define PORT_MAX 65535

/* --- One attempt ----------------------------------------------------------------------------- */

bool is_ip_socket(const sn_socket *socket);

/* Whether the socket may connect at all: not listening, not connected, never disconnected. */
sn_error connect_check_state(const sn_socket *socket);
/* The checks that every asynchronous connect begins with. */
sn_error connect_check_async(const sn_socket *socket);

/* Fills an operation that connects to an end point that is not a name; the end point must outlive
 * it, unless it is IPv4 on a dual-mode socket. */
sn_error connect_prepare(sn_operation *operation, sn_socket *socket, const sn_endpoint *remote);

/* When an asynchronous attempt that begins now is over: the socket's time limit is for each
 * address, the operation's for all of them. 0: never. */
int64_t connect_deadline(const sn_socket *socket, sn_operation *operation);

/* What one attempt leaves behind, in the blocking and in the asynchronous form. */
void connect_note_attempt(sn_socket *socket, sn_operation *operation);

/* One blocking connect to one end point that is not a name. */
sn_error connect_endpoint(sn_socket *socket, const sn_endpoint *remote);

/* --- Several --------------------------------------------------------------------------------- */

/* Blocking: resolves and tries the addresses in turn. */
sn_error connect_name(sn_socket *socket, const char *host, sn_address_family family, int port);

/* The row of every asynchronous connect. */
extern const struct verb connect_verb;

/* These fill an operation that was begun with it; it is started when they succeed. To a name: */
sn_error connect_name_async(sn_socket *socket, const char *host, sn_address_family family, int port,
                            sn_operation *operation);
/* To the first of several addresses that answers. */
sn_error connect_addresses_async(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                 int port, sn_operation *operation);
/* With a socket that was made for it, and which takes any family. */
sn_error connect_made_async(sn_socket *socket, const sn_endpoint *remote, sn_operation *operation);
/* Such a socket gets a descriptor of the address's family, under its handle. */
sn_error connect_become(sn_socket *socket, const sn_ip_address *address);

#endif
