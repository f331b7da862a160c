/* The middle and the end of a blocking verb: running its operation, and what its result means. */
#include "socket/object.h"

#include <errno.h>

#include "error/error.h"
#include "telemetry/telemetry.h"

void socket_note_error(sn_socket *socket, sn_error error)
{
    switch ((int)error) {
    case SN_OK:
    case SN_ERROR_WOULD_BLOCK:
    case SN_ERROR_IO_PENDING:
    case SN_ERROR_NO_BUFFER_SPACE_AVAILABLE:
    case SN_ERROR_TIMED_OUT:
    case SN_ERROR_OPERATION_ABORTED:
    case SN_ERROR_OPERATION_CANCELED: return;
    default: break;
    }
    if (socket_is(socket, SOCKET_CONNECTED)) {
        socket_clear(socket, SOCKET_CONNECTED);
        socket_set(socket, SOCKET_DISCONNECTED);
    }
}

/* A close was quicker: its handle names no socket any more, see descriptor_begin_close(). */
static bool is_gone(const sn_socket *socket, int64_t native_result)
{
    return native_result == -ENOTSOCK && descriptor_is_closing(&socket->descriptor);
}

sn_error socket_result(sn_socket *socket, int64_t native_result)
{
    if (native_result >= 0)
        return SN_OK;
    if (is_gone(socket, native_result))
        return socket_misuse(SN_ERROR_OBJECT_DISPOSED);
    sn_error error = sn_error_from_native((int)-native_result);
    error_set_last_native((int)-native_result);
    socket_note_error(socket, error);
    return error;
}

/* What a blocked call gets when another thread closes the socket (contract A.10). */
static sn_error closed_error(const sn_socket *socket, const sn_operation *operation)
{
    if (operation_is_pending(operation) && !operation_is_blocking(operation))
        return SN_ERROR_OPERATION_ABORTED; /* an asynchronous one */
    switch (operation->kind) {
    case SN_OPERATION_ACCEPT: return SN_ERROR_INTERRUPTED;
    case SN_OPERATION_CONNECT: return SN_ERROR_NOT_SOCKET;
    default: break;
    }
    return socket_type(socket) == SN_TYPE_STREAM ? SN_ERROR_CONNECTION_ABORTED
                                                 : SN_ERROR_INTERRUPTED;
}

static void count_transfer(const sn_socket *socket, const sn_operation *operation)
{
    bool is_datagram = socket_type(socket) == SN_TYPE_DATAGRAM;
    switch (operation->kind) {
    case SN_OPERATION_RECEIVE:
    case SN_OPERATION_RECEIVE_FROM:
    case SN_OPERATION_RECEIVE_MESSAGE_FROM:
        metrics_add_received(operation->transferred, is_datagram);
        break;
    case SN_OPERATION_SEND:
    case SN_OPERATION_SEND_TO:
    case SN_OPERATION_SEND_PACKETS: metrics_add_sent(operation->transferred, is_datagram); break;
    case SN_OPERATION_ACCEPT:
    case SN_OPERATION_CONNECT:
    case SN_OPERATION_DISCONNECT:
    case SN_OPERATION_NONE:
    case SN_OPERATION_RESOLVE:
    case SN_OPERATION_DELAY:
    case SN_OPERATION_POST:
    case SN_OPERATION_CLOSE: break;
    }
}

/* An accept is told what has become of the connection that it would have taken (accept(2) names
 * them): the listener is as it was, so a loop of accepts has to go on. Errors that .NET has no name
 * for, or one that means something lasting elsewhere, get the name of what has happened. */
static sn_error error_of(const sn_operation *operation, int native)
{
    if (operation->kind == SN_OPERATION_ACCEPT) {
        switch (native) {
        case EPROTO:
        case ENONET:
        case EOPNOTSUPP: return SN_ERROR_CONNECTION_ABORTED;
        case ENOMEM: return SN_ERROR_NO_BUFFER_SPACE_AVAILABLE;
        default: break;
        }
    }
    return sn_error_from_native(native);
}

sn_error socket_finish(sn_socket *socket, sn_operation *operation)
{
    int64_t result = operation->internal.native_result;
    if (result >= 0) {
        count_transfer(socket, operation);
        return SN_OK; /* as the start has left it */
    }
    sn_error error = SN_OK;
    int native = 0;
    if (is_gone(socket, result))
        result = OUTCOME_CLOSED;
    switch (result) {
    case OUTCOME_MISUSE: return operation->error;
    case OUTCOME_STOPPED: error = SN_ERROR_OPERATION_ABORTED; break;
    case OUTCOME_TIMED_OUT: error = SN_ERROR_TIMED_OUT; break;
    case OUTCOME_CANCELED:
        /* Bytes that have moved are never hidden. */
        error = operation->transferred > 0 ? SN_OK : SN_ERROR_OPERATION_CANCELED;
        if (!error)
            count_transfer(socket, operation);
        break;
    case OUTCOME_CLOSED: error = closed_error(socket, operation); break;
    case OUTCOME_NO_MEMORY:
        native = ENOMEM;
        error = SN_ERROR_OUT_OF_MEMORY;
        break;
    case -EINPROGRESS: /* a non-blocking connect is on its way; .NET says WouldBlock */
        native = EINPROGRESS;
        error = SN_ERROR_WOULD_BLOCK;
        break;
    default:
        if (result < 0) {
            native = (int)-result;
            error = error_of(operation, native);
        }
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

sn_error socket_run_blocking(sn_socket *socket, sn_operation *operation,
                             enum socket_timeout timeout)
{
    int32_t timeout_ms = socket_timeout_ms(socket, timeout);
    enum direction direction =
        timeout == TIMEOUT_RECEIVE || timeout == TIMEOUT_ACCEPT ? DIRECTION_IN : DIRECTION_OUT;
    trace_operation_start(operation, operation->kind, socket_handle(socket));
    if (operation_run_blocking(operation, &socket->descriptor, direction, timeout_ms)) {
        sn_error error = socket_finish(socket, operation);
        trace_operation_complete(operation, operation->kind, error, operation->transferred);
        return error;
    }
    /* A worker has finished it; only this thread's own last native code is still to be told. */
    if (operation->error)
        error_set_last_native(operation->native_error);
    return operation->error;
}
