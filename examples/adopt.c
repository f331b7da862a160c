/* A descriptor that plain system calls have made, in a socket of Sennit, and back again. */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

int main(void)
{
    int pair[2];
    char text[8];
    size_t size;
    sn_socket *socket;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return EXIT_FAILURE;
    check(sn_socket_from_handle(pair[0], true, &socket)); /* adopted: the socket closes it */
    check(sn_socket_set_receive_timeout(socket, 5000));

    if (write(pair[1], "ping", 4) != 4)
        return EXIT_FAILURE;
    check(sn_socket_receive(socket, text, sizeof text, SN_FLAG_NONE, &size));

    sn_handle handle;
    check(sn_socket_detach(socket, true, &handle)); /* ours again, and blocking */
    sn_socket_release(socket);
    if (write(handle, "pong", 4) != 4 || read(pair[1], text, sizeof text) != 4)
        return EXIT_FAILURE;
    printf("%.4s\n", text);
    close(handle);
    close(pair[1]);
    return size == 4 ? EXIT_SUCCESS : EXIT_FAILURE;
}
