/* SendFile: memory, a file, memory, as one send (contract B.11). */
#include "socket/verbs/packets.h"

/* The record of 0.2: what `size` 0 means for ever, and the least that there is. */
#define SIZE_OF_0_2 (offsetof(sn_file_send, after) + sizeof(sn_buffer))

/* As the library knows it. */
static sn_error read_record(const sn_file_send *given, sn_file_send *out)
{
    if (!given)
        return SN_ERROR_ARGUMENT_NULL;
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return SN_OK;
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

/* `allowed` are the flags that the form of the call takes. */
static sn_error check(sn_socket *socket, const sn_file_send *send, sn_transmit_flags allowed)
{
    sn_error error = transfer_check_data(send->before.data, send->before.size);
    if (!error)
        error = transfer_check_data(send->after.data, send->after.size);
    if (error)
        return error;
    socket_discover_connect(socket);
    if (socket_type(socket) != SN_TYPE_STREAM || !socket_is(socket, SOCKET_CONNECTED))
        return SN_ERROR_NOT_SUPPORTED;
    return send->flags & ~allowed ? SN_ERROR_PLATFORM_NOT_SUPPORTED : SN_OK;
}

static sn_error add_file(struct packet_list *list, const sn_file_send *send)
{
    switch (send->kind) {
    case SN_FILE_NONE: return SN_OK;
    case SN_FILE_PATH: return packets_add_path(list, send->path, send->offset, send->count);
    case SN_FILE_HANDLE: return packets_add_handle(list, send->file, send->offset, send->count);
    }
    return socket_misuse(SN_ERROR_ARGUMENT);
}

static sn_error add_all(struct packet_list *list, const sn_file_send *send)
{
    sn_error error = packets_add_memory(list, send->before.data, send->before.size);
    if (!error)
        error = add_file(list, send);
    if (!error)
        error = packets_add_memory(list, send->after.data, send->after.size);
    return error;
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, const sn_file_send *given,
                        sn_transmit_flags allowed)
{
    sn_file_send send = {0};
    sn_error error = read_record(given, &send);
    if (!error)
        error = check(socket, &send, allowed);
    if (error)
        return socket_misuse(error);
    struct packet_list *list = packets_new(3);
    if (!list)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    return packets_prepare(operation, socket, list, add_all(list, &send), send.flags);
}

/* What has gone is told after an error too, unlike with sn_socket_send(): a file is long, and
 * whoever goes on with it has to know where. */
sn_error sn_socket_send_file(sn_socket *socket, const sn_file_send *send, size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &packets_verb);
    error = prepare(&operation, socket, send, SN_TRANSMIT_USE_DEFAULT_WORKER_THREAD);
    if (!error) {
        error = socket_run_to_end(socket, &operation);
        if (out_sent)
            *out_sent = operation.transferred;
    }
    socket_unref(socket);
    return error;
}

bool sn_socket_send_file_async(sn_socket *socket, const sn_file_send *send, sn_operation *operation)
{
    if (!socket_begin_async(operation, &packets_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, send, ~(sn_transmit_flags)0);
    socket_start_async(socket, operation, error);
    return true;
}
