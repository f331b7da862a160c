/* Certificates, keys and authorities, in PEM, out of files or memory. */
#include "tls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

/* Where something stands: a file, or memory. */
struct source {
    const char *what, *file; /* what it is, for texts; NULL: in memory */
    sn_buffer memory;
};

static bool is_given(const struct source *source)
{
    return source->file || source->memory.data;
}

static const char *name_of(const struct source *source)
{
    return source->file ? source->file : "memory";
}

static sn_error open_source(const struct source *source, BIO **out_bio)
{
    if (!source->file && source->memory.size > INT_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    errno = 0;
    *out_bio = source->file ? BIO_new_file(source->file, "r")
                            : BIO_new_mem_buf(source->memory.data, (int)source->memory.size);
    if (*out_bio)
        return SN_OK;
    int native = errno;
    ERR_clear_error();
    tls_text_set_last("%s: %s cannot be opened: %s", source->what, name_of(source),
                      strerror(native));
    if (native == 0)
        return SN_ERROR_OUT_OF_MEMORY;
    return native == ENOENT || native == ENOTDIR ? SN_ERROR_FILE_NOT_FOUND
                                                 : sn_error_from_native(native);
}

static sn_error bad(const struct source *source)
{
    tls_text_set_last("%s: %s: %s", source->what, name_of(source), tls_text_of_openssl());
    return SN_ERROR_FORMAT;
}

/* After the last one there is no further begin, which is no error. */
static bool is_at_end(void)
{
    bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (is_end)
        ERR_clear_error();
    return is_end;
}

/* --- Who this side is ------------------------------------------------------------------------- */

static sn_error read_chain(SSL_CTX *ssl, const struct source *source, BIO *bio)
{
    X509 *own = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    bool is_good = own && SSL_CTX_use_certificate(ssl, own) == 1;
    X509_free(own);
    if (!is_good)
        return bad(source);
    X509 *further;
    while ((further = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
        if (SSL_CTX_add0_chain_cert(ssl, further) != 1) {
            X509_free(further);
            return bad(source);
        }
    return is_at_end() ? SN_OK : bad(source);
}

/* OpenSSL would ask at the terminal. */
static int tell_password(char *room, int size, int for_writing, void *context)
{
    const char *password = context;
    (void)for_writing;
    if (!password || strlen(password) > (size_t)size)
        return -1;
    memcpy(room, password, strlen(password));
    return (int)strlen(password);
}

static sn_error read_key(SSL_CTX *ssl, const struct source *source, BIO *bio, const char *password)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, tell_password, (void *)(uintptr_t)password);
    bool is_good =
        key && SSL_CTX_use_PrivateKey(ssl, key) == 1 && SSL_CTX_check_private_key(ssl) == 1;
    EVP_PKEY_free(key);
    return is_good ? SN_OK : bad(source);
}

static sn_error load_own(SSL_CTX *ssl, const sn_tls_options *options)
{
    struct source certificate = {"certificate", options->certificate_file, options->certificate};
    struct source key = {"key", options->key_file, options->key};
    BIO *bio = NULL;
    if (!is_given(&certificate))
        return SN_OK;
    sn_error error = open_source(&certificate, &bio);
    if (!error)
        error = read_chain(ssl, &certificate, bio);
    BIO_free(bio);
    bio = NULL;
    if (!is_given(&key)) {
        key.file = certificate.file;
        key.memory = certificate.memory;
    }
    if (!error)
        error = open_source(&key, &bio);
    if (!error)
        error = read_key(ssl, &key, bio, options->key_password);
    BIO_free(bio);
    return error;
}

/* --- Whom it trusts --------------------------------------------------------------------------- */

/* A list of revoked certificates among the authorities has each certificate looked up. */
static bool trust_one(SSL_CTX *ssl, X509_INFO *info, int *inout_count)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ssl);
    if (info->crl && (X509_STORE_add_crl(store, info->crl) != 1 ||
                      X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) != 1))
        return false;
    if (!info->x509)
        return true;
    ++*inout_count;
    return X509_STORE_add_cert(store, info->x509) == 1 && SSL_CTX_add_client_CA(ssl, info->x509);
}

static sn_error read_trust(SSL_CTX *ssl, const struct source *source, BIO *bio)
{
    STACK_OF(X509_INFO) *all = PEM_X509_INFO_read_bio(bio, NULL, tell_password, NULL);
    if (!all)
        return bad(source);
    int count = 0;
    bool is_good = true;
    for (int i = 0; i < sk_X509_INFO_num(all) && is_good; i++)
        is_good = trust_one(ssl, sk_X509_INFO_value(all, i), &count);
    sk_X509_INFO_pop_free(all, X509_INFO_free);
    if (!is_good)
        return bad(source);
    if (count > 0)
        return SN_OK;
    tls_text_set_last("%s: %s: there is no certificate in it", source->what, name_of(source));
    return SN_ERROR_FORMAT;
}

static sn_error load_trust(SSL_CTX *ssl, const sn_tls_options *options)
{
    struct source trust = {"trust", options->trust_file, options->trust};
    BIO *bio = NULL;
    if (!is_given(&trust)) {
        /* An authority that is missing or broken there shows when somebody is to be trusted. */
        (void)SSL_CTX_set_default_verify_paths(ssl);
        ERR_clear_error();
        return SN_OK;
    }
    sn_error error = open_source(&trust, &bio);
    if (!error)
        error = read_trust(ssl, &trust, bio);
    BIO_free(bio);
    return error;
}

sn_error tls_material_load(sn_tls_context *context, const sn_tls_options *options)
{
    ERR_clear_error();
    sn_error error = load_own(context->ssl, options);
    if (!error && (!context->is_server || context->requires_certificate))
        error = load_trust(context->ssl, options);
    return error;
}
