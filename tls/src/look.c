/* What can be asked of a stream. Before the handshake is made there is not much to tell. */
#include "tls.h"

static bool is_made(const sn_tls_stream *stream)
{
    return stream && stream_is(stream, STATE_AUTHENTICATED);
}

/* What the handshake writes is told when it is over, and to the functions that it calls. */
static bool is_begun(const sn_tls_stream *stream)
{
    return stream && !stream_is(stream, STATE_NEW);
}

sn_network_stream *sn_tls_stream_get_inner(const sn_tls_stream *stream)
{
    return stream ? stream->inner : NULL;
}

const char *sn_tls_stream_get_error_text(const sn_tls_stream *stream)
{
    /* Acquire: pairs with the release in tls_stream_explain(). */
    bool has_text = stream && atomic_load_explicit(&stream->has_text, memory_order_acquire);
    return has_text ? stream->text : "";
}

bool sn_tls_stream_is_authenticated(const sn_tls_stream *stream)
{
    return is_made(stream);
}

bool sn_tls_stream_is_mutually_authenticated(const sn_tls_stream *stream)
{
    return is_made(stream) && stream->certificate && stream->has_shown;
}

bool sn_tls_stream_is_server(const sn_tls_stream *stream)
{
    return is_begun(stream) && stream->is_server;
}

sn_tls_protocols sn_tls_stream_get_protocol(const sn_tls_stream *stream)
{
    if (!is_made(stream))
        return SN_TLS_PROTOCOLS_NONE;
    return stream->version == TLS1_3_VERSION ? SN_TLS_PROTOCOLS_TLS13 : SN_TLS_PROTOCOLS_TLS12;
}

uint16_t sn_tls_stream_get_cipher_suite(const sn_tls_stream *stream)
{
    return is_made(stream) ? SSL_CIPHER_get_protocol_id(stream->cipher) : 0;
}

const char *sn_tls_stream_get_cipher_suite_name(const sn_tls_stream *stream)
{
    return is_made(stream) ? SSL_CIPHER_standard_name(stream->cipher) : "";
}

const char *sn_tls_stream_get_application_protocol(const sn_tls_stream *stream)
{
    return is_made(stream) ? stream->protocol : "";
}

const char *sn_tls_stream_get_target_host(const sn_tls_stream *stream)
{
    return is_begun(stream) ? stream->target_host : "";
}

sn_buffer sn_tls_stream_get_remote_certificate(const sn_tls_stream *stream)
{
    if (!is_made(stream))
        return (sn_buffer){NULL, 0};
    return (sn_buffer){stream->certificate, stream->certificate_size};
}
