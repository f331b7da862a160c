/*
 * Two TLS streams over one connection, and their verbs in each style of calling: blocking on
 * threads, blocking on fibers, asynchronous.
 */
#ifndef TLS_TESTS_DUO_H
#define TLS_TESTS_DUO_H

#include <sennit/tls.h>

#include "identity.h"
#include "support/run.h"
#include "support/style.h"
#include "support/threads.h"

struct duo {
    struct socket_pair pair;
    sn_tls_stream *client, *server;
    sn_tls_context *client_context, *server_context;
    const char *host; /* that the client wants; "localhost" */
    struct thread thread;
    sn_error client_error, server_error; /* of the handshake */
};

/* Trusts the authority of the tests. */
sn_tls_context *client_context_make(void);
/* Of the server of the tests. */
sn_tls_context *server_context_make(void);
/* Of other options; a failure ends the test. */
sn_tls_context *client_context_of(const sn_tls_options *options);
sn_tls_context *server_context_of(const sn_tls_options *options);
/* What says that this is who it is. */
sn_tls_options options_of(const struct identity *identity);
/* What says that the authority of the tests is trusted. */
sn_tls_options options_trusting(void);

/* Over TCP, or what the case is run on. The contexts are the duo's from then on; NULL: those of
 * the tests. */
void duo_init(struct duo *duo, sn_tls_context *client, sn_tls_context *server);
/* Both sides at once; the errors are in the duo. */
void duo_meet(struct duo *duo);
/* The three in one; the handshakes have to succeed. */
void duo_open(struct duo *duo);
void duo_free(struct duo *duo);

sn_error do_client(sn_tls_stream *stream, sn_tls_context *context, const char *host);
sn_error do_server(sn_tls_stream *stream, sn_tls_context *context);
sn_error do_read(sn_tls_stream *stream, void *data, size_t size, size_t *out_read);
sn_error do_write(sn_tls_stream *stream, const void *data, size_t size, size_t *out_written);
sn_error do_shutdown(sn_tls_stream *stream);
/* Until so much is there. */
sn_error do_read_all(sn_tls_stream *stream, void *data, size_t size);

/* A thread that is in a call of the client's, and is to be cancelled through its socket. An
 * asynchronous call may be between two waits, where that finds nothing to end. */
sn_error cancel_client(struct duo *duo, struct thread *thread);
/* Until a call of the client's has taken all that has come, and waits for more. */
void wait_taken(struct duo *duo);

/* Time limits: of a blocking call those of the connection, else of each operation. */
void limit_calls(sn_tls_stream *stream, sn_milliseconds timeout_ms);

#define assert_text(expected, stream)                                                              \
    assert_string_equal(expected, sn_tls_stream_get_error_text(stream))

#endif
