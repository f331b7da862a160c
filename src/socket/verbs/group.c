/* Sockets whose callbacks run on one thread: a worker that the program shares out itself. */
#include "socket/object/object.h"

#include "error/error.h"

/* The worker of a socket, which gets one if it has none; with a reference. */
static sn_error worker_of(sn_socket *socket, struct worker **out_worker)
{
    int32_t native = 0;
    if (!atomic_load_acquire(&socket->descriptor.worker)) {
        sn_engine *engine;
        sn_error error = sn_engine_default(&engine);
        if (error)
            return error;
        (void)descriptor_bind(&socket->descriptor, engine, &native);
    }
    *out_worker = worker_ref_of(&socket->descriptor);
    if (*out_worker)
        return SN_OK;
    /* Closed meanwhile, or its engine is being destroyed. */
    return socket_misuse(descriptor_is_closing(&socket->descriptor) ? SN_ERROR_OBJECT_DISPOSED
                                                                    : SN_ERROR_INVALID_OPERATION);
}

static sn_error join(sn_socket *socket, sn_socket *other)
{
    struct worker *worker;
    sn_error error = worker_of(other, &worker);
    if (error)
        return error;
    struct worker *bound = worker_bind(worker, &socket->descriptor);
    if (!bound)
        error = socket_misuse(SN_ERROR_OBJECT_DISPOSED);
    else if (bound != worker)
        error = socket_misuse(SN_ERROR_INVALID_OPERATION);
    else
        kept_bring(&socket->descriptor); /* as sn_socket_set_engine() */
    worker_unref(worker);
    return error;
}

sn_error sn_socket_join(sn_socket *socket, sn_socket *other)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = socket_ref(other);
    if (!error) {
        error = join(socket, other);
        socket_unref(other);
    }
    socket_unref(socket);
    return error;
}

/* Only for a refusal: its operation has no descriptor. */
static const struct verb post_verb = {.kind = SN_OPERATION_POST, .direction = DIRECTION_IN};

bool sn_socket_post_async(sn_socket *socket, sn_operation *operation)
{
    struct worker *worker;
    if (!socket_begin_async(operation, &post_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = worker_of(socket, &worker);
    if (error) {
        socket_unref(socket);
        socket_refuse_async(socket, operation, error);
        return true;
    }
    operation_start_detached_on(worker, operation);
    worker_unref(worker);
    socket_unref(socket);
    return true;
}
