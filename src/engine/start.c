#include "engine/start.h"

#include <errno.h>

#include "descriptor/descriptor.h"
#include "engine/engine_object.h"
#include "loop/loop.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

/* --- On the starting thread ------------------------------------------------------------------ */

static void finish_here(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    record_of(operation)->native_result = result;
    record_of(operation)->action = ACTION_DONE;
    bool is_complete = descriptor->class->on_finish(descriptor, operation);
    assert(is_complete); /* only what the worker carries may go on */
    (void)is_complete;
}

void operation_conclude_here(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    finish_here(descriptor, operation, result);
    operation_conclude(operation, descriptor);
}

/* The next accept would be short of it too: see retry_instead(). */
static void conclude_attempt(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    operation_note_shortage(operation, descriptor, result);
    operation_conclude_here(descriptor, operation, result);
}

/* --- What cannot be started, see decision 0010 ----------------------------------------------- */

/* A worker to call back on, with a reference: the descriptor's own, also when it is closed; else
 * one of the default engine; else the one in whose callback this is. NULL: there is none. */
static struct worker *worker_for_refused(struct descriptor *descriptor)
{
    sn_engine *engine;
    struct worker *worker = descriptor ? worker_ref_of(descriptor) : NULL;
    if (worker)
        return worker;
    worker = sn_engine_default(&engine) ? NULL : engine_next_worker(engine);
    if (!worker)
        worker = worker_current();
    return worker && worker_ref(worker) ? worker : NULL;
}

/* No engine can be made, so the callback runs on this thread: in the outermost start, where those
 * that it starts in turn wait for their own. So the stack stays flat. */
static void conclude_flat(sn_operation *operation)
{
    static _Thread_local struct operation_list waiting;
    static _Thread_local bool is_concluding;
    if (!waiting.end)
        operation_list_init(&waiting);
    operation_list_append(&waiting, operation);
    if (is_concluding)
        return;
    is_concluding = true;
    while (!operation_list_is_empty(&waiting)) {
        operation = operation_list_take(&waiting);
        while (operation) {
            sn_operation *next = record_of(operation)->next;
            operation_conclude(operation, NULL);
            operation = next;
        }
    }
    is_concluding = false;
}

/* Its result stands, and only the callback is to come, which must not run inside a start. */
static void call_back_on(struct worker *worker, sn_operation *operation)
{
    record_of(operation)->action = ACTION_NONE;
    record_of(operation)->marks = 0;
    record_of(operation)->native_result = OUTCOME_MISUSE; /* the error stands */
    record_of(operation)->owner = NULL;
    record_of(operation)->target.worker = worker; /* a cancel looks for it here */
    if (worker)
        worker_start(worker, operation);
    else
        conclude_flat(operation);
}

/* Takes the reference to the worker, which may be NULL, over. */
static void complete_on(struct worker *worker, sn_operation *operation)
{
    if (operation->completed)
        call_back_on(worker, operation);
    else
        operation_conclude(operation, NULL);
    if (worker)
        worker_unref(worker);
}

/* It has no worker: the descriptor was closed before it got one, or no engine can be made. */
static void conclude_without_worker(struct descriptor *descriptor, sn_operation *operation,
                                    int64_t result)
{
    finish_here(descriptor, operation, result);
    struct worker *worker = operation->completed ? worker_for_refused(descriptor) : NULL;
    descriptor_unref(descriptor);
    complete_on(worker, operation);
}

void operation_refuse(struct descriptor *descriptor, sn_operation *operation)
{
    trace_operation_start(operation, operation->kind, -1);
    complete_on(operation->completed ? worker_for_refused(descriptor) : NULL, operation);
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
        conclude_without_worker(descriptor, operation, native ? native : OUTCOME_CLOSED);
        return;
    }
    lane_add(descriptor, (enum direction)record_of(operation)->direction);
    worker_start(worker, operation);
}

/* As hand_over(), for what this thread has begun under the send lock. */
static void hand_over_rest(struct descriptor *descriptor, sn_operation *operation)
{
    int32_t native = 0;
    struct worker *worker = descriptor_bind(descriptor, NULL, &native);
    if (!worker) {
        send_lock_release(descriptor);
        conclude_without_worker(descriptor, operation, native ? native : OUTCOME_CLOSED);
        return;
    }
    record_of(operation)->marks |= MARK_BEGUN;
    lane_add(descriptor, DIRECTION_OUT);
    send_lock_hand_over(descriptor);
    worker_start(worker, operation);
}

/* A stream's send: under the send lock, so that nobody sends between its parts. */
static void try_send_here(struct descriptor *descriptor, sn_operation *operation)
{
    int64_t result;
    if (!send_lock_try(descriptor)) {
        hand_over(descriptor, operation);
        return;
    }
    if (attempt_here(descriptor, operation, &result)) {
        send_lock_release(descriptor);
        operation_conclude_here(descriptor, operation, result);
        return;
    }
    hand_over_rest(descriptor, operation);
}

/* Nobody is to be called, so the operation may be over before this returns. */
static bool may_try_here(const struct descriptor *descriptor, const sn_operation *operation,
                         enum direction direction)
{
    return !operation->completed && action_of(operation)->is_tried_at_once &&
           !operation_meets_shortage(operation, descriptor) &&
           !lane_has_operations(descriptor, direction);
}

static bool reserve_worker(struct descriptor *descriptor)
{
    int32_t native;
    return descriptor_bind(descriptor, NULL, &native) != NULL;
}

void operation_start_behind(struct worker *worker, struct descriptor *descriptor,
                            sn_operation *operation, enum direction direction)
{
    record_of(operation)->owner = descriptor;
    record_of(operation)->direction = (uint8_t)direction;
    lane_add(descriptor, direction);
    worker_start(worker, operation);
}

/* A limit and a handle end it while nobody waits, and a callback cannot wait. */
static bool keep(struct descriptor *descriptor, sn_operation *operation)
{
    const struct record *record = record_of(operation);
    if (!action_of(operation)->is_receive || operation->completed || operation->cancellation ||
        operation->timeout_ms > 0 || record->deadline.key || worker_current())
        return false;
    return kept_put(descriptor, operation);
}

/* Its handle was cancelled before. */
static void answer_canceled(sn_operation *operation)
{
    cancellation_note(operation);
    record_of(operation)->action = ACTION_NONE;
    record_of(operation)->native_result = operation_canceled_result(operation);
}

/*
 * A receive that goes on until it has enough is not tried before it has its direction: between a
 * part of it and the rest another thread's receive could come. A kept one has it, and the thread
 * that waits makes the attempts.
 */
static void start_elsewhere(struct descriptor *descriptor, sn_operation *operation,
                            enum direction direction)
{
    int64_t result;
    if (!cancellation_link(operation)) {
        answer_canceled(operation);
        operation_mark_ending(operation, MARK_CANCELED); /* a connect has no next address then */
    }
    /* An accept may have to wait for free descriptors next time, and then none is left to make an
     * engine with. */
    if (action_of(operation)->makes_descriptor)
        (void)reserve_worker(descriptor);
    if (!may_try_here(descriptor, operation, direction))
        hand_over(descriptor, operation);
    else if (record_of(operation)->marks & MARK_ALL)
        try_send_here(descriptor, operation);
    else if (!action_of(operation)->is_all_or_error && attempt_here(descriptor, operation, &result))
        conclude_attempt(descriptor, operation, result);
    else if (!keep(descriptor, operation))
        hand_over(descriptor, operation);
}

void operation_start(struct descriptor *descriptor, sn_operation *operation,
                     enum direction direction)
{
    trace_operation_start(operation, operation->kind, atomic_load_relaxed(&descriptor->handle));
    operation_start_untraced(descriptor, operation, direction);
}

void operation_start_rest(struct descriptor *descriptor, sn_operation *operation, int64_t result)
{
    record_of(operation)->owner = descriptor;
    record_of(operation)->direction = DIRECTION_OUT;
    bool goes_on = result >= 0 ? operation_advance(operation, result)
                               : operation_would_block(operation, result) || result == -EINTR;
    if (goes_on) {
        hand_over_rest(descriptor, operation);
        return;
    }
    send_lock_release(descriptor);
    operation_conclude_here(descriptor, operation, result);
}

void operation_start_untraced(struct descriptor *descriptor, sn_operation *operation,
                              enum direction direction)
{
    struct worker *worker = atomic_load_relaxed(&descriptor->worker);
    record_of(operation)->owner = descriptor;
    record_of(operation)->direction = (uint8_t)direction;
    if (worker_takes_starts(worker) && operation->completed && !operation->cancellation &&
        operation->timeout_ms <= 0 && !record_of(operation)->deadline.key)
        worker_start_here(worker, descriptor, operation, direction);
    else
        start_elsewhere(descriptor, operation, direction);
}

/* --- Without a descriptor -------------------------------------------------------------------- */

static void start_on(struct worker *worker, sn_operation *operation)
{
    record_of(operation)->target.worker = worker; /* a cancel looks for it here */
    worker_start(worker, operation);
}

void operation_start_detached(sn_engine *engine, sn_operation *operation)
{
    trace_operation_start(operation, operation->kind, -1);
    if (!cancellation_link(operation))
        answer_canceled(operation);
    sn_error error = engine ? SN_OK : sn_engine_default(&engine);
    struct worker *worker = error ? NULL : engine_next_worker(engine);
    if (!worker) {
        operation->error = error ? error : SN_ERROR_INVALID_OPERATION;
        operation->native_error = error ? sn_error_last_native() : 0;
        complete_on(operation->completed ? worker_for_refused(NULL) : NULL, operation);
        return;
    }
    start_on(worker, operation);
}

void operation_start_detached_on(struct worker *worker, sn_operation *operation)
{
    trace_operation_start(operation, operation->kind, -1);
    if (!cancellation_link(operation))
        answer_canceled(operation);
    start_on(worker, operation);
}

static void refuse_detached(sn_engine *engine, sn_operation *operation, sn_error error)
{
    operation->error = error;
    trace_operation_start(operation, operation->kind, -1);
    struct worker *worker = engine ? engine_next_worker(engine) : NULL;
    if (!worker || !worker_ref(worker))
        worker = worker_for_refused(NULL);
    complete_on(worker, operation);
}

bool sn_engine_post_async(sn_engine *engine, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_POST))
        return false;
    operation_start_detached(engine, operation);
    return true;
}

bool sn_engine_delay_async(sn_engine *engine, sn_milliseconds delay_ms, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_DELAY))
        return false;
    if (delay_ms < SN_FOREVER) {
        refuse_detached(engine, operation, SN_ERROR_ARGUMENT_OUT_OF_RANGE);
        return true;
    }
    record_of(operation)->action = ACTION_DELAY;
    record_of(operation)->deadline.key =
        delay_ms == SN_FOREVER ? SYS_NEVER : deadline_after(delay_ms);
    operation_start_detached(engine, operation);
    return true;
}

bool sn_engine_repeat_async(sn_engine *engine, sn_milliseconds period_ms,
                            void (*ticked)(sn_operation *operation, uint64_t periods),
                            sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_REPEAT))
        return false;
    sn_error error = !ticked ? SN_ERROR_ARGUMENT_NULL : SN_OK;
    if (!error && period_ms < 1)
        error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (error) {
        refuse_detached(engine, operation, error);
        return true;
    }
    repeat_prepare(operation, period_ms, ticked);
    operation_start_detached(engine, operation);
    return true;
}
