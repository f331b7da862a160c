/**
 * A descriptor that many threads use at once, and that can be closed under all of them.
 *
 * The number is never closed while anybody is inside: each call enters, which counts it, and leaves;
 * close marks the descriptor, wakes who sleeps in it, and whoever leaves last closes the number. So a
 * number that the kernel gives out again can never be met by a thread that still means the old socket.
 */
#ifndef ENGINE_DESCRIPTOR_H
#define ENGINE_DESCRIPTOR_H

#include "base/base.h"

enum direction { DIRECTION_IN, DIRECTION_OUT };

/* Bits of `marks`; set and cleared atomically. */
enum descriptor_mark {
    DESCRIPTOR_OWNED = 1 << 0,       /* closing it closes the number */
    DESCRIPTOR_STREAM_TCP = 1 << 1,  /* ending a blocked call of it makes the close abortive */
    DESCRIPTOR_ABORTIVE = 1 << 2,    /* the final close resets the connection */
    DESCRIPTOR_SEND_SHUT = 1 << 3,   /* the user has shut sending down: no reset is needed */
    DESCRIPTOR_NOT_SOCKET = 1 << 4,  /* a pipe, a file: read and write instead of receive and send */
};

struct descriptor {
    int32_t handle;   /* the number; stays readable until the last one has left */
    uint32_t gate;    /* atomic: DESCRIPTOR_CLOSING, and how many are inside */
    uint32_t closed;  /* atomic, futex: how far the close has come, see descriptor.c */
    uint32_t cancels; /* atomic; written under the lock: how often it was cancelled */
    uint32_t marks;   /* atomic: enum descriptor_mark */
    uint32_t turn;    /* atomic: who may send on a stream, see engine/turn.c */
    struct lock lock; /* guards the two lists */
    struct list waiters;      /* struct waiter: threads that sleep until something happens */
    struct list turn_waiters; /* struct waiter: threads that sleep until it is their turn to send */
    void (*on_closed)(struct descriptor *descriptor); /* called once, after the number is closed */
};

#define DESCRIPTOR_CLOSING 0x80000000u

void descriptor_init(struct descriptor *descriptor, int32_t handle, uint32_t marks,
                     void (*on_closed)(struct descriptor *descriptor));
void descriptor_deinit(struct descriptor *descriptor); /* it is closed */

/* False when it is closed or closing; else the caller is inside until descriptor_leave(). */
bool descriptor_enter(struct descriptor *descriptor);
void descriptor_leave(struct descriptor *descriptor);

bool descriptor_is_closing(const struct descriptor *descriptor);

/* Marks it closing and wakes everybody. True for the one caller that began the close: it is inside and
 * must leave. */
bool descriptor_begin_close(struct descriptor *descriptor);
/* Sleeps until the number has been given back. The caller is not inside. */
void descriptor_wait_closed(struct descriptor *descriptor);
/* Ends what is blocked in it; the descriptor stays open. */
void descriptor_cancel(struct descriptor *descriptor);

#endif
