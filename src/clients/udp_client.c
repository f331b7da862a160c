/* UdpClient: its life, its socket and its peer. */
#include "clients/udp_client.h"

#include <sennit/dotnet.h>
#include <sennit/option.h>

/* --- Making and releasing --------------------------------------------------------------------- */

/* Around a socket that was just made, which goes with a failure. */
static sn_error client_around(sn_error error, sn_socket *socket, bool is_active,
                              sn_udp_client **out_client)
{
    if (error)
        return error;
    sn_udp_client *client = memory_zeroed(sizeof *client);
    if (!client) {
        sn_socket_release(socket);
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    holder_init(&client->holder, socket, is_active);
    *out_client = client;
    return SN_OK;
}

static bool is_ip_family(sn_address_family family)
{
    return family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6;
}

sn_error sn_udp_client_create(sn_address_family family, sn_udp_client **out_client)
{
    sn_socket *socket = NULL;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (!is_ip_family(family))
        return misuse(SN_ERROR_ARGUMENT);
    sn_error error = sn_socket_create(family, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket);
    return client_around(error, socket, false, out_client);
}

sn_error sn_udp_client_create_bound(const sn_endpoint *local, sn_udp_client **out_client)
{
    sn_socket *socket = NULL;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = bind_new_socket(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, local, &socket);
    return client_around(error, socket, false, out_client);
}

sn_error sn_udp_client_create_on_port(int port, sn_address_family family,
                                      sn_udp_client **out_client)
{
    sn_endpoint local;
    if (!is_ip_family(family))
        return misuse(SN_ERROR_ARGUMENT);
    sn_error error =
        sn_endpoint_from_ip(family == SN_FAMILY_IPV4 ? &SN_IPV4_ANY : &SN_IPV6_ANY, port, &local);
    return error ? misuse(error) : sn_udp_client_create_bound(&local, out_client);
}

sn_error sn_udp_client_create_connected(const char *host, int port, sn_udp_client **out_client)
{
    sn_socket *socket = NULL;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = connect_new_socket(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, host, port, &socket);
    return client_around(error, socket, true, out_client);
}

sn_udp_client *sn_udp_client_retain(sn_udp_client *client)
{
    if (client)
        holder_retain(&client->holder);
    return client;
}

void sn_udp_client_release(sn_udp_client *client)
{
    if (!client || !holder_release(&client->holder))
        return;
    sn_udp_client_close(client);
    holder_deinit(&client->holder);
    memory_free(client);
}

void sn_udp_client_close(sn_udp_client *client)
{
    /* .NET shuts the socket down first. On Linux that hands an empty datagram from nobody to
     * whoever is blocked in a receive; the close tells them what happened. */
    if (client)
        sn_socket_close(holder_close(&client->holder));
}

sn_error udp_client_use(sn_udp_client *client, sn_socket **out_socket)
{
    return client ? holder_use(&client->holder, out_socket) : misuse(SN_ERROR_ARGUMENT_NULL);
}

/* --- The socket ------------------------------------------------------------------------------- */

sn_socket *sn_udp_client_get_socket(const sn_udp_client *client)
{
    return client ? holder_borrow(&client->holder) : NULL;
}

sn_error sn_udp_client_set_socket(sn_udp_client *client, sn_socket *socket)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    atomic_store_relaxed(&client->broadcasts, 0u); /* of the socket that goes */
    return holder_replace(&client->holder, socket);
}

bool sn_udp_client_is_active(const sn_udp_client *client)
{
    return client && holder_is_active(&client->holder);
}

sn_error sn_udp_client_set_active(sn_udp_client *client, bool value)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    holder_set_active(&client->holder, value);
    return SN_OK;
}

/* --- The peer --------------------------------------------------------------------------------- */

sn_error udp_client_prepare_for(sn_udp_client *client, sn_socket *socket,
                                const sn_ip_address *address)
{
    if (!sn_ip_address_equals(address, &SN_IPV4_BROADCAST) ||
        atomic_load_relaxed(&client->broadcasts))
        return SN_OK;
    sn_error error = sn_socket_set_enable_broadcast(socket, true);
    if (!error)
        atomic_store_relaxed(&client->broadcasts, 1u);
    return error;
}

/* The end of every connect. */
static sn_error connected(sn_udp_client *client, sn_socket *socket, sn_error error)
{
    if (!error)
        holder_set_active(&client->holder, true);
    sn_socket_release(socket);
    return error;
}

sn_error sn_udp_client_connect(sn_udp_client *client, const sn_endpoint *remote)
{
    sn_socket *socket;
    sn_ip_address address;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    if (sn_endpoint_get_kind(remote) == SN_ENDPOINT_IP &&
        sn_endpoint_get_address(remote, &address) == SN_OK)
        error = udp_client_prepare_for(client, socket, &address);
    if (!error)
        error = sn_socket_connect(socket, remote);
    return connected(client, socket, error);
}

/* A client whose socket was set to NULL gets one of the host's family, as in .NET. */
static sn_error connect_without_socket(sn_udp_client *client, const char *host, int port)
{
    sn_socket *socket = NULL;
    sn_error error = connect_new_socket(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, host, port, &socket);
    if (error)
        return error;
    holder_fill(&client->holder, socket);
    holder_set_active(&client->holder, true);
    return SN_OK;
}

sn_error sn_udp_client_connect_host(sn_udp_client *client, const char *host, int port)
{
    sn_socket *socket;
    sn_ip_address address;
    if (client && holder_is_empty(&client->holder))
        return connect_without_socket(client, host, port);
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    /* No name stands for the broadcast address, only its own text. */
    if (host && sn_ip_address_parse(host, &address) == SN_OK)
        error = udp_client_prepare_for(client, socket, &address);
    if (!error)
        error = connect_to_host(socket, host, port);
    return connected(client, socket, error);
}

sn_error sn_udp_client_allow_nat_traversal(sn_udp_client *client, bool allowed)
{
    (void)allowed;
    return misuse(client ? SN_ERROR_PLATFORM_NOT_SUPPORTED : SN_ERROR_ARGUMENT_NULL);
}
