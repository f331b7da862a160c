/* A datagram with a hop limit of its own, whose receiver is told it; and how long it is, before
 * there is room for it. */
#include <sennit.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void send_with_hops(sn_socket *socket, const sn_endpoint *to, int hops)
{
    alignas(16) char controls[128];
    size_t size = 0;
    sn_endpoint destination = *to;
    sn_datagram_extras extras = {.present = SN_DATAGRAM_TIME_TO_LIVE, .time_to_live = hops};
    check(sn_control_append_extras(controls, sizeof controls, &size, &extras, SN_FAMILY_IPV4));
    sn_message message = {
        .buffer = {"hello", 5}, .endpoint = &destination, .control = {controls, size}};
    check(sn_socket_send_message(socket, &message, SN_FLAG_NONE, NULL));
}

static void receive(sn_socket *socket)
{
    alignas(16) char controls[256];
    sn_datagram_extras extras = {0};
    size_t size = 0;
    check(sn_socket_receive(socket, NULL, 0, SN_FLAG_TRUNCATE, &size));
    sn_message message = {.buffer = {malloc(size), size}, .control = {controls, sizeof controls}};
    check(sn_socket_receive_message(socket, &message, SN_FLAG_NONE));
    check(sn_control_read_extras(controls, message.control_size, &extras));
    printf("%zu bytes with %d hops left\n", message.transferred, extras.time_to_live);

    sn_control control = {0};
    while (sn_control_next(controls, message.control_size, &control))
        printf("level %d, type %d: %zu bytes\n", control.level, control.type, control.size);
    free(message.buffer.data);
}

int main(void)
{
    sn_socket *socket;
    sn_endpoint own;
    check(sn_socket_open_listening("udp://127.0.0.1:0", 0, NULL, NULL, &socket));
    check(sn_socket_get_local_endpoint(socket, &own));
    check(sn_socket_ask_for_extras(socket, SN_DATAGRAM_TIME_TO_LIVE));
    send_with_hops(socket, &own, 7);
    receive(socket);
    sn_socket_release(socket);
    return 0;
}
