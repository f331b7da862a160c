/* The functions of <sennit/dotnet.h> that concern sockets: what exists on Windows only. */
#include <sennit/dotnet.h>

#include "socket/object/object.h"

/* --- Handing a socket to another process: the arguments are not looked at, as in .NET --------- */

sn_error sn_socket_duplicate_and_close(sn_socket *socket, int target_process_id,
                                       sn_socket_information *out_information)
{
    (void)socket;
    (void)target_process_id;
    (void)out_information;
    return socket_misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
}

sn_error sn_socket_from_information(const sn_socket_information *information,
                                    sn_socket **out_socket)
{
    (void)information;
    (void)out_socket;
    return socket_misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
}

/* --- Properties ------------------------------------------------------------------------------ */

sn_error sn_socket_get_use_only_overlapped_io(sn_socket *socket, bool *out_value)
{
    if (!socket || !out_value)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    *out_value = false;
    return SN_OK;
}

sn_error sn_socket_set_use_only_overlapped_io(sn_socket *socket, bool value)
{
    (void)value;
    return socket ? SN_OK : socket_misuse(SN_ERROR_ARGUMENT_NULL);
}

sn_error sn_socket_set_ip_protection_level(sn_socket *socket, sn_ip_protection_level level)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    socket_unref(socket);
    return socket_misuse(level == SN_PROTECTION_UNSPECIFIED ? SN_ERROR_ARGUMENT
                                                            : SN_ERROR_PLATFORM_NOT_SUPPORTED);
}
