/* The middle and the end of a blocking verb: running its operation, and what its result means. */
#include "socket/object/object.h"

#include <errno.h>
#include <sys/socket.h>

#include "error/error.h"
#include "telemetry/telemetry.h"

const struct verb fast_verbs[DIRECTION_COUNT] = {
    [DIRECTION_IN] = {.kind = SN_OPERATION_RECEIVE,
                      .direction = DIRECTION_IN,
                      .timeout = TIMEOUT_RECEIVE,
                      .transfers = TRANSFERS_IN},
    [DIRECTION_OUT] = {.kind = SN_OPERATION_SEND,
                       .direction = DIRECTION_OUT,
                       .timeout = TIMEOUT_SEND,
                       .transfers = TRANSFERS_OUT},
};

void socket_note_error(sn_socket *socket, sn_error error)
{
    switch ((int)error) {
    case SN_OK:
    case SN_ERROR_WOULD_BLOCK:
    case SN_ERROR_IO_PENDING:
    case SN_ERROR_NO_BUFFER_SPACE_AVAILABLE:
    case SN_ERROR_TIMED_OUT:
    case SN_ERROR_ARGUMENT: /* a handle that cannot be sent */
    case SN_ERROR_OPERATION_ABORTED:
    case SN_ERROR_OPERATION_CANCELED: return;
    default: break;
    }
    if (socket_is(socket, SOCKET_CONNECTED)) {
        socket_clear(socket, SOCKET_CONNECTED);
        /* A datagram that was refused has broken no connection: another peer can be named. */
        if (socket_type(socket) != SN_TYPE_DATAGRAM)
            socket_set(socket, SOCKET_DISCONNECTED);
    }
}

sn_error socket_result(sn_socket *socket, int64_t native_result)
{
    if (native_result >= 0)
        return SN_OK;
    if (descriptor_is_gone(&socket->descriptor, native_result))
        return socket_misuse(SN_ERROR_OBJECT_DISPOSED);
    sn_error error = sn_error_from_native((int)-native_result);
    error_set_last_native((int)-native_result);
    socket_note_error(socket, error);
    return error;
}

static sn_error error_at_close(const sn_socket *socket, const sn_operation *operation)
{
    if (operation_is_pending(operation) && !operation_is_blocking(operation))
        return SN_ERROR_OPERATION_ABORTED; /* an asynchronous one */
    if (verb_of(operation)->error_at_close)
        return verb_of(operation)->error_at_close;
    return socket_type(socket) == SN_TYPE_STREAM ? SN_ERROR_CONNECTION_ABORTED
                                                 : SN_ERROR_INTERRUPTED;
}

static void count_transfer(const sn_socket *socket, const sn_operation *operation)
{
    bool is_datagram = socket_type(socket) == SN_TYPE_DATAGRAM;
    switch (verb_of(operation)->transfers) {
    case TRANSFERS_IN: metrics_add_received(operation->transferred, is_datagram); break;
    case TRANSFERS_OUT: metrics_add_sent(operation->transferred, is_datagram); break;
    case TRANSFERS_NOTHING: break;
    }
}

static sn_error error_of(const sn_operation *operation, int native)
{
    const struct verb *verb = verb_of(operation);
    return verb->error_of ? verb->error_of(native) : sn_error_from_native(native);
}

/* What a blocking batch has moved before its time was over is a success, as an asynchronous one's;
 * and so is what a receive has got that waited for all of its buffer. */
static sn_error ended_with_part(const sn_operation *operation, sn_error error)
{
    bool is_batch = (record_of(operation)->marks & MARK_BATCH) != 0;
    bool is_whole = record_of(operation)->action == ACTION_RECEIVE_WHOLE;
    return (is_batch || is_whole) && operation_has_moved(operation) ? SN_OK : error;
}

/* Nothing went wrong; but a receive that needs enough may have met the end of the stream before. */
static sn_error finish_well(sn_socket *socket, sn_operation *operation)
{
    count_transfer(socket, operation);
    if (likely(!verb_of(operation)->is_all_or_error) ||
        record_of(operation)->room.enough.is_reached)
        return SN_OK; /* as the start has left it */
    operation->error = socket_misuse(SN_ERROR_END_OF_STREAM);
    return operation->error;
}

/* Bytes that have moved are never hidden: they make a success of it, or are told beside the error.
 */
static sn_error finish_canceled(const sn_socket *socket, const sn_operation *operation)
{
    if (verb_of(operation)->is_all_or_error || !operation_has_moved(operation))
        return SN_ERROR_OPERATION_CANCELED;
    count_transfer(socket, operation);
    return SN_OK;
}

/* By a signal, as the program wants it: it says nothing of the connection. */
static sn_error finish_interrupted(sn_operation *operation)
{
    operation->error = SN_ERROR_INTERRUPTED;
    operation->native_error = EINTR;
    error_set_last_native(EINTR);
    return operation->error;
}

/* An asynchronous send that its limit has cut is a success with what has moved; a blocking call
 * that a worker carries out is told of the limit, as by its own thread. */
static bool was_cut_by_limit(const sn_operation *operation)
{
    return unlikely(record_of(operation)->marks & MARK_TIMED_OUT) &&
           record_of(operation)->direction == DIRECTION_OUT && operation_has_moved(operation) &&
           operation_is_blocking(operation);
}

COLD static sn_error finish_ended(sn_socket *socket, sn_operation *operation, int64_t result)
{
    sn_error error = SN_OK;
    int native = 0;
    if (verb_of(operation)->is_all_or_error)
        count_transfer(socket, operation);
    if (descriptor_is_gone(&socket->descriptor, result))
        result = OUTCOME_CLOSED;
    switch (result) {
    case OUTCOME_MISUSE: return operation->error;
    case OUTCOME_INTERRUPTED: return finish_interrupted(operation);
    case OUTCOME_STOPPED: error = SN_ERROR_OPERATION_ABORTED; break;
    case OUTCOME_OVERDUE:
    case OUTCOME_TIMED_OUT: error = ended_with_part(operation, SN_ERROR_TIMED_OUT); break;
    case OUTCOME_RECALLED:
    case OUTCOME_CANCELED: error = finish_canceled(socket, operation); break;
    case OUTCOME_CLOSED: error = error_at_close(socket, operation); break;
    case OUTCOME_NO_MEMORY:
        native = ENOMEM;
        error = SN_ERROR_OUT_OF_MEMORY;
        break;
    case -EINPROGRESS: /* a non-blocking connect is on its way; .NET says WouldBlock */
        native = EINPROGRESS;
        error = SN_ERROR_WOULD_BLOCK;
        break;
    default:
        native = (int)-result;
        error = error_of(operation, native);
        break;
    }
    operation->error = error;
    operation->native_error = native;
    if (error) {
        error_set_last_native(native);
        socket_note_error(socket, error);
    }
    return error;
}

sn_error socket_finish(sn_socket *socket, sn_operation *operation)
{
    int64_t result = record_of(operation)->native_result;
    if (result == 0 && was_cut_by_limit(operation))
        result = OUTCOME_TIMED_OUT;
    return likely(result >= 0) ? finish_well(socket, operation)
                               : finish_ended(socket, operation, result);
}

sn_error socket_run_blocking(sn_socket *socket, sn_operation *operation)
{
    const struct verb *verb = verb_of(operation);
    bool may_wait = !(record_of(operation)->native_flags & MSG_DONTWAIT);
    int32_t timeout_ms = may_wait ? socket_timeout_ms(socket, verb->timeout) : BLOCKING_NEVER;
    trace_operation_start(operation, verb->kind, socket_handle(socket));
    if (operation_run_blocking(operation, &socket->descriptor, verb->direction, timeout_ms)) {
        sn_error error = socket_finish(socket, operation);
        trace_operation_complete(operation, verb->kind, error, operation->transferred);
        return error;
    }
    /* A worker has finished it; only this thread's own last native code is still to be told. */
    if (operation->error)
        error_set_last_native(operation->native_error);
    return operation->error;
}

/* A flow waits in a way of its own, which begins with an attempt. */
sn_error socket_run_on(sn_socket *socket, sn_operation *operation, uint32_t cancels, int64_t result)
{
    const struct verb *verb = verb_of(operation);
    struct descriptor *descriptor = &socket->descriptor;
    int32_t timeout_ms = socket_timeout_ms(socket, verb->timeout);
    if (!flow_current() || result != -EAGAIN || timeout_ms == BLOCKING_NEVER)
        operation_run_blocking_on(operation, descriptor, timeout_ms, cancels, result);
    else if (!operation_run_blocking(operation, descriptor, verb->direction, timeout_ms))
        return suspended_error(operation);
    return socket_finish(socket, operation);
}

sn_error socket_run_to_end(sn_socket *socket, sn_operation *operation)
{
    sn_error error = socket_run_blocking(socket, operation);
    if (record_of(operation)->action != ACTION_DONE)
        (void)verb_of(operation)->finish(socket, operation);
    return error;
}
