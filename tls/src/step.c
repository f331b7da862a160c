/*
 * What a call does next, without waiting.
 *
 * A read asks OpenSSL for bytes, and where it has none has the transport receive some. A write has
 * two records encrypted, then sent, and so on; it is over when nothing is left. Each direction
 * belongs to one call at a time, and the bytes that go out to the one that writes. What a read has
 * to answer (new keys, an alert) goes out with the next bytes, or at once where nobody writes and
 * there is room; it never waits for that.
 *
 * In one case a write wants to read: a message of TLS itself, as a session ticket, came in part,
 * and OpenSSL does nothing else until it is whole. Then the write receives, or waits until the read
 * that does so has received something; and so does a read that is begun meanwhile.
 */
#include "tls.h"

#include <openssl/err.h>

/* --- Beginning and end ------------------------------------------------------------------------ */

static bool *claim_of(struct call *call)
{
    return call->kind == CALL_READ ? &call->stream->is_reading : &call->stream->is_writing;
}

static sn_error check_begin(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    if (stream->is_closed)
        return SN_ERROR_OBJECT_DISPOSED;
    if (stream->failure)
        return stream->failure;
    if (!stream_is(stream, STATE_AUTHENTICATED) || *claim_of(call))
        return SN_ERROR_INVALID_OPERATION;
    return call->kind == CALL_WRITE && stream->has_shut_down ? SN_ERROR_SHUTDOWN : SN_OK;
}

sn_error tls_call_begin(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    if (!stream)
        call->error = SN_ERROR_ARGUMENT_NULL;
    if (call->error)
        return call->error;
    tls_lock(stream);
    call->error = check_begin(call);
    if (!call->error && !call->data && call->size > 0)
        call->error = SN_ERROR_ARGUMENT_NULL;
    if (!call->error)
        *claim_of(call) = true;
    tls_unlock(stream);
    return call->error;
}

/* What has come may be what the other one waits for; or it has to receive itself. */
static void stop_receiving(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    struct call *waiting = stream->waiting;
    if (!call->receives)
        return;
    stream->is_receiving = call->receives = false;
    stream->waiting = NULL;
    if (waiting && waiting->operation)
        tls_async_wake(waiting->operation);
    else if (waiting)
        (void)sn_semaphore_release(&stream->progress, 1);
}

enum need tls_call_end(struct call *call, sn_error error)
{
    sn_tls_stream *stream = call->stream;
    call->error = error;
    if (call->kind == CALL_HANDSHAKE) {
        enum tls_state state = error ? STATE_BROKEN : STATE_AUTHENTICATED;
        atomic_store_explicit(&stream->state, (int)state, memory_order_release);
        return NEED_NOTHING;
    }
    *claim_of(call) = false;
    if (stream->waiting == call)
        stream->waiting = NULL;
    stop_receiving(call);
    return NEED_NOTHING;
}

static enum need receive(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    if (stream->is_receiving) {
        stream->waiting = call;
        return NEED_PROGRESS;
    }
    stream->is_receiving = call->receives = true;
    return NEED_RECEIVE;
}

/* --- What goes out ---------------------------------------------------------------------------- */

bool tls_output_take(sn_tls_stream *stream)
{
    if (stream->out_start < stream->out_end)
        return true;
    int size = BIO_read(stream->out, stream->out_buffer, TLS_OUT_SIZE);
    stream->out_start = 0;
    stream->out_end = size > 0 ? (size_t)size : 0;
    return size > 0;
}

/* A failure shows in the next write. */
static void output_try(sn_tls_stream *stream)
{
    sn_error error = SN_OK;
    while (!stream->is_writing && !error && tls_output_take(stream)) {
        size_t sent = 0;
        error = sn_socket_send(stream->socket, stream->out_buffer + stream->out_start,
                               stream->out_end - stream->out_start, SN_FLAG_DONT_WAIT, &sent);
        stream->out_start += sent;
    }
}

static size_t output_size(sn_tls_stream *stream)
{
    return BIO_ctrl_pending(stream->out) + (stream->out_end - stream->out_start);
}

void tls_call_sent(struct call *call, size_t size)
{
    sn_tls_stream *stream = call->stream;
    tls_lock(stream);
    stream->out_start += size;
    tls_unlock(stream);
}

/* --- The steps -------------------------------------------------------------------------------- */

/* What OpenSSL has refused, for good. The alert that tells the peer goes out if it can. */
enum need tls_call_refused(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    tls_stream_explain_openssl(stream);
    stream->failure = SN_ERROR_AUTHENTICATION;
    output_try(stream);
    return tls_call_end(call, stream->failure);
}

static enum need read_on(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    size_t count = 0;
    char one;
    ERR_clear_error();
    int result = call->size > 0 ? SSL_read_ex(stream->ssl, call->data, call->size, &count)
                                : SSL_peek_ex(stream->ssl, &one, 1, &count);
    int reason = SSL_get_error(stream->ssl, result);
    if (reason != SSL_ERROR_NONE && reason != SSL_ERROR_WANT_READ &&
        reason != SSL_ERROR_ZERO_RETURN)
        return tls_call_refused(call);
    output_try(stream);
    call->done = call->size > 0 ? count : 0;
    if (reason != SSL_ERROR_WANT_READ)
        return tls_call_end(call, SN_OK);
    if (output_size(stream) <= TLS_OUT_LIMIT)
        return receive(call);
    tls_stream_explain(stream, "the peer asks for answers and takes none");
    stream->failure = SN_ERROR_LIMIT_EXCEEDED;
    return tls_call_end(call, stream->failure);
}

/* OpenSSL wants the rest of a message before it takes anything. */
static enum need wait_for_message(struct call *call)
{
    return tls_output_take(call->stream) ? NEED_SEND : receive(call);
}

static enum need write_on(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    ERR_clear_error();
    while (call->done < call->size && BIO_ctrl_pending(stream->out) < TLS_RECORD_SIZE) {
        size_t size = call->size - call->done, count = 0;
        int result = SSL_write_ex(stream->ssl, (const char *)call->data + call->done,
                                  size < TLS_RECORD_SIZE ? size : TLS_RECORD_SIZE, &count);
        int reason = SSL_get_error(stream->ssl, result);
        call->done += count;
        if (reason == SSL_ERROR_WANT_READ)
            return wait_for_message(call);
        if (reason != SSL_ERROR_NONE)
            return tls_call_refused(call);
    }
    if (tls_output_take(stream))
        return NEED_SEND;
    return call->done == call->size ? tls_call_end(call, SN_OK) : write_on(call);
}

static enum need shut_down(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    ERR_clear_error();
    if (!stream->has_shut_down) {
        int result = SSL_shutdown(stream->ssl);
        int reason = result < 0 ? SSL_get_error(stream->ssl, result) : SSL_ERROR_NONE;
        if (reason == SSL_ERROR_WANT_READ)
            return wait_for_message(call);
        if (result < 0)
            return tls_call_refused(call);
        stream->has_shut_down = true;
    }
    return tls_output_take(stream) ? NEED_SEND : tls_call_end(call, SN_OK);
}

enum need tls_call_step(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    if (call->kind == CALL_HANDSHAKE)
        return tls_handshake_step(call);
    tls_lock(stream);
    enum need need;
    if (stream->is_closed)
        need = tls_call_end(call, SN_ERROR_CONNECTION_ABORTED);
    else if (stream->failure)
        need = tls_call_end(call, stream->failure);
    else if (call->kind == CALL_READ)
        need = read_on(call);
    else if (call->kind == CALL_WRITE)
        need = write_on(call);
    else
        need = shut_down(call);
    tls_unlock(stream);
    return need;
}

bool tls_call_received(struct call *call, size_t size)
{
    sn_tls_stream *stream = call->stream;
    sn_error error = SN_OK;
    tls_lock(stream);
    stop_receiving(call);
    if (size == 0) {
        error = stream->is_closed ? SN_ERROR_CONNECTION_ABORTED : SN_ERROR_END_OF_STREAM;
        if (!stream->is_closed)
            tls_stream_explain(stream, "the connection has ended without the peer's close_notify");
    } else if (BIO_write(stream->in, stream->in_buffer, (int)size) != (int)size)
        error = SN_ERROR_OUT_OF_MEMORY; /* what has come is lost: nothing later can be read */
    if (error == SN_ERROR_OUT_OF_MEMORY)
        stream->failure = error;
    if (error)
        (void)tls_call_end(call, error);
    tls_unlock(stream);
    return !error;
}

void tls_call_fail(struct call *call, sn_error error)
{
    sn_tls_stream *stream = call->stream;
    tls_lock(stream);
    if (call->is_ended && call->error) /* the alert could not be sent: what it was about counts */
        stream->failure = error = call->error;
    (void)tls_call_end(call, stream->is_closed ? SN_ERROR_CONNECTION_ABORTED : error);
    tls_unlock(stream);
}
