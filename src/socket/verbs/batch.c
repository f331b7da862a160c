#include "socket/verbs/batch.h"

#include <errno.h>

#include "operation/operation.h"
#include "telemetry/telemetry.h"

sn_error batch_prepare(sn_operation *operation, sn_socket *socket, sn_datagram *datagrams,
                       size_t count, sn_flags flags)
{
    struct record *record = record_of(operation);
    if (!datagrams)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (count == 0)
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (socket_type(socket) == SN_TYPE_STREAM)
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    sn_error error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    record->marks |= MARK_BATCH;
    record->owner = &socket->descriptor; /* which attempts look at, also of a blocking call */
    record->datagrams.first = datagrams;
    record->datagrams.count = count;
    return SN_OK;
}

sn_error batch_check_buffers(const sn_datagram *datagram)
{
    if (!datagram->buffers)
        return SN_ERROR_ARGUMENT;
    if (datagram->buffer_count > PIECES_MAX)
        return SN_ERROR_MESSAGE_SIZE;
    return transfer_check_buffers(datagram->buffers, datagram->buffer_count);
}

/* The results of those that have not moved, from one on. */
static void clear_results(const struct record *record, size_t from)
{
    for (size_t i = from; i < record->datagrams.count; i++)
        datagram_set_moved(&record->datagrams.first[i], 0);
}

sn_error batch_refuse(const sn_operation *operation, sn_datagram *datagram, sn_error error)
{
    clear_results(record_of(operation), 0);
    datagram->error = error;
    return socket_misuse(error);
}

sn_error batch_run(sn_socket *socket, sn_operation *operation)
{
    return socket_run_to_end(socket, operation);
}

/* The system has refused the record, or the socket has an error, which it tells in its place. */
static bool is_of_record(const sn_operation *operation)
{
    return operation->error && operation->native_error != 0 && operation->native_error != EAGAIN &&
           record_of(operation)->native_result == -operation->native_error;
}

bool batch_finish(const sn_socket *socket, sn_operation *operation, enum metric bytes,
                  enum metric datagrams)
{
    struct record *record = record_of(operation);
    struct batch_place *place = &record->room.batch;
    if (place->is_finished)
        return false;
    place->is_finished = true;
    clear_results(record, place->done);
    if (place->offset > 0)
        record->datagrams.first[place->done].transferred = place->offset;
    if (is_of_record(operation) && place->done < record->datagrams.count)
        record->datagrams.first[place->done].error = operation->error;
    if (operation_has_moved(operation)) {
        metrics_add(bytes, (int64_t)operation->transferred);
        if (socket_type(socket) == SN_TYPE_DATAGRAM)
            metrics_add(datagrams, (int64_t)place->done);
    }
    return true;
}
