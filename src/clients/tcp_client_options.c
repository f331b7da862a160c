/* The properties of a TcpClient: those of its socket. */
#include <sennit/option.h>

#include "clients/tcp_client.h"

/* X(property, the getter's value, the setter's value) */
#define PROPERTY_TABLE(X)                                                                          \
    X(no_delay, bool, bool)                                                                        \
    X(linger_state, sn_linger_option, const sn_linger_option *)

#define X(property, get_type, set_type)                                                            \
    sn_error sn_tcp_client_get_##property(sn_tcp_client *client, get_type *out_value)              \
    {                                                                                              \
        sn_socket *socket = NULL;                                                                  \
        sn_error error = tcp_client_use(client, &socket);                                          \
        if (!error)                                                                                \
            error = sn_socket_get_##property(socket, out_value);                                   \
        sn_socket_release(socket);                                                                 \
        return error;                                                                              \
    }                                                                                              \
    sn_error sn_tcp_client_set_##property(sn_tcp_client *client, set_type value)                   \
    {                                                                                              \
        sn_socket *socket = NULL;                                                                  \
        sn_error error = tcp_client_use(client, &socket);                                          \
        if (!error)                                                                                \
            error = sn_socket_set_##property(socket, value);                                       \
        sn_socket_release(socket);                                                                 \
        return error;                                                                              \
    }
PROPERTY_TABLE(X)
#undef X

/* .NET sets these as plain options here, without the socket's own checks.
 * X(property, the option's name) */
#define OPTION_TABLE(X)                                                                            \
    X(receive_buffer_size, SN_OPTION_RECEIVE_BUFFER)                                               \
    X(send_buffer_size, SN_OPTION_SEND_BUFFER)                                                     \
    X(receive_timeout, SN_OPTION_RECEIVE_TIMEOUT)                                                  \
    X(send_timeout, SN_OPTION_SEND_TIMEOUT)

#define X(property, name)                                                                          \
    sn_error sn_tcp_client_get_##property(sn_tcp_client *client, int *out_value)                   \
    {                                                                                              \
        sn_socket *socket = NULL;                                                                  \
        sn_error error = tcp_client_use(client, &socket);                                          \
        if (!error)                                                                                \
            error = sn_socket_get_option(socket, SN_LEVEL_SOCKET, name, out_value);                \
        sn_socket_release(socket);                                                                 \
        return error;                                                                              \
    }                                                                                              \
    sn_error sn_tcp_client_set_##property(sn_tcp_client *client, int value)                        \
    {                                                                                              \
        sn_socket *socket = NULL;                                                                  \
        sn_error error = tcp_client_use(client, &socket);                                          \
        if (!error)                                                                                \
            error = sn_socket_set_option(socket, SN_LEVEL_SOCKET, name, value);                    \
        sn_socket_release(socket);                                                                 \
        return error;                                                                              \
    }
OPTION_TABLE(X)
#undef X

/* --- Those that have an answer without a socket too --------------------------------------------
 */

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
