/* IOControl and Available (contract B.13). */
#include "socket/object/object.h"

#include <sennit/dotnet.h>

#include <string.h>

#include "sys/sys.h"

sn_error sn_socket_get_available(sn_socket *socket, size_t *out_available)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    int bytes = 0;
    if (!out_available)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        error = socket_result(socket, sys_available(socket_handle(socket), &bytes));
    socket_unref(socket);
    if (!error)
        *out_available = bytes > 0 ? (size_t)bytes : 0;
    return error;
}

static sn_error io_control(sn_socket *socket, sn_io_control_code code, void *out, size_t out_size,
                           size_t *out_written)
{
    int32_t (*ask)(int32_t handle, int *out_value);
    switch (code) {
    case SN_IO_CONTROL_DATA_TO_READ: ask = sys_available; break;
    case SN_IO_CONTROL_OOB_DATA_READ: ask = sys_at_mark; break;
    case SN_IO_CONTROL_NON_BLOCKING_IO: return socket_misuse(SN_ERROR_INVALID_OPERATION);
    default: return socket_misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
    }
    int value = 0;
    if (!out || out_size < sizeof value) {
        socket_note_error(socket, SN_ERROR_FAULT);
        return socket_misuse(SN_ERROR_FAULT);
    }
    sn_error error = socket_result(socket, ask(socket_handle(socket), &value));
    if (error)
        return error;
    memcpy(out, &value, sizeof value);
    if (out_written)
        *out_written = sizeof value;
    return SN_OK;
}

sn_error sn_socket_io_control(sn_socket *socket, sn_io_control_code code, const void *in,
                              size_t in_size, void *out, size_t out_size, size_t *out_written)
{
    (void)in; /* none of the codes that mean something here takes any */
    (void)in_size;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = io_control(socket, code, out, out_size, out_written);
    socket_unref(socket);
    return error;
}
