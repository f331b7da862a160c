#include "engine/descriptor.h"

#include <sys/socket.h>

#include "engine/closing.h"
#include "engine/engine_object.h"
#include "engine/lane.h"
#include "engine/wait.h"
#include "engine/worker.h"
#include "sys/sys.h"

void descriptor_init(struct descriptor *descriptor, int32_t handle, uint32_t marks,
                     const struct descriptor_class *class)
{
    *descriptor = (struct descriptor){.handle = handle,
                                      .refs = DESCRIPTOR_OPEN,
                                      .forks = sys_fork_count(),
                                      .marks = marks,
                                      .watched = -1,
                                      .class = class,
                                      .ready = READY_UNKNOWN};
    list_init(&descriptor->waiters);
    list_init(&descriptor->worker_link);
}

void descriptor_deinit(struct descriptor *descriptor)
{
    assert(list_is_empty(&descriptor->waiters));
    assert(list_is_empty(&descriptor->worker_link));
    if (descriptor->worker)
        engine_release(descriptor->worker->engine);
}

/* The values of `closed`. */
enum { CLOSE_NOT_YET, CLOSE_RUNNING, CLOSE_DONE };

/*
 * A close(2) of a connection with SO_LINGER waits until the peer has everything or the time is
 * over. The wait is all that the option does on Linux: the kernel goes on sending by itself in both
 * cases. So who must not wait switches it off before, and nothing else changes. A time of 0, which
 * means a reset, is left alone.
 */
static void do_not_linger(const struct descriptor *descriptor, int32_t handle)
{
    static const struct linger off = {0};
    struct linger linger = {0};
    uint32_t size = sizeof linger;
    if (!(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_STREAM_TCP))
        return;
    if (sys_get_option(handle, SOL_SOCKET, SO_LINGER, &linger, &size) >= 0 && linger.l_onoff &&
        linger.l_linger > 0)
        (void)sys_set_option(handle, SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

/* An engine's thread, and a callback that runs on it, holds up everybody else if it waits. */
static bool must_not_wait(uint32_t marks)
{
    return worker_current() != NULL || (marks & DESCRIPTOR_NO_WAIT);
}

static void give_back(const struct descriptor *descriptor, int32_t handle)
{
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if (handle < 0)
        return;
    if (!(marks & DESCRIPTOR_OWNED)) {
        sys_give_back(handle, marks / DESCRIPTOR_WAS);
        return;
    }
    if (marks & DESCRIPTOR_ABORTIVE) {
        static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        (void)sys_set_option(handle, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else if (must_not_wait(marks)) {
        do_not_linger(descriptor, handle);
    }
    (void)sys_close(handle);
}

void descriptor_give_back_as(struct descriptor *descriptor, uint32_t was)
{
    atomic_or_acq_rel(&descriptor->marks, was * (uint32_t)DESCRIPTOR_WAS);
}

bool descriptor_is_closed(const struct descriptor *descriptor)
{
    return atomic_load_acquire(&descriptor->closed) == CLOSE_DONE;
}

/* A call that comes too late takes a reference and gives it back too, so it may seem to be the last
 * once more: the first change of `closed` decides. */
void descriptor_close_handle(struct descriptor *descriptor)
{
    uint32_t expected = CLOSE_NOT_YET;
    if (!atomic_replace_acq_rel(&descriptor->closed, &expected, CLOSE_RUNNING))
        return;
    int32_t handle = atomic_exchange_acq_rel(&descriptor->handle, -1);
    give_back(descriptor, handle);
    /* Release: pairs with the acquire in descriptor_wait_closed(). */
    atomic_store_release(&descriptor->closed, (uint32_t)CLOSE_DONE);
    sys_futex_wake_all(&descriptor->closed);
    closing_finish(descriptor);
    descriptor->class->on_closed(descriptor); /* the record may be gone now */
}

/* A stream whose blocked call is ended by the close is reset, as in .NET, so that the peer is not
 * told that everything was received and sent in good order. Not in a forked child: the reset is an
 * option of the file, which the parent has too, and would hit the parent's close. */
void descriptor_note_aborted(struct descriptor *descriptor, enum direction direction)
{
    if (direction == DIRECTION_OUT)
        atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_SEND_CUT);
    const uint32_t others = DESCRIPTOR_SEND_SHUT | DESCRIPTOR_INHERITED;
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if ((marks & DESCRIPTOR_STREAM_TCP) && !(marks & others))
        atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_ABORTIVE);
}

/* Under the guard. What the parent's worker has is left alone, since the epoll instance of a child
 * is the parent's own. */
static void forget_parent(struct descriptor *descriptor)
{
    list_init(&descriptor->waiters);
    list_init(&descriptor->worker_link);
    if (descriptor->watched >= 0 && descriptor->watched != descriptor->handle)
        (void)sys_close(descriptor->watched);
    descriptor->watched = -1;
    atomic_store_relaxed(&descriptor->worker, (struct worker *)NULL);
    descriptor->closings = NULL;
    atomic_store_relaxed(&descriptor->requests, 0u);
    for (int i = 0; i < DIRECTION_COUNT; i++) {
        atomic_store_relaxed(&descriptor->lanes[i], 0u);
        descriptor->queues[i].last = NULL;
    }
    descriptor->submitted = 0;
    descriptor->ready = READY_UNKNOWN;
}

/*
 * A close that was going on is the parent's too: here the handle is open still, and goes with the
 * next reference that is given back. If it was just being given back, nobody knows whether it is
 * open here, and it may be left open; never is it closed twice, since it may be somebody else's by
 * then.
 */
void descriptor_begin_anew(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    if (atomic_load_relaxed(&descriptor->forks) != sys_fork_count()) {
        uint32_t running = CLOSE_RUNNING;
        forget_parent(descriptor);
        atomic_and_relaxed(&descriptor->marks,
                           ~(uint32_t)(DESCRIPTOR_RELEASED | DESCRIPTOR_ABORTIVE |
                                       DESCRIPTOR_SHORT | DESCRIPTOR_AWAITED |
                                       DESCRIPTOR_SEND_CUT));
        atomic_or_relaxed(&descriptor->marks, (uint32_t)DESCRIPTOR_INHERITED);
        (void)atomic_replace_acq_rel(&descriptor->closed, &running, (uint32_t)CLOSE_DONE);
        atomic_and_acq_rel(&descriptor->refs, DESCRIPTOR_OPEN);
        /* Release: pairs with the acquire in descriptor_notice_fork(). */
        atomic_store_release(&descriptor->forks, sys_fork_count());
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

/* Under the guard. Said while the handle still names the file: a forked child, or another handle,
 * may keep the file open, and then nothing but this ends its registration. Events would go on to
 * name the record, which may be freed long before the file ends. */
static void forget(struct descriptor *descriptor)
{
    struct worker *worker = descriptor->worker;
    if (descriptor->watched >= 0)
        worker->made.class->forget(worker->made.backend, descriptor);
}

/*
 * The handle stays taken until the last reference is given back, and that may take long: operations
 * give theirs back when their callbacks are due, and a worker may be in a callback of somebody
 * else's. The file need not stay. Where it has an address that others may be waiting for, it is
 * closed now, by putting a file of the worker's under the handle. An attempt that comes too late is
 * told that this is no socket; see socket_finish(). A connection's file stays, since only the
 * worker knows whether its end is to be a reset.
 */
static void let_go_of_file(struct descriptor *descriptor)
{
    const uint32_t addressed = DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES;
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if (!(marks & DESCRIPTOR_OWNED) || !(marks & addressed))
        return;
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct worker *worker = descriptor->worker;
    if (worker) {
        forget(descriptor);
        (void)sys_duplicate_onto(worker->host.wake_handle,
                                 atomic_load_relaxed(&descriptor->handle));
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

/* How long a close waits for a callback that may be waiting for it. */
#define PATIENCE    10
#define PATIENCE_NS INT64_C(1000000) /* so many times */

/* Whether an answer is still to be waited for: one that has released the descriptor has ended what
 * was pending, and gives none. Each look into a callback costs patience. */
static bool is_worth_waiting(struct descriptor *descriptor, const struct worker *worker,
                             int *inout_patience)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor); /* the worker is there while it is bound */
    bool is_bound = descriptor->worker == worker &&
                    !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED);
    bool is_calling = is_bound && atomic_load_relaxed(&worker->is_calling);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return is_bound && (!is_calling || --*inout_patience > 0);
}

/* The worker answers before it calls anybody. If it is in a callback already, that may be waiting
 * for a lock that the caller of close holds: then there is an end to the patience. And it may be
 * gone with its engine. */
static void wait_for_answer(struct descriptor *descriptor, const struct worker *worker,
                            int patience)
{
    uint32_t marks;
    while ((marks = atomic_load_acquire(&descriptor->marks)) & DESCRIPTOR_AWAITED) {
        if (!is_worth_waiting(descriptor, worker, &patience))
            return;
        sys_futex_wait(&descriptor->marks, marks, sys_now() + PATIENCE_NS);
    }
}

/* What a close wants to know of the worker, which may go with its engine at any moment. */
struct answerer {
    struct worker *worker;
    bool has_thread;
    bool has_ring;
};

static struct answerer answerer_of(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    struct answerer answerer = {.worker = descriptor->worker};
    if (answerer.worker) {
        answerer.has_thread = answerer.worker->engine->threads > 0;
        answerer.has_ring = answerer.worker->made.class->flush != NULL;
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return answerer;
}

/* What the kernel itself has pending keeps the file open too (io_uring), and only the worker ends
 * that. */
static void ask_to_close(struct descriptor *descriptor)
{
    struct answerer answerer = answerer_of(descriptor);
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    bool is_wanted = answerer.worker && (marks & (DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES)) &&
                     lane_has_operations(descriptor, DIRECTION_IN);
    if (!is_wanted) {
        worker_request(descriptor, REQUEST_CLOSE);
        return;
    }
    /* Without a ring a callback keeps no file open, only an attempt that is being made. */
    bool is_patient = answerer.has_ring && (marks & DESCRIPTOR_MESSAGES);
    atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_AWAITED);
    worker_request(descriptor, REQUEST_CLOSE);
    if (answerer.worker == worker_current())
        worker_close_now(answerer.worker, descriptor);
    else if (answerer.has_thread && !(marks & DESCRIPTOR_NO_WAIT))
        wait_for_answer(descriptor, answerer.worker, is_patient ? PATIENCE : 1);
}

bool descriptor_begin_close(struct descriptor *descriptor)
{
    descriptor_notice_fork(descriptor);
    atomic_add_acq_rel(&descriptor->refs, 1);
    if (atomic_and_acq_rel(&descriptor->refs, ~DESCRIPTOR_OPEN) >= 0) {
        descriptor_unref(descriptor);
        return false;
    }
    /* Who is about to sleep takes the guard first and sees the mark there; who sleeps is woken
     * here. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    waiters_wake_all(&descriptor->waiters, OUTCOME_CLOSED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    let_go_of_file(descriptor);
    ask_to_close(descriptor);
    return true;
}

/* Until nobody sleeps in it any more: the kernel keeps a file open that a thread polls. */
static void wait_for_sleepers(struct descriptor *descriptor)
{
    for (;;) {
        guard_acquire(GUARD_DESCRIPTOR, descriptor);
        bool is_empty = list_is_empty(&descriptor->waiters);
        uint32_t cancels = descriptor->cancels;
        guard_release(GUARD_DESCRIPTOR, descriptor);
        if (is_empty)
            return;
        sys_futex_wait(&descriptor->cancels, cancels, SYS_NEVER); /* see waiter_delist() */
    }
}

void descriptor_wait_closed(struct descriptor *descriptor)
{
    /* The worker closes it, and waiting for a worker could be waiting for the caller: a callback
     * may need a lock that the caller of close holds. */
    if (atomic_load_acquire(&descriptor->worker)) {
        wait_for_sleepers(descriptor);
        return;
    }
    uint32_t closed;
    while ((closed = atomic_load_acquire(&descriptor->closed)) != CLOSE_DONE)
        sys_futex_wait(&descriptor->closed, closed, SYS_NEVER);
}

/* --- The number names another file ----------------------------------------------------------- */

void descriptor_forget(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    forget(descriptor);
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

int32_t descriptor_replace(struct descriptor *descriptor, int32_t fresh)
{
    int32_t handle = atomic_load_relaxed(&descriptor->handle);
    do_not_linger(descriptor, handle);
    /* The worker registers under the guard too: so it does that before, and it is forgotten here,
     * or afterwards, and it registers the new file. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    forget(descriptor);
    int32_t result = sys_duplicate_onto(fresh, handle);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    worker_request(descriptor, REQUEST_RENEWED); /* also after a failure: it is registered anew */
    return result;
}

/* --- Early ends ------------------------------------------------------------------------------ */

void descriptor_cancel(struct descriptor *descriptor)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    /* Who has read the old count and is not asleep yet sees the change in waiter_enlist(). */
    atomic_store_release(&descriptor->cancels, descriptor->cancels + 1);
    waiters_wake_all(&descriptor->waiters, OUTCOME_CANCELED);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    if (atomic_load_acquire(&descriptor->worker))
        worker_request(descriptor, REQUEST_CANCEL);
}

void descriptor_abort(struct descriptor *descriptor)
{
    worker_request(descriptor, REQUEST_ABORT);
}
