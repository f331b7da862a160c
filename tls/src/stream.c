/* The object and its life. */
#include "tls.h"

#include <stdlib.h>

static void destroy(sn_tls_stream *stream)
{
    SSL_free(stream->ssl);
    sn_tls_context_release(stream->context);
    sn_cancellation_release(stream->closing);
    sn_network_stream_release(stream->inner);
    OPENSSL_free(stream->certificate);
    free(stream->in_buffer);
    free(stream->out_buffer);
    (void)pthread_mutex_destroy(&stream->lock);
    free(stream);
}

sn_error sn_tls_stream_create(sn_network_stream *inner, bool leaves_inner_open,
                              sn_tls_stream **out_stream)
{
    if (!inner || !out_stream)
        return SN_ERROR_ARGUMENT_NULL;
    if (!sn_network_stream_can_read(inner) || !sn_network_stream_can_write(inner))
        return SN_ERROR_ARGUMENT;
    sn_tls_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return SN_ERROR_OUT_OF_MEMORY;
    stream->references = 1;
    stream->leaves_inner_open = leaves_inner_open;
    (void)pthread_mutex_init(&stream->lock, NULL);
    stream->in_buffer = malloc(TLS_IN_SIZE);
    stream->out_buffer = malloc(TLS_OUT_SIZE);
    sn_error error = sn_cancellation_create(&stream->closing);
    if (!error && (!stream->in_buffer || !stream->out_buffer))
        error = SN_ERROR_OUT_OF_MEMORY;
    if (error) {
        destroy(stream);
        return error;
    }
    stream->inner = sn_network_stream_retain(inner);
    stream->socket = sn_network_stream_get_socket(inner);
    *out_stream = stream;
    return SN_OK;
}

sn_error sn_tls_stream_create_on_socket(sn_socket *socket, bool owns_socket,
                                        sn_tls_stream **out_stream)
{
    sn_network_stream *inner;
    if (!out_stream)
        return SN_ERROR_ARGUMENT_NULL;
    /* One that owned the socket would close the caller's where the rest fails. */
    sn_error error = sn_network_stream_create(socket, SN_FILE_ACCESS_READ_WRITE, false, &inner);
    if (error)
        return error;
    error = sn_tls_stream_create(inner, false, out_stream);
    if (!error)
        (*out_stream)->owns_socket = owns_socket;
    sn_network_stream_release(inner);
    return error;
}

sn_tls_stream *sn_tls_stream_retain(sn_tls_stream *stream)
{
    if (stream)
        atomic_fetch_add_explicit(&stream->references, 1, memory_order_relaxed);
    return stream;
}

void sn_tls_stream_release(sn_tls_stream *stream)
{
    if (!stream || atomic_fetch_sub_explicit(&stream->references, 1, memory_order_acq_rel) > 1)
        return;
    sn_tls_stream_close(stream);
    destroy(stream);
}

void sn_tls_stream_close(sn_tls_stream *stream)
{
    if (!stream)
        return;
    tls_lock(stream);
    bool was_closed = stream->is_closed;
    stream->is_closed = true;
    if (!was_closed)
        tls_async_close(stream);
    tls_unlock(stream);
    if (was_closed)
        return;
    sn_cancellation_cancel(stream->closing);
    if (!stream->leaves_inner_open)
        sn_network_stream_close(stream->inner);
    if (!stream->owns_socket)
        return;
    (void)!sn_socket_shutdown(stream->socket, SN_SHUTDOWN_BOTH); /* the peer may be gone */
    sn_socket_close(stream->socket);
}
