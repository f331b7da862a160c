/**
 * What is a verb's own: one row each, in the verb's file. The steps that all share (finish.c,
 * async.c) name no verb; they ask the row, whose address is in the operation.
 */
#ifndef SOCKET_VERB_H
#define SOCKET_VERB_H

#include <sennit/operation.h>

#include "engine/engine.h"

/* The four time limits of a socket. */
enum socket_timeout {
    TIMEOUT_RECEIVE,
    TIMEOUT_SEND,
    TIMEOUT_CONNECT,
    TIMEOUT_ACCEPT,
    TIMEOUT_COUNT
};

/* What a transfer is counted as. */
enum verb_transfer { TRANSFERS_NOTHING, TRANSFERS_IN, TRANSFERS_OUT };

struct verb {
    sn_operation_kind kind;
    enum direction direction;
    enum socket_timeout timeout; /* of the blocking form */
    enum verb_transfer transfers;
    /* A receive of which a part is no success: room.enough tells whether there was enough. */
    bool is_all_or_error;
    /* What the blocking form gets when another thread closes the socket (contract A.10); SN_OK: it
     * depends on the type of the socket. */
    sn_error error_at_close;
    /* The next four may be NULL. What the kernel's errors mean here; else as everywhere. */
    sn_error (*error_of)(int native);
    /* After operation->error is known. False: the operation goes on and is not complete. */
    bool (*finish)(sn_socket *socket, sn_operation *operation);
    /* These two for an operation that waits for something outside the kernel: see struct
     * descriptor_class. */
    bool (*resume)(sn_socket *socket, sn_operation *operation);
    void (*abandon)(sn_operation *operation);
};

/* Of a fast operation, which has no row in it (to write it would cost each), and no step of its
 * own: a plain receive or send. In finish.c. */
extern const struct verb fast_verbs[DIRECTION_COUNT];

static inline const struct verb *verb_of(const sn_operation *operation)
{
    const struct verb *verb = record_of(operation)->verb;
    return verb ? verb : &fast_verbs[record_of(operation)->direction];
}

/* The record of a blocking form, on its stack: what an asynchronous one gets from the program and
 * from socket_begin_async(). */
static inline void verb_begin(sn_operation *operation, const struct verb *verb)
{
    memset(operation, 0, offsetof(sn_operation, error)); /* what the program sets */
    record_of(operation)->state = 0;
    operation_clear(operation);
    operation->kind = verb->kind;
    record_of(operation)->verb = verb;
}

#endif
