#include "fiber/waiting.h"

#include <errno.h>
#include <poll.h>

#include "error/error.h"

enum told {
    TOLD_NOTHING,
    TOLD,           /* and the teller is through with it */
    TOLD_WITH_GUARD /* the teller is through with it once it has let go of the guard */
};

/* --- Lines ------------------------------------------------------------------------------------ */

static void notice_fork(struct line *line)
{
    if (likely(line->forks == sys_fork_count()))
        return;
    line->forks = sys_fork_count();
    line->first = NULL;
}

struct waiting *line_first(struct line *line)
{
    notice_fork(line);
    return line->first ? container_of(line->first, struct waiting, link) : NULL;
}

struct waiting *line_next(const struct line *line, const struct waiting *waiting)
{
    struct list *next = waiting->link.next;
    return next == line->first ? NULL : container_of(next, struct waiting, link);
}

static void append(struct line *line, struct waiting *waiting)
{
    list_init(&waiting->link);
    if (line_first(line))
        list_append(line->first, &waiting->link);
    else
        line->first = &waiting->link;
}

static void remove_from(struct line *line, struct waiting *waiting)
{
    if (line->first == &waiting->link)
        line->first = list_is_empty(&waiting->link) ? NULL : waiting->link.next;
    list_remove(&waiting->link);
}

/* --- Telling ---------------------------------------------------------------------------------- */

/*
 * A flow of this worker cannot go on before this thread has let go of the guard, and of a futex
 * nothing but its address is used once the word has changed. A flow of another worker might go on
 * and end before its wake is through, and a thread be about to close its event; so these two look
 * at the guard before they go on.
 */
static void wake(struct waiting *waiting)
{
    struct flow *flow = waiting->flow;
    if (flow) {
        bool is_here = flow->worker == worker_current();
        atomic_store_release(&waiting->told, (uint32_t)(is_here ? TOLD : TOLD_WITH_GUARD));
        flow->class->wake(flow);
    } else if (waiting->wake >= 0) {
        atomic_store_release(&waiting->told, (uint32_t)TOLD_WITH_GUARD);
        sys_wake_signal(waiting->wake);
    } else {
        atomic_store_release(&waiting->told, (uint32_t)TOLD);
        sys_futex_wake_all(&waiting->told);
    }
}

void waiting_tell(struct waiting *waiting, sn_error error)
{
    remove_from(waiting->line, waiting);
    waiting->error = error;
    wake(waiting);
}

void line_tell(struct line *line, size_t count, sn_error error)
{
    for (; count > 0; count--)
        waiting_tell(line_first(line), error);
}

void line_tell_all(struct line *line, sn_error error)
{
    size_t count = 0;
    for (const struct waiting *one = line_first(line); one; one = line_next(line, one))
        count++;
    line_tell(line, count, error);
}

/* --- Standing in the line --------------------------------------------------------------------- */

void waiting_begin(struct waiting *waiting, const struct waiting_class *class, const void *object,
                   struct line *line)
{
    waiting->class = class;
    waiting->object = object;
    waiting->line = line;
    waiting->flow = flow_current();
    waiting->wake = -1;
    waiting->told = TOLD_NOTHING;
    waiting->error = SN_OK;
}

/* A thread in a scope is woken by an event, since whoever cancels knows no other way to it. -errno:
 * there is none. */
static int32_t find_wake(struct waiting *waiting)
{
    waiting->wake = -1;
    if (likely(!scope_is_open()) || waiting->flow)
        return 0;
    waiting->wake = thread_wake();
    return waiting->wake < 0 ? waiting->wake : 0;
}

/* Found before the guard, and told only if it has to wait. */
static sn_error why_it_must_not(struct waiting *waiting, int64_t deadline_ns, int32_t *out_native)
{
    *out_native = 0;
    if (deadline_ns == 0)
        return SN_ERROR_TIMED_OUT;
    if (flow_must_not_wait())
        return SN_ERROR_INVALID_OPERATION;
    *out_native = -find_wake(waiting);
    return sn_error_from_native(*out_native);
}

bool waiting_enter(struct waiting *waiting, int64_t deadline_ns)
{
    const struct waiting_class *class = waiting->class;
    int32_t native;
    sn_error refusal = why_it_must_not(waiting, deadline_ns, &native);
    waiting_hold(waiting->object);
    notice_fork(waiting->line);
    bool is_over = class->attempt && class->attempt(waiting, refusal == SN_OK);
    bool stands = !is_over && !refusal; /* from then on its error is the teller's */
    if (stands)
        append(waiting->line, waiting);
    else if (!is_over)
        waiting->error = refusal;
    waiting_let_go(waiting->object);
    if (!stands && waiting->error)
        error_set_last_native(is_over ? 0 : native);
    return stands;
}

/* --- Sleeping --------------------------------------------------------------------------------- */

static bool is_told(const struct waiting *waiting)
{
    return atomic_load_acquire(&waiting->told) != TOLD_NOTHING;
}

static bool is_overdue(int64_t deadline_ns)
{
    return deadline_ns != SYS_NEVER && sys_now() >= deadline_ns;
}

static int32_t sleep_as_flow(const struct waiting *waiting, int64_t deadline_ns)
{
    struct flow *flow = waiting->flow;
    flow_note(flow, waiting->class->wait, -1);
    while (!is_told(waiting)) {
        int32_t outcome = scope_before_sleep(-1);
        if (unlikely(outcome))
            return outcome;
        if (unlikely(is_overdue(deadline_ns)))
            return OUTCOME_TIMED_OUT;
        flow->class->sleep(flow, deadline_ns);
    }
    return 0;
}

static int32_t sleep_in_scope(const struct waiting *waiting, int64_t deadline_ns)
{
    struct sys_poll wake = {.handle = waiting->wake, .events = POLLIN};
    while (!is_told(waiting)) {
        int32_t ready = waiter_poll(&wake, 1, deadline_ns);
        if (ready < 0)
            return ready;
        if (ready > 0)
            sys_wake_drain(waiting->wake);
        else if (is_overdue(deadline_ns))
            return OUTCOME_TIMED_OUT;
    }
    return 0;
}

static int32_t sleep_as_thread(const struct waiting *waiting, int64_t deadline_ns)
{
    while (!is_told(waiting)) {
        if (is_overdue(deadline_ns))
            return OUTCOME_TIMED_OUT;
        bool is_interrupted = sys_futex_wait(&waiting->told, TOLD_NOTHING, deadline_ns);
        if (is_interrupted && interrupt_is_hooked() && !waiting->class->ignores_signals)
            return -EINTR;
    }
    return 0;
}

static int32_t sleep_until_told(const struct waiting *waiting, int64_t deadline_ns)
{
    if (waiting->flow)
        return sleep_as_flow(waiting, deadline_ns);
    return waiting->wake >= 0 ? sleep_in_scope(waiting, deadline_ns)
                              : sleep_as_thread(waiting, deadline_ns);
}

/* Out of the line, whatever has ended the sleep; what was handed over by then is taken. */
static int32_t leave(struct waiting *waiting, int32_t outcome)
{
    if (likely(atomic_load_acquire(&waiting->told) == TOLD))
        return 0;
    waiting_hold(waiting->object);
    bool was_told = is_told(waiting);
    if (!was_told) {
        remove_from(waiting->line, waiting);
        if (waiting->class->left)
            waiting->class->left(waiting);
    }
    waiting_let_go(waiting->object);
    if (was_told && waiting->wake >= 0)
        sys_wake_drain(waiting->wake);
    return was_told ? 0 : outcome;
}

int32_t waiting_sleep(struct waiting *waiting, int64_t deadline_ns)
{
    int32_t outcome = leave(waiting, sleep_until_told(waiting, deadline_ns));
    if (outcome == 0 && waiting->error)
        error_set_last_native(0);
    /* Asked while it stands in no line: the program may wait for the same there. */
    return outcome == -EINTR && interrupt_ends_wait() ? OUTCOME_INTERRUPTED : outcome;
}

sn_error waiting_error(int32_t outcome)
{
    bool is_native = outcome < 0 && outcome > OUTCOME_TIMED_OUT;
    error_set_last_native(outcome == OUTCOME_INTERRUPTED ? EINTR : is_native ? -outcome : 0);
    if (is_native)
        return sn_error_from_native(-outcome);
    if (outcome == OUTCOME_TIMED_OUT)
        return SN_ERROR_TIMED_OUT;
    return outcome == OUTCOME_INTERRUPTED ? SN_ERROR_INTERRUPTED : scope_error(outcome);
}

sn_error waiting_run(struct waiting *waiting, int64_t deadline_ns)
{
    int32_t outcome = -EINTR;
    while (outcome == -EINTR) {
        if (!waiting_enter(waiting, deadline_ns))
            return waiting->error;
        outcome = waiting_sleep(waiting, deadline_ns);
    }
    return outcome ? waiting_error(outcome) : waiting->error;
}
