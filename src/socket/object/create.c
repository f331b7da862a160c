/* The constructors that make a descriptor. Adoption of an existing one is in adopt.c. */
#include "socket/object/object.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address/address.h"
#include "error/error.h"
#include "socket/object/kinds.h"
#include "sys/sys.h"

/* Two that elsewhere mean something else: a protocol that was switched off (Multipath TCP), and a
 * type that nothing carries here (datagrams of a virtual machine). */
static sn_error native_error(sn_address_family family, sn_protocol_type protocol,
                             int32_t native_result)
{
    error_set_last_native(-native_result);
    if (native_result == -ENOPROTOOPT && protocol == SN_PROTOCOL_MPTCP)
        return SN_ERROR_PROTOCOL_NOT_SUPPORTED;
    if (native_result == -ENODEV && family == SN_FAMILY_VSOCK)
        return SN_ERROR_SOCKET_NOT_SUPPORTED;
    return sn_error_from_native(-native_result);
}

/* A new IPv6 descriptor speaks IPv6 only, whatever the system's default is; raw sockets are left as
 * they are (contract A.2). */
static int32_t open_descriptor(int family, int type, int protocol)
{
    int32_t handle = sys_socket(family, type, protocol);
    if (handle < 0 || family != AF_INET6 || type == SOCK_RAW)
        return handle;
    static const int on = 1;
    int32_t result = sys_set_option(handle, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (result >= 0)
        return handle;
    (void)sys_close(handle);
    return result;
}

sn_error sn_socket_create(sn_address_family family, sn_socket_type type, sn_protocol_type protocol,
                          sn_socket **out_socket)
{
    if (!out_socket)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    /* The first of the three that has no native number decides the error. */
    int native_family = address_family_to_native(family);
    if (native_family < 0)
        return socket_misuse(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED);
    int native_type = type_to_native(type);
    if (native_type < 0)
        return socket_misuse(SN_ERROR_PROTOCOL_TYPE);
    int native_protocol = protocol_to_native(family, protocol);
    if (native_protocol < 0 && family != SN_FAMILY_PACKET)
        return socket_misuse(SN_ERROR_PROTOCOL_NOT_SUPPORTED);

    int32_t handle = open_descriptor(native_family, native_type, native_protocol);
    if (handle < 0)
        return native_error(family, protocol, handle);
    sn_socket *socket = socket_new(handle, true, family, type, protocol);
    if (!socket) {
        (void)sys_close(handle);
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    if (family == SN_FAMILY_IPV6 && type == SN_TYPE_RAW)
        socket_set(socket, SOCKET_DUAL_MODE | SOCKET_DUAL_MODE_WISH);
    *out_socket = socket;
    return SN_OK;
}

sn_error sn_socket_create_dual_mode(sn_socket_type type, sn_protocol_type protocol,
                                    sn_socket **out_socket)
{
    if (!sn_socket_os_supports_ipv6())
        return sn_socket_create(SN_FAMILY_IPV4, type, protocol, out_socket);
    if (!out_socket)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(SN_FAMILY_IPV6, type, protocol, &socket);
    if (!error)
        error = sn_socket_set_dual_mode(socket, true);
    if (error) {
        sn_socket_release(socket);
        return error;
    }
    *out_socket = socket;
    return SN_OK;
}

sn_error sn_socket_pair(sn_socket_type type, sn_socket *out_pair[2])
{
    if (!out_pair)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    int native_type = type_to_native(type);
    if (native_type < 0)
        return socket_misuse(SN_ERROR_PROTOCOL_TYPE);
    int32_t handles[2];
    int32_t result = sys_socket_pair(AF_UNIX, native_type, 0, handles);
    if (result < 0)
        return native_error(SN_FAMILY_UNIX, SN_PROTOCOL_UNSPECIFIED, result);

    sn_socket *pair[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        pair[i] = socket_new(handles[i], true, SN_FAMILY_UNIX, type, SN_PROTOCOL_UNSPECIFIED);
        if (pair[i])
            socket_set(pair[i], SOCKET_BOUND | SOCKET_CONNECTED);
    }
    if (pair[0] && pair[1]) {
        out_pair[0] = pair[0];
        out_pair[1] = pair[1];
        return SN_OK;
    }
    for (int i = 0; i < 2; i++) {
        if (pair[i])
            sn_socket_release(pair[i]);
        else
            (void)sys_close(handles[i]);
    }
    return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
}

/* --- What the system offers ------------------------------------------------------------------ */

/* Only EAFNOSUPPORT means that the family does not exist: descriptors or memory may be short for
 * now, and an answer under such a shortage is not remembered. */
static bool probe(int family, uint32_t *answer)
{
    enum { UNKNOWN, YES, NO };
    uint32_t known = atomic_load_relaxed(answer);
    if (known != UNKNOWN)
        return known == YES;
    int32_t handle = sys_socket(family, SOCK_DGRAM, 0);
    if (handle >= 0)
        (void)sys_close(handle);
    if (handle >= 0 || handle == -EAFNOSUPPORT)
        atomic_store_relaxed(answer, (uint32_t)(handle >= 0 ? YES : NO));
    return handle != -EAFNOSUPPORT;
}

bool sn_socket_os_supports_ipv4(void)
{
    static uint32_t answer;
    return probe(AF_INET, &answer);
}

bool sn_socket_os_supports_ipv6(void)
{
    static uint32_t answer;
    const char *disabled = secure_getenv("DOTNET_SYSTEM_NET_DISABLEIPV6");
    if (disabled && (strcmp(disabled, "1") == 0 || strcmp(disabled, "true") == 0))
        return false;
    return probe(AF_INET6, &answer);
}

bool sn_socket_os_supports_unix(void)
{
    static uint32_t answer;
    return probe(AF_UNIX, &answer);
}
