/**
 * The fiber object, and how it runs.
 */
#ifndef FIBER_FIBER_OBJECT_H
#define FIBER_FIBER_OBJECT_H

#include <sennit/fiber.h>

#include "context/context.h"
#include "descriptor/descriptor.h"
#include "fiber/exceptions.h"
#include "loop/loop.h"

#define FIBER_NAME_MAX 63

/* What a fiber may belong to; see group.c. */
struct fiber_owner {
    struct cancel_point point;                                  /* ends what its fibers wait in */
    void (*on_end)(struct fiber_owner *owner, sn_error result); /* as the last thing of a fiber */
};

/* Among all of the process, see registry.h. */
struct registry_entry {
    struct list link;
    bool is_mark; /* no fiber, but the place of somebody who looks on */
};

/* Lies on its own stack, above the first frame: in a page that is touched anyway. */
struct sn_fiber {
    struct flow flow; /* first: see fiber_of() */

    /* What each wait touches, in three cache lines. */
    struct context *resumer; /* who goes on when it steps aside; NULL: it does not run */
    struct context context;
    uint64_t switches;            /* atomic, written by its thread: how often it has gone on */
    int64_t since_ns;             /* atomic: when it last stepped aside, or was started */
    uint32_t state;               /* atomic: sn_fiber_state, but for its end */
    bool is_over;                 /* its body has returned */
    struct exceptions exceptions; /* its own; while it runs, those of who goes on after it */
    struct cancel_point point;    /* ends what it waits in */
    struct scope scope;           /* of that, outermost */

    sn_operation life;          /* the task; completes when the body has returned */
    struct context_stack stack; /* goes with the record */
    struct fiber_owner *owner;  /* until its end; NULL: it has none */
    sn_fiber_body body;
    void *body_context;  /* borrowed */
    uint32_t references; /* atomic: the program's, and one until it has ended */
    uint32_t forks;      /* the process that has started it */
    int32_t event;       /* its own, see thread_wake(); -1: it has needed none */
    sn_error result;
    struct registry_entry entry;
    uint64_t number; /* 1 for the first of the process */
    char name[FIBER_NAME_MAX + 1];
};

static inline sn_fiber *fiber_of(struct flow *flow)
{
    return container_of(flow, struct sn_fiber, flow);
}

/* NULL: this is none. */
static inline sn_fiber *fiber_running(void)
{
    struct flow *flow = flow_current();
    return flow ? fiber_of(flow) : NULL;
}

extern const struct flow_class fiber_flow;
extern const struct task_class fiber_task;

/* Its stack is there: what it will run. */
void fiber_prepare(sn_fiber *fiber);
void fiber_unref(sn_fiber *fiber);

/* As sn_fiber_start(), for an owner that is there until it is told of the end. */
sn_error fiber_start(struct fiber_owner *owner, sn_engine *engine, sn_fiber_body body,
                     void *context, const sn_fiber_options *options, sn_fiber **out_fiber);

/* See struct flow_class. */
int32_t fiber_event(struct flow *flow);
int32_t fiber_poll(struct flow *flow, struct sys_poll *descriptors, size_t count,
                   int64_t deadline_ns);

#endif
