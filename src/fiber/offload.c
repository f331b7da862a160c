/*
 * What blocks a thread, on one of a pool, while only the fiber waits.
 *
 * Nothing ends that wait but the function: its arguments are the fiber's, mostly on its stack.
 */
#include "fiber/fiber_object.h"

#include "error/error.h"
#include "pool/pool.h"

#define LIMIT_DEFAULT 64u

static struct pool threads = {POOL_INITIALIZER(threads), .limit = LIMIT_DEFAULT};

static void begin_anew(void)
{
    pool_begin_anew(&threads);
}

/* When the library is loaded, so that no fork is missed. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, begin_anew);
}

/* On the fiber's stack. */
struct offload {
    struct pool_task task;
    sn_error (*function)(void *context);
    void *context; /* borrowed */
    struct flow *flow;
    sn_error result;
    int native;       /* the last native error, as the function has left it */
    uint32_t is_done; /* atomic: nothing of this is touched any more */
};

static void run(struct pool_task *task)
{
    struct offload *offload = container_of(task, struct offload, task);
    struct flow *flow = offload->flow;
    uint32_t forks = sys_fork_count();
    error_set_last_native(0); /* not what another function has left on this thread */
    offload->result = offload->function(offload->context);
    offload->native = sn_error_last_native();
    if (forks != sys_fork_count())
        return; /* it has forked, and the child has this thread only: its fiber is the parent's */
    flow->class->retain(flow); /* it may go on, and end, as soon as it is done */
    atomic_store_release(&offload->is_done, 1u);
    flow->class->wake(flow);
    flow->class->release(flow);
}

static sn_error run_elsewhere(struct offload *offload)
{
    struct flow *flow = offload->flow;
    list_init(&offload->task.link);
    int32_t failed = pool_submit(&threads, &offload->task);
    if (failed) {
        error_set_last_native(-failed);
        return SN_ERROR_OUT_OF_MEMORY;
    }
    flow_note(flow, FLOW_WAIT_OFFLOAD, -1);
    while (!atomic_load_acquire(&offload->is_done))
        flow->class->sleep(flow, SYS_NEVER);
    error_set_last_native(offload->native);
    return offload->result;
}

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

sn_error sn_fiber_offload(sn_fiber_body function, void *context)
{
    if (!function)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (flow_must_not_wait())
        return misuse(SN_ERROR_INVALID_OPERATION);
    struct flow *flow = flow_current();
    if (!flow)
        return function(context);
    struct offload offload = {
        .task.run = run, .function = function, .context = context, .flow = flow};
    return run_elsewhere(&offload);
}

sn_error sn_fiber_set_offload_limit(unsigned limit)
{
    if (limit == 0 || limit > POOL_LIMIT_MAX)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    pool_set_limit(&threads, limit);
    return SN_OK;
}

unsigned sn_fiber_get_offload_limit(void)
{
    return pool_get_limit(&threads);
}
