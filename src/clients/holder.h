/**
 * What the clients share: the socket that each of them holds, and how misuse is reported. For this
 * room only.
 */
#ifndef CLIENTS_HOLDER_H
#define CLIENTS_HOLDER_H

#include <sennit/endpoint.h>
#include <sennit/operation.h>
#include <sennit/socket.h>

#include "base/base.h"

/*
 * A socket that can be replaced while other threads use it: each call takes a reference of its own
 * for as long as it lasts. Its guard is held for that step only, never while the socket is called.
 */
struct holder {
    sn_socket *socket;   /* owned; NULL: none. Under its guard */
    bool is_active;      /* under its guard: connected, or listening, by this object */
    bool is_closed;      /* under its guard */
    uint32_t references; /* atomic */
};

void holder_init(struct holder *holder, sn_socket *socket, bool is_active);
void holder_deinit(struct holder *holder);

void holder_retain(struct holder *holder);
/* Whether this was the last reference. */
bool holder_release(struct holder *holder);

/* A reference for one call, to be given back with sn_socket_release(). SN_ERROR_OBJECT_DISPOSED
 * once closed, SN_ERROR_INVALID_OPERATION without a socket. */
sn_error holder_use(struct holder *holder, sn_socket **out_socket);
/* The same where both mean nothing worse than "no socket". */
sn_socket *holder_peek(const struct holder *holder);

/* Whether it has none and could be given one. */
bool holder_is_empty(const struct holder *holder);
/* Adopts the socket, unless somebody was quicker: then it goes. */
void holder_fill(struct holder *holder, sn_socket *socket);

/* For handing out: borrowed as long as the holder keeps it. */
sn_socket *holder_borrow(const struct holder *holder);

/* The socket goes in, the one before comes out; both are owned. */
sn_socket *holder_exchange(struct holder *holder, sn_socket *socket);
/* Adopts the socket (NULL: none) and releases the one before; not once closed. */
sn_error holder_replace(struct holder *holder, sn_socket *socket);
/* The first call gives the socket, still the holder's; NULL later and without one. */
sn_socket *holder_close(struct holder *holder);

bool holder_is_active(const struct holder *holder);
void holder_set_active(struct holder *holder, bool is_active);

/* What an end of a client means for its socket: both directions are shut down, as far as they are
 * open, and it is closed. */
void close_gracefully(sn_socket *socket);

/* --- Misuse ----------------------------------------------------------------------------------- */

/* The caller's mistake: no system call was made. */
sn_error misuse(sn_error error);

/* Completes an operation that was not started, with this error or with SN_OK. False: the record is
 * none, or in progress. */
bool complete_now(sn_operation *operation, sn_operation_kind kind, sn_error error);

/* --- Names ------------------------------------------------------------------------------------ */

enum { NAME_ADDRESSES_MAX = 64 };

/* Checks host and port, and looks the host up on this thread. */
sn_error resolve_host(const char *host, int port, sn_ip_address addresses[NAME_ADDRESSES_MAX],
                      size_t *out_count);

/* Looks up and makes a socket for each address in turn, of its family, until one connects. */
sn_error connect_new_socket(sn_socket_type type, sn_protocol_type protocol, const char *host,
                            int port, sn_socket **out_socket);

/* Looks up and connects the socket to the first address that answers; SN_ERROR_NOT_CONNECTED where
 * none fits its family. */
sn_error connect_to_host(sn_socket *socket, const char *host, int port);

/* Makes a socket that is bound to an IP end point of its family. */
sn_error bind_new_socket(sn_socket_type type, sn_protocol_type protocol, const sn_endpoint *local,
                         sn_socket **out_socket);

#endif
