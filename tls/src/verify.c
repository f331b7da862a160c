/*
 * The judgement of the peer's certificate.
 *
 * OpenSSL verifies, and is made to go on after each problem, so that the program's function sees
 * all of them at once, as .NET's does. What it decides, or what there is to say without it, becomes
 * the answer of the handshake, and OpenSSL tells the peer.
 */
#include "tls.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

static sn_tls_stream *stream_of(X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    return SSL_get_app_data(ssl);
}

static void note(sn_tls_stream *stream, unsigned what, const char *text)
{
    stream->policy_errors |= what;
    if (stream->problem[0] == '\0')
        (void)snprintf(stream->problem, sizeof stream->problem, "%s", text);
}

/* One step of OpenSSL's verification. */
static int collect(int is_good, X509_STORE_CTX *store)
{
    if (is_good)
        return 1;
    int code = X509_STORE_CTX_get_error(store);
    bool is_name = code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH;
    note(stream_of(store),
         is_name ? SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NAME_MISMATCH
                 : SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_CHAIN_ERRORS,
         X509_verify_cert_error_string(code));
    return 1;
}

static bool judge_remote(sn_tls_stream *stream, sn_buffer certificate)
{
    const sn_tls_context *context = stream->context;
    const sn_tls_remote remote = {.errors = stream->policy_errors,
                                  .text = stream->problem,
                                  .certificate = certificate,
                                  .target_host = stream->is_server ? "" : stream->target_host};
    return context->validate(stream, &remote, context->callback_context);
}

static bool judge(sn_tls_stream *stream, X509 *certificate)
{
    if (!stream->context->validate) {
        if (!stream->policy_errors)
            return true;
        tls_stream_explain(stream, "certificate verify failed: %s%s%s%s", stream->problem,
                           stream->is_server ? "" : " (host ",
                           stream->is_server ? "" : stream->target_host,
                           stream->is_server ? "" : ")");
        return false;
    }
    unsigned char *bytes = NULL;
    int size = certificate ? i2d_X509(certificate, &bytes) : 0;
    bool is_fine = judge_remote(stream, (sn_buffer){bytes, size > 0 ? (size_t)size : 0});
    OPENSSL_free(bytes);
    if (!is_fine)
        tls_stream_explain(stream, "the program has refused the certificate%s%s",
                           stream->problem[0] ? ": " : "", stream->problem);
    return is_fine;
}

/* The answer tells OpenSSL which alert it sends. */
static int verify(X509_STORE_CTX *store, void *argument)
{
    (void)argument;
    sn_tls_stream *stream = stream_of(store);
    X509_STORE_CTX_set_verify_cb(store, collect);
    int code = X509_verify_cert(store) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(store);
    if (code != X509_V_OK &&
        !stream->policy_errors) /* it could not even begin, as without memory */
        note(stream, SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_CHAIN_ERRORS,
             X509_verify_cert_error_string(code));
    code = X509_STORE_CTX_get_error(store);
    if (!stream->is_server && stream->target_host[0] == '\0')
        note(stream, SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NAME_MISMATCH, "no host was named");
    if (judge(stream, X509_STORE_CTX_get0_cert(store))) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (code == X509_V_OK)
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

void tls_verify_use(sn_tls_context *context)
{
    int mode = SSL_VERIFY_NONE;
    if (!context->is_server || context->requires_certificate)
        mode = SSL_VERIFY_PEER;
    /* A client that shows none is for the program's function to judge, if it has one. */
    if (context->requires_certificate && !context->validate)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context->ssl, mode, NULL);
    SSL_CTX_set_cert_verify_callback(context->ssl, verify, NULL);
}

bool tls_verify_absent(sn_tls_stream *stream)
{
    note(stream, SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NOT_AVAILABLE,
         "the client has sent no certificate");
    return judge(stream, NULL);
}
