/* Receive: from the peer, into one buffer or into several (contract B.7). */
#include "socket/verbs/transfer.h"

#include <sys/socket.h>

#include "error/error.h"
#include "telemetry/telemetry.h"

/* The flags that the kernel noticed. It has told none without a header, and what stands in its
 * place then may be what the record was used for before. */
static bool receive_finish(sn_socket *socket, sn_operation *operation)
{
    const struct msghdr *message = &record_of(operation)->room.header;
    (void)socket;
    if (!operation->error && (record_of(operation)->marks & MARK_HEADER))
        operation->flags = flags_from_native((uint32_t)message->msg_flags);
    return true;
}

static const struct verb receive_verb = {
    .kind = SN_OPERATION_RECEIVE,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .finish = receive_finish,
};

/* What is looked at would be the same each time, and urgent data is a byte. */
static bool can_wait_for_all(const sn_socket *socket, sn_flags flags)
{
    bool is_stream = socket_type(socket) == SN_TYPE_STREAM ||
                     (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET);
    return is_stream && (flags & SN_FLAG_WAIT_ALL) &&
           !(flags & (SN_FLAG_PEEK | SN_FLAG_OUT_OF_BAND));
}

static sn_error receive_prepare(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                                sn_flags flags)
{
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    bool waits_for_all = can_wait_for_all(socket, flags);
    /* The kernel is not asked for it, which does not do it where it must not wait. */
    error = transfer_prepare_flags(operation, socket,
                                   waits_for_all ? flags & ~(sn_flags)SN_FLAG_WAIT_ALL : flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    record_of(operation)->action = size == 0       ? ACTION_READABLE
                                   : waits_for_all ? ACTION_RECEIVE_WHOLE
                                                   : ACTION_RECEIVE;
    return SN_OK;
}

static sn_error receive_buffers_prepare(sn_operation *operation, sn_socket *socket,
                                        const sn_buffer *buffers, size_t count, sn_flags flags)
{
    sn_error error = transfer_check_buffers(buffers, count);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (!error)
        error = transfer_check_message_buffers(socket, count);
    if (error)
        return error;
    transfer_set_buffers(operation, buffers, count);
    record_of(operation)->action =
        transfer_are_all_empty(buffers, count) ? ACTION_READABLE : ACTION_RECEIVE_MESSAGE;
    return SN_OK;
}

COLD static sn_error receive_by_operation(sn_socket *socket, void *data, size_t size,
                                          sn_flags flags, size_t *out_received)
{
    sn_operation operation;
    verb_begin(&operation, &receive_verb);
    sn_error error = receive_prepare(&operation, socket, data, size, flags);
    if (!error && !out_received)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = socket_run_blocking(socket, &operation);
    if (!error || (operation.transferred > 0 && out_received)) /* a part, see WAIT_ALL */
        *out_received = operation.transferred;
    return error;
}

COLD static sn_error receive_failed(sn_socket *socket, int64_t result)
{
    sn_operation operation;
    verb_begin(&operation, &receive_verb);
    record_of(&operation)->native_result = result;
    return socket_finish(socket, &operation);
}

/* Without an operation, which nearly no receive needs. */
static HOT sn_error receive_fast(sn_socket *socket, void *data, size_t size, size_t *out_received)
{
    const void *call = &data; /* tells it apart from others at the same time */
    trace_operation_start(call, SN_OPERATION_RECEIVE, socket_handle(socket));
    int64_t received = blocking_receive(&socket->descriptor, data, size,
                                        socket_timeout_ms(socket, TIMEOUT_RECEIVE));
    sn_error error = unlikely(received < 0) ? receive_failed(socket, received) : SN_OK;
    if (likely(!error)) {
        metrics_add_received((size_t)received, false);
        *out_received = (size_t)received;
    }
    trace_operation_complete(call, SN_OPERATION_RECEIVE, error, error ? 0 : (size_t)received);
    return error;
}

/* The first attempt, with `result`, has received nothing. */
COLD static sn_error receive_datagram_on(sn_socket *socket, void *data, size_t size,
                                         uint32_t cancels, int64_t result, size_t *out_received)
{
    sn_operation operation;
    verb_begin(&operation, &receive_verb);
    (void)receive_prepare(&operation, socket, data, size,
                          SN_FLAG_NONE); /* without flags it cannot fail */
    sn_error error = socket_run_on(socket, &operation, cancels, result);
    if (!error)
        *out_received = operation.transferred;
    return error;
}

/* Likewise of a datagram. */
static HOT sn_error receive_datagram(sn_socket *socket, void *data, size_t size,
                                     size_t *out_received)
{
    const void *call = &data;
    sn_error error = SN_OK;
    trace_operation_start(call, SN_OPERATION_RECEIVE, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result = sys_receive_from_once(socket_handle(socket), data, size, 0, NULL, NULL);
    if (likely(result >= 0)) {
        *out_received = (size_t)result;
        metrics_add_received((size_t)result, socket_type(socket) == SN_TYPE_DATAGRAM);
    } else {
        error = receive_datagram_on(socket, data, size, cancels, result, out_received);
    }
    trace_operation_complete(call, SN_OPERATION_RECEIVE, error, error ? 0 : *out_received);
    return error;
}

/* On a flow: the asynchronous form by its fast way, without a first attempt, which is nearly always
 * in vain. */
COLD static sn_error receive_as_flow(struct flow *flow, sn_socket *socket, void *data, size_t size,
                                     size_t *out_received)
{
    sn_operation operation;
    int32_t timeout_ms = socket_timeout_ms(socket, TIMEOUT_RECEIVE);
    if (timeout_ms == BLOCKING_NEVER || !suspended_transfer(flow, &operation, &socket->descriptor,
                                                            data, size, DIRECTION_IN, timeout_ms))
        return receive_by_operation(socket, data, size, SN_FLAG_NONE, out_received);
    if (likely(!operation.error))
        *out_received = operation.transferred;
    return suspended_error(&operation);
}

static struct fast_message message_of(const sn_socket *socket)
{
    return (struct fast_message){.verb = &receive_verb,
                                 .kind = SN_OPERATION_RECEIVE,
                                 .action = transfer_action_with_flags(socket)};
}

COLD static sn_error receive_datagram_as_flow(struct flow *flow, sn_socket *socket, void *data,
                                              size_t size, size_t *out_received)
{
    sn_operation operation;
    const struct fast_message message = message_of(socket);
    int32_t timeout_ms = socket_timeout_ms(socket, TIMEOUT_RECEIVE);
    if (timeout_ms == BLOCKING_NEVER ||
        !suspended_message(flow, &operation, &socket->descriptor, data, size, &message, timeout_ms))
        return receive_by_operation(socket, data, size, SN_FLAG_NONE, out_received);
    if (likely(!operation.error))
        *out_received = operation.transferred;
    return suspended_error(&operation);
}

/* A datagram, or what is rare. */
static sn_error receive_otherwise(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                  size_t *out_received)
{
    struct flow *flow = flow_current();
    if (!out_received || !fast_fits_message(&socket->descriptor, data, size, flags))
        return receive_by_operation(socket, data, size, flags, out_received);
    if (unlikely(flow != NULL))
        return receive_datagram_as_flow(flow, socket, data, size, out_received);
    return likely(transfer_is_plain(socket, DIRECTION_IN, data, size, flags))
               ? receive_datagram(socket, data, size, out_received)
               : receive_by_operation(socket, data, size, flags, out_received);
}

sn_error sn_socket_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                           size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (unlikely(error))
        return error;
    bool is_fast = out_received && fast_fits(&socket->descriptor, data, size, flags) &&
                   !lane_has_operations(&socket->descriptor, DIRECTION_IN);
    struct flow *flow = flow_current();
    if (is_fast && unlikely(flow != NULL))
        error = receive_as_flow(flow, socket, data, size, out_received);
    else
        error = likely(is_fast) ? receive_fast(socket, data, size, out_received)
                                : receive_otherwise(socket, data, size, flags, out_received);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                   sn_flags flags, size_t *out_received)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &receive_verb);
    error = receive_buffers_prepare(&operation, socket, buffers, count, flags);
    if (!error && !out_received)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = socket_run_blocking(socket, &operation);
    if (!error)
        *out_received = operation.transferred;
    socket_unref(socket);
    return error;
}

COLD static bool receive_slow(sn_socket *socket, void *data, size_t size, sn_flags flags,
                              sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = receive_prepare(operation, socket, data, size, flags);
    if (!error && size > 0 && socket_type(socket) != SN_TYPE_STREAM)
        transfer_ask_for_flags(operation, socket);
    if (!error && fast_fits(&socket->descriptor, data, size, flags))
        record_of(operation)->marks |= MARK_FAST; /* its end can go the fast way */
    socket_start_async(socket, operation, error);
    return true;
}

COLD static bool receive_referred(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                  sn_operation *operation)
{
    socket_unref(socket);
    return receive_slow(socket, data, size, flags, operation);
}

/* A datagram, or what is rare. */
static bool receive_async_otherwise(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                    sn_operation *operation)
{
    if (!socket || !fast_takes_message(&socket->descriptor, operation, data, size, flags))
        return receive_slow(socket, data, size, flags, operation);
    const struct fast_message message = message_of(socket);
    return likely(fast_start_message(&socket->descriptor, operation, data, size, &message,
                                     DIRECTION_IN)) ||
           receive_referred(socket, data, size, flags, operation);
}

bool sn_socket_receive_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                             sn_operation *operation)
{
    struct descriptor *descriptor = socket ? &socket->descriptor : NULL;
    switch (fast_start(descriptor, operation, data, size, flags, DIRECTION_IN)) {
    case FAST_STARTED: return true;
    case FAST_REFERRED: return receive_referred(socket, data, size, flags, operation);
    case FAST_NOT: break;
    }
    return receive_async_otherwise(socket, data, size, flags, operation);
}

bool sn_socket_receive_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                     sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = receive_buffers_prepare(operation, socket, buffers, count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
