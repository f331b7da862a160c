/* What the resolver's failures mean to a program (contract D.1). */
#include "dns/lookup.h"

#include <errno.h>

/* The errno is the one that .NET shows for the error; 0 where it has none either. */
#define FAILURE_TABLE(X)                                                                           \
    X(TRY_AGAIN, TRY_AGAIN, EAGAIN)                                                                \
    X(BAD_ARGUMENT, INVALID_ARGUMENT, EINVAL)                                                      \
    X(FAILED, NO_RECOVERY, 0)                                                                      \
    X(BAD_FAMILY, ADDRESS_FAMILY_NOT_SUPPORTED, EAFNOSUPPORT)                                      \
    X(NOT_FOUND, HOST_NOT_FOUND, 0)                                                                \
    X(OTHER, SOCKET_ERROR, 0)

sn_error dns_error_from_native(int32_t native, int *out_native)
{
    switch (native) {
#define X(failure, id, number)                                                                     \
    case SYS_RESOLVE_##failure: *out_native = number; return SN_ERROR_##id;
        FAILURE_TABLE(X)
#undef X
    default: break; /* an errno, not one of our enumerations */
    }
    *out_native = -native;
    if (native == 0)
        return SN_OK;
    /* .NET tells no difference between the system's failures inside the resolver. */
    return native == -ENOMEM ? SN_ERROR_OUT_OF_MEMORY : SN_ERROR_SOCKET_ERROR;
}
