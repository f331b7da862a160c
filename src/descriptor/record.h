/**
 * A descriptor that many threads use at once, and that can be closed under all of them.
 *
 * The record counts references, and the handle is never closed while there is one: each call takes
 * one and gives it back; close marks the descriptor, wakes who sleeps in it, and whoever gives back
 * the last reference closes the handle. So a handle that the kernel gives out again can never be
 * met by a thread that still means the old socket. (The program's own references, which keep the
 * record, are another count: see socket/object/object.h.)
 *
 * An asynchronous operation has a reference from its start to its completion. From the first one
 * on, the descriptor belongs to one worker of an engine, which has one too until the close; only
 * that worker touches the fields marked "worker".
 *
 * In a forked child nobody has a reference at first: the threads and the operations that had are
 * the parent's, and none of them will ever give it back here. So the first who takes one there, or
 * closes, begins the descriptor anew. The child can use it as it likes, also with an engine of its
 * own.
 */
#ifndef DESCRIPTOR_RECORD_H
#define DESCRIPTOR_RECORD_H

#include <errno.h>

#include <sennit/operation.h>

#include "base/base.h"
#include "sys/sys.h"

/* The third is beside the other two: what the kernel tells in a socket's error queue. */
enum direction { DIRECTION_IN, DIRECTION_OUT, DIRECTION_ERROR, DIRECTION_COUNT };
enum { LANE_COUNT = 2 }; /* errors have no lane, see lane.h */

/* Bits of `marks`; set and cleared atomically. */
enum descriptor_mark {
    DESCRIPTOR_OWNED = 1 << 0,      /* closing it closes the handle */
    DESCRIPTOR_STREAM_TCP = 1 << 1, /* ending a blocked call of it makes the close abortive */
    DESCRIPTOR_ABORTIVE = 1 << 2,   /* the final close resets the connection */
    DESCRIPTOR_SEND_SHUT = 1 << 3,  /* the user has shut sending down: no reset is needed */
    DESCRIPTOR_NOT_SOCKET = 1 << 4, /* a pipe, a file: read and write instead of receive and send */
    DESCRIPTOR_RELEASED = 1 << 5,   /* its worker has let go of it for the close */
    DESCRIPTOR_MESSAGES = 1 << 6,   /* a socket that is no stream */
    DESCRIPTOR_SHORT = 1 << 8,      /* the last accept found no descriptor or memory */
    DESCRIPTOR_LISTENING = 1 << 11, /* a socket that listens */
    DESCRIPTOR_AWAITED = 1 << 9,    /* a close waits until the worker has ended what is pending */
    DESCRIPTOR_NO_WAIT = 1 << 10,   /* whoever closes the handle must not linger */
    DESCRIPTOR_SLOW = 1 << 13,      /* nothing of it takes the fast way: for tests, see make.c */
    DESCRIPTOR_SEND_CUT = 1 << 12,  /* the close has ended a send */
    DESCRIPTOR_CONTROL = 1 << 14,   /* somebody may have asked for control messages */
    DESCRIPTOR_INHERITED = 1 << 7,  /* made before a fork: other processes have the file too */
    DESCRIPTOR_DATAGRAMS =
        1 << 15, /* of DESCRIPTOR_MESSAGES, one that is in no connection that ends */
    DESCRIPTOR_DETACHED = 1 << 16,      /* being closed, but the handle goes to the program */
    DESCRIPTOR_LEFT_BLOCKING = 1 << 17, /* ... in blocking mode */
    DESCRIPTOR_ERRORS = 1 << 18,        /* an asynchronous call has asked for its error queue */
    /* With one of these it is no stream whose sends and receives go the short ways. */
    DESCRIPTOR_NO_PLAIN_STREAM = DESCRIPTOR_NOT_SOCKET | DESCRIPTOR_MESSAGES | DESCRIPTOR_SLOW,
    DESCRIPTOR_WAS = 1 << 28, /* the lowest of those that say what a borrowed one was before */
};

/* What its worker is asked to do with it; bits of `marks`, too. */
enum descriptor_request {
    REQUEST_CLOSE = 1 << 19,   /* end everything, let go of it */
    REQUEST_CANCEL = 1 << 20,  /* end everything that is pending now */
    REQUEST_RESUME = 1 << 21,  /* the send lock is free, or what an operation waits for has come */
    REQUEST_RENEWED = 1 << 22, /* the handle names another socket now: register it anew */
    REQUEST_ABORT = 1 << 23,   /* end everything that is pending now, as at a close */
    REQUEST_ANY = REQUEST_CLOSE | REQUEST_CANCEL | REQUEST_RESUME | REQUEST_RENEWED | REQUEST_ABORT,
};

/* Bits of `ready`: what a readiness back-end knows. With a ring READY_UNKNOWN is always there, and
 * the first two say of messages that the last attempt was not in vain. */
enum descriptor_readiness {
    READY_IN = 1 << DIRECTION_IN,
    READY_OUT = 1 << DIRECTION_OUT,
    READY_ERROR = 1 << DIRECTION_ERROR,
    READY_WATCHES_OUT = 1 << 5, /* edges outward are reported too, see backends/epoll.c */
    /* The end of the stream or an error was reported, and no further edge may come: always attempt.
     */
    READY_ENDED = 1 << 6,
    READY_UNKNOWN = 1 << 7 /* the handle is not registered, or names another file by now */
};

/* Bits of `closed`. */
enum {
    CLOSE_RUNNING = 1 << 0,
    CLOSE_DONE = 1 << 1,
    CLOSE_AWAITED = 1 << 2, /* a thread sleeps until it is done */
    /* In a forked child, of one that was closing before: nobody has a reference, so whoever gives
     * the next one back closes the handle. */
    CLOSE_ORPHANED = 1 << 3,
};

/* Why the sends of a stream wait for the end of a round, see loop/held.h. */
enum held {
    HELD_NOT,
    HELD_ARRIVED, /* they come from other threads */
    HELD_ALONE,   /* one, as the last round that sent has started several */
    HELD_SEVERAL,
};

struct descriptor;
struct metrics_source;
struct waiter;
struct worker;
struct sn_engine;

/* What the owner of the record is told. One table for all its descriptors. */
struct descriptor_class {
    /* Asks its worker for something: worker_request(), which stands above the descriptor. */
    void (*request)(struct descriptor *descriptor, uint32_t request);
    /* After the handle has been closed. The record may be freed here; whoever waits for the end of
     * the close is told before, by closing_finish(). */
    void (*on_closed)(struct descriptor *descriptor);
    /* In place of a close(2), after descriptor_begin_detach(): whether the handle has gone to who
     * wanted it. */
    bool (*on_detached)(struct descriptor *descriptor, int32_t handle);
    /* The finish step of an asynchronous operation, on the worker. False: it was started again with
     * worker_restart() and is not complete yet. */
    bool (*on_finish)(struct descriptor *descriptor, sn_operation *operation);
    /* The same for a receive of messages that has got some, counted to the source: all that it has
     * to do, in short. */
    void (*on_received)(struct descriptor *descriptor, sn_operation *operation,
                        struct metrics_source *counted_at);
    /* On the worker, after REQUEST_RESUME, for an operation that waits for something outside the
     * kernel (ACTION_EXTERNAL): true when that has come and the operation has its next action. */
    bool (*on_resume)(struct descriptor *descriptor, sn_operation *operation);
    /* On the worker: such an operation is ended early; what it waits for is to be given up. */
    void (*on_abandon)(struct descriptor *descriptor, sn_operation *operation);
    /* What becomes of a kept operation that the calling thread has claimed, see engine/carry.h. */
    bool (*carry)(struct descriptor *descriptor, sn_operation *operation, int64_t deadline_ns);
    void (*hand_over)(struct descriptor *descriptor, sn_operation *operation);
    void (*end_kept)(struct descriptor *descriptor, sn_operation *operation, int64_t result);
};

/* A FIFO of operations: the last one, whose link leads back to the first. */
struct operation_queue {
    sn_operation *last;
};

struct descriptor {
    int32_t handle;   /* the kernel's; stays valid until the last reference is given back */
    int32_t refs;     /* atomic: DESCRIPTOR_OPEN until the close, and the count of references */
    uint32_t forks;   /* atomic: the process whose threads and operations have references */
    uint32_t closed;  /* atomic, futex: how far the close has come, see descriptor.c */
    uint32_t cancels; /* atomic; written under its guard: how often it was cancelled */
    uint32_t marks;   /* atomic: enum descriptor_mark and descriptor_request */
    uint32_t lanes[LANE_COUNT]; /* atomic: what goes on in each direction, see lane.h */
    int32_t watched;   /* under its guard: the handle that its back-end has registered, or -1 */
    uint8_t submitted; /* worker: bit per direction: the first one is with the back-end */
    uint8_t ready;     /* worker: enum descriptor_readiness */
    uint8_t held;      /* worker: enum held, of its sends */
    /* worker: the last round that sent has started several sends: how many were behind the second,
     * and one at least (255: or more) */
    uint8_t sends_several;
    sn_operation *closings; /* under its guard: complete with the close, see closing.h */
    struct waiter *waiters; /* under its guard: the last of the threads that sleep in it */
    const struct descriptor_class *class;
    struct worker *worker;   /* atomic; written under its guard: see descriptor_bind() */
    struct list worker_link; /* worker: among all its descriptors */
    void *inbox_next;        /* while a request is on its way to the worker */
    struct operation_queue queues[DIRECTION_COUNT]; /* worker: those that have not completed */
    bool holds_receives; /* worker: its receives wait for the end of the round */
    uint8_t further;     /* worker: how many this round has started so far behind the second */
    uint8_t credit; /* atomic; worker: sends to be held without a reference and a count of their
                     * own, which were taken before, see loop/credit.h */
    /* worker: receives of messages that a ring completes before one is tried, and how many they
     * were the last time: see io_uring_ring.c */
    uint8_t looks_after : 4, looks_span : 4;
    uint8_t kept_end;         /* under its guard: what whoever carries `kept` is to end it with, as
                               * outcome_pack() makes it; 0: nothing */
    uint16_t refused_segment; /* atomic: the smallest size of segments that the kernel would not cut
                               * a datagram into; 0: none so far */
    sn_operation *kept;       /* under its guard: a receive that no worker has, see loop/kept.h */
};

/* The sign: so the processor tells with the addition itself whether it is open, and with the
 * subtraction whether that was the last reference. */
#define DESCRIPTOR_OPEN INT32_MIN

/* On the worker: whether a readiness back-end knows that an attempt would be in vain for now. */
static inline bool descriptor_must_wait(const struct descriptor *descriptor,
                                        enum direction direction)
{
    return !(descriptor->ready & (1 << direction | READY_ENDED | READY_UNKNOWN));
}

/* On the worker, with a ring: a receive of a message was tried. See io_uring_ring.c. */
static inline void descriptor_note_look(struct descriptor *descriptor, bool was_in_vain)
{
    const unsigned longest = 8;
    unsigned span = descriptor->looks_span;
    if (!was_in_vain)
        span = 0;
    else if (span < longest)
        span = span ? span * 2 : 1;
    descriptor->looks_span = span & 0xf;
    descriptor->looks_after = span & 0xf;
}

/* Whether several receives of it can be one call: datagrams. */
static inline bool descriptor_gathers(const struct descriptor *descriptor)
{
    const uint32_t looked_at = DESCRIPTOR_NO_PLAIN_STREAM | DESCRIPTOR_DATAGRAMS;
    uint32_t marks = atomic_load_relaxed(&descriptor->marks) & looked_at;
    return marks == (DESCRIPTOR_MESSAGES | DESCRIPTOR_DATAGRAMS);
}

void descriptor_init(struct descriptor *descriptor, int32_t handle, uint32_t marks,
                     const struct descriptor_class *class);
void descriptor_deinit(struct descriptor *descriptor); /* it is closed */
/* A handle that is borrowed: what sys_adopt() has found, and what it is at the end again. */
void descriptor_give_back_as(struct descriptor *descriptor, uint32_t was);

static inline bool descriptor_is_closing(const struct descriptor *descriptor)
{
    return atomic_load_acquire(&descriptor->refs) >= 0;
}

/* A close was quicker: an attempt has met what that has put under the handle, see
 * descriptor_begin_close(). */
static inline bool descriptor_is_gone(const struct descriptor *descriptor, int64_t result)
{
    return unlikely(result == -ENOTSOCK) && descriptor_is_closing(descriptor);
}

bool descriptor_is_closed(const struct descriptor *descriptor);

/* By who has given back the last reference. */
COLD void descriptor_close_handle(struct descriptor *descriptor);

static inline void descriptor_unref_several(struct descriptor *descriptor, int32_t count)
{
    assert((atomic_load_relaxed(&descriptor->refs) & ~DESCRIPTOR_OPEN) >= count);
    if (unlikely(atomic_sub_fetch_acq_rel(&descriptor->refs, count) == 0))
        descriptor_close_handle(descriptor);
}

static inline void descriptor_unref(struct descriptor *descriptor)
{
    descriptor_unref_several(descriptor, 1);
}

/* The first use in a forked child: forgets the references, who waits, and the worker. */
COLD void descriptor_begin_anew(struct descriptor *descriptor);

static inline void descriptor_notice_fork(struct descriptor *descriptor)
{
    if (unlikely(atomic_load_acquire(&descriptor->forks) != sys_fork_count()))
        descriptor_begin_anew(descriptor);
}

/*
 * Of one that is closing, by who has just taken a reference, the `refs`th.
 *
 * Who has given back the last reference is on its way to descriptor_close_handle(), with nothing
 * that keeps the record. If a call that comes now were the last once more, it could close the
 * handle in its place, and its program let go of the record, before that one has looked at it. So
 * the first to find no reference left leaves one for good: the count comes to nothing only once.
 *
 * Rare, but in line: a call would cost each start the registers for it.
 */
static HOT void descriptor_come_too_late(struct descriptor *descriptor, int32_t refs)
{
    bool is_orphaned = (atomic_load_acquire(&descriptor->closed) & CLOSE_ORPHANED) != 0;
    if (refs == 1 && !is_orphaned)
        atomic_add_acq_rel(&descriptor->refs, 1);
}

/* As descriptor_ref_here(), where nobody need look for a fork. */
static HOT bool descriptor_ref_unforked(struct descriptor *descriptor)
{
    int32_t refs = atomic_add_fetch_acq_rel(&descriptor->refs, 1);
    if (likely(refs < 0))
        return true;
    descriptor_come_too_late(descriptor, refs);
    return false;
}

/* The caller has a reference until descriptor_unref(), in any case. False: it is closed or closing,
 * so the caller must give it back at once. */
static HOT bool descriptor_ref_here(struct descriptor *descriptor)
{
    descriptor_notice_fork(descriptor);
    return descriptor_ref_unforked(descriptor);
}

/* False when it is closed or closing; else the caller has a reference until descriptor_unref(). */
static inline bool descriptor_ref(struct descriptor *descriptor)
{
    if (likely(descriptor_ref_here(descriptor)))
        return true;
    descriptor_unref(descriptor);
    return false;
}

/* Marks it closing and wakes everybody. True for the one caller that began the close: it has a
 * reference. */
bool descriptor_begin_close(struct descriptor *descriptor);
/* The same, and in the end the handle is not closed: see on_detached(). */
bool descriptor_begin_detach(struct descriptor *descriptor, bool blocking);
/* Sleeps until the handle has been given back; returns at once where a worker has to do that. The
 * caller has no reference. */
void descriptor_wait_closed(struct descriptor *descriptor);
/*
 * The worker that the descriptor belongs to. One that belongs to none yet gets one of `engine`
 * (NULL: the default one). The caller has a reference. NULL: it is closing, or there is no engine
 * (*out_native tells).
 */
struct worker *descriptor_bind(struct descriptor *descriptor, struct sn_engine *engine,
                               int32_t *out_native);
/* On the worker, which stops: the descriptor belongs to none again. Nothing of it is pending. */
void descriptor_unbind(struct descriptor *descriptor);

/*
 * Makes the handle name the file of `fresh`, which itself stays the caller's. Nobody who has a
 * reference meets a foreign descriptor meanwhile, and what the back-end knew of the old file is
 * forgotten before that goes. It never waits, whatever the old file's SO_LINGER says. The caller
 * has a reference. 0 or -errno.
 */
int32_t descriptor_replace(struct descriptor *descriptor, int32_t fresh);
/* Ends the back-end's registration, if there is one. */
void descriptor_forget(struct descriptor *descriptor);
/* The same under the guard. */
void descriptor_forget_held(struct descriptor *descriptor);
/* A close(2) of the handle does not wait for the peer, whatever its SO_LINGER says. */
void descriptor_stop_lingering(const struct descriptor *descriptor, int32_t handle);

/* Ends what is blocked or pending in it; the descriptor stays open. */
void descriptor_cancel(struct descriptor *descriptor);
/* Ends what is pending in it, since what it is connected to goes away; the descriptor stays open,
 * and what is started from now on is left alone. */
void descriptor_abort(struct descriptor *descriptor);
/* A call of this direction was ended by a close: see there. */
void descriptor_note_aborted(struct descriptor *descriptor, enum direction direction);

#endif
