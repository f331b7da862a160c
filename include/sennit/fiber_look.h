/**
 * Fibers seen from outside: all of them, how many there are, and a stack that was too small.
 *
 * Fibers and callbacks may call all of it, and signals' handlers none.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_FIBER_LOOK_H
#define SENNIT_FIBER_LOOK_H

#include <sennit/error.h>
#include <sennit/fiber.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Is shown a fiber. It may do whatever its thread may do, but not leave by longjmp() or an
 * exception.
 *
 * @param fiber    borrowed: sn_fiber_get_info() and sn_fiber_get_name() tell of it; it may be over
 *                 already
 * @param context  as given to sn_fiber_visit()
 * @return         whether to go on with the others
 */
typedef bool (*sn_fiber_visitor)(sn_fiber *fiber, void *context);

/**
 * Shows all fibers of the process that have not ended, in no order. Nothing is held up: they go on
 * meanwhile, those that end are left out, and so are those that start. Of a forked child's, its
 * parent's are none.
 *
 * @param visitor  is called for each
 * @param context  borrowed: handed to `visitor`
 *
 * @error   SN_ERROR_ARGUMENT_NULL  there is no visitor
 * @dotnet  none
 */
SN_API sn_error sn_fiber_visit(sn_fiber_visitor visitor, void *context);

/**
 * Writes all fibers of the process that have not ended, a line each, and a line with their counts:
 *
 *     fiber 7 "reader": waiting for Receive on 12, 1480 ms, 20 switches, thread 0 of engine 0x...
 *
 * The time is how long it has been so. A fiber without a name has its address there. For people:
 * another version may write other words.
 *
 * @param to  borrowed: what is written to, as 2 for stderr, where it stays as it is. The thread
 *            waits where that is slow
 *
 * @error   as writing fails: SN_ERROR_NOT_SOCKET for no descriptor, say
 * @dotnet  none
 */
SN_API sn_error sn_fiber_dump(sn_handle to);

/** How many there are. `started` is what the others but `switches` make up. */
typedef struct sn_fiber_counts {
    uint64_t started;  /* ever, in this process */
    uint64_t ended;    /* the same */
    uint64_t starting; /* now: their first turn is to come */
    uint64_t running;  /* now: no more than there are threads; one that drives an engine, and its
                        * fibers, count each */
    uint64_t waiting;  /* now */
    uint64_t switches; /* how often one has gone on, ever */
} sn_fiber_counts;

/**
 * Counts the fibers of the process. It looks at each that has not ended, and holds starts and ends
 * up for that: some milliseconds with 100,000 of them. What happens meanwhile may be in one count
 * and not yet in another.
 *
 * @param out_counts  caller-provided
 * @param size        sizeof(sn_fiber_counts) as the program knows it: a later library writes no
 *                    more than that, an earlier one fills the rest with zero
 *
 * @error   SN_ERROR_ARGUMENT_NULL
 * @dotnet  none
 */
SN_API sn_error sn_fiber_get_counts(sn_fiber_counts *out_counts, size_t size);

/**
 * From now on a fiber whose stack overflows says so on stderr, with its name and the size, before
 * the process ends of it with SIGSEGV; without this it only ends. Fibers that run now are told of
 * it when they go on the next time. It cannot be undone.
 *
 * It takes the signals SIGSEGV and SIGBUS of the process: other faults are handed on to the
 * handlers that were there before, and a handler that the program sets later replaces it. Threads
 * with fibers get an alternate stack for handlers (sigaltstack) of 64 KiB, if they have none.
 *
 * @error   SN_ERROR_OUT_OF_MEMORY, or another as the system says it: nothing has changed
 * @dotnet  none
 */
SN_API sn_error sn_fiber_report_overflows(void);

#ifdef __cplusplus
}
#endif

#endif
