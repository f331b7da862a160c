/**
 * Signals as something to wait for: beside sockets, in the same loops, with the same cancels.
 *
 * A handler of a signal may do next to nothing, and runs on any thread at any moment. So a program
 * blocks the signals that it wants to be told of, and opens a source of them, which is a socket to
 * everything here: its operations complete, it can be polled and selected with sockets, given an
 * engine, closed under those who wait.
 *
 *     static const int wanted[] = {SIGTERM, SIGINT};
 *     sigset_t set;
 *     sigemptyset(&set);
 *     for (int i = 0; i < 2; i++)
 *         sigaddset(&set, wanted[i]);
 *     pthread_sigmask(SIG_BLOCK, &set, NULL);   // in main(), before there are other threads
 *     sn_signals_open(wanted, 2, &signals);
 *
 * Every thread of the program has to block them: one that does not is where the kernel delivers
 * them, and what they do there by default is mostly the end of the program. A thread begins with
 * the mask of the one that starts it; this library's own threads block all signals. A program that
 * is executed begins with the mask too: between fork and exec it is to be set back.
 *
 * What is told is what is sent to the process, as by kill(1); a signal to one thread
 * (pthread_kill()) stays that thread's. The kernel keeps a signal until somebody takes it, but of
 * those below SIGRTMIN only one of each number. Each goes to one wait: of one source in the order
 * they were started; of several sources with the same signal to any.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_SIGNAL_H
#define SENNIT_SIGNAL_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A signal that came. What its kind does not say is 0; see sigaction(2) for the members of
 * siginfo_t. */
typedef struct sn_signal {
    int32_t number;      /* SIGTERM, ... */
    int32_t code;        /* si_code: how it came about; SI_USER: by kill() */
    uint32_t process_id; /* who has sent it; SIGCHLD: the child */
    uint32_t user_id;    /* and whose process that was */
    int32_t status;      /* SIGCHLD: the exit status, or the signal that has ended it */
    int32_t value;       /* sigqueue(): the number that was sent along */
    uint64_t pointer;    /* sigqueue(): the same as a pointer */
    uint64_t address;    /* SIGSEGV, SIGBUS, ...: where the fault was */
} sn_signal;

/**
 * Opens a source of signals. In a forked child it tells of the child's own signals.
 *
 * @param signals      borrowed for the call: `count` numbers
 * @param count        at least 1
 * @param out_signals  owned by the caller: sn_socket_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          there are none, or no place for the result
 * @error   SN_ERROR_ARGUMENT               the count is 0
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  one is no signal, or SIGKILL or SIGSTOP, which nobody
 * can wait for
 * @error   SN_ERROR_INVALID_OPERATION      the calling thread does not block one of them; other
 *                                          threads cannot be asked
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY
 * @thread  one that blocks them
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_signals_open(const int *signals, size_t count,
                                            sn_socket **out_signals);

/**
 * Waits for a signal and takes it. The socket's receive timeout counts, as for a receive.
 *
 * @param signals     borrowed; from sn_signals_open()
 * @param out_signal  untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL            there is no socket, or no place for the result
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  it is no source of signals
 * @error   otherwise as sn_socket_receive()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_signals_receive(sn_socket *signals, sn_signal *out_signal);

/**
 * Completes with the next signal.
 *
 * @param signals     borrowed
 * @param out_signal  caller-provided, written at the completion; must stay until then
 * @param operation   caller-provided and idle; lent until completion
 *
 * @error   as sn_signals_receive(), in the operation
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_OPERATION_ABORTED, SN_ERROR_TIMED_OUT  it was
 * ended; no signal is lost by that
 * @return  whether it took the record, see sn_operation
 * @dotnet  none
 */
SN_API bool sn_signals_receive_async(sn_socket *signals, sn_signal *out_signal,
                                     sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
