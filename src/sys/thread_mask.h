/**
 * Inside sys only: the signals that the library's own threads leave to the program's.
 */
#ifndef SYS_THREAD_MASK_H
#define SYS_THREAD_MASK_H

#include <signal.h>

/* All but what tells of a mistake of the thread's own: the kernel ends a process whose thread has
 * blocked such a signal, past the handler that the program has for it. */
static inline void thread_mask_fill(sigset_t *out_mask)
{
    sigfillset(out_mask);
    sigdelset(out_mask, SIGSEGV);
    sigdelset(out_mask, SIGBUS);
    sigdelset(out_mask, SIGFPE);
    sigdelset(out_mask, SIGILL);
    sigdelset(out_mask, SIGTRAP);
    sigdelset(out_mask, SIGSYS);
}

#endif
