/* A server that answers 64 datagrams with two system calls, each with how many hops it had left. */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 64, SIZE = 32 };

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* What the records are made of. */
static char texts[COUNT][SIZE];
static sn_endpoint senders[COUNT];
static sn_datagram_extras extras[COUNT];
static sn_datagram datagrams[COUNT];

static void prepare(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        extras[i].wanted = SN_DATAGRAM_TIME_TO_LIVE;
        datagrams[i] = (sn_datagram){
            .buffer = {texts[i], SIZE}, .endpoint = &senders[i], .extras = &extras[i]};
    }
}

static void answer(sn_datagram *datagram)
{
    int hops =
        datagram->extras->present & SN_DATAGRAM_TIME_TO_LIVE ? datagram->extras->time_to_live : 0;
    datagram->buffer.size =
        (size_t)snprintf(datagram->buffer.data, SIZE, "came with %d hops left", hops);
    datagram->extras->present = 0;
}

static void serve(sn_socket *socket)
{
    size_t count = 0;
    check(sn_socket_receive_batch(socket, datagrams, COUNT, SN_FLAG_NONE, &count));
    for (size_t i = 0; i < count; i++)
        answer(&datagrams[i]);
    check(sn_socket_send_batch(socket, datagrams, count, SN_FLAG_NONE, NULL));
    printf("%zu answered\n", count);
}

int main(void)
{
    sn_socket *server, *client;
    sn_endpoint endpoint; /* port 0: the system chooses one */
    char text[SIZE];
    size_t size = 0;
    check(sn_endpoint_parse("127.0.0.1:0", &endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &server));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &client));
    check(sn_socket_bind(server, &endpoint));
    check(sn_socket_get_local_endpoint(server, &endpoint));
    check(sn_socket_connect(client, &endpoint));

    /* One buffer that leaves as COUNT datagrams. */
    static char all[COUNT * 4];
    memset(all, 'x', sizeof all);
    sn_datagram_extras cut = {.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = 4};
    sn_datagram question = {.buffer = {all, sizeof all}, .extras = &cut};
    check(sn_socket_send_batch(client, &question, 1, SN_FLAG_NONE, NULL));

    prepare();
    serve(server);
    check(sn_socket_receive(client, text, sizeof text, SN_FLAG_NONE, &size));
    printf("%.*s\n", (int)size, text);
    sn_socket_release(server);
    sn_socket_release(client);
}
