/*
 * The handshake, and the beginning of it.
 *
 * From the beginning to its end the SSL object is the handshake's own, without the lock: the
 * program's functions are called inside, and others only look at the state meanwhile.
 */
#include "tls.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* --- The beginning ---------------------------------------------------------------------------- */

static sn_error check_host(const char *host)
{
    if (!host)
        return SN_ERROR_ARGUMENT_NULL;
    for (const char *at = host; *at; at++)
        if (*at <= ' ' || *at > '~')
            return SN_ERROR_ARGUMENT;
    return strlen(host) <= TLS_NAME_MAX ? SN_OK : SN_ERROR_ARGUMENT;
}

/* Addresses are no names: they are not told to the server. The dot at the end of a full name is no
 * part of what certificates hold. */
static bool name_host(sn_tls_stream *stream)
{
    X509_VERIFY_PARAM *wanted = SSL_get0_param(stream->ssl);
    char *host = stream->target_host;
    if (host[0] == '\0' || X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1)
        return true;
    ERR_clear_error();
    char name[TLS_NAME_MAX + 1];
    size_t size = strlen(host);
    memcpy(name, host, size + 1);
    if (size > 1 && name[size - 1] == '.')
        name[size - 1] = '\0';
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return X509_VERIFY_PARAM_set1_host(wanted, name, 0) == 1 &&
           SSL_set_tlsext_host_name(stream->ssl, name) == 1;
}

/* Memory that is empty is no end: more is to come. */
static BIO *memory_make(void)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory)
        (void)BIO_set_mem_eof_return(memory, -1);
    return memory;
}

static bool make_ssl(sn_tls_stream *stream)
{
    stream->ssl = SSL_new(stream->context->ssl);
    stream->in = memory_make();
    stream->out = memory_make();
    if (!stream->ssl || !stream->in || !stream->out) {
        (void)BIO_free(stream->in);
        (void)BIO_free(stream->out);
        return false;
    }
    SSL_set_bio(stream->ssl, stream->in, stream->out);
    SSL_set_app_data(stream->ssl, stream);
    if (stream->is_server)
        SSL_set_accept_state(stream->ssl);
    else
        SSL_set_connect_state(stream->ssl);
    return stream->is_server || name_host(stream);
}

static sn_error check_begin(sn_tls_stream *stream)
{
    if (stream->is_closed)
        return SN_ERROR_OBJECT_DISPOSED;
    if (stream->failure)
        return stream->failure;
    return stream_is(stream, STATE_NEW) ? SN_OK : SN_ERROR_INVALID_OPERATION;
}

/* The stream is this call's from here on. */
static sn_error claim(sn_tls_stream *stream, const struct introduction *introduction)
{
    tls_lock(stream);
    sn_error error = check_begin(stream);
    if (!error) {
        stream->is_server = introduction->is_server;
        atomic_store_explicit(&stream->state, STATE_AUTHENTICATING, memory_order_release);
    }
    tls_unlock(stream);
    return error;
}

static sn_error prepare(sn_tls_stream *stream, const struct introduction *introduction)
{
    sn_error error = SN_OK;
    if (introduction->context)
        stream->context = sn_tls_context_retain(introduction->context);
    else
        error = tls_context_default(&stream->context);
    if (!introduction->is_server)
        memcpy(stream->target_host, introduction->target_host,
               strlen(introduction->target_host) + 1);
    if (!error && !make_ssl(stream))
        error = SN_ERROR_OUT_OF_MEMORY;
    ERR_clear_error();
    return error;
}

static sn_error check_introduction(const struct introduction *introduction)
{
    const sn_tls_context *context = introduction->context;
    if (introduction->is_server && !context)
        return SN_ERROR_ARGUMENT_NULL;
    if (context && context->is_server != introduction->is_server)
        return SN_ERROR_ARGUMENT;
    return introduction->is_server ? SN_OK : check_host(introduction->target_host);
}

sn_error tls_handshake_begin(struct call *call, const struct introduction *introduction)
{
    sn_tls_stream *stream = call->stream;
    if (!stream)
        call->error = SN_ERROR_ARGUMENT_NULL;
    if (!call->error)
        call->error = check_introduction(introduction);
    if (!call->error)
        call->error = claim(stream, introduction);
    if (call->error)
        return call->error;
    sn_error error = prepare(stream, introduction);
    if (error)
        tls_call_fail(call, error);
    return error;
}

/* --- What was agreed on ----------------------------------------------------------------------- */

static void keep_names(sn_tls_stream *stream)
{
    const unsigned char *name = NULL;
    unsigned int size = 0;
    int nid = 0;
    stream->version = SSL_version(stream->ssl);
    stream->cipher = SSL_get_current_cipher(stream->ssl);
    stream->has_shown = stream->is_server || SSL_get_signature_nid(stream->ssl, &nid) == 1;
    SSL_get0_alpn_selected(stream->ssl, &name, &size);
    if (size > 0 && size <= TLS_NAME_MAX) {
        memcpy(stream->protocol, name, size);
        stream->protocol[size] = '\0';
    }
}

/* Whether the peer may stay. */
static bool keep_certificate(sn_tls_stream *stream)
{
    X509 *certificate = SSL_get1_peer_certificate(stream->ssl);
    int size = certificate ? i2d_X509(certificate, &stream->certificate) : 0;
    stream->certificate_size = size > 0 ? (size_t)size : 0;
    bool is_absent = !certificate;
    X509_free(certificate);
    return !is_absent || !stream->is_server || !stream->context->requires_certificate ||
           tls_verify_absent(stream);
}

/* --- The steps -------------------------------------------------------------------------------- */

static enum need end(struct call *call, sn_error error)
{
    tls_lock(call->stream);
    if (error == SN_ERROR_AUTHENTICATION)
        call->stream->failure = error;
    enum need need =
        tls_call_end(call, call->stream->is_closed ? SN_ERROR_CONNECTION_ABORTED : error);
    tls_unlock(call->stream);
    return need;
}

/* The peer is told why before the call ends. */
static void refuse(struct call *call)
{
    tls_stream_explain_openssl(call->stream);
    call->error = SN_ERROR_AUTHENTICATION;
    call->is_ended = true;
}

static void advance(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    ERR_clear_error();
    int result = SSL_do_handshake(stream->ssl);
    if (result == 1) {
        call->is_ended = true;
        keep_names(stream);
        if (!keep_certificate(stream))
            call->error = SN_ERROR_AUTHENTICATION;
    } else if (SSL_get_error(stream->ssl, result) != SSL_ERROR_WANT_READ)
        refuse(call);
}

enum need tls_handshake_step(struct call *call)
{
    sn_tls_stream *stream = call->stream;
    tls_lock(stream);
    bool is_closed = stream->is_closed;
    tls_unlock(stream);
    if (is_closed)
        return end(call, SN_ERROR_CONNECTION_ABORTED);
    if (!call->is_ended && !tls_output_take(stream))
        advance(call);
    if (tls_output_take(stream))
        return NEED_SEND;
    return call->is_ended ? end(call, call->error) : NEED_RECEIVE; /* nobody else receives */
}
