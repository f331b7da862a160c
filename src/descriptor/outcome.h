/**
 * How an attempt, a sleep or an operation ended, native all the way: bytes moved or another number
 * from 0 up, -errno, or one of these, below the range of -errno, so that all fit one number. The
 * verb translates it once, in its finish step.
 */
#ifndef DESCRIPTOR_OUTCOME_H
#define DESCRIPTOR_OUTCOME_H

#include "base/base.h"

#define OUTCOME_NONE -100000 /* above the first of those below */

enum outcome {
    OUTCOME_READY = 0,
    OUTCOME_TIMED_OUT = -100001,
    OUTCOME_CANCELED = -100002,  /* sn_socket_cancel() */
    OUTCOME_CLOSED = -100003,    /* another thread closes the descriptor */
    OUTCOME_SEND_LOCK = -100004, /* of a sleep: this thread has the send lock */
    OUTCOME_STOPPED = -100005,   /* the engine was destroyed with the operation pending */
    OUTCOME_MISUSE = -100006, /* operation->error stands: it was never started, or it was answered
                                 before it arrived */
    OUTCOME_BEHIND = -100007, /* of a sleep: operations are pending now, queue behind them, see
                                 lane.h */
    OUTCOME_NO_MEMORY = -100008,   /* the engine had none for the operation */
    OUTCOME_RENEWED = -100009,     /* of a sleep: the handle names another file now */
    OUTCOME_INTERRUPTED = -100010, /* by a signal, and the program wants it so */
    OUTCOME_OVERDUE = -100011,     /* cancelled by a handle whose time was over */
    OUTCOME_RECALLED = -100012,    /* the handle of the thread's scope was cancelled, see scope.h */
};

/* One of those below OUTCOME_NONE in a byte, and 0 as it is. */
static inline uint8_t outcome_pack(int32_t outcome)
{
    assert(outcome == 0 || (outcome < OUTCOME_NONE && outcome >= OUTCOME_NONE - UINT8_MAX));
    return (uint8_t)(outcome ? OUTCOME_NONE - outcome : 0);
}

static inline int32_t outcome_unpack(uint8_t packed)
{
    return packed ? OUTCOME_NONE - packed : 0;
}

#endif
