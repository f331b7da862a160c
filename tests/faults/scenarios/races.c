/* Connects whose addresses race: one refuses, the next one answers. In each form. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op racing, making;

static sn_connect_attempt attempts[4];
static sn_connect_log kept;

static const sn_connect_options *race_options(void)
{
    static const sn_connect_options options = {
        .size = sizeof options, .algorithm = SN_CONNECT_PARALLEL, .log = &kept};
    kept = (sn_connect_log){.attempts = attempts, .capacity = 4};
    return &options;
}

/* Each one that has begun has ended. */
static void look_at_log(void)
{
    for (size_t i = 0; i < kept.count && i < kept.capacity; i++)
        must(attempts[i].error != SN_ERROR_IN_PROGRESS, "an attempt that goes on");
}

static sn_socket *racer_open(sn_engine *engine)
{
    sn_endpoint local = scene_address();
    sn_socket *socket = client_open(engine);
    bool is_fine = socket && step("bind the racer", sn_socket_bind(socket, &local)) &&
                   step("ask for a race", sn_socket_set_connect_options(socket, race_options()));
    return is_fine ? socket : NULL;
}

static bool by_call(const sn_ip_address *list, int port)
{
    sn_socket *socket = racer_open(NULL);
    if (!socket)
        return false;
    bool is_fine = step("race", sn_socket_connect_addresses(socket, list, 2, port));
    must(sn_socket_is_connected(socket) == is_fine, "connected or not, against the result");
    look_at_log();
    return is_fine;
}

static bool by_operation(sn_engine *engine, const sn_ip_address *list, int port)
{
    sn_socket *socket = racer_open(engine);
    if (!socket)
        return false;
    sn_socket_connect_addresses_async(socket, list, 2, port, op_ready(&racing, NULL));
    bool is_fine = step("race asynchronously", sn_operation_wait(&racing.operation));
    must(sn_socket_is_connected(socket) == is_fine, "connected or not, against the result");
    look_at_log();
    return is_fine;
}

static bool by_made_socket(const sn_endpoint *address)
{
    char text[SN_HOST_SIZE_MAX + 1];
    sn_ip_address ip;
    sn_endpoint name;
    must(!sn_endpoint_get_address(address, &ip) && !sn_ip_address_format(&ip, text, sizeof text) &&
             !sn_endpoint_from_dns(text, sn_endpoint_get_port(address), SN_FAMILY_UNSPECIFIED,
                                   &name),
         "no name");
    sn_socket_create_connected_with_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &name, race_options(),
                                          op_ready(&making, NULL));
    bool is_fine = step("race with a made socket", sn_operation_wait(&making.operation));
    must((making.operation.socket != NULL) == is_fine, "a socket or none, against the result");
    if (is_fine)
        keep(making.operation.socket);
    look_at_log();
    return is_fine;
}

void play_races(void)
{
    sn_endpoint address;
    memset(&racing, 0, sizeof racing);
    memset(&making, 0, sizeof making);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (listener_open(engine, &address)) {
        sn_ip_address list[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
        int port = sn_endpoint_get_port(&address);
        must(!sn_endpoint_get_address(&address, &list[1]), "no address");
        (void)(by_call(list, port) && by_operation(engine, list, port) && by_made_socket(&address));
    }
    engine_end(engine, 1);
}
