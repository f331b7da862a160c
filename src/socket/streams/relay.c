/*
 * A copy from one stream to another, and a relay, which is two of them.
 *
 * Each direction is a leg: a receive that fills its conduit, then a send that empties it, and so
 * on. Only one of the two is pending at a time, and its callback starts the next, so nothing of a
 * leg needs a lock, although the two sockets may belong to different engines. The program's
 * operation waits for the legs as a lookup waits for its answer (loop/external.h); the leg that
 * ends last gives that.
 *
 * Whatever ends a leg early ends the other by the cancellation handle that the operations of both
 * have: it also ends what is started from then on, so there is no moment at which a cancel could
 * miss them.
 */
#include "socket/streams/relay.h"

#include <limits.h>
#include <string.h>

#include "error/error.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

/* --- The end ---------------------------------------------------------------------------------- */

static struct relay **place_of(sn_operation *operation)
{
    struct external *external = external_of(operation);
    return (struct relay **)(void *)external->own;
}

static void destroy(struct relay *relay)
{
    for (size_t i = 0; i < relay->leg_count; i++)
        conduit_close(&relay->legs[i].conduit);
    sn_cancellation_release(relay->cancellation);
    memory_free(relay);
}

/* The handle says "cancelled", whatever it was used for. An engine that the kernel has failed ends
 * what it has with the reason. */
static void say_why(sn_operation *operation)
{
    uint16_t marks = record_of(operation)->marks;
    int32_t failure = worker_failure(record_of(operation)->target.worker);
    operation->native_error = 0;
    if (marks & MARK_TIMED_OUT)
        operation->error = SN_ERROR_TIMED_OUT;
    else if ((marks & MARK_NO_MEMORY) || failure == OUTCOME_NO_MEMORY)
        operation->error = SN_ERROR_OUT_OF_MEMORY;
    else if (!(marks & MARK_STOPPED))
        operation->error = SN_ERROR_OPERATION_CANCELED;
    else if (failure == 0)
        operation->error = SN_ERROR_OPERATION_ABORTED;
    else {
        operation->native_error = -failure;
        operation->error = sn_error_from_native(-failure);
    }
}

static void write_result(const struct relay *relay, sn_operation *operation, sn_socket *failed)
{
    uint64_t there = relay->legs[0].moved, back = relay->legs[1].moved;
    uint64_t both = there + back;
    operation->transferred = both > SIZE_MAX ? SIZE_MAX : (size_t)both;
    if (relay->result)
        *relay->result = (sn_relay_result){.there = there, .back = back, .failed = failed};
}

/* On the worker of the program's operation. */
static void resume(sn_operation *operation)
{
    struct relay *relay = *place_of(operation);
    bool was_ended =
        relay->error == SN_ERROR_OPERATION_CANCELED && (record_of(operation)->marks & MARK_ENDING);
    operation->error = relay->error;
    operation->native_error = relay->native_error;
    if (was_ended)
        say_why(operation);
    write_result(relay, operation, was_ended ? NULL : relay->failed);
    destroy(relay);
}

/* The legs end soon, and the last one answers. */
static bool abandon(sn_operation *operation)
{
    sn_cancellation_cancel((*place_of(operation))->cancellation);
    return false;
}

static const struct external_class relay_class = {.on_resume = resume, .on_abandon = abandon};

/* The sockets go here, in a callback, where a close is nothing special. */
static void end_last(struct relay *relay)
{
    for (int i = 0; i < 2; i++)
        sn_socket_release(relay->sockets[i]);
    external_answer(relay->operation);
}

/* A leg has ended, or a step has been taken. */
static void leave(struct relay *relay)
{
    if (atomic_sub_acq_rel(&relay->running, 1u) == 1)
        end_last(relay);
}

/* `failed` is whose error it is. The first one counts: the other leg's follows from it. */
static void fail(struct relay *relay, sn_error error, int native, sn_socket *failed)
{
    uint32_t no = 0;
    if (!atomic_replace_acq_rel(&relay->has_failed, &no, 1u))
        return;
    /* A close between two steps is one like any other. */
    relay->error = error == SN_ERROR_OBJECT_DISPOSED ? SN_ERROR_OPERATION_ABORTED : error;
    relay->native_error = native;
    relay->failed = failed;
    sn_cancellation_cancel(relay->cancellation);
}

/* --- A leg ------------------------------------------------------------------------------------ */

static void moved(sn_operation *operation);

/* What is left of the time in which something has to move, in whole milliseconds; 0: no limit. */
static sn_milliseconds idle_left(struct relay *relay)
{
    if (relay->idle_ms < 0)
        return 0;
    int64_t idle_ms = (sys_now() - atomic_load_relaxed(&relay->moved_at_ns)) / 1000000;
    return idle_ms < relay->idle_ms ? relay->idle_ms - idle_ms : 1;
}

/* Its time is over, but the other direction was busy meanwhile. (The kernel may say "timed out" of
 * the connection, too.) */
static bool was_too_early(struct relay *relay, const sn_operation *operation)
{
    int64_t idle_ns = sys_now() - atomic_load_relaxed(&relay->moved_at_ns);
    return operation->error == SN_ERROR_TIMED_OUT && operation->native_error == 0 &&
           idle_ns / 1000000 < relay->idle_ms;
}

/* Between two steps a cancel of a socket finds nothing to end there, but it is counted. */
static void notice_cancels(struct relay *relay)
{
    for (int i = 0; i < 2; i++) {
        sn_socket *socket = relay->sockets[i];
        if (atomic_load_acquire(&socket->descriptor.cancels) != relay->cancels[i])
            fail(relay, SN_ERROR_OPERATION_CANCELED, 0, socket);
    }
}

static void start(struct leg *leg, sn_socket *socket)
{
    sn_operation *operation = &leg->operation;
    bool is_taken =
        socket_begin_async(operation, leg->sends ? &conduit_out_verb : &conduit_in_verb);
    assert(is_taken); /* the record is ours, and idle */
    (void)is_taken;
    if (!socket_ref_async(socket, operation))
        return;
    if (leg->sends)
        conduit_prepare_out(&leg->conduit, operation, socket);
    else
        conduit_prepare_in(&leg->conduit, operation, socket);
    socket_start_async(socket, operation, SN_OK);
}

/* The relay stays until this has looked for cancels, which it does when its operation can be found.
 */
static void step(struct leg *leg, bool sends)
{
    struct relay *relay = leg->relay;
    atomic_add_relaxed(&relay->running, 1u);
    leg->sends = sends;
    leg->operation.completed = moved;
    leg->operation.context = leg;
    leg->operation.timeout_ms = idle_left(relay);
    leg->operation.cancellation = relay->cancellation;
    start(leg, sends ? leg->to : leg->from);
    notice_cancels(relay);
    leave(relay);
}

static void note_moved(struct leg *leg)
{
    if (leg->relay->idle_ms >= 0 && leg->operation.transferred > 0)
        atomic_store_relaxed(&leg->relay->moved_at_ns, sys_now());
}

static void end_leg(struct leg *leg, sn_error error, int native, sn_socket *failed)
{
    fail(leg->relay, error, native, failed);
    leave(leg->relay);
}

static void received(struct leg *leg)
{
    conduit_note_in(&leg->conduit, &leg->operation);
    if (leg->conduit.held > 0) {
        step(leg, true);
        return;
    }
    /* The peer may have gone meanwhile: who sends there is told. */
    if (leg->relay->leg_count == 2)
        (void)!sn_socket_shutdown(leg->to, SN_SHUTDOWN_SEND);
    leave(leg->relay);
}

/* A send that was cancelled with a part gone says so by its mark only. */
static void sent(struct leg *leg)
{
    bool is_cut = (record_of(&leg->operation)->marks & MARK_CANCELED) && leg->conduit.held > 0;
    if (is_cut)
        end_leg(leg, SN_ERROR_OPERATION_CANCELED, 0, leg->to);
    else
        step(leg, leg->conduit.held > 0);
}

static void use_buffer(struct leg *leg)
{
    sn_error error = conduit_use_buffer(&leg->conduit);
    if (error)
        end_leg(leg, error, sn_error_last_native(), NULL);
    else
        step(leg, leg->sends);
}

/* The receive, or the send, of a leg has come to its end. */
static void moved(sn_operation *operation)
{
    struct leg *leg = operation->context;
    note_moved(leg);
    if (leg->sends) {
        leg->moved += operation->transferred;
        conduit_note_out(&leg->conduit, operation);
    }
    if (conduit_is_refused(&leg->conduit, operation))
        use_buffer(leg);
    else if (was_too_early(leg->relay, operation))
        step(leg, leg->sends);
    else if (operation->error)
        end_leg(leg, operation->error, operation->native_error, leg->sends ? leg->to : leg->from);
    else if (leg->sends)
        sent(leg);
    else
        received(leg);
}

/* --- The beginning ---------------------------------------------------------------------------- */

static sn_error check_one(sn_socket *socket)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = enough_check_socket(socket);
    socket_unref(socket);
    return error;
}

static bool is_span(sn_milliseconds span)
{
    return span > 0 || span == SN_FOREVER;
}

static sn_error check(const struct relay_wish *wish)
{
    sn_error error = check_one(wish->first);
    if (!error)
        error = check_one(wish->second);
    if (!error && !is_span(wish->idle_ms))
        error = socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!error && wish->leg_count == 2 && wish->first == wish->second)
        error = socket_misuse(SN_ERROR_ARGUMENT);
    return error;
}

static struct relay *create(const struct relay_wish *wish, sn_operation *operation)
{
    struct relay *relay = memory_zeroed(sizeof *relay);
    if (!relay)
        return NULL;
    relay->operation = operation;
    relay->result = wish->result;
    relay->idle_ms = wish->idle_ms;
    relay->moved_at_ns = sys_now();
    relay->running = (uint32_t)wish->leg_count;
    relay->leg_count = wish->leg_count;
    relay->sockets[0] = wish->first;
    relay->sockets[1] = wish->second;
    for (size_t i = 0; i < 2; i++) {
        relay->legs[i] =
            (struct leg){.relay = relay, .from = relay->sockets[i], .to = relay->sockets[1 - i]};
        conduit_init(&relay->legs[i].conduit);
    }
    return relay;
}

static sn_error open_all(struct relay *relay)
{
    sn_error error = sn_cancellation_create(&relay->cancellation);
    for (size_t i = 0; i < relay->leg_count && !error; i++)
        error = conduit_open(&relay->legs[i].conduit);
    return error;
}

/* The worker of the first socket completes it, or one of the default engine where that has gone. */
static sn_error choose_worker(sn_socket *first, sn_operation *operation)
{
    int32_t native = 0;
    sn_error error = socket_ref(first);
    if (error)
        return error;
    (void)descriptor_bind(&first->descriptor, NULL, &native);
    struct worker *worker = worker_ref_of(&first->descriptor);
    if (worker) {
        external_begin_on(worker, operation, &relay_class);
        worker_unref(worker);
    } else {
        error = external_begin(NULL, operation, &relay_class);
    }
    socket_unref(first);
    return error;
}

static void refuse(const struct relay_wish *wish, sn_operation *operation, sn_error error)
{
    socket_refuse_async(wish->first, operation, error);
}

void relay_start(const struct relay_wish *wish, sn_operation *operation)
{
    sn_error error = check(wish);
    struct relay *relay = error ? NULL : create(wish, operation);
    if (!error && !relay)
        error = socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    if (!error)
        error = open_all(relay);
    if (!error)
        error = choose_worker(wish->first, operation);
    if (error) {
        if (relay)
            destroy(relay);
        refuse(wish, operation, error);
        return;
    }
    *place_of(operation) = relay;
    sn_socket_retain(wish->first);
    sn_socket_retain(wish->second);
    trace_operation_start(operation, operation->kind, socket_handle(wish->first));
    /* Before the legs: it cannot complete before the last of them has ended. */
    external_start(operation);
    for (size_t i = 0; i < wish->leg_count; i++)
        step(&relay->legs[i], false);
}

/* --- Public ----------------------------------------------------------------------------------- */

static bool start_async(const struct relay_wish *wish, sn_operation_kind kind,
                        sn_operation *operation)
{
    if (!operation_begin(operation, kind))
        return false;
    relay_start(wish, operation);
    return true;
}

static bool is_driven(sn_socket *socket)
{
    struct worker *worker = socket ? worker_ref_of(&socket->descriptor) : NULL;
    bool is = worker && !worker->has_thread;
    if (worker)
        worker_unref(worker);
    return is;
}

/* A signal may end it, as the program's hook says, and a scope of the thread's. The record is on
 * this stack, so the operation ends too. */
static sn_error wait(sn_operation *operation)
{
    sn_error error = sn_operation_wait(operation);
    if (!operation_is_pending(operation))
        return operation->error;
    sn_operation_cancel(operation);
    operation_await_end(operation);
    return operation->error == SN_ERROR_OPERATION_CANCELED ? error : operation->error;
}

static sn_error run(const struct relay_wish *wish, sn_operation_kind kind,
                    sn_milliseconds timeout_ms)
{
    sn_operation operation = {.timeout_ms = timeout_ms};
    sn_error error = check(wish);
    if (!error && !is_span(timeout_ms))
        error = socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (!error && !flow_current() &&
        (worker_current() || is_driven(wish->first) || is_driven(wish->second)))
        error = socket_misuse(SN_ERROR_INVALID_OPERATION);
    if (error)
        return error;
    (void)start_async(wish, kind, &operation);
    error = wait(&operation);
    if (error)
        error_set_last_native(operation.native_error);
    return error == SN_ERROR_OPERATION_ABORTED ? SN_ERROR_CONNECTION_ABORTED : error;
}

static struct relay_wish wish_of(sn_socket *first, sn_socket *second, size_t leg_count,
                                 sn_milliseconds idle_ms, sn_relay_result *result)
{
    return (struct relay_wish){.first = first,
                               .second = second,
                               .leg_count = leg_count,
                               .idle_ms = idle_ms,
                               .result = result};
}

sn_error sn_socket_copy_to(sn_socket *from, sn_socket *to, sn_milliseconds timeout_ms,
                           sn_milliseconds idle_ms, sn_relay_result *out_result)
{
    const struct relay_wish wish = wish_of(from, to, 1, idle_ms, out_result);
    return run(&wish, SN_OPERATION_COPY, timeout_ms);
}

bool sn_socket_copy_to_async(sn_socket *from, sn_socket *to, sn_milliseconds idle_ms,
                             sn_relay_result *out_result, sn_operation *operation)
{
    const struct relay_wish wish = wish_of(from, to, 1, idle_ms, out_result);
    return start_async(&wish, SN_OPERATION_COPY, operation);
}

sn_error sn_socket_relay(sn_socket *first, sn_socket *second, sn_milliseconds timeout_ms,
                         sn_milliseconds idle_ms, sn_relay_result *out_result)
{
    const struct relay_wish wish = wish_of(first, second, 2, idle_ms, out_result);
    return run(&wish, SN_OPERATION_RELAY, timeout_ms);
}

bool sn_socket_relay_async(sn_socket *first, sn_socket *second, sn_milliseconds idle_ms,
                           sn_relay_result *out_result, sn_operation *operation)
{
    const struct relay_wish wish = wish_of(first, second, 2, idle_ms, out_result);
    return start_async(&wish, SN_OPERATION_RELAY, operation);
}
