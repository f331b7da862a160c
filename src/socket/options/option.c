/* The general calls for options (contract C.1). */
#include "socket/options/option.h"

#include <errno.h>
#include <limits.h>

#include "error/error.h"
#include "socket/options/option_table.h"
#include "sys/sys.h"

/* An option that does not exist says nothing about the connection; any other failure ends
 * Connected. */
sn_error option_result(sn_socket *socket, int32_t native_result)
{
    if (native_result >= 0)
        return SN_OK;
    error_set_last_native(-native_result);
    sn_error error = sn_error_from_native(-native_result);
    if (error != SN_ERROR_PROTOCOL_OPTION && error != SN_ERROR_OPERATION_NOT_SUPPORTED)
        socket_note_error(socket, error);
    return error;
}

/* What must be known for the day when the descriptor is replaced. */
static void track(sn_socket *socket, const struct option_row *row)
{
    if (row->kind == OPTION_TRACKED)
        atomic_or_acq_rel(&socket->tracked_options, UINT64_C(1) << option_index(row));
    else
        socket_set(socket, SOCKET_IRREPLACEABLE);
}

sn_error option_write(sn_socket *socket, sn_option_level level, sn_option_name name, int value)
{
    const struct option_row *row = option_find(level, name);
    if (!row)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    sn_error error = option_result(socket, row->set_int(socket, row, &value, sizeof value));
    if (!error)
        track(socket, row);
    return error;
}

sn_error option_write_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                            const void *data, size_t size)
{
    const struct option_row *row = option_find(level, name);
    if (!row)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    if (!data || size == 0) /* an empty array of .NET has no address either */
        return option_result(socket, -EFAULT);
    uint32_t native_size = size < INT_MAX ? (uint32_t)size : INT_MAX;
    sn_error error = option_result(socket, row->set(socket, row, data, native_size));
    if (!error)
        track(socket, row);
    return error;
}

sn_error option_read(sn_socket *socket, sn_option_level level, sn_option_name name, int *out_value)
{
    const struct option_row *row = option_find(level, name);
    if (!out_value)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    bool is_membership = level == SN_LEVEL_IPV6 &&
                         (name == SN_OPTION_ADD_MEMBERSHIP || name == SN_OPTION_DROP_MEMBERSHIP);
    if (is_membership) /* has no row, but .NET asks the kernel, which cannot tell */
        return option_result(socket, -ENOPROTOOPT);
    if (!row)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    int value = 0;
    uint32_t size = sizeof value;
    sn_error error = option_result(socket, row->get(socket, row, &value, &size));
    if (error)
        return error;
    /* The kernel answers some options with a single byte, which is not the int's low one
     * everywhere. */
    *out_value = size == 1 ? *(const uint8_t *)&value : value;
    return SN_OK;
}

sn_error option_read_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                           void *data, size_t size, size_t *out_size)
{
    const struct option_row *row = option_find(level, name);
    if (!row)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    char nothing;
    uint32_t native_size = !data ? 0 : size < INT_MAX ? (uint32_t)size : INT_MAX;
    /* The time limits as bytes are the kernel's, whatever their length. */
    option_get *get = row->get == option_get_timeout ? option_get_plain : row->get;
    sn_error error = option_result(socket, get(socket, row, data ? data : &nothing, &native_size));
    if (!error && out_size)
        *out_size = native_size;
    return error;
}

sn_error sn_socket_set_option(sn_socket *socket, sn_option_level level, sn_option_name name,
                              int value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    /* Memberships of IPv6 go through their own call, because their value is not a number. */
    error = option_write(socket, level, name, value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_option_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                                    const void *data, size_t size)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = option_write_bytes(socket, level, name, data, size);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_option(sn_socket *socket, sn_option_level level, sn_option_name name,
                              int *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = option_read(socket, level, name, out_value);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_option_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                                    void *data, size_t size, size_t *out_size)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = option_read_bytes(socket, level, name, data, size, out_size);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_raw_option(sn_socket *socket, int level, int name, const void *data,
                                  size_t size)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    socket_set(socket, SOCKET_IRREPLACEABLE);
    socket_expect_control(socket);
    uint32_t native_size = size < INT_MAX ? (uint32_t)size : INT_MAX;
    error = option_result(socket,
                          sys_set_option(socket_handle(socket), level, name, data, native_size));
    if (!error)
        option_refresh_dual_mode(socket);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_raw_option(sn_socket *socket, int level, int name, void *data, size_t size,
                                  size_t *out_size)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    uint32_t native_size = size < INT_MAX ? (uint32_t)size : INT_MAX;
    error = option_result(socket,
                          sys_get_option(socket_handle(socket), level, name, data, &native_size));
    if (!error && out_size)
        *out_size = native_size;
    socket_unref(socket);
    return error;
}
