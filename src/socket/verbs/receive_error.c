/* ReceiveError: one report out of the socket's error queue. */
#include <sennit/report.h>

#include <sys/socket.h>

#include "address/address.h"
#include "error/error.h"
#include "operation/operation.h"
#include "socket/verbs/extras.h"
#include "socket/verbs/transfer.h"

/* What the kernel has written becomes the results. */
static void tell(sn_report *report, size_t transferred)
{
    uint32_t size = report->destination.size;
    report_read(report_control(report), report_control_size(report), report);
    if (report->native_error != 0)
        report->error = sn_error_from_native(report->native_error);
    report->flags = flags_from_native(report->flags);
    report->transferred = transferred;
    endpoint_set_from_native(&report->destination, size);
}

static bool finish(sn_socket *socket, sn_operation *operation)
{
    (void)socket;
    if (!operation->error)
        tell(record_of(operation)->target.report, operation->transferred);
    return true;
}

static const struct verb receive_error_verb = {
    .kind = SN_OPERATION_RECEIVE_ERROR,
    .direction = DIRECTION_ERROR,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_NOTHING, /* what was sent, and is counted so */
    .finish = finish,
};

/* Of the other families some take the request for one of data. */
static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_report *report,
                        sn_flags flags)
{
    sn_error error = SN_OK;
    if (!report)
        error = SN_ERROR_ARGUMENT_NULL;
    if (!error)
        error = transfer_check_data(report->buffer.data, report->buffer.size);
    if (!error && ((flags & ~(sn_flags)SN_FLAG_DONT_WAIT) || !extras_are_told(socket)))
        error = SN_ERROR_OPERATION_NOT_SUPPORTED;
    if (error)
        return socket_misuse(error);
    error = transfer_prepare_flags(operation, socket, flags);
    record_of(operation)->target.report = report;
    record_of(operation)->action = ACTION_RECEIVE_ERROR;
    return error;
}

sn_error sn_socket_receive_error(sn_socket *socket, sn_report *report, sn_flags flags)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &receive_error_verb);
    error = prepare(&operation, socket, report, flags);
    if (!error)
        error = socket_run_to_end(socket, &operation);
    socket_unref(socket);
    return error;
}

/* Its close is to wait for the worker as for that of a receive: the kernel may have the file. */
bool sn_socket_receive_error_async(sn_socket *socket, sn_report *report, sn_flags flags,
                                   sn_operation *operation)
{
    if (!socket_begin_async(operation, &receive_error_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_ERRORS);
    sn_error error = prepare(operation, socket, report, flags);
    socket_start_async(socket, operation, error);
    return true;
}
