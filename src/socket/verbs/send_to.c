/* SendTo: one datagram to a given address (contract B.8). */
#include "socket/verbs/transfer.h"

#include "sys/sys.h"
#include "telemetry/telemetry.h"

/* .NET counts the socket as bound from the start of an asynchronous send, and takes that back when
 * the send fails. See datagram-broadcast-without-permission in tests/differential. */
static bool finish(sn_socket *socket, sn_operation *operation)
{
    sn_error error = operation->error;
    if (!socket_is(socket, SOCKET_BOUND_BY_SEND)) {
        if (!error)
            socket_set(socket, SOCKET_BOUND);
        return true;
    }
    socket_clear(socket, error ? SOCKET_BOUND | SOCKET_BOUND_BY_SEND : SOCKET_BOUND_BY_SEND);
    if (!error)
        return true;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare)
        endpoint_cache_clear(&socket->rare->local);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return true;
}

static const struct verb send_to_verb = {
    .kind = SN_OPERATION_SEND_TO,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
    .finish = finish,
};

/* What both forms share; `checked` is what the check of the memory has said. */
static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_error checked,
                        sn_flags flags, const sn_endpoint *to)
{
    sn_error error = checked;
    if (!error)
        error = transfer_set_destination(operation, socket, to);
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    if (error)
        return error;
    if (socket_type(socket) == SN_TYPE_STREAM)
        record_of(operation)->marks |= MARK_ALL;
    return SN_OK;
}

static sn_error prepare_data(sn_operation *operation, sn_socket *socket, const void *data,
                             size_t size, sn_flags flags, const sn_endpoint *to)
{
    sn_error error = prepare(operation, socket, transfer_check_data(data, size), flags, to);
    if (error)
        return error;
    transfer_set_data(operation, data, size);
    record_of(operation)->action = ACTION_SEND_TO;
    return SN_OK;
}

static sn_error prepare_buffers(sn_operation *operation, sn_socket *socket,
                                const sn_buffer *buffers, size_t count, sn_flags flags,
                                const sn_endpoint *to)
{
    sn_error error = prepare(operation, socket, transfer_check_buffers(buffers, count), flags, to);
    if (!error)
        error = transfer_check_message_buffers(socket, count);
    if (error)
        return error;
    transfer_set_buffers(operation, buffers, count);
    record_of(operation)->action = ACTION_SEND_MESSAGE;
    return SN_OK;
}

/* The kernel has bound it by now. */
static void note_bound(sn_socket *socket)
{
    if (unlikely(socket_is(socket, SOCKET_BOUND_BY_SEND)))
        socket_clear(socket, SOCKET_BOUND_BY_SEND);
    if (unlikely(!socket_is(socket, SOCKET_BOUND)))
        socket_set(socket, SOCKET_BOUND);
}

static sn_error run(sn_socket *socket, sn_operation *operation, size_t *out_sent)
{
    sn_error error = socket_run_blocking(socket, operation);
    if (error)
        return error;
    note_bound(socket);
    if (out_sent)
        *out_sent = operation->transferred;
    return SN_OK;
}

COLD static sn_error send_by_operation(sn_socket *socket, const void *data, size_t size,
                                       sn_flags flags, const sn_endpoint *to, size_t *out_sent)
{
    sn_operation operation;
    verb_begin(&operation, &send_to_verb);
    sn_error error = prepare_data(&operation, socket, data, size, flags, to);
    return error ? error : run(socket, &operation, out_sent);
}

/* The first attempt, with `result`, has sent nothing. */
COLD static sn_error send_on(sn_socket *socket, const void *data, size_t size, uint32_t cancels,
                             int64_t result, const sn_endpoint *to)
{
    sn_operation operation;
    verb_begin(&operation, &send_to_verb);
    sn_error error = prepare_data(&operation, socket, data, size, SN_FLAG_NONE, to);
    return error ? error : socket_run_on(socket, &operation, cancels, result);
}

/* Without an operation, which a send that need not wait does not need. */
static HOT sn_error send_plain(sn_socket *socket, const void *data, size_t size,
                               const sn_endpoint *to, size_t *out_sent)
{
    const void *call = &data; /* tells it apart from others at the same time */
    sn_error error = SN_OK;
    trace_operation_start(call, SN_OPERATION_SEND_TO, socket_handle(socket));
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result = sys_send_to_once(socket_handle(socket), data, size, to->as.sockaddr, to->size);
    if (likely(result >= 0)) /* a message goes as a whole or not at all */
        metrics_add_sent(size, socket_type(socket) == SN_TYPE_DATAGRAM);
    else
        error = send_on(socket, data, size, cancels, result, to);
    if (likely(!error)) {
        note_bound(socket);
        if (out_sent)
            *out_sent = size;
    }
    trace_operation_complete(call, SN_OPERATION_SEND_TO, error, error ? 0 : size);
    return error;
}

sn_error sn_socket_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                           const sn_endpoint *to, size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (unlikely(error))
        return error;
    bool is_plain = transfer_is_plain(socket, DIRECTION_OUT, data, size, flags) &&
                    !transfer_check_destination(to) && !transfer_maps_destination(socket, to);
    error = likely(is_plain) ? send_plain(socket, data, size, to, out_sent)
                             : send_by_operation(socket, data, size, flags, to, out_sent);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_send_to_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                   sn_flags flags, const sn_endpoint *to, size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &send_to_verb);
    error = prepare_buffers(&operation, socket, buffers, count, flags, to);
    if (!error)
        error = run(socket, &operation, out_sent);
    socket_unref(socket);
    return error;
}

static void start(sn_socket *socket, sn_operation *operation, sn_error error)
{
    if (!error && !socket_is(socket, SOCKET_BOUND))
        socket_set(socket, SOCKET_BOUND | SOCKET_BOUND_BY_SEND); /* already, as in .NET */
    socket_start_async(socket, operation, error);
}

COLD static bool send_slow(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                           const sn_endpoint *to, sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_to_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    start(socket, operation, prepare_data(operation, socket, data, size, flags, to));
    return true;
}

COLD static bool send_referred(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                               const sn_endpoint *to, sn_operation *operation)
{
    socket_unref(socket);
    return send_slow(socket, data, size, flags, to, operation);
}

/* To an address that is good as it stands, from a socket that is bound, so that there is no finish
 * step. */
static HOT bool has_plain_destination(const sn_socket *socket, const sn_endpoint *to)
{
    const uint32_t looked_at = SOCKET_BOUND | SOCKET_BOUND_BY_SEND;
    return (atomic_load_acquire(&socket->state) & looked_at) == SOCKET_BOUND &&
           !transfer_check_destination(to) && !transfer_maps_destination(socket, to);
}

bool sn_socket_send_to_async(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                             const sn_endpoint *to, sn_operation *operation)
{
    if (unlikely(!socket) ||
        !fast_takes_message(&socket->descriptor, operation, data, size, flags) ||
        !has_plain_destination(socket, to))
        return send_slow(socket, data, size, flags, to, operation);
    struct fast_message message = {.verb = &send_to_verb,
                                   .kind = SN_OPERATION_SEND_TO,
                                   .action = ACTION_SEND_TO,
                                   .is_datagram = socket_type(socket) == SN_TYPE_DATAGRAM,
                                   .address = to->as.sockaddr,
                                   .address_size = to->size};
    return likely(fast_start_message(&socket->descriptor, operation, data, size, &message,
                                     DIRECTION_OUT)) ||
           send_referred(socket, data, size, flags, to, operation);
}

bool sn_socket_send_to_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                     sn_flags flags, const sn_endpoint *to, sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_to_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    start(socket, operation, prepare_buffers(operation, socket, buffers, count, flags, to));
    return true;
}
