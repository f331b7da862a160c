/**
 * Fibers: flows of control with a stack of their own, many on one thread of an engine.
 *
 * In a fiber a program calls what blocks, in a straight line, and only the fiber waits: its thread
 * goes on with others meanwhile. Every call of this library that waits does so, with the answers,
 * time limits, cancels and closes of its blocking form: those of sockets, clients and streams,
 * lookups of names, sn_socket_poll() and sn_socket_select(), the waits for operations, and those
 * of this header, of <sennit/sync.h> and of <sennit/fiber_group.h>. A fiber stays on its thread, so
 * what the fibers of one thread share needs no lock as long as nothing between waits.
 *
 * What blocks the thread all the same holds up every fiber on it: reading a file, a mutex of the
 * C library's, sn_engine_run(). A variable of the
 * thread (`_Thread_local`) is shared by its fibers, and may have changed after a wait; `errno` and
 * sn_error_last_native() are each fiber's own.
 *
 * Fibers and callbacks may call what threads may.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_FIBER_H
#define SENNIT_FIBER_H

#include <sennit/engine.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One flow of control with a stack of its own; see the functions below. */
typedef struct sn_fiber sn_fiber;

/**
 * What a fiber does. It runs once, also where the fiber was cancelled or its engine has ended
 * before it could begin: its calls that wait say so then. It may throw and catch exceptions of C++,
 * also wait in a handler, and use longjmp() between its own frames. One that is not caught ends the
 * process by std::terminate(), as one that leaves a thread's function.
 *
 * @param context  as given to sn_fiber_start()
 * @return         what sn_fiber_join() tells
 */
typedef sn_error (*sn_fiber_body)(void *context);

/** How to make a fiber. All zero is what most need. */
typedef struct sn_fiber_options {
    size_t size;       /* sizeof(sn_fiber_options); 0: as it was in 0.2. Later ones may have more */
    size_t stack_size; /* bytes, 16 KiB to 1 GiB; 0: 64 KiB. Memory is taken where it is touched;
                        * up to 3 KiB of it are the library's */
    const char *name;  /* for whoever looks at it; copied, up to 63 bytes; NULL: none */
} sn_fiber_options;

/**
 * Starts a fiber. It belongs to one thread of the engine for good; the fibers of an engine are
 * dealt round robin over its threads. It begins when that thread comes to it, never inside this
 * call.
 *
 * A fiber has to end before its engine can: sn_engine_destroy() has everything that its fibers wait
 * in end with SN_ERROR_OPERATION_ABORTED, now and later, and waits for them.
 *
 * @param engine     borrowed; NULL: that of the fiber or callback that calls, else the default one
 * @param body       what it does
 * @param context    borrowed: handed to `body`
 * @param options    borrowed for the call; NULL: all zero
 * @param out_fiber  owned by the caller: sn_fiber_release(); NULL: nobody wants to know
 *
 * @error   SN_ERROR_ARGUMENT_NULL           there is no body
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE   the size of the stack, or of the options
 * @error   SN_ERROR_ARGUMENT                the name is longer than 63 bytes
 * @error   SN_ERROR_NOT_SUPPORTED           the options have more than this library knows, not zero
 * @error   SN_ERROR_INVALID_OPERATION       the engine belongs to the process that forked this one
 * @error   SN_ERROR_OUT_OF_MEMORY           also for a stack
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  there are no fibers on this machine
 * @error   as sn_engine_default()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_fiber_start(sn_engine *engine, sn_fiber_body body, void *context,
                                           const sn_fiber_options *options, sn_fiber **out_fiber);

/**
 * Waits until a fiber has ended. Any number may wait for one.
 *
 * @param fiber       borrowed
 * @param timeout_ms  SN_FOREVER: without a limit; 0: only looks
 * @param out_result  caller-provided: what its body has returned; NULL is fine
 *
 * @return  SN_OK: it has ended, whatever it has returned
 * @error   SN_ERROR_TIMED_OUT            it has not yet
 * @error   SN_ERROR_ARGUMENT_NULL        there is none
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `timeout_ms` is less than SN_FOREVER
 * @error   SN_ERROR_INVALID_OPERATION    it has not ended, and is the one that calls; or this is a
 *                                        callback; or the thread that drives its engine; or it is
 *                                        of the process that forked this one
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_OPERATION_ABORTED, SN_ERROR_INTERRUPTED  the wait
 *                                        has ended early, as every other
 * @dotnet  none
 */
SN_API sn_error sn_fiber_join(sn_fiber *fiber, sn_milliseconds timeout_ms, sn_error *out_result);

/**
 * Has a fiber end: whatever it waits in, now and from now on, ends with
 * SN_ERROR_OPERATION_CANCELED. What it does without waiting goes on, and sn_cancellation_check()
 * tells it. One that has ended stays as it is.
 *
 * @param fiber  borrowed; NULL is fine
 * @dotnet       none
 */
SN_API void sn_fiber_cancel(sn_fiber *fiber);

/**
 * Whether a fiber has ended.
 *
 * @param fiber  borrowed; NULL gives true
 * @dotnet       none
 */
SN_API bool sn_fiber_is_over(const sn_fiber *fiber);

/** Where a fiber is. */
typedef enum sn_fiber_state {
    SN_FIBER_STARTING = 0, /* its first turn is to come */
    SN_FIBER_RUNNING = 1,
    SN_FIBER_WAITING = 2,
    SN_FIBER_OVER = 3
} sn_fiber_state;

/** A look at a fiber, which goes on meanwhile. */
typedef struct sn_fiber_info {
    size_t size;           /* sizeof(sn_fiber_info); set it before. 0: as it was in 0.2 */
    sn_fiber_state state;  /* where it is */
    sn_handle handle;      /* the descriptor that it waits in; SN_HANDLE_NONE: none */
    const char *waits_for; /* static: what, as "Receive" of SN_OPERATION_KIND_TABLE, or "Operation",
                            * "Poll", "Time", "Turn", "Lock", "Condition", "Semaphore", "Channel",
                            * "Group", "Offload"; "": it does not wait */
    sn_milliseconds since_ms; /* how long it has been there: to about 4 ms */
    uint64_t switches;        /* how often it has gone on */
    uint64_t number;          /* no other of the process has it; 1 for the first */
    sn_engine *engine;        /* borrowed: on which, as long as the program has not destroyed it */
    uint32_t thread;          /* which of the engine's, from 0 */
} sn_fiber_info;

/**
 * Looks at a fiber, from outside.
 *
 * @param fiber     borrowed
 * @param out_info  caller-provided: `size` is set; a later library writes no more than that
 *
 * @error   SN_ERROR_ARGUMENT_NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `size` is less than there ever was
 * @dotnet  none
 */
SN_API sn_error sn_fiber_get_info(const sn_fiber *fiber, sn_fiber_info *out_info);

/**
 * One more reference to a fiber.
 *
 * @param fiber  borrowed; NULL is fine
 * @return       the same
 * @dotnet       none
 */
SN_API sn_fiber *sn_fiber_retain(sn_fiber *fiber);

/**
 * Gives a reference back. A fiber goes on without any, until its body returns. The stack of one
 * that has ended is there until its last reference is given back: it has the fiber's record.
 *
 * @param fiber  NULL is fine
 * @dotnet       none
 */
SN_API void sn_fiber_release(sn_fiber *fiber);

/**
 * The fiber that calls.
 *
 * @return  borrowed; NULL outside of fibers, also in a callback and in the child of a fork that a
 *          fiber has made
 * @dotnet  none
 */
SN_API sn_fiber *sn_fiber_current(void);

/**
 * The name that a fiber was started with.
 *
 * @param fiber  borrowed; NULL gives ""
 * @return       borrowed from the fiber; "" for none
 * @dotnet       none
 */
SN_API const char *sn_fiber_get_name(const sn_fiber *fiber);

/**
 * Lets the others on the thread of this fiber have their turn. Outside of a fiber it does nothing.
 *
 * @return  SN_OK, or what a wait would end with: sn_cancellation_check()
 * @dotnet  Task.Yield()
 */
SN_API sn_error sn_fiber_yield(void);

/**
 * Waits for a time. Outside of a fiber the thread waits.
 *
 * @param span_ms  SN_FOREVER: until it is cancelled
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  less than SN_FOREVER
 * @error   SN_ERROR_INVALID_OPERATION      this is a callback
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_OPERATION_ABORTED, SN_ERROR_TIMED_OUT,
 *          SN_ERROR_INTERRUPTED  it has ended early
 * @dotnet  Task.Delay(int)
 */
SN_API sn_error sn_fiber_sleep(sn_milliseconds span_ms);

/**
 * Calls a function that may block its thread, on a thread that is there for that, while only this
 * fiber waits: reading a file, a long computation, another library. Outside of a fiber it is called
 * on the spot.
 *
 * The wait has no end but the function's: neither a cancel, nor a time limit, nor the end of the
 * engine make it shorter, and a fiber that was cancelled calls it all the same. `errno` and
 * thread-local variables in the function are those of its thread; sn_error_last_native() is handed
 * on.
 *
 * Each thread does one function at a time. It is started where none is idle, and ends when it has
 * been idle for ten seconds; see sn_fiber_set_offload_limit(). In the function there is no fiber
 * (sn_fiber_current() is NULL), and no scope of one.
 *
 * @param function  must not leave by an exception
 * @param context   borrowed: handed to `function`
 *
 * @return  what the function has returned
 * @error   SN_ERROR_ARGUMENT_NULL      there is no function
 * @error   SN_ERROR_INVALID_OPERATION  this is a callback, which nothing may hold up
 * @error   SN_ERROR_OUT_OF_MEMORY      there is no thread, and none can be started: it was not
 *                                      called
 * @dotnet  Task.Run(Func<Task>)
 */
SN_API sn_error sn_fiber_offload(sn_fiber_body function, void *context);

/**
 * How many functions of sn_fiber_offload() may run at the same time, in the whole process; further
 * ones wait for their turn, first in, first out. Where functions wait for each other, it has to be
 * more than those. 64 at first; those that run are left alone.
 *
 * @param limit  1 to 1024
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  0, or more than 1024
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_fiber_set_offload_limit(unsigned limit);

/**
 * The limit that holds now.
 *
 * @return  1 to 1024
 * @dotnet  none
 */
SN_API unsigned sn_fiber_get_offload_limit(void);

#ifdef __cplusplus
}
#endif

#endif
