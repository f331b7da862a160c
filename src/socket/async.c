/* The asynchronous half of every verb: its start, and the finish step that the worker calls. */
#include "socket/object.h"

#include "error/error.h"
#include "telemetry/telemetry.h"

void socket_refuse_async(sn_operation *operation, sn_error error)
{
    operation->error = error;
    operation->native_error = sn_error_last_native();
    operation_refuse(operation);
}

/* The flags that the kernel noticed. */
static void note_flags(sn_operation *operation)
{
    const struct msghdr *message = (const struct msghdr *)(void *)operation->internal.message;
    /* All zero unless the receive was made with a message header. */
    operation->flags = flags_from_native((uint32_t)message->msg_flags);
}

COLD static bool finish_other(sn_socket *socket, sn_operation *operation)
{
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
    case SN_OPERATION_POST: break;
    }
    return true;
}

static bool finish(struct descriptor *descriptor, sn_operation *operation)
{
    sn_socket *socket = socket_of(descriptor);
    bool is_plain =
        operation->internal.native_result >= 0 &&
        (operation->kind == SN_OPERATION_RECEIVE || operation->kind == SN_OPERATION_SEND);
    if (unlikely(!is_plain))
        return finish_other(socket, operation);
    bool is_datagram = socket->type == SN_TYPE_DATAGRAM;
    if (operation->kind == SN_OPERATION_SEND) {
        metrics_add_sent(operation->transferred, is_datagram);
    } else {
        metrics_add_received(operation->transferred, is_datagram);
        note_flags(operation);
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
    .given_back = socket_given_back,
    .closed = socket_closed,
    .finish = finish,
    .resume = resume,
    .abandon = abandon,
};

sn_error sn_socket_set_engine(sn_socket *socket, sn_engine *engine)
{
    sn_error error = socket_enter(socket);
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
    socket_leave(socket);
    return error;
}
