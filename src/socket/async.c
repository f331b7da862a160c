/* The asynchronous half of every verb: its start, and the finish step that the worker calls. */
#include "socket/object.h"

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

bool socket_begin_async(sn_socket *socket, sn_operation *operation, sn_operation_kind kind)
{
    if (!socket_begin_fast(socket, operation, kind))
        return false;
    operation_clear_message(operation);
    return true;
}

void socket_start_async(sn_socket *socket, sn_operation *operation, enum direction direction,
                        sn_error error)
{
    if (!error) {
        operation_start(&socket->descriptor, operation, direction);
        return;
    }
    socket_unref(socket);
    socket_refuse_async(socket, operation, error);
}

/* The flags that the kernel noticed. It has told none without a header, and what stands in its
 * place then may be what the record was used for before. */
static void note_flags(sn_operation *operation)
{
    const struct msghdr *message = (const struct msghdr *)(void *)operation->internal.message;
    if (operation->internal.marks & MARK_HEADER)
        operation->flags = flags_from_native((uint32_t)message->msg_flags);
}

static bool finish(struct descriptor *descriptor, sn_operation *operation)
{
    sn_socket *socket = socket_of(descriptor);
    sn_error error = socket_finish(socket, operation);
    switch (operation->kind) {
    case SN_OPERATION_CONNECT: return connect_finish(socket, operation);
    case SN_OPERATION_ACCEPT: accept_finish(socket, operation); break;
    case SN_OPERATION_RECEIVE:
        if (!error)
            note_flags(operation);
        break;
    case SN_OPERATION_RECEIVE_FROM:
        if (!error)
            receive_from_finish(socket, operation);
        break;
    case SN_OPERATION_RECEIVE_MESSAGE_FROM:
        if (!error)
            receive_message_from_finish(socket, operation);
        break;
    case SN_OPERATION_SEND_PACKETS: send_packets_finish(socket, operation); break;
    case SN_OPERATION_SEND_TO: send_to_finish(socket, error); break;
    case SN_OPERATION_SEND:
    case SN_OPERATION_DISCONNECT:
    case SN_OPERATION_NONE:
    case SN_OPERATION_RESOLVE:
    case SN_OPERATION_DELAY:
    case SN_OPERATION_POST:
    case SN_OPERATION_CLOSE: break;
    }
    return true;
}

static bool resume(struct descriptor *descriptor, sn_operation *operation)
{
    return connect_resume(socket_of(descriptor), operation);
}

static void abandon(struct descriptor *descriptor, sn_operation *operation)
{
    (void)descriptor;
    connect_abandon(operation);
}

const struct descriptor_class socket_class = {
    .on_closed = socket_closed,
    .on_finish = finish,
    .on_resume = resume,
    .on_abandon = abandon,
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
    }
    socket_unref(socket);
    return error;
}
