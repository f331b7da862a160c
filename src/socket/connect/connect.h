/**
 * What the files about connecting share, from the bottom up: one attempt (connect/attempt.c), a
 * race of several (connect/race.c), the blocking way through several addresses (connect/many.c,
 * connect/race_blocking.c), the asynchronous one (connect/chain.c, connect/race_async.c); the verbs
 * (connect.c, connect/many_async.c) stand on them. For this room only. The caller has a reference
 * to the socket.
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

/* A socket that was made for a connect gets a descriptor of the address's family, under its handle.
 */
sn_error connect_become(sn_socket *socket, const sn_ip_address *address);

/* --- How it connects (connect/options.c) ----------------------------------------------------- */

/* From the program's record, as its version has it. */
sn_error connect_options_read(const sn_connect_options *given, sn_connect_options *out);
sn_error connect_options_set(sn_socket *socket, const sn_connect_options *options);
void connect_options_forget(sn_socket *socket);
/* All zero where none were set. */
void connect_options_of(const sn_socket *socket, sn_connect_options *out);
/* Whether several addresses race on this socket. */
bool connect_is_race(const sn_socket *socket);

/* One race at a time. False: another thread's is under way. */
bool connect_race_claim(sn_socket *socket);
void connect_race_give_back(sn_socket *socket);

/* --- The log of attempts (connect/log.c) ------------------------------------------------------ */

/* NULL: none is kept, which is fine for the next two. */
sn_connect_log *connect_log_of(const sn_socket *socket);
/* Returns its place. */
size_t connect_log_begin(sn_connect_log *log, const sn_ip_address *address);
/* What has ended already stays as it is. */
void connect_log_end(sn_connect_log *log, size_t place, sn_error error, int native_error);
/* The same in the socket's log for a connect of which one attempt at a time is under way. */
void connect_log_begin_only(const sn_socket *socket, const sn_endpoint *remote);
void connect_log_end_only(const sn_socket *socket, sn_error error, int native_error);

/* --- Several --------------------------------------------------------------------------------- */

/* Blocking: the addresses race. At least one. */
sn_error connect_race(sn_socket *socket, const sn_ip_address *addresses, size_t count, int port);
/* Blocking: resolves and tries the addresses, in turn or as a race. */
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

#endif
