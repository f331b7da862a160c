/*
 * A server that ends well: SIGTERM arrives as an operation, on the engine's thread like everything
 * else. Then nobody new is let in, connections with nothing to do are told goodbye, those in the
 * middle of something finish it, and what is not done within two tenths of a second is cut off.
 *
 * The clients in main() are the program's own, so that it ends by itself.
 *
 *     cc graceful.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <pthread.h>
#include <semaphore.h>
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GRACE_MS 200

/* One thread runs all callbacks, so nothing here needs a lock. */
static struct {
    sn_engine *engine;     /* owned, of one thread */
    sn_socket *listener;   /* owned */
    sn_socket *signals;    /* owned */
    sn_cancellation *idle; /* of those who wait for a request */
    sn_cancellation *busy; /* of those who answer one, or say goodbye */
    sn_operation accepting, ending;
    sn_signal signal;
    bool is_ending;
    int open, served, cut_off; /* connections */
    sem_t done;                /* posted when the last one is gone */
} server;

struct connection {
    sn_operation operation;
    sn_socket *socket; /* owned */
    char data[65536];
};

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- A connection: a request is what one receive brings, and its answer is the same ----------- */

static void await_request(struct connection *connection);

static void end(struct connection *connection)
{
    if (sn_cancellation_is_canceled(server.busy))
        server.cut_off++;
    else
        server.served++;
    sn_socket_release(connection->socket);
    free(connection);
    if (--server.open == 0 && server.is_ending)
        sem_post(&server.done);
}

static void said_goodbye(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error || operation->transferred == 0)
        end(connection);
    else /* a request that we do not answer any more */
        sn_socket_receive_async(connection->socket, connection->data, sizeof connection->data,
                                SN_FLAG_NONE, operation);
}

/* What was sent arrives before the end of the stream does. To close at once could reset the
 * connection, and the peer would lose it. */
static void say_goodbye(struct connection *connection)
{
    sn_socket_shutdown(connection->socket, SN_SHUTDOWN_SEND);
    connection->operation.completed = said_goodbye;
    connection->operation.cancellation = server.busy;
    sn_socket_receive_async(connection->socket, connection->data, sizeof connection->data,
                            SN_FLAG_NONE, &connection->operation);
}

static void answered(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error || sn_cancellation_is_canceled(server.busy)) /* or a part was sent */
        end(connection);
    else if (server.is_ending)
        say_goodbye(connection);
    else
        await_request(connection);
}

static void requested(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error == SN_ERROR_OPERATION_CANCELED) { /* idle, and the server ends */
        say_goodbye(connection);
        return;
    }
    if (operation->error || operation->transferred == 0) {
        end(connection);
        return;
    }
    operation->completed = answered;
    operation->cancellation = server.busy;
    sn_socket_send_async(connection->socket, connection->data, operation->transferred, SN_FLAG_NONE,
                         operation);
}

static void await_request(struct connection *connection)
{
    connection->operation.completed = requested;
    connection->operation.cancellation = server.idle;
    sn_socket_receive_async(connection->socket, connection->data, sizeof connection->data,
                            SN_FLAG_NONE, &connection->operation);
}

static void accepted(sn_operation *operation)
{
    if (!operation->error) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection)
            exit(EXIT_FAILURE);
        server.open++;
        connection->socket = operation->socket;
        connection->operation.context = connection;
        check("engine", sn_socket_set_engine(connection->socket, server.engine));
        await_request(connection);
    } else if (!sn_error_is_transient(operation->error)) {
        return; /* the listener was closed */
    }
    sn_socket_accept_async(server.listener, NULL, operation);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void told_to_end(sn_operation *operation)
{
    check("signal", operation->error);
    printf("signal %d\n", server.signal.number);
    server.is_ending = true;
    sn_socket_close(server.listener);    /* its address is free from now on */
    sn_cancellation_cancel(server.idle); /* who has just got a request answers it */
    check("time", sn_cancellation_cancel_after(server.busy, GRACE_MS));
    if (server.open == 0)
        sem_post(&server.done);
}

static void begin(void)
{
    static const int wanted[] = {SIGTERM, SIGINT};
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < 2; i++)
        sigaddset(&set, wanted[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* before there are other threads */
    check("signals", sn_signals_open(wanted, 2, &server.signals));

    sn_engine_options options = {.threads = 1};
    check("engine", sn_engine_create(&options, &server.engine));
    check("cancellation", sn_cancellation_create(&server.idle));
    check("cancellation", sn_cancellation_create(&server.busy));
    check("listen",
          sn_socket_open_listening("tcp://127.0.0.1:0", 128, NULL, NULL, &server.listener));
    check("engine", sn_socket_set_engine(server.listener, server.engine));
    check("engine", sn_socket_set_engine(server.signals, server.engine));
    sem_init(&server.done, 0, 0);
    server.accepting.completed = accepted;
    sn_socket_accept_async(server.listener, NULL, &server.accepting);
    server.ending.completed = told_to_end;
    sn_signals_receive_async(server.signals, &server.signal, &server.ending);
}

static void finish(void)
{
    while (sem_wait(&server.done) != 0)
        continue;
    check("destroy", sn_engine_destroy(server.engine)); /* nothing is pending any more */
    sn_socket_release(server.listener);
    sn_socket_release(server.signals);
    sn_cancellation_release(server.idle);
    sn_cancellation_release(server.busy);
    sem_destroy(&server.done);
}

/* --- Clients ---------------------------------------------------------------------------------- */

static sn_socket *connect_to_server(const sn_endpoint *address)
{
    sn_socket *socket;
    check("create", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check("connect", sn_socket_connect(socket, address));
    return socket;
}

/* Asks, and never listens: its answer gets stuck. */
static void *be_a_nuisance(void *socket)
{
    static const char data[65536];
    while (sn_socket_send(socket, data, sizeof data, SN_FLAG_NONE, NULL) == SN_OK)
        continue;
    return NULL;
}

int main(void)
{
    char answer[16];
    size_t received;
    pthread_t thread;
    sn_endpoint address;
    begin();
    check("address", sn_socket_get_local_endpoint(server.listener, &address));
    sn_socket *polite = connect_to_server(&address), *nuisance = connect_to_server(&address);
    if (pthread_create(&thread, NULL, be_a_nuisance, nuisance) != 0)
        return EXIT_FAILURE;
    check("ask", sn_socket_send(polite, "ping", 4, SN_FLAG_NONE, NULL));
    check("answer", sn_socket_receive(polite, answer, sizeof answer, SN_FLAG_NONE, &received));
    printf("%.*s\n", (int)received, answer);

    kill(getpid(), SIGTERM);

    /* It was idle: the end of its stream comes at once, and in order. */
    check("goodbye", sn_socket_receive(polite, answer, sizeof answer, SN_FLAG_NONE, &received));
    sn_socket_release(polite);
    finish();
    pthread_join(thread, NULL);
    sn_socket_release(nuisance);
    printf("%d served, %d cut off\n", server.served, server.cut_off);
    return received == 0 && server.served == 1 && server.cut_off == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
