#include "engine/start.h"

#include <errno.h>

#include "engine/cancel.h"
#include "engine/engine_object.h"
#include "engine/lane.h"
#include "engine/worker.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

/* --- On the starting thread ------------------------------------------------------------------ */

static void finish_here(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    operation->internal.native_result = result;
    operation->internal.action = ACTION_DONE;
    bool is_complete = descriptor->class->finish(descriptor, operation);
    assert(is_complete); /* only what the worker carries may go on */
    (void)is_complete;
}

static void conclude_here(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    finish_here(descriptor, operation, result);
    operation_conclude(operation, descriptor);
}

static struct worker *any_worker(void)
{
    sn_engine *engine;
    return sn_engine_default(&engine) ? NULL : engine_next_worker(engine);
}

/*
 * It has no worker: the descriptor was closed before it got one, or is the parent's after a fork,
 * or no engine can be made. Its result is known, and only the callback is to come, which must not
 * run in here: any engine's thread will do. Where there is none, it does run here (decision 0010).
 */
static void conclude_without_worker(struct descriptor *descriptor, sn_operation *operation,
                                    int64_t result)
{
    finish_here(descriptor, operation, result);
    struct worker *worker = operation->completed ? any_worker() : NULL;
    if (!worker) {
        operation_conclude(operation, descriptor);
        return;
    }
    operation->internal.action = ACTION_NONE;
    operation->internal.marks = 0;
    operation->internal.native_result = WAIT_MISUSE; /* the error stands */
    operation->internal.owner = NULL;
    operation->internal.detail = worker; /* a cancel looks for it here */
    descriptor_leave(descriptor);
    worker_start(worker, operation);
}

/* Attempts until it is done or would block; true with its result when it is done. */
static bool attempt_here(struct descriptor *descriptor, sn_operation *operation,
                         int64_t *out_result)
{
    int64_t result;
    do {
        result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    } while (result >= 0 && operation_advance(operation, result));
    *out_result = result;
    return !operation_would_block(operation, result);
}

static void hand_over(struct descriptor *descriptor, sn_operation *operation)
{
    int32_t native = 0;
    struct worker *worker = descriptor_bind(descriptor, NULL, &native);
    if (!worker) {
        conclude_without_worker(descriptor, operation, native ? native : WAIT_CLOSED);
        return;
    }
    lane_add(descriptor, (enum direction)operation->internal.direction);
    worker_start(worker, operation);
}

/* As hand_over(), for what this thread has begun under the turn. */
static void hand_over_rest(struct descriptor *descriptor, sn_operation *operation)
{
    int32_t native = 0;
    struct worker *worker = descriptor_bind(descriptor, NULL, &native);
    if (!worker) {
        turn_give(descriptor);
        conclude_without_worker(descriptor, operation, native ? native : WAIT_CLOSED);
        return;
    }
    operation->internal.marks |= MARK_BEGUN;
    lane_add(descriptor, DIRECTION_OUT);
    turn_leave_to_operation(descriptor);
    worker_start(worker, operation);
}

/* A stream's send: under the turn, so that nobody sends between its parts. */
static void try_send_here(struct descriptor *descriptor, sn_operation *operation)
{
    int64_t result;
    if (!turn_try(descriptor)) {
        hand_over(descriptor, operation);
        return;
    }
    if (attempt_here(descriptor, operation, &result)) {
        turn_give(descriptor);
        conclude_here(descriptor, operation, result);
        return;
    }
    hand_over_rest(descriptor, operation);
}

/*
 * Nobody is to be called, so the operation may be over before this returns. A connect is always
 * handed over: its finish step may have to go on with another address.
 */
static bool may_try_here(const struct descriptor *descriptor, const sn_operation *operation,
                         enum direction direction)
{
    return !operation->completed && operation->internal.action != ACTION_CONNECT &&
           operation->internal.action != ACTION_NONE &&
           operation->internal.action != ACTION_EXTERNAL &&
           operation->internal.action != ACTION_SEND_PACKETS && /* which may take long */
           !lane_has_operations(descriptor, direction);
}

void operation_start_behind(struct descriptor *descriptor, sn_operation *operation,
                            enum direction direction)
{
    operation->internal.owner = descriptor;
    operation->internal.direction = (uint8_t)direction;
    hand_over(descriptor, operation);
}

void operation_start(struct descriptor *descriptor, sn_operation *operation,
                     enum direction direction)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    operation->internal.owner = descriptor;
    operation->internal.direction = (uint8_t)direction;
    if (worker_takes_starts(worker) && operation->completed && !operation->cancellation &&
        operation->timeout_ms <= 0 && !operation->internal.deadline_ns)
        worker_start_here(worker, descriptor, operation, direction);
    else
        operation_start_with_care(descriptor, operation, direction);
}

void operation_start_with_care(struct descriptor *descriptor, sn_operation *operation,
                               enum direction direction)
{
    int64_t result;
    if (!cancellation_link(operation)) {
        operation->internal.action = ACTION_NONE;
        operation->internal.native_result = WAIT_CANCELED;
        operation_mark_ending(operation, MARK_CANCELED); /* a connect has no next address then */
    }
    if (!may_try_here(descriptor, operation, direction))
        hand_over(descriptor, operation);
    else if (operation->internal.marks & MARK_ALL)
        try_send_here(descriptor, operation);
    else if (attempt_here(descriptor, operation, &result))
        conclude_here(descriptor, operation, result);
    else
        hand_over(descriptor, operation);
}

/* --- Without a descriptor -------------------------------------------------------------------- */

void operation_finish_plain(sn_operation *operation)
{
    switch (operation->internal.native_result) {
    case WAIT_CANCELED: operation->error = SN_ERROR_OPERATION_CANCELED; break;
    case WAIT_STOPPED: operation->error = SN_ERROR_OPERATION_ABORTED; break;
    case WAIT_TIMED_OUT: operation->error = SN_ERROR_TIMED_OUT; break;
    case WAIT_NO_MEMORY:
        operation->error = SN_ERROR_OUT_OF_MEMORY;
        operation->native_error = ENOMEM;
        break;
    case WAIT_MISUSE: break; /* whoever started it has set the error */
    default:
        if (operation->internal.native_result < 0) { /* its engine has ended */
            operation->native_error = (int)-operation->internal.native_result;
            operation->error = sn_error_from_native(operation->native_error);
        }
        break;
    }
}

void operation_start_plain(sn_engine *engine, sn_operation *operation)
{
    trace_operation_start(operation, operation->kind, -1);
    /* No cancel changes the result that a refused one has already. */
    bool is_refused = operation->internal.native_result == WAIT_MISUSE;
    if (!is_refused && !cancellation_link(operation)) {
        operation->internal.action = ACTION_NONE;
        operation->internal.native_result = WAIT_CANCELED;
    }
    sn_error error = engine ? SN_OK : sn_engine_default(&engine);
    struct worker *worker = error ? NULL : engine_next_worker(engine);
    if (!worker) {
        operation->error = error ? error : SN_ERROR_INVALID_OPERATION;
        operation_conclude(operation, NULL);
        return;
    }
    operation->internal.detail = worker; /* a cancel looks for it here */
    worker_start(worker, operation);
}

void operation_refuse(sn_operation *operation)
{
    operation->internal.action = ACTION_NONE;
    operation->internal.native_result = WAIT_MISUSE;
    operation->internal.owner = NULL;
    if (operation->completed) {
        operation_start_plain(NULL, operation);
    } else {
        trace_operation_start(operation, operation->kind, -1);
        operation_conclude(operation, NULL);
    }
}

void sn_engine_post_async(sn_engine *engine, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_POST))
        return;
    operation_start_plain(engine, operation);
}

void sn_engine_delay_async(sn_engine *engine, int64_t delay_ms, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_DELAY))
        return;
    if (delay_ms < 0) {
        operation->error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
        operation_refuse(operation);
        return;
    }
    operation->internal.action = ACTION_DELAY;
    operation->internal.deadline_ns = deadline_after(delay_ms);
    operation_start_plain(engine, operation);
}
