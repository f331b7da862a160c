/* The asynchronous half of every verb: its start, and the finish step that the worker calls. */
#include "socket/object/object.h"

#include "error/error.h"
#include "telemetry/telemetry.h"

void socket_refuse_async(sn_socket *socket, sn_operation *operation, sn_error error)
{
    operation->error = error;
    operation->native_error = sn_error_last_native();
    operation_refuse(socket ? &socket->descriptor : NULL, operation);
}

void socket_refuse_entry(sn_socket *socket, sn_operation *operation)
{
    if (socket)
        socket_unref(socket);
    socket_refuse_async(socket, operation, socket_cannot_ref(socket));
}

bool socket_begin_async(sn_operation *operation, const struct verb *verb)
{
    bool has_begun = operation_begin(operation, verb->kind);
    if (has_begun)
        record_of(operation)->verb = verb;
    return has_begun;
}

void socket_start_async(sn_socket *socket, sn_operation *operation, sn_error error)
{
    if (!error) {
        operation_start(&socket->descriptor, operation, verb_of(operation)->direction);
        return;
    }
    socket_unref(socket);
    socket_refuse_async(socket, operation, error);
}

static bool finish_own(sn_socket *socket, sn_operation *operation)
{
    const struct verb *verb = verb_of(operation);
    return verb->finish ? verb->finish(socket, operation) : true;
}

static bool finish(struct descriptor *descriptor, sn_operation *operation)
{
    sn_socket *socket = socket_of(descriptor);
    (void)socket_finish(socket, operation);
    return finish_own(socket, operation);
}

static void finish_received(struct descriptor *descriptor, sn_operation *operation,
                            struct metrics_source *counted_at)
{
    sn_socket *socket = socket_of(descriptor);
    if (likely(verb_of(operation)->transfers == TRANSFERS_IN)) {
        metrics_source_add(counted_at, METRIC_BYTES_RECEIVED, (int64_t)operation->transferred);
        if (likely(socket_type(socket) == SN_TYPE_DATAGRAM))
            metrics_source_add(counted_at, METRIC_DATAGRAMS_RECEIVED, 1);
    }
    bool is_complete = finish_own(socket, operation);
    assert(is_complete); /* what goes on does not receive messages */
    (void)is_complete;
}

static bool resume(struct descriptor *descriptor, sn_operation *operation)
{
    return verb_of(operation)->resume(socket_of(descriptor), operation);
}

static void abandon(struct descriptor *descriptor, sn_operation *operation)
{
    (void)descriptor;
    verb_of(operation)->abandon(operation);
}

const struct descriptor_class socket_class = {
    .request = worker_request,
    .on_closed = socket_closed,
    .on_detached = socket_detached,
    .on_finish = finish,
    .on_received = finish_received,
    .on_resume = resume,
    .on_abandon = abandon,
    .carry = carry_on,
    .hand_over = carry_hand_over,
    .end_kept = carry_end,
};

sn_error sn_socket_set_engine(sn_socket *socket, sn_engine *engine)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    int32_t native = 0;
    struct worker *worker = NULL;
    if (!engine)
        error = sn_engine_default(&engine);
    if (!error) {
        worker = descriptor_bind(&socket->descriptor, engine, &native);
        error =
            worker && worker->engine == engine ? SN_OK : socket_misuse(SN_ERROR_INVALID_OPERATION);
        if (!error)
            kept_bring(&socket->descriptor); /* it is to have what was started before, too */
    }
    socket_unref(socket);
    return error;
}
