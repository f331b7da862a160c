/* Names: looked up, connected to, in both forms. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op connecting, looking;

static bool by_name(sn_engine *engine, int port)
{
    sn_socket *first = client_open(NULL), *second = first ? client_open(engine) : NULL;
    if (!second || !step("connect to a host", sn_socket_connect_host(first, "localhost", port)))
        return false;
    must(sn_socket_is_connected(first), "connected, and not connected");
    sn_socket_connect_host_async(second, "localhost", port, op_ready(&connecting, NULL));
    bool is_fine =
        step("connect to a host asynchronously", sn_operation_wait(&connecting.operation));
    if (is_fine)
        must(sn_socket_is_connected(second), "connected asynchronously, and not connected");
    return is_fine;
}

static bool by_lookup(void)
{
    sn_ip_address addresses[8];
    size_t count = 0;
    char name[SN_HOST_SIZE_MAX + 1] = "";
    if (!step("look a name up",
              sn_dns_get_host_addresses("localhost", SN_FAMILY_IPV4, addresses, 8, &count)))
        return false;
    must(count > 0, "a lookup that went well, without an address");
    return step("ask for the host's name", sn_dns_get_host_name(name, sizeof name));
}

static bool by_addresses(sn_engine *engine, int port)
{
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_socket *first = client_open(NULL), *second = first ? client_open(engine) : NULL;
    if (!second ||
        !step("connect to addresses", sn_socket_connect_addresses(first, addresses, 2, port)))
        return false;
    sn_socket_connect_addresses_async(second, addresses, 2, port, op_ready(&looking, NULL));
    return step("connect to addresses asynchronously", sn_operation_wait(&looking.operation));
}

void play_names(void)
{
    sn_endpoint address;
    memset(&connecting, 0, sizeof connecting);
    memset(&looking, 0, sizeof looking);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    sn_socket *listener = NULL;
    if (step("create a listener",
             sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener))) {
        keep(listener);
        must(!sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &address), "no address");
        if (step("bind", sn_socket_bind(listener, &address)) &&
            step("listen", sn_socket_listen(listener, 8)) &&
            step("ask for the local end point", sn_socket_get_local_endpoint(listener, &address))) {
            int port = sn_endpoint_get_port(&address);
            (void)(by_lookup() && by_addresses(engine, port) && by_name(engine, port));
        }
    }
    engine_end(engine, 1);
}
