/*
 * Each request is answered by a send of its own, started from the receive's callback; what of them
 * can leave together is the library's affair. The next receive is started when all are sent, since
 * it uses the same buffer.
 */
#include "sennit.h"

#include <stdlib.h>
#include <string.h>

struct connection {
    sn_operation receive;
    sn_socket *socket; /* owned */
    const struct service *service;
    size_t filled;  /* of the buffer */
    size_t taken;   /* of what is filled: answered */
    size_t pending; /* answers that are not sent yet */
    bool has_failed;
    sn_operation *answers; /* owned: as many as requests fit into the buffer */
    char buffer[];
};

static void connection_destroy(struct connection *connection)
{
    sn_socket_release(connection->socket);
    free(connection->answers);
    free(connection);
}

static void receive(struct connection *connection)
{
    connection->filled -= connection->taken;
    memmove(connection->buffer, connection->buffer + connection->taken, connection->filled);
    connection->taken = 0;
    sn_socket_receive_async(connection->socket, connection->buffer + connection->filled,
                            connection->service->buffer_size - connection->filled, SN_FLAG_NONE,
                            &connection->receive);
}

/* One of the answers, or the callback that starts them. */
static void finish_one(struct connection *connection)
{
    if (--connection->pending > 0)
        return;
    if (connection->has_failed)
        connection_destroy(connection);
    else
        receive(connection);
}

static void on_sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    connection->has_failed |= operation->error != SN_OK;
    finish_one(connection);
}

static void answer_all(struct connection *connection)
{
    size_t size = connection->service->message_size, count = connection->filled / size;
    connection->taken = count * size;
    connection->pending = count + 1;
    for (size_t i = 0; i < count; i++)
        sn_socket_send_async(connection->socket, connection->buffer + i * size, size, SN_FLAG_NONE,
                             &connection->answers[i]);
    finish_one(connection);
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

void sennit_pipeline_connected(sn_socket *socket, const struct service *service,
                               const struct sennit_care *care)
{
    struct connection *connection = calloc(1, sizeof *connection + service->buffer_size);
    size_t count = service->buffer_size / service->message_size;
    if (connection)
        connection->answers = calloc(count, sizeof *connection->answers);
    if (!connection || !connection->answers || sn_socket_set_no_delay(socket, true)) {
        if (connection)
            free(connection->answers);
        free(connection);
        sn_socket_release(socket);
        return;
    }
    const sn_operation pattern = {.completed = on_sent,
                                  .context = connection,
                                  .timeout_ms = care->limit_ms,
                                  .cancellation = care->handle};
    connection->socket = socket;
    connection->service = service;
    connection->receive = pattern;
    connection->receive.completed = on_received;
    for (size_t i = 0; i < count; i++)
        connection->answers[i] = pattern;
    receive(connection);
}
