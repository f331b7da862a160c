/**
 * Engines: the threads and the kernel mechanism behind asynchronous operations.
 *
 * Most programs need none of this: the first asynchronous call starts the default engine. A program
 * that wants control makes its own, with threads or driven by itself, or embeds one in another
 * loop.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_ENGINE_H
#define SENNIT_ENGINE_H

#include <sennit/error.h>
#include <sennit/metrics.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What carries out asynchronous operations. */
typedef struct sn_engine sn_engine;

/** Which kernel mechanism an engine uses. */
typedef enum sn_engine_backend {
    SN_ENGINE_BACKEND_AUTOMATIC = 0, /* io_uring where it works, else epoll */
    SN_ENGINE_BACKEND_IO_URING = 1,
    SN_ENGINE_BACKEND_EPOLL = 2
} sn_engine_backend;

/** How to make an engine. All zero is an engine driven by its program. */
typedef struct sn_engine_options {
    size_t size; /* sizeof(sn_engine_options); 0: as it was in 0.2. Later ones may have more */
    int threads; /* 0: the program drives it with sn_engine_run(); up to 1024 */
    sn_engine_backend
        backend;    /* SENNIT_ENGINE (epoll, io_uring) overrides SN_ENGINE_BACKEND_AUTOMATIC */
    int queue_size; /* submissions gathered at once, 8 to 32768; 0: 256 */
    int spin_us;    /* how long a thread looks on before it sleeps; 0: not at all */
} sn_engine_options;

/**
 * The engine of all sockets that were not given another one. It is made on first need, with
 * SENNIT_THREADS threads (else one for each 8 processors), and lives as long as the process.
 *
 * @param out_engine  borrowed; never to be destroyed
 *
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY  it could not be made now; the
 *                                           latter also where no thread may be started
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_default(sn_engine **out_engine);

/**
 * Makes an engine.
 *
 * @param options     borrowed for the call; NULL: all zero
 * @param out_engine  owned by the caller: sn_engine_destroy()
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE   a number in the options
 * @error   SN_ERROR_NOT_SUPPORTED           the options have more than this library knows, not zero
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  the back-end asked for does not work here;
 *                                           sn_error_last_native() tells more
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS
 * @error   SN_ERROR_OUT_OF_MEMORY           also where no thread may be started
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_create(const sn_engine_options *options,
                                             sn_engine **out_engine);

/**
 * Stops an engine and frees it. Operations that are pending complete with
 * SN_ERROR_OPERATION_ABORTED (their callbacks run, on the engine's threads or inside this call);
 * sockets that used the engine may live on, for blocking calls and for closing. It needs nothing
 * that could be short, and fails for misuse only. An engine without threads is best destroyed by
 * the thread that drives it: after another one has done it, the kernel may hold sockets that had
 * something pending in io_uring a moment longer (0.2 s at the most).
 *
 * @param engine  NULL is fine; not the default one, not from one of its own callbacks, not while
 *                another thread runs it, not in a forked child, and, of one without threads on
 *                which fibers have begun and not ended, by no thread but the one that drives it:
 *                all are SN_ERROR_INVALID_OPERATION and change nothing
 * @thread        any; nobody else may use the engine meanwhile
 * @dotnet        none
 */
SN_API sn_error sn_engine_destroy(sn_engine *engine);

/**
 * Drives an engine without threads: runs what is ready, waits for more, runs that, and returns. The
 * first thread that calls it (or sn_engine_get_handle()) is the engine's thread from then on.
 * Signals do not end it, unless a hook says so (<sennit/interrupt.h>): it returns when something
 * has completed or the time is over.
 *
 * @param engine      borrowed; made with `threads` 0
 * @param timeout_ms  how long to wait when nothing is ready
 * @param out_count   how many operations completed; may be NULL
 *
 * @error   SN_ERROR_INVALID_OPERATION      it has threads, another thread drives it, or it is being
 *                                          run already (a callback may not run its engine)
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  less than SN_FOREVER
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY  it could not begin
 * @error   SN_ERROR_INTERRUPTED            a signal came, nothing has completed, and the hook ends
 * it
 * @error   others, from now on             the kernel has failed it for good: what was pending has
 *                                          completed so, and what is started completes so too
 * @thread  one
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_run(sn_engine *engine, sn_milliseconds timeout_ms,
                                          size_t *out_count);

/**
 * The descriptor that becomes readable when sn_engine_run(engine, 0, ...) has something to do: for
 * a program that has a loop already (poll, epoll, libuv, GLib). Call sn_engine_run() each time
 * before the loop sleeps, and let it sleep no longer than sn_engine_get_timeout().
 *
 * @param engine      borrowed; made with `threads` 0
 * @param out_handle  borrowed, until the engine is destroyed: only to be watched
 *
 * @error   as sn_engine_run()
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY  it could not be made
 * @thread  the one that drives it
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_get_handle(sn_engine *engine, sn_handle *out_handle);

/**
 * How long the program's loop may sleep before it calls sn_engine_run() again.
 *
 * @param engine          borrowed; made with `threads` 0
 * @param out_timeout_ms  0: there is something to do; SN_FOREVER: no limit; else at most INT_MAX,
 *                        so that it fits the timeout of poll() too
 *
 * @error   as sn_engine_run()
 * @thread  the one that drives it
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_get_timeout(sn_engine *engine,
                                                  sn_milliseconds *out_timeout_ms);

/** Which mechanism it uses. @dotnet none */
SN_API sn_engine_backend sn_engine_get_backend(const sn_engine *engine);
/**
 * Why that one, in a sentence; static or the engine's own text. Also what in the environment was
 * not understood, and that the engine has ended, because the kernel fails it.
 * @dotnet none
 */
SN_API const char *sn_engine_get_backend_reason(const sn_engine *engine);
/** "io_uring" or "epoll". @dotnet none */
SN_API const char *sn_engine_backend_name(sn_engine_backend backend);
/** How many threads of its own it has. @dotnet none */
SN_API int sn_engine_get_thread_count(const sn_engine *engine);

/**
 * Reads what the engine has done: the counters of sn_metrics_get(), for its own threads, or, if its
 * program drives it, for the time inside sn_engine_run().
 *
 * What completes on the thread that starts it is done by no engine: blocking calls, unless pending
 * operations are before them, and operations without a callback that need not wait. A blocking call
 * inside a callback is done on the engine's thread and counts. A connect attempt counts from its
 * start. What an engine has done stays part of the process's counters when the engine is destroyed.
 *
 * @param engine       borrowed; NULL has done nothing
 * @param out_metrics  caller-provided; NULL is fine
 * @param size         sizeof(sn_metrics), see sn_metrics_get()
 *
 * @dotnet  none
 */
SN_API void sn_engine_get_metrics(const sn_engine *engine, sn_metrics *out_metrics, size_t size);

/**
 * Runs the operation's callback on a thread of the engine, soon.
 *
 * @param engine     borrowed; NULL: the default one
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 * @dotnet  none
 */
SN_API bool sn_engine_post_async(sn_engine *engine, sn_operation *operation);

/**
 * Completes after a time.
 *
 * @param engine     borrowed; NULL: the default one
 * @param delay_ms   SN_FOREVER: until it is cancelled; less completes with
 *                   SN_ERROR_ARGUMENT_OUT_OF_RANGE
 * @param operation  caller-provided and idle; lent until completion; its own timeout_ms is not used
 * @return           whether it took the record, see sn_operation
 * @dotnet  none
 */
SN_API bool sn_engine_delay_async(sn_engine *engine, sn_milliseconds delay_ms,
                                  sn_operation *operation);

/**
 * A timer that repeats: calls a function on a thread of the engine each period, until the operation
 * is ended, by a cancel say. The operation completes then, exactly once, as every other.
 *
 * The calls do not drift: the n-th period ends n periods after the start, however late one is. They
 * do not come in a burst either: when several periods have passed before the function could be
 * called, it is called once and told how many they were. It may do what a callback may, and no lock
 * is held; it must not start the record anew, which is running. sn_engine_run() counts each call as
 * one operation.
 *
 * @param engine     borrowed; NULL: the default one
 * @param period_ms  at least 1
 * @param ticked     called with the operation, and how many periods have passed since the last call
 *                   (since the start, for the first one): 1, or more when some were missed
 * @param operation  caller-provided and idle; lent until completion; its own timeout_ms is not used
 *
 * Result in the operation: `transferred`, how often the function was called.
 * @error   SN_ERROR_ARGUMENT_NULL          there is no function
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the period is less than 1
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_TIMED_OUT  its own cancel or its handle's
 * @error   SN_ERROR_OPERATION_ABORTED      its engine was destroyed
 * @return  whether it took the record, see sn_operation
 * @since   0.2
 * @dotnet  none
 */
SN_API bool sn_engine_repeat_async(sn_engine *engine, sn_milliseconds period_ms,
                                   void (*ticked)(sn_operation *operation, uint64_t periods),
                                   sn_operation *operation);

/**
 * Chooses the engine of a socket, before its first asynchronous call.
 *
 * @param socket  borrowed
 * @param engine  borrowed; must outlive the socket's asynchronous calls. NULL: the default one
 *
 * @error   SN_ERROR_INVALID_OPERATION  the socket uses an engine already
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_set_engine(sn_socket *socket, sn_engine *engine);

/**
 * Has the callbacks of a socket run on the thread of another one's, before its first asynchronous
 * call: what the two share needs no lock then, as the two ends of a relay. If the other one does
 * not use an engine yet, it gets the default one by that. Any number may join, one after the other;
 * what has joined stays until it is closed, or the engine is destroyed.
 *
 * @param socket  borrowed
 * @param other   borrowed; may be closed afterwards
 *
 * @error   SN_ERROR_ARGUMENT_NULL      one of them is NULL
 * @error   SN_ERROR_OBJECT_DISPOSED    one of them is closed
 * @error   SN_ERROR_INVALID_OPERATION  the socket belongs to another thread already; nothing has
 *                                      changed
 * @error   as sn_engine_default()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_join(sn_socket *socket, sn_socket *other);

/**
 * Runs the operation's callback on the thread where the callbacks of a socket run, and of those
 * that have joined it, soon: so another thread gets at what they share.
 *
 * @param socket     borrowed; one that does not use an engine yet gets the default one
 * @param operation  caller-provided and idle; lent until completion
 *
 * @error   SN_ERROR_ARGUMENT_NULL, SN_ERROR_OBJECT_DISPOSED  in the operation: the socket
 * @return  whether it took the record, see sn_operation
 * @since   0.2
 * @dotnet  none
 */
SN_API bool sn_socket_post_async(sn_socket *socket, sn_operation *operation);

/**
 * How long a blocking call looks on before it sleeps, in the whole process. Worth a core when the
 * answer comes from another core within microseconds. 0, the default: not at all; nothing happens
 * on a machine with one processor.
 *
 * @param spin_us  0 to 1000; else SN_ERROR_ARGUMENT_OUT_OF_RANGE
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_engine_set_blocking_spin(int spin_us);

#ifdef __cplusplus
}
#endif

#endif
