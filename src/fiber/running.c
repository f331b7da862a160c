/* How a fiber goes on and steps aside, from its first turn to its last. */
#include "fiber/fiber_object.h"

#include <errno.h>

#include "error/error.h"
#include "fiber/overflows.h"
#include "fiber/registry.h"

/* --- On the worker's stack -------------------------------------------------------------------- */

static void end(sn_fiber *fiber)
{
    context_end(&fiber->context);
    if (fiber->event >= 0)
        (void)sys_close(fiber->event);
    fiber->event = -1;
    trace_fiber_end(fiber, (int)fiber->result);
    registry_leave(fiber);
    fiber->life.error = fiber->result;
    task_end(&fiber->life);
}

/* Until it steps aside. What runs now may be a fiber itself, in which another engine is driven. */
static void go_on(sn_fiber *fiber)
{
    struct context here;
    context_init_own(&here);
    overflows_prepare();
    struct thread_words *words = &thread_words;
    struct scope *scopes = words->scope;
    struct flow *flow = words->flow;
    words->scope = NULL;
    words->flow = &fiber->flow;
    struct exceptions *exceptions = exceptions_of_thread();
    exceptions_exchange(exceptions, &fiber->exceptions);
    fiber->resumer = &here;
    atomic_store_relaxed(&fiber->state, (uint32_t)SN_FIBER_RUNNING);
    atomic_store_relaxed(&fiber->switches, fiber->switches + 1);
    trace_fiber_in(fiber);
    context_switch(&here, &fiber->context);
    fiber->resumer = NULL;
    exceptions_exchange(exceptions, &fiber->exceptions);
    words->flow = flow;
    words->scope = scopes;
    if (unlikely(fiber->is_over))
        end(fiber);
}

/* --- On its own ------------------------------------------------------------------------------- */

/* With what the body has entered inside it and not left. */
static void leave_scopes(struct scope *scope)
{
    while (thread_words.scope != scope)
        (void)sn_cancellation_leave((sn_cancellation_scope *)(void *)thread_words.scope);
    scope_leave(scope);
}

static sn_error run_body(sn_fiber *fiber)
{
    struct scope scope;
    if (!fiber->owner)
        return fiber->body(fiber->body_context);
    scope_enter(&scope, &fiber->owner->point);
    sn_error result = fiber->body(fiber->body_context);
    leave_scopes(&scope);
    return result;
}

static void run(void *argument)
{
    sn_fiber *fiber = argument;
    scope_enter(&fiber->scope, &fiber->point);
    fiber->result = run_body(fiber);
    leave_scopes(&fiber->scope);
    fiber->is_over = true;
    context_leave(&fiber->context, fiber->resumer);
}

void fiber_prepare(sn_fiber *fiber)
{
    context_make(&fiber->context, &fiber->stack, run, fiber);
}

/* What belongs to a thread and is the fiber's own while it runs. It goes on on the same thread. */
static void step_aside(sn_fiber *fiber)
{
    struct thread_words *words = &thread_words;
    struct scope *scopes = words->scope;
    int native = words->last_native;
    int *place = &errno, code = *place;
    atomic_store_relaxed(&fiber->since_ns, sys_now_coarse());
    atomic_store_release(&fiber->state, (uint32_t)SN_FIBER_WAITING);
    trace_fiber_out(fiber, atomic_load_relaxed(&fiber->flow.wait),
                    atomic_load_relaxed(&fiber->flow.handle));
    context_switch(&fiber->context, fiber->resumer);
    *place = code;
    words->last_native = native;
    words->scope = scopes;
}

static void sleep_until(struct flow *flow, int64_t deadline_ns)
{
    sn_fiber *fiber = fiber_of(flow);
    if (likely(deadline_ns == SYS_NEVER)) {
        step_aside(fiber);
        return;
    }
    task_set_deadline(&fiber->life, deadline_ns > 0 ? deadline_ns : 1);
    step_aside(fiber);
    task_set_deadline(&fiber->life, 0);
}

/* --- Waking ----------------------------------------------------------------------------------- */

static void wake(struct flow *flow)
{
    task_post(&fiber_of(flow)->life);
}

static void go_on_now(struct flow *flow)
{
    if (likely(!fiber_of(flow)->resumer))
        go_on(fiber_of(flow));
}

/* The worker's record has to be there for the wake that is to come, whether or not it finds the
 * fiber alive. */
static void retain(struct flow *flow)
{
    bool is_there = worker_ref(flow->worker); /* the fiber has a reference until then */
    assert(is_there);
    (void)is_there;
    (void)sn_fiber_retain(fiber_of(flow));
}

static void release(struct flow *flow)
{
    worker_unref(flow->worker);
    fiber_unref(fiber_of(flow));
}

const struct flow_class fiber_flow = {
    .sleep = sleep_until,
    .wake = wake,
    .go_on = go_on_now,
    .retain = retain,
    .release = release,
    .event = fiber_event,
    .poll = fiber_poll,
};

/* --- The task --------------------------------------------------------------------------------- */

static sn_fiber *fiber_of_life(sn_operation *life)
{
    return container_of(life, struct sn_fiber, life);
}

static void turn(sn_operation *life)
{
    go_on_now(&fiber_of_life(life)->flow);
}

static void stop(sn_operation *life)
{
    cancel_point_end(&fiber_of_life(life)->point, SN_ERROR_OPERATION_ABORTED);
}

const struct task_class fiber_task = {.turn = turn, .stop = stop};
