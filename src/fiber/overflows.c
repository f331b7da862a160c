/* Stacks of fibers that overflow. */
#include "fiber/overflows.h"

#include <errno.h>

#include <sennit/fiber_look.h>

#include "error/error.h"

uint32_t overflows_are_reported;

/* In a signal's handler, on the thread whose fault it is. */
static bool running(struct context_running *out_running)
{
    const sn_fiber *fiber = fiber_running();
    if (!fiber)
        return false;
    *out_running = (struct context_running){.stack = &fiber->stack,
                                            .kind = "fiber",
                                            .name = fiber->name,
                                            .advice = "start it with a larger stack_size"};
    return true;
}

/* A thread without memory for its handlers does without the message; its fibers run all the same.
 */
void overflows_prepare_thread(void)
{
    (void)context_prepare_thread();
}

/* A fiber that calls goes on without being switched to, maybe into its overflow. */
sn_error sn_fiber_report_overflows(void)
{
    int32_t failed = context_watch_overflows(running);
    if (!failed && fiber_running())
        failed = context_prepare_thread();
    if (failed) {
        error_set_last_native(-failed);
        return failed == -ENOMEM ? SN_ERROR_OUT_OF_MEMORY : sn_error_from_native(-failed);
    }
    atomic_store_relaxed(&overflows_are_reported, 1u);
    return SN_OK;
}
