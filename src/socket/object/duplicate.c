/* The functions of <sennit/information.h>; neither looks at its arguments, as in .NET. */
#include <sennit/information.h>

#include "socket/object/object.h"

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
