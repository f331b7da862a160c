/**
 * One attempt of an operation: what a single system call of it does. It stands here once; the
 * blocking carry and the readiness back-ends both make attempts until one does not say "would
 * block".
 */
#ifndef OPERATION_ATTEMPT_H
#define OPERATION_ATTEMPT_H

#include <sennit/endpoint.h>
#include <sennit/operation.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "descriptor/descriptor.h"
#include "operation/record.h"
#include "sys/sys.h"

enum operation_action {
    ACTION_NONE,          /* nothing to attempt: its result stands already */
    ACTION_RECEIVE,       /* into one buffer, sender and flags not wanted */
    ACTION_RECEIVE_WHOLE, /* the same, and goes on until the buffer is full */
    ACTION_RECEIVE_FROM,  /* into one buffer, flags not wanted */
    /* The same, flags wanted, where the kernel tells with MSG_TRUNC how long a datagram was. */
    ACTION_RECEIVE_DATAGRAM,
    ACTION_RECEIVE_MESSAGE, /* all of it */
    ACTION_RECEIVE_CONTROL, /* all of it, and the control messages */
    ACTION_RECEIVE_ANY,     /* all of it, and any control messages, see <sennit/message.h> */
    ACTION_READABLE,        /* a zero-byte receive: waits until there is something, takes nothing */
    ACTION_RECEIVE_ENOUGH,  /* into one buffer, again and again until there is enough */
    ACTION_SEND,            /* one buffer, to the peer */
    ACTION_SEND_TO,         /* one buffer, to an address */
    ACTION_SEND_MESSAGE,    /* all of it */
    ACTION_SEND_CONTROL,    /* all of it, with control messages */
    ACTION_SEND_PACKETS,    /* memory and files, see packets.h */
    ACTION_SEND_BATCH,      /* several datagrams, see batch.h */
    ACTION_RECEIVE_BATCH,
    ACTION_SEND_HANDLES, /* one buffer, and descriptors with its first byte, see handles.h */
    ACTION_RECEIVE_HANDLES,
    ACTION_SPLICE_IN,     /* into a pipe, see splice.h */
    ACTION_SPLICE_OUT,    /* out of a pipe, all of it */
    ACTION_SIGNAL,        /* takes a signal out of a source of them */
    ACTION_RECEIVE_ERROR, /* out of the error queue, see report.h */
    ACTION_ACCEPT,
    ACTION_CONNECT,
    ACTION_EXTERNAL, /* waits for something that is not the kernel's, such as a name's addresses */
    ACTION_DELAY,    /* no descriptor: only its deadline ends it */
    ACTION_REPEAT,   /* no descriptor: its deadline comes again and again */
    ACTION_TASK,     /* no descriptor: goes on in turns, see loop/task.h */
    ACTION_DONE,     /* its result is known; finish step and callback are to come */
    ACTION_COUNT
};

/* What is an action's own, a row each in attempt.c; what io_uring makes of it is a row of
 * backends/io_uring_prepare.c. Empty for those that attempt nothing. */
struct action {
    /* One attempt: see operation_attempt(). */
    int64_t (*attempt)(sn_operation *operation, int32_t handle);
    /* The same for a pipe, a terminal, a file; NULL: they cannot. */
    int64_t (*attempt_on_file)(sn_operation *operation, int32_t handle);
    /* The events (poll's words) to wait for before the next attempt. */
    int16_t events;
    /* Whether there are such events after this result; NULL: always. */
    bool (*has_events)(const sn_operation *operation, int64_t result);
    bool is_receive;       /* bytes, or a look whether there are any */
    bool is_tried_at_once; /* its starting thread may make the first attempt */
    bool drains; /* of one buffer: less than it asked for says that the kernel has no more now */
    bool is_all_or_error; /* a receive of which a part is no success; what came is told all the same
                           */
    bool takes_turns;     /* what it does at once is little of much: then it is others' turn */
    bool makes_descriptor; /* its result is one, and not bytes */
    bool makes_connection; /* begins something that goes on by itself, and ends once it is there */
};

extern const struct action actions[ACTION_COUNT];

static inline const struct action *action_of(const sn_operation *operation)
{
    return &actions[record_of(operation)->action];
}

/* Bits of the operation's `marks`. */
enum operation_mark {
    MARK_VECTOR = 1 << 0,     /* several buffers */
    MARK_ALL = 1 << 1,        /* a stream's send: not complete before everything is sent */
    MARK_NOT_SOCKET = 1 << 2, /* the descriptor is no socket */
    MARK_BEGUN = 1 << 3,      /* its starting thread has tried it already */
    /* Why it is being ended: */
    MARK_TIMED_OUT = 1 << 4,
    MARK_CANCELED = 1 << 5,
    MARK_STOPPED = 1 << 6,    /* its engine is destroyed, or its connection */
    MARK_CLOSED = 1 << 7,     /* its descriptor is closed */
    MARK_NO_MEMORY = 1 << 10, /* there is none to count its time limit */
    MARK_ENDING = MARK_TIMED_OUT | MARK_CANCELED | MARK_STOPPED | MARK_CLOSED | MARK_NO_MEMORY,
    MARK_FAST = 1 << 8,   /* see operation_is_fast() */
    MARK_HEADER = 1 << 9, /* a receive: `room.header` is what the kernel writes to */
    MARK_TIED = 1 << 12,  /* among the operations at home of its handle, see loop/cancellation.h */
    MARK_BATCH = 1 << 13, /* counts datagrams, and its attempts themselves what they move */
    MARK_OVERDUE = 1 << 14,  /* beside MARK_CANCELED: by a handle whose time was over */
    MARK_RETRYING = 1 << 11, /* in a list of those that are tried again, see backends/retry.h */
    MARK_FOLLOWED = 1 << 15, /* beside MARK_FAST, of one that is done: see fast_conclude_row() */
};

/* A plain transfer, which can go the fast way: see loop/fast.h. Of messages, one that is done. */
static inline bool operation_is_fast(const sn_operation *operation)
{
    return (record_of(operation)->marks & MARK_FAST) != 0;
}

/* Whether a part of it has been done, which is never hidden. */
static inline bool operation_has_moved(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    return operation->transferred > 0 ||
           ((record->marks & MARK_BATCH) && record->room.batch.done > 0);
}

/* Of one that is cancelled. */
static inline int64_t operation_canceled_result(const sn_operation *operation)
{
    return record_of(operation)->marks & MARK_OVERDUE ? OUTCOME_OVERDUE : OUTCOME_CANCELED;
}

/* For a reason of MARK_ENDING. */
static inline void operation_mark_ending(sn_operation *operation, uint16_t reason)
{
    record_of(operation)->marks = (uint16_t)((record_of(operation)->marks & ~MARK_FAST) | reason);
}

/*
 * Where ACTION_RECEIVE_CONTROL has the kernel put the control messages: into the sender's end
 * point, behind the bytes that a native address can use. Only a DNS end point uses those, and the
 * kernel never names one. So nothing is allocated for them.
 */
#define CONTROL_SIZE (sizeof(((sn_endpoint *)0)->as) - SN_SOCKADDR_SIZE_MAX)

static inline uint8_t *operation_control(const sn_operation *operation)
{
    _Static_assert((offsetof(sn_endpoint, as) + SN_SOCKADDR_SIZE_MAX) % sizeof(size_t) == 0,
                   "aligned as control messages are");
    sn_endpoint *from = record_of(operation)->target.from;
    return (uint8_t *)&from->as + SN_SOCKADDR_SIZE_MAX;
}

/*
 * What one system call moves at most: the kernel cuts a size to INT_MAX, rounded down to whole
 * pages (of 64 KiB here and there). An entry of a ring has 32 bits for it and is refused above
 * INT_MAX, so sizes are cut before.
 */
#define ATTEMPT_SIZE_MAX ((size_t)0x7fff0000)

static inline size_t attempt_size(size_t size)
{
    return likely(size <= ATTEMPT_SIZE_MAX) ? size : ATTEMPT_SIZE_MAX;
}

/* What the pipe of a splice holds, unless somebody has changed it. */
#define SPLICE_SIZE ((size_t)64 << 10)

/* The most buffers that the kernel takes at once (UIO_MAXIOV). */
#define PIECES_MAX 1024

/* How many buffers are copied when the first one has been sent in part. */
#define PIECES_COPIED 16

/* The buffers that are still to be sent or filled, as the kernel wants them. */
struct pieces {
    struct iovec *first;
    uint16_t count; /* fits any type of msg_iovlen: a size in one C library, an int in another */
    struct iovec copied[PIECES_COPIED];
};

/* The kernel's message header of a receive, in the operation itself: the kernel writes to it at the
 * end. `pieces` must live until the call, or the submission, has returned. */
struct msghdr *operation_receive_message(sn_operation *operation, struct pieces *pieces);
/* The same for a send; the header and `pieces` are only read, by the call or the submission. */
void operation_send_message(sn_operation *operation, struct msghdr *message, struct pieces *pieces);

/*
 * The events (poll's words) to wait for before the next attempt. 0: the kernel has no event for it,
 * try again later: a connect to a Unix listener whose queue is full, and a datagram to a Unix
 * socket whose queue is full, while the own socket polls as writable all the time.
 */
int16_t operation_events(const sn_operation *operation, int64_t result);

/*
 * Tries once. Returns bytes, a new descriptor (accept), 0, -errno, or OUTCOME_NO_MEMORY. -EAGAIN
 * and, for a connect, -EINPROGRESS say that it would block.
 */
int64_t operation_attempt(sn_operation *operation, int32_t handle);

/*
 * Whether a poll came back with something that the operation did not wait for, and its attempt was
 * in vain. Errors are reported whether they were asked for or not, and as long as there is one: an
 * error queue that nobody empties, an error that another call is to be told of. To poll again would
 * be to spin, so the next attempt comes after a while. (An edge has no such end.)
 */
bool operation_was_woken_in_vain(const sn_operation *operation, int64_t revents);

/* Whether a result says that the operation must wait. */
static inline bool operation_would_block(const sn_operation *operation, int64_t result)
{
    return result == -EAGAIN || (result == -EINPROGRESS && action_of(operation)->makes_connection);
}

/*
 * An accept for whose new socket there was no memory when it was started. It takes its turn all the
 * same and fails then, before the kernel is asked, with OUTCOME_NO_MEMORY: so it is an accept that
 * was short of something like others, and a loop that goes on is slowed down like theirs.
 */
static inline bool operation_lacks_place(const sn_operation *operation)
{
    return action_of(operation)->makes_descriptor && !record_of(operation)->made &&
           !record_of(operation)->target.into;
}

/* An accept that found no descriptor free, or no memory. */
static inline bool operation_is_short(const sn_operation *operation, int64_t result)
{
    return action_of(operation)->makes_descriptor &&
           (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM ||
            result == OUTCOME_NO_MEMORY);
}

/* A loop that goes on after that would spin, so the next accept waits for a while first. */
static inline void operation_note_shortage(const sn_operation *operation,
                                           struct descriptor *descriptor, int64_t result)
{
    if (unlikely(operation_is_short(operation, result)))
        atomic_or_relaxed(&descriptor->marks, (uint32_t)DESCRIPTOR_SHORT);
}

static inline bool operation_meets_shortage(const sn_operation *operation,
                                            const struct descriptor *descriptor)
{
    return (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_SHORT) &&
           action_of(operation)->makes_descriptor;
}

/*
 * What it means when a receive would block although the peer's direction was reported as hung up:
 * on a socket that is no stream the kernel says "would block" forever after a shutdown of
 * receiving, where a blocking descriptor would answer 0. Returns 0 then, and else `result`.
 */
int64_t operation_result_after_hang_up(const sn_operation *operation,
                                       const struct descriptor *descriptor, int64_t result);

/* Its result when the kernel has said 0: see sys_end_is_doubtful(). */
COLD int64_t operation_result_after_end(sn_operation *operation, int32_t handle);

/* The same of one that a signal has interrupted. */
COLD int64_t operation_attempt_again(sn_operation *operation);

/* Counts `result` bytes that have moved; true when the operation goes on: something is left to
 * send, or a receive has not enough. */
static HOT bool operation_advance(sn_operation *operation, int64_t result);

/* --- Here for the data path ------------------------------------------------------------------- */

COLD bool operation_advance_other(sn_operation *operation, int64_t result);

static inline bool operation_advance_buffer(struct record *record, int64_t result)
{
    record->buffer.data = (char *)record->buffer.data + result;
    record->buffer.size -= (size_t)result;
    return record->buffer.size > 0;
}

/*
 * What a message header would have said is put into the operation's, so that whoever looks need not
 * know which call it was: a ring, say, has an entry for messages only.
 */
static inline void operation_note_sender(struct record *record, uint32_t from_size)
{
    record->marks |= MARK_HEADER;
    record->room.header.msg_namelen = record->target.from ? from_size : 0;
    record->room.header.msg_flags = 0;
}

/* The kernel has told how long a datagram was, with MSG_TRUNC. Returns what has come of it. */
static inline int64_t operation_note_length(struct record *record, int64_t length)
{
    if (likely(length <= (int64_t)record->buffer.size))
        return length;
    record->room.header.msg_flags = MSG_TRUNC;
    return (int64_t)record->buffer.size;
}

/* What a call of it has moved is all of it, but for what MARK_ALL says of its one buffer. */
static HOT bool operation_moves_at_once(const struct record *record)
{
    const uint64_t those = UINT64_C(1) << ACTION_RECEIVE | UINT64_C(1) << ACTION_RECEIVE_FROM |
                           UINT64_C(1) << ACTION_RECEIVE_DATAGRAM |
                           UINT64_C(1) << ACTION_RECEIVE_MESSAGE |
                           UINT64_C(1) << ACTION_RECEIVE_CONTROL | UINT64_C(1) << ACTION_SEND |
                           UINT64_C(1) << ACTION_SEND_TO;
    _Static_assert(ACTION_COUNT <= 64, "a bit for each");
    return (those >> record->action & 1) != 0;
}

static HOT bool operation_advance(sn_operation *operation, int64_t result)
{
    struct record *record = record_of(operation);
    assert(result >= 0);
    if (unlikely(!operation_moves_at_once(record)))
        return operation_advance_other(operation, result);
    operation->transferred += (size_t)result;
    if (!(record->marks & MARK_ALL))
        return false;
    return operation_advance_buffer(record, result);
}

#endif
