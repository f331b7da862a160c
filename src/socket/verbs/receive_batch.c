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

/* What all the records want; or the first one that is wrong, and why. There is one at least. */
static inline sn_error check_records(const sn_datagram *datagrams, size_t count,
                                     uint32_t *out_wanted, size_t *out_wrong)
{
    const uint32_t by_first = wanted_of(&datagrams[0]);
    uint32_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (likely(is_plain(&datagrams[i])) && by_first == 0)
            continue;
        sn_error error = check_record(&datagrams[i], by_first);
        if (unlikely(error)) {
            *out_wrong = i;
            return error;
        }
        wanted |= wanted_of(&datagrams[i]);
    }
    *out_wanted = wanted;
    return SN_OK;
}

static struct batch_place place_of(const sn_socket *socket)
{
    return (struct batch_place){.is_ip = extras_are_told(socket),
                                .is_single = socket_type(socket) == SN_TYPE_SEQPACKET};
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_datagram *datagrams,
                        size_t count, sn_flags flags)
{
    uint32_t wanted = 0;
    size_t wrong = 0;
    sn_error error = batch_prepare(operation, socket, datagrams, count, flags);
    if (error)
        return error;
    error = check_records(datagrams, count, &wanted, &wrong);
    if (error)
        return batch_refuse(operation, &datagrams[wrong], error);
    if (wanted)
        error = extras_switch_on(socket, wanted);
    record_of(operation)->room.batch = place_of(socket);
    record_of(operation)->action = ACTION_RECEIVE_BATCH;
    return error;
}

/* One attempt is nearly always all there is to it: as socket_run_to_end() without what is asked
 * before one that may have to wait. */
static sn_error run_plain(sn_socket *socket, sn_operation *operation)
{
    sn_error error = SN_OK;
    trace_operation_start(operation, operation->kind, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result = batch_receive_attempt(operation, socket_handle(socket));
    if (unlikely(result < 0))
        error = socket_run_on(socket, operation, cancels, result);
    if (record_of(operation)->action != ACTION_DONE)
        (void)finish(socket, operation);
    trace_operation_complete(operation, operation->kind, error, operation->transferred);
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
    if (!error && likely(transfer_is_plain(socket, DIRECTION_IN, datagrams, count, flags)))
        error = run_plain(socket, &operation);
    else if (!error)
        error = batch_run(socket, &operation);
    if (out_count)
        *out_count = record_of(&operation)->room.batch.done;
    socket_unref(socket);
    return error;
}

COLD static bool receive_slow(sn_socket *socket, sn_datagram *datagrams, size_t count,
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

COLD static bool receive_referred(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                  sn_flags flags, sn_operation *operation)
{
    socket_unref(socket);
    return receive_slow(socket, datagrams, count, flags, operation);
}

/* Nothing has to be said of a record, or to the kernel. */
static inline bool are_ready(const sn_socket *socket, const sn_datagram *datagrams, size_t count)
{
    uint32_t wanted = 0;
    size_t wrong = 0;
    return likely(!check_records(datagrams, count, &wanted, &wrong)) &&
           (wanted == 0 || likely(extras_are_on(socket, wanted)));
}

bool sn_socket_receive_batch_async(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                   sn_flags flags, sn_operation *operation)
{
    static const struct fast_message message = {.verb = &receive_batch_verb,
                                                .kind = SN_OPERATION_RECEIVE_BATCH,
                                                .action = ACTION_RECEIVE_BATCH};
    if (unlikely(!socket) ||
        !fast_takes_message(&socket->descriptor, operation, datagrams, count, flags) ||
        !are_ready(socket, datagrams, count))
        return receive_slow(socket, datagrams, count, flags, operation);
    const struct batch_place place = place_of(socket);
    return likely(fast_start_batch(&socket->descriptor, operation, datagrams, count, &place,
                                   &message)) ||
           receive_referred(socket, datagrams, count, flags, operation);
}
