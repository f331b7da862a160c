/* Receive exactly, at least, a byte: what goes on until there is enough (decision 0034). */
#include <sennit/receive.h>
#include <sennit/transfer.h>

#include "socket/verbs/enough.h"
#include "socket/verbs/transfer.h"

static const struct verb receive_enough_verb = {
    .kind = SN_OPERATION_RECEIVE,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .is_all_or_error = true,
};

sn_error enough_check_socket(sn_socket *socket)
{
    bool is_stream = socket_type(socket) == SN_TYPE_STREAM ||
                     (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET);
    return is_stream ? SN_OK : socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
}

void enough_prepare(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                    const struct enough_place *enough)
{
    if (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET)
        record_of(operation)->marks |= MARK_NOT_SOCKET;
    transfer_set_data(operation, data, size);
    record_of(operation)->room.enough = *enough;
    record_of(operation)->action = ACTION_RECEIVE_ENOUGH;
}

static sn_error check(sn_socket *socket, const void *data, size_t size, size_t minimum)
{
    sn_error error = transfer_check_data(data, size);
    if (!error && minimum > size)
        error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    return error ? socket_misuse(error) : enough_check_socket(socket);
}

/* What came is told whatever has ended the call. */
static sn_error receive(sn_socket *socket, void *data, size_t size, size_t minimum,
                        size_t *out_received)
{
    const struct enough_place enough = {.minimum = minimum};
    sn_operation operation;
    verb_begin(&operation, &receive_enough_verb);
    sn_error error = check(socket, data, size, minimum);
    if (!error && minimum > 0) {
        enough_prepare(&operation, socket, data, size, &enough);
        error = socket_run_blocking(socket, &operation);
    }
    if (out_received && (!error || operation.transferred > 0))
        *out_received = operation.transferred;
    return error;
}

sn_error sn_socket_receive_at_least(sn_socket *socket, void *data, size_t size, size_t minimum,
                                    size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = receive(socket, data, size, minimum, out_received);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_receive_exactly(sn_socket *socket, void *data, size_t size, size_t *out_received)
{
    return sn_socket_receive_at_least(socket, data, size, size, out_received);
}

bool sn_socket_receive_at_least_async(sn_socket *socket, void *data, size_t size, size_t minimum,
                                      sn_operation *operation)
{
    const struct enough_place enough = {.minimum = minimum};
    if (!socket_begin_async(operation, &receive_enough_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = check(socket, data, size, minimum);
    if (!error && minimum == 0) { /* nothing to wait for: complete at once */
        socket_unref(socket);
        enough_complete(socket, operation);
        return true;
    }
    if (!error)
        enough_prepare(operation, socket, data, size, &enough);
    socket_start_async(socket, operation, error);
    return true;
}

bool sn_socket_receive_exactly_async(sn_socket *socket, void *data, size_t size,
                                     sn_operation *operation)
{
    return sn_socket_receive_at_least_async(socket, data, size, size, operation);
}

/* --- A byte ----------------------------------------------------------------------------------- */

sn_error sn_socket_receive_byte(sn_socket *socket, uint8_t *out_byte)
{
    return sn_socket_receive_exactly(socket, out_byte, 1, NULL);
}

sn_error sn_socket_send_byte(sn_socket *socket, uint8_t byte)
{
    return sn_socket_send(socket, &byte, 1, SN_FLAG_NONE, NULL);
}
