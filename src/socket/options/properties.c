/* The properties that are options: a getter and a setter for each (contract C.4). */
#include "socket/options/option.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "socket/options/option_table.h"
#include "sys/sys.h"

/* --- What most of them are: one option, read or written -------------------------------------- */

static sn_error get_number(sn_socket *socket, sn_option_level level, sn_option_name name,
                           int *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = option_read(socket, level, name, out_value);
    socket_unref(socket);
    return error;
}

static sn_error get_truth(sn_socket *socket, sn_option_level level, sn_option_name name,
                          bool *out_value)
{
    int value = 0;
    sn_error error = get_number(socket, level, name, out_value ? &value : NULL);
    if (!error)
        *out_value = value != 0;
    return error;
}

static sn_error set_number(sn_socket *socket, sn_option_level level, sn_option_name name, int value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = option_write(socket, level, name, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_no_delay(sn_socket *socket, bool *out_value)
{
    return get_truth(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, out_value);
}

sn_error sn_socket_set_no_delay(sn_socket *socket, bool value)
{
    return set_number(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, value);
}

sn_error sn_socket_get_exclusive_address_use(sn_socket *socket, bool *out_value)
{
    return get_truth(socket, SN_LEVEL_SOCKET, SN_OPTION_EXCLUSIVE_ADDRESS_USE, out_value);
}

sn_error sn_socket_set_exclusive_address_use(sn_socket *socket, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (socket_is(socket, SOCKET_BOUND))
        error = socket_misuse(SN_ERROR_INVALID_OPERATION);
    else
        error = option_write(socket, SN_LEVEL_SOCKET, SN_OPTION_EXCLUSIVE_ADDRESS_USE, value);
    socket_unref(socket);
    return error;
}

/* --- Buffer sizes ---------------------------------------------------------------------------- */

static sn_error set_size(sn_socket *socket, sn_option_name name, int value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (value < 0)
        error = socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    else
        error = option_write(socket, SN_LEVEL_SOCKET, name, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_receive_buffer_size(sn_socket *socket, int *out_value)
{
    return get_number(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_BUFFER, out_value);
}

sn_error sn_socket_set_receive_buffer_size(sn_socket *socket, int value)
{
    return set_size(socket, SN_OPTION_RECEIVE_BUFFER, value);
}

sn_error sn_socket_get_send_buffer_size(sn_socket *socket, int *out_value)
{
    return get_number(socket, SN_LEVEL_SOCKET, SN_OPTION_SEND_BUFFER, out_value);
}

sn_error sn_socket_set_send_buffer_size(sn_socket *socket, int value)
{
    return set_size(socket, SN_OPTION_SEND_BUFFER, value);
}

/* --- By family ------------------------------------------------------------------------------- */

/* Whether the socket is IP at all, and which level its options have. */
static bool ip_level(const sn_socket *socket, sn_option_level *out_level)
{
    *out_level = socket_family(socket) == SN_FAMILY_IPV4 ? SN_LEVEL_IP : SN_LEVEL_IPV6;
    return socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6;
}

static sn_error get_ip_number(sn_socket *socket, sn_option_name name, int *out_value)
{
    sn_option_level level;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (ip_level(socket, &level))
        error = option_read(socket, level, name, out_value);
    else
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    socket_unref(socket);
    return error;
}

static sn_error set_ip_number(sn_socket *socket, sn_option_name name, int value, int value_max)
{
    sn_option_level level;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (value < 0 || value > value_max)
        error = socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    else if (ip_level(socket, &level))
        error = option_write(socket, level, name, value);
    else
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_ttl(sn_socket *socket, int *out_value)
{
    return get_ip_number(socket, SN_OPTION_IP_TIME_TO_LIVE, out_value);
}

sn_error sn_socket_set_ttl(sn_socket *socket, int value)
{
    return set_ip_number(socket, SN_OPTION_IP_TIME_TO_LIVE, value, 255);
}

sn_error sn_socket_get_multicast_loopback(sn_socket *socket, bool *out_value)
{
    int value = 0;
    sn_error error = get_ip_number(socket, SN_OPTION_MULTICAST_LOOPBACK, out_value ? &value : NULL);
    if (!error)
        *out_value = value != 0;
    return error;
}

sn_error sn_socket_set_multicast_loopback(sn_socket *socket, bool value)
{
    return set_ip_number(socket, SN_OPTION_MULTICAST_LOOPBACK, value, 1);
}

/* A dual-mode socket has IPv4 traffic, which can be cut into fragments. */
static bool has_fragments(const sn_socket *socket)
{
    return socket_family(socket) == SN_FAMILY_IPV4 || socket_is(socket, SOCKET_DUAL_MODE);
}

sn_error sn_socket_get_dont_fragment(sn_socket *socket, bool *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    int value = 0;
    if (!has_fragments(socket))
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    else
        error =
            option_read(socket, SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT, out_value ? &value : NULL);
    socket_unref(socket);
    if (!error)
        *out_value = value != 0;
    return error;
}

sn_error sn_socket_set_dont_fragment(sn_socket *socket, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!has_fragments(socket))
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    else
        error = option_write(socket, SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_dual_mode(sn_socket *socket, bool *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!out_value)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        *out_value = socket_is(socket, SOCKET_DUAL_MODE);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_dual_mode(sn_socket *socket, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (socket_family(socket) != SN_FAMILY_IPV6)
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    else
        error = option_write(socket, SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, !value);
    socket_unref(socket);
    return error;
}

/* --- Broadcast, reuse ------------------------------------------------------------------------ */

sn_error sn_socket_get_enable_broadcast(sn_socket *socket, bool *out_value)
{
    if (!socket || socket_type(socket) != SN_TYPE_STREAM)
        return get_truth(socket, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, out_value);
    /* .NET does not ask the kernel for a stream. */
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (out_value)
        *out_value = false;
    else
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_enable_broadcast(sn_socket *socket, bool value)
{
    return set_number(socket, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, value);
}

static sn_error get_native_truth(sn_socket *socket, int native_name, bool *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    int value = 0;
    uint32_t size = sizeof value;
    if (!out_value)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        error = option_result(
            socket, sys_get_option(socket_handle(socket), SOL_SOCKET, native_name, &value, &size));
    socket_unref(socket);
    if (!error)
        *out_value = value != 0;
    return error;
}

static sn_error set_native_truth(sn_socket *socket, int native_name, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    int number = value;
    error = option_result(socket, sys_set_option(socket_handle(socket), SOL_SOCKET, native_name,
                                                 &number, sizeof number));
    /* Replacing the descriptor would copy .NET's combination of the two and not this one alone. */
    if (!error)
        socket_set(socket, SOCKET_IRREPLACEABLE);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_reuse_port(sn_socket *socket, bool *out_value)
{
    return get_native_truth(socket, SO_REUSEPORT, out_value);
}

sn_error sn_socket_set_reuse_port(sn_socket *socket, bool value)
{
    return set_native_truth(socket, SO_REUSEPORT, value);
}

sn_error sn_socket_get_reuse_address_only(sn_socket *socket, bool *out_value)
{
    return get_native_truth(socket, SO_REUSEADDR, out_value);
}

sn_error sn_socket_set_reuse_address_only(sn_socket *socket, bool value)
{
    return set_native_truth(socket, SO_REUSEADDR, value);
}
