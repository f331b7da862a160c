#include "loop/inside.h"

#include <errno.h>
#include <poll.h>

#include "descriptor/descriptor.h"
#include "loop/cancel.h"
#include "loop/fast.h"
#include "loop/held.h"
#include "loop/repeat.h"
#include "loop/task.h"
#include "sys/sys.h"

void worker_set_current(struct worker *worker)
{
    thread_words.worker = worker;
    bool is_at_work = worker && !atomic_load_acquire(&worker->stopping) && !worker_failure(worker);
    thread_words.at_work = is_at_work ? worker : WORKER_NOBODY;
    metrics_use(worker ? &worker->metrics : NULL);
}

/* --- Making and ending ----------------------------------------------------------------------- */

int32_t worker_init(struct worker *worker, sn_engine *engine, const struct worker_owner *owner,
                    const struct backend_class *class, int spin_us)
{
    *worker = (struct worker){.engine = engine,
                              .owner = owner,
                              .forks = sys_fork_count(),
                              .class = class,
                              .host = {.wake_handle = -1, .watched = -1}};
    worker->made.class = class; /* other threads read it before there is a back-end */
    lock_init(&worker->lock);
    list_init(&worker->descriptors);
    list_init(&worker->externals);
    list_init(&worker->tasks);
    operation_list_init(&worker->completed);
    metrics_source_init(&worker->metrics);
    /* With one processor the thread it waits for could not run while it looks on. A process that is
     * pinned to one may wait for another that has its own. */
    if (spin_us > 0 && sys_processor_count_online() > 1)
        worker->spin_ns = spin_us * INT64_C(1000);
    if (!limits_init(&worker->limits))
        return -ENOMEM;
    worker->made.backend = class->make(&worker->host);
    if (!worker->made.backend)
        return -ENOMEM;
    worker->host.wake_handle = sys_wake_open();
    return worker->host.wake_handle < 0 ? worker->host.wake_handle : 0;
}

/* Whether an attempt is worth a system call: a readiness back-end remembers. With a ring nothing is
 * ever known, and a send is tried unless the last wait has brought several results: then the ring
 * gathers them. */
static void decide_sends(struct worker *worker)
{
    worker->sends_when = READY_OUT | READY_ENDED;
    if (worker->class->enter)
        worker->sends_when = worker->host.batch <= 1 ? READY_UNKNOWN : 0;
}

static void close_made(struct worker *worker)
{
    if (worker->made.backend)
        worker->made.class->close(worker->made.backend);
    worker->made.backend = NULL;
}

static int32_t begin(struct worker *worker, int32_t result)
{
    worker->backend = worker->made.backend;
    decide_sends(worker);
    return result;
}

int32_t worker_open(struct worker *worker, uint32_t queue_size)
{
    worker->host.is_driven = !worker->has_thread;
    if (!worker->made.backend) /* the last try to open one has failed */
        worker->made.backend = worker->class->make(&worker->host);
    if (!worker->made.backend)
        return -ENOMEM;
    int32_t result = worker->class->open(worker->made.backend, queue_size);
    if (result < 0)
        close_made(worker);
    return begin(worker, result);
}

int32_t worker_open_first(struct worker *worker, uint32_t queue_size, struct backend_choice *choice)
{
    worker->host.is_driven = !worker->has_thread;
    int32_t result = backend_settle(choice, queue_size, &worker->host, &worker->made.backend);
    if (choice->class)
        worker->class = worker->made.class = choice->class;
    return begin(worker, result);
}

int32_t worker_open_anew(struct worker *worker, uint32_t queue_size)
{
    close_made(worker);
    return worker_open(worker, queue_size);
}

void worker_deinit(struct worker *worker)
{
    close_made(worker);
    if (worker->host.wake_handle >= 0)
        (void)sys_close(worker->host.wake_handle);
    limits_deinit(&worker->limits);
    metrics_source_deinit(&worker->metrics);
    lock_deinit(&worker->lock);
}

/* --- Callbacks ------------------------------------------------------------------------------- */

COLD static void conclude_slow(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (!descriptor && repeat_is_due(operation)) {
        repeat_turn(worker, operation);
    } else if (!descriptor && task_is(operation)) {
        task_turn(worker, operation);
    } else if (!descriptor) {
        operation_finish_detached(operation);
        operation_conclude(operation, NULL);
    } else if (descriptor->class->on_finish(descriptor, operation)) {
        lane_subtract(descriptor, (enum direction)record_of(operation)->direction);
        worker_release_if_done(worker, descriptor);
        operation_conclude_unref(operation, descriptor); /* and gives back the start's reference */
    }
}

/*
 * The call of a fiber has its operation on the fiber's stack. With many fibers that stack is in the
 * processor's caches no more when its turn comes: the frames below the operation, which its switch
 * goes back through, those above, and the fiber's record at the stack's end, if the program's own
 * frames are small. They are fetched while the one before it runs. Of 500 connections that is worth
 * 5 % of all processor time; a callback's operation is used near its fields only.
 */
static HOT void prefetch_stack(const sn_operation *operation)
{
    enum { BELOW = 320, ABOVE = 1024 };
    prefetch_for_write((uintptr_t)operation - BELOW, BELOW + ABOVE);
}

static void run_completed(struct worker *worker)
{
    bool has_fibers = !list_is_empty(&worker->tasks);
    /* Only what is there now: what the callbacks add comes after it. */
    sn_operation *operation = operation_list_take(&worker->completed);
    struct worker *const *current = &thread_words.worker;
    uint64_t count = 0;
    if (!operation)
        return;
    atomic_store_relaxed(&worker->is_calling, true);
    held_begin(worker);
    while (operation) {
        sn_operation *next = record_of(operation)->next;
        if (unlikely(has_fibers) && next && operation_is_fast(next))
            prefetch_stack(next);
        count++;
        if (likely(fast_is_alone(operation)))
            fast_conclude(worker, operation);
        else if (fast_is_followed(operation))
            next = fast_conclude_row(worker, operation);
        else if (operation_is_fast(operation))
            fast_conclude_received(worker, operation);
        else
            conclude_slow(worker, operation);
        operation = next;
        if (unlikely(*current != worker))
            return; /* this is a forked child now, see worker_is_lost() */
    }
    atomic_store_relaxed(&worker->is_calling, false);
    held_end(worker);
    worker->count += count;
}

/* --- The loop -------------------------------------------------------------------------------- */

static bool has_arrivals(struct worker *worker)
{
    return !worker_inbox_is_empty(worker) || cancels_wait(worker);
}

static bool has_work(struct worker *worker)
{
    return !operation_list_is_empty(&worker->completed) || has_arrivals(worker);
}

int64_t worker_next_deadline(struct worker *worker)
{
    if (has_work(worker))
        return 0;
    if (worker->failing_since_ns)
        return sys_now() + WORKER_PAUSE_NS;
    return worker->class->due(worker->backend, limits_next(&worker->limits));
}

/* --- Waiting --------------------------------------------------------------------------------- */

static void wait_for_results(struct worker *worker, int64_t deadline_ns)
{
    if (unlikely(worker->host.has_missed_cancels)) {
        worker->host.has_missed_cancels = false;
        worker_cancel_again(worker);
    }
    int32_t result = worker->class->wait(worker->backend, deadline_ns);
    if (unlikely(worker->host.has_denied)) {
        worker->host.has_denied = false;
        worker->owner->on_denial(worker->engine);
    }
    worker_settle_reports(worker);
    decide_sends(worker);
    if (unlikely(result < 0))
        worker_endure(worker, result, deadline_ns);
    else if (unlikely(worker->failing_since_ns != 0))
        worker->failing_since_ns = 0;
}

/* Looks on for a while before it sleeps: true when something came. */
static bool spin(struct worker *worker, int64_t deadline_ns)
{
    int64_t until_ns = sys_now() + worker->spin_ns;
    if (until_ns > deadline_ns)
        until_ns = deadline_ns;
    worker->host.batch = 0;
    while (sys_now() < until_ns) {
        wait_for_results(worker, 0);
        if (worker->host.batch > 0 || has_work(worker) || worker->failing_since_ns)
            return true;
    }
    return false;
}

static void sleep_until(struct worker *worker, int64_t deadline_ns)
{
    worker->host.batch = 0;
    if (has_work(worker) || deadline_ns == 0) {
        wait_for_results(worker, 0);
        return;
    }
    int64_t first_ns = limits_next(&worker->limits);
    if (first_ns < deadline_ns)
        deadline_ns = first_ns;
    if (worker->spin_ns > 0 && spin(worker, deadline_ns))
        return;
    wait_for_results(worker, worker_fall_asleep(worker) ? deadline_ns : 0);
    worker_wake_up(worker);
}

int32_t worker_handle(struct worker *worker)
{
    int32_t handle = worker->class->handle(worker->backend);
    worker->is_watched = true;
    if (!worker_fall_asleep(worker) || has_work(worker)) /* it came while nobody had to be woken */
        worker_wake(worker);
    return handle;
}

/*
 * Whether a callback has forked and this is the child, to which that callback has returned. What it
 * has of the worker is a copy; the back-end is the parent's own. So the thread lets everything lie.
 */
static bool worker_is_lost(const struct worker *worker)
{
    return thread_words.worker != worker;
}

/* What a callback starts is often done at once, so what is completed grows while it is run. It is
 * run on without a look at the kernel, which is a system call, until so many callbacks have run:
 * then the others have their turn. */
#define CALLBACKS_IN_A_ROW 32

static void run_ready(struct worker *worker)
{
    uint64_t until = worker->count + CALLBACKS_IN_A_ROW;
    if (!worker_inbox_is_empty(worker))
        worker_drain_inbox(worker);
    worker_drain_cancels(worker);
    worker_fire_deadlines(worker);
    do {
        run_completed(worker);
    } while (!operation_list_is_empty(&worker->completed) && worker->count < until &&
             !has_arrivals(worker) && !worker_is_lost(worker));
}

void worker_turn(struct worker *worker, int64_t deadline_ns)
{
    uint64_t count_before = worker->count;
    worker_wake_up(worker);
    run_ready(worker);
    if (worker_is_lost(worker))
        return;
    /* Whoever drives it gets the control back when something has run. */
    if (worker->count > count_before && !worker->has_thread)
        deadline_ns = 0;
    sleep_until(worker, deadline_ns);
    run_ready(worker);
    if (worker_is_lost(worker))
        return;
    /* A driver that goes to sleep in a loop of its own has to be woken by the next push, or by one
     * that has come since the last look. */
    if (worker->is_watched && !worker_fall_asleep(worker))
        worker_wake(worker);
}

static bool has_pending(struct worker *worker)
{
    bool found = false;
    lock_acquire(&worker->lock);
    struct list *link = worker->descriptors.next;
    for (; link != &worker->descriptors && !found; link = link->next) {
        struct descriptor *descriptor = container_of(link, struct descriptor, worker_link);
        found = worker_has_pending(descriptor);
    }
    lock_release(&worker->lock);
    return found;
}

static bool is_idle(struct worker *worker)
{
    if (has_pending(worker) || limits_next(&worker->limits) != SYS_NEVER)
        return false;
    /* In this order: who lets go has pushed before. */
    return atomic_load_acquire(&worker->refs) == 0 && !has_work(worker);
}

bool worker_shut(struct worker *worker)
{
    uint32_t none = 0;
    if (!atomic_replace_acq_rel(&worker->refs, &none, WORKER_SHUT))
        return false;
    if (!has_work(worker))
        return true;
    worker_open_again(worker);
    return false;
}

void worker_open_again(struct worker *worker)
{
    atomic_and_acq_rel(&worker->refs, ~WORKER_SHUT);
}

static void end_round(struct worker *worker)
{
    run_ready(worker);
    worker_end_everything(worker);
    run_ready(worker);
}

void worker_stop(struct worker *worker)
{
    atomic_store_release(&worker->stopping, 1u);
    thread_words.at_work = WORKER_NOBODY;
    for (;;) {
        end_round(worker);
        if (is_idle(worker))
            return;
        sleep_until(worker, has_work(worker) ? 0 : sys_now() + 1000000);
    }
}

/* The back-end may belong to the thread that is gone. It is not needed: while the worker is
 * stopping nothing is submitted. */
bool worker_stop_rest(struct worker *worker)
{
    if (is_idle(worker))
        return false;
    struct worker *outer = worker->outer = worker_current();
    worker_set_current(worker);
    while (!is_idle(worker)) {
        end_round(worker);
        struct sys_poll wake = {.handle = worker->host.wake_handle, .events = POLLIN};
        if (!has_work(worker) && atomic_load_acquire(&worker->refs) > 0)
            (void)sys_poll(&wake, 1, sys_now() + 1000000); /* an answer is on its way */
    }
    worker_set_current(outer);
    return true;
}

static struct descriptor *pop_descriptor(struct worker *worker)
{
    lock_acquire(&worker->lock);
    struct list *link = list_pop(&worker->descriptors);
    lock_release(&worker->lock);
    return link ? container_of(link, struct descriptor, worker_link) : NULL;
}

void worker_unbind_all(struct worker *worker)
{
    struct descriptor *descriptor;
    while ((descriptor = pop_descriptor(worker)) != NULL) {
        descriptor_unbind(descriptor);
    }
}
