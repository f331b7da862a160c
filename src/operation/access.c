/* For other languages: records made, filled and read by functions, so that none is written to by
 * offsets. */
#include "operation/record.h"

size_t sn_operation_size(void)
{
    return sizeof(sn_operation);
}

sn_error sn_operation_create(sn_operation **out_operation)
{
    if (!out_operation)
        return SN_ERROR_ARGUMENT_NULL;
    sn_operation *operation = memory_zeroed(sizeof *operation);
    if (!operation)
        return SN_ERROR_OUT_OF_MEMORY;
    *out_operation = operation;
    return SN_OK;
}

sn_error sn_operation_destroy(sn_operation *operation)
{
    if (operation && operation_is_pending(operation))
        return SN_ERROR_INVALID_OPERATION;
    memory_free(operation);
    return SN_OK;
}

/* --- What the program sets, of a record that is idle ------------------------------------------ */

static sn_error check_idle(const sn_operation *operation)
{
    if (!operation)
        return SN_ERROR_ARGUMENT_NULL;
    return operation_is_pending(operation) ? SN_ERROR_INVALID_OPERATION : SN_OK;
}

sn_error sn_operation_set_completed(sn_operation *operation,
                                    void (*completed)(sn_operation *operation))
{
    sn_error error = check_idle(operation);
    if (!error)
        operation->completed = completed;
    return error;
}

sn_error sn_operation_set_context(sn_operation *operation, void *context)
{
    sn_error error = check_idle(operation);
    if (!error)
        operation->context = context;
    return error;
}

sn_error sn_operation_set_timeout(sn_operation *operation, sn_milliseconds timeout_ms)
{
    sn_error error = check_idle(operation);
    if (!error)
        operation->timeout_ms = timeout_ms;
    return error;
}

sn_error sn_operation_set_cancellation(sn_operation *operation, sn_cancellation *cancellation)
{
    sn_error error = check_idle(operation);
    if (!error)
        operation->cancellation = cancellation;
    return error;
}

void *sn_operation_get_context(const sn_operation *operation)
{
    return operation ? operation->context : NULL;
}

sn_milliseconds sn_operation_get_timeout(const sn_operation *operation)
{
    return operation ? operation->timeout_ms : 0;
}

sn_cancellation *sn_operation_get_cancellation(const sn_operation *operation)
{
    return operation ? operation->cancellation : NULL;
}

/* --- Results ---------------------------------------------------------------------------------- */

sn_error sn_operation_get_error(const sn_operation *operation)
{
    return operation ? operation->error : SN_ERROR_ARGUMENT_NULL;
}

int sn_operation_get_native_error(const sn_operation *operation)
{
    return operation ? operation->native_error : 0;
}

sn_operation_kind sn_operation_get_kind(const sn_operation *operation)
{
    return operation ? operation->kind : SN_OPERATION_NONE;
}

size_t sn_operation_get_transferred(const sn_operation *operation)
{
    return operation ? operation->transferred : 0;
}

size_t sn_operation_get_datagram_count(const sn_operation *operation)
{
    bool is_batch = operation && (operation->kind == SN_OPERATION_SEND_BATCH ||
                                  operation->kind == SN_OPERATION_RECEIVE_BATCH);
    return is_batch ? record_of(operation)->room.batch.done : 0;
}

size_t sn_operation_get_handle_count(const sn_operation *operation)
{
    bool receives_handles = operation && operation->kind == SN_OPERATION_RECEIVE_HANDLES;
    return receives_handles ? record_of(operation)->room.handles.received : 0;
}

sn_flags sn_operation_get_flags(const sn_operation *operation)
{
    return operation ? operation->flags : SN_FLAG_NONE;
}

sn_socket *sn_operation_get_socket(const sn_operation *operation)
{
    return operation ? operation->socket : NULL;
}

sn_ip_packet_information sn_operation_get_packet_information(const sn_operation *operation)
{
    return operation ? operation->packet_information : (sn_ip_packet_information){0};
}
