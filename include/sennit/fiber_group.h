/**
 * Groups of fibers: started together, waited for together, and when one fails the others end.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 * So may fibers and callbacks.
 */
#ifndef SENNIT_FIBER_GROUP_H
#define SENNIT_FIBER_GROUP_H

#include <sennit/fiber.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A group of fibers. Each is an ordinary fiber, and inside the group too: a cancel of the group
 * ends what it waits in, now and from now on, with SN_ERROR_OPERATION_CANCELED.
 */
typedef struct sn_fiber_group sn_fiber_group;

/** How to make a group. All zero is what most need. */
typedef struct sn_fiber_group_options {
    size_t size; /* sizeof(sn_fiber_group_options); 0: as it was in 0.2. Later ones may have more */
    bool ignores_errors; /* a fiber that returns an error does not cancel the others */
} sn_fiber_group_options;

/**
 * Makes a group, without any fibers.
 *
 * @param engine     borrowed, as long as fibers are started: where they run. NULL: that of the
 *                   fiber or callback that calls, else the default one
 * @param options    borrowed for the call; NULL: all zero
 * @param out_group  owned by the caller: sn_fiber_group_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          there is nowhere to write it
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the size of the options
 * @error   SN_ERROR_NOT_SUPPORTED          the options have more than this library knows, not zero
 * @error   SN_ERROR_INVALID_OPERATION      the engine belongs to the process that forked this one
 * @error   SN_ERROR_OUT_OF_MEMORY
 * @error   as sn_engine_default()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_fiber_group_create(sn_engine *engine,
                                                  const sn_fiber_group_options *options,
                                                  sn_fiber_group **out_group);

/**
 * One more reference to a group.
 *
 * @param group  borrowed; NULL is fine
 * @return       the same
 * @dotnet       none
 */
SN_API sn_fiber_group *sn_fiber_group_retain(sn_fiber_group *group);

/**
 * Gives a reference back. With the last one the group is cancelled: fibers that nobody will wait
 * for end soon. It does not wait for them.
 *
 * @param group  NULL is fine
 * @dotnet       none
 */
SN_API void sn_fiber_group_release(sn_fiber_group *group);

/**
 * Starts a fiber in a group, as sn_fiber_start(). Its error, if its body returns one, cancels the
 * group. In a group that is cancelled it runs all the same, and whatever it waits in ends at once.
 *
 * @param group      borrowed
 * @param body       what it does
 * @param context    borrowed: handed to `body`
 * @param options    borrowed for the call; NULL: all zero
 * @param out_fiber  owned by the caller: sn_fiber_release(); NULL: the group is enough
 *
 * @error   SN_ERROR_ARGUMENT_NULL      there is no group, or no body
 * @error   SN_ERROR_INVALID_OPERATION  the group belongs to the process that forked this one
 * @error   otherwise as sn_fiber_start()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_fiber_group_start(sn_fiber_group *group, sn_fiber_body body,
                                                 void *context, const sn_fiber_options *options,
                                                 sn_fiber **out_fiber);

/**
 * Cancels a group, for good: its fibers end as by sn_fiber_cancel(), and so do those that are
 * started from now on.
 *
 * @param group  borrowed; NULL is fine
 * @dotnet       none
 */
SN_API void sn_fiber_group_cancel(sn_fiber_group *group);

/**
 * Whether a group was cancelled, by the program or because a fiber has failed.
 *
 * @param group  borrowed; NULL gives false
 * @dotnet       none
 */
SN_API bool sn_fiber_group_is_canceled(const sn_fiber_group *group);

/**
 * How many fibers of a group have not ended.
 *
 * @param group  borrowed; NULL gives 0, and so does one of the process that forked this one
 * @dotnet       none
 */
SN_API size_t sn_fiber_group_get_count(const sn_fiber_group *group);

/**
 * Waits until all fibers of a group have ended, also those that these start in it meanwhile.
 *
 * What ends this wait early, a cancel of the fiber that calls, the end of its engine or of a scope,
 * is passed on: the group is cancelled, and the wait goes on until all have ended. So without a
 * time limit no fiber outlives it, but for two ends: a signal whose hook says so, and misuse.
 *
 * @param group            borrowed
 * @param timeout_ms       SN_FOREVER: without a limit; 0: only looks
 * @param out_first_error  caller-provided: the first error that a body has returned, SN_OK if none
 *                         has; NULL is fine
 *
 * @return  SN_OK: all have ended, whatever they have returned
 * @error   SN_ERROR_TIMED_OUT            some have not, and go on; or, once none is left
 *                                        (sn_fiber_group_get_count()), a scope's time was over
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_OPERATION_ABORTED  it was passed on, and all have
 *                                        ended
 * @error   SN_ERROR_INTERRUPTED          a signal came, and the hook ends the wait; all go on
 * @error   SN_ERROR_INVALID_OPERATION    some have not ended, and one of them is the one that
 *                                        calls; or this is a callback; or the thread that drives
 *                                        the engine; or the group belongs to the process that
 *                                        forked this one
 * @error   SN_ERROR_ARGUMENT_NULL        there is none
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  `timeout_ms` is less than SN_FOREVER
 * @dotnet  Task.WhenAll(IEnumerable)
 */
SN_MUST_USE SN_API sn_error sn_fiber_group_join(sn_fiber_group *group, sn_milliseconds timeout_ms,
                                                sn_error *out_first_error);

#ifdef __cplusplus
}
#endif

#endif
