/*
 * What can go wrong, and how a program is told: a refused connection, a time limit, misuse, and the
 * errno behind it.
 */
#include <errno.h>
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

static void expect(sn_error expected, sn_error error)
{
    if (error == expected)
        return;
    fprintf(stderr, "%s, not %s\n", sn_error_name(error), sn_error_name(expected));
    exit(EXIT_FAILURE);
}

/* A port that somebody has, but does not listen at. */
static void be_refused(void)
{
    sn_socket *bound, *socket;
    sn_endpoint endpoint;
    check(sn_endpoint_parse("127.0.0.1:0", &endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &bound));
    check(sn_socket_bind(bound, &endpoint));
    check(sn_socket_get_local_endpoint(bound, &endpoint));

    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    sn_error error = sn_socket_connect(socket, &endpoint);
    switch (error) {
    case SN_OK: break;
    case SN_ERROR_CONNECTION_REFUSED: puts("nobody is there yet: try again later"); break;
    case SN_ERROR_HOST_UNREACHABLE:
    case SN_ERROR_NETWORK_UNREACHABLE: puts("no way leads there"); break;
    default: check(error);
    }
    expect(SN_ERROR_CONNECTION_REFUSED, error);
    if (sn_error_last_native() == ECONNREFUSED)
        printf("%s; the system says: %s\n", sn_error_message(error), strerror(ECONNREFUSED));
    sn_socket_release(socket);
    sn_socket_release(bound);
}

/* An error changes nothing: outputs keep what they had, and the socket can be used. */
static void be_late(sn_socket *socket)
{
    char byte = '?';
    size_t received = 99;
    check(sn_socket_set_receive_timeout(socket, 10));
    expect(SN_ERROR_TIMED_OUT, sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &received));
    if (byte != '?' || received != 99)
        exit(EXIT_FAILURE);
    check(sn_socket_set_receive_timeout(socket, SN_FOREVER));
}

/* A mistake of the program is an error like any other. */
static void misuse(sn_socket *socket)
{
    size_t received;
    expect(SN_ERROR_ARGUMENT_NULL, sn_socket_receive(NULL, NULL, 0, SN_FLAG_NONE, &received));
    expect(SN_ERROR_ARGUMENT_NULL, sn_socket_receive(socket, NULL, 5, SN_FLAG_NONE, &received));
    sn_socket_close(socket);
    expect(SN_ERROR_OBJECT_DISPOSED, sn_socket_listen(socket, 5));
}

/* An operation carries its error, and the errno behind it. */
static void of_an_operation(sn_socket *socket)
{
    sn_operation operation = {0};
    sn_socket_send_async(socket, "x", 1, SN_FLAG_NONE, &operation);
    sn_error error = sn_operation_wait(&operation); /* the operation's own */
    expect(operation.error, error);
    printf("%s (errno %d)\n", sn_error_name(operation.error), operation.native_error);
    expect(SN_ERROR_SHUTDOWN, error);
}

int main(void)
{
    sn_socket *pair[2];
    be_refused();
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    be_late(pair[0]);
    sn_socket_release(pair[1]); /* the peer has gone */
    of_an_operation(pair[0]);
    misuse(pair[0]);
    sn_socket_release(pair[0]);
}
