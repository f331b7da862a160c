/* How other threads come to a worker: whether it is there for them, and how it is woken. */
#include "loop/worker.h"

#include "sys/sys.h"

bool worker_is_foreign(const struct worker *worker)
{
    return worker->forks != sys_fork_count();
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

void worker_wake(struct worker *worker)
{
    sys_wake_signal(worker->host.wake_handle);
    int32_t watched = atomic_load_acquire(&worker->host.watched);
    if (watched >= 0)
        sys_wake_signal(watched);
}
