/**
 * Ctrl-C and its kin: every blocking call of the program ends, so that it comes to its end by
 * itself (a socket's file is removed, a partial file is named), and then dies of that very signal,
 * so that a shell sees the true reason. A second signal kills at once, and so does a program that
 * does not come to its end.
 */
#ifndef TOOLS_SENNIT_INTERRUPT_H
#define TOOLS_SENNIT_INTERRUPT_H

#include <signal.h>

#include <sennit.h>

/**
 * From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT end the calls that the calling thread waits in,
 * and those of all threads that enter. What is ignored from the start (nohup, a job in the
 * background) goes on being ignored. Call it before any other thread is started, and once.
 */
void interrupt_begin(void);

/** A thread's calls can be ended, too. @param scope lent until interrupt_leave(), by this thread */
void interrupt_enter(sn_cancellation_scope *scope);
void interrupt_leave(sn_cancellation_scope *scope);

/** Whether such a signal came. */
bool interrupt_is_coming(void);

/** What such a signal cancels: for asynchronous operations. NULL before interrupt_begin(). */
sn_cancellation *interrupt_cancellation(void);

/** What else such a signal ends: `others` is called with its number, once for each, on a thread of
 * the library; and with SIGKILL when the program dies of it. To be called before the first can
 * come. */
void interrupt_tell(void (*others)(int number));

/** The signals that a program which is started from here has to have blocked. */
const sigset_t *interrupt_mask_before(void);

/** The signal was a wish to come to the end, which is not to be told by dying of it. */
void interrupt_forgive(void);

/** Dies of the signal, if one came and was not forgiven. To be called last. */
void interrupt_die_if_due(void);

#endif
