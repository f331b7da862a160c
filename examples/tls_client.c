/*
 * Fetches a page over TLS: a name is looked up and connected to, the server has to prove that it is
 * the host that was meant, and one time limit holds for all of it.
 *
 *     cc tls_client.c $(pkg-config --cflags --libs sennit-tls)
 *
 * usage: tls_client HOST:PORT [PATH [TRUST]]    PATH: of the page, "/"; TRUST: a PEM file of the
 * authorities that may speak for the host, by default those of the system
 */
#include <sennit.h>
#include <sennit/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_MS = 20000 };

static int failed(const char *what, sn_error error, const sn_tls_stream *stream)
{
    const char *text = sn_tls_stream_get_error_text(stream);
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error),
            *text ? text : sn_error_message(error));
    return EXIT_FAILURE;
}

/* Sends the question and prints what comes, until the server says that this was all. */
static sn_error fetch(sn_tls_stream *stream, const char *host, const char *path)
{
    char data[4096];
    size_t size = 1;
    int length = snprintf(data, sizeof data,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
    if (length < 0 || (size_t)length >= sizeof data)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    sn_error error = sn_tls_stream_write(stream, data, (size_t)length, NULL);
    while (!error && size > 0) {
        error = sn_tls_stream_read(stream, data, sizeof data, &size);
        if (!error)
            fwrite(data, 1, size, stdout);
    }
    return error;
}

/* On a connection, which is the stream's from then on. */
static int talk(sn_socket *socket, const char *host, const char *path, sn_tls_context *context)
{
    sn_tls_stream *stream;
    sn_error error = sn_tls_stream_create_on_socket(socket, true, &stream);
    if (error)
        return failed("stream", error, NULL);
    error = sn_tls_stream_authenticate_as_client(stream, context, host);
    if (!error)
        fprintf(stderr, "%s, %s\n", sn_tls_stream_get_cipher_suite_name(stream),
                sn_tls_stream_get_application_protocol(stream));
    int status = error ? failed(host, error, stream) : EXIT_SUCCESS;
    if (!error)
        error = fetch(stream, host, path);
    if (!error)
        error = sn_tls_stream_shutdown(stream);
    if (error && status == EXIT_SUCCESS)
        status = failed("page", error, stream);
    sn_tls_stream_release(stream);
    return status;
}

static int run(const char *address, const char *path, sn_tls_context *context)
{
    char host[256];
    sn_socket *socket;
    size_t length = strcspn(address, ":");
    if (address[length] != ':' || length >= sizeof host)
        return failed(address, SN_ERROR_FORMAT, NULL);
    memcpy(host, address, length);
    host[length] = '\0';
    sn_error error = sn_socket_open_connected(address, NULL, NULL, &socket);
    if (error)
        return failed(address, error, NULL);
    int status = talk(socket, host, path, context);
    sn_socket_release(socket);
    return status;
}

int main(int count, char **words)
{
    static const char *const protocols[] = {"http/1.1"};
    sn_tls_options options = {.application_protocols = protocols, .application_protocol_count = 1};
    sn_tls_context *context;
    sn_cancellation *limit;
    sn_cancellation_scope scope;
    if (count < 2) {
        fprintf(stderr, "usage: tls_client HOST:PORT [PATH [TRUST]]\n");
        return 2;
    }
    options.trust_file = count > 3 ? words[3] : NULL;
    sn_error error = sn_tls_context_create_client(&options, &context);
    if (error) {
        fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_tls_last_error_text());
        return EXIT_FAILURE;
    }
    error = sn_cancellation_create(&limit);
    if (!error)
        error = sn_cancellation_cancel_after(limit, LIMIT_MS);
    if (!error)
        error = sn_cancellation_enter(limit, &scope);
    if (error)
        return failed("limit", error, NULL);
    int status = run(words[1], count > 2 ? words[2] : "/", context);
    sn_cancellation_leave(&scope);
    sn_cancellation_release(limit);
    sn_tls_context_release(context);
    return status;
}
