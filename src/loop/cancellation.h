/**
 * The handle that cancels many operations: what its two files share.
 */
#ifndef LOOP_CANCELLATION_H
#define LOOP_CANCELLATION_H

#include "operation/operation.h"

struct sn_cancellation {
    /* Under its guard, but for the references. */
    uint32_t forks;      /* the process whose operations are linked */
    uint32_t references; /* atomic: the program's, one for each linked operation, the timer's */
    bool is_cancelled;   /* atomic for readers without the lock */
    bool is_timer_running;
    struct list operations; /* by their cancellation_link */
    sn_operation timer;
    sn_milliseconds
        delay_ms; /* the timer starts again with it when it ends; SN_FOREVER: it does not */
};

/* Around a use of what is under its guard; begins it anew in a forked child. */
void cancellation_hold(sn_cancellation *cancellation);
void cancellation_let_go(sn_cancellation *cancellation);
/* Gives a reference back. */
void cancellation_drop(sn_cancellation *cancellation);

#endif
