/*
 * Operations without callbacks: start several, wait for the first, cancel the rest. One thread does
 * it all.
 *
 *     cc wait.c $(pkg-config --cflags --libs sennit)
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 3

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void expect(const char *what, sn_error expected, sn_error error)
{
    if (error == expected)
        return;
    fprintf(stderr, "%s: %s, not %s\n", what, sn_error_name(error), sn_error_name(expected));
    exit(EXIT_FAILURE);
}

/* A name is looked up while this thread could do something else. */
static void look_up(void)
{
    sn_ip_address addresses[4];
    sn_operation lookup = {.timeout_ms = 5000};
    sn_dns_get_host_addresses_async("localhost", SN_FAMILY_UNSPECIFIED, addresses, 4, &lookup);
    sn_error error = sn_operation_wait(&lookup);
    if (error) {
        fprintf(stderr, "localhost: %s\n", sn_error_name(error));
        return; /* some machines do not know it */
    }
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    check("format", sn_ip_address_format(&addresses[0], text, sizeof text));
    printf("localhost is %s, one of %zu\n", text, lookup.transferred);
}

/* Each socket has a peer, and the second peer answers first. */
static void take_the_first(sn_socket *sockets[COUNT], sn_socket *peers[COUNT])
{
    char data[COUNT][64];
    sn_operation operations[COUNT] = {0};
    sn_operation *all[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = &operations[i];
        sn_socket_receive_async(sockets[i], data[i], sizeof data[i], SN_FLAG_NONE, all[i]);
    }
    check("send", sn_socket_send(peers[1], "me first", 8, SN_FLAG_NONE, NULL));

    size_t first;
    check("wait", sn_operation_wait_any(all, COUNT, 5000, &first));
    check("receive", all[first]->error);
    printf("%zu says: %.*s\n", first, (int)all[first]->transferred, data[first]);

    /* The records and the buffers stand on this stack, so all must have completed before it goes.
     */
    for (size_t i = 0; i < COUNT; i++)
        sn_operation_cancel(all[i]); /* harmless for the one that has completed */
    check("wait", sn_operation_wait_all(all, COUNT, SN_FOREVER));
    for (size_t i = 0; i < COUNT; i++)
        expect("receive", i == first ? SN_OK : SN_ERROR_OPERATION_CANCELED, all[i]->error);
}

/* A time limit ends the operation; a limited wait only ends the wait. */
static void time_out(sn_socket *socket)
{
    char byte;
    sn_operation operation = {.timeout_ms = 50};
    sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, &operation);
    expect("wait", SN_ERROR_TIMED_OUT, sn_operation_wait_for(&operation, 0));
    if (sn_operation_is_completed(&operation))
        exit(EXIT_FAILURE);
    expect("receive", SN_ERROR_TIMED_OUT, sn_operation_wait(&operation));
}

int main(void)
{
    sn_socket *sockets[COUNT], *peers[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        sn_socket *pair[2];
        check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));
        sockets[i] = pair[0];
        peers[i] = pair[1];
    }
    look_up();
    take_the_first(sockets, peers);
    time_out(sockets[0]); /* a socket survives a cancel and a time limit */
    for (size_t i = 0; i < COUNT; i++) {
        sn_socket_release(sockets[i]);
        sn_socket_release(peers[i]);
    }
    return EXIT_SUCCESS;
}
