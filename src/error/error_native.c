/**
 * The two maps between errno and sn_error. They are not each other's inverse: several codes of the
 * system share one portable error, and some portable errors have no code here.
 */
#include "error/error.h"

#include <errno.h>

#include "base/base.h"

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

/* The way back. Every error has its row: the compiler tells of one that is missing. */
#define ERROR_TABLE(X)                                                                             \
    /* id                                native */                                                 \
    X(OPERATION_ABORTED, ECANCELED)                                                                \
    X(IO_PENDING, EINPROGRESS)                                                                     \
    X(INTERRUPTED, EINTR)                                                                          \
    X(ACCESS_DENIED, EACCES)                                                                       \
    X(FAULT, EFAULT)                                                                               \
    X(INVALID_ARGUMENT, EINVAL)                                                                    \
    X(TOO_MANY_OPEN_SOCKETS, ENFILE)                                                               \
    X(WOULD_BLOCK, EAGAIN)                                                                         \
    X(IN_PROGRESS, EINPROGRESS)                                                                    \
    X(ALREADY_IN_PROGRESS, EALREADY)                                                               \
    X(NOT_SOCKET, ENOTSOCK)                                                                        \
    X(DESTINATION_ADDRESS_REQUIRED, EDESTADDRREQ)                                                  \
    X(MESSAGE_SIZE, EMSGSIZE)                                                                      \
    X(PROTOCOL_TYPE, EPROTOTYPE)                                                                   \
    X(PROTOCOL_OPTION, ENOPROTOOPT)                                                                \
    X(PROTOCOL_NOT_SUPPORTED, EPROTONOSUPPORT)                                                     \
    X(SOCKET_NOT_SUPPORTED, ESOCKTNOSUPPORT)                                                       \
    X(OPERATION_NOT_SUPPORTED, ENOTSUP)                                                            \
    X(PROTOCOL_FAMILY_NOT_SUPPORTED, EPFNOSUPPORT)                                                 \
    X(ADDRESS_FAMILY_NOT_SUPPORTED, EAFNOSUPPORT)                                                  \
    X(ADDRESS_ALREADY_IN_USE, EADDRINUSE)                                                          \
    X(ADDRESS_NOT_AVAILABLE, EADDRNOTAVAIL)                                                        \
    X(NETWORK_DOWN, ENETDOWN)                                                                      \
    X(NETWORK_UNREACHABLE, ENETUNREACH)                                                            \
    X(NETWORK_RESET, ENETRESET)                                                                    \
    X(CONNECTION_ABORTED, ECONNABORTED)                                                            \
    X(CONNECTION_RESET, ECONNRESET)                                                                \
    X(NO_BUFFER_SPACE_AVAILABLE, ENOBUFS)                                                          \
    X(IS_CONNECTED, EISCONN)                                                                       \
    X(NOT_CONNECTED, ENOTCONN)                                                                     \
    X(SHUTDOWN, EPIPE)                                                                             \
    X(TIMED_OUT, ETIMEDOUT)                                                                        \
    X(CONNECTION_REFUSED, ECONNREFUSED)                                                            \
    X(HOST_DOWN, EHOSTDOWN)                                                                        \
    X(HOST_UNREACHABLE, EHOSTUNREACH)                                                              \
    X(DISCONNECTING, ESHUTDOWN)                                                                    \
    X(TRY_AGAIN, EAGAIN)                                                                           \
    X(NO_DATA, ENODATA)                                                                            \
    X(OPERATION_CANCELED, ECANCELED)                                                               \
    X(OUT_OF_MEMORY, ENOMEM)                                                                       \
    X(FILE_NOT_FOUND, ENOENT)                                                                      \
    X(DIRECTORY_NOT_FOUND, ENOENT)                                                                 \
    /* .NET invents numbers for these, or returns its own again; no such errno exists. */          \
    X(SOCKET_ERROR, -1)                                                                            \
    X(PROCESS_LIMIT, -1)                                                                           \
    X(SYSTEM_NOT_READY, -1)                                                                        \
    X(VERSION_NOT_SUPPORTED, -1)                                                                   \
    X(NOT_INITIALIZED, -1)                                                                         \
    X(TYPE_NOT_FOUND, -1)                                                                          \
    X(HOST_NOT_FOUND, -1)                                                                          \
    X(NO_RECOVERY, -1)                                                                             \
    /* Misuse was found before the system was asked. */                                            \
    X(ARGUMENT_NULL, -1)                                                                           \
    X(ARGUMENT, -1)                                                                                \
    X(ARGUMENT_OUT_OF_RANGE, -1)                                                                   \
    X(INVALID_OPERATION, -1)                                                                       \
    X(OBJECT_DISPOSED, -1)                                                                         \
    X(NOT_SUPPORTED, -1)                                                                           \
    X(PLATFORM_NOT_SUPPORTED, -1)                                                                  \
    X(FORMAT, -1)                                                                                  \
    X(END_OF_STREAM, -1)                                                                           \
    X(LIMIT_EXCEEDED, -1)                                                                          \
    X(AUTHENTICATION, -1)

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
#define X(id, native)                                                                              \
    case SN_ERROR_##id: return native;
        ERROR_TABLE(X)
#undef X
    }
    return -1;
}

int sn_error_last_native(void)
{
    return thread_words.last_native;
}

void error_set_last_native(int native)
{
    thread_words.last_native = native;
}
