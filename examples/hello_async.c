#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static sem_t ended;
static char text[64];

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void received(sn_operation *operation)
{
    check(operation->error);
    printf("%.*s\n", (int)operation->transferred, text);
    sn_socket_release(operation->context);
    sem_post(&ended);
}

static void accepted(sn_operation *operation)
{
    check(operation->error);
    operation->context = operation->socket; /* owned by us now */
    operation->completed = received;
    sn_socket_receive_async(operation->context, text, sizeof text, SN_FLAG_NONE, operation);
}

static void connected(sn_operation *operation)
{
    check(operation->error);
    operation->completed = NULL; /* nobody is called for this one: main() waits */
    sn_socket_send_async(operation->context, "hello, world", 12, SN_FLAG_NONE, operation);
    sem_post(&ended);
}

int main(void)
{
    sn_socket *listener, *client;
    sn_endpoint endpoint;
    sem_init(&ended, 0, 0);
    check(sn_socket_open_listening("127.0.0.1:0", 16, NULL, NULL, &listener));
    check(sn_socket_get_local_endpoint(listener, &endpoint));
    sn_operation server = {.completed = accepted};
    sn_socket_accept_async(listener, NULL, &server);

    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    sn_operation sending = {.completed = connected, .context = client};
    sn_socket_connect_async(client, &endpoint, &sending);

    sem_wait(&ended);
    sem_wait(&ended);
    check(sn_operation_wait(&sending));
    sn_socket_release(client);
    sn_socket_release(listener);
}
