/*
 * A condition: a line. Who waits stands in it before it gives the mutex back, so nobody who takes
 * the mutex to change something can come too early for it.
 */
#include <sennit/sync.h>

#include <errno.h>

#include "error/error.h"
#include "fiber/mutex.h"

struct MAY_ALIAS condition {
    struct line line;
};

_Static_assert(sizeof(struct condition) <= sizeof(sn_condition), "fits");

static struct condition *condition_of(sn_condition *condition)
{
    return (struct condition *)(void *)condition;
}

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

static const struct waiting_class condition_class = {.wait = FLOW_WAIT_CONDITION};

/* A signal that the program lets pass has taken it out of the line, where it may have missed what
 * came; so it comes back for nothing. */
static sn_error wait_in(struct condition *condition, struct mutex *mutex, int64_t deadline_ns)
{
    struct waiting waiting;
    waiting_begin(&waiting, &condition_class, condition, &condition->line);
    if (!waiting_enter(&waiting, deadline_ns))
        return waiting.error;
    mutex_give(mutex);
    int32_t outcome = waiting_sleep(&waiting, deadline_ns);
    sn_error error = outcome == 0 || outcome == -EINTR ? waiting.error : waiting_error(outcome);
    mutex_take_again(mutex);
    return error;
}

sn_error sn_condition_wait(sn_condition *condition, sn_mutex *mutex, sn_milliseconds timeout_ms)
{
    if (!condition || !mutex)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!mutex_is_own(mutex_of(mutex)))
        return misuse(SN_ERROR_INVALID_OPERATION);
    return wait_in(condition_of(condition), mutex_of(mutex), deadline_of_wait(timeout_ms));
}

void sn_condition_signal(sn_condition *condition)
{
    if (!condition)
        return;
    waiting_hold(condition);
    struct waiting *first = line_first(&condition_of(condition)->line);
    if (first)
        waiting_tell(first, SN_OK);
    waiting_let_go(condition);
}

void sn_condition_signal_all(sn_condition *condition)
{
    if (!condition)
        return;
    waiting_hold(condition);
    line_tell_all(&condition_of(condition)->line, SN_OK);
    waiting_let_go(condition);
}
