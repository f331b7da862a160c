/**
 * One attempt of an operation: what a single system call of it does. It stands here once; the blocking
 * carry and the readiness back-ends both make attempts until one does not say "would block".
 *
 * How the library's part of an operation is used, by action:
 *
 *   buffer      the memory (data, size), or with MARK_VECTOR the array of buffers (data) and their count
 *   detail      sends: the native address to send to, or NULL; connect: the native address;
 *               receives: the sn_endpoint that gets the sender, or NULL
 *   spare       sends and connect: the size of that address
 *   message     receives: a struct msghdr; sends: see struct send_place; accept: the peer's address
 *   native_flags  MSG_ flags in; receives: flags out; accept: the size of the peer's address
 */
#ifndef ENGINE_ATTEMPT_H
#define ENGINE_ATTEMPT_H

#include <sennit/endpoint.h>
#include <sennit/operation.h>

#include "engine/descriptor.h"

enum operation_action {
    ACTION_NONE,
    ACTION_RECEIVE,         /* into one buffer, sender and flags not wanted */
    ACTION_RECEIVE_MESSAGE, /* all of it */
    ACTION_READABLE,        /* a zero-byte receive: waits until there is something, takes nothing */
    ACTION_SEND,            /* one buffer, to the peer */
    ACTION_SEND_MESSAGE,    /* all of it */
    ACTION_ACCEPT,
    ACTION_CONNECT,
};

/* Bits of the operation's `marks`. */
enum operation_mark {
    MARK_VECTOR = 1 << 0,     /* several buffers */
    MARK_ALL = 1 << 1,        /* a stream's send: not complete before everything is sent */
    MARK_NOT_SOCKET = 1 << 2, /* the descriptor is no socket */
};

/* What a send keeps in `message`. */
struct send_place {
    uint8_t mapped[32]; /* room for an IPv6 address that stands for an IPv4 one */
    uint64_t offset;    /* bytes already sent of the first buffer of a vector */
};

static inline struct send_place *operation_send_place(sn_operation *operation)
{
    _Static_assert(sizeof(struct send_place) <= sizeof(operation->internal.message), "fits");
    return (struct send_place *)(void *)operation->internal.message;
}

/* The events (poll's words) to wait for before the next attempt. 0: no event tells; try again later. */
int16_t operation_events(const sn_operation *operation, int64_t result);

/*
 * Tries once. Returns bytes, a new descriptor (accept), 0, or -errno. -EAGAIN and, for a connect,
 * -EINPROGRESS say that it would block.
 */
int64_t operation_attempt(sn_operation *operation, int32_t handle);

/* Whether a result says that the operation must wait. */
bool operation_would_block(const sn_operation *operation, int64_t result);

/* Counts `result` bytes that a send has moved; true when something is left to send. */
bool operation_advance(sn_operation *operation, int64_t result);

#endif
