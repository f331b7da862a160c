/*
 * What handshakes are made with: what the options may say, certificates of clients, and the choice
 * of a certificate by the name.
 */
#include "duo.h"

#include <stdlib.h>

#include "support/files.h"

/* --- What the options may say ----------------------------------------------------------------- */

static void assert_no_client(sn_error expected, const sn_tls_options *options, const char *text)
{
    sn_tls_context *context = NULL;
    assert_error(expected, sn_tls_context_create_client(options, &context));
    assert_null(context);
    if (!strstr(sn_tls_last_error_text(), text))
        fail_msg("\"%s\" is not in \"%s\"", text, sn_tls_last_error_text());
}

TEST(options_that_make_no_sense_are_refused)
{
    static const char *const empty[] = {""};
    char name[300];
    const char *const long_name[] = {name};
    memset(name, 'a', sizeof name);
    name[256] = '\0';
    sn_tls_context *context;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tls_context_create_client(NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tls_context_create_server(NULL, &context));
    sn_tls_options options = {.enabled_protocols = 768};
    assert_no_client(SN_ERROR_ARGUMENT_OUT_OF_RANGE, &options, "version");
    options = (sn_tls_options){.application_protocols = empty, .application_protocol_count = 1};
    assert_no_client(SN_ERROR_ARGUMENT_OUT_OF_RANGE, &options, "length");
    options.application_protocols = long_name;
    assert_no_client(SN_ERROR_ARGUMENT_OUT_OF_RANGE, &options, "length");
    options.application_protocols = NULL;
    assert_no_client(SN_ERROR_ARGUMENT_NULL, &options, "there are none");
    options = (sn_tls_options){.client_certificate_required = true};
    assert_no_client(SN_ERROR_ARGUMENT, &options, "a server's");
    options = (sn_tls_options){.key = the_server()->key_pem};
    assert_no_client(SN_ERROR_ARGUMENT, &options, "a key without a certificate");
    options = options_of(the_server());
    options.certificate_file = "both";
    assert_no_client(SN_ERROR_ARGUMENT, &options, "in a file and in memory");
    options = (sn_tls_options){.size = 0};
    assert_error(SN_ERROR_ARGUMENT, sn_tls_context_create_server(&options, &context));
}

TEST(options_of_a_later_version_are_taken_as_long_as_they_say_nothing_new)
{
    struct {
        sn_tls_options options;
        uint64_t later;
    } longer = {.options = {.size = sizeof longer}};
    sn_tls_context *context = client_context_of(&longer.options);
    sn_tls_context_release(sn_tls_context_retain(context));
    sn_tls_context_release(context);
    sn_tls_context_release(NULL);
    longer.later = 1;
    assert_no_client(SN_ERROR_NOT_SUPPORTED, &longer.options, "more than this library knows");
}

TEST(files_that_are_missing_or_hold_something_else_are_named)
{
    struct unix_path nonsense = file_new("no PEM at all", 13);
    struct identity *other = identity_make(&(struct identity_wish){.name = "other"});
    sn_tls_options options = {.trust_file = "/nowhere/to/be/found"};
    assert_no_client(SN_ERROR_FILE_NOT_FOUND, &options, "/nowhere/to/be/found");
    options.trust_file = nonsense.text;
    assert_no_client(SN_ERROR_FORMAT, &options, "there is no certificate in it");
    options = (sn_tls_options){.certificate_file = nonsense.text};
    assert_no_client(SN_ERROR_FORMAT, &options, nonsense.text);
    options = options_of(the_server());
    options.key = other->key_pem;
    assert_no_client(SN_ERROR_FORMAT, &options, "key values mismatch");
    options.key = (sn_buffer){NULL, 0}; /* where the certificate is there is none */
    assert_no_client(SN_ERROR_FORMAT, &options, "key: memory");
    identity_free(other);
}

TEST(files_serve_as_memory_does)
{
    sn_buffer pem = the_server()->certificate_pem, key = the_server()->key_pem;
    char *both = malloc(pem.size + key.size);
    memcpy(both, pem.data, pem.size);
    memcpy(both + pem.size, key.data, key.size);
    struct unix_path own = file_new(both, pem.size + key.size);
    struct unix_path trust =
        file_new(the_authority()->certificate_pem.data, the_authority()->certificate_pem.size);
    sn_tls_options server = {.certificate_file = own.text}, client = {.trust_file = trust.text};
    struct duo duo;
    duo_init(&duo, client_context_of(&client), server_context_of(&server));
    duo_meet(&duo);
    assert_ok(duo.client_error);
    assert_ok(duo.server_error);
    duo_free(&duo);
    free(both);
}

/* --- Certificates of clients ------------------------------------------------------------------ */

static sn_tls_options options_requiring(void)
{
    sn_tls_options options = options_of(the_server());
    options.trust = the_authority()->certificate_pem;
    options.client_certificate_required = true;
    return options;
}

/* A client that shows this, or nothing. */
static sn_tls_context *client_showing(const struct identity *identity, unsigned protocols)
{
    sn_tls_options options =
        identity ? options_of(identity) : (sn_tls_options){.key_password = NULL};
    options.trust = the_authority()->certificate_pem;
    options.enabled_protocols = protocols;
    return client_context_of(&options);
}

TEST(a_client_that_is_known_is_accepted_and_both_know_each_other)
{
    static const unsigned versions[] = {SN_TLS_PROTOCOLS_TLS12, SN_TLS_PROTOCOLS_TLS13};
    struct identity *me =
        identity_make(&(struct identity_wish){.name = "me", .issuer = the_authority()});
    for (int i = 0; i < 2; i++) {
        const sn_tls_options server = options_requiring();
        struct duo duo;
        duo_init(&duo, client_showing(me, versions[i]), server_context_of(&server));
        duo_meet(&duo);
        assert_ok(duo.client_error);
        assert_ok(duo.server_error);
        assert_true(sn_tls_stream_is_mutually_authenticated(duo.client));
        assert_true(sn_tls_stream_is_mutually_authenticated(duo.server));
        assert_true(sn_tls_stream_get_remote_certificate(duo.server).size > 100);
        duo_free(&duo);
    }
    identity_free(me);
}

/* With TLS 1.3 a client has finished before the server has looked: it learns of it when it reads.
 */
static void assert_client_refused(const struct identity *identity, const char *text,
                                  const char *told)
{
    const sn_tls_options server = options_requiring();
    struct duo duo;
    size_t count;
    char byte;
    duo_init(&duo, client_showing(identity, SN_TLS_PROTOCOLS_TLS13), server_context_of(&server));
    duo_meet(&duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo.server_error);
    assert_text(text, duo.server);
    assert_ok(duo.client_error);
    assert_error(SN_ERROR_AUTHENTICATION, do_read(duo.client, &byte, 1, &count));
    assert_text(told, duo.client);
    duo_free(&duo);
}

TEST(a_client_that_is_not_known_is_refused)
{
    struct identity *stranger = identity_make(&(struct identity_wish){.name = "a stranger"});
    assert_client_refused(stranger, "certificate verify failed: self-signed certificate",
                          "the peer says: unknown CA");
    assert_client_refused(NULL, "peer did not return a certificate",
                          "the peer says: certificate required");
    identity_free(stranger);
}

struct seen {
    bool answer;
    unsigned errors;
    int calls;
};

static bool judge(sn_tls_stream *stream, const sn_tls_remote *remote, void *context)
{
    struct seen *seen = context;
    seen->errors = remote->errors;
    seen->calls += sn_tls_stream_is_server(stream) && remote->certificate.size == 0 ? 1 : 100;
    return seen->answer;
}

TEST(a_function_judges_clients_that_show_nothing)
{
    for (int answer = 0; answer < 2; answer++) {
        struct seen seen = {.answer = answer};
        sn_tls_options server = options_requiring();
        server.validate = judge;
        server.callback_context = &seen;
        struct duo duo;
        duo_init(&duo, client_showing(NULL, SN_TLS_PROTOCOLS_NONE), server_context_of(&server));
        duo_meet(&duo);
        assert_ok(duo.client_error);
        assert_error(answer ? SN_OK : SN_ERROR_AUTHENTICATION, duo.server_error);
        assert_int_equal(1, seen.calls);
        assert_int_equal(SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NOT_AVAILABLE, seen.errors);
        assert_false(sn_tls_stream_is_mutually_authenticated(duo.server));
        assert_false(sn_tls_stream_is_mutually_authenticated(duo.client));
        duo_free(&duo);
    }
}

/* --- The certificate by the name -------------------------------------------------------------- */

struct choice {
    sn_tls_context *other; /* for "other.example" */
    char asked[300];
};

static sn_tls_context *choose(sn_tls_stream *stream, const char *name, void *context)
{
    struct choice *choice = context;
    (void)stream;
    (void)snprintf(choice->asked, sizeof choice->asked, "%s", name);
    return strcmp(name, "other.example") == 0 ? choice->other : NULL;
}

TEST(a_server_has_a_certificate_for_each_name)
{
    struct identity *other = identity_make(&(struct identity_wish){
        .name = "other", .names = "DNS:other.example", .issuer = the_authority()});
    static const char *const of_other[] = {"spoken-there"};
    sn_tls_options options = options_of(other), server = options_of(the_server());
    options.application_protocols = of_other;
    options.application_protocol_count = 1;
    struct choice choice = {.other = server_context_of(&options)};
    server.select = choose;
    server.callback_context = &choice;
    sn_tls_options client = options_trusting();
    client.application_protocols = of_other;
    client.application_protocol_count = 1;
    static const char *const hosts[] = {"localhost", "other.example", "other.example.",
                                        "127.0.0.1"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct duo duo;
        duo_init(&duo, client_context_of(&client), server_context_of(&server));
        duo.host = hosts[i];
        duo_meet(&duo);
        assert_ok(duo.client_error);
        assert_ok(duo.server_error);
        bool is_other = i == 1 || i == 2;
        assert_string_equal(is_other ? "spoken-there" : "",
                            sn_tls_stream_get_application_protocol(duo.client));
        assert_string_equal(i == 3 ? "" : is_other ? "other.example" : "localhost", choice.asked);
        duo_free(&duo);
    }
    sn_tls_context_release(choice.other);
    identity_free(other);
}

TEST(a_choice_may_want_certificates_of_clients)
{
    sn_tls_options options = options_requiring();
    options.trust = the_authority()->certificate_pem;
    struct identity *other = identity_make(&(struct identity_wish){
        .name = "other", .names = "DNS:other.example", .issuer = the_authority()});
    options.certificate = other->certificate_pem;
    options.key = other->key_pem;
    struct choice choice = {.other = server_context_of(&options)};
    sn_tls_options server = {.select = choose, .callback_context = &choice};
    struct duo duo;
    duo_init(&duo, NULL, server_context_of(&server));
    duo.host = "other.example";
    duo_meet(&duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo.server_error);
    assert_text("peer did not return a certificate", duo.server);
    duo_free(&duo);
    /* One that has no certificate of its own serves the names that are chosen, and no other. */
    duo_init(&duo, NULL, server_context_of(&server));
    duo_meet(&duo);
    assert_error(SN_ERROR_AUTHENTICATION, duo.server_error);
    assert_error(SN_ERROR_AUTHENTICATION, duo.client_error);
    duo_free(&duo);
    sn_tls_context_release(choice.other);
    identity_free(other);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(options_that_make_no_sense_are_refused),
        CASE(options_of_a_later_version_are_taken_as_long_as_they_say_nothing_new),
        CASE(files_that_are_missing_or_hold_something_else_are_named),
        CASE(files_serve_as_memory_does),
        CASE(a_client_that_is_known_is_accepted_and_both_know_each_other),
        CASE(a_client_that_is_not_known_is_refused),
        CASE(a_function_judges_clients_that_show_nothing),
        CASE(a_server_has_a_certificate_for_each_name),
        CASE(a_choice_may_want_certificates_of_clients),
    };
    return RUN(cases);
}
