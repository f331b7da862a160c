/* Options of sockets: by their properties, by .NET's level and name, by the kernel's own numbers.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
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

/* Runs before the bind, where an option such as this one matters. */
static sn_error prepare(sn_socket *socket, void *context)
{
    const int *size = context;
    sn_error error = sn_socket_set_reuse_port(socket, true);
    return error ? error : sn_socket_set_receive_buffer_size(socket, *size);
}

int main(void)
{
    sn_socket *listener, *socket;
    int wanted = 65536;
    check(sn_socket_open_listening("127.0.0.1:0", 16, prepare, &wanted, &listener));
    int size;
    check(sn_socket_get_receive_buffer_size(listener, &size));
    printf("asked for %d bytes of room, and have %d\n", wanted, size); /* Linux doubles it */

    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check(sn_socket_set_no_delay(socket, true));
    check(sn_socket_set_send_timeout(socket, 5000));
    check(sn_socket_set_linger_state(socket, &(sn_linger_option){.enabled = true, .seconds = 3}));

    /* What has no property, by .NET's names. */
    check(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, 1));
    check(sn_socket_set_option(socket, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 60));

    /* What .NET has no name for. */
    const int limit_ms = 20000;
    check(sn_socket_set_raw_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms,
                                   sizeof limit_ms));
    int value;
    size_t written;
    check(sn_socket_get_raw_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value,
                                   &written));

    /* What does not exist is told, and nothing has changed. */
    sn_error error = sn_socket_set_option(socket, SN_LEVEL_UDP, SN_OPTION_NO_CHECKSUM, 1);
    printf("NoChecksum: %s\n", sn_error_name(error));

    sn_socket_release(socket);
    sn_socket_release(listener);
    return error && size >= wanted && value == limit_ms ? EXIT_SUCCESS : EXIT_FAILURE;
}
