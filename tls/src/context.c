/* What handshakes are made with. */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

/* --- What the options may say ----------------------------------------------------------------- */

static const unsigned both_protocols = SN_TLS_PROTOCOLS_TLS12 | SN_TLS_PROTOCOLS_TLS13;

static sn_error wrong(sn_error error, const char *text)
{
    tls_text_set_last("%s", text);
    return error;
}

static sn_error check_size(const sn_tls_options *options)
{
    const unsigned char *bytes = (const unsigned char *)options;
    for (size_t i = sizeof *options; i < options->size; i++)
        if (bytes[i])
            return wrong(SN_ERROR_NOT_SUPPORTED, "the options have more than this library knows");
    return SN_OK;
}

static sn_error check_protocols(const sn_tls_options *options)
{
    unsigned enabled = options->enabled_protocols;
    if (enabled != SN_TLS_PROTOCOLS_NONE && enabled != SN_TLS_PROTOCOLS_TLS12 &&
        enabled != SN_TLS_PROTOCOLS_TLS13 && enabled != both_protocols)
        return wrong(SN_ERROR_ARGUMENT_OUT_OF_RANGE, "enabled_protocols: an unknown version");
    if (!options->application_protocols && options->application_protocol_count > 0)
        return wrong(SN_ERROR_ARGUMENT_NULL, "application_protocols: there are none");
    size_t size = 0;
    for (size_t i = 0; i < options->application_protocol_count; i++) {
        const char *name = options->application_protocols[i];
        size_t length = name ? strlen(name) : 0;
        size += length + 1;
        if (length < 1 || length > TLS_NAME_MAX || size > UINT16_MAX)
            return wrong(SN_ERROR_ARGUMENT_OUT_OF_RANGE, "application_protocols: the length");
    }
    return SN_OK;
}

static sn_error check_own(const sn_tls_options *options, bool is_server)
{
    bool has_certificate = options->certificate_file || options->certificate.data;
    bool is_twice = (options->certificate_file && options->certificate.data) ||
                    (options->key_file && options->key.data) ||
                    (options->trust_file && options->trust.data);
    if (is_twice)
        return wrong(SN_ERROR_ARGUMENT, "something is given in a file and in memory");
    if (!has_certificate && (options->key_file || options->key.data || options->key_password))
        return wrong(SN_ERROR_ARGUMENT, "a key without a certificate");
    if (is_server && !has_certificate && !options->select)
        return wrong(SN_ERROR_ARGUMENT, "a server needs a certificate");
    if (!is_server && (options->select || options->client_certificate_required))
        return wrong(SN_ERROR_ARGUMENT, "the options are a server's");
    return SN_OK;
}

/* --- Application protocols -------------------------------------------------------------------- */

static sn_error keep_protocols(sn_tls_context *context, const sn_tls_options *options)
{
    size_t size = 0;
    for (size_t i = 0; i < options->application_protocol_count; i++)
        size += strlen(options->application_protocols[i]) + 1;
    if (size == 0)
        return SN_OK;
    unsigned char *at = context->protocols = malloc(size);
    if (!at)
        return SN_ERROR_OUT_OF_MEMORY;
    context->protocols_size = size;
    for (size_t i = 0; i < options->application_protocol_count; i++) {
        size_t length = strlen(options->application_protocols[i]);
        *at++ = (unsigned char)length;
        memcpy(at, options->application_protocols[i], length);
        at += length;
    }
    return SN_OK;
}

/* A server's own order counts. Where nothing is common the client is told, instead of getting bytes
 * that it does not understand. */
static int choose_protocol(SSL *ssl, const unsigned char **out_name, unsigned char *out_length,
                           const unsigned char *offered, unsigned int size, void *argument)
{
    const sn_tls_context *context = argument;
    (void)ssl;
    unsigned char *name;
    int how = SSL_select_next_proto(&name, out_length, context->protocols,
                                    (unsigned)context->protocols_size, offered, size);
    if (how != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out_name = name;
    return SSL_TLSEXT_ERR_OK;
}

static void use_protocols(sn_tls_context *context)
{
    if (!context->protocols)
        return;
    if (context->is_server)
        SSL_CTX_set_alpn_select_cb(context->ssl, choose_protocol, context);
    else
        (void)SSL_CTX_set_alpn_protos(context->ssl, context->protocols,
                                      (unsigned)context->protocols_size);
}

/* --- The certificate by the name -------------------------------------------------------------- */

static int choose_context(SSL *ssl, int *alert, void *argument)
{
    (void)argument;
    sn_tls_stream *stream = SSL_get_app_data(ssl);
    sn_tls_context *own = stream->context;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    size_t length = name ? strlen(name) : 0;
    if (length > 0 && length <= TLS_NAME_MAX)
        memcpy(stream->target_host, name, length + 1);
    sn_tls_context *other =
        own->select ? own->select(stream, stream->target_host, own->callback_context) : NULL;
    if (!other || other == own)
        return name ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
    if (!other->is_server || !SSL_set_SSL_CTX(ssl, other->ssl)) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(other->ssl), NULL);
    stream->context = sn_tls_context_retain(other);
    sn_tls_context_release(own);
    return SSL_TLSEXT_ERR_OK;
}

/* --- The object ------------------------------------------------------------------------------- */

/* OpenSSL's end at exit() would pull everything from under engines that still run. */
static void begin_openssl(void)
{
    (void)OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
}

static sn_error make_ssl(sn_tls_context *context, const sn_tls_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, begin_openssl);
    context->ssl = SSL_CTX_new(context->is_server ? TLS_server_method() : TLS_client_method());
    if (!context->ssl)
        return SN_ERROR_OUT_OF_MEMORY;
    unsigned enabled = options->enabled_protocols ? options->enabled_protocols : both_protocols;
    bool has_12 = enabled & SN_TLS_PROTOCOLS_TLS12, has_13 = enabled & SN_TLS_PROTOCOLS_TLS13;
    (void)SSL_CTX_set_min_proto_version(context->ssl, has_12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    (void)SSL_CTX_set_max_proto_version(context->ssl, has_13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    if (context->is_server)
        (void)SSL_CTX_set_tlsext_servername_callback(context->ssl, choose_context);
    if (context->requires_certificate) {
        /* Each client is judged, also one that comes back. */
        SSL_CTX_set_options(context->ssl, SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_num_tickets(context->ssl, 0);
    }
    tls_verify_use(context);
    return SN_OK;
}

static sn_error build(sn_tls_context *context, const sn_tls_options *options)
{
    context->references = 1;
    context->requires_certificate = options->client_certificate_required;
    context->validate = options->validate;
    context->select = options->select;
    context->callback_context = options->callback_context;
    sn_error error = keep_protocols(context, options);
    if (!error)
        error = make_ssl(context, options);
    if (!error)
        use_protocols(context);
    return error ? error : tls_material_load(context, options);
}

static sn_error create(const sn_tls_options *options, bool is_server, sn_tls_context **out_context)
{
    if (!out_context)
        return wrong(SN_ERROR_ARGUMENT_NULL, "there is no place for the context");
    sn_error error = check_size(options);
    if (!error)
        error = check_protocols(options);
    if (!error)
        error = check_own(options, is_server);
    if (error)
        return error;
    sn_tls_context *context = calloc(1, sizeof *context);
    if (!context)
        return wrong(SN_ERROR_OUT_OF_MEMORY, "no memory");
    context->is_server = is_server;
    error = build(context, options);
    if (error == SN_ERROR_OUT_OF_MEMORY)
        tls_text_set_last("no memory");
    if (error)
        sn_tls_context_release(context);
    else
        *out_context = context;
    return error;
}

sn_error sn_tls_context_create_client(const sn_tls_options *options, sn_tls_context **out_context)
{
    static const sn_tls_options none;
    return create(options ? options : &none, false, out_context);
}

sn_error sn_tls_context_create_server(const sn_tls_options *options, sn_tls_context **out_context)
{
    if (!options)
        return wrong(SN_ERROR_ARGUMENT_NULL, "a server needs options");
    return create(options, true, out_context);
}

sn_tls_context *sn_tls_context_retain(sn_tls_context *context)
{
    if (context)
        atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

void sn_tls_context_release(sn_tls_context *context)
{
    if (!context || atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) > 1)
        return;
    SSL_CTX_free(context->ssl);
    free(context->protocols);
    free(context);
}

/* What the system trusts is read once; a failure is tried again by the next one. */
sn_error tls_context_default(sn_tls_context **out_context)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static sn_tls_context *shared; /* lives as long as the process */
    (void)pthread_mutex_lock(&lock);
    sn_error error = shared ? SN_OK : sn_tls_context_create_client(NULL, &shared);
    (void)pthread_mutex_unlock(&lock);
    if (!error)
        *out_context = sn_tls_context_retain(shared);
    return error;
}
