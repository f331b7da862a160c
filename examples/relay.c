/*
 * A relay: whoever connects to it is connected to a server behind it, and what either sends goes
 * to the other, until both have finished.
 *
 *     cc relay.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const char *who, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", who, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static sn_socket *listen_on_loopback(sn_endpoint *out_address)
{
    sn_socket *listener;
    check("listener", sn_socket_open_listening("tcp://127.0.0.1:0", 16, NULL, NULL, &listener));
    check("address", sn_socket_get_local_endpoint(listener, out_address));
    return listener;
}

static sn_socket *connect_to(const sn_endpoint *address)
{
    sn_socket *socket;
    check("socket", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check("connect", sn_socket_connect(socket, address));
    return socket;
}

/* --- The relay -------------------------------------------------------------------------------- */

struct bridge {
    sn_operation operation;
    sn_socket *visitor, *server;
    sn_relay_result result;
};

static sem_t ended;

static void relayed(sn_operation *operation)
{
    struct bridge *bridge = operation->context;
    if (operation->error)
        printf("%s of the %s\n", sn_error_name(operation->error),
               bridge->result.failed == bridge->visitor  ? "visitor"
               : bridge->result.failed == bridge->server ? "server"
                                                         : "relay");
    printf("%llu bytes there, %llu back\n", (unsigned long long)bridge->result.there,
           (unsigned long long)bridge->result.back);
    sn_socket_release(bridge->visitor);
    sn_socket_release(bridge->server);
    free(bridge);
    sem_post(&ended);
}

static void connect_through(sn_socket *visitor, const sn_endpoint *target)
{
    struct bridge *bridge = calloc(1, sizeof *bridge);
    if (!bridge)
        exit(EXIT_FAILURE);
    bridge->visitor = visitor;
    bridge->server = connect_to(target);
    bridge->operation.completed = relayed;
    bridge->operation.context = bridge;
    sn_socket_relay_async(bridge->visitor, bridge->server, 60000, &bridge->result,
                          &bridge->operation);
}

/* --- A server behind it, and a visitor -------------------------------------------------------- */

/* It has sent back what came, until the end. */
static void echoed(sn_operation *operation)
{
    sn_socket_release(operation->context);
}

int main(void)
{
    sn_endpoint target, front;
    sn_socket *server = listen_on_loopback(&target), *listener = listen_on_loopback(&front);
    sn_socket *accepted, *served;
    sem_init(&ended, 0, 0);
    sn_socket *visitor = connect_to(&front);
    check("accept", sn_socket_accept(listener, &accepted));
    connect_through(accepted, &target);
    check("accept", sn_socket_accept(server, &served));
    sn_operation echoing = {.completed = echoed, .context = served};
    sn_socket_copy_to_async(served, served, SN_FOREVER, NULL, &echoing);

    char data[16];
    check("send", sn_socket_send(visitor, "hello, world", 12, SN_FLAG_NONE, NULL));
    check("receive", sn_socket_receive_exactly(visitor, data, 12, NULL));
    printf("%.12s\n", data);
    check("end", sn_socket_shutdown(visitor, SN_SHUTDOWN_SEND));
    uint8_t byte;
    sn_error error = sn_socket_receive_byte(visitor, &byte); /* passed on there and back */
    sem_wait(&ended);

    sn_socket_release(visitor);
    sn_socket_release(listener);
    sn_socket_release(server);
    sem_destroy(&ended);
    return error == SN_ERROR_END_OF_STREAM ? EXIT_SUCCESS : EXIT_FAILURE;
}
