#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

int main(void)
{
    sn_socket *listener, *client, *server;
    sn_endpoint endpoint; /* port 0: the system chooses one */
    check(sn_endpoint_parse("127.0.0.1:0", &endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
    check(sn_socket_bind(listener, &endpoint));
    check(sn_socket_listen(listener, 16));
    check(sn_socket_get_local_endpoint(listener, &endpoint));

    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
    check(sn_socket_connect(client, &endpoint));
    check(sn_socket_send(client, "hello, world", 12, SN_FLAG_NONE, NULL));

    char text[64];
    size_t received;
    check(sn_socket_accept(listener, &server));
    check(sn_socket_receive(server, text, sizeof text, SN_FLAG_NONE, &received));
    printf("%.*s\n", (int)received, text);

    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}
