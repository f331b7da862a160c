#include "descriptor/record.h"

#include <sys/socket.h>

#include "descriptor/flow.h"
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
    list_init(&descriptor->worker_link);
}

/*
 * A close(2) of a connection with SO_LINGER waits until the peer has everything or the time is
 * over. The wait is all that the option does on Linux: the kernel goes on sending by itself in both
 * cases. So who must not wait switches it off before, and nothing else changes. A time of 0, which
 * means a reset, is left alone.
 */
void descriptor_stop_lingering(const struct descriptor *descriptor, int32_t handle)
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

static void give_back(struct descriptor *descriptor, int32_t handle)
{
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if (handle < 0)
        return;
    if ((marks & DESCRIPTOR_DETACHED) && descriptor->class->on_detached(descriptor, handle))
        return;
    if (!(marks & DESCRIPTOR_OWNED)) {
        sys_give_back(handle, marks / DESCRIPTOR_WAS);
        return;
    }
    if (marks & DESCRIPTOR_ABORTIVE) {
        static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        (void)sys_set_option(handle, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else if (must_not_wait(marks)) {
        descriptor_stop_lingering(descriptor, handle);
    }
    (void)sys_close(handle);
}

void descriptor_give_back_as(struct descriptor *descriptor, uint32_t was)
{
    atomic_or_acq_rel(&descriptor->marks, was * (uint32_t)DESCRIPTOR_WAS);
}

bool descriptor_is_closed(const struct descriptor *descriptor)
{
    return (atomic_load_acquire(&descriptor->closed) & CLOSE_DONE) != 0;
}

/* In a forked child it may seem to be the last more than once, see CLOSE_ORPHANED; all who do have
 * the program's reference there. The first change of `closed` decides. */
void descriptor_close_handle(struct descriptor *descriptor)
{
    const uint32_t begun = CLOSE_RUNNING | CLOSE_DONE;
    if (atomic_or_acq_rel(&descriptor->closed, (uint32_t)CLOSE_RUNNING) & begun)
        return;
    int32_t handle = atomic_exchange_acq_rel(&descriptor->handle, -1);
    give_back(descriptor, handle);
    /* Release: pairs with the acquire in descriptor_wait_closed(). */
    if (atomic_or_acq_rel(&descriptor->closed, (uint32_t)CLOSE_DONE) & CLOSE_AWAITED)
        word_wake_all(&descriptor->closed);
    descriptor->class->on_closed(descriptor); /* the record may be gone now */
}

/* A stream whose blocked call is ended by the close is reset, as in .NET, so that the peer is not
 * told that everything was received and sent in good order. Not in a forked child: the reset is an
 * option of the file, which the parent has too, and would hit the parent's close. */
void descriptor_note_aborted(struct descriptor *descriptor, enum direction direction)
{
    if (direction == DIRECTION_ERROR)
        return; /* nothing of the stream */
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
    descriptor->waiters = NULL;
    list_init(&descriptor->worker_link);
    if (descriptor->watched >= 0 && descriptor->watched != descriptor->handle)
        (void)sys_close(descriptor->watched);
    descriptor->watched = -1;
    atomic_store_relaxed(&descriptor->worker, (struct worker *)NULL);
    descriptor->closings = NULL;
    atomic_and_relaxed(&descriptor->marks, ~(uint32_t)REQUEST_ANY);
    for (int i = 0; i < LANE_COUNT; i++)
        atomic_store_relaxed(&descriptor->lanes[i], 0u);
    for (int i = 0; i < DIRECTION_COUNT; i++)
        descriptor->queues[i].last = NULL;
    descriptor->submitted = 0;
    descriptor->kept = NULL;
    descriptor->kept_end = 0;
    descriptor->held = HELD_NOT;
    descriptor->sends_several = 0;
    descriptor->holds_receives = false;
    descriptor->further = 0;
    atomic_store_relaxed(&descriptor->credit,
                         (uint8_t)0); /* with the references that were taken for it */
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
        forget_parent(descriptor);
        atomic_and_relaxed(&descriptor->marks,
                           ~(uint32_t)(DESCRIPTOR_RELEASED | DESCRIPTOR_ABORTIVE |
                                       DESCRIPTOR_SHORT | DESCRIPTOR_AWAITED |
                                       DESCRIPTOR_SEND_CUT));
        atomic_or_relaxed(&descriptor->marks, (uint32_t)DESCRIPTOR_INHERITED);
        if (atomic_load_relaxed(&descriptor->closed) & CLOSE_RUNNING)
            atomic_or_acq_rel(&descriptor->closed, (uint32_t)CLOSE_DONE);
        if (atomic_and_acq_rel(&descriptor->refs, DESCRIPTOR_OPEN) >= 0)
            atomic_or_acq_rel(&descriptor->closed, (uint32_t)CLOSE_ORPHANED);
        /* Release: pairs with the acquire in descriptor_notice_fork(). */
        atomic_store_release(&descriptor->forks, sys_fork_count());
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}
