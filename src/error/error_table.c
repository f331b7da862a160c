/**
 * What is said about an error: its name, its sentence, whether an accept loop goes on after it.
 *
 * A number that is no error may come from a program that cast one; it gets a text too, because
 * these functions are called in the moment when something has already gone wrong.
 */
#include "error/error.h"

const char *sn_error_name(sn_error error)
{
    switch (error) {
    case SN_OK: return "Success";
#define X(id, number, name, message)                                                               \
    case SN_ERROR_##id: return name;
        SN_ERROR_TABLE(X)
#undef X
    }
    return "Unknown";
}

const char *sn_error_message(sn_error error)
{
    switch (error) {
    case SN_OK: return "success";
#define X(id, number, name, message)                                                               \
    case SN_ERROR_##id: return message;
        SN_ERROR_TABLE(X)
#undef X
    }
    return "this number is not an error of the library";
}

/*
 * The errors of accept(2) that say something about one connection or about this moment, and nothing
 * about the listener. Linux hands a pending network error of the new connection to accept, and its
 * manual page asks callers to treat those like EAGAIN.
 *
 * What stays false although the manual page lists it, because the same code also reports a lasting
 * fault and a loop that goes on would then spin: EOPNOTSUPP (not a stream socket), EPERM (a
 * security module may refuse every accept with it, or with EACCES). EPROTO and ENONET have no
 * portable name and arrive as SN_ERROR_SOCKET_ERROR, together with everything else unknown.
 */
#define TRANSIENT_TABLE(X)                                                                         \
    X(WOULD_BLOCK)                                                                                 \
    X(TIMED_OUT)                                                                                   \
    X(CONNECTION_ABORTED) /* the peer gave up while it was waiting in the queue */                 \
    X(CONNECTION_RESET)   /* the same, as other systems than Linux report it */                    \
    X(NETWORK_DOWN)                                                                                \
    X(NETWORK_UNREACHABLE)                                                                         \
    X(HOST_DOWN)                                                                                   \
    X(HOST_UNREACHABLE)                                                                            \
    X(PROTOCOL_OPTION) /* accept takes no option: this is the peer's network again */              \
    X(TOO_MANY_OPEN_SOCKETS)                                                                       \
    X(NO_BUFFER_SPACE_AVAILABLE)                                                                   \
    X(OUT_OF_MEMORY)

/* The others, so that the compiler tells of one that is in neither. */
#define LASTING_TABLE(X)                                                                           \
    X(SOCKET_ERROR)                                                                                \
    X(OPERATION_ABORTED)                                                                           \
    X(IO_PENDING)                                                                                  \
    X(INTERRUPTED) /* EINTR is retried below; here it means closed or cancelled */                 \
    X(ACCESS_DENIED)                                                                               \
    X(FAULT)                                                                                       \
    X(INVALID_ARGUMENT)                                                                            \
    X(IN_PROGRESS)                                                                                 \
    X(ALREADY_IN_PROGRESS)                                                                         \
    X(NOT_SOCKET)                                                                                  \
    X(DESTINATION_ADDRESS_REQUIRED)                                                                \
    X(MESSAGE_SIZE)                                                                                \
    X(PROTOCOL_TYPE)                                                                               \
    X(PROTOCOL_NOT_SUPPORTED)                                                                      \
    X(SOCKET_NOT_SUPPORTED)                                                                        \
    X(OPERATION_NOT_SUPPORTED)                                                                     \
    X(PROTOCOL_FAMILY_NOT_SUPPORTED)                                                               \
    X(ADDRESS_FAMILY_NOT_SUPPORTED)                                                                \
    X(ADDRESS_ALREADY_IN_USE)                                                                      \
    X(ADDRESS_NOT_AVAILABLE)                                                                       \
    X(NETWORK_RESET)                                                                               \
    X(IS_CONNECTED)                                                                                \
    X(NOT_CONNECTED)                                                                               \
    X(SHUTDOWN)                                                                                    \
    X(CONNECTION_REFUSED)                                                                          \
    X(PROCESS_LIMIT)                                                                               \
    X(SYSTEM_NOT_READY)                                                                            \
    X(VERSION_NOT_SUPPORTED)                                                                       \
    X(NOT_INITIALIZED)                                                                             \
    X(DISCONNECTING)                                                                               \
    X(TYPE_NOT_FOUND)                                                                              \
    X(HOST_NOT_FOUND)                                                                              \
    X(TRY_AGAIN)                                                                                   \
    X(NO_RECOVERY)                                                                                 \
    X(NO_DATA)                                                                                     \
    X(ARGUMENT_NULL)                                                                               \
    X(ARGUMENT)                                                                                    \
    X(ARGUMENT_OUT_OF_RANGE)                                                                       \
    X(INVALID_OPERATION)                                                                           \
    X(OBJECT_DISPOSED)                                                                             \
    X(NOT_SUPPORTED)                                                                               \
    X(PLATFORM_NOT_SUPPORTED)                                                                      \
    X(FORMAT)                                                                                      \
    X(OPERATION_CANCELED)                                                                          \
    X(FILE_NOT_FOUND)                                                                              \
    X(DIRECTORY_NOT_FOUND)                                                                         \
    X(END_OF_STREAM)                                                                               \
    X(LIMIT_EXCEEDED)                                                                              \
    X(AUTHENTICATION)

bool sn_error_is_transient(sn_error error)
{
#define X(id) case SN_ERROR_##id:
    switch (error) {
        TRANSIENT_TABLE(X)
        return true;
    case SN_OK: LASTING_TABLE(X) return false;
    }
#undef X
    return false;
}
