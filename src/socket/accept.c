#include "socket/object.h"

#include <string.h>

#include "address/address.h"
#include "sys/sys.h"

static sn_error accept_prepare(sn_operation *operation, sn_socket *socket)
{
    operation->kind = SN_OPERATION_ACCEPT;
    if (!socket_is(socket, SOCKET_BOUND) || !socket_is(socket, SOCKET_LISTENING) ||
        socket_is(socket, SOCKET_DISCONNECTED))
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    operation->internal.action = ACTION_ACCEPT;
    return SN_OK;
}

/* A peer's address that did not fit (a Unix path) is asked for when it is wanted. */
static void remember_peer(sn_socket *accepted, const sn_operation *operation)
{
    uint32_t size = operation->internal.native_flags;
    if (size == 0 || size > sizeof operation->internal.message)
        return;
    sn_endpoint peer;
    memcpy(peer.as.sockaddr, operation->internal.message, size);
    endpoint_set_from_native(&peer, size);
    endpoint_cache_set(&accepted->remote, &peer);
}

/* The listener's address is the new socket's too, unless it is a wildcard. */
static void inherit_local(sn_socket *accepted, sn_socket *listener)
{
    sn_endpoint local;
    lock_acquire(&listener->descriptor.lock);
    bool is_known = endpoint_cache_get(&listener->local, &local);
    lock_release(&listener->descriptor.lock);
    if (is_known && !endpoint_is_wildcard(&local))
        endpoint_cache_set(&accepted->local, &local);
}

/* Fills the object that was made for the new descriptor. */
static void accept_finish(sn_socket *accepted, sn_socket *listener, const sn_operation *operation)
{
    accepted->descriptor.handle = (int32_t)operation->internal.native_result;
    uint32_t inherited = atomic_load_acquire(&listener->state) &
                         (SOCKET_NON_BLOCKING | SOCKET_DUAL_MODE | SOCKET_DUAL_MODE_WISH);
    socket_set(accepted, SOCKET_BOUND | SOCKET_CONNECTED | inherited);
    remember_peer(accepted, operation);
    inherit_local(accepted, listener);
}

/* The object is made before the connection is taken, so that a lack of memory loses no connection. */
static sn_error accept_blocking(sn_socket *listener, sn_socket **out_socket)
{
    sn_operation operation = {0};
    sn_error error = accept_prepare(&operation, listener);
    if (!error && !out_socket)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (error)
        return error;
    sn_socket *accepted = socket_new(-1, true, (sn_address_family)listener->family,
                                     (sn_socket_type)listener->type,
                                     (sn_protocol_type)listener->protocol);
    if (!accepted)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    error = socket_run_blocking(listener, &operation, TIMEOUT_ACCEPT);
    if (error) {
        sn_socket_release(accepted);
        return error;
    }
    accept_finish(accepted, listener, &operation);
    *out_socket = accepted;
    return SN_OK;
}

sn_error sn_socket_accept(sn_socket *socket, sn_socket **out_socket)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    error = accept_blocking(socket, out_socket);
    socket_leave(socket);
    return error;
}
