/*
 * A server for the tests of others' clients: it answers each connection with a page of HTTP that
 * says what was agreed on, until SIGTERM.
 *
 * usage: answer CERTIFICATE KEY [TRUST]    PEM files; with TRUST clients have to show a certificate
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sennit.h>
#include <sennit/tls.h>

static sn_tls_context *context;

static sn_error answer(sn_tls_stream *stream)
{
    char body[512], page[1024], data[4096];
    size_t size = 0, count = 1;
    sn_error error = SN_OK;
    while (!error && count > 0 && size + 1 < sizeof data) {
        error = sn_tls_stream_read(stream, data + size, sizeof data - 1 - size, &count);
        size += error ? 0 : count;
        data[size] = '\0';
        if (strstr(data, "\r\n\r\n"))
            break;
    }
    if (error)
        return error;
    int length = snprintf(body, sizeof body, "version %d protocol %s host %s certificate %s\n",
                          (int)sn_tls_stream_get_protocol(stream),
                          sn_tls_stream_get_application_protocol(stream),
                          sn_tls_stream_get_target_host(stream),
                          sn_tls_stream_is_mutually_authenticated(stream) ? "yes" : "no");
    length = snprintf(page, sizeof page,
                      "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                      length, body);
    error = sn_tls_stream_write(stream, page, (size_t)length, NULL);
    return error ? error : sn_tls_stream_shutdown(stream);
}

static sn_error serve(void *argument)
{
    sn_socket *connection = argument;
    sn_tls_stream *stream;
    sn_error error = sn_tls_stream_create_on_socket(connection, true, &stream);
    sn_socket_release(connection);
    if (error)
        return error;
    error = sn_tls_stream_authenticate_as_server(stream, context);
    if (!error)
        error = answer(stream);
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_tls_stream_get_error_text(stream));
    sn_tls_stream_release(stream);
    return error;
}

static sn_error accept_all(void *argument)
{
    sn_socket *connection;
    sn_error error = SN_OK;
    while (!error) {
        error = sn_socket_accept(argument, &connection);
        if (!error)
            error = sn_fiber_start(NULL, serve, connection, NULL, NULL);
    }
    return error;
}

int main(int count, char **words)
{
    static const char *const protocols[] = {"http/1.1"};
    sn_tls_options options = {.application_protocols = protocols, .application_protocol_count = 1};
    sn_socket *listener;
    sn_endpoint endpoint;
    sigset_t end;
    int number;
    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &end, NULL);
    if (count < 3)
        return 2;
    options.certificate_file = words[1];
    options.key_file = words[2];
    options.trust_file = count > 3 ? words[3] : NULL;
    options.client_certificate_required = count > 3;
    if (sn_tls_context_create_server(&options, &context) ||
        sn_socket_open_listening("127.0.0.1:0", 16, NULL, NULL, &listener) ||
        sn_socket_get_local_endpoint(listener, &endpoint) ||
        sn_fiber_start(NULL, accept_all, listener, NULL, NULL)) {
        fprintf(stderr, "%s\n", sn_tls_last_error_text());
        return EXIT_FAILURE;
    }
    printf("localhost:%d\n", sn_endpoint_get_port(&endpoint));
    fflush(stdout);
    (void)sigwait(&end, &number);
    return EXIT_SUCCESS;
}
