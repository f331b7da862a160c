/*
 * An echo server with a thread for each connection, and a crowd of clients that talk to it. The
 * same on fibers is echo_fibers.c: one line differs.
 *
 *     cc echo_threads.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <pthread.h>
#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 100, ROUNDS = 10 };

static sem_t served; /* once for each connection that has ended */

static void check(const char *who, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", who, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- Threads ---------------------------------------------------------------------------------- */

struct start {
    sn_error (*body)(void *context);
    void *context;
};

static void *run(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    (void)start.body(start.context);
    return NULL;
}

static sn_error start_thread(sn_error (*body)(void *context), void *context)
{
    struct start *start = malloc(sizeof *start);
    pthread_t thread;
    if (!start)
        return SN_ERROR_OUT_OF_MEMORY;
    *start = (struct start){body, context};
    if (pthread_create(&thread, NULL, run, start) != 0) {
        free(start);
        return SN_ERROR_OUT_OF_MEMORY;
    }
    (void)pthread_detach(thread);
    return SN_OK;
}

/* --- The server ------------------------------------------------------------------------------- */

/* Sends back what arrives until the peer has finished, or says nothing for 30 seconds. */
static sn_error serve(void *context)
{
    sn_socket *connection = context; /* owned */
    char data[4096];
    size_t received = 1;
    sn_error error = sn_socket_set_receive_timeout(connection, 30000);
    while (!error && received > 0) {
        error = sn_socket_receive(connection, data, sizeof data, SN_FLAG_NONE, &received);
        if (!error)
            error = sn_socket_send(connection, data, received, SN_FLAG_NONE, NULL);
    }
    sn_socket_release(connection);
    (void)sem_post(&served);
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
            check("start", start_thread(serve, connection));
    }
    sn_socket_release(listener);
    (void)sem_post(&served);
    return error;
}

/* --- The clients ------------------------------------------------------------------------------ */

static sn_socket *connect_to(const sn_endpoint *endpoint)
{
    sn_socket *client;
    check("client", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    check("client", sn_socket_set_receive_timeout(client, 30000));
    check("client", sn_socket_connect(client, endpoint));
    return client;
}

/* All are asked before any has to answer. */
static bool talk(sn_socket *const *clients, int round)
{
    char said[32], heard[32] = "";
    bool is_same = true;
    for (int i = 0; i < CLIENTS; i++) {
        (void)snprintf(said, sizeof said, "client %d, round %d", i, round);
        check("send", sn_socket_send(clients[i], said, sizeof said, SN_FLAG_NONE, NULL));
    }
    for (int i = 0; i < CLIENTS; i++) {
        (void)snprintf(said, sizeof said, "client %d, round %d", i, round);
        check("receive", sn_socket_receive_exactly(clients[i], heard, sizeof heard, NULL));
        is_same = is_same && strcmp(said, heard) == 0;
    }
    return is_same;
}

int main(void)
{
    sn_socket *listener, *clients[CLIENTS];
    sn_endpoint endpoint;
    bool is_same = true;
    (void)sem_init(&served, 0, 0);
    check("listen", sn_socket_open_listening("127.0.0.1:0", 128, NULL, NULL, &listener));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    check("start", start_thread(accept_all, sn_socket_retain(listener)));

    for (int i = 0; i < CLIENTS; i++)
        clients[i] = connect_to(&endpoint);
    for (int round = 0; round < ROUNDS; round++)
        is_same = talk(clients, round) && is_same;
    for (int i = 0; i < CLIENTS; i++)
        sn_socket_release(clients[i]);

    sn_socket_close(listener); /* ends the accept */
    sn_socket_release(listener);
    for (int i = 0; i < CLIENTS + 1; i++)
        while (sem_wait(&served) != 0)
            continue;
    printf("%d clients were answered %d times\n", CLIENTS, ROUNDS);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
