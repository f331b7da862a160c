/**
 * The words of a thread that the library looks at all the time, in one record: where a thread has
 * its own is found by a call (decision 0017), and so one call serves several. Each word belongs to
 * the room that its comment names; here they are known by their addresses alone.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdint.h>

struct worker;
struct flow;
struct scope;

struct thread_words {
    struct worker *worker;  /* descriptor/current.h */
    struct worker *at_work; /* the same */
    struct flow *flow;      /* descriptor/flow.h */
    struct flow *flow_before_fork;
    struct scope *scope; /* descriptor/scope.h */
    int last_native;     /* error/error_native.c */
};

extern _Thread_local struct thread_words thread_words;

/* Nobody's worker: an address, never looked into. */
extern char worker_nobody;
#define WORKER_NOBODY ((struct worker *)(void *)&worker_nobody)

#endif
