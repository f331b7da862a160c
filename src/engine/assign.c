/* Which worker of which engine something gets: a descriptor, or an operation without one. */
#include "descriptor/descriptor.h"

#include "engine/engine_object.h"
#include "error/error.h"
#include "loop/loop.h"

struct worker *descriptor_bind(struct descriptor *descriptor, sn_engine *engine,
                               int32_t *out_native)
{
    *out_native = 0;
    struct worker *worker = atomic_load_acquire(&descriptor->worker);
    if (!worker) {
        sn_error error = engine ? SN_OK : sn_engine_default(&engine);
        if (error) {
            int native = sn_error_last_native();
            *out_native =
                error == SN_ERROR_OUT_OF_MEMORY || native == 0 ? OUTCOME_NO_MEMORY : -native;
            return NULL;
        }
        struct worker *next = engine_next_worker(engine);
        worker = next ? worker_bind(next, descriptor) : NULL;
    }
    return worker;
}

static sn_error refusal(sn_error error)
{
    error_set_last_native(0);
    return error;
}

sn_error external_begin(sn_engine *engine, sn_operation *operation,
                        const struct external_class *class)
{
    /* Seen here, nothing is begun for nothing; a cancel that comes later is the worker's. */
    sn_error error = sn_cancellation_get_reason(operation->cancellation);
    if (error)
        return refusal(error);
    error = engine ? SN_OK : sn_engine_default(&engine);
    if (error)
        return error;
    struct worker *worker = engine_next_worker(engine);
    if (!worker)
        return refusal(
            SN_ERROR_INVALID_OPERATION); /* it belongs to the process that forked this one */
    external_begin_on(worker, operation, class);
    return SN_OK;
}
