/*
 * Carries the steps of a call out by callbacks.
 *
 * An operation is begun in the starting call, which claims the stream, so that the order of two
 * starts is the order of the program's. Everything else happens in callbacks of `inner`, an
 * operation of Sennit's that is used over and over: the first one is a post, so a callback never
 * runs inside of the start, and the work of a handshake is done on the engine's thread.
 *
 * A cancel may come at any moment. It leaves a mark, then cancels whatever `inner` does. Each start
 * of `inner` looks at the mark when it is done, so one of the two sees the other. That is under the
 * stream's lock, which the callback takes first of all: until then the record is there.
 */
#include "tls.h"

#include <time.h>

enum { RECORD_RUNNING = 0x5e271150, MILLISECOND_NS = 1000000 };

/* What is in `opaque`. */
struct record {
    _Atomic uint32_t state; /* RECORD_RUNNING from the start to the completion */
    _Atomic uint32_t is_canceled;
    bool is_woken; /* with the lock: what it waits for has happened */
    enum need need;
    int64_t limit_ns; /* 0: none */
    struct call call;
};
_Static_assert(sizeof(struct record) <= sizeof((sn_tls_operation *)0)->opaque, "it has room");

static struct record *record_of(sn_tls_operation *operation)
{
    return (struct record *)(void *)operation->opaque;
}

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Whole milliseconds, 0 if none are left. */
static sn_milliseconds left_of(const struct record *record)
{
    int64_t left = record->limit_ns - now();
    return left > 0 ? (left + MILLISECOND_NS - 1) / MILLISECOND_NS : 0;
}

static void advance(sn_operation *inner);

/* --- The end ---------------------------------------------------------------------------------- */

/* Among what is ended by a close; with the lock. */
static sn_tls_operation **place_of(const struct call *call)
{
    return &call->stream->running[call->kind == CALL_READ ? 0 : 1];
}

static bool is_ended_by_close(sn_tls_stream *stream, sn_error error)
{
    if (!stream || error != SN_ERROR_CONNECTION_ABORTED)
        return false;
    tls_lock(stream);
    bool is_closed = stream->is_closed;
    tls_unlock(stream);
    return is_closed;
}

static void complete(sn_tls_operation *operation)
{
    struct record *record = record_of(operation);
    sn_tls_stream *stream = record->call.stream;
    operation->error = record->call.error;
    operation->transferred = record->call.done;
    if (is_ended_by_close(stream, operation->error))
        operation->error = SN_ERROR_OPERATION_ABORTED;
    /* Release: pairs with the exchange of the next start. */
    atomic_store_explicit(&record->state, 0, memory_order_release);
    operation->completed(operation);
    sn_tls_stream_release(stream);
}

/* With the lock; another one may have begun since the claim was given back. */
static void forget(sn_tls_operation *operation)
{
    sn_tls_operation **place = place_of(&record_of(operation)->call);
    if (*place == operation)
        *place = NULL;
}

/* A close between two steps is one like any other. */
static void fail(sn_tls_operation *operation, sn_error error)
{
    struct call *call = &record_of(operation)->call;
    if (error == SN_ERROR_OBJECT_DISPOSED)
        error = SN_ERROR_OPERATION_ABORTED;
    tls_lock(call->stream);
    forget(operation);
    tls_unlock(call->stream);
    tls_call_fail(call, error);
    complete(operation);
}

/* --- What it waits for ------------------------------------------------------------------------ */

static void start_transport(sn_tls_operation *operation, enum need need)
{
    sn_tls_stream *stream = record_of(operation)->call.stream;
    sn_operation *inner = &operation->inner;
    if (need == NEED_RECEIVE)
        sn_socket_receive_async(stream->socket, stream->in_buffer, TLS_IN_SIZE, SN_FLAG_NONE,
                                inner);
    else if (need == NEED_SEND)
        sn_socket_send_async(stream->socket, stream->out_buffer + stream->out_start,
                             stream->out_end - stream->out_start, SN_FLAG_NONE, inner);
    else
        sn_engine_delay_async(NULL, inner->timeout_ms > 0 ? inner->timeout_ms : SN_FOREVER, inner);
}

/* Why it may not be started. */
static sn_error reason_to_end(const sn_tls_operation *operation, const struct record *record)
{
    if (record->call.stream->is_closed)
        return SN_ERROR_CONNECTION_ABORTED;
    if (atomic_load(&record->is_canceled))
        return SN_ERROR_OPERATION_CANCELED;
    return record->limit_ns != 0 && operation->inner.timeout_ms == 0 ? SN_ERROR_TIMED_OUT : SN_OK;
}

/* With the lock; false: it has come already. */
static bool start_next(sn_tls_operation *operation, enum need need, sn_error *out_error)
{
    struct record *record = record_of(operation);
    operation->inner.completed = advance;
    operation->inner.context = operation;
    operation->inner.timeout_ms = record->limit_ns != 0 ? left_of(record) : 0;
    operation->inner.cancellation = operation->cancellation;
    record->need = need;
    if (need == NEED_PROGRESS && record->is_woken) {
        record->is_woken = false;
        return false;
    }
    *out_error = reason_to_end(operation, record);
    if (*out_error)
        return true;
    start_transport(operation, need);
    if (atomic_load(&record->is_canceled))
        sn_operation_cancel(&operation->inner);
    return true;
}

/* What comes next, until something is waited for or it is over. Started, it is not touched. */
static void go_on(sn_tls_operation *operation)
{
    struct record *record = record_of(operation);
    sn_tls_stream *stream = sn_tls_stream_retain(record->call.stream);
    sn_error error = SN_OK;
    enum need need;
    bool is_started = false;
    do {
        need = tls_call_step(&record->call);
        tls_lock(stream);
        if (need == NEED_NOTHING)
            forget(operation);
        else
            is_started = start_next(operation, need, &error);
        tls_unlock(stream);
    } while (need != NEED_NOTHING && !is_started);
    if (error)
        fail(operation, error);
    else if (need == NEED_NOTHING)
        complete(operation);
    sn_tls_stream_release(stream);
}

/* On the thread of the connection. */
static void post(sn_tls_operation *operation)
{
    struct record *record = record_of(operation);
    sn_tls_stream *stream = record->call.stream;
    operation->inner.completed = advance;
    operation->inner.context = operation;
    operation->inner.timeout_ms = 0;
    operation->inner.cancellation = NULL;
    record->need = NEED_NOTHING;
    if (stream)
        sn_socket_post_async(stream->socket, &operation->inner);
    else
        sn_engine_post_async(NULL, &operation->inner);
}

static void after_progress(sn_tls_operation *operation)
{
    struct record *record = record_of(operation);
    sn_error error = operation->inner.error ? operation->inner.error : SN_ERROR_TIMED_OUT;
    tls_lock(record->call.stream);
    bool is_woken = record->is_woken;
    record->is_woken = false;
    tls_unlock(record->call.stream);
    if (is_woken)
        post(operation);
    else
        fail(operation, error);
}

static void after_post(sn_tls_operation *operation)
{
    if (record_of(operation)->call.error) /* it was misuse */
        complete(operation);
    else if (operation->inner.error)
        fail(operation, operation->inner.error);
    else
        go_on(operation);
}

static void after_transport(sn_tls_operation *operation)
{
    struct record *record = record_of(operation);
    sn_tls_stream *stream = record->call.stream;
    if (record->need == NEED_SEND)
        tls_call_sent(&record->call, operation->inner.transferred);
    if (operation->inner.error)
        fail(operation, operation->inner.error);
    else if (record->need == NEED_SEND ||
             tls_call_received(&record->call, operation->inner.transferred))
        go_on(operation);
    else {
        tls_lock(stream);
        forget(operation);
        tls_unlock(stream);
        complete(operation);
    }
}

/* Whatever `inner` did has ended. */
static void advance(sn_operation *inner)
{
    sn_tls_operation *operation = inner->context;
    sn_tls_stream *stream = record_of(operation)->call.stream;
    if (stream) { /* until the one that has started it is through */
        tls_lock(stream);
        tls_unlock(stream);
    }
    switch (record_of(operation)->need) {
    case NEED_NOTHING: after_post(operation); break;
    case NEED_PROGRESS: after_progress(operation); break;
    case NEED_RECEIVE:
    case NEED_SEND: after_transport(operation); break;
    }
}

/* --- What others do to it: with the lock ------------------------------------------------------ */

void tls_async_wake(sn_tls_operation *operation)
{
    record_of(operation)->is_woken = true;
    sn_operation_cancel(&operation->inner);
}

void tls_async_close(sn_tls_stream *stream)
{
    for (int i = 0; i < 2; i++)
        if (stream->running[i])
            sn_operation_cancel(&stream->running[i]->inner);
}

void sn_tls_operation_cancel(sn_tls_operation *operation)
{
    if (!operation || atomic_load(&record_of(operation)->state) != RECORD_RUNNING)
        return;
    atomic_store(&record_of(operation)->is_canceled, 1);
    sn_operation_cancel(&operation->inner);
}

/* --- The beginning ---------------------------------------------------------------------------- */

static bool begin(sn_tls_operation *operation, const struct call *call)
{
    if (!operation || !operation->completed)
        return false;
    struct record *record = record_of(operation);
    if (atomic_exchange(&record->state, RECORD_RUNNING) == RECORD_RUNNING)
        return false;
    atomic_store(&record->is_canceled, 0);
    record->is_woken = false;
    record->limit_ns =
        operation->timeout_ms > 0 ? now() + operation->timeout_ms * MILLISECOND_NS : 0;
    record->call = *call;
    record->call.operation = operation;
    (void)sn_tls_stream_retain(call->stream);
    return true;
}

/* What is below may be closed already, which is no end of something that was under way. */
static sn_error claim(struct call *call, const struct introduction *introduction)
{
    sn_milliseconds timeout_ms;
    sn_error error = introduction ? tls_handshake_begin(call, introduction) : tls_call_begin(call);
    if (error)
        return error;
    error = sn_network_stream_get_read_timeout(call->stream->inner, &timeout_ms);
    if (error)
        tls_call_fail(call, error);
    return error;
}

static bool start(sn_tls_operation *operation, const struct call *call,
                  const struct introduction *introduction)
{
    if (!begin(operation, call))
        return false;
    struct call *own = &record_of(operation)->call;
    if (!claim(own, introduction)) {
        tls_lock(own->stream);
        *place_of(own) = operation;
        tls_unlock(own->stream);
    }
    post(operation);
    return true;
}

bool sn_tls_stream_authenticate_as_client_async(sn_tls_stream *stream, sn_tls_context *context,
                                                const char *target_host,
                                                sn_tls_operation *operation)
{
    const struct introduction introduction = {false, context, target_host};
    const struct call call = {.stream = stream, .kind = CALL_HANDSHAKE};
    return start(operation, &call, &introduction);
}

bool sn_tls_stream_authenticate_as_server_async(sn_tls_stream *stream, sn_tls_context *context,
                                                sn_tls_operation *operation)
{
    const struct introduction introduction = {true, context, NULL};
    const struct call call = {.stream = stream, .kind = CALL_HANDSHAKE};
    return start(operation, &call, &introduction);
}

bool sn_tls_stream_read_async(sn_tls_stream *stream, void *data, size_t size,
                              sn_tls_operation *operation)
{
    const struct call call = {.stream = stream, .kind = CALL_READ, .data = data, .size = size};
    return start(operation, &call, NULL);
}

bool sn_tls_stream_write_async(sn_tls_stream *stream, const void *data, size_t size,
                               sn_tls_operation *operation)
{
    const struct call call = {
        .stream = stream, .kind = CALL_WRITE, .data = (void *)(uintptr_t)data, .size = size};
    return start(operation, &call, NULL);
}

bool sn_tls_stream_shutdown_async(sn_tls_stream *stream, sn_tls_operation *operation)
{
    const struct call call = {.stream = stream, .kind = CALL_SHUTDOWN};
    return start(operation, &call, NULL);
}
