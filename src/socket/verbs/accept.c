#include "socket/object/object.h"

#include <errno.h>
#include <string.h>

#include "address/address.h"
#include "socket/object/unix_file.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

static sn_error accept_prepare(sn_operation *operation, sn_socket *socket)
{
    if (!socket_is(socket, SOCKET_BOUND) || !socket_is(socket, SOCKET_LISTENING) ||
        socket_is(socket, SOCKET_DISCONNECTED))
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    record_of(operation)->action = ACTION_ACCEPT;
    return SN_OK;
}

/* A peer's address that did not fit (a Unix path) is asked for when it is wanted. */
static void remember_peer(sn_socket *accepted, const sn_operation *operation)
{
    const struct peer_place *place = &record_of(operation)->room.peer;
    if (place->size == 0 || place->size > sizeof place->address)
        return;
    sn_endpoint peer;
    memcpy(peer.as.sockaddr, place->address, place->size);
    endpoint_set_from_native(&peer, place->size);
    endpoint_cache_set(&accepted->remote, &peer);
}

/* Fills the object that was made for the new descriptor. */
static void accept_fill(sn_socket *accepted, sn_socket *listener, const sn_operation *operation)
{
    accepted->descriptor.handle = (int32_t)record_of(operation)->native_result;
    uint32_t inherited = atomic_load_acquire(&listener->state) &
                         (SOCKET_NON_BLOCKING | SOCKET_DUAL_MODE | SOCKET_DUAL_MODE_WISH);
    socket_set(accepted, SOCKET_BOUND | SOCKET_CONNECTED | inherited);
    remember_peer(accepted, operation);
    metrics_add(METRIC_CONNECTIONS_IN, 1);
}

/*
 * The object is made before the connection is taken, so that a lack of memory loses no connection:
 * it is said before the kernel is asked. The operation has the object until its finish step, which
 * fills it or lets it go. False: there is no memory for it, and the operation has no place.
 */
static bool accept_make(sn_operation *operation, const sn_socket *listener)
{
    record_of(operation)->made = socket_new(-1, true, socket_family(listener),
                                            socket_type(listener), socket_protocol(listener));
    return record_of(operation)->made != NULL;
}

static sn_socket *accept_take_made(sn_operation *operation)
{
    sn_socket *made = record_of(operation)->made;
    record_of(operation)->made = NULL;
    return made;
}

/* --- The finish step ------------------------------------------------------------------------- */

/* The new descriptor goes under the handle that the socket has already. */
static sn_error move_into(sn_socket *into, sn_socket *listener, sn_operation *operation)
{
    int32_t handle = (int32_t)record_of(operation)->native_result;
    int32_t result = descriptor_replace(&into->descriptor, handle);
    (void)sys_close(handle);
    if (result < 0)
        return sn_error_from_native(-result);
    unix_file_remove(into); /* its bind went with the old file */
    record_of(operation)->native_result = socket_handle(into);
    socket_set_identity(into, socket_family(listener), socket_type(listener),
                        socket_protocol(listener));
    socket_clear(into, SOCKET_DISCONNECTED | SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING |
                           SOCKET_NON_BLOCKING | SOCKET_DUAL_MODE | SOCKET_DUAL_MODE_WISH);
    accept_fill(into, listener, operation);
    return SN_OK;
}

/* Accepted sockets are dealt round robin over the threads of the listener's engine. */
static void bind_accepted(sn_socket *accepted, sn_socket *listener, const sn_operation *operation)
{
    int32_t native;
    struct worker *worker = atomic_load_acquire(&listener->descriptor.worker);
    if (worker && operation_is_pending(operation) && !operation_is_blocking(operation))
        (void)descriptor_bind(&accepted->descriptor, worker->engine, &native);
}

static void accept_finish_made(sn_socket *made, sn_socket *listener, sn_operation *operation)
{
    if (operation->error) {
        sn_socket_release(made);
        return;
    }
    accept_fill(made, listener, operation);
    bind_accepted(made, listener, operation);
    operation->socket = made;
}

/* Closed meanwhile: what was accepted has no place any more. */
static sn_error move_into_if_open(sn_socket *into, sn_socket *listener, sn_operation *operation)
{
    if (socket_ref(into)) {
        (void)sys_close((int32_t)record_of(operation)->native_result);
        return SN_ERROR_OPERATION_ABORTED;
    }
    sn_error error = move_into(into, listener, operation);
    socket_unref(into);
    return error;
}

static void accept_finish_into(sn_socket *into, sn_socket *listener, sn_operation *operation)
{
    if (operation->error == SN_OK) {
        operation->error = move_into_if_open(into, listener, operation);
        operation->socket = operation->error ? NULL : into;
    }
    socket_let_go(into);
}

static bool accept_finish(sn_socket *listener, sn_operation *operation)
{
    sn_socket *into = record_of(operation)->target.into, *made = accept_take_made(operation);
    if (made)
        accept_finish_made(made, listener, operation);
    if (into)
        accept_finish_into(into, listener, operation);
    return true;
}

/* An accept is told what has become of the connection that it would have taken (accept(2) names
 * them): the listener is as it was, so a loop of accepts has to go on. Errors that .NET has no name
 * for, or one that means something lasting elsewhere, get the name of what has happened. */
static sn_error accept_error_of(int native)
{
    switch (native) {
    case EPROTO:
    case ENONET:
    case EOPNOTSUPP: return SN_ERROR_CONNECTION_ABORTED;
    case ENOMEM: return SN_ERROR_NO_BUFFER_SPACE_AVAILABLE;
    default: return sn_error_from_native(native);
    }
}

static const struct verb accept_verb = {
    .kind = SN_OPERATION_ACCEPT,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_ACCEPT,
    .error_at_close = SN_ERROR_INTERRUPTED,
    .error_of = accept_error_of,
    .finish = accept_finish,
};

/* --- Blocking -------------------------------------------------------------------------------- */

static sn_error accept_blocking(sn_socket *listener, sn_socket **out_socket)
{
    sn_operation operation;
    verb_begin(&operation, &accept_verb);
    sn_error error = accept_prepare(&operation, listener);
    if (!error && !out_socket)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error && !accept_make(&operation, listener))
        error = socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    if (error)
        return error;
    error = socket_run_to_end(listener, &operation);
    if (!error)
        *out_socket = operation.socket;
    return error;
}

sn_error sn_socket_accept(sn_socket *socket, sn_socket **out_socket)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = accept_blocking(socket, out_socket);
    socket_unref(socket);
    return error;
}

/* --- Asynchronous ---------------------------------------------------------------------------- */

/* Whether a connection may be accepted into the socket (contract B.3). */
static sn_error check_into(sn_socket *into)
{
    if (socket_is(into, SOCKET_BOUND) && !socket_is(into, SOCKET_DISCONNECTED))
        return SN_ERROR_INVALID_OPERATION;
    if (atomic_load_acquire(&into->descriptor.marks) & DESCRIPTOR_SEND_SHUT)
        return SN_ERROR_INVALID_ARGUMENT;
    return SN_OK;
}

static sn_error prepare_into(sn_operation *operation, sn_socket *into)
{
    record_of(operation)->made = NULL; /* nothing is made */
    sn_error error = socket_ref(into);
    if (error)
        return error;
    error = check_into(into);
    if (!error)
        record_of(operation)->target.into = socket_hold(into); /* until the finish step */
    socket_unref(into);
    return error ? socket_misuse(error) : SN_OK;
}

bool sn_socket_accept_async(sn_socket *socket, sn_socket *into, sn_operation *operation)
{
    if (!socket_begin_async(operation, &accept_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = accept_prepare(operation, socket);
    if (!error && into)
        error = prepare_into(operation, into);
    else if (!error)
        (void)accept_make(operation, socket); /* see operation_lacks_place() */
    socket_start_async(socket, operation, error);
    return true;
}
