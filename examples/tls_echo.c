/*
 * An echo server over TLS, with a fiber for each connection, and a client of it that is written
 * with callbacks.
 *
 *     cc tls_echo.c $(pkg-config --cflags --libs sennit-tls) -pthread
 *
 * usage: tls_echo CERTIFICATE KEY [PORT]    PEM files; until SIGTERM or SIGINT; 0: any port that is
 * free. Without a port it asks itself, where the certificate must be for "localhost", and ends.
 */
#include <pthread.h>
#include <sennit.h>
#include <sennit/tls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HANDSHAKE_MS = 10000, IDLE_MS = 30000 };

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- The server ------------------------------------------------------------------------------- */

static sn_tls_context *server_context; /* one for all connections */

/* Sends back what arrives until the peer has finished, and says so itself. */
static sn_error echo(sn_tls_stream *stream)
{
    char data[16384];
    size_t size = 1;
    sn_error error = SN_OK;
    while (!error && size > 0) {
        error = sn_tls_stream_read(stream, data, sizeof data, &size);
        if (!error)
            error = sn_tls_stream_write(stream, data, size, NULL);
    }
    return error ? error : sn_tls_stream_shutdown(stream);
}

static sn_error serve(void *context)
{
    sn_socket *connection = context; /* owned */
    sn_tls_stream *stream;
    sn_error error = sn_tls_stream_create_on_socket(connection, true, &stream);
    sn_socket_release(connection);
    if (error)
        return error;
    sn_network_stream *inner = sn_tls_stream_get_inner(stream);
    error = sn_network_stream_set_read_timeout(inner, HANDSHAKE_MS);
    if (!error)
        error = sn_tls_stream_authenticate_as_server(stream, server_context);
    if (!error)
        error = sn_network_stream_set_read_timeout(inner, IDLE_MS);
    if (!error)
        error = sn_network_stream_set_write_timeout(inner, IDLE_MS);
    if (!error)
        error = echo(stream);
    if (error)
        fprintf(stderr, "connection: %s %s\n", sn_error_name(error),
                sn_tls_stream_get_error_text(stream));
    sn_tls_stream_release(stream);
    return error;
}

/* Accepts until the listener is closed. */
static sn_error accept_all(void *context)
{
    sn_socket *listener = context; /* a reference of its own */
    sn_socket *connection;
    sn_error error = SN_OK;
    while (!error || sn_error_is_transient(error)) {
        error = sn_socket_accept(listener, &connection);
        if (!error)
            check("start", sn_fiber_start(NULL, serve, connection, NULL, NULL));
    }
    sn_socket_release(listener);
    return error;
}

static sn_socket *listen_on(const char *port)
{
    char address[32];
    sn_socket *listener;
    sn_endpoint endpoint;
    (void)snprintf(address, sizeof address, "127.0.0.1:%s", port);
    check("listen", sn_socket_open_listening(address, 128, NULL, NULL, &listener));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    printf("localhost:%d\n", sn_endpoint_get_port(&endpoint));
    fflush(stdout);
    check("start", sn_fiber_start(NULL, accept_all, sn_socket_retain(listener), NULL, NULL));
    return listener;
}

/* --- The client ------------------------------------------------------------------------------- */

struct client {
    sn_tls_stream *stream;
    sn_tls_operation operation; /* one after the other */
    char data[32];
    size_t size; /* of what has come back */
    sn_semaphore done;
};

static const char question[] = "said through TLS";

static void finish(struct client *client, const char *what)
{
    sn_error error = client->operation.error;
    if (error)
        fprintf(stderr, "%s: %s %s\n", what, sn_error_name(error),
                sn_tls_stream_get_error_text(client->stream));
    (void)sn_semaphore_release(&client->done, 1);
}

static void has_read(sn_tls_operation *operation)
{
    struct client *client = operation->context;
    client->size += operation->transferred;
    if (operation->error || operation->transferred == 0) {
        finish(client, "read");
        return;
    }
    sn_tls_stream_read_async(client->stream, client->data + client->size,
                             sizeof client->data - client->size, operation);
}

static void has_shut_down(sn_tls_operation *operation)
{
    struct client *client = operation->context;
    if (operation->error) {
        finish(client, "shutdown");
        return;
    }
    operation->completed = has_read;
    sn_tls_stream_read_async(client->stream, client->data, sizeof client->data, operation);
}

static void has_written(sn_tls_operation *operation)
{
    struct client *client = operation->context;
    if (operation->error) {
        finish(client, "write");
        return;
    }
    operation->completed = has_shut_down;
    sn_tls_stream_shutdown_async(client->stream, operation);
}

static void is_authenticated(sn_tls_operation *operation)
{
    struct client *client = operation->context;
    if (operation->error) {
        finish(client, "handshake");
        return;
    }
    operation->completed = has_written;
    sn_tls_stream_write_async(client->stream, question, sizeof question, operation);
}

/* Whether what was said has come back. */
static bool ask(sn_socket *listener, const char *trust)
{
    static struct client client; /* the semaphore stays while it is released */
    const sn_tls_options options = {.trust_file = trust};
    sn_tls_context *context;
    sn_socket *socket;
    sn_endpoint endpoint;
    check("trust", sn_tls_context_create_client(&options, &context));
    check("client", sn_socket_get_local_endpoint(listener, &endpoint));
    check("client", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check("client", sn_socket_connect(socket, &endpoint));
    check("client", sn_tls_stream_create_on_socket(socket, true, &client.stream));
    sn_socket_release(socket);

    client.operation.completed = is_authenticated;
    client.operation.context = &client;
    client.operation.timeout_ms = HANDSHAKE_MS;
    sn_tls_stream_authenticate_as_client_async(client.stream, context, "localhost",
                                               &client.operation);
    check("wait", sn_semaphore_acquire(&client.done, 1, SN_FOREVER));
    sn_tls_stream_release(client.stream);
    sn_tls_context_release(context);
    return client.size == sizeof question && memcmp(client.data, question, sizeof question) == 0;
}

int main(int count, char **words)
{
    int signal_number;
    sigset_t ends;
    if (count < 3) {
        fprintf(stderr, "usage: tls_echo CERTIFICATE KEY [PORT]\n");
        return 2;
    }
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* the threads that are made later, too */

    const sn_tls_options options = {.certificate_file = words[1], .key_file = words[2]};
    if (sn_tls_context_create_server(&options, &server_context)) {
        fprintf(stderr, "%s\n", sn_tls_last_error_text());
        return EXIT_FAILURE;
    }
    sn_socket *listener = listen_on(count > 3 ? words[3] : "0");
    bool is_same = count > 3 || ask(listener, words[1]);
    if (count > 3)
        (void)sigwait(&ends, &signal_number);
    sn_socket_close(listener); /* ends the accepts */
    sn_socket_release(listener);
    if (count <= 3)
        puts(is_same ? question : "something else came back");
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
