/**
 * The record of a copy or a relay. For this room only.
 */
#ifndef SOCKET_RELAY_H
#define SOCKET_RELAY_H

#include <sennit/relay.h>

#include "socket/streams/conduit.h"
#include "socket/verbs/enough.h"

struct relay;

/* One direction. */
struct leg {
    struct relay *relay;
    sn_socket *from, *to; /* the relay's */
    struct conduit conduit;
    sn_operation operation; /* its receive, then its send */
    bool sends;             /* which of them */
    uint64_t moved;         /* bytes that were sent */
};

/* From the start until the program's operation is completed. */
struct relay {
    sn_operation *operation;       /* the program's */
    sn_relay_result *result;       /* the program's, lent; or NULL */
    sn_socket *sockets[2];         /* owned: a reference each, until the last leg has ended */
    uint32_t cancels[2];           /* how often each was cancelled before */
    sn_cancellation *cancellation; /* owned: ends both legs */
    sn_milliseconds idle_ms;
    int64_t moved_at_ns; /* atomic: when something moved last */
    uint32_t running;    /* atomic: legs, and steps that are being taken */
    uint32_t has_failed; /* atomic: a leg has written the next three */
    sn_error error;
    int native_error;
    sn_socket *failed;
    size_t leg_count;
    struct leg legs[2];
};

/* What a call asks for. */
struct relay_wish {
    sn_socket *first, *second;
    size_t leg_count;
    sn_milliseconds idle_ms;
    sn_relay_result *result;
};

void relay_start(const struct relay_wish *wish, sn_operation *operation);

#endif
