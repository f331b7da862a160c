/* Which worker a descriptor belongs to. */
#include "engine/descriptor.h"

#include "engine/engine_object.h"
#include "engine/wait.h"
#include "engine/worker.h"
#include "error/error.h"

/* Under the lock, which a close takes too after it has set its mark: so either the close sees the
 * worker, or this sees the mark. */
static struct worker *bind_to(struct descriptor *descriptor, struct worker *worker)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *bound = descriptor->worker;
    if (!bound && !descriptor_is_closing(descriptor)) {
        atomic_add_acq_rel(&descriptor->refs, 1); /* the worker's, until it lets go */
        worker_adopt(worker, descriptor);
        engine_retain(worker->engine);
        atomic_store_release(&descriptor->worker, worker);
        bound = worker;
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return bound;
}

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
        worker = next ? bind_to(descriptor, next) : NULL;
    }
    return worker;
}

bool worker_ref(struct worker *worker)
{
    uint32_t refs = atomic_load_relaxed(&worker->refs);
    do {
        if (refs & WORKER_SHUT)
            return false;
    } while (!atomic_replace_acq_rel(&worker->refs, &refs, refs + 1));
    return true;
}

void worker_unref(struct worker *worker)
{
    uint32_t before = atomic_sub_acq_rel(&worker->refs, 1u);
    assert((before & ~WORKER_SHUT) > 0);
    (void)before;
}

/* Under the guard: the descriptor keeps the record of its worker, and the end of the engine takes
 * it away. */
struct worker *worker_ref_of(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    if (worker && (engine_is_foreign(worker->engine) || !worker_ref(worker)))
        worker = NULL;
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return worker;
}

void descriptor_unbind(struct descriptor *descriptor)
{
    descriptor_forget(descriptor);
    descriptor->ready = READY_UNKNOWN;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    sn_engine *engine = descriptor->worker->engine;
    atomic_store_release(&descriptor->worker, (struct worker *)NULL);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    engine_release(engine);
    descriptor_unref(descriptor);
}
