#include "engine/turn.h"

#include <poll.h>

#include "sys/sys.h"

enum { TURN_TAKEN = 1, TURN_WANTED = 2 };

bool turn_try(struct descriptor *descriptor)
{
    uint32_t expected = 0;
    return atomic_replace_acq_rel(&descriptor->turn, &expected, TURN_TAKEN);
}

/* Says that somebody waits; or takes the turn if it has become free meanwhile. */
static bool take_or_want(struct descriptor *descriptor)
{
    uint32_t word = atomic_load_acquire(&descriptor->turn);
    for (;;) {
        uint32_t wanted = word ? word | TURN_WANTED : TURN_TAKEN;
        if (atomic_replace_acq_rel(&descriptor->turn, &word, wanted))
            return word == 0;
    }
}

/* Under the lock, which turn_give() takes too when somebody waits: so no hand-over is missed. */
static int32_t enlist_or_take(struct descriptor *descriptor, struct waiter *waiter, uint32_t cancels)
{
    list_init(&waiter->link);
    waiter->reason = 0;
    lock_acquire(&descriptor->lock);
    int32_t outcome = 0;
    if (descriptor_is_closing(descriptor))
        outcome = WAIT_CLOSED;
    else if (descriptor->cancels != cancels)
        outcome = WAIT_CANCELED;
    else if (take_or_want(descriptor))
        outcome = WAIT_TURN;
    else
        list_append(&descriptor->turn_waiters, &waiter->link);
    lock_release(&descriptor->lock);
    return outcome;
}

int32_t turn_take(struct descriptor *descriptor, struct deadline *deadline, uint32_t cancels)
{
    if (turn_try(descriptor))
        return WAIT_TURN;
    struct waiter waiter = {.wake_handle = thread_wake()};
    if (waiter.wake_handle < 0)
        return waiter.wake_handle;
    int32_t outcome = enlist_or_take(descriptor, &waiter, cancels);
    if (outcome == WAIT_CLOSED)
        descriptor_note_aborted(descriptor);
    if (outcome)
        return outcome;

    struct sys_poll wake = {.handle = waiter.wake_handle, .events = POLLIN};
    int32_t ready = sys_poll(&wake, 1, deadline_at(deadline));
    int32_t reason = waiter_delist(descriptor, &waiter);
    if (reason == WAIT_CLOSED)
        descriptor_note_aborted(descriptor);
    if (reason)
        return reason;
    return ready < 0 ? ready : WAIT_TIMED_OUT;
}

void turn_give(struct descriptor *descriptor)
{
    uint32_t expected = TURN_TAKEN;
    if (atomic_replace_acq_rel(&descriptor->turn, &expected, 0))
        return;
    lock_acquire(&descriptor->lock);
    struct waiter *next = NULL;
    struct list *link = descriptor->turn_waiters.next;
    /* One that is being ended for another reason stays linked until its thread runs: pass it over. */
    for (; link != &descriptor->turn_waiters && !next; link = link->next) {
        struct waiter *waiter = container_of(link, struct waiter, link);
        next = waiter->reason ? NULL : waiter;
    }
    if (next) {
        next->reason = WAIT_TURN; /* TURN_TAKEN stays: the turn is handed over */
        sys_wake_signal(next->wake_handle);
    } else {
        atomic_store_release(&descriptor->turn, 0);
    }
    lock_release(&descriptor->lock);
}
