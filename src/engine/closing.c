#include "engine/closing.h"

#include "engine/engine_object.h"
#include "engine/start.h"
#include "error/error.h"
#include "loop/loop.h"
#include "sys/sys.h"

/* The class's own part of the record. */
struct MAY_ALIAS closing {
    struct descriptor *descriptor; /* under its guard, atomic: NULL once it is answered */
    sn_operation *next;            /* under the guard: another one of the same descriptor */
    int32_t *out_handle;           /* of a detach, the program's: where the handle goes */
    bool has_worker;
    bool is_delivered; /* under the guard: it has gone there, so nothing ends the operation early */
};

static struct closing *closing_of(sn_operation *operation)
{
    struct external *external = external_of(operation);
    _Static_assert(sizeof(struct closing) <= sizeof external->own, "fits");
    return (struct closing *)(void *)external->own;
}

/* Under the guard. */
static void take_out(struct descriptor *descriptor, sn_operation *operation)
{
    sn_operation **link = &descriptor->closings;
    while (*link != operation)
        link = &closing_of(*link)->next;
    *link = closing_of(operation)->next;
}

static void resume(sn_operation *operation)
{
    (void)operation; /* it has no result but that it is over */
}

/* The guard is found by the descriptor's address alone, and while the operation still has that
 * under the guard, the record is there. */
static bool abandon(sn_operation *operation)
{
    struct closing *closing = closing_of(operation);
    struct descriptor *descriptor = atomic_load_acquire(&closing->descriptor);
    if (!descriptor)
        return false;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool is_linked = closing->descriptor != NULL && !closing->is_delivered;
    if (is_linked) {
        take_out(descriptor, operation);
        atomic_store_release(&closing->descriptor, (struct descriptor *)NULL);
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_linked;
}

static const struct external_class class = {.on_resume = resume, .on_abandon = abandon};

/* The engine may be destroyed meanwhile, or be gone: `worker` is NULL or has a reference. */
static sn_error begin(struct worker *worker, sn_operation *operation)
{
    if (!worker)
        return external_begin(NULL, operation, &class);
    external_begin_on(worker, operation, &class);
    return SN_OK;
}

/* False when it is closed already. */
static bool link_to(struct descriptor *descriptor, sn_operation *operation)
{
    struct closing *closing = closing_of(operation);
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool is_open = !descriptor_is_closed(descriptor);
    if (is_open) {
        atomic_store_release(&closing->descriptor, descriptor);
        closing->next = descriptor->closings;
        descriptor->closings = operation;
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_open;
}

static void complete(sn_operation *operation, bool has_worker)
{
    if (has_worker)
        external_answer(operation);
    else
        operation_conclude(operation, NULL);
}

/* Its program waits in sn_engine_run(), which returns for what completes there, and any thread may
 * give back the last reference. */
static bool is_driven(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    bool is = worker && worker->engine->threads == 0 && !descriptor_is_closed(descriptor);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is;
}

static void start(struct descriptor *descriptor, sn_operation *operation, bool has_worker,
                  struct worker *worker)
{
    sn_error error = has_worker ? begin(worker, operation) : SN_OK;
    if (error) {
        operation->error = error;
        operation->native_error = sn_error_last_native();
        operation_refuse(descriptor, operation);
        return;
    }
    *closing_of(operation) = (struct closing){.has_worker = has_worker};
    trace_operation_start(operation, operation->kind, -1);
    if (!link_to(descriptor, operation))
        complete(operation, has_worker); /* may come before its start, see external.h */
    if (has_worker)
        external_start(operation);
}

static bool wants_worker(struct descriptor *descriptor, const sn_operation *operation)
{
    return operation->completed || operation->timeout_ms > 0 || operation->cancellation ||
           is_driven(descriptor);
}

void closing_start(struct descriptor *descriptor, sn_operation *operation)
{
    bool has_worker = wants_worker(descriptor, operation);
    /* For as long as it is being started: its answer may come, and go, before. */
    struct worker *worker = has_worker ? worker_ref_of(descriptor) : NULL;
    start(descriptor, operation, has_worker, worker);
    if (worker)
        worker_unref(worker);
}

/* --- A detach -------------------------------------------------------------------------------- */

/* The caller has a reference of what is closing, so it is linked in any case. */
static void link_detach(struct descriptor *descriptor, sn_operation *operation, int32_t *out_handle,
                        bool has_worker)
{
    *closing_of(operation) = (struct closing){.out_handle = out_handle, .has_worker = has_worker};
    trace_operation_start(operation, operation->kind, -1);
    bool is_linked = link_to(descriptor, operation);
    assert(is_linked);
    (void)is_linked;
    if (has_worker)
        external_start(operation);
}

sn_error closing_start_detach(struct descriptor *descriptor, sn_operation *operation, bool blocking,
                              int32_t *out_handle)
{
    bool has_worker = wants_worker(descriptor, operation);
    struct worker *worker = has_worker ? worker_ref_of(descriptor) : NULL;
    sn_error error = has_worker ? begin(worker, operation) : SN_OK;
    if (!error && !descriptor_begin_detach(descriptor, blocking)) {
        if (has_worker)
            external_undo(operation);
        error = SN_ERROR_OBJECT_DISPOSED;
    }
    if (!error)
        link_detach(descriptor, operation, out_handle, has_worker);
    if (worker)
        worker_unref(worker);
    return error;
}

bool closing_deliver(struct descriptor *descriptor, int32_t handle)
{
    const uint32_t left_blocking = DESCRIPTOR_LEFT_BLOCKING;
    bool is_blocking = (atomic_load_acquire(&descriptor->marks) & left_blocking) != 0;
    bool is_wanted = false;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    for (sn_operation *at = descriptor->closings; at && !is_wanted; at = closing_of(at)->next) {
        struct closing *closing = closing_of(at);
        is_wanted = closing->out_handle != NULL;
        if (is_wanted) {
            closing->is_delivered = true;
            *closing->out_handle = handle;
        }
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (is_wanted)
        sys_give_back(handle, is_blocking ? SYS_WAS_BLOCKING : 0);
    return is_wanted;
}

/* --- Its end --------------------------------------------------------------------------------- */

void closing_finish(struct descriptor *descriptor)
{
    sn_operation *operation;
    do {
        bool has_worker = false;
        guard_acquire(GUARD_DESCRIPTOR, descriptor);
        operation = descriptor->closings;
        if (operation) {
            struct closing *closing = closing_of(operation);
            descriptor->closings = closing->next;
            has_worker = closing->has_worker;
            atomic_store_release(&closing->descriptor, (struct descriptor *)NULL);
        }
        guard_release(GUARD_DESCRIPTOR, descriptor);
        if (operation)
            complete(operation, has_worker);
    } while (operation);
}
