/* A handle that cancels after a time, and its release, which stops that. */
#include "loop/loop.h"

#include <sennit/engine.h>

#include "engine/start.h"

static void timer_completed(sn_operation *timer);

/* Under the lock; the timer is idle. */
static void start_timer(sn_cancellation *cancellation)
{
    cancellation->is_timer_running = true;
    cancellation->timer.completed = timer_completed;
    cancellation->timer.context = cancellation;
    atomic_add_relaxed(&cancellation->references, 1u);
    sn_milliseconds delay_ms = cancellation->delay_ms;
    cancellation->delay_ms = SN_FOREVER;
    sn_engine_delay_async(NULL, delay_ms, &cancellation->timer);
}

static void timer_completed(sn_operation *timer)
{
    sn_cancellation *cancellation = timer->context;
    if (timer->error == SN_OK)
        cancellation_cancel(cancellation, SN_ERROR_TIMED_OUT);
    cancellation_hold(cancellation);
    cancellation->is_timer_running = false;
    if (cancellation->delay_ms >= 0 && !cancellation->point.reason)
        start_timer(cancellation);
    cancellation_let_go(cancellation);
    cancellation_drop(cancellation);
}

sn_error sn_cancellation_cancel_after(sn_cancellation *cancellation, sn_milliseconds delay_ms)
{
    if (!cancellation)
        return SN_ERROR_ARGUMENT_NULL;
    if (delay_ms < SN_FOREVER)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (delay_ms == 0) {
        cancellation_cancel(cancellation, SN_ERROR_TIMED_OUT);
        return SN_OK;
    }
    /* Made here, where its failure can be told. */
    sn_engine *engine;
    sn_error error = sn_engine_default(&engine);
    if (error)
        return error;
    cancellation_hold(cancellation);
    cancellation->delay_ms = delay_ms;
    if (cancellation->is_timer_running)
        sn_operation_cancel(&cancellation->timer); /* it starts again with the new time */
    else if (delay_ms > 0 && !cancellation->point.reason)
        start_timer(cancellation);
    cancellation_let_go(cancellation);
    return SN_OK;
}

/* The timer has no reason to run on when nobody can be cancelled by it any more; it may be the
 * last. */
void sn_cancellation_release(sn_cancellation *cancellation)
{
    if (!cancellation)
        return;
    cancellation_hold(cancellation);
    bool is_alone = list_is_empty(&cancellation->operations) &&
                    atomic_load_acquire(&cancellation->home_count) == 0 &&
                    atomic_load_acquire(&cancellation->entered) == 0;
    if (cancellation->is_timer_running && is_alone) {
        cancellation->delay_ms = SN_FOREVER;
        sn_operation_cancel(&cancellation->timer);
    }
    cancellation_let_go(cancellation);
    cancellation_drop(cancellation);
}
