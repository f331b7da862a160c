/**
 * Signals that end a call that waits.
 *
 * A signal interrupts the wait of a thread, and unless a program says otherwise the call goes on
 * waiting, as in .NET, with the time that is left. What embeds an interpreter needs more: its
 * signal handlers only note that something came, and the interpreter acts on it between two of its
 * steps, which do not come while a call waits. So it can be asked.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_INTERRUPT_H
#define SENNIT_INTERRUPT_H

#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Asked on the thread that waits, each time a signal has interrupted its wait, after the signal's
 * handler has run. It may call whatever the thread may, this library included; no lock is held. It
 * must not leave by longjmp() or an exception.
 *
 * @param context  as given to sn_set_interrupt_hook()
 *
 * @return  true: the call ends with SN_ERROR_INTERRUPTED and the native code EINTR, which a close
 * by another thread does not give. What has moved until then is told: the bytes that a send has
 * sent, in its out parameter. False: the wait goes on.
 */
typedef bool (*sn_interrupt_hook)(void *context);

/**
 * Sets what is asked when a signal interrupts a wait; for the whole process. Asked in blocking
 * calls, in sn_socket_poll() and sn_socket_select(), in the waits for operations (the operation
 * itself goes on), and in sn_engine_run(). A lookup of a name is made by the C library, and asks
 * only where the thread is inside a scope (sn_cancellation_enter()). Threads of engines are never
 * interrupted.
 *
 * A signal is only noticed by a wait: one that comes just before it begins does not end it.
 *
 * @param hook     NULL: nobody is asked, which is so at the beginning
 * @param context  borrowed until another is set: handed to the hook
 * @thread         while no other thread is in a call that waits
 * @dotnet         none
 */
SN_API void sn_set_interrupt_hook(sn_interrupt_hook hook, void *context);

#ifdef __cplusplus
}
#endif

#endif
