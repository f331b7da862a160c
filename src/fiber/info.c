/* What is seen of a fiber from outside. */
#include "fiber/fiber_object.h"

#include <string.h>

#include "engine/engine.h"
#include "error/error.h"

#define SIZE_OF_0_2 (offsetof(sn_fiber_info, thread) + sizeof(uint32_t))

static const char *kind_name(uint32_t kind)
{
    switch (kind) {
#define X(id, number, name)                                                                        \
    case number: return name;
        SN_OPERATION_KIND_TABLE(X)
#undef X
    default: return "";
    }
}

static const char *wait_name(uint32_t wait)
{
    switch (wait) {
    case FLOW_WAIT_OPERATION: return "Operation";
    case FLOW_WAIT_POLL: return "Poll";
    case FLOW_WAIT_TIME: return "Time";
    case FLOW_WAIT_TURN: return "Turn";
    case FLOW_WAIT_LOCK: return "Lock";
    case FLOW_WAIT_CONDITION: return "Condition";
    case FLOW_WAIT_SEMAPHORE: return "Semaphore";
    case FLOW_WAIT_CHANNEL: return "Channel";
    case FLOW_WAIT_GROUP: return "Group";
    case FLOW_WAIT_OFFLOAD: return "Offload";
    default: return kind_name(wait);
    }
}

static void look(const sn_fiber *fiber, sn_fiber_info *info)
{
    info->state = sn_fiber_is_over(fiber) ? SN_FIBER_OVER
                                          : (sn_fiber_state)atomic_load_acquire(&fiber->state);
    bool is_waiting = info->state == SN_FIBER_WAITING;
    info->handle = is_waiting ? atomic_load_relaxed(&fiber->flow.handle) : SN_HANDLE_NONE;
    info->waits_for = is_waiting ? wait_name(atomic_load_relaxed(&fiber->flow.wait)) : "";
    info->switches = atomic_load_relaxed(&fiber->switches);
    info->number = fiber->number;
    info->engine = fiber->flow.worker->engine;
    info->thread = (uint32_t)(fiber->flow.worker - info->engine->workers);
    int64_t span_ns = sys_now_coarse() - atomic_load_relaxed(&fiber->since_ns);
    info->since_ms = span_ns > 0 ? span_ns / 1000000 : 0;
}

sn_error sn_fiber_get_info(const sn_fiber *fiber, sn_fiber_info *out_info)
{
    sn_error error = !fiber || !out_info ? SN_ERROR_ARGUMENT_NULL : SN_OK;
    if (!error && out_info->size != 0 && out_info->size < SIZE_OF_0_2)
        error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (error) {
        error_set_last_native(0);
        return error;
    }
    sn_fiber_info info = {.size = out_info->size ? out_info->size : SIZE_OF_0_2};
    look(fiber, &info);
    memcpy(out_info, &info, info.size < sizeof info ? info.size : sizeof info);
    return SN_OK;
}
