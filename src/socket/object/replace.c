/*
 * A new descriptor for the same socket (contract B.5.4).
 *
 * On Unix a descriptor on which a connect has failed cannot be connected reliably again. So the
 * next connect gets a fresh one, onto which the options that were set are copied, and which is put
 * under the old handle in one step, see descriptor_replace().
 *
 * Whoever has read the handle may have done anything with the file: watched it, duplicated it, set
 * options of it. So that file stays, and is told to forget the attempt (decision 0035): Linux can
 * do that, other systems cannot.
 */
#include "socket/object/object.h"

#include <netinet/in.h>

#include "address/address.h"
#include "socket/object/kinds.h"
#include "socket/object/unix_file.h"
#include "socket/options/option_table.h"
#include "sys/sys.h"

bool socket_is_replaceable(const sn_socket *socket)
{
    return !socket_is(socket, SOCKET_IRREPLACEABLE);
}

/* Linux doubles a buffer size that is set, so what is read has to be halved to come out the same.
 */
static bool is_doubled(const struct option_row *row)
{
    return row->native_level == SOL_SOCKET &&
           (row->native_name == SO_SNDBUF || row->native_name == SO_RCVBUF);
}

/* Failures are ignored, as in .NET: an option that can only be read, for instance. */
static void copy_option(int32_t from, int32_t to, const struct option_row *row)
{
    union {
        int number;
        char bytes[64];
    } value;
    uint32_t size = sizeof value;
    if (sys_get_option(from, row->native_level, row->native_name, &value, &size) < 0)
        return;
    if (is_doubled(row))
        value.number /= 2;
    (void)sys_set_option(to, row->native_level, row->native_name, &value, size);
}

static void copy_options(const sn_socket *socket, int32_t to, sn_address_family family,
                         bool is_dual_mode)
{
    uint64_t tracked = atomic_load_acquire(&socket->tracked_options);
    int32_t from = socket_handle(socket);
    const struct option_row *row;
    for (uint32_t i = 0; (row = option_at(i)) != NULL; i++)
        if (tracked & (UINT64_C(1) << i))
            copy_option(from, to, row);
    /* The two switches of address reuse share a row each with the other's name. */
    const struct option_row *reuse = option_find(SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS);
    const struct option_row *exclusive =
        option_find(SN_LEVEL_SOCKET, SN_OPTION_EXCLUSIVE_ADDRESS_USE);
    uint64_t either =
        (UINT64_C(1) << option_index(reuse)) | (UINT64_C(1) << option_index(exclusive));
    if (tracked & either) {
        struct option_row port = *reuse;
        port.native_name = SO_REUSEPORT;
        copy_option(from, to, &port);
    }
    /* Not what the kernel says: a bind may have switched it, and the bind is not carried over. */
    if (family == SN_FAMILY_IPV6 && socket_type(socket) != SN_TYPE_RAW) {
        int only = !is_dual_mode;
        (void)sys_set_option(to, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    }
}

/* A connect to no address takes back the last one, also one that goes on. Other families have
 * nothing to take back, and say so. What was bound stays bound. */
static sn_error reset_descriptor(sn_socket *socket)
{
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    bool is_ip = socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6;
    int32_t result = sys_connect(socket_handle(socket), &nowhere, sizeof nowhere);
    if (result < 0 && is_ip)
        return socket_result(socket, result);
    socket_clear(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING);
    if (is_ip) /* a shutdown is forgotten too */
        atomic_and_acq_rel(&socket->descriptor.marks, ~(uint32_t)DESCRIPTOR_SEND_SHUT);
    return SN_OK;
}

sn_error socket_replace_descriptor(sn_socket *socket)
{
    if (!socket_is_replaceable(socket))
        return socket_misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
    return socket_is(socket, SOCKET_EXPOSED) ? reset_descriptor(socket)
                                             : socket_renew_descriptor(socket);
}

int32_t socket_open_alike(const sn_socket *socket, sn_address_family family, bool is_dual_mode)
{
    int32_t fresh =
        sys_socket(address_family_to_native(family), type_to_native(socket_type(socket)),
                   protocol_to_native(family, socket_protocol(socket)));
    if (fresh >= 0)
        copy_options(socket, fresh, family, is_dual_mode);
    return fresh;
}

int32_t socket_take_file(sn_socket *socket, int32_t fresh)
{
    int32_t result = descriptor_replace(&socket->descriptor, fresh);
    (void)sys_close(fresh);
    if (result < 0)
        return result;
    unix_file_remove(socket); /* the bind is not carried over */
    socket_clear(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING | SOCKET_ENDED);
    atomic_and_acq_rel(&socket->descriptor.marks, ~(uint32_t)DESCRIPTOR_SEND_SHUT);
    option_refresh_dual_mode(socket);
    return 0;
}

sn_error socket_renew_descriptor(sn_socket *socket)
{
    int32_t result =
        socket_open_alike(socket, socket_family(socket), socket_is(socket, SOCKET_DUAL_MODE_WISH));
    if (result >= 0)
        result = socket_take_file(socket, result);
    return result < 0 ? socket_result(socket, result) : SN_OK;
}
