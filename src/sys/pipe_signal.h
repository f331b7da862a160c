/*
 * Inside sys only: SIGPIPE around the calls that have no MSG_NOSIGNAL.
 *
 * It is held back for this thread alone and a pending one is taken away, unless one was pending
 * before. What the process does with the signal is not touched.
 */
#ifndef SYS_PIPE_SIGNAL_H
#define SYS_PIPE_SIGNAL_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "sys/retry.h"

struct pipe_signal {
    sigset_t old_mask;
    bool was_pending;
};

static inline void pipe_signal_hold(struct pipe_signal *held)
{
    sigset_t signals, pending;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &signals, &held->old_mask);
}

/* `is_whole`: the call took everything, so there was no signal. A call that took a part before it
 * met the broken pipe returns that part, and has raised the signal all the same. */
static inline void pipe_signal_release(const struct pipe_signal *held, bool is_whole)
{
    if (!is_whole && !held->was_pending) {
        static const struct timespec at_once = {0, 0};
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        (void)SYS_RETRY(int, sigtimedwait(&signals, NULL, &at_once));
    }
    pthread_sigmask(SIG_SETMASK, &held->old_mask, NULL);
}

#endif
