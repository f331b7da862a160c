#include "socket/verbs/handles.h"

#include "operation/operation.h"

_Static_assert(SN_HANDLES_MAX == HANDLES_MAX, "what a message can carry");
_Static_assert(sizeof(sn_handle) == sizeof(int32_t), "as the kernel has them");

/* Only a Unix socket carries handles, and only beside a byte: on a stream nothing would go out, and
 * a message without bytes looks like the end to its receiver. */
sn_error handles_prepare(sn_operation *operation, sn_socket *socket, const void *data, size_t size,
                         sn_flags flags, sn_flags allowed)
{
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    if (size == 0)
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (socket_family(socket) != SN_FAMILY_UNIX || (flags & ~allowed))
        return socket_misuse(SN_ERROR_OPERATION_NOT_SUPPORTED);
    error = transfer_prepare_flags(operation, socket, flags);
    if (!error)
        transfer_set_data(operation, data, size);
    return error;
}
