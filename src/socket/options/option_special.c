/* Options that are not one number of the kernel's (contract C.4). */
#include "socket/options/option_table.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/base.h"
#include "error/error.h"
#include "socket/object/kinds.h"
#include "sys/sys.h"

int32_t option_set_plain(sn_socket *socket, const struct option_row *row, const void *data,
                         uint32_t size)
{
    return sys_set_option(socket_handle(socket), row->native_level, row->native_name, data, size);
}

int32_t option_get_plain(sn_socket *socket, const struct option_row *row, void *data,
                         uint32_t *inout_size)
{
    return sys_get_option(socket_handle(socket), row->native_level, row->native_name, data,
                          inout_size);
}

static int32_t set_int(sn_socket *socket, int level, int name, int value)
{
    return sys_set_option(socket_handle(socket), level, name, &value, sizeof value);
}

static int32_t get_int(sn_socket *socket, int level, int name, int *out_value)
{
    uint32_t size = sizeof *out_value;
    return sys_get_option(socket_handle(socket), level, name, out_value, &size);
}

/* An int of exactly 4 bytes, as .NET's native layer wants it for these. What a caller passed as no
 * address has been refused in option.c. */
static bool read_int(const void *data, uint32_t size, int *out_value)
{
    if (size != sizeof *out_value)
        return false;
    memcpy(out_value, data, sizeof *out_value);
    return true;
}

/* Gives out an int, cut to the room there is, as the kernel does. */
static void write_int(int value, void *data, uint32_t *inout_size)
{
    if (*inout_size > sizeof value)
        *inout_size = sizeof value;
    memcpy(data, &value, *inout_size);
}

/* --- Address reuse: one state of the kernel seen from two sides ------------------------------ */

/* Both switches together are what Windows means by reuse. The pair never stays half set. */
static int32_t set_reuse(sn_socket *socket, int on)
{
    int before = 0;
    (void)get_int(socket, SOL_SOCKET, SO_REUSEPORT, &before);
    int32_t result = set_int(socket, SOL_SOCKET, SO_REUSEPORT, on);
    if (result < 0)
        return result;
    result = set_int(socket, SOL_SOCKET, SO_REUSEADDR, on);
    if (result < 0)
        (void)set_int(socket, SOL_SOCKET, SO_REUSEPORT, before);
    return result;
}

int32_t option_set_reuse_address(sn_socket *socket, const struct option_row *row, const void *data,
                                 uint32_t size)
{
    (void)row;
    int value;
    return read_int(data, size, &value) ? set_reuse(socket, value) : -EINVAL;
}

int32_t option_set_exclusive_address_use(sn_socket *socket, const struct option_row *row,
                                         const void *data, uint32_t size)
{
    (void)row;
    int value;
    if (!read_int(data, size, &value) || (value != 0 && value != 1))
        return -EINVAL;
    return set_reuse(socket, !value);
}

int32_t option_get_reuse_address(sn_socket *socket, const struct option_row *row, void *data,
                                 uint32_t *inout_size)
{
    (void)row;
    int value = 0;
    if (*inout_size != sizeof value)
        return -EINVAL;
    int32_t result = get_int(socket, SOL_SOCKET, SO_REUSEPORT, &value);
    if (result >= 0)
        write_int(value != 0, data, inout_size);
    return result;
}

int32_t option_get_exclusive_address_use(sn_socket *socket, const struct option_row *row,
                                         void *data, uint32_t *inout_size)
{
    (void)row;
    int value = 0;
    if (*inout_size != sizeof value)
        return -EINVAL;
    int32_t result = get_int(socket, SOL_SOCKET, SO_REUSEPORT, &value);
    if (result >= 0)
        write_int(value == 0, data, inout_size);
    return result;
}

/* --- Time limits: kept in the object, and told to the kernel for whoever asks it ------------- */

static int32_t *timeout_of(sn_socket *socket, const struct option_row *row)
{
    return &socket
                ->timeouts_ms[row->name == SN_OPTION_SEND_TIMEOUT ? TIMEOUT_SEND : TIMEOUT_RECEIVE];
}

int32_t option_set_timeout(sn_socket *socket, const struct option_row *row, const void *data,
                           uint32_t size)
{
    int value;
    if (!read_int(data, size, &value) || value < 0)
        return -EINVAL;
    /* The calls keep it by themselves, also on what is no socket, where the kernel has no place for
     * it. */
    int32_t result = 0;
    if (!(atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET)) {
        struct timeval span = {.tv_sec = value / 1000, .tv_usec = value % 1000 * 1000};
        result = sys_set_option(socket_handle(socket), row->native_level, row->native_name, &span,
                                sizeof span);
    }
    if (result >= 0)
        atomic_store_relaxed(timeout_of(socket, row), value);
    return result;
}

int32_t option_get_timeout(sn_socket *socket, const struct option_row *row, void *data,
                           uint32_t *inout_size)
{
    /* As bytes it is the kernel's struct timeval; only an int is the object's own value. */
    if (*inout_size != sizeof(int))
        return option_get_plain(socket, row, data, inout_size);
    write_int(atomic_load_relaxed(timeout_of(socket, row)), data, inout_size);
    return 0;
}

/* --- Numbers that are .NET's ----------------------------------------------------------------- */

int32_t option_get_error(sn_socket *socket, const struct option_row *row, void *data,
                         uint32_t *inout_size)
{
    int native = 0;
    int32_t result = get_int(socket, row->native_level, row->native_name, &native);
    if (result >= 0)
        write_int(sn_error_from_native(native), data, inout_size);
    return result;
}

int32_t option_get_type(sn_socket *socket, const struct option_row *row, void *data,
                        uint32_t *inout_size)
{
    int native = 0;
    int32_t result = get_int(socket, row->native_level, row->native_name, &native);
    if (result >= 0)
        write_int(type_from_native(native), data, inout_size);
    return result;
}

/* --- Fragments, multicast, dual mode --------------------------------------------------------- */

int32_t option_set_dont_fragment(sn_socket *socket, const struct option_row *row, const void *data,
                                 uint32_t size)
{
    int value;
    if (!read_int(data, size, &value))
        return -EINVAL;
    return set_int(socket, row->native_level, row->native_name,
                   value ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
}

int32_t option_get_dont_fragment(sn_socket *socket, const struct option_row *row, void *data,
                                 uint32_t *inout_size)
{
    int value = 0;
    int32_t result = get_int(socket, row->native_level, row->native_name, &value);
    if (result >= 0)
        write_int(value == IP_PMTUDISC_DO, data, inout_size);
    return result;
}

/* A number in network order: small ones are an interface's index, others its IPv4 address. */
int32_t option_set_multicast_interface(sn_socket *socket, const struct option_row *row,
                                       const void *data, uint32_t size)
{
    int value;
    if (!read_int(data, size, &value))
        return -EINVAL;
    uint32_t host_order = ntohl((uint32_t)value);
    struct ip_mreqn request = {.imr_ifindex = (int)host_order};
    if (host_order >= 0x01000000u) {
        request.imr_ifindex = 0;
        request.imr_address.s_addr = (uint32_t)value;
    }
    return sys_set_option(socket_handle(socket), row->native_level, row->native_name, &request,
                          sizeof request);
}

void option_refresh_dual_mode(sn_socket *socket)
{
    int only = 1;
    if (socket_family(socket) != SN_FAMILY_IPV6 ||
        get_int(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only) < 0)
        return;
    if (only)
        socket_clear(socket, SOCKET_DUAL_MODE);
    else
        socket_set(socket, SOCKET_DUAL_MODE);
}

int32_t option_set_ipv6_only(sn_socket *socket, const struct option_row *row, const void *data,
                             uint32_t size)
{
    int32_t result = option_set_plain(socket, row, data, size);
    if (result < 0)
        return result;
    option_refresh_dual_mode(socket);
    if (socket_is(socket, SOCKET_DUAL_MODE))
        socket_set(socket, SOCKET_DUAL_MODE_WISH);
    else
        socket_clear(socket, SOCKET_DUAL_MODE_WISH);
    return result;
}

/* Switched off, the next receive_message_from switches it on again. */
int32_t option_set_packet_information(sn_socket *socket, const struct option_row *row,
                                      const void *data, uint32_t size)
{
    socket_expect_control(socket);
    int32_t result = option_set_plain(socket, row, data, size);
    int value = 1;
    if (result >= 0 && read_int(data, size, &value) && value == 0)
        socket_clear(socket, SOCKET_PACKET_INFORMATION);
    return result;
}
