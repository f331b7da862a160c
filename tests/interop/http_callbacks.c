/*
 * An HTTP server whose every step is an operation with a callback, for the load generators of
 * others. It knows one page for each size: /1000 has a thousand bytes. What a client sends that is
 * no such request ends its connection.
 *
 * usage: http_callbacks    on a free port of 127.0.0.1, which it prints, until SIGTERM or SIGINT
 */
#include <pthread.h>
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MAX = 4096, BODY_MAX = 1 << 20, IDLE_MS = 30000, GOODBYE_MS = 1000 };

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    sn_reader *reader; /* owned */
    sn_buffer request;
    bool is_last; /* the connection ends behind this answer */
    char head[160];
    sn_buffer parts[2];
};

static char body[BODY_MAX];

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void end(struct connection *connection)
{
    sn_reader_release(connection->reader);
    sn_socket_release(connection->socket);
    free(connection);
}

static void said_goodbye(sn_operation *operation)
{
    end(operation->context);
}

/* What the client has sent beside is read up to its end, or the close would cut the answer off. */
static void wait_for_the_end(struct connection *connection)
{
    static char rest[1024]; /* nobody reads it */
    connection->operation.completed = said_goodbye;
    connection->operation.timeout_ms = GOODBYE_MS;
    if (sn_socket_shutdown(connection->socket, SN_SHUTDOWN_SEND))
        end(connection);
    else
        sn_socket_receive_async(connection->socket, rest, sizeof rest, SN_FLAG_NONE,
                                &connection->operation);
}

static void await_request(struct connection *connection);

static void sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error)
        end(connection);
    else if (connection->is_last)
        wait_for_the_end(connection);
    else
        await_request(connection);
}

static bool has_field(const char *request, const char *field)
{
    return strcasestr(request, field) != NULL;
}

/* HTTP/1.1 goes on unless it says otherwise, 1.0 ends unless it says otherwise. */
static bool read_request(struct connection *connection, size_t *out_size)
{
    char *text = connection->request.data;
    int minor = 0;
    text[connection->request.size - 2] = '\0';
    if (sscanf(text, "GET /%7zu HTTP/1.%1d\r\n", out_size, &minor) != 2 || *out_size > BODY_MAX)
        return false;
    connection->is_last = minor == 0 ? !has_field(text, "\r\nConnection: keep-alive\r\n")
                                     : has_field(text, "\r\nConnection: close\r\n");
    return true;
}

static void asked(sn_operation *operation)
{
    struct connection *connection = operation->context;
    size_t size;
    if (operation->error || !read_request(connection, &size)) {
        end(connection);
        return;
    }
    int head = snprintf(connection->head, sizeof connection->head,
                        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nContent-Type: text/plain\r\n"
                        "Connection: %s\r\n\r\n",
                        size, connection->is_last ? "close" : "keep-alive");
    connection->parts[0] = (sn_buffer){connection->head, (size_t)head};
    connection->parts[1] = (sn_buffer){body, size};
    operation->completed = sent;
    sn_socket_send_buffers_async(connection->socket, connection->parts, 2, SN_FLAG_NONE, operation);
}

static void await_request(struct connection *connection)
{
    connection->operation.completed = asked;
    connection->operation.timeout_ms = IDLE_MS;
    sn_reader_read_until_async(connection->reader, "\r\n\r\n", 4, 0, &connection->request,
                               &connection->operation);
}

static void begin(sn_socket *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection || sn_reader_create(socket, NULL, HEAD_MAX, &connection->reader)) {
        sn_socket_release(socket);
        free(connection);
        return;
    }
    connection->socket = socket;
    connection->operation.context = connection;
    await_request(connection);
}

static void accepted(sn_operation *operation)
{
    sn_socket *listener = operation->context; /* borrowed */
    if (!operation->error)
        begin(operation->socket);
    else if (!sn_error_is_transient(operation->error))
        return; /* the listener was closed, or its engine ends */
    sn_socket_accept_async(listener, NULL, operation);
}

int main(void)
{
    sn_socket *listener;
    sn_endpoint endpoint;
    sn_engine *engine;
    sigset_t ends;
    int signal_number;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before there is a second thread */
    memset(body, 'x', sizeof body);
    check("engine", sn_engine_create(&(sn_engine_options){.threads = 2}, &engine));
    check("listen", sn_socket_open_listening("tcp://127.0.0.1:0", 1024, NULL, NULL, &listener));
    check("listen", sn_socket_set_engine(listener, engine));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    sn_operation accept = {.completed = accepted, .context = listener};
    sn_socket_accept_async(listener, NULL, &accept);
    printf("http://127.0.0.1:%d/\n", sn_endpoint_get_port(&endpoint));
    (void)fflush(stdout);
    (void)sigwait(&ends, &signal_number);
    check("end", sn_engine_destroy(engine)); /* everything that is pending completes, and ends */
    sn_socket_release(listener);
    return EXIT_SUCCESS;
}
