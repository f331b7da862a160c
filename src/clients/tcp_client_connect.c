/* How a TcpClient connects: as its socket does, and by name to every address of the host. */
#include <sennit/connect.h>

#include "clients/tcp_client.h"

sn_error sn_tcp_client_set_connect_options(sn_tcp_client *client, const sn_connect_options *options)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    if (error)
        return error;
    error = sn_socket_set_connect_options(socket, options);
    sn_socket_release(socket);
    return error;
}

/* The end of every blocking connect. */
static sn_error connected(sn_tcp_client *client, sn_socket *socket, sn_error error)
{
    if (!error)
        holder_set_active(&client->holder, true);
    sn_socket_release(socket);
    return error;
}

sn_error sn_tcp_client_connect(sn_tcp_client *client, const sn_endpoint *remote)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    return error ? error : connected(client, socket, sn_socket_connect(socket, remote));
}

sn_error sn_tcp_client_connect_addresses(sn_tcp_client *client, const sn_ip_address *addresses,
                                         size_t count, int port)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    if (error)
        return error;
    error = sn_socket_connect_addresses(socket, addresses, count, port);
    return connected(client, socket, error);
}

sn_error sn_tcp_client_connect_host(sn_tcp_client *client, const char *host, int port)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    return error ? error : connected(client, socket, sn_socket_connect_host(socket, host, port));
}

/* --- Asynchronous: the socket does it with the caller's operation ----------------------------- */

bool sn_tcp_client_connect_async(sn_tcp_client *client, const sn_endpoint *remote,
                                 sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    if (error)
        return complete_now(operation, SN_OPERATION_CONNECT, error);
    tcp_client_note_start(client);
    bool is_taken = sn_socket_connect_async(socket, remote, operation);
    sn_socket_release(socket);
    return is_taken;
}

bool sn_tcp_client_connect_addresses_async(sn_tcp_client *client, const sn_ip_address *addresses,
                                           size_t count, int port, sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    if (error)
        return complete_now(operation, SN_OPERATION_CONNECT, error);
    tcp_client_note_start(client);
    bool is_taken = sn_socket_connect_addresses_async(socket, addresses, count, port, operation);
    sn_socket_release(socket);
    return is_taken;
}

bool sn_tcp_client_connect_host_async(sn_tcp_client *client, const char *host, int port,
                                      sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = tcp_client_use(client, &socket);
    if (error)
        return complete_now(operation, SN_OPERATION_CONNECT, error);
    tcp_client_note_start(client);
    bool is_taken = sn_socket_connect_host_async(socket, host, port, operation);
    sn_socket_release(socket);
    return is_taken;
}
