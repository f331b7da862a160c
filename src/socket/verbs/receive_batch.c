/* ReceiveBatch: the datagrams that are there, with who sent them and what else is told of them. */
#include "operation/operation.h"
#include "socket/verbs/batch.h"
#include "socket/verbs/extras.h"
#include "socket/verbs/sender.h"
#include "telemetry/telemetry.h"

static void finish_extras(sn_datagram_extras *extras)
{
    control_message_read_extras(extras_control(extras), extras_control_size(extras), extras);
}

static void finish_record(const sn_socket *socket, sn_datagram *datagram)
{
    if (unlikely(datagram->flags != 0))
        datagram->flags = flags_from_native(datagram->flags);
    if (datagram->endpoint)
        sender_set_told(socket, datagram->endpoint);
    if (datagram->extras)
        finish_extras(datagram->extras);
}

static bool finish(sn_socket *socket, sn_operation *operation)
{
    const struct record *record = record_of(operation);
    if (batch_finish(socket, operation, METRIC_BYTES_RECEIVED, METRIC_DATAGRAMS_RECEIVED))
        for (size_t i = 0; i < record->room.batch.done; i++)
            finish_record(socket, &record->datagrams.first[i]);
    return true;
}

static const struct verb receive_batch_verb = {
    .kind = SN_OPERATION_RECEIVE_BATCH,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_NOTHING, /* counted by the finish step */
    .finish = finish,
};

static uint32_t wanted_of(const sn_datagram *datagram)
{
    return datagram->extras ? datagram->extras->wanted : 0;
}

/* One buffer and no extras, as nearly all have. */
static inline bool is_plain(const sn_datagram *datagram)
{
    return datagram->buffer.data && !datagram->extras && datagram->buffer_count == 0 &&
           datagram->buffer.size <= SSIZE_MAX;
}

COLD static sn_error check_record(const sn_datagram *datagram, uint32_t wanted_by_first)
{
    sn_error error = batch_check_memory(datagram);
    uint32_t wanted = wanted_of(datagram);
    bool wants_segments = (wanted & SN_DATAGRAM_SEGMENT_SIZE) != 0;
    if (error)
        return error;
    if ((wanted & ~DATAGRAM_EXTRAS) ||
        wants_segments != ((wanted_by_first & SN_DATAGRAM_SEGMENT_SIZE) != 0))
        return SN_ERROR_ARGUMENT;
    if (wants_segments &&
        (datagram->buffer_count > 0 || datagram->buffer.size < SN_DATAGRAM_SEGMENTS_SIZE_MAX))
        return SN_ERROR_ARGUMENT;
    return SN_OK;
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_datagram *datagrams,
                        size_t count, sn_flags flags)
{
    uint32_t wanted = 0;
    sn_error error = batch_prepare(operation, socket, datagrams, count, flags);
    if (error)
        return error;
    const uint32_t by_first = wanted_of(&datagrams[0]);
    for (size_t i = 0; i < count; i++) {
        if (likely(is_plain(&datagrams[i])) && by_first == 0)
            continue;
        error = check_record(&datagrams[i], by_first);
        if (error)
            return batch_refuse(operation, &datagrams[i], error);
        wanted |= wanted_of(&datagrams[i]);
    }
    if (wanted)
        error = extras_switch_on(socket, wanted);
    struct batch_place *place = &record_of(operation)->room.batch;
    place->is_ip = extras_are_told(socket);
    place->is_single = socket_type(socket) == SN_TYPE_SEQPACKET;
    record_of(operation)->action = ACTION_RECEIVE_BATCH;
    return error;
}

sn_error sn_socket_receive_batch(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                 sn_flags flags, size_t *out_count)
{
    if (out_count)
        *out_count = 0;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &receive_batch_verb);
    error = prepare(&operation, socket, datagrams, count, flags);
    if (!error && !out_count)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = batch_run(socket, &operation);
    if (out_count)
        *out_count = record_of(&operation)->room.batch.done;
    socket_unref(socket);
    return error;
}

bool sn_socket_receive_batch_async(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                   sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_batch_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, datagrams, count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
