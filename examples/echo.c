/*
 * An echo server with a thread for each connection, and a client that talks to it: deadlines, the
 * end of a stream, and a close that ends a blocked call of another thread.
 *
 *     cc echo.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <pthread.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void report(const char *who, sn_error error)
{
    fprintf(stderr, "%s: %s: %s\n", who, sn_error_name(error), sn_error_message(error));
}

static void check(const char *who, sn_error error)
{
    if (!error)
        return;
    report(who, error);
    exit(EXIT_FAILURE);
}

/* Sends back what arrives until the peer has finished, or says nothing for five seconds. */
static void *serve(void *context)
{
    sn_socket *connection = context; /* owned by this thread */
    char data[4096];
    size_t received = 1;
    sn_error error = sn_socket_set_receive_timeout(connection, 5000);
    while (!error && received > 0) {
        error = sn_socket_receive(connection, data, sizeof data, SN_FLAG_NONE, &received);
        if (!error)
            error = sn_socket_send(connection, data, received, SN_FLAG_NONE, NULL);
    }
    if (error)
        report("server", error);
    sn_socket_release(connection);
    return NULL;
}

static void start_thread(void *(*run)(void *), sn_socket *socket, pthread_t *thread)
{
    if (pthread_create(thread, NULL, run, socket) == 0)
        return;
    fprintf(stderr, "no thread could be started\n");
    exit(EXIT_FAILURE);
}

/* Accepts until the listener is closed. */
static void *accept_all(void *context)
{
    sn_socket *listener = context; /* a reference of this thread's own */
    for (;;) {
        sn_socket *connection;
        sn_error error = sn_socket_accept(listener, &connection);
        if (sn_error_is_transient(error)) {
            nanosleep(&(struct timespec){.tv_nsec = 10000000},
                      NULL); /* descriptors may have run out */
            continue;
        }
        if (error)
            break;
        pthread_t thread;
        start_thread(serve, connection, &thread);
        pthread_detach(thread);
    }
    sn_socket_release(listener);
    return NULL;
}

static sn_socket *start_listener(sn_endpoint *endpoint)
{
    sn_socket *listener;
    check("listen", sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, endpoint));
    check("listen", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
    check("listen", sn_socket_bind(listener, endpoint));
    check("listen", sn_socket_listen(listener, 128));
    check("listen", sn_socket_get_local_endpoint(listener, endpoint));
    return listener;
}

/* Whether the server says nothing as long as it is not spoken to. */
static bool is_silent(sn_socket *client)
{
    char byte;
    size_t received;
    check("client", sn_socket_set_receive_timeout(client, 20));
    sn_error error = sn_socket_receive(client, &byte, 1, SN_FLAG_NONE, &received);
    check("client", sn_socket_set_receive_timeout(client, 0)); /* no limit again */
    return error == SN_ERROR_TIMED_OUT;
}

/* Receives until the end of the stream, or until the memory is full. */
static size_t receive_all(sn_socket *client, char *data, size_t size)
{
    size_t total = 0;
    size_t received = 1;
    while (total < size && received > 0) {
        check("client",
              sn_socket_receive(client, data + total, size - total, SN_FLAG_NONE, &received));
        total += received;
    }
    return total;
}

int main(void)
{
    sn_endpoint endpoint;
    sn_socket *listener = start_listener(&endpoint);
    pthread_t acceptor;
    start_thread(accept_all, sn_socket_retain(listener), &acceptor);

    sn_socket *client;
    check("client", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    check("client", sn_socket_set_connect_timeout(client, 3000));
    check("client", sn_socket_connect(client, &endpoint));
    if (!is_silent(client))
        return EXIT_FAILURE;
    check("client", sn_socket_send(client, "hello, world", 12, SN_FLAG_NONE, NULL));
    check("client", sn_socket_shutdown(client, SN_SHUTDOWN_SEND));
    char text[64];
    size_t size = receive_all(client, text, sizeof text);
    printf("%.*s\n", (int)size, text);
    sn_socket_release(client);

    sn_socket_close(listener); /* ends the accept */
    pthread_join(acceptor, NULL);
    sn_socket_release(listener);
    return size == 12 ? EXIT_SUCCESS : EXIT_FAILURE;
}
