/**
 * The two maps between errno and sn_error. They are not each other's inverse: several codes of the
 * system share one portable error, and some portable errors have no code here.
 */
#include "error/error.h"

#include <errno.h>

static _Thread_local int last_native;

/* EWOULDBLOCK and EOPNOTSUPP are missing because they are EAGAIN and ENOTSUP under a second name.
 *
 * ENOMEM, EIO, EPROTO and others are missing because .NET has no name for them: a program written
 * for it expects the catch-all there, and sn_error_last_native() keeps the code. */
#define NATIVE_TABLE(X)                                                                            \
    /* native           id */                                                                      \
    X(EACCES, ACCESS_DENIED)                                                                       \
    X(EADDRINUSE, ADDRESS_ALREADY_IN_USE)                                                          \
    X(EADDRNOTAVAIL, ADDRESS_NOT_AVAILABLE)                                                        \
    X(EAFNOSUPPORT, ADDRESS_FAMILY_NOT_SUPPORTED)                                                  \
    X(EAGAIN, WOULD_BLOCK)                                                                         \
    X(EALREADY, ALREADY_IN_PROGRESS)                                                               \
    X(EBADF, OPERATION_ABORTED) /* the descriptor went away under a pending call */                \
    X(ECANCELED, OPERATION_ABORTED)                                                                \
    X(ECONNABORTED, CONNECTION_ABORTED)                                                            \
    X(ECONNREFUSED, CONNECTION_REFUSED)                                                            \
    X(ECONNRESET, CONNECTION_RESET)                                                                \
    X(EDESTADDRREQ, DESTINATION_ADDRESS_REQUIRED)                                                  \
    X(EFAULT, FAULT)                                                                               \
    X(EHOSTDOWN, HOST_DOWN)                                                                        \
    X(EHOSTUNREACH, HOST_UNREACHABLE)                                                              \
    X(EINPROGRESS, IN_PROGRESS)                                                                    \
    X(EINTR, INTERRUPTED)                                                                          \
    X(EINVAL, INVALID_ARGUMENT)                                                                    \
    X(EISCONN, IS_CONNECTED)                                                                       \
    X(EMFILE, TOO_MANY_OPEN_SOCKETS)                                                               \
    X(EMSGSIZE, MESSAGE_SIZE)                                                                      \
    X(ENETDOWN, NETWORK_DOWN)                                                                      \
    X(ENETRESET, NETWORK_RESET)                                                                    \
    X(ENETUNREACH, NETWORK_UNREACHABLE)                                                            \
    X(ENFILE, TOO_MANY_OPEN_SOCKETS)                                                               \
    X(ENOBUFS, NO_BUFFER_SPACE_AVAILABLE)                                                          \
    X(ENODATA, NO_DATA)                                                                            \
    X(ENOENT, ADDRESS_NOT_AVAILABLE) /* connect to a Unix path that nobody created */              \
    X(ENOPROTOOPT, PROTOCOL_OPTION)                                                                \
    X(ENOTCONN, NOT_CONNECTED)                                                                     \
    X(ENOTSOCK, NOT_SOCKET)                                                                        \
    X(ENOTSUP, OPERATION_NOT_SUPPORTED)                                                            \
    X(ENXIO, HOST_NOT_FOUND)                                                                       \
    X(EPERM, ACCESS_DENIED)                                                                        \
    X(EPFNOSUPPORT, PROTOCOL_FAMILY_NOT_SUPPORTED)                                                 \
    X(EPIPE, SHUTDOWN)                                                                             \
    X(EPROTONOSUPPORT, PROTOCOL_NOT_SUPPORTED)                                                     \
    X(EPROTOTYPE, PROTOCOL_TYPE)                                                                   \
    X(ESHUTDOWN, DISCONNECTING)                                                                    \
    X(ESOCKTNOSUPPORT, SOCKET_NOT_SUPPORTED)                                                       \
    X(ETIMEDOUT, TIMED_OUT)

sn_error sn_error_from_native(int native)
{
    switch (native) {
    case 0: return SN_OK;
#define X(code, id)                                                                                \
    case code: return SN_ERROR_##id;
        NATIVE_TABLE(X)
#undef X
    default: return SN_ERROR_SOCKET_ERROR; /* an int, not one of our enumerations */
    }
}

int sn_error_to_native(sn_error error)
{
    switch (error) {
    case SN_OK: return 0;
    case SN_ERROR_OPERATION_ABORTED: return ECANCELED;
    case SN_ERROR_IO_PENDING: return EINPROGRESS;
    case SN_ERROR_INTERRUPTED: return EINTR;
    case SN_ERROR_ACCESS_DENIED: return EACCES;
    case SN_ERROR_FAULT: return EFAULT;
    case SN_ERROR_INVALID_ARGUMENT: return EINVAL;
    case SN_ERROR_TOO_MANY_OPEN_SOCKETS: return ENFILE;
    case SN_ERROR_WOULD_BLOCK: return EAGAIN;
    case SN_ERROR_IN_PROGRESS: return EINPROGRESS;
    case SN_ERROR_ALREADY_IN_PROGRESS: return EALREADY;
    case SN_ERROR_NOT_SOCKET: return ENOTSOCK;
    case SN_ERROR_DESTINATION_ADDRESS_REQUIRED: return EDESTADDRREQ;
    case SN_ERROR_MESSAGE_SIZE: return EMSGSIZE;
    case SN_ERROR_PROTOCOL_TYPE: return EPROTOTYPE;
    case SN_ERROR_PROTOCOL_OPTION: return ENOPROTOOPT;
    case SN_ERROR_PROTOCOL_NOT_SUPPORTED: return EPROTONOSUPPORT;
    case SN_ERROR_SOCKET_NOT_SUPPORTED: return ESOCKTNOSUPPORT;
    case SN_ERROR_OPERATION_NOT_SUPPORTED: return ENOTSUP;
    case SN_ERROR_PROTOCOL_FAMILY_NOT_SUPPORTED: return EPFNOSUPPORT;
    case SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED: return EAFNOSUPPORT;
    case SN_ERROR_ADDRESS_ALREADY_IN_USE: return EADDRINUSE;
    case SN_ERROR_ADDRESS_NOT_AVAILABLE: return EADDRNOTAVAIL;
    case SN_ERROR_NETWORK_DOWN: return ENETDOWN;
    case SN_ERROR_NETWORK_UNREACHABLE: return ENETUNREACH;
    case SN_ERROR_NETWORK_RESET: return ENETRESET;
    case SN_ERROR_CONNECTION_ABORTED: return ECONNABORTED;
    case SN_ERROR_CONNECTION_RESET: return ECONNRESET;
    case SN_ERROR_NO_BUFFER_SPACE_AVAILABLE: return ENOBUFS;
    case SN_ERROR_IS_CONNECTED: return EISCONN;
    case SN_ERROR_NOT_CONNECTED: return ENOTCONN;
    case SN_ERROR_SHUTDOWN: return EPIPE;
    case SN_ERROR_TIMED_OUT: return ETIMEDOUT;
    case SN_ERROR_CONNECTION_REFUSED: return ECONNREFUSED;
    case SN_ERROR_HOST_DOWN: return EHOSTDOWN;
    case SN_ERROR_HOST_UNREACHABLE: return EHOSTUNREACH;
    case SN_ERROR_DISCONNECTING: return ESHUTDOWN;
    case SN_ERROR_TRY_AGAIN: return EAGAIN;
    case SN_ERROR_NO_DATA: return ENODATA;
    case SN_ERROR_OPERATION_CANCELED: return ECANCELED;
    case SN_ERROR_OUT_OF_MEMORY: return ENOMEM;
    case SN_ERROR_FILE_NOT_FOUND:
    case SN_ERROR_DIRECTORY_NOT_FOUND: return ENOENT;

    /* .NET invents numbers for these, or returns its own again; no such errno exists. */
    case SN_ERROR_SOCKET_ERROR:
    case SN_ERROR_PROCESS_LIMIT:
    case SN_ERROR_SYSTEM_NOT_READY:
    case SN_ERROR_VERSION_NOT_SUPPORTED:
    case SN_ERROR_NOT_INITIALIZED:
    case SN_ERROR_TYPE_NOT_FOUND:
    case SN_ERROR_HOST_NOT_FOUND:
    case SN_ERROR_NO_RECOVERY:
    /* Misuse was found before the system was asked. */
    case SN_ERROR_ARGUMENT_NULL:
    case SN_ERROR_ARGUMENT:
    case SN_ERROR_ARGUMENT_OUT_OF_RANGE:
    case SN_ERROR_INVALID_OPERATION:
    case SN_ERROR_OBJECT_DISPOSED:
    case SN_ERROR_NOT_SUPPORTED:
    case SN_ERROR_PLATFORM_NOT_SUPPORTED:
    case SN_ERROR_FORMAT: return -1;
    }
    return -1;
}

int sn_error_last_native(void)
{
    return last_native;
}

void error_set_last_native(int native)
{
    last_native = native;
}
