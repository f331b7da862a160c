/*
 * Carries the steps of a call out on the thread, or fiber, that calls.
 *
 * What can be done at once is done, and for the rest sn_socket_poll() waits: so one limit holds for
 * the whole call, however many receives it is made of, and cancels, closes and scopes end it. The
 * stream's own scope ends it where only the stream is closed.
 */
#include "tls.h"

#include <limits.h>
#include <time.h>

enum { MILLISECOND_NS = 1000000 };

/* Points in time; 0: never. */
struct limits {
    int64_t receive_ns, send_ns;
};

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t limit_of(sn_milliseconds timeout_ms)
{
    return timeout_ms > 0 ? now() + timeout_ms * MILLISECOND_NS : 0;
}

/* Whole milliseconds, at least one if any time is left. */
static sn_milliseconds left_of(int64_t limit_ns)
{
    if (limit_ns == 0)
        return SN_FOREVER;
    int64_t left = limit_ns - now();
    return left > 0 ? (left + MILLISECOND_NS - 1) / MILLISECOND_NS : 0;
}

static sn_error limits_begin(const sn_tls_stream *stream, struct limits *limits)
{
    sn_milliseconds receive_ms = 0, send_ms = 0;
    sn_error error = sn_network_stream_get_read_timeout(stream->inner, &receive_ms);
    if (!error)
        error = sn_network_stream_get_write_timeout(stream->inner, &send_ms);
    *limits = (struct limits){limit_of(receive_ms), limit_of(send_ms)};
    return error;
}

/* --- The transport ---------------------------------------------------------------------------- */

/* A poll that a close has ended says "interrupted". */
static sn_error name_close(const sn_tls_stream *stream, sn_error error)
{
    sn_milliseconds timeout_ms;
    if (error != SN_ERROR_INTERRUPTED && error != SN_ERROR_OBJECT_DISPOSED)
        return error;
    bool is_closed =
        sn_socket_get_receive_timeout(stream->socket, &timeout_ms) == SN_ERROR_OBJECT_DISPOSED;
    return is_closed ? SN_ERROR_CONNECTION_ABORTED : error;
}

static sn_error wait_until(const sn_tls_stream *stream, sn_select_mode mode, int64_t limit_ns)
{
    bool is_ready = false;
    sn_error error = SN_OK;
    while (!is_ready && !error) {
        sn_milliseconds left_ms = left_of(limit_ns);
        if (left_ms == 0)
            return SN_ERROR_TIMED_OUT;
        int span_us = left_ms < 0 ? -1 : left_ms > INT_MAX / 1000 ? INT_MAX : (int)left_ms * 1000;
        error = sn_socket_poll(stream->socket, span_us, mode, &is_ready);
    }
    return name_close(stream, error);
}

static sn_error receive(const struct call *call, int64_t limit_ns, size_t *out_size)
{
    const sn_tls_stream *stream = call->stream;
    for (;;) {
        sn_error error = sn_socket_receive(stream->socket, stream->in_buffer, TLS_IN_SIZE,
                                           SN_FLAG_DONT_WAIT, out_size);
        if (error == SN_ERROR_WOULD_BLOCK)
            error = wait_until(stream, SN_SELECT_READ, limit_ns);
        else
            return name_close(stream, error);
        if (error)
            return error;
    }
}

/* What has gone is told also beside an error. */
static sn_error send(struct call *call, int64_t limit_ns)
{
    const sn_tls_stream *stream = call->stream;
    size_t sent = 0;
    sn_error error = sn_socket_send(stream->socket, stream->out_buffer + stream->out_start,
                                    stream->out_end - stream->out_start, SN_FLAG_DONT_WAIT, &sent);
    tls_call_sent(call, sent);
    if (error == SN_ERROR_WOULD_BLOCK)
        error = wait_until(stream, SN_SELECT_WRITE, limit_ns);
    return name_close(stream, error);
}

/* --- The steps -------------------------------------------------------------------------------- */

static void carry(struct call *call, const struct limits *limits)
{
    int64_t in_ns = call->kind == CALL_WRITE ? limits->send_ns : limits->receive_ns;
    for (;;) {
        size_t size = 0;
        sn_error error = SN_OK;
        enum need need = tls_call_step(call);
        if (need == NEED_NOTHING)
            return;
        if (need == NEED_RECEIVE)
            error = receive(call, in_ns, &size);
        else if (need == NEED_SEND)
            error = send(call, limits->send_ns);
        else
            error = sn_semaphore_acquire(&call->stream->progress, 1, left_of(in_ns));
        if (error) {
            tls_call_fail(call, error);
            return;
        }
        if (need == NEED_RECEIVE && !tls_call_received(call, size))
            return;
    }
}

static sn_error run(struct call *call)
{
    sn_cancellation_scope scope;
    struct limits limits;
    sn_error error = limits_begin(call->stream, &limits);
    if (!error)
        error = sn_cancellation_enter(call->stream->closing, &scope);
    if (error) {
        tls_call_fail(call, error);
        return call->error;
    }
    carry(call, &limits);
    (void)sn_cancellation_leave(&scope);
    return call->error;
}

static sn_error authenticate(sn_tls_stream *stream, const struct introduction *introduction)
{
    struct call call = {.stream = stream, .kind = CALL_HANDSHAKE};
    sn_error error = tls_handshake_begin(&call, introduction);
    return error ? error : run(&call);
}

sn_error sn_tls_stream_authenticate_as_client(sn_tls_stream *stream, sn_tls_context *context,
                                              const char *target_host)
{
    const struct introduction introduction = {false, context, target_host};
    return authenticate(stream, &introduction);
}

sn_error sn_tls_stream_authenticate_as_server(sn_tls_stream *stream, sn_tls_context *context)
{
    const struct introduction introduction = {true, context, NULL};
    return authenticate(stream, &introduction);
}

sn_error sn_tls_stream_read(sn_tls_stream *stream, void *data, size_t size, size_t *out_read)
{
    struct call call = {.stream = stream, .kind = CALL_READ, .data = data, .size = size};
    if (!out_read)
        call.error = SN_ERROR_ARGUMENT_NULL;
    if (tls_call_begin(&call) || run(&call))
        return call.error;
    *out_read = call.done;
    return SN_OK;
}

sn_error sn_tls_stream_write(sn_tls_stream *stream, const void *data, size_t size,
                             size_t *out_written)
{
    struct call call = {
        .stream = stream, .kind = CALL_WRITE, .data = (void *)(uintptr_t)data, .size = size};
    sn_error error = tls_call_begin(&call);
    if (!error)
        error = run(&call);
    if (out_written)
        *out_written = call.done;
    return error;
}

sn_error sn_tls_stream_shutdown(sn_tls_stream *stream)
{
    struct call call = {.stream = stream, .kind = CALL_SHUTDOWN};
    sn_error error = tls_call_begin(&call);
    return error ? error : run(&call);
}
