/* Starting fibers, waiting for them, cancelling them. */
#include "fiber/fiber_object.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "engine/engine.h"
#include "error/error.h"
#include "fiber/registry.h"

#define SIZE_OF_0_2 (offsetof(sn_fiber_options, name) + sizeof(const char *))

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

/* --- Starting --------------------------------------------------------------------------------- */

static sn_error check_options(sn_fiber_options *options)
{
    if (options->stack_size == 0)
        options->stack_size = CONTEXT_STACK_SIZE;
    if (options->stack_size < CONTEXT_STACK_SIZE_MIN ||
        options->stack_size > CONTEXT_STACK_SIZE_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (!options->name)
        options->name = "";
    return strnlen(options->name, FIBER_NAME_MAX + 1) > FIBER_NAME_MAX ? SN_ERROR_ARGUMENT : SN_OK;
}

static sn_error read_options(const sn_fiber_options *given, sn_fiber_options *out)
{
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return check_options(out);
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

static void completed(sn_operation *life)
{
    sn_fiber *fiber = container_of(life, struct sn_fiber, life);
    if (fiber->owner)
        fiber->owner->on_end(fiber->owner, fiber->result);
    fiber_unref(fiber);
}

static sn_error no_stack(int32_t native)
{
    error_set_last_native(-native);
    return native == -ENOSYS ? SN_ERROR_PLATFORM_NOT_SUPPORTED : SN_ERROR_OUT_OF_MEMORY;
}

static sn_error make(const sn_fiber_options *options, sn_fiber **out_fiber)
{
    struct context_stack stack;
    int32_t native = context_stack_take(&stack, options->stack_size);
    if (native < 0)
        return no_stack(native);
    sn_fiber *fiber = context_stack_reserve(&stack, sizeof *fiber);
    memset(fiber, 0, sizeof *fiber);
    fiber->stack = stack;
    memcpy(fiber->name, options->name, strlen(options->name));
    fiber->flow.class = &fiber_flow;
    fiber->forks = sys_fork_count();
    fiber->event = -1;
    fiber->since_ns = sys_now_coarse();
    fiber->references = 1;
    cancel_point_init(&fiber->point);
    fiber_prepare(fiber);
    *out_fiber = fiber;
    return SN_OK;
}

static sn_error worker_for(sn_engine *engine, struct worker **out_worker)
{
    const struct worker *current = worker_current();
    sn_error error = SN_OK;
    if (!engine && current)
        engine = current->engine;
    if (!engine)
        error = sn_engine_default(&engine);
    if (error)
        return error;
    *out_worker = engine_next_worker(engine);
    return *out_worker ? SN_OK : misuse(SN_ERROR_INVALID_OPERATION);
}

sn_error fiber_start(struct fiber_owner *owner, sn_engine *engine, sn_fiber_body body,
                     void *context, const sn_fiber_options *options, sn_fiber **out_fiber)
{
    sn_fiber_options read;
    struct worker *worker;
    sn_fiber *fiber;
    if (!body)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = read_options(options, &read);
    if (error)
        return misuse(error);
    error = worker_for(engine, &worker);
    if (!error)
        error = make(&read, &fiber);
    if (error)
        return error;
    fiber->owner = owner;
    fiber->body = body;
    fiber->body_context = context;
    fiber->flow.worker = worker;
    worker->owner->retain(worker->engine); /* its memory, for as long as there is the fiber's */
    if (out_fiber)
        *out_fiber = sn_fiber_retain(fiber);
    fiber->life.completed = completed;
    (void)operation_begin(&fiber->life, SN_OPERATION_FIBER);
    registry_enter(fiber);
    trace_fiber_start(fiber, fiber->number, fiber->name);
    task_start(worker, &fiber->life, &fiber_task);
    return SN_OK;
}

sn_error sn_fiber_start(sn_engine *engine, sn_fiber_body body, void *context,
                        const sn_fiber_options *options, sn_fiber **out_fiber)
{
    return fiber_start(NULL, engine, body, context, options, out_fiber);
}

/* --- Its end ---------------------------------------------------------------------------------- */

/* The thread that drives its engine would wait for what it does itself. */
static bool waits_for_itself(const sn_fiber *fiber)
{
    if (fiber == fiber_running() || fiber->forks != sys_fork_count())
        return true;
    const sn_engine *engine = fiber->flow.worker->engine;
    return !flow_current() && engine->threads == 0 &&
           atomic_load_acquire(&engine->driver) == sys_thread_number();
}

/* Its worker is there until it has ended, and the engine's memory with it. */
static sn_error wait_for(sn_fiber *fiber, sn_milliseconds timeout_ms)
{
    if (sn_fiber_is_over(fiber))
        return SN_OK;
    if (waits_for_itself(fiber))
        return SN_ERROR_INVALID_OPERATION;
    sn_error error = sn_operation_wait_for(&fiber->life, timeout_ms);
    return operation_is_pending(&fiber->life) ? error : SN_OK;
}

sn_error sn_fiber_join(sn_fiber *fiber, sn_milliseconds timeout_ms, sn_error *out_result)
{
    if (!fiber)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    sn_error error = wait_for(fiber, timeout_ms);
    if (error)
        return misuse(error);
    if (out_result)
        *out_result = fiber->result;
    return SN_OK;
}

bool sn_fiber_is_over(const sn_fiber *fiber)
{
    return !fiber || !operation_is_pending(&fiber->life);
}

void sn_fiber_cancel(sn_fiber *fiber)
{
    if (fiber && fiber->forks == sys_fork_count())
        cancel_point_end(&fiber->point, SN_ERROR_OPERATION_CANCELED);
}

/* --- By a fiber ------------------------------------------------------------------------------- */

sn_fiber *sn_fiber_current(void)
{
    return fiber_running();
}

sn_error sn_fiber_yield(void)
{
    struct flow *flow = flow_current();
    if (flow) {
        flow_note(flow, FLOW_WAIT_TURN, -1);
        flow->class->wake(flow);
        flow->class->sleep(flow, SYS_NEVER);
    }
    return sn_cancellation_check();
}

static sn_error sleep_as_flow(struct flow *flow, int64_t deadline_ns)
{
    int32_t outcome = 0;
    flow_note(flow, FLOW_WAIT_TIME, -1);
    while (!outcome && sys_now() < deadline_ns) {
        outcome = scope_before_sleep(-1);
        if (!outcome)
            flow->class->sleep(flow, deadline_ns);
    }
    return outcome ? misuse(scope_error(outcome)) : SN_OK;
}

/* The event is what ends of scopes signal. */
static sn_error sleep_as_thread(int64_t deadline_ns)
{
    struct sys_poll wake = {.handle = thread_wake(), .events = POLLIN};
    int32_t result = wake.handle;
    while (result >= 0 || result == -EINTR) {
        result = waiter_poll(&wake, 1, deadline_ns);
        if (result == 0)
            return SN_OK;
        if (result == -EINTR && interrupt_ends_wait())
            return misuse(SN_ERROR_INTERRUPTED);
        if (scope_outcome())
            return misuse(scope_error(scope_outcome()));
        if (result > 0)
            sys_wake_drain(wake.handle);
    }
    error_set_last_native(-result);
    return sn_error_from_native(-result);
}

sn_error sn_fiber_sleep(sn_milliseconds span_ms)
{
    struct flow *flow = flow_current();
    if (span_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (flow_must_not_wait())
        return misuse(SN_ERROR_INVALID_OPERATION);
    int64_t deadline_ns = deadline_of_wait(span_ms);
    return flow ? sleep_as_flow(flow, deadline_ns) : sleep_as_thread(deadline_ns);
}
