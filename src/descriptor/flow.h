/**
 * A flow of control that is not a whole thread: it stands on a stack of its own, on the thread of a
 * worker, and steps aside where a thread would sleep, so that the worker goes on. Who makes flows
 * stands above; here is what every wait of the library asks: is this one, and how does it sleep?
 *
 * A flow never changes its thread. It may be woken for nothing: whoever sleeps looks again.
 */
#ifndef DESCRIPTOR_FLOW_H
#define DESCRIPTOR_FLOW_H

#include "base/base.h"
#include "descriptor/current.h"
#include "sys/sys.h"

struct flow;

struct flow_class {
    /* By the flow itself: until a wake, or the deadline. */
    void (*sleep)(struct flow *flow, int64_t deadline_ns);
    /* From any thread, also under a guard, while somebody knows that the flow has not ended: its
     * sleep, or the next one, comes back. */
    void (*wake)(struct flow *flow);
    /* The same in a callback on its worker's thread, as the last thing there: it goes on at once.
     */
    void (*go_on)(struct flow *flow);
    /* Its record stays, also after it has ended. */
    void (*retain)(struct flow *flow);
    void (*release)(struct flow *flow);
    /* By the flow itself: an event of its own, as thread_wake(). */
    int32_t (*event)(struct flow *flow);
    /* By the flow itself, as sys_poll(), but each handle stands there once; it may come back with 0
     * before the deadline. */
    int32_t (*poll)(struct flow *flow, struct sys_poll *descriptors, size_t count,
                    int64_t deadline_ns);
};

/* What a flow waits for, for whoever looks at it: the kind of an operation, or one of these. */
enum flow_wait {
    FLOW_WAIT_OPERATION = 1000,
    FLOW_WAIT_POLL,
    FLOW_WAIT_TIME,
    FLOW_WAIT_TURN,
    FLOW_WAIT_LOCK,
    FLOW_WAIT_CONDITION,
    FLOW_WAIT_SEMAPHORE,
    FLOW_WAIT_CHANNEL,
    FLOW_WAIT_GROUP,
    FLOW_WAIT_OFFLOAD = 1010
};

/* The first member of a flow's record. */
struct flow {
    const struct flow_class *class; /* static */
    struct worker *worker;          /* whose thread it is on; has a reference */
    /* Atomic, of its last wait: */
    uint32_t wait;  /* enum flow_wait, or an sn_operation_kind */
    int32_t handle; /* the descriptor's; -1: there is none */
};

static inline void flow_note(struct flow *flow, uint32_t wait, int32_t handle)
{
    atomic_store_relaxed(&flow->wait, wait);
    atomic_store_relaxed(&flow->handle, handle);
}

/* The flow that runs on this thread now, or NULL: a thread's own, or a callback. */
static inline struct flow *flow_current(void)
{
    return thread_words.flow;
}

/* A callback, which would hold up its worker, maybe for itself. */
static inline bool flow_must_not_wait(void)
{
    return unlikely(worker_current() != NULL) && !thread_words.flow;
}

/* Around what runs callbacks of another worker on this thread: they are no part of the flow. */
static inline struct flow *flow_suspend(void)
{
    struct flow *suspended = thread_words.flow;
    thread_words.flow = NULL;
    return suspended;
}

static inline void flow_resume(struct flow *suspended)
{
    thread_words.flow = suspended;
}

/* In a forked child the flow that has forked is a thread: its record is the parent's, but what it
 * held as that flow is the thread's now; its word `flow_before_fork` says which, or NULL. */
void flow_forget(void);

/* --- Sleeping on a word, as on a futex -------------------------------------------------------- */

/* Until the word is no longer `seen` and somebody says so, or the deadline. It may come back for
 * nothing. True: a signal has interrupted the thread. */
bool word_sleep(const uint32_t *word, uint32_t seen, int64_t deadline_ns);
/* By the word's address alone, after it was changed. */
void word_wake_all(const uint32_t *word);
/* In a forked child: those who sleep are the parent's. */
void words_begin_anew(void);

#endif
