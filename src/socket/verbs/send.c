/* Send: to the peer, from one buffer or from several (contract B.6). */
#include "socket/verbs/transfer.h"
#include "error/error.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

static const struct verb send_verb = {
    .kind = SN_OPERATION_SEND,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
};

/* A stream's send is not done before everything is sent. */
static void mark_all(sn_operation *operation, const sn_socket *socket)
{
    if (socket_type(socket) == SN_TYPE_STREAM || (record_of(operation)->marks & MARK_NOT_SOCKET))
        record_of(operation)->marks |= MARK_ALL;
}

static sn_error send_prepare(sn_operation *operation, sn_socket *socket, const void *data,
                             size_t size, sn_flags flags)
{
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    record_of(operation)->action = ACTION_SEND;
    mark_all(operation, socket);
    return SN_OK;
}

static sn_error send_buffers_prepare(sn_operation *operation, sn_socket *socket,
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
    record_of(operation)->action = ACTION_SEND_MESSAGE;
    mark_all(operation, socket);
    return SN_OK;
}

/* A part that went out is told whatever has ended the call. */
static void tell_sent(sn_error error, size_t sent, size_t *out_sent)
{
    if (out_sent && (!error || sent > 0))
        *out_sent = sent;
}

static sn_error send_start(sn_socket *socket, sn_operation *operation, size_t *out_sent)
{
    sn_error error = socket_run_blocking(socket, operation);
    tell_sent(error, operation->transferred, out_sent);
    return error;
}

COLD static sn_error send_by_operation(sn_socket *socket, const void *data, size_t size,
                                       sn_flags flags, size_t *out_sent)
{
    sn_operation operation;
    verb_begin(&operation, &send_verb);
    sn_error error = send_prepare(&operation, socket, data, size, flags);
    return error ? error : send_start(socket, &operation, out_sent);
}

/* Its worker sends it. */
static sn_error send_rest_as_flow(struct flow *flow, sn_socket *socket, sn_operation *operation,
                                  uint32_t cancels, int64_t result, size_t *out_sent)
{
    suspended_run_rest(flow, operation, &socket->descriptor,
                       socket_timeout_ms(socket, TIMEOUT_SEND), cancels, result);
    *out_sent = operation->transferred;
    return suspended_error(operation);
}

/* The first attempt, with `result`, has not sent everything. The send lock is given back. */
COLD static sn_error send_rest(sn_socket *socket, const void *data, size_t size, uint32_t cancels,
                               int64_t result, size_t *out_sent)
{
    sn_operation operation;
    verb_begin(&operation, &send_verb);
    (void)send_prepare(&operation, socket, data, size,
                       SN_FLAG_NONE); /* without flags it cannot fail */
    struct flow *flow = flow_current();
    if (flow && socket_timeout_ms(socket, TIMEOUT_SEND) != BLOCKING_NEVER)
        return send_rest_as_flow(flow, socket, &operation, cancels, result, out_sent);
    operation_run_blocking_on(&operation, &socket->descriptor,
                              socket_timeout_ms(socket, TIMEOUT_SEND), cancels, result);
    send_lock_release(&socket->descriptor);
    sn_error error = socket_finish(socket, &operation);
    *out_sent = operation.transferred;
    return error;
}

/* The send lock is this thread's, and is given back. Nearly all is sent at once, for which no
 * operation is needed. */
static HOT sn_error send_fast(sn_socket *socket, const void *data, size_t size, size_t *out_sent)
{
    const void *call = &data; /* tells it apart from others at the same time */
    trace_operation_start(call, SN_OPERATION_SEND, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result = sys_send_once(socket_handle(socket), data, size);
    size_t sent = size;
    sn_error error = SN_OK;
    if (likely(result == (int64_t)size)) {
        send_lock_release(&socket->descriptor);
        metrics_add_sent(size, false);
    } else {
        error = send_rest(socket, data, size, cancels, result, &sent);
    }
    tell_sent(error, sent, out_sent);
    trace_operation_complete(call, SN_OPERATION_SEND, error, sent);
    return error;
}

/* The first attempt, with `result`, has sent nothing. */
COLD static sn_error send_datagram_on(sn_socket *socket, const void *data, size_t size,
                                      uint32_t cancels, int64_t result)
{
    sn_operation operation;
    verb_begin(&operation, &send_verb);
    (void)send_prepare(&operation, socket, data, size,
                       SN_FLAG_NONE); /* without flags it cannot fail */
    return socket_run_on(socket, &operation, cancels, result);
}

/* Likewise of a datagram, which goes as a whole or not at all. */
static HOT sn_error send_datagram(sn_socket *socket, const void *data, size_t size,
                                  size_t *out_sent)
{
    const void *call = &data;
    sn_error error = SN_OK;
    trace_operation_start(call, SN_OPERATION_SEND, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result = sys_send_to_once(socket_handle(socket), data, size, NULL, 0);
    if (likely(result >= 0))
        metrics_add_sent(size, socket_type(socket) == SN_TYPE_DATAGRAM);
    else
        error = send_datagram_on(socket, data, size, cancels, result);
    if (likely(!error) && out_sent)
        *out_sent = size;
    trace_operation_complete(call, SN_OPERATION_SEND, error, error ? 0 : size);
    return error;
}

/* A datagram, or what is rare. */
static sn_error send_otherwise(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                               size_t *out_sent)
{
    bool is_plain = descriptor_gathers(&socket->descriptor) &&
                    transfer_is_plain(socket, DIRECTION_OUT, data, size, flags);
    return likely(is_plain) ? send_datagram(socket, data, size, out_sent)
                            : send_by_operation(socket, data, size, flags, out_sent);
}

/* On a flow, where its worker would rather give the send to its ring. False: it has not. */
COLD static bool send_as_flow(struct flow *flow, sn_socket *socket, const void *data, size_t size,
                              size_t *out_sent, sn_error *out_error)
{
    sn_operation operation;
    int32_t timeout_ms = socket_timeout_ms(socket, TIMEOUT_SEND);
    if (timeout_ms == BLOCKING_NEVER || fast_sends_at_once(&socket->descriptor) ||
        !suspended_transfer(flow, &operation, &socket->descriptor, (void *)(uintptr_t)data, size,
                            DIRECTION_OUT, timeout_ms)) /* a send never writes to it */
        return false;
    *out_error = suspended_error(&operation);
    tell_sent(operation.error, operation.transferred, out_sent);
    return true;
}

sn_error sn_socket_send(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                        size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (unlikely(error))
        return error;
    bool is_fast = fast_fits(&socket->descriptor, data, size, flags);
    struct flow *flow = flow_current();
    bool is_done = is_fast && unlikely(flow != NULL) &&
                   send_as_flow(flow, socket, data, size, out_sent, &error);
    if (likely(!is_done))
        error = likely(is_fast) && send_lock_try(&socket->descriptor)
                    ? send_fast(socket, data, size, out_sent)
                    : send_otherwise(socket, data, size, flags, out_sent);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                sn_flags flags, size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &send_verb);
    error = send_buffers_prepare(&operation, socket, buffers, count, flags);
    if (!error)
        error = send_start(socket, &operation, out_sent);
    socket_unref(socket);
    return error;
}

COLD static bool send_slow(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                           sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = send_prepare(operation, socket, data, size, flags);
    if (!error && fast_fits(&socket->descriptor, data, size, flags))
        record_of(operation)->marks |= MARK_FAST; /* its end can go the fast way */
    socket_start_async(socket, operation, error);
    return true;
}

COLD static bool send_referred(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                               sn_operation *operation)
{
    socket_unref(socket);
    return send_slow(socket, data, size, flags, operation);
}

/* A datagram, or what is rare. */
static bool send_async_otherwise(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                                 sn_operation *operation)
{
    if (!socket || !fast_takes_message(&socket->descriptor, operation, data, size, flags))
        return send_slow(socket, data, size, flags, operation);
    const struct fast_message message = {.verb = &send_verb,
                                         .kind = SN_OPERATION_SEND,
                                         .action = ACTION_SEND,
                                         .is_datagram = socket_type(socket) == SN_TYPE_DATAGRAM};
    return likely(fast_start_message(&socket->descriptor, operation, data, size, &message,
                                     DIRECTION_OUT)) ||
           send_referred(socket, data, size, flags, operation);
}

/* One of many that a callback starts in a row. */
COLD static bool send_on_credit(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                                sn_operation *operation)
{
    return likely(fast_start_on_credit(&socket->descriptor, operation, data, size, flags)) ||
           send_slow(socket, data, size, flags, operation);
}

bool sn_socket_send_async(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                          sn_operation *operation)
{
    struct descriptor *descriptor = socket ? &socket->descriptor : NULL;
    if (likely(socket != NULL) && credit_is_left(descriptor))
        return send_on_credit(socket, data, size, flags, operation);
    switch (fast_start(descriptor, operation, data, size, flags, DIRECTION_OUT)) {
    case FAST_STARTED: return true;
    case FAST_REFERRED: return send_referred(socket, data, size, flags, operation);
    case FAST_NOT: break;
    }
    return send_async_otherwise(socket, data, size, flags, operation);
}

bool sn_socket_send_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                  sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = send_buffers_prepare(operation, socket, buffers, count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
