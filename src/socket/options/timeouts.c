/* The four time limits of blocking calls. */
#include "socket/options/option.h"

#include <limits.h>

static sn_error get_timeout(sn_socket *socket, enum socket_timeout which,
                            sn_milliseconds *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (out_value)
        *out_value = atomic_load_relaxed(&socket->timeouts_ms[which]);
    else
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    socket_unref(socket);
    return error;
}

/* SN_FOREVER reads back as 0 (contract C.4). The two of .NET's also go to the kernel. */
static sn_error write_timeout(sn_socket *socket, enum socket_timeout which, sn_milliseconds value)
{
    if (value < SN_FOREVER || value > INT_MAX)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    int limit_ms = value == SN_FOREVER ? 0 : (int)value;
    switch (which) {
    case TIMEOUT_RECEIVE:
        return option_write(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT, limit_ms);
    case TIMEOUT_SEND:
        return option_write(socket, SN_LEVEL_SOCKET, SN_OPTION_SEND_TIMEOUT, limit_ms);
    case TIMEOUT_CONNECT:
    case TIMEOUT_ACCEPT:
    case TIMEOUT_COUNT: break;
    }
    atomic_store_relaxed(&socket->timeouts_ms[which], limit_ms);
    return SN_OK;
}

static sn_error set_timeout(sn_socket *socket, enum socket_timeout which, sn_milliseconds value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = write_timeout(socket, which, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_receive_timeout(sn_socket *socket, sn_milliseconds *out_value)
{
    return get_timeout(socket, TIMEOUT_RECEIVE, out_value);
}

sn_error sn_socket_set_receive_timeout(sn_socket *socket, sn_milliseconds value)
{
    return set_timeout(socket, TIMEOUT_RECEIVE, value);
}

sn_error sn_socket_get_send_timeout(sn_socket *socket, sn_milliseconds *out_value)
{
    return get_timeout(socket, TIMEOUT_SEND, out_value);
}

sn_error sn_socket_set_send_timeout(sn_socket *socket, sn_milliseconds value)
{
    return set_timeout(socket, TIMEOUT_SEND, value);
}

sn_error sn_socket_get_connect_timeout(sn_socket *socket, sn_milliseconds *out_value)
{
    return get_timeout(socket, TIMEOUT_CONNECT, out_value);
}

sn_error sn_socket_set_connect_timeout(sn_socket *socket, sn_milliseconds value)
{
    return set_timeout(socket, TIMEOUT_CONNECT, value);
}

sn_error sn_socket_get_accept_timeout(sn_socket *socket, sn_milliseconds *out_value)
{
    return get_timeout(socket, TIMEOUT_ACCEPT, out_value);
}

sn_error sn_socket_set_accept_timeout(sn_socket *socket, sn_milliseconds value)
{
    return set_timeout(socket, TIMEOUT_ACCEPT, value);
}
