/* How a UdpClient sends and receives. */
#include <sennit/option.h>
#include <sennit/transfer.h>

#include "clients/udp_client.h"
#include "engine/engine.h"

/* --- Where to: a connected client knows, another must be told --------------------------------- */

/* .NET looks at the memory before it looks at whether there is a peer, at its size afterwards. */
static sn_error check_data(const void *data, size_t size)
{
    return !data && size > 0 ? misuse(SN_ERROR_ARGUMENT_NULL) : SN_OK;
}

static sn_error check_peer(sn_udp_client *client, bool has_destination)
{
    bool is_active = holder_is_active(&client->holder);
    return is_active == has_destination ? misuse(SN_ERROR_INVALID_OPERATION) : SN_OK;
}

/* The socket for one send to `to`, NULL for the connected peer. */
static sn_error prepare_send(sn_udp_client *client, const void *data, size_t size,
                             const sn_endpoint *to, sn_socket **out_socket)
{
    sn_ip_address address;
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    error = check_data(data, size);
    if (!error)
        error = check_peer(client, to != NULL);
    if (!error && sn_endpoint_get_kind(to) == SN_ENDPOINT_IP &&
        sn_endpoint_get_address(to, &address) == SN_OK)
        error = udp_client_prepare_for(client, socket, &address);
    if (error)
        sn_socket_release(socket);
    else
        *out_socket = socket;
    return error;
}

sn_error sn_udp_client_send(sn_udp_client *client, const void *data, size_t size,
                            const sn_endpoint *to, size_t *out_sent)
{
    sn_socket *socket;
    sn_error error = prepare_send(client, data, size, to, &socket);
    if (error)
        return error;
    if (to)
        error = sn_socket_send_to(socket, data, size, SN_FLAG_NONE, to, out_sent);
    else
        error = sn_socket_send(socket, data, size, SN_FLAG_NONE, out_sent);
    sn_socket_release(socket);
    return error;
}

bool sn_udp_client_send_async(sn_udp_client *client, const void *data, size_t size,
                              const sn_endpoint *to, sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = prepare_send(client, data, size, to, &socket);
    if (error)
        return complete_now(operation, to ? SN_OPERATION_SEND_TO : SN_OPERATION_SEND, error);
    bool is_taken = to ? sn_socket_send_to_async(socket, data, size, SN_FLAG_NONE, to, operation)
                       : sn_socket_send_async(socket, data, size, SN_FLAG_NONE, operation);
    sn_socket_release(socket);
    return is_taken;
}

/* --- To a host by name ------------------------------------------------------------------------ */

static bool can_reach(sn_socket *socket, sn_address_family family)
{
    sn_address_family own = sn_socket_get_address_family(socket);
    bool is_dual_mode = false;
    if (family == own)
        return true;
    return family == SN_FAMILY_IPV4 && own == SN_FAMILY_IPV6 &&
           sn_socket_get_dual_mode(socket, &is_dual_mode) == SN_OK && is_dual_mode;
}

/* The first address that the socket can reach. */
static sn_error find_host(sn_socket *socket, const char *host, int port, sn_endpoint *out_to)
{
    sn_ip_address addresses[NAME_ADDRESSES_MAX];
    size_t count;
    sn_error error = resolve_host(host, port, addresses, &count);
    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        if (can_reach(socket, addresses[i].family))
            return sn_endpoint_from_ip(&addresses[i], port, out_to);
    return misuse(SN_ERROR_ARGUMENT);
}

static sn_error resolve_peer(sn_udp_client *client, const char *host, int port, sn_endpoint *out_to)
{
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    error = check_peer(client, true);
    if (!error)
        error = find_host(socket, host, port, out_to);
    sn_socket_release(socket);
    return error;
}

sn_error sn_udp_client_send_host(sn_udp_client *client, const void *data, size_t size,
                                 const char *host, int port, size_t *out_sent)
{
    sn_endpoint to;
    sn_error error = resolve_peer(client, host, port, &to);
    return error ? error : sn_udp_client_send(client, data, size, &to, out_sent);
}

bool sn_udp_client_send_host_async(sn_udp_client *client, const void *data, size_t size,
                                   const char *host, int port, sn_endpoint *out_to,
                                   sn_operation *operation)
{
    sn_endpoint to;
    /* Before anything is written that a running operation may have been lent. */
    if (!operation_is_free(operation))
        return false;
    sn_error error = resolve_peer(client, host, port, &to);
    if (!error && !out_to)
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    if (error)
        return complete_now(operation, SN_OPERATION_SEND_TO, error);
    *out_to = to;
    return sn_udp_client_send_async(client, data, size, out_to, operation);
}

/* --- Receiving -------------------------------------------------------------------------------- */

sn_error sn_udp_client_receive(sn_udp_client *client, void *data, size_t size,
                               sn_endpoint *out_from, size_t *out_received)
{
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return error;
    error = sn_socket_receive_from(socket, data, size, SN_FLAG_NONE, out_from, out_received);
    sn_socket_release(socket);
    return error;
}

bool sn_udp_client_receive_async(sn_udp_client *client, void *data, size_t size,
                                 sn_endpoint *out_from, sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = udp_client_use(client, &socket);
    if (error)
        return complete_now(operation, SN_OPERATION_RECEIVE_FROM, error);
    bool is_taken =
        sn_socket_receive_from_async(socket, data, size, SN_FLAG_NONE, out_from, operation);
    sn_socket_release(socket);
    return is_taken;
}
