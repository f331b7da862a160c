/* TcpClient: its life, its socket and its stream. Connecting is in tcp_client_connect.c, the
 * properties are in tcp_client_options.c. */
#include "clients/tcp_client.h"

#include "clients/clients.h"

sn_tcp_client *tcp_client_new(sn_socket *socket, bool is_active)
{
    sn_tcp_client *client = memory_zeroed(sizeof *client);
    if (client)
        holder_init(&client->holder, socket, is_active);
    return client;
}

/* Around a socket that was just made, which goes with a failure. */
static sn_error client_around(sn_error error, sn_socket *socket, bool is_active,
                              sn_tcp_client **out_client)
{
    if (error)
        return error;
    sn_tcp_client *client = tcp_client_new(socket, is_active);
    if (!client) {
        sn_socket_release(socket);
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    *out_client = client;
    return SN_OK;
}

sn_error sn_tcp_client_create(sn_address_family family, sn_tcp_client **out_client)
{
    sn_socket *socket = NULL;
    sn_error error;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (family == SN_FAMILY_UNSPECIFIED)
        error = sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    else if (family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6)
        error = sn_socket_create(family, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    else
        error = misuse(SN_ERROR_ARGUMENT);
    return client_around(error, socket, false, out_client);
}

sn_error sn_tcp_client_create_bound(const sn_endpoint *local, sn_tcp_client **out_client)
{
    sn_socket *socket = NULL;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, local, &socket);
    return client_around(error, socket, false, out_client);
}

sn_error sn_tcp_client_create_connected(const char *host, int port, sn_tcp_client **out_client)
{
    sn_socket *socket = NULL;
    if (!out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = connect_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, host, port, &socket);
    return client_around(error, socket, true, out_client);
}

sn_error sn_tcp_client_from_socket(sn_socket *socket, sn_tcp_client **out_client)
{
    if (!socket || !out_client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_tcp_client *client = tcp_client_new(socket, true);
    if (!client)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    *out_client = client;
    return SN_OK;
}

sn_tcp_client *sn_tcp_client_retain(sn_tcp_client *client)
{
    if (client)
        holder_retain(&client->holder);
    return client;
}

void sn_tcp_client_release(sn_tcp_client *client)
{
    if (!client || !holder_release(&client->holder))
        return;
    sn_tcp_client_close(client);
    sn_network_stream_release(client->stream);
    holder_deinit(&client->holder);
    memory_free(client);
}

void sn_tcp_client_close(sn_tcp_client *client)
{
    if (!client)
        return;
    sn_socket *socket = holder_close(&client->holder);
    /* After the mark no stream is made any more. */
    guard_acquire(GUARD_CLIENT, &client->holder);
    sn_network_stream *stream = sn_network_stream_retain(client->stream);
    guard_release(GUARD_CLIENT, &client->holder);
    sn_network_stream_close(stream);
    sn_network_stream_release(stream);
    close_gracefully(socket); /* usually the stream has closed it already */
}

/* A client whose socket was set to NULL gets one when it is next asked for it, as in .NET: of both
 * families, whatever the one before was. */
static sn_error supply_socket(sn_tcp_client *client)
{
    sn_socket *socket = NULL;
    if (!holder_is_empty(&client->holder))
        return SN_OK;
    sn_error error = sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    if (!error)
        holder_fill(&client->holder, socket);
    return error;
}

sn_error tcp_client_use(sn_tcp_client *client, sn_socket **out_socket)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = supply_socket(client);
    return error ? error : holder_use(&client->holder, out_socket);
}

sn_socket *tcp_client_peek(sn_tcp_client *client)
{
    return supply_socket(client) ? NULL : holder_peek(&client->holder);
}

/* --- The socket ------------------------------------------------------------------------------- */

sn_error sn_tcp_client_get_socket(sn_tcp_client *client, sn_socket **out_socket)
{
    if (!client || !out_socket)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = supply_socket(client);
    if (!error)
        *out_socket = holder_borrow(&client->holder);
    return error;
}

/* A start that has come to a connection has made it active: for good from then on, so the first
 * question that finds it out writes it down. */
static bool is_active_now(sn_tcp_client *client)
{
    if (atomic_load_relaxed(&client->is_started) && sn_tcp_client_is_connected(client))
        holder_set_active(&client->holder, true);
    return holder_is_active(&client->holder);
}

/* Another socket makes it neither active nor passive. */
sn_error sn_tcp_client_set_socket(sn_tcp_client *client, sn_socket *socket)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    (void)is_active_now(client);
    atomic_store_relaxed(&client->is_started, false);
    return holder_replace(&client->holder, socket);
}

void tcp_client_note_start(sn_tcp_client *client)
{
    atomic_store_relaxed(&client->is_started, true);
}

bool sn_tcp_client_is_active(const sn_tcp_client *client)
{
    return client && is_active_now((sn_tcp_client *)(uintptr_t)client);
}

sn_error sn_tcp_client_set_active(sn_tcp_client *client, bool value)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    holder_set_active(&client->holder, value);
    return SN_OK;
}

bool sn_tcp_client_is_connected(const sn_tcp_client *client)
{
    sn_socket *socket = client ? holder_peek(&client->holder) : NULL;
    bool is_connected = socket && sn_socket_is_connected(socket);
    sn_socket_release(socket);
    return is_connected;
}

/* --- The stream: made once, under the lock, so that all threads get the same ------------------ */

static sn_error stream_of(sn_tcp_client *client, sn_network_stream **out_stream)
{
    struct holder *holder = &client->holder;
    if (holder->is_closed)
        return SN_ERROR_OBJECT_DISPOSED;
    if (!holder->socket || !sn_socket_is_connected(holder->socket))
        return SN_ERROR_INVALID_OPERATION;
    sn_error error = SN_OK;
    if (!client->stream)
        error = sn_network_stream_create(holder->socket, SN_FILE_ACCESS_READ_WRITE, true,
                                         &client->stream);
    if (!error)
        *out_stream = client->stream;
    return error;
}

sn_error sn_tcp_client_get_stream(sn_tcp_client *client, sn_network_stream **out_stream)
{
    if (!client || !out_stream)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    guard_acquire(GUARD_CLIENT, &client->holder);
    sn_error error = stream_of(client, out_stream);
    guard_release(GUARD_CLIENT, &client->holder);
    return error ? misuse(error) : SN_OK;
}
