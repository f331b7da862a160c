#include "socket/object.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "address/address.h"
#include "base/base.h"
#include "sys/sys.h"

/* Whether a bind to this end point makes a file that a close has to remove. */
static bool makes_file(const sn_endpoint *endpoint)
{
    size_t size = 0;
    const char *path = sn_endpoint_get_unix_path(endpoint, &size);
    return path && size > 0 && path[0] != '\0';
}

/* The full path as of now, since the working directory may change until the close. */
static char *full_path(const sn_endpoint *endpoint)
{
    size_t size = 0;
    const char *path = sn_endpoint_get_unix_path(endpoint, &size);
    char full[4096 + SN_UNIX_PATH_SIZE_MAX + 2];
    size_t used = 0;
    if (path[0] != '/') {
        if (sys_working_directory(full, 4096) < 0)
            return memory_text(path, size); /* the best that can be done */
        used = strlen(full);
        full[used++] = '/';
    }
    memcpy(full + used, path, size);
    return memory_text(full, used + size);
}

/* Room for the path is made before the bind, so that a file that is made is always removed. */
static char *remembered_path(sn_socket *socket, const sn_endpoint *endpoint)
{
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    bool has_room = socket_rare(socket) != NULL;
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return has_room ? full_path(endpoint) : NULL;
}

/* Linux switches IPV6_V6ONLY on by itself when an IPv6 socket is bound to one IPv6 address. */
static void refresh_dual_mode(sn_socket *socket)
{
    if (!socket_is(socket, SOCKET_DUAL_MODE))
        return;
    int only = 0;
    uint32_t size = sizeof only;
    int32_t result = sys_get_option(socket_handle(socket), IPPROTO_IPV6, IPV6_V6ONLY, &only, &size);
    if (result >= 0 && only)
        socket_clear(socket, SOCKET_DUAL_MODE);
}

static int32_t bind_descriptor(sn_socket *socket, const sn_endpoint *endpoint)
{
    /* As .NET: a TCP server can be started again while old connections of its port still linger. */
    if (socket_protocol(socket) == SN_PROTOCOL_TCP) {
        static const int on = 1;
        (void)sys_set_option(socket_handle(socket), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    return sys_bind(socket_handle(socket), endpoint->as.sockaddr, endpoint->size);
}

static sn_error bind_endpoint(sn_socket *socket, const sn_endpoint *local)
{
    sn_endpoint endpoint;
    sn_error error = socket_convert_endpoint(socket, local, &endpoint);
    if (error)
        return socket_misuse(error);
    char *path = NULL;
    if (makes_file(&endpoint) && !(path = remembered_path(socket, &endpoint)))
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);

    int32_t result = bind_descriptor(socket, &endpoint);
    if (result < 0) {
        memory_free(path);
        return socket_result(socket, result);
    }
    if (path) {
        guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
        socket->rare->unix_path = path; /* a second bind fails, so there was none before */
        guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    }
    refresh_dual_mode(socket);
    socket_set(socket, SOCKET_BOUND);
    return SN_OK;
}

sn_error sn_socket_bind(sn_socket *socket, const sn_endpoint *local)
{
    sn_error error = socket_enter(socket);
    if (error)
        return error;
    error = bind_endpoint(socket, local);
    socket_leave(socket);
    return error;
}
