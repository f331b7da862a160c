/* ReceiveHandles: bytes, and the descriptors that came with them. */
#include "operation/operation.h"
#include "socket/verbs/handles.h"

static bool finish(sn_socket *socket, sn_operation *operation)
{
    (void)socket;
    if (!operation->error)
        operation->flags = flags_from_native(record_of(operation)->room.handles.native_flags);
    return true;
}

static const struct verb receive_handles_verb = {
    .kind = SN_OPERATION_RECEIVE_HANDLES,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .finish = finish,
};

static sn_error prepare(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                        sn_handle *handles, size_t room, sn_flags flags)
{
    sn_error error = handles_prepare(operation, socket, data, size, flags, SN_FLAG_DONT_WAIT);
    if (error)
        return error;
    if (!handles && room > 0)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    struct record *record = record_of(operation);
    record->action = ACTION_RECEIVE_HANDLES;
    record->room.handles.handles = handles;
    record->room.handles.count = room;
    return SN_OK;
}

/* Where the blocking form puts what came of it. */
struct outputs {
    sn_flags *flags;
    size_t *handle_count, *received;
};

static sn_error run(sn_socket *socket, sn_operation *operation, const struct outputs *out)
{
    sn_error error = socket_run_to_end(socket, operation);
    if (error)
        return error;
    *out->flags = operation->flags;
    *out->handle_count = sn_operation_get_handle_count(operation);
    *out->received = operation->transferred;
    return SN_OK;
}

sn_error sn_socket_receive_handles(sn_socket *socket, void *data, size_t size, sn_handle *handles,
                                   size_t room, sn_flags *inout_flags, size_t *out_handle_count,
                                   size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    const struct outputs out = {inout_flags, out_handle_count, out_received};
    sn_operation operation;
    verb_begin(&operation, &receive_handles_verb);
    if (!inout_flags || !out_handle_count || !out_received)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = prepare(&operation, socket, data, size, handles, room, *inout_flags);
    if (!error)
        error = run(socket, &operation, &out);
    socket_unref(socket);
    return error;
}

bool sn_socket_receive_handles_async(sn_socket *socket, void *data, size_t size, sn_handle *handles,
                                     size_t room, sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_handles_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, data, size, handles, room, flags);
    socket_start_async(socket, operation, error);
    return true;
}
