/* Datagrams one by one: who has sent it, where it was sent to, and what did not fit. */
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

static sn_socket *open_bound(const char *text, sn_endpoint *endpoint)
{
    sn_socket *socket;
    check(sn_endpoint_parse(text, endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    check(sn_socket_bind(socket, endpoint));
    check(sn_socket_get_local_endpoint(socket, endpoint));
    return socket;
}

static void answer(sn_socket *server)
{
    char data[512];
    size_t size;
    sn_endpoint from;
    check(sn_socket_receive_from(server, data, sizeof data, SN_FLAG_NONE, &from, &size));
    check(sn_socket_send_to(server, data, size, SN_FLAG_NONE, &from, NULL));
}

/* A datagram that is longer than the buffer loses its end. Who wants to know asks for it. */
static bool was_cut(sn_socket *server)
{
    char data[4], address[SN_IP_ADDRESS_TEXT_SIZE];
    size_t size;
    sn_endpoint from;
    sn_flags flags = SN_FLAG_NONE;
    sn_ip_packet_information information;
    sn_error error = sn_socket_receive_message_from(server, data, sizeof data, &flags, &from,
                                                    &information, &size);
    if (error != SN_ERROR_MESSAGE_SIZE)
        check(error);
    check(sn_ip_address_format(&information.address, address, sizeof address));
    printf("%zu bytes to %s\n", size, address);
    return (flags & SN_FLAG_TRUNCATED) != 0;
}

int main(void)
{
    sn_endpoint endpoint, unused;
    char data[512];
    size_t size;
    sn_socket *server = open_bound("127.0.0.1:0", &endpoint);
    sn_socket *client = open_bound("127.0.0.1:0", &unused);
    check(sn_socket_connect(client, &endpoint)); /* sends to it, and hears nobody else */

    check(sn_socket_send(client, "who is there?", 13, SN_FLAG_NONE, NULL));
    answer(server);
    check(sn_socket_set_receive_timeout(client, 5000)); /* an answer may get lost */
    check(sn_socket_receive(client, data, sizeof data, SN_FLAG_NONE, &size));
    printf("%.*s\n", (int)size, data);

    check(sn_socket_set_option(server, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1));
    check(sn_socket_send(client, "too long", 8, SN_FLAG_NONE, NULL));
    bool is_cut = was_cut(server);
    sn_socket_release(client);
    sn_socket_release(server);
    return is_cut ? EXIT_SUCCESS : EXIT_FAILURE;
}
