/*
 * Each request is answered by a file that is open all the time.
 */
#include "sennit.h"

#include <fcntl.h>
#include <stdlib.h>

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    size_t size, filled;
    char buffer[];
};

static sn_handle file = -1;

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
                            connection->size - connection->filled, SN_FLAG_NONE,
                            &connection->operation);
}

static void on_sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error) {
        connection_destroy(connection);
        return;
    }
    connection->filled = 0;
    receive(connection);
}

static void on_received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    const sn_file_send whole = {.size = sizeof whole, .kind = SN_FILE_HANDLE, .file = file};
    if (operation->error || operation->transferred == 0) {
        connection_destroy(connection);
        return;
    }
    connection->filled += operation->transferred;
    if (connection->filled < connection->size) {
        receive(connection);
        return;
    }
    operation->completed = on_sent;
    sn_socket_send_file_async(connection->socket, &whole, operation);
}

void sennit_file_connected(sn_socket *socket, const struct service *service,
                           const struct sennit_care *care)
{
    struct connection *connection = calloc(1, sizeof *connection + service->message_size);
    (void)care;
    if (file < 0)
        file = open(service->file, O_RDONLY | O_CLOEXEC);
    if (!connection || file < 0 || sn_socket_set_no_delay(socket, true)) {
        free(connection);
        sn_socket_release(socket);
        return;
    }
    connection->socket = socket;
    connection->size = service->message_size;
    connection->operation.context = connection;
    receive(connection);
}
