/*
 * Fibers and threads that stand in a line, whose length is looked at, and the order in which they
 * get what they wait for.
 */
#ifndef TESTS_UNIT_FIBER_ACTORS_H
#define TESTS_UNIT_FIBER_ACTORS_H

#include <sched.h>
#include <string.h>

#include "fiber/fiber.h"
#include "fiber/waiting.h"
#include "support/test.h"
#include "support/threads.h"

enum actor_kind { A_FIBER, A_FIBER_ELSEWHERE, A_THREAD, A_THREAD_IN_SCOPE, ACTOR_KINDS };

struct actor {
    enum actor_kind kind;
    thread_function run;
    void *context;                 /* borrowed */
    sn_cancellation *cancellation; /* of one in a scope */
    sn_fiber *fiber;
    struct thread thread;
    sn_error result;
};

/* What an ended record is filled with, to be seen by whoever still writes to it. */
enum { ENDED_BYTE = 0x5a };

static inline void record_end(void *record, size_t size)
{
    memset(record, ENDED_BYTE, size);
}

static inline bool record_is_untouched(const void *record, size_t size)
{
    const unsigned char *bytes = record;
    while (size > 0 && bytes[size - 1] == ENDED_BYTE)
        size--;
    return size == 0;
}

/* Two engines, each with a thread; made once, and kept: what they have is no leak of a test. */
static sn_engine *actor_engines[2];

static inline sn_engine *actor_engine(enum actor_kind kind)
{
    sn_engine **engine = &actor_engines[kind == A_FIBER_ELSEWHERE];
    const sn_engine_options options = {.threads = 1};
    if (!*engine)
        assert_ok(sn_engine_create(&options, engine));
    return *engine;
}

static inline void actors_end(void)
{
    for (int i = 0; i < 2; i++)
        assert_ok(sn_engine_destroy(actor_engines[i]));
    actor_engines[0] = actor_engines[1] = NULL;
}

static inline sn_error actor_run_in_scope(void *context)
{
    struct actor *actor = context;
    sn_cancellation_scope scope;
    sn_error error = sn_cancellation_enter(actor->cancellation, &scope);
    if (!error)
        error = actor->run(actor->context);
    sn_error left = sn_cancellation_leave(&scope);
    return left ? SN_ERROR_FAULT : error;
}

static inline sn_error actor_run_fiber(void *context)
{
    struct actor *actor = context;
    return actor->run(actor->context);
}

static inline void actor_start(struct actor *actor, enum actor_kind kind, thread_function run,
                               void *context)
{
    *actor = (struct actor){.kind = kind, .run = run, .context = context};
    if (kind == A_FIBER || kind == A_FIBER_ELSEWHERE) {
        assert_ok(sn_fiber_start(actor_engine(kind), actor_run_fiber, actor, NULL, &actor->fiber));
    } else if (kind == A_THREAD_IN_SCOPE) {
        assert_ok(sn_cancellation_create(&actor->cancellation));
        thread_start(&actor->thread, actor_run_in_scope, actor);
    } else {
        thread_start(&actor->thread, run, context);
    }
}

/* But for a plain thread, which nothing cancels. */
static inline void actor_cancel(struct actor *actor)
{
    sn_fiber_cancel(actor->fiber);
    sn_cancellation_cancel(actor->cancellation);
}

static inline sn_error actor_end(struct actor *actor)
{
    if (!actor->fiber) {
        sn_error error = thread_join(&actor->thread);
        sn_cancellation_release(actor->cancellation);
        return error;
    }
    assert_ok(sn_fiber_join(actor->fiber, SN_FOREVER, &actor->result));
    sn_fiber_release(actor->fiber);
    return actor->result;
}

static inline size_t line_length(const void *object, struct line *line)
{
    size_t length = 0;
    waiting_hold(object);
    const struct waiting *first = line_first(line);
    if (first) {
        const struct list *link = &first->link;
        do {
            length++;
            link = link->next;
        } while (link != &first->link);
    }
    waiting_let_go(object);
    return length;
}

static inline void line_await(const void *object, struct line *line, size_t length)
{
    while (line_length(object, line) != length)
        sched_yield();
}

/* Who came when. */
struct order {
    uint32_t count; /* atomic */
    int who[16];
};

static inline void order_note(struct order *order, int who)
{
    order->who[atomic_add_acq_rel(&order->count, 1u)] = who;
}

static inline void order_check(const struct order *order, int count)
{
    assert_int_equal(count, order->count);
    for (int i = 0; i < count; i++)
        assert_int_equal(i, order->who[i]);
}

#endif
