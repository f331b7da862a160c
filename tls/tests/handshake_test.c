/*
 * Handshakes: what both sides know afterwards, and whom they refuse.
 */
#include "duo.h"

#include <stdlib.h>
#include <string.h>

/* --- What both agree on ----------------------------------------------------------------------- */

TEST(both_sides_know_what_was_agreed_on)
{
    struct duo duo;
    duo_open(&duo);
    assert_true(sn_tls_stream_is_authenticated(duo.client));
    assert_true(sn_tls_stream_is_authenticated(duo.server));
    assert_false(sn_tls_stream_is_server(duo.client));
    assert_true(sn_tls_stream_is_server(duo.server));
    assert_false(sn_tls_stream_is_mutually_authenticated(duo.client));
    assert_false(sn_tls_stream_is_mutually_authenticated(duo.server));
    assert_int_equal(SN_TLS_PROTOCOLS_TLS13, sn_tls_stream_get_protocol(duo.client));
    assert_int_equal(SN_TLS_PROTOCOLS_TLS13, sn_tls_stream_get_protocol(duo.server));
    assert_int_equal(sn_tls_stream_get_cipher_suite(duo.server),
                     sn_tls_stream_get_cipher_suite(duo.client));
    assert_int_equal(0x1302, sn_tls_stream_get_cipher_suite(duo.client));
    assert_string_equal("TLS_AES_256_GCM_SHA384", sn_tls_stream_get_cipher_suite_name(duo.client));
    assert_string_equal("", sn_tls_stream_get_application_protocol(duo.client));
    assert_string_equal("localhost", sn_tls_stream_get_target_host(duo.client));
    assert_string_equal("localhost", sn_tls_stream_get_target_host(duo.server)); /* SNI */
    sn_buffer certificate = sn_tls_stream_get_remote_certificate(duo.client);
    const unsigned char *bytes = certificate.data;
    X509 *read = d2i_X509(NULL, &bytes, (long)certificate.size);
    assert_int_equal(0, X509_cmp(the_server()->certificate, read));
    X509_free(read);
    assert_null(sn_tls_stream_get_remote_certificate(duo.server).data);
    duo_free(&duo);
}

TEST(the_older_version_is_spoken_where_one_side_wants_it)
{
    sn_tls_options options = options_trusting();
    options.enabled_protocols = SN_TLS_PROTOCOLS_TLS12;
    struct duo duo;
    duo_init(&duo, client_context_of(&options), NULL);
    duo_meet(&duo);
    assert_ok(duo.client_error);
    assert_ok(duo.server_error);
    assert_int_equal(SN_TLS_PROTOCOLS_TLS12, sn_tls_stream_get_protocol(duo.server));
    duo_free(&duo);
}

TEST(no_version_in_common_is_told_to_both)
{
    sn_tls_options options = options_trusting(), server = options_of(the_server());
    options.enabled_protocols = SN_TLS_PROTOCOLS_TLS12;
    server.enabled_protocols = SN_TLS_PROTOCOLS_TLS13;
    struct duo duo;
    duo_init(&duo, client_context_of(&options), server_context_of(&server));
    duo_meet(&duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo.client_error);
    assert_error(SN_ERROR_AUTHENTICATION, duo.server_error);
    assert_text("the peer says: protocol version", duo.client);
    assert_text("unsupported protocol", duo.server);
    duo_free(&duo);
}

TEST(a_protocol_is_chosen_by_the_order_of_the_server)
{
    static const char *const of_client[] = {"http/1.1", "h2"}, *const of_server[] = {"h2",
                                                                                     "http/1.1"};
    sn_tls_options options = options_trusting(), server = options_of(the_server());
    options.application_protocols = of_client;
    server.application_protocols = of_server;
    options.application_protocol_count = server.application_protocol_count = 2;
    struct duo duo;
    duo_init(&duo, client_context_of(&options), server_context_of(&server));
    duo_meet(&duo);
    assert_ok(duo.client_error);
    assert_string_equal("h2", sn_tls_stream_get_application_protocol(duo.client));
    assert_string_equal("h2", sn_tls_stream_get_application_protocol(duo.server));
    duo_free(&duo);
}

TEST(no_protocol_in_common_is_told_to_both)
{
    static const char *const of_client[] = {"spoken"}, *const of_server[] = {"unspoken"};
    sn_tls_options options = options_trusting(), server = options_of(the_server());
    options.application_protocols = of_client;
    server.application_protocols = of_server;
    options.application_protocol_count = server.application_protocol_count = 1;
    struct duo duo;
    duo_init(&duo, client_context_of(&options), server_context_of(&server));
    duo_meet(&duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo.client_error);
    assert_error(SN_ERROR_AUTHENTICATION, duo.server_error);
    assert_text("the peer says: no application protocol", duo.client);
    duo_free(&duo);
}

/* --- Whom a client refuses -------------------------------------------------------------------- */

static void assert_refused(struct duo *duo, const char *text)
{
    size_t count;
    char byte;
    duo_meet(duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo->client_error);
    assert_text(text, duo->client);
    assert_false(sn_tls_stream_is_authenticated(duo->client));
    assert_error(SN_ERROR_AUTHENTICATION, duo->server_error);
    assert_memory_equal("the peer says: ", sn_tls_stream_get_error_text(duo->server), 15);
    /* For good. */
    assert_error(SN_ERROR_AUTHENTICATION, do_read(duo->client, &byte, 1, &count));
    assert_error(SN_ERROR_AUTHENTICATION, do_write(duo->client, "x", 1, NULL));
    assert_error(SN_ERROR_AUTHENTICATION, do_client(duo->client, duo->client_context, duo->host));
}

TEST(a_certificate_for_another_host_is_refused)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    duo.host = "www.example.org";
    assert_refused(&duo, "certificate verify failed: hostname mismatch (host www.example.org)");
    duo_free(&duo);
}

TEST(an_address_is_looked_for_among_the_addresses)
{
    static const struct {
        const char *host, *text;
    } rows[] = {
        {"127.0.0.1", NULL},
        {"::1", NULL},
        {"127.0.0.2", "certificate verify failed: IP address mismatch (host 127.0.0.2)"},
        {"::2", "certificate verify failed: IP address mismatch (host ::2)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct duo duo;
        duo_init(&duo, NULL, NULL);
        duo.host = rows[i].host;
        if (rows[i].text)
            assert_refused(&duo, rows[i].text);
        else {
            duo_meet(&duo);
            assert_ok(duo.client_error);
            assert_ok(duo.server_error);
            assert_string_equal("", sn_tls_stream_get_target_host(duo.server)); /* no SNI */
        }
        duo_free(&duo);
    }
}

TEST(without_a_host_nobody_is_accepted)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    duo.host = "";
    assert_refused(&duo, "certificate verify failed: no host was named (host )");
    duo_free(&duo);
}

/* A server of this certificate, and a client of this trust. */
static void assert_refused_of(struct identity *identity, sn_buffer trust, const char *text)
{
    sn_tls_options options = {.trust = trust}, server = options_of(identity);
    struct duo duo;
    duo_init(&duo, client_context_of(&options), server_context_of(&server));
    assert_refused(&duo, text);
    duo_free(&duo);
    identity_free(identity);
}

TEST(what_has_expired_or_is_not_valid_yet_is_refused)
{
    struct identity_wish wish = {.name = "too late", .names = "DNS:localhost"};
    wish.issuer = the_authority();
    wish.from_s = -7200;
    wish.to_s = -3600;
    assert_refused_of(identity_make(&wish), the_authority()->certificate_pem,
                      "certificate verify failed: certificate has expired (host localhost)");
    wish.from_s = 3600;
    wish.to_s = 7200;
    assert_refused_of(identity_make(&wish), the_authority()->certificate_pem,
                      "certificate verify failed: certificate is not yet valid (host localhost)");
}

TEST(who_speaks_for_itself_is_refused)
{
    struct identity *identity =
        identity_make(&(struct identity_wish){.name = "I", .names = "DNS:localhost"});
    assert_refused_of(identity, the_authority()->certificate_pem,
                      "certificate verify failed: self-signed certificate (host localhost)");
}

TEST(an_authority_that_is_not_known_is_refused)
{
    struct identity *other =
        identity_make(&(struct identity_wish){.name = "other", .is_authority = true});
    struct identity *identity = identity_make(
        &(struct identity_wish){.name = "a server", .names = "DNS:localhost", .issuer = other});
    assert_refused_of(
        identity, the_authority()->certificate_pem,
        "certificate verify failed: unable to get local issuer certificate (host localhost)");
    identity_free(other);
}

TEST(what_was_revoked_is_refused)
{
    struct identity *identity = identity_make(&(struct identity_wish){
        .name = "gone", .names = "DNS:localhost", .issuer = the_authority()});
    sn_buffer list = revocation_make(the_authority(), identity);
    sn_buffer authority = the_authority()->certificate_pem, both;
    both.size = authority.size + list.size;
    both.data = malloc(both.size);
    memcpy(both.data, authority.data, authority.size);
    memcpy((char *)both.data + authority.size, list.data, list.size);
    assert_refused_of(identity, both,
                      "certificate verify failed: certificate revoked (host localhost)");
    free(both.data);
    free(list.data);
}

TEST(the_default_client_trusts_nobody_of_the_tests)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    sn_tls_context_release(duo.client_context);
    duo.client_context = NULL;
    assert_refused(
        &duo, "certificate verify failed: unable to get local issuer certificate (host localhost)");
    duo_free(&duo);
}

/* --- Whose function judges -------------------------------------------------------------------- */

struct judge {
    bool answer;
    int calls;
    unsigned errors;
    char text[200], host[100];
    size_t certificate_size;
};

static bool judge(sn_tls_stream *stream, const sn_tls_remote *remote, void *context)
{
    struct judge *judge = context;
    judge->calls++;
    judge->errors = remote->errors;
    (void)snprintf(judge->text, sizeof judge->text, "%s", remote->text);
    (void)snprintf(judge->host, sizeof judge->host, "%s", remote->target_host);
    judge->certificate_size = remote->certificate.size;
    return judge->answer && !sn_tls_stream_is_authenticated(stream);
}

TEST(a_function_of_the_program_sees_all_that_is_wrong_and_decides)
{
    struct identity *identity = identity_make(&(struct identity_wish){
        .name = "old", .names = "DNS:other", .from_s = -7200, .to_s = -3600});
    for (int answer = 0; answer < 2; answer++) {
        struct judge seen = {.answer = answer};
        sn_tls_options options = options_trusting(), server = options_of(identity);
        options.validate = judge;
        options.callback_context = &seen;
        struct duo duo;
        duo_init(&duo, client_context_of(&options), server_context_of(&server));
        duo_meet(&duo);
        assert_error(answer ? SN_OK : SN_ERROR_AUTHENTICATION, duo.client_error);
        assert_error(answer ? SN_OK : SN_ERROR_AUTHENTICATION, duo.server_error);
        assert_int_equal(1, seen.calls);
        assert_int_equal(SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NAME_MISMATCH |
                             SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_CHAIN_ERRORS,
                         seen.errors);
        assert_string_equal("localhost", seen.host);
        assert_true(seen.certificate_size > 100);
        if (!answer)
            assert_text("the program has refused the certificate: self-signed certificate",
                        duo.client);
        duo_free(&duo);
    }
    identity_free(identity);
}

TEST(a_function_of_the_program_may_refuse_what_is_in_order)
{
    struct judge seen = {.answer = false};
    sn_tls_options options = options_trusting();
    options.validate = judge;
    options.callback_context = &seen;
    struct duo duo;
    duo_init(&duo, client_context_of(&options), NULL);
    assert_refused(&duo, "the program has refused the certificate");
    assert_int_equal(0, seen.errors);
    assert_string_equal("", seen.text);
    duo_free(&duo);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(both_sides_know_what_was_agreed_on),
        CASE(the_older_version_is_spoken_where_one_side_wants_it),
        CASE(no_version_in_common_is_told_to_both),
        CASE(a_protocol_is_chosen_by_the_order_of_the_server),
        CASE(no_protocol_in_common_is_told_to_both),
        CASE(a_certificate_for_another_host_is_refused),
        CASE(an_address_is_looked_for_among_the_addresses),
        CASE(without_a_host_nobody_is_accepted),
        CASE(what_has_expired_or_is_not_valid_yet_is_refused),
        CASE(who_speaks_for_itself_is_refused),
        CASE(an_authority_that_is_not_known_is_refused),
        CASE(what_was_revoked_is_refused),
        CASE(the_default_client_trusts_nobody_of_the_tests),
        CASE(a_function_of_the_program_sees_all_that_is_wrong_and_decides),
        CASE(a_function_of_the_program_may_refuse_what_is_in_order),
    };
    return RUN(cases);
}
