/*
 * Keys and certificates, made for one run of the tests: authorities, and whom they speak for.
 */
#ifndef TLS_TESTS_IDENTITY_H
#define TLS_TESTS_IDENTITY_H

#include <stdbool.h>

#include <openssl/x509.h>

#include <sennit.h>

struct identity {
    X509 *certificate;                  /* owned */
    EVP_PKEY *key;                      /* owned */
    sn_buffer certificate_pem, key_pem; /* owned; with a NUL behind */
};

struct identity_wish {
    const char *name;              /* the subject's */
    const char *names;             /* who it is for: "DNS:localhost,IP:127.0.0.1"; NULL: none */
    const struct identity *issuer; /* NULL: itself */
    bool is_authority;
    long from_s, to_s; /* from now on; both 0: since an hour, for a day */
};

struct identity *identity_make(const struct identity_wish *wish);
void identity_free(struct identity *identity);
/* A list of the authority's, PEM, on which the certificate is: free its data. */
sn_buffer revocation_make(const struct identity *authority, const struct identity *revoked);

/* An authority, and a server of it for "localhost", "127.0.0.1" and "::1": of the whole program. */
const struct identity *the_authority(void);
const struct identity *the_server(void);

#endif
