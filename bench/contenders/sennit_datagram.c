/*
 * One operation, which receives a datagram and sends it back in turn.
 */
#include "sennit.h"

#include <stdlib.h>

static sn_socket *udp;
static sn_endpoint peer;
static char *buffer;
static size_t buffer_size;

static void on_received(sn_operation *operation);

static void receive(sn_operation *operation)
{
    operation->completed = on_received;
    sn_socket_receive_from_async(udp, buffer, buffer_size, SN_FLAG_NONE, &peer, operation);
}

/* What went wrong with one datagram says nothing of the next. */
static void on_sent(sn_operation *operation)
{
    receive(operation);
}

static void on_received(sn_operation *operation)
{
    if (operation->error) {
        receive(operation);
        return;
    }
    operation->completed = on_sent;
    sn_socket_send_to_async(udp, buffer, operation->transferred, SN_FLAG_NONE, &peer, operation);
}

sn_error sennit_datagrams_start(sn_engine *engine, const struct service *service)
{
    static sn_operation operation;
    sn_endpoint local;
    buffer_size = service->buffer_size;
    buffer = malloc(buffer_size);
    sn_error error = buffer ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    if (!error)
        error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, service->port, &local);
    if (!error)
        error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &udp);
    if (!error)
        error = sn_socket_set_engine(udp, engine);
    if (!error)
        error = sn_socket_bind(udp, &local);
    if (!error)
        error = sn_socket_get_local_endpoint(udp, &local);
    if (error)
        return error;
    contender_announce(sn_endpoint_get_port(&local));
    receive(&operation);
    return SN_OK;
}
