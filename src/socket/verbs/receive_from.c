/* ReceiveFrom: one datagram and its sender (contract B.9). */
#include "socket/verbs/sender.h"

#include "sys/sys.h"
#include "telemetry/telemetry.h"

static bool finish(sn_socket *socket, sn_operation *operation)
{
    if (!operation->error)
        sender_finish(socket, operation);
    return true;
}

static const struct verb receive_from_verb = {
    .kind = SN_OPERATION_RECEIVE_FROM,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .finish = finish,
};

static sn_error prepare_data(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                             sn_flags flags, sn_endpoint *from)
{
    sn_error checked = transfer_check_data(data, size);
    sn_error error = sender_check(operation, socket, checked, flags, from);
    if (error)
        return error;
    sender_set(operation, from);
    sender_set_data(operation, data, size);
    record_of(operation)->action = ACTION_RECEIVE_FROM; /* no flags come out of the blocking form */
    return SN_OK;
}

static sn_error prepare_buffers(sn_operation *operation, sn_socket *socket,
                                const sn_buffer *buffers, size_t count, sn_flags flags,
                                sn_endpoint *from)
{
    sn_error checked = transfer_check_buffers(buffers, count);
    sn_error error = sender_check(operation, socket, checked, flags, from);
    if (!error)
        error = transfer_check_message_buffers(socket, count);
    if (error)
        return error;
    sender_set(operation, from);
    sender_set_buffers(operation, buffers, count);
    record_of(operation)->action = ACTION_RECEIVE_MESSAGE;
    return SN_OK;
}

static sn_error tell(const sn_socket *socket, sn_operation *operation, sn_endpoint *out_from,
                     size_t *out_received)
{
    sender_finish(socket, operation);
    *out_from = *record_of(operation)->target.from;
    *out_received = operation->transferred;
    return SN_OK;
}

static sn_error run(sn_socket *socket, sn_operation *operation, sn_endpoint *out_from,
                    size_t *out_received)
{
    if (!out_received)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = socket_run_blocking(socket, operation);
    return error ? error : tell(socket, operation, out_from, out_received);
}

COLD static sn_error receive_by_operation(sn_socket *socket, void *data, size_t size,
                                          sn_flags flags, sn_endpoint *out_from,
                                          size_t *out_received)
{
    sn_operation operation;
    verb_begin(&operation, &receive_from_verb);
    sn_endpoint from;
    sn_error error = prepare_data(&operation, socket, data, size, flags, out_from ? &from : NULL);
    return error ? error : run(socket, &operation, out_from, out_received);
}

/* The first attempt, with `result`, has received nothing. */
COLD static sn_error receive_on(sn_socket *socket, void *data, size_t size, uint32_t cancels,
                                int64_t result, sn_endpoint *out_from, size_t *out_received)
{
    sn_operation operation;
    verb_begin(&operation, &receive_from_verb);
    sn_endpoint from;
    sn_error error = prepare_data(&operation, socket, data, size, SN_FLAG_NONE, &from);
    if (error)
        return error;
    error = socket_run_on(socket, &operation, cancels, result);
    return error ? error : tell(socket, &operation, out_from, out_received);
}

COLD static int64_t receive_after_end(int32_t handle, void *data, size_t size,
                                      struct sockaddr_storage *sender, uint32_t *inout_size)
{
    uint32_t size_before = *inout_size;
    *inout_size = sizeof *sender;
    int64_t result = sys_receive_from(handle, data, size, 0, sender, inout_size);
    if (result > 0)
        return result;
    *inout_size = size_before;
    return 0;
}

/* Without an operation, which a receive that need not wait does not need. */
static HOT sn_error receive_plain(sn_socket *socket, void *data, size_t size, sn_endpoint *out_from,
                                  size_t *out_received)
{
    const void *call = &data; /* tells it apart from others at the same time */
    struct sockaddr_storage sender;
    uint32_t sender_size = sizeof sender;
    sn_error error = SN_OK;
    sender.ss_family = AF_UNSPEC;
    trace_operation_start(call, SN_OPERATION_RECEIVE_FROM, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result =
        sys_receive_from_once(socket_handle(socket), data, size, 0, &sender, &sender_size);
    if (unlikely(result == 0) && sys_end_is_doubtful(socket_handle(socket)))
        result = receive_after_end(socket_handle(socket), data, size, &sender, &sender_size);
    if (likely(result >= 0)) {
        sender_tell(socket, &sender, sender_size, out_from);
        *out_received = (size_t)result;
        metrics_add_received((size_t)result, socket_type(socket) == SN_TYPE_DATAGRAM);
    } else {
        error = receive_on(socket, data, size, cancels, result, out_from, out_received);
    }
    trace_operation_complete(call, SN_OPERATION_RECEIVE_FROM, error, error ? 0 : *out_received);
    return error;
}

static struct fast_message message_of(const sn_socket *socket, sn_endpoint *from)
{
    return (struct fast_message){.verb = &receive_from_verb,
                                 .kind = SN_OPERATION_RECEIVE_FROM,
                                 .action = transfer_action_with_flags(socket),
                                 .from = from};
}

COLD static sn_error receive_as_flow(struct flow *flow, sn_socket *socket, void *data, size_t size,
                                     sn_flags flags, sn_endpoint *out_from, size_t *out_received)
{
    sn_operation operation;
    sn_endpoint from;
    const struct fast_message message = message_of(socket, &from);
    int32_t timeout_ms = socket_timeout_ms(socket, TIMEOUT_RECEIVE);
    if (timeout_ms == BLOCKING_NEVER ||
        !fast_fits_message(&socket->descriptor, data, size, flags) ||
        !suspended_message(flow, &operation, &socket->descriptor, data, size, &message, timeout_ms))
        return receive_by_operation(socket, data, size, flags, out_from, out_received);
    if (likely(!operation.error)) {
        *out_from = from;
        *out_received = operation.transferred;
    }
    return suspended_error(&operation);
}

sn_error sn_socket_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                sn_endpoint *out_from, size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (unlikely(error))
        return error;
    struct flow *flow = flow_current();
    bool can_be_told = out_from && out_received && socket_is(socket, SOCKET_BOUND);
    if (unlikely(flow != NULL) && can_be_told)
        error = receive_as_flow(flow, socket, data, size, flags, out_from, out_received);
    else if (likely(can_be_told) &&
             likely(transfer_is_plain(socket, DIRECTION_IN, data, size, flags)))
        error = receive_plain(socket, data, size, out_from, out_received);
    else
        error = receive_by_operation(socket, data, size, flags, out_from, out_received);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_receive_from_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                        sn_flags flags, sn_endpoint *out_from, size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &receive_from_verb);
    sn_endpoint from;
    error = prepare_buffers(&operation, socket, buffers, count, flags, out_from ? &from : NULL);
    if (!error)
        error = run(socket, &operation, out_from, out_received);
    socket_unref(socket);
    return error;
}

COLD static bool receive_slow(sn_socket *socket, void *data, size_t size, sn_flags flags,
                              sn_endpoint *out_from, sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_from_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare_data(operation, socket, data, size, flags, out_from);
    if (!error)
        transfer_ask_for_flags(operation, socket);
    socket_start_async(socket, operation, error);
    return true;
}

COLD static bool receive_referred(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                  sn_endpoint *out_from, sn_operation *operation)
{
    socket_unref(socket);
    return receive_slow(socket, data, size, flags, out_from, operation);
}

bool sn_socket_receive_from_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                  sn_endpoint *out_from, sn_operation *operation)
{
    if (unlikely(!socket) ||
        !fast_takes_message(&socket->descriptor, operation, data, size, flags) ||
        unlikely(!out_from) || unlikely(!socket_is(socket, SOCKET_BOUND)))
        return receive_slow(socket, data, size, flags, out_from, operation);
    const struct fast_message message = message_of(socket, out_from);
    return likely(fast_start_message(&socket->descriptor, operation, data, size, &message,
                                     DIRECTION_IN)) ||
           receive_referred(socket, data, size, flags, out_from, operation);
}

bool sn_socket_receive_from_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                          sn_flags flags, sn_endpoint *out_from,
                                          sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_from_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare_buffers(operation, socket, buffers, count, flags, out_from);
    socket_start_async(socket, operation, error);
    return true;
}
