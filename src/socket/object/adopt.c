/* Wrapping a descriptor that exists already: what can be found out about it (contract A.3). */
#include "socket/object/object.h"

#include <errno.h>
#include <netinet/in.h>

#include "address/address.h"
#include "error/error.h"
#include "socket/object/kinds.h"
#include "sys/sys.h"

/* A descriptor that is asked, and the first question to which it gave no answer. Without all the
 * answers a connected socket could pass as one that is not. */
struct inquiry {
    int32_t handle;
    int32_t failed; /* -errno; 0: none */
};

static void note_failure(struct inquiry *inquiry, int32_t result)
{
    if (!inquiry->failed)
        inquiry->failed = result;
}

/* An option whose value is an int, or `otherwise` where the kernel does not tell. */
static int query(struct inquiry *inquiry, int level, int name, int otherwise)
{
    int value = otherwise;
    uint32_t size = sizeof value;
    int32_t result = sys_get_option(inquiry->handle, level, name, &value, &size);
    if (result >= 0)
        return value;
    note_failure(inquiry, result);
    return otherwise;
}

/* The addresses tell whether it is bound and connected. */
static void discover_names(sn_socket *socket, struct inquiry *inquiry)
{
    sn_endpoint endpoint;
    uint32_t size = sizeof endpoint.as.sockaddr;
    bool is_known_family =
        socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6 ||
        socket_family(socket) == SN_FAMILY_UNIX || socket_family(socket) == SN_FAMILY_VSOCK;
    if (!is_known_family)
        return;
    int32_t result = sys_local_name(inquiry->handle, endpoint.as.sockaddr, &size);
    if (result < 0) {
        note_failure(inquiry, result);
        return;
    }
    socket_set(socket, SOCKET_BOUND);

    size = sizeof endpoint.as.sockaddr;
    result = sys_peer_name(inquiry->handle, endpoint.as.sockaddr, &size);
    if (result >= 0) {
        endpoint_set_from_native(&endpoint, size);
        endpoint_cache_set(&socket->remote, &endpoint);
    }
    /* EINVAL is a peer that was shut down: connected all the same. */
    if (result >= 0 || result == -EINVAL)
        socket_set(socket, SOCKET_CONNECTED);
    else if (result != -ENOTCONN)
        note_failure(inquiry, result);
}

static void discover_state(sn_socket *socket, struct inquiry *inquiry)
{
    if (query(inquiry, SOL_SOCKET, SO_ACCEPTCONN, 0))
        socket_set_listening(socket);
    if (socket_family(socket) == SN_FAMILY_IPV6 && !query(inquiry, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        socket_set(socket, SOCKET_DUAL_MODE | SOCKET_DUAL_MODE_WISH);
    discover_names(socket, inquiry);
}

static sn_socket *adopt(struct inquiry *inquiry, bool owns_handle, bool is_socket)
{
    int32_t handle = inquiry->handle;
    if (!is_socket) {
        sn_socket *pipe = socket_new(handle, owns_handle, SN_FAMILY_UNKNOWN, SN_TYPE_UNKNOWN,
                                     SN_PROTOCOL_UNKNOWN);
        if (pipe)
            pipe->descriptor.marks |= DESCRIPTOR_NOT_SOCKET;
        return pipe;
    }
    sn_address_family family =
        address_family_from_native(query(inquiry, SOL_SOCKET, SO_DOMAIN, -1));
    sn_socket_type type = type_from_native(query(inquiry, SOL_SOCKET, SO_TYPE, -1));
    sn_protocol_type protocol =
        protocol_from_native(family, query(inquiry, SOL_SOCKET, SO_PROTOCOL, -1));
    sn_socket *socket = socket_new(handle, owns_handle, family, type, protocol);
    if (socket)
        discover_state(socket, inquiry);
    return socket;
}

sn_error sn_socket_from_handle(sn_handle handle, bool owns_handle, sn_socket **out_socket)
{
    if (!out_socket)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (handle < 0)
        return socket_misuse(SN_ERROR_ARGUMENT);
    int32_t is_socket = sys_is_socket(handle);
    if (is_socket < 0) {
        error_set_last_native(-is_socket);
        return is_socket == -EBADF ? SN_ERROR_NOT_SOCKET : sn_error_from_native(-is_socket);
    }
    struct inquiry inquiry = {.handle = handle};
    sn_socket *socket = adopt(&inquiry, owns_handle, is_socket > 0);
    if (!socket)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    socket_expect_control(socket); /* who knows which options it has */
    /* A number that is somebody else's must not name another socket one day. */
    if (!owns_handle)
        socket_set(socket, SOCKET_IRREPLACEABLE);

    uint32_t was = 0;
    int32_t result = inquiry.failed ? inquiry.failed : sys_adopt(handle, &was);
    if (result < 0) {
        atomic_and_acq_rel(&socket->descriptor.marks, ~(uint32_t)DESCRIPTOR_OWNED);
        sn_socket_release(socket); /* the handle stays the caller's */
        error_set_last_native(-result);
        return sn_error_from_native(-result);
    }
    if (!owns_handle)
        descriptor_give_back_as(&socket->descriptor, was);
    *out_socket = socket;
    return SN_OK;
}
