/* The tie between a descriptor and its worker, for as long as it lasts. */
#include "descriptor/descriptor.h"

#include "loop/kept.h"
#include "loop/worker.h"
#include "sys/sys.h"

/* At once and not with the first operation: an accepted socket may never have one, and must be let
 * go of all the same when the engine is destroyed. */
static void adopt(struct worker *worker, struct descriptor *descriptor)
{
    lock_acquire(&worker->lock);
    list_append(&worker->descriptors, &descriptor->worker_link);
    lock_release(&worker->lock);
}

/* Under the lock, which a close takes too after it has set its mark: so either the close sees the
 * worker, or this sees the mark. */
struct worker *worker_bind(struct worker *worker, struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *bound = descriptor->worker;
    if (!bound && !descriptor_is_closing(descriptor)) {
        atomic_add_acq_rel(&descriptor->refs, 1); /* the worker's, until it lets go */
        adopt(worker, descriptor);
        worker->owner->retain(worker->engine);
        atomic_store_release(&descriptor->worker, worker);
        bound = worker;
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return bound;
}

/* Under the guard: the descriptor keeps the record of its worker, and the end of the engine takes
 * it away. */
struct worker *worker_ref_of(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    if (worker && (worker_is_foreign(worker) || !worker_ref(worker)))
        worker = NULL;
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return worker;
}

/* Under the guard, by its closer: whether all references are the closer's and the worker's. Then
 * nothing is pending or on its way, and no batch of events can name a stream that is not watched.
 */
static bool is_forgotten_by_worker(const struct descriptor *descriptor)
{
    const uint32_t others = DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES | DESCRIPTOR_RELEASED;
    return descriptor->worker && descriptor->watched < 0 &&
           !(atomic_load_relaxed(&descriptor->marks) & others) &&
           atomic_load_acquire(&descriptor->refs) == 2;
}

/* The end of the engine may be quicker, which takes them out of the list first. */
static bool leave(struct worker *worker, struct descriptor *descriptor)
{
    lock_acquire(&worker->lock);
    bool is_linked = !list_is_empty(&descriptor->worker_link);
    list_remove(&descriptor->worker_link);
    lock_release(&worker->lock);
    if (is_linked)
        atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_RELEASED);
    return is_linked;
}

bool worker_release_unasked(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    bool has_left = is_forgotten_by_worker(descriptor) && leave(descriptor->worker, descriptor);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (has_left)
        descriptor_unref(descriptor); /* what worker_bind() entered */
    return has_left;
}

void descriptor_unbind(struct descriptor *descriptor)
{
    descriptor_forget(descriptor);
    descriptor->ready = READY_UNKNOWN;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    atomic_store_release(&descriptor->worker, (struct worker *)NULL);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    kept_end(descriptor, OUTCOME_STOPPED);
    worker->owner->release(worker->engine);
    descriptor_unref(descriptor);
}

void descriptor_deinit(struct descriptor *descriptor)
{
    assert(!descriptor->waiters);
    assert(list_is_empty(&descriptor->worker_link));
    struct worker *worker = descriptor->worker;
    if (worker)
        worker->owner->release(worker->engine);
}

/* --- What its back-end knows of it ------------------------------------------------------------ */

/* Under the guard. Said while the handle still names the file: a forked child, or another handle,
 * may keep the file open, and then nothing but this ends its registration. Events would go on to
 * name the record, which may be freed long before the file ends. */
void descriptor_forget_held(struct descriptor *descriptor)
{
    struct worker *worker = descriptor->worker;
    if (descriptor->watched >= 0)
        worker->made.class->forget(worker->made.backend, descriptor);
}

void descriptor_forget(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    descriptor_forget_held(descriptor);
    guard_release(GUARD_DESCRIPTOR, descriptor);
}
