#include "identity.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "support/test.h"

static sn_buffer text_of(BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    char *copy = malloc((size_t)size + 1);
    assert_non_null(copy);
    memcpy(copy, data, (size_t)size);
    copy[size] = '\0';
    BIO_free(bio);
    return (sn_buffer){copy, (size_t)size};
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_true(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

static void name_it(X509 *certificate, const struct identity_wish *wish)
{
    static long serial;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    long from_s = wish->from_s || wish->to_s ? wish->from_s : -3600;
    long to_s = wish->from_s || wish->to_s ? wish->to_s : 86400;
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
    X509_NAME *name = X509_get_subject_name(certificate);
    assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                           (const unsigned char *)wish->name, -1, -1, 0));
}

struct identity *identity_make(const struct identity_wish *wish)
{
    struct identity *identity = calloc(1, sizeof *identity);
    assert_non_null(identity);
    identity->key = EVP_EC_gen("P-256");
    X509 *certificate = identity->certificate = X509_new();
    assert_non_null(identity->key);
    assert_non_null(certificate);
    const struct identity *issuer = wish->issuer ? wish->issuer : identity;
    name_it(certificate, wish);
    X509_set_pubkey(certificate, identity->key);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate));
    add_extension(certificate, issuer->certificate, NID_basic_constraints,
                  wish->is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (wish->is_authority)
        add_extension(certificate, issuer->certificate, NID_key_usage, "keyCertSign,cRLSign");
    if (wish->names)
        add_extension(certificate, issuer->certificate, NID_subject_alt_name, wish->names);
    assert_true(X509_sign(certificate, issuer->key, EVP_sha256()) > 0);

    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio_X509(bio, certificate));
    identity->certificate_pem = text_of(bio);
    bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio_PrivateKey(bio, identity->key, NULL, NULL, 0, NULL, NULL));
    identity->key_pem = text_of(bio);
    return identity;
}

void identity_free(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    free(identity->certificate_pem.data);
    free(identity->key_pem.data);
    free(identity);
}

sn_buffer revocation_make(const struct identity *authority, const struct identity *revoked)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *before = X509_gmtime_adj(NULL, -60), *after = X509_gmtime_adj(NULL, 3600);
    X509_REVOKED *entry = X509_REVOKED_new();
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(authority->certificate));
    X509_CRL_set1_lastUpdate(list, before);
    X509_CRL_set1_nextUpdate(list, after);
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->certificate));
    X509_REVOKED_set_revocationDate(entry, before);
    assert_true(X509_CRL_add0_revoked(list, entry));
    assert_true(X509_CRL_sign(list, authority->key, EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio_X509_CRL(bio, list));
    ASN1_TIME_free(before);
    ASN1_TIME_free(after);
    X509_CRL_free(list);
    return text_of(bio);
}

const struct identity *the_authority(void)
{
    static struct identity *authority;
    if (!authority)
        authority = identity_make(
            &(struct identity_wish){.name = "An authority of tests", .is_authority = true});
    return authority;
}

const struct identity *the_server(void)
{
    static struct identity *server;
    if (!server)
        server = identity_make(&(struct identity_wish){.name = "a server",
                                                       .names = "DNS:localhost,IP:127.0.0.1,IP:::1",
                                                       .issuer = the_authority()});
    return server;
}
