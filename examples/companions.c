/*
 * TcpListener, TcpClient, NetworkStream and UdpClient: the usual steps of the socket in one call
 * each. Both ends stand in this program, on one thread.
 *
 *     cc companions.c $(pkg-config --cflags --libs sennit)
 */
#include <limits.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void expect(const char *what, const char *expected, const char *data, size_t size)
{
    printf("%s: %.*s\n", what, (int)size, data);
    if (size == strlen(expected) && memcmp(data, expected, size) == 0)
        return;
    fprintf(stderr, "%s: not '%s'\n", what, expected);
    exit(EXIT_FAILURE);
}

/* --- TCP ------------------------------------------------------------------------------------- */

/* On a port that the system chooses. */
static sn_tcp_listener *start_listener(int *out_port)
{
    sn_tcp_listener *listener;
    sn_endpoint local;
    check("listener", sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local));
    check("listener", sn_tcp_listener_create(&local, &listener));
    check("listener", sn_tcp_listener_start(listener, INT_MAX));
    check("listener", sn_tcp_listener_get_local_endpoint(listener, &local));
    *out_port = sn_endpoint_get_port(&local);
    return listener;
}

/* A line without its end; a stream has no borders, so it is read until the byte that ends it. */
static size_t read_line(sn_network_stream *stream, char *line, size_t size)
{
    size_t length = 0;
    int byte;
    for (;;) {
        check("read", sn_network_stream_read_byte(stream, &byte));
        if (byte < 0 || byte == '\n' || length == size)
            return length;
        line[length++] = (char)byte;
    }
}

static void answer(sn_tcp_client *server)
{
    sn_network_stream *stream;
    char line[64];
    check("stream", sn_tcp_client_get_stream(server, &stream)); /* borrowed: the client's own */
    check("stream", sn_network_stream_set_read_timeout(stream, 5000));
    size_t length = read_line(stream, line, sizeof line);
    expect("the server got", "who is there?", line, length);
    check("write", sn_network_stream_write(stream, "it is me\n", 9));
    sn_tcp_client_release(server); /* the last reference closes the stream and the socket */
}

static void talk(sn_tcp_listener *listener, int port)
{
    sn_tcp_client *client, *server;
    sn_network_stream *stream;
    check("connect", sn_tcp_client_create_connected("127.0.0.1", port, &client));
    check("option", sn_tcp_client_set_no_delay(client, true));
    check("stream", sn_tcp_client_get_stream(client, &stream));
    check("write", sn_network_stream_write(stream, "who is there?\n", 14));

    check("accept", sn_tcp_listener_accept_tcp_client(listener, &server));
    answer(server);

    char line[64];
    size_t length = read_line(stream, line, sizeof line);
    expect("the client got", "it is me", line, length);
    check("read", sn_network_stream_read(stream, line, sizeof line, &length));
    expect("and then the end", "", line, length);
    sn_tcp_client_release(client);
}

/* The same connection without waiting in between: all operations may be under way at once. */
static void talk_async(sn_tcp_listener *listener, int port)
{
    sn_tcp_client *client, *server;
    sn_operation accept = {.timeout_ms = 5000}, connect = {.timeout_ms = 5000};
    check("client", sn_tcp_client_create(SN_FAMILY_IPV4, &client));
    sn_tcp_listener_accept_tcp_client_async(listener, &accept);
    sn_tcp_client_connect_host_async(client, "127.0.0.1", port, &connect);
    check("connect", sn_operation_wait(&connect));
    check("accept", sn_operation_wait(&accept));
    check("accept", sn_tcp_client_from_socket(accept.socket, &server));

    sn_network_stream *from, *to;
    sn_operation read = {.timeout_ms = 5000}, write = {0};
    char data[64];
    check("stream", sn_tcp_client_get_stream(server, &from));
    check("stream", sn_tcp_client_get_stream(client, &to));
    sn_network_stream_read_async(from, data, sizeof data, &read);
    sn_network_stream_write_async(to, "no hurry", 8, &write);
    check("write", sn_operation_wait(&write));
    check("read", sn_operation_wait(&read));
    expect("the server got", "no hurry", data, read.transferred);
    sn_tcp_client_release(server);
    sn_tcp_client_release(client);
}

/* --- UDP ------------------------------------------------------------------------------------- */

static void exchange_datagrams(void)
{
    sn_udp_client *receiver, *sender;
    sn_endpoint address, from;
    char data[64];
    size_t size;
    check("receiver", sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &address));
    check("receiver", sn_udp_client_create_bound(&address, &receiver));
    check("receiver", sn_socket_get_local_endpoint(sn_udp_client_get_socket(receiver), &address));

    check("sender",
          sn_udp_client_create_connected("127.0.0.1", sn_endpoint_get_port(&address), &sender));
    check("send", sn_udp_client_send(sender, "ping", 4, NULL, NULL)); /* to whom it is connected */
    check("receive", sn_udp_client_receive(receiver, data, sizeof data, &from, &size));
    expect("the receiver got", "ping", data, size);
    check("send", sn_udp_client_send(receiver, "pong", 4, &from, NULL));

    sn_operation receive = {.timeout_ms = 5000};
    sn_udp_client_receive_async(sender, data, sizeof data, &from, &receive);
    check("receive", sn_operation_wait(&receive));
    expect("the sender got", "pong", data, receive.transferred);
    sn_udp_client_release(sender);
    sn_udp_client_release(receiver);
}

int main(void)
{
    int port;
    sn_tcp_listener *listener = start_listener(&port);
    talk(listener, port);
    talk_async(listener, port);
    sn_tcp_listener_release(listener);
    exchange_datagrams();
    return EXIT_SUCCESS;
}
