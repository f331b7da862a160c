/*
 * The echo server without a thread for each connection: every step is an operation, and the
 * engine's threads call back when it is done. The client in main() is a blocking one; the two
 * halves mix.
 *
 *     cc async_echo.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

/* What the program keeps of a connection, with the operation inside: one is enough, since a
 * connection either receives or sends. It is lent to the library from each start to its callback.
 */
struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    char data[4096];
};

static sem_t ended; /* posted when the listener's last accept, or a connection, has ended */

static void check(const char *who, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", who, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void sent(sn_operation *operation);

static void end(struct connection *connection)
{
    sn_socket_release(connection->socket);
    free(connection);
    sem_post(&ended);
}

static void received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error || operation->transferred == 0) { /* 0: the peer has finished */
        end(connection);
        return;
    }
    operation->completed = sent;
    sn_socket_send_async(connection->socket, connection->data, operation->transferred, SN_FLAG_NONE,
                         operation);
}

static void receive(struct connection *connection)
{
    connection->operation.completed = received;
    connection->operation.timeout_ms = 5000; /* nobody may be silent for longer */
    sn_socket_receive_async(connection->socket, connection->data, sizeof connection->data,
                            SN_FLAG_NONE, &connection->operation);
}

static void sent(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error)
        end(connection);
    else
        receive(connection); /* a send of a stream completes when everything was sent */
}

static void begin(sn_socket *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        exit(EXIT_FAILURE);
    connection->socket = socket;
    connection->operation.context = connection;
    receive(connection);
}

static void accepted(sn_operation *operation)
{
    sn_socket *listener =
        operation->context; /* borrowed: main() closes it, and waits for the end */
    if (!operation->error)
        begin(operation->socket); /* owned by us now */
    else if (!sn_error_is_transient(operation->error)) {
        sem_post(&ended);
        return;
    }
    sn_socket_accept_async(listener, NULL, operation); /* the record is ours again: the next one */
}

int main(void)
{
    sn_socket *listener, *client;
    sn_endpoint endpoint;
    sem_init(&ended, 0, 0);
    check("listen", sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &endpoint));
    check("listen", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
    check("listen", sn_socket_bind(listener, &endpoint));
    check("listen", sn_socket_listen(listener, 128));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    sn_operation accept = {.completed = accepted, .context = listener};
    sn_socket_accept_async(listener, NULL, &accept);

    char text[64];
    size_t size;
    check("client", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    check("client", sn_socket_connect(client, &endpoint));
    check("client", sn_socket_send(client, "hello, world", 12, SN_FLAG_NONE, NULL));
    check("client", sn_socket_receive(client, text, sizeof text, SN_FLAG_NONE, &size));
    printf("%.*s\n", (int)size, text);
    sn_socket_release(client);

    sn_socket_close(listener); /* completes the accept with SN_ERROR_OPERATION_ABORTED */
    sem_wait(&ended);
    sem_wait(&ended); /* the connection ends because the client has closed */
    sn_socket_release(listener);
    return size > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
