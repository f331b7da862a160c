/* Waits that fail: the worker makes the next one soon, or comes to its end with all that it has. */
#include <errno.h>

#include "descriptor/descriptor.h"
#include "loop/inside.h"
#include "loop/task.h"
#include "sys/sys.h"

/* A wait that fails is made again: at once, then after pauses that grow up to this one, and not any
 * more after so much time without one that succeeds. */
#define PAUSE_NS_MAX INT64_C(50000000)
#define FAILING_NS   INT64_C(1000000000)

static sn_operation *waiter_of(struct list *link)
{
    return record_operation(container_of((void *)link, struct record, wait_link));
}

/* Each is told once, and goes on to its own end. */
static void stop_tasks(struct worker *worker)
{
    struct list *link = worker->tasks.next;
    for (; link != &worker->tasks; link = link->next) {
        sn_operation *task = task_operation(link);
        if (!task_of(task)->is_stopped)
            worker_end(worker, task, MARK_STOPPED);
    }
}

/*
 * Without the lock while one is ended: that may wait for a cancel, which holds its own lock while
 * it looks at a descriptor, and who enters the list has that one's guard. The list goes on behind
 * it all the same: its queues are this thread's, and what is pending, or has only just completed,
 * has references to it, so that nobody else takes it out.
 */
static void end_descriptors(struct worker *worker)
{
    lock_acquire(&worker->lock);
    struct list *link = worker->descriptors.next;
    for (; link != &worker->descriptors; link = link->next) {
        struct descriptor *descriptor = container_of(link, struct descriptor, worker_link);
        if (!worker_has_pending(descriptor))
            continue;
        lock_release(&worker->lock);
        worker_end_all(worker, descriptor, MARK_STOPPED);
        lock_acquire(&worker->lock);
        assert(!list_is_empty(link));
    }
    lock_release(&worker->lock);
}

/* Nothing is released and nobody is called meanwhile, so the lists stay as they are. */
void worker_end_everything(struct worker *worker)
{
    end_descriptors(worker);
    struct list *link = worker->externals.next;
    while (link != &worker->externals) {
        sn_operation *operation = waiter_of(link);
        link = link->next;
        worker_end(worker, operation, MARK_STOPPED);
    }
    stop_tasks(worker);
    /* What waits for its time only; and what the kernel has, which is being ended already. */
    sn_operation *other;
    while ((other = limits_take(&worker->limits, INT64_MAX)) != NULL)
        worker_end(worker, other, MARK_STOPPED);
}

/* Whether the kernel may think better of it. Not where the call is forbidden (a seccomp filter that
 * was put on later), the descriptor is not what it was, or a result was lost (EBADR): then one
 * operation would be waited for in vain, and nobody can tell which. */
static bool is_passing(int32_t native)
{
    switch (-native) {
    case EPERM:
    case EACCES:
    case ENOSYS:
    case EBADF:
    case EBADFD:
    case EBADR:
    case EEXIST:
    case EFAULT:
    case EINVAL:
    case ENXIO:
    case EOPNOTSUPP: return false;
    default: return true;
    }
}

/* Not an error that would tell a caller to try again. */
static int32_t failure_of(int32_t native)
{
    switch (-native) {
    case EAGAIN:
    case EBUSY:
    case ENOBUFS:
    case ENOMEM: return OUTCOME_NO_MEMORY;
    default: return native;
    }
}

static void take_place(struct worker *worker)
{
    worker->class = &backend_ended;
    worker->backend = worker->class->make(&worker->host);
}

/* The back-end that was there reports what it has, and gives everything else back. */
static void abandon_made(struct worker *worker)
{
    bool has_more;
    do {
        has_more = worker->made.class->abandon(worker->made.backend);
        worker_settle_reports(worker);
    } while (has_more);
}

/* In this order: the kernel has nothing of an operation any more when that completes. */
static void fail(struct worker *worker, int32_t native)
{
    take_place(worker);
    thread_words.at_work =
        WORKER_NOBODY; /* what is started from now on must not wait for the kernel */
    atomic_store_release(&worker->host.failure, failure_of(native));
    worker->owner->on_failure(worker->engine, native);
    abandon_made(worker);
    worker_end_everything(worker);
}

void worker_abandon(struct worker *worker)
{
    if (worker->class == &backend_ended)
        return;
    bool was_open = worker->backend != NULL;
    take_place(worker);
    if (was_open)
        abandon_made(worker);
}

static void pause_for(int64_t pause_ns, int64_t deadline_ns)
{
    static const uint32_t nobody_wakes;
    int64_t until_ns = sys_now() + pause_ns;
    (void)sys_futex_wait(&nobody_wakes, 0, until_ns < deadline_ns ? until_ns : deadline_ns);
}

/* A wait has failed; the worker makes the next one soon, or has come to its end. */
void worker_endure(struct worker *worker, int32_t native, int64_t deadline_ns)
{
    if (is_passing(native) && worker->host.batch > 0) {
        worker->failing_since_ns = 0; /* a full queue of results was emptied */
        return;
    }
    int64_t now_ns = sys_now();
    if (worker->failing_since_ns == 0) {
        worker->failing_since_ns = now_ns;
        if (is_passing(native))
            return;
    }
    int64_t failing_ns = now_ns - worker->failing_since_ns;
    if (!is_passing(native) || failing_ns >= FAILING_NS) {
        fail(worker, native);
        return;
    }
    int64_t pause_ns = failing_ns > WORKER_PAUSE_NS ? failing_ns : WORKER_PAUSE_NS;
    pause_for(pause_ns < PAUSE_NS_MAX ? pause_ns : PAUSE_NS_MAX, deadline_ns);
}
