#include "engine/external.h"

#include "engine/cancel.h"
#include "engine/engine_object.h"
#include "error/error.h"

static struct worker *worker_of(const sn_operation *operation)
{
    assert(!operation->internal.owner);
    return operation->internal.detail;
}

static sn_error refusal(sn_error error)
{
    error_set_last_native(0);
    return error;
}

void external_begin_on(struct worker *worker, sn_operation *operation,
                       const struct external_class *class)
{
    bool is_there = worker_ref(worker);
    assert(is_there);
    (void)is_there;
    operation->internal.action = ACTION_EXTERNAL;
    operation->internal.detail = worker;
    *external_of(operation) = (struct external){.class = class};
}

sn_error external_begin(sn_engine *engine, sn_operation *operation,
                        const struct external_class *class)
{
    /* Seen here, nothing is begun for nothing; a cancel that comes later is the worker's. */
    if (sn_cancellation_is_cancelled(operation->cancellation))
        return refusal(SN_ERROR_OPERATION_CANCELED);
    sn_error error = engine ? SN_OK : sn_engine_default(&engine);
    if (error)
        return error;
    struct worker *worker = engine_next_worker(engine);
    if (!worker)
        return refusal(
            SN_ERROR_INVALID_OPERATION); /* it belongs to the process that forked this one */
    external_begin_on(worker, operation, class);
    return SN_OK;
}

void external_start(sn_operation *operation)
{
    /* What it waits for is under way, so the worker has to abandon it. */
    if (!cancellation_link(operation))
        operation->internal.marks |= MARK_CANCELED;
    worker_start(worker_of(operation), operation);
}

void external_undo(sn_operation *operation)
{
    worker_unref(worker_of(operation));
}

/* The worker may complete the operation as soon as it is pushed, and its program may destroy the
 * engine then. So the worker is noted before, and stays until this has let go of it. */
void external_answer(sn_operation *operation)
{
    struct worker *worker = worker_of(operation);
    worker_answer(worker, operation);
    worker_unref(worker);
}

bool external_abandon(sn_operation *operation)
{
    if (!external_of(operation)->class->on_abandon(operation))
        return false;
    worker_unref(worker_of(operation));
    return true;
}
