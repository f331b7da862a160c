/*
 * The answers to all requests that one receive has brought, as one send of several buffers: for
 * programs that know their answers together.
 */
#include "sennit.h"

#include <stdlib.h>
#include <string.h>

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    const struct service *service;
    size_t filled; /* of the buffer */
    sn_buffer answers[CONTENDER_PIECES_MAX];
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
    sn_socket_receive_async(connection->socket, connection->buffer + connection->filled,
                            connection->service->buffer_size - connection->filled, SN_FLAG_NONE,
                            &connection->operation);
}

static void on_sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error) {
        connection_destroy(connection);
        return;
    }
    connection->filled -= operation->transferred;
    memmove(connection->buffer, connection->buffer + operation->transferred, connection->filled);
    receive(connection);
}

static void answer_all(struct connection *connection)
{
    size_t size = connection->service->message_size, count = connection->filled / size;
    if (count > CONTENDER_PIECES_MAX)
        count = CONTENDER_PIECES_MAX;
    for (size_t i = 0; i < count; i++)
        connection->answers[i] = (sn_buffer){connection->buffer + i * size, size};
    if (count == 0) {
        receive(connection);
        return;
    }
    connection->operation.completed = on_sent;
    sn_socket_send_buffers_async(connection->socket, connection->answers, count, SN_FLAG_NONE,
                                 &connection->operation);
}

static void on_received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error || operation->transferred == 0) {
        connection_destroy(connection);
        return;
    }
    connection->filled += operation->transferred;
    answer_all(connection);
}

void sennit_gather_connected(sn_socket *socket, const struct service *service,
                             const struct sennit_care *care)
{
    struct connection *connection = calloc(1, sizeof *connection + service->buffer_size);
    (void)care;
    if (!connection || sn_socket_set_no_delay(socket, true)) {
        free(connection);
        sn_socket_release(socket);
        return;
    }
    connection->socket = socket;
    connection->service = service;
    connection->operation.context = connection;
    receive(connection);
}
