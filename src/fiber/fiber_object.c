#include "fiber/fiber_object.h"

void fiber_unref(sn_fiber *fiber)
{
    if (atomic_sub_acq_rel(&fiber->references, 1u) != 1)
        return;
    struct context_stack stack = fiber->stack;
    fiber->flow.worker->owner->release(fiber->flow.worker->engine);
    context_stack_give(&stack);
}

sn_fiber *sn_fiber_retain(sn_fiber *fiber)
{
    if (fiber)
        atomic_add_relaxed(&fiber->references, 1u);
    return fiber;
}

void sn_fiber_release(sn_fiber *fiber)
{
    if (fiber)
        fiber_unref(fiber);
}

const char *sn_fiber_get_name(const sn_fiber *fiber)
{
    return fiber ? fiber->name : "";
}
