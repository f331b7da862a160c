/**
 * Locks and channels between fibers, and between fibers and threads: a mutex, a condition, a
 * semaphore and a channel.
 *
 * Where a call has to wait, a fiber steps aside and its thread goes on with others; a thread
 * sleeps. Everything is first come, first served, whoever waits: what is given back is handed to
 * the first of the line, and nobody overtakes it. Nothing is allocated while waiting, and what
 * need not wait makes no system call.
 *
 * A wait ends early as every other of the library, and without having taken anything: with
 * SN_ERROR_TIMED_OUT when its time is over, SN_ERROR_OPERATION_CANCELED when the fiber is
 * cancelled, SN_ERROR_OPERATION_ABORTED when its engine ends, as its scope says where the caller is
 * inside one (sn_cancellation_enter()), and with SN_ERROR_INTERRUPTED where a signal came and the
 * hook ends the wait (sn_set_interrupt_hook(); one that the hook lets pass costs the place in the
 * line). What is handed over in the same moment is taken, and the next wait ends early. A call that
 * need not wait does not look whether it is to end.
 *
 * A callback must not wait: there a call that would have to is SN_ERROR_INVALID_OPERATION. With a
 * time of 0 nothing waits, and every function may be called in callbacks.
 *
 * The records of the mutex, the condition and the semaphore are the program's: they may stand
 * anywhere in its memory, begin as all zero or with their SN_..._INIT, must not be moved while they
 * are in use, and need no end: who has waited in one may free its memory at once, when nobody else
 * will use it. They do not work between processes. In the child of a fork they are
 * copies, and nobody waits: what the thread or fiber that has forked held is its own there, and
 * what another one held nobody will give back (see sn_mutex_acquire()).
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 * So may fibers and callbacks.
 */
#ifndef SENNIT_SYNC_H
#define SENNIT_SYNC_H

#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- The mutex -------------------------------------------------------------------------------- */

/**
 * A mutex. It belongs to the fiber, or thread, that has acquired it; what fibers hold may be held
 * across waits. One that ends with it leaves it so for good.
 *
 * @dotnet none
 */
typedef struct sn_mutex {
    uint64_t opaque[4]; /* the library's */
} sn_mutex;

/** One that nobody holds. */
#define SN_MUTEX_INIT                                                                              \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/**
 * Acquires a mutex.
 *
 * @param mutex       borrowed
 * @param timeout_ms  SN_FOREVER: without a limit; 0: only if it is free
 *
 * @error   SN_ERROR_TIMED_OUT              another has it
 * @error   SN_ERROR_INVALID_OPERATION      the caller has it already; or it would wait in a
 *                                          callback; or whoever has it has stayed behind in the
 *                                          process that forked this one
 * @error   SN_ERROR_ARGUMENT_NULL          there is none
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `timeout_ms` is less than SN_FOREVER
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_OPERATION_ABORTED, SN_ERROR_INTERRUPTED  the wait
 *                                          has ended early
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS  a thread in a scope waits for the first time, and there
 *                                          is no descriptor for it
 * @dotnet  Monitor.Enter(object), Monitor.TryEnter(object, int)
 */
SN_MUST_USE SN_API sn_error sn_mutex_acquire(sn_mutex *mutex, sn_milliseconds timeout_ms);

/**
 * Gives a mutex to the first who waits for it, or to nobody.
 *
 * @param mutex  borrowed
 *
 * @error   SN_ERROR_INVALID_OPERATION  the caller does not have it
 * @error   SN_ERROR_ARGUMENT_NULL      there is none
 * @dotnet  Monitor.Exit(object)
 */
SN_API sn_error sn_mutex_release(sn_mutex *mutex);

/**
 * Whether it is the caller that has a mutex.
 *
 * @param mutex  borrowed; NULL gives false
 * @dotnet       Monitor.IsEntered(object)
 */
SN_API bool sn_mutex_is_own(const sn_mutex *mutex);

/* --- The condition ---------------------------------------------------------------------------- */

/**
 * What fibers and threads wait for under a mutex.
 *
 * @dotnet none
 */
typedef struct sn_condition {
    uint64_t opaque[4]; /* the library's */
} sn_condition;

/** One that nobody waits for. */
#define SN_CONDITION_INIT                                                                          \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/**
 * Gives a mutex back, waits until the condition is signalled, and acquires the mutex again, in any
 * case and however long that takes. It may come back for nothing: the caller looks again at what it
 * waits for.
 *
 * @param condition   borrowed
 * @param mutex       borrowed; the caller's
 * @param timeout_ms  SN_FOREVER: without a limit; 0: SN_ERROR_TIMED_OUT, the mutex stays
 *
 * @error   SN_ERROR_INVALID_OPERATION  the mutex is not the caller's, or this is a callback
 * @error   otherwise as sn_mutex_acquire()
 * @dotnet  Monitor.Wait(object, int)
 */
SN_MUST_USE SN_API sn_error sn_condition_wait(sn_condition *condition, sn_mutex *mutex,
                                              sn_milliseconds timeout_ms);

/**
 * Lets the one go on that has waited longest. The caller need not have the mutex.
 *
 * @param condition  borrowed; NULL is fine
 * @dotnet           Monitor.Pulse(object)
 */
SN_API void sn_condition_signal(sn_condition *condition);

/**
 * Lets all go on that wait now.
 *
 * @param condition  borrowed; NULL is fine
 * @dotnet           Monitor.PulseAll(object)
 */
SN_API void sn_condition_signal_all(sn_condition *condition);

/* --- The semaphore ---------------------------------------------------------------------------- */

/**
 * A count of something, which belongs to nobody.
 *
 * @dotnet SemaphoreSlim
 */
typedef struct sn_semaphore {
    uint64_t opaque[4]; /* the library's */
} sn_semaphore;

/** So many are there at first, and never more than `maximum`; 0: INT32_MAX. All zero is (0, 0). */
#define SN_SEMAPHORE_INIT(count, maximum)                                                          \
    {                                                                                              \
        {                                                                                          \
            (uint32_t)(count), (uint32_t)(maximum)                                                 \
        }                                                                                          \
    }

/**
 * Takes so many at once. Who wants much is not overtaken by those behind it who want little.
 *
 * @param semaphore   borrowed
 * @param count       1 to the maximum
 * @param timeout_ms  SN_FOREVER: without a limit; 0: only if they are there and nobody waits
 *
 * @error   SN_ERROR_TIMED_OUT              they are not there
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `count`, or `timeout_ms` is less than SN_FOREVER
 * @error   SN_ERROR_INVALID_OPERATION      it would wait in a callback
 * @error   otherwise as sn_mutex_acquire()
 * @dotnet  SemaphoreSlim.Wait(int), SemaphoreSlim.WaitAsync(int)
 */
SN_MUST_USE SN_API sn_error sn_semaphore_acquire(sn_semaphore *semaphore, uint32_t count,
                                                 sn_milliseconds timeout_ms);

/**
 * Gives so many, to those who wait or for those who come.
 *
 * @param semaphore  borrowed
 * @param count      1 to the maximum
 *
 * @error   SN_ERROR_INVALID_OPERATION      there would be more than the maximum; none is given
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `count`
 * @error   SN_ERROR_ARGUMENT_NULL          there is no semaphore
 * @dotnet  SemaphoreSlim.Release(int)
 */
SN_API sn_error sn_semaphore_release(sn_semaphore *semaphore, uint32_t count);

/**
 * How many are there now.
 *
 * @param semaphore  borrowed; NULL gives 0
 * @dotnet           SemaphoreSlim.CurrentCount
 */
SN_API uint32_t sn_semaphore_get_count(const sn_semaphore *semaphore);

/* --- The channel ------------------------------------------------------------------------------ */

/**
 * A line of elements of one size, from any who send to any who receive, in the order of sending.
 *
 * @dotnet Channel
 */
typedef struct sn_channel sn_channel;

/**
 * Makes a channel.
 *
 * @param capacity      elements that are kept while nobody receives; 0: none, so that a send waits
 *                      until its element is received
 * @param element_size  bytes, 1 to 4096: what is larger goes as a pointer
 * @param out_channel   owned by the caller: sn_channel_release()
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `element_size`
 * @error   SN_ERROR_ARGUMENT_NULL          there is nowhere to write it
 * @error   SN_ERROR_OUT_OF_MEMORY          also where no memory could ever be that large
 * @dotnet  Channel.CreateBounded(int)
 */
SN_MUST_USE SN_API sn_error sn_channel_create(size_t capacity, size_t element_size,
                                              sn_channel **out_channel);

/**
 * One more reference to a channel.
 *
 * @param channel  borrowed; NULL is fine
 * @return         the same
 * @dotnet         none
 */
SN_API sn_channel *sn_channel_retain(sn_channel *channel);

/**
 * Gives a reference back. Whoever waits in a channel needs one; with the last the elements are gone
 * that nobody has received.
 *
 * @param channel  NULL is fine
 * @dotnet         none
 */
SN_API void sn_channel_release(sn_channel *channel);

/**
 * Sends an element: it is copied.
 *
 * @param channel     borrowed
 * @param element     borrowed for the call
 * @param timeout_ms  SN_FOREVER: without a limit; 0: only if there is room, or somebody receives
 *
 * @error   SN_ERROR_TIMED_OUT          there is no room
 * @error   SN_ERROR_SHUTDOWN           the channel was closed; the element was not sent
 * @error   SN_ERROR_INVALID_OPERATION  it would wait in a callback
 * @error   otherwise as sn_mutex_acquire()
 * @dotnet  ChannelWriter.WriteAsync(T), ChannelWriter.TryWrite(T)
 */
SN_MUST_USE SN_API sn_error sn_channel_send(sn_channel *channel, const void *element,
                                            sn_milliseconds timeout_ms);

/**
 * Receives an element.
 *
 * @param channel      borrowed
 * @param out_element  caller-provided, one element
 * @param timeout_ms   SN_FOREVER: without a limit; 0: only if there is one
 *
 * @error   SN_ERROR_TIMED_OUT          there is none
 * @error   SN_ERROR_END_OF_STREAM      there is none, and the channel was closed
 * @error   SN_ERROR_INVALID_OPERATION  it would wait in a callback
 * @error   otherwise as sn_mutex_acquire()
 * @dotnet  ChannelReader.ReadAsync(), ChannelReader.TryRead(out T)
 */
SN_MUST_USE SN_API sn_error sn_channel_receive(sn_channel *channel, void *out_element,
                                               sn_milliseconds timeout_ms);

/**
 * Closes a channel: nothing can be sent any more, also not what waits for room now; what is in it
 * can still be received. A second time changes nothing.
 *
 * @param channel  borrowed; NULL is fine
 * @dotnet         ChannelWriter.Complete(Exception), ChannelWriter.TryComplete(Exception)
 */
SN_API void sn_channel_close(sn_channel *channel);

/**
 * Whether a channel was closed. There may be elements in it.
 *
 * @param channel  borrowed; NULL gives true
 * @dotnet         none
 */
SN_API bool sn_channel_is_closed(const sn_channel *channel);

/**
 * How many elements are in a channel now.
 *
 * @param channel  borrowed; NULL gives 0
 * @dotnet         ChannelReader.Count
 */
SN_API size_t sn_channel_get_count(const sn_channel *channel);

#ifdef __cplusplus
}
#endif

#endif
