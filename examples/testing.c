/*
 * Tests of a program that uses Sennit: no fixed port, no sleeping, no thread where none is needed,
 * and memory that runs out when the test says so.
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void expect(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "it is not so that %s\n", what);
    exit(EXIT_FAILURE);
}

/* --- What is tested: an answer to each line -------------------------------------------------- */

struct shouter {
    sn_operation operation;
    sn_socket *socket; /* borrowed */
    char line[16];
    sn_error error;
};

static void answer(sn_operation *operation)
{
    struct shouter *shouter = operation->context;
    shouter->error = operation->error;
    if (operation->error)
        return;
    for (size_t i = 0; i < operation->transferred; i++)
        shouter->line[i] &= (char)~0x20;
    operation->completed = NULL;
    sn_socket_send_async(shouter->socket, shouter->line, operation->transferred, SN_FLAG_NONE,
                         operation);
}

static void shouter_start(struct shouter *shouter, sn_socket *socket)
{
    *shouter = (struct shouter){.socket = socket};
    shouter->operation.completed = answer;
    shouter->operation.context = shouter;
    sn_socket_receive_async(socket, shouter->line, sizeof shouter->line, SN_FLAG_NONE,
                            &shouter->operation);
}

/* --- With an engine that the test drives: each step happens when it is asked for ------------- */

static void a_line_is_shouted_back(sn_engine *engine)
{
    sn_socket *pair[2];
    struct shouter shouter;
    char text[16];
    size_t size;
    check(sn_socket_pair(SN_TYPE_STREAM, pair)); /* no port, no network */
    check(sn_socket_set_engine(pair[0], engine));
    shouter_start(&shouter, pair[0]);

    check(sn_socket_send(pair[1], "hello", 5, SN_FLAG_NONE, NULL));
    while (!sn_operation_is_completed(&shouter.operation))
        check(sn_engine_run(engine, 5000, NULL));
    check(sn_socket_receive(pair[1], text, sizeof text, SN_FLAG_NONE, &size));
    expect(size == 5 && memcmp(text, "HELLO", 5) == 0, "a line is shouted back");
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}

/* --- Failures ------------------------------------------------------------------------------- */

static int allocations_left = -1; /* below 0: no limit */

static void *allocate(size_t count, size_t size)
{
    if (allocations_left == 0)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return calloc(count, size);
}

static void no_memory_is_an_error(void)
{
    sn_socket *socket = NULL;
    allocations_left = 0;
    sn_error error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    allocations_left = -1;
    expect(error == SN_ERROR_OUT_OF_MEMORY && !socket, "a socket takes memory");
}

/* A peer that closes with data unread resets the connection: a failure on demand. */
static void a_reset_is_told(sn_engine *engine)
{
    sn_socket *listener, *client, *server;
    sn_endpoint endpoint;
    struct shouter shouter;
    check(sn_socket_open_listening("127.0.0.1:0", 1, NULL, NULL, &listener));
    check(sn_socket_get_local_endpoint(listener, &endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    check(sn_socket_connect(client, &endpoint));
    check(sn_socket_accept(listener, &server));
    check(sn_socket_set_engine(server, engine));
    shouter_start(&shouter, server);

    check(sn_socket_close_within(client, 0)); /* a reset, at once */
    while (!sn_operation_is_completed(&shouter.operation))
        check(sn_engine_run(engine, 5000, NULL));
    expect(shouter.error == SN_ERROR_CONNECTION_RESET, "a reset is told");
    sn_socket_release(client);
    sn_socket_release(server);
    sn_socket_release(listener);
}

int main(void)
{
    sn_engine *engine;
    sn_memory_set_functions(&(sn_memory_functions){allocate, free}); /* before anything else */
    check(sn_engine_create(NULL, &engine));
    a_line_is_shouted_back(engine);
    a_reset_is_told(engine);
    no_memory_is_an_error();
    check(sn_engine_destroy(engine));
}
