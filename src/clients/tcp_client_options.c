/* The properties of a TcpClient: those of its socket. */
#include <limits.h>

#include <sennit/option.h>

#include "clients/tcp_client.h"

/* The socket's function, on the socket inside. */
#define FORWARD(function, client, value)                                                           \
    sn_socket *socket = NULL;                                                                      \
    sn_error error = tcp_client_use(client, &socket);                                              \
    if (!error)                                                                                    \
        error = function(socket, value);                                                           \
    sn_socket_release(socket);                                                                     \
    return error

sn_error sn_tcp_client_get_no_delay(sn_tcp_client *client, bool *out_value)
{
    FORWARD(sn_socket_get_no_delay, client, out_value);
}

sn_error sn_tcp_client_set_no_delay(sn_tcp_client *client, bool value)
{
    FORWARD(sn_socket_set_no_delay, client, value);
}

sn_error sn_tcp_client_get_linger_state(sn_tcp_client *client, sn_linger_option *out_value)
{
    FORWARD(sn_socket_get_linger_state, client, out_value);
}

sn_error sn_tcp_client_set_linger_state(sn_tcp_client *client, const sn_linger_option *value)
{
    FORWARD(sn_socket_set_linger_state, client, value);
}

/* --- .NET sets these as plain options here, without the socket's own checks ------------------- */

static sn_error get_option(sn_tcp_client *client, sn_option_name name, int *out_value)
{
    sn_socket *socket = NULL;
    sn_error error = tcp_client_use(client, &socket);
    if (!error)
        error = sn_socket_get_option(socket, SN_LEVEL_SOCKET, name, out_value);
    sn_socket_release(socket);
    return error;
}

static sn_error set_option(sn_tcp_client *client, sn_option_name name, int value)
{
    sn_socket *socket = NULL;
    sn_error error = tcp_client_use(client, &socket);
    if (!error)
        error = sn_socket_set_option(socket, SN_LEVEL_SOCKET, name, value);
    sn_socket_release(socket);
    return error;
}

static sn_error get_timeout(sn_tcp_client *client, sn_option_name name, sn_milliseconds *out_value)
{
    int value;
    sn_error error = get_option(client, name, out_value ? &value : NULL);
    if (!error)
        *out_value = value;
    return error;
}

/* What is no option's value is an argument out of range, as for the socket. */
static sn_error set_timeout(sn_tcp_client *client, sn_option_name name, sn_milliseconds value)
{
    if (value == SN_FOREVER)
        value = 0;
    if (value >= INT_MIN && value <= INT_MAX)
        return set_option(client, name, (int)value);
    sn_socket *socket = NULL;
    sn_error error = tcp_client_use(client, &socket);
    if (!error)
        error = misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    sn_socket_release(socket);
    return error;
}

sn_error sn_tcp_client_get_receive_buffer_size(sn_tcp_client *client, int *out_value)
{
    return get_option(client, SN_OPTION_RECEIVE_BUFFER, out_value);
}

sn_error sn_tcp_client_set_receive_buffer_size(sn_tcp_client *client, int value)
{
    return set_option(client, SN_OPTION_RECEIVE_BUFFER, value);
}

sn_error sn_tcp_client_get_send_buffer_size(sn_tcp_client *client, int *out_value)
{
    return get_option(client, SN_OPTION_SEND_BUFFER, out_value);
}

sn_error sn_tcp_client_set_send_buffer_size(sn_tcp_client *client, int value)
{
    return set_option(client, SN_OPTION_SEND_BUFFER, value);
}

sn_error sn_tcp_client_get_receive_timeout(sn_tcp_client *client, sn_milliseconds *out_value)
{
    return get_timeout(client, SN_OPTION_RECEIVE_TIMEOUT, out_value);
}

sn_error sn_tcp_client_set_receive_timeout(sn_tcp_client *client, sn_milliseconds value)
{
    return set_timeout(client, SN_OPTION_RECEIVE_TIMEOUT, value);
}

sn_error sn_tcp_client_get_send_timeout(sn_tcp_client *client, sn_milliseconds *out_value)
{
    return get_timeout(client, SN_OPTION_SEND_TIMEOUT, out_value);
}

sn_error sn_tcp_client_set_send_timeout(sn_tcp_client *client, sn_milliseconds value)
{
    return set_timeout(client, SN_OPTION_SEND_TIMEOUT, value);
}

/* --- Those that have an answer without a socket too ------------------------------------------- */

sn_error sn_tcp_client_get_available(sn_tcp_client *client, size_t *out_available)
{
    if (!client || !out_available)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_socket *socket = tcp_client_peek(client);
    size_t available = 0;
    sn_error error = socket ? sn_socket_get_available(socket, &available) : SN_OK;
    sn_socket_release(socket);
    if (!error)
        *out_available = available;
    return error;
}

sn_error sn_tcp_client_get_exclusive_address_use(sn_tcp_client *client, bool *out_value)
{
    if (!client || !out_value)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_socket *socket = tcp_client_peek(client);
    bool value = false;
    sn_error error = socket ? sn_socket_get_exclusive_address_use(socket, &value) : SN_OK;
    sn_socket_release(socket);
    if (!error)
        *out_value = value;
    return error;
}

sn_error sn_tcp_client_set_exclusive_address_use(sn_tcp_client *client, bool value)
{
    if (!client)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_socket *socket = tcp_client_peek(client);
    sn_error error = socket ? sn_socket_set_exclusive_address_use(socket, value) : SN_OK;
    sn_socket_release(socket);
    return error;
}
