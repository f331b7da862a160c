/*
 * A server that is replaced while it works: it hands its listener and its live connections, each
 * with what it knows of it, to its successor, and not a request is lost.
 *
 * "handover serve" is the server. It is started as a service manager would do it, with a Unix
 * socket by which it gets everything else. Without an argument the program shows it: it starts the
 * first server, puts it under load, has it replaced several times, and counts the answers.
 *
 *     cc handover.c -pthread $(pkg-config --cflags --libs sennit)
 */
#include <fcntl.h>
#include <pthread.h>
#include <sennit.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* A request is a number; two of them mean something else. */
enum { REPLACE_YOURSELF = -1, END = -2 };

struct answer {
    int64_t number;     /* of the request */
    int64_t count;      /* how many this connection has made */
    int64_t generation; /* of the server */
};

/* --- The server: one thread, which drives an engine ------------------------------------------- */

/* What goes to the successor beside a handle. */
struct record {
    int64_t generation; /* of the successor */
    int64_t count;      /* of a connection; -1: it is the listener */
    uint64_t filled;    /* bytes of a request that has not come whole */
    char request[sizeof(int64_t)];
};

struct connection {
    sn_operation operation; /* one at a time: receiving, answering, leaving */
    sn_socket *socket;      /* owned */
    struct connection *next, **link;
    struct record record;
    struct answer answer;
    sn_handle handle; /* while it leaves */
};

static struct server {
    sn_engine *engine;
    sn_socket *listener, *way; /* owned; `way`: from the predecessor, or to the successor */
    sn_operation accepting, passing;
    struct connection *connections;
    struct record arrived;
    sn_handle handle;
    int64_t generation;
    const char *program;
    int is_asked, is_leaving, is_ended;
} server;

static void serve(struct connection *connection);
static void leave(struct connection *connection);
static void start_successor(void);

static void let_go_of_way(void)
{
    sn_socket_release(server.way);
    server.way = NULL;
}

static void forget(struct connection *connection)
{
    *connection->link = connection->next;
    if (connection->next)
        connection->next->link = connection->link;
    sn_socket_release(connection->socket);
    free(connection);
    if (server.is_leaving && !server.connections) { /* the last one: the successor sees the end */
        let_go_of_way();
        server.is_ended = 1;
    }
}

static struct connection *add(sn_socket *socket, const struct record *record)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        check("a connection", SN_ERROR_OUT_OF_MEMORY);
    connection->socket = socket;
    connection->record = *record;
    connection->operation.context = connection;
    connection->next = server.connections;
    connection->link = &server.connections;
    if (connection->next)
        connection->next->link = &connection->next;
    server.connections = connection;
    check("set the engine", sn_socket_set_engine(socket, server.engine));
    return connection;
}

static void answered(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error)
        forget(connection);
    else if (server.is_leaving)
        leave(connection);
    else
        serve(connection);
}

static void answer(struct connection *connection)
{
    int64_t number;
    memcpy(&number, connection->record.request, sizeof number);
    connection->record.filled = 0;
    if (number == REPLACE_YOURSELF && !server.is_leaving)
        start_successor();
    server.is_ended |= number == END;
    connection->answer = (struct answer){number, ++connection->record.count, server.generation};
    connection->operation.completed = answered;
    sn_socket_send_async(connection->socket, &connection->answer, sizeof connection->answer,
                         SN_FLAG_NONE, &connection->operation);
}

/* A connection that is idle leaves, with a part of a request if there is one. */
static void received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    connection->record.filled += operation->transferred;
    if (connection->record.filled == sizeof connection->record.request)
        answer(connection);
    else if (operation->error == SN_ERROR_OPERATION_CANCELED)
        leave(connection);
    else if (operation->error || operation->transferred == 0)
        forget(connection);
    else
        serve(connection);
}

static void serve(struct connection *connection)
{
    struct record *record = &connection->record;
    connection->operation.completed = received;
    sn_socket_receive_async(connection->socket, &record->request[record->filled],
                            sizeof record->request - record->filled, SN_FLAG_NONE,
                            &connection->operation);
    if (server.is_leaving)
        sn_operation_cancel(&connection->operation);
}

static void accept_next(void);

static void accepted(sn_operation *operation)
{
    if (!operation->error)
        serve(add(operation->socket, &(struct record){0}));
    if (!operation->error || sn_error_is_transient(operation->error))
        accept_next();
}

static void accept_next(void)
{
    server.accepting.completed = accepted;
    sn_socket_accept_async(server.listener, NULL, &server.accepting);
}

/* --- Leaving: the predecessor ----------------------------------------------------------------- */

static void gone(sn_operation *operation)
{
    struct connection *connection = operation->context;
    check("hand over", operation->error);
    close(connection->handle); /* the successor has its own */
    forget(connection);
}

static void detached(sn_operation *operation)
{
    struct connection *connection = operation->context;
    check("detach", operation->error);
    connection->record.generation = server.generation + 1;
    operation->completed = gone;
    sn_socket_send_handles_async(server.way, &connection->record, sizeof connection->record,
                                 &connection->handle, 1, SN_FLAG_NONE, operation);
}

static void leave(struct connection *connection)
{
    connection->operation.completed = detached;
    sn_socket_detach_async(connection->socket, false, &connection->handle, &connection->operation);
}

/* Once the successor says that it is there. Until then nothing has happened, and should it fail
 * this server goes on. Who connects in between waits in the listener's queue. */
static void ready(sn_operation *operation)
{
    const struct record of_listener = {.count = -1};
    if (operation->error || operation->transferred == 0) {
        fprintf(stderr, "generation %lld: no successor\n", (long long)server.generation);
        let_go_of_way();
        server.is_asked = 0;
        return;
    }
    server.is_leaving = 1;
    leave(add(server.listener, &of_listener));
    server.listener = NULL; /* its connection's now */
    for (struct connection *next, *at = server.connections->next; at; at = next) {
        next = at->next;
        if (at->operation.completed == received) /* an answer goes out before */
            sn_operation_cancel(&at->operation);
    }
}

/* In the child, between fork and exec: the way becomes descriptor 3, and has a name. */
static void become_successor(sn_handle way)
{
    char process[20];
    snprintf(process, sizeof process, "%ld", (long)getpid());
    setenv("LISTEN_PID", process, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "way", 1);
    /* All others are closed by the exec. */
    if (way == 3 ? fcntl(way, F_SETFD, 0) == 0 : dup2(way, 3) == 3)
        execlp(server.program, server.program, "serve", (char *)NULL);
    _exit(EXIT_FAILURE);
}

/* The other end of its way is this process's. */
static sn_socket *start_server(void)
{
    sn_socket *ends[2];
    check("make a way", sn_socket_pair(SN_TYPE_SEQPACKET, ends));
    pid_t child = fork();
    if (child == 0)
        become_successor(sn_socket_get_handle(ends[1]));
    sn_socket_release(ends[1]);
    return ends[0];
}

static void start_successor(void)
{
    server.is_asked = 1;
    if (server.way) /* it is being started, or our own predecessor is not done yet */
        return;
    server.way = start_server();
    check("set the engine", sn_socket_set_engine(server.way, server.engine));
    server.passing.completed = ready;
    sn_socket_receive_async(server.way, &server.arrived, 1, SN_FLAG_NONE, &server.passing);
}

/* --- Arriving: the successor ------------------------------------------------------------------ */

static void receive_next(void);

static void arrived(sn_operation *operation)
{
    check("take over", operation->error);
    if (operation->transferred == 0) { /* the predecessor has ended */
        let_go_of_way();
        if (server.is_asked)
            start_successor();
        return;
    }
    sn_socket *socket = NULL;
    if (operation->transferred != sizeof server.arrived ||
        sn_operation_get_handle_count(operation) != 1)
        check("take over", SN_ERROR_FORMAT);
    check("adopt", sn_socket_from_handle(server.handle, true, &socket));
    server.generation = server.arrived.generation;
    if (server.arrived.count >= 0) {
        serve(add(socket, &server.arrived));
    } else {
        server.listener = socket;
        check("set the engine", sn_socket_set_engine(socket, server.engine));
        accept_next();
    }
    receive_next();
}

static void receive_next(void)
{
    server.passing.completed = arrived;
    sn_socket_receive_handles_async(server.way, &server.arrived, sizeof server.arrived,
                                    &server.handle, 1, SN_FLAG_NONE, &server.passing);
}

static int run_server(void)
{
    sn_inherited_socket inherited;
    size_t count = 0;
    check("what it was started with", sn_inherited_sockets_take(true, &inherited, 1, &count));
    if (count != 1 || strcmp(inherited.name, "way") != 0)
        check("what it was started with", SN_ERROR_ARGUMENT);
    check("create an engine", sn_engine_create(&(sn_engine_options){.threads = 0}, &server.engine));
    server.way = inherited.socket;
    check("set the engine", sn_socket_set_engine(server.way, server.engine));
    check("say that it is there", sn_socket_send(server.way, "!", 1, SN_FLAG_NONE, NULL));
    receive_next();
    while (!server.is_ended || server.connections || server.way)
        check("run", sn_engine_run(server.engine, SN_FOREVER, NULL));
    check("destroy the engine", sn_engine_destroy(server.engine));
    sn_socket_release(server.listener);
    return EXIT_SUCCESS;
}

/* --- The load --------------------------------------------------------------------------------- */

enum { CLIENTS = 6, REPLACEMENTS = 4, REQUESTS = 1000 };

static sn_endpoint address;
static atomic_long requests;

static sn_socket *connected(void)
{
    sn_socket *socket = NULL;
    check("create", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check("connect", sn_socket_connect(socket, &address));
    check("send at once", sn_socket_set_no_delay(socket, true)); /* ask() sends in two pieces */
    return socket;
}

/* In two pieces, so that a server is replaced in the middle of one, too. Gives the generation. */
static int64_t ask(sn_socket *socket, int64_t number, int64_t count)
{
    struct answer answer;
    size_t received = 0, size = 0;
    check("ask", sn_socket_send(socket, &number, 3, SN_FLAG_NONE, NULL));
    check("ask", sn_socket_send(socket, (char *)&number + 3, 5, SN_FLAG_NONE, NULL));
    for (; received < sizeof answer; received += size) {
        check("be answered", sn_socket_receive(socket, (char *)&answer + received,
                                               sizeof answer - received, SN_FLAG_NONE, &size));
        if (size == 0)
            check("be answered", SN_ERROR_CONNECTION_RESET);
    }
    if (answer.number != number || answer.count != count)
        check("be answered rightly", SN_ERROR_INVALID_OPERATION);
    atomic_fetch_add(&requests, 1);
    return answer.generation;
}

/* A connection that outlives every server, and beside it one after the other that do not. */
static void *put_under_load(void *argument)
{
    sn_socket *lasting = connected();
    int64_t count = 0;
    while (ask(lasting, count + 1000, count + 1) < REPLACEMENTS) {
        count++;
        sn_socket *brief = connected();
        (void)ask(brief, count, 1);
        sn_socket_release(brief);
    }
    sn_socket_release(lasting);
    return argument;
}

/* When it has answered a while; and waits until another one answers. */
static void replace(int64_t generation)
{
    sn_socket *socket = connected();
    int64_t count = 1;
    while (requests < (generation + 1) * REQUESTS)
        (void)ask(socket, 1, count++);
    for (int64_t number = REPLACE_YOURSELF; ask(socket, number, count++) == generation;)
        number = 1;
    sn_socket_release(socket);
}

static void start_first_server(void)
{
    struct record record = {.count = -1};
    sn_socket *listener = NULL, *way = start_server();
    char byte;
    size_t size = 0;
    check("listen", sn_socket_open_listening("127.0.0.1:0", 128, NULL, NULL, &listener));
    check("listen", sn_socket_get_local_endpoint(listener, &address));
    check("wait for it", sn_socket_receive(way, &byte, 1, SN_FLAG_NONE, &size));
    sn_handle handle = SN_HANDLE_NONE;
    check("detach", sn_socket_detach(listener, false, &handle));
    check("hand over",
          sn_socket_send_handles(way, &record, sizeof record, &handle, 1, SN_FLAG_NONE, NULL));
    close(handle);
    sn_socket_release(listener);
    sn_socket_release(way);
}

/* Each server is a child of the one before, and becomes this process's when that has ended. */
static void wait_for_servers(void)
{
    int status = 0, count = 0;
    while (wait(&status) > 0) {
        count++;
        if (status != 0)
            check("a server", SN_ERROR_INVALID_OPERATION);
    }
    printf("%ld requests answered by %d servers, one after the other\n", (long)requests, count);
}

int main(int argc, char **argv)
{
    pthread_t clients[CLIENTS];
    server.program = argv[0];
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return run_server();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    start_first_server();
    for (int i = 0; i < CLIENTS; i++)
        if (pthread_create(&clients[i], NULL, put_under_load, NULL) != 0)
            return EXIT_FAILURE;
    for (int64_t generation = 0; generation < REPLACEMENTS; generation++)
        replace(generation);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    sn_socket *last = connected();
    (void)ask(last, END, 1);
    sn_socket_release(last);
    wait_for_servers();
    return EXIT_SUCCESS;
}
