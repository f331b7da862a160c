/* SendHandles: bytes, and descriptors with the first of them. */
#include <errno.h>

#include "error/error.h"
#include "operation/operation.h"
#include "socket/verbs/handles.h"

/* Both of these mean one of the descriptors, or none of them: the socket is as it was. */
static sn_error error_of(int native)
{
    switch (native) {
    case EBADF:
    case EINVAL: return SN_ERROR_ARGUMENT;
    case ETOOMANYREFS: return SN_ERROR_NO_BUFFER_SPACE_AVAILABLE;
    default: return sn_error_from_native(native);
    }
}

static const struct verb send_handles_verb = {
    .kind = SN_OPERATION_SEND_HANDLES,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
    .error_of = error_of,
};

static sn_error check_handles(const sn_handle *handles, size_t count)
{
    if (count > SN_HANDLES_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (!handles && count > 0)
        return SN_ERROR_ARGUMENT_NULL;
    for (size_t i = 0; i < count; i++)
        if (handles[i] < 0)
            return SN_ERROR_ARGUMENT;
    return SN_OK;
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, const void *data, size_t size,
                        const sn_handle *handles, size_t count, sn_flags flags)
{
    const sn_flags allowed = SN_FLAG_DONT_WAIT | SN_FLAG_MORE;
    sn_error error = handles_prepare(operation, socket, data, size, flags, allowed);
    if (error)
        return error;
    error = check_handles(handles, count);
    if (error)
        return socket_misuse(error);
    struct record *record = record_of(operation);
    record->action = ACTION_SEND_HANDLES;
    record->room.handles.handles = (sn_handle *)(uintptr_t)handles; /* only read */
    record->room.handles.count = count;
    if (socket_type(socket) == SN_TYPE_STREAM)
        record->marks |= MARK_ALL;
    return SN_OK;
}

sn_error sn_socket_send_handles(sn_socket *socket, const void *data, size_t size,
                                const sn_handle *handles, size_t handle_count, sn_flags flags,
                                size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &send_handles_verb);
    error = prepare(&operation, socket, data, size, handles, handle_count, flags);
    if (!error)
        error = socket_run_blocking(socket, &operation);
    if (out_sent && (!error || operation.transferred > 0))
        *out_sent = operation.transferred;
    socket_unref(socket);
    return error;
}

bool sn_socket_send_handles_async(sn_socket *socket, const void *data, size_t size,
                                  const sn_handle *handles, size_t handle_count, sn_flags flags,
                                  sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_handles_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, data, size, handles, handle_count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
