/* Sources of signals: a descriptor of the kernel's that is no socket, with a verb of its own. */
#include "socket/object/object.h"

#include <errno.h>

#include <sennit/signal.h>

#include "error/error.h"
#include "sys/sys.h"

static const struct verb signal_verb = {
    .kind = SN_OPERATION_SIGNAL,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
};

/* --- Opening ---------------------------------------------------------------------------------- */

static sn_error check(const int *signals, size_t count)
{
    if (!signals)
        return SN_ERROR_ARGUMENT_NULL;
    if (count == 0)
        return SN_ERROR_ARGUMENT;
    int32_t are_blocked = sys_signals_are_blocked(signals, count);
    if (are_blocked < 0)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    return are_blocked ? SN_OK : SN_ERROR_INVALID_OPERATION;
}

sn_error sn_signals_open(const int *signals, size_t count, sn_socket **out_signals)
{
    sn_error error = out_signals ? check(signals, count) : SN_ERROR_ARGUMENT_NULL;
    if (error)
        return socket_misuse(error);
    int32_t handle = sys_signals_open(signals, count);
    if (handle < 0) {
        error_set_last_native(-handle);
        return sn_error_from_native(-handle);
    }
    sn_socket *socket =
        socket_new(handle, true, SN_FAMILY_UNKNOWN, SN_TYPE_UNKNOWN, SN_PROTOCOL_UNKNOWN);
    if (!socket) {
        (void)sys_close(handle);
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    socket->descriptor.marks |= DESCRIPTOR_NOT_SOCKET; /* nobody else has it yet */
    socket->state |= SOCKET_SIGNALS;
    *out_signals = socket;
    return SN_OK;
}

/* --- Receiving -------------------------------------------------------------------------------- */

static sn_error prepare(sn_operation *operation, const sn_socket *socket, sn_signal *out_signal)
{
    if (!out_signal)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!socket_is(socket, SOCKET_SIGNALS))
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    record_of(operation)->action = ACTION_SIGNAL;
    record_of(operation)->marks |= MARK_NOT_SOCKET;
    record_of(operation)->signal = out_signal;
    return SN_OK;
}

sn_error sn_signals_receive(sn_socket *signals, sn_signal *out_signal)
{
    sn_error error = socket_ref(signals);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &signal_verb);
    error = prepare(&operation, signals, out_signal);
    if (!error)
        error = socket_run_blocking(signals, &operation);
    socket_unref(signals);
    return error;
}

bool sn_signals_receive_async(sn_socket *signals, sn_signal *out_signal, sn_operation *operation)
{
    if (!socket_begin_async(operation, &signal_verb))
        return false;
    if (!socket_ref_async(signals, operation))
        return true;
    socket_start_async(signals, operation, prepare(operation, signals, out_signal));
    return true;
}
