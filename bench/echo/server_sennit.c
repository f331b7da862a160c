/*
 * Sennit, as its users write it: one operation for each connection, which receives and sends in
 * turn, and a callback that starts the next step. The engine is driven by this program, or runs on
 * a thread of its own.
 */
#include "server.h"

#include <sennit.h>

#include <stdlib.h>
#include <unistd.h>

/* What careful servers give each operation. */
static sn_milliseconds limit_ms;
static sn_cancellation *handle; /* owned; NULL: none */

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    char buffer[ECHO_BUFFER_SIZE];
};

struct acceptor {
    sn_operation operation;
    sn_socket *listener; /* owned */
};

static void on_received(sn_operation *operation);

static void connection_destroy(struct connection *connection)
{
    sn_socket_release(connection->socket);
    free(connection);
}

static void receive(struct connection *connection)
{
    connection->operation.completed = on_received;
    sn_socket_receive_async(connection->socket, connection->buffer, sizeof connection->buffer,
                            SN_FLAG_NONE, &connection->operation);
}

static void on_sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error)
        connection_destroy(connection);
    else
        receive(connection);
}

static void on_received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error || operation->transferred == 0) {
        connection_destroy(connection);
        return;
    }
    operation->completed = on_sent;
    sn_socket_send_async(connection->socket, connection->buffer, operation->transferred,
                         SN_FLAG_NONE, operation);
}

static void connection_create(sn_socket *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection || sn_socket_set_no_delay(socket, true)) {
        free(connection);
        sn_socket_release(socket);
        return;
    }
    connection->socket = socket;
    connection->operation.context = connection;
    connection->operation.timeout_ms = limit_ms;
    connection->operation.cancellation = handle;
    receive(connection);
}

static void on_accepted(sn_operation *operation)
{
    struct acceptor *acceptor = operation->context;
    if (!operation->error)
        connection_create(operation->socket);
    else if (!sn_error_is_transient(operation->error))
        return;
    sn_socket_accept_async(acceptor->listener, NULL, operation);
}

/* Keeps the library's own last step: what went wrong is told by its error. */
static sn_error listen_on(const struct server_place *place, sn_engine *engine,
                          struct acceptor *acceptor)
{
    sn_endpoint local;
    sn_error error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, place->port, &local);
    if (!error)
        error =
            sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &acceptor->listener);
    if (!error)
        error = sn_socket_set_engine(acceptor->listener, engine);
    if (!error)
        error = sn_socket_set_reuse_address_only(acceptor->listener, true);
    if (!error)
        error = sn_socket_bind(acceptor->listener, &local);
    if (!error)
        error = sn_socket_listen(acceptor->listener, ECHO_BACKLOG);
    if (!error)
        error = sn_socket_get_local_endpoint(acceptor->listener, &local);
    if (error)
        return error;
    place->listening(place->context, sn_endpoint_get_port(&local));
    acceptor->operation = (sn_operation){.completed = on_accepted, .context = acceptor};
    sn_socket_accept_async(acceptor->listener, NULL, &acceptor->operation);
    return SN_OK;
}

static const char *serve(const struct server_place *place, const sn_engine_options *options)
{
    static struct acceptor acceptor;
    sn_engine *engine = NULL;
    sn_error error = sn_engine_create(options, &engine);
    if (!error)
        error = listen_on(place, engine, &acceptor);
    while (!error && options->threads > 0)
        (void)pause();
    while (!error)
        error = sn_engine_run(engine, SN_FOREVER, NULL);
    return sn_error_message(error);
}

const char *serve_sennit_io_uring(const struct server_place *place)
{
    return serve(place, &(sn_engine_options){.backend = SN_ENGINE_BACKEND_IO_URING});
}

const char *serve_sennit_epoll(const struct server_place *place)
{
    return serve(place, &(sn_engine_options){.backend = SN_ENGINE_BACKEND_EPOLL});
}

const char *serve_sennit_epoll_limit(const struct server_place *place)
{
    limit_ms = 30000;
    return serve_sennit_epoll(place);
}

const char *serve_sennit_epoll_handle(const struct server_place *place)
{
    sn_error error = sn_cancellation_create(&handle);
    return error ? sn_error_message(error) : serve_sennit_epoll(place);
}

const char *serve_sennit_thread(const struct server_place *place)
{
    return serve(place, &(sn_engine_options){.threads = 1});
}
