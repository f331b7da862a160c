/* UDP: to and from, in both forms, and with what the packet says of itself. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op receiving, sending;
static char data[16];
static sn_endpoint from;

static sn_socket *open_bound(sn_engine *engine, sn_endpoint *out_address)
{
    sn_socket *socket = NULL;
    sn_endpoint any = scene_address();
    if (!step("create a socket",
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket)))
        return NULL;
    keep(socket);
    bool is_fine =
        step("set the engine", sn_socket_set_engine(socket, engine)) &&
        step("bind", sn_socket_bind(socket, &any)) &&
        step("ask for the local end point", sn_socket_get_local_endpoint(socket, out_address));
    return is_fine ? socket : NULL;
}

static bool exchange(sn_socket *a, sn_socket *b, const sn_endpoint *to_b)
{
    size_t size = 0;
    sn_flags flags = SN_FLAG_NONE;
    sn_ip_packet_information information;
    if (!step("send to", sn_socket_send_to(a, "first", 5, SN_FLAG_NONE, to_b, NULL)) ||
        !step("receive from",
              sn_socket_receive_from(b, data, sizeof data, SN_FLAG_NONE, &from, &size)))
        return false;
    must(size == 5 && memcmp(data, "first", 5) == 0, "another datagram came");
    if (!step("send to again", sn_socket_send_to(a, "2nd", 3, SN_FLAG_NONE, to_b, NULL)) ||
        !step("receive a message from", sn_socket_receive_message_from(b, data, sizeof data, &flags,
                                                                       &from, &information, &size)))
        return false;
    must(size == 3 && memcmp(data, "2nd", 3) == 0, "another second datagram came");
    return true;
}

static bool exchange_async(sn_socket *a, sn_socket *b, const sn_endpoint *to_b)
{
    sn_socket_receive_from_async(b, data, sizeof data, SN_FLAG_NONE, &from,
                                 op_ready(&receiving, NULL));
    sn_socket_send_to_async(a, "third", 5, SN_FLAG_NONE, to_b, op_ready(&sending, NULL));
    if (!step("send to asynchronously", sn_operation_wait(&sending.operation)) ||
        !step("receive from asynchronously", sn_operation_wait(&receiving.operation)))
        return false;
    must(receiving.operation.transferred == 5 && memcmp(data, "third", 5) == 0,
         "another third datagram came");
    sn_socket_send_to_async(a, "4th", 3, SN_FLAG_NONE, to_b, op_ready(&sending, NULL));
    sn_socket_receive_message_from_async(b, data, sizeof data, SN_FLAG_NONE, &from,
                                         op_ready(&receiving, NULL));
    return step("send the fourth", sn_operation_wait(&sending.operation)) &&
           step("receive the fourth", sn_operation_wait(&receiving.operation));
}

void play_datagrams(void)
{
    sn_endpoint to_a, to_b;
    memset(&receiving, 0, sizeof receiving);
    memset(&sending, 0, sizeof sending);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    sn_socket *a = open_bound(engine, &to_a), *b = a ? open_bound(engine, &to_b) : NULL;
    if (b && exchange(a, b, &to_b))
        (void)exchange_async(a, b, &to_b);
    engine_end(engine, 1);
}
