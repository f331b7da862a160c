/*
 * One operation for each connection, which receives and sends in turn, and a callback that starts
 * the next step: as in docs/guide.
 */
#include "sennit.h"

#include <stdlib.h>

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    size_t size;
    char buffer[];
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
    sn_socket_receive_async(connection->socket, connection->buffer, connection->size, SN_FLAG_NONE,
                            &connection->operation);
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

void sennit_echo_connected(sn_socket *socket, const struct service *service,
                           const struct sennit_care *care)
{
    struct connection *connection = calloc(1, sizeof *connection + service->buffer_size);
    if (!connection || sn_socket_set_no_delay(socket, true)) {
        free(connection);
        sn_socket_release(socket);
        return;
    }
    connection->socket = socket;
    connection->size = service->buffer_size;
    connection->operation.context = connection;
    connection->operation.timeout_ms = care->limit_ms;
    connection->operation.cancellation = care->handle;
    receive(connection);
}
