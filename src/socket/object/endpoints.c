/* LocalEndPoint and RemoteEndPoint with their caches, and the state around a connection (A.4 -
 * A.6). */
#include "socket/object/object.h"

#include <netinet/in.h>
#include <poll.h>

#include "address/address.h"
#include "sys/sys.h"

bool socket_can_try(const sn_socket *socket, sn_address_family family)
{
    return family == socket_family(socket) ||
           (family == SN_FAMILY_IPV4 && socket_is(socket, SOCKET_DUAL_MODE));
}

sn_error socket_convert_endpoint(const sn_socket *socket, const sn_endpoint *endpoint,
                                 sn_endpoint *converted)
{
    if (!endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    switch (sn_endpoint_get_kind(endpoint)) {
    case SN_ENDPOINT_NONE: return SN_ERROR_ARGUMENT_NULL;
    case SN_ENDPOINT_DNS: return SN_ERROR_ARGUMENT;
    case SN_ENDPOINT_IP:
    case SN_ENDPOINT_UNIX:
    case SN_ENDPOINT_OTHER: break;
    }
    if (endpoint->size > SN_SOCKADDR_SIZE_MAX)
        return SN_ERROR_ARGUMENT; /* not made by the functions for it */
    if (socket_is(socket, SOCKET_DUAL_MODE))
        endpoint_map_to_ipv6(endpoint, converted);
    else
        *converted = *endpoint;
    return SN_OK;
}

/* Only the wildcard is forgotten: the kernel has put a concrete address in its place by now. */
static void forget_wildcard(struct endpoint_cache *cache)
{
    sn_endpoint endpoint;
    if (endpoint_cache_get(cache, &endpoint) && endpoint_is_wildcard(&endpoint))
        endpoint_cache_clear(cache);
}

void socket_set_connected(sn_socket *socket)
{
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare)
        forget_wildcard(&socket->rare->local);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    socket_clear(socket, SOCKET_DISCONNECTED | SOCKET_CONNECT_PENDING | SOCKET_CONNECT_FAILED |
                             SOCKET_BOUND_BY_SEND);
    socket_set(socket, SOCKET_CONNECTED | SOCKET_BOUND);
}

void socket_discover_connect(sn_socket *socket)
{
    if (!socket_is(socket, SOCKET_CONNECT_PENDING))
        return;
    struct sys_poll poll = {.handle = socket_handle(socket), .events = POLLOUT};
    if (sys_poll(&poll, 1, 0) <= 0)
        return;
    int failure = 0;
    uint32_t size = sizeof failure;
    if (sys_get_option(poll.handle, SOL_SOCKET, SO_ERROR, &failure, &size) >= 0 && !failure) {
        socket_set_connected(socket);
    } else {
        socket_clear(socket, SOCKET_CONNECT_PENDING);
        socket_set(socket, SOCKET_CONNECT_FAILED);
    }
}

bool sn_socket_is_bound(const sn_socket *socket)
{
    return socket && socket_is(socket, SOCKET_BOUND);
}

bool sn_socket_is_connected(const sn_socket *socket)
{
    /* The program sees no change: what is discovered is what the kernel knew before. */
    sn_socket *known = (sn_socket *)(uintptr_t)socket;
    if (!known || !descriptor_ref(&known->descriptor))
        return false;
    socket_discover_connect(known);
    socket_unref(known);
    return socket_is(known, SOCKET_CONNECTED);
}

typedef int32_t name_call(int32_t handle, void *sockaddr, uint32_t *inout_size);

static sn_error ask_kernel(sn_socket *socket, name_call *ask, sn_endpoint *out_endpoint)
{
    sn_endpoint endpoint;
    uint32_t size = sizeof endpoint.as.sockaddr;
    int32_t result = ask(socket_handle(socket), endpoint.as.sockaddr, &size);
    if (result < 0)
        return socket_result(socket, result);
    endpoint_set_from_native(&endpoint, size);
    *out_endpoint = endpoint;
    return SN_OK;
}

/* The remembered end point, or the kernel's answer, which is remembered from then on if there is
 * memory. */
static sn_error read_local(sn_socket *socket, sn_endpoint *out_endpoint)
{
    sn_error error = SN_OK;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (!socket->rare || !endpoint_cache_get(&socket->rare->local, out_endpoint)) {
        error = ask_kernel(socket, sys_local_name, out_endpoint);
        if (!error && socket_rare(socket))
            endpoint_cache_set(&socket->rare->local, out_endpoint);
    }
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return error;
}

static bool get_remembered_remote(sn_socket *socket, sn_endpoint *out_endpoint)
{
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    bool is_remembered = endpoint_cache_get(&socket->remote, out_endpoint);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return is_remembered;
}

/* A remembered peer is told even after the connection has ended. */
static sn_error read_remote(sn_socket *socket, sn_endpoint *out_endpoint)
{
    if (get_remembered_remote(socket, out_endpoint))
        return SN_OK;
    socket_discover_connect(socket);
    if (!socket_is(socket, SOCKET_BOUND) || !socket_is(socket, SOCKET_CONNECTED)) {
        *out_endpoint = (sn_endpoint){0};
        return SN_OK;
    }
    sn_error error = ask_kernel(socket, sys_peer_name, out_endpoint);
    if (error)
        return error;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    endpoint_cache_set(&socket->remote, out_endpoint);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return SN_OK;
}

sn_error sn_socket_get_local_endpoint(sn_socket *socket, sn_endpoint *out_endpoint)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!out_endpoint) {
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    } else {
        socket_discover_connect(socket);
        if (socket_is(socket, SOCKET_BOUND))
            error = read_local(socket, out_endpoint);
        else
            *out_endpoint = (sn_endpoint){0};
    }
    socket_unref(socket);
    return error;
}

sn_error sn_socket_get_remote_endpoint(sn_socket *socket, sn_endpoint *out_endpoint)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (out_endpoint)
        error = read_remote(socket, out_endpoint);
    else
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    socket_unref(socket);
    return error;
}
