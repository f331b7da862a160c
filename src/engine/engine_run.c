/* Engines that their program drives. */
#include "engine/engine_object.h"

#include <errno.h>
#include <limits.h>

#include "descriptor/descriptor.h"
#include "error/error.h"
#include "sys/sys.h"

/* The first thread that asks becomes the driver: a ring serves one thread only. */
static sn_error claim(sn_engine *engine)
{
    if (!engine)
        return SN_ERROR_ARGUMENT_NULL;
    if (engine->threads > 0 || engine_is_foreign(engine))
        return SN_ERROR_INVALID_OPERATION;
    uint64_t driver = atomic_load_acquire(&engine->driver), self = sys_thread_number();
    bool is_driver =
        driver == self || (driver == 0 && atomic_replace_acq_rel(&engine->driver, &driver, self));
    return is_driver ? SN_OK : SN_ERROR_INVALID_OPERATION;
}

static sn_error native_error(int32_t native)
{
    if (native == OUTCOME_NO_MEMORY)
        native = -ENOMEM;
    error_set_last_native(-native);
    return native == -ENOMEM ? SN_ERROR_OUT_OF_MEMORY : sn_error_from_native(-native);
}

static sn_error prepare(sn_engine *engine)
{
    sn_error error = claim(engine);
    if (error) {
        error_set_last_native(0);
        return error;
    }
    struct worker *worker = engine->workers;
    int32_t native = 0;
    uint64_t self = atomic_load_relaxed(&engine->driver);
    if (unlikely(engine->maker != self)) {
        native = worker_open_anew(worker, engine->queue_size);
        engine->maker = native < 0 ? 0 : self;
    }
    return native < 0 ? native_error(native) : SN_OK;
}

static bool has_time(int64_t deadline_ns)
{
    return deadline_ns == SYS_NEVER || (deadline_ns != 0 && sys_now() < deadline_ns);
}

/* Until something has completed, the time is over, or a signal has come: a wait can also end
 * because of something that completes nothing. */
static uint64_t drive(struct worker *worker, int64_t deadline_ns)
{
    uint64_t before = worker->count;
    worker->host.was_interrupted = false;
    struct flow *flow = flow_suspend();
    worker->outer = worker_current(); /* another engine may be driven in this one's callback */
    worker_set_current(worker);
    atomic_store_release(&worker->is_running, true);
    do {
        worker_turn(worker, deadline_ns);
        if (engine_is_foreign(worker->engine))
            return 0;
    } while (worker->count == before && !worker_failure(worker) && has_time(deadline_ns) &&
             !worker->host.was_interrupted);
    atomic_store_release(&worker->is_running, false);
    worker_set_current(worker->outer);
    flow_resume(flow);
    return worker->count - before;
}

sn_error sn_engine_run(sn_engine *engine, sn_milliseconds timeout_ms, size_t *out_count)
{
    if (timeout_ms < SN_FOREVER)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    sn_error error = prepare(engine);
    if (error)
        return error;
    struct worker *worker = engine->workers;
    if (atomic_load_relaxed(&worker->is_running))
        return SN_ERROR_INVALID_OPERATION;
    int64_t deadline_ns = worker_failure(worker) ? 0 : deadline_of_wait(timeout_ms);
    uint64_t count;
    bool is_ended = false;
    do {
        count = drive(worker, deadline_ns);
        if (engine_is_foreign(engine)) { /* a callback has forked, and this is the child */
            error_set_last_native(0);
            return SN_ERROR_INVALID_OPERATION;
        }
        is_ended = worker->host.was_interrupted && interrupt_ends_wait();
    } while (count == 0 && !is_ended && !worker_failure(worker) && has_time(deadline_ns));
    if (is_ended && count == 0)
        return native_error(-EINTR);
    int32_t failure = worker_failure(worker);
    if (failure)
        return native_error(failure);
    if (out_count)
        *out_count = (size_t)count;
    return SN_OK;
}

sn_error sn_engine_get_handle(sn_engine *engine, sn_handle *out_handle)
{
    if (!out_handle)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = prepare(engine);
    if (error)
        return error;
    int32_t handle = worker_handle(engine->workers);
    if (handle < 0)
        return native_error(handle);
    *out_handle = handle;
    return SN_OK;
}

sn_error sn_engine_get_timeout(sn_engine *engine, sn_milliseconds *out_timeout_ms)
{
    if (!out_timeout_ms)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = prepare(engine);
    if (error)
        return error;
    int64_t deadline_ns = worker_next_deadline(engine->workers);
    if (deadline_ns == SYS_NEVER) {
        *out_timeout_ms = SN_FOREVER;
        return SN_OK;
    }
    int64_t rest_ns = deadline_ns > 0 ? deadline_ns - sys_now() : 0;
    int64_t rest_ms = rest_ns > 0 ? (rest_ns + 999999) / 1000000 : 0;
    *out_timeout_ms = rest_ms > INT_MAX ? INT_MAX : rest_ms;
    return SN_OK;
}
