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
bool sn_error_is_transient(sn_error error)
{
    switch (error) {
    case SN_ERROR_WOULD_BLOCK:
    case SN_ERROR_TIMED_OUT:
    case SN_ERROR_CONNECTION_ABORTED: /* the peer gave up while it was waiting in the queue */
    case SN_ERROR_CONNECTION_RESET:   /* the same, as other systems than Linux report it */
    case SN_ERROR_NETWORK_DOWN:
    case SN_ERROR_NETWORK_UNREACHABLE:
    case SN_ERROR_HOST_DOWN:
    case SN_ERROR_HOST_UNREACHABLE:
    case SN_ERROR_PROTOCOL_OPTION: /* accept takes no option: this is the peer's network again */
    case SN_ERROR_TOO_MANY_OPEN_SOCKETS:
    case SN_ERROR_NO_BUFFER_SPACE_AVAILABLE:
    case SN_ERROR_OUT_OF_MEMORY: return true;

    case SN_OK:
    case SN_ERROR_SOCKET_ERROR:
    case SN_ERROR_OPERATION_ABORTED:
    case SN_ERROR_IO_PENDING:
    case SN_ERROR_INTERRUPTED: /* EINTR is retried below; here it means closed or cancelled */
    case SN_ERROR_ACCESS_DENIED:
    case SN_ERROR_FAULT:
    case SN_ERROR_INVALID_ARGUMENT:
    case SN_ERROR_IN_PROGRESS:
    case SN_ERROR_ALREADY_IN_PROGRESS:
    case SN_ERROR_NOT_SOCKET:
    case SN_ERROR_DESTINATION_ADDRESS_REQUIRED:
    case SN_ERROR_MESSAGE_SIZE:
    case SN_ERROR_PROTOCOL_TYPE:
    case SN_ERROR_PROTOCOL_NOT_SUPPORTED:
    case SN_ERROR_SOCKET_NOT_SUPPORTED:
    case SN_ERROR_OPERATION_NOT_SUPPORTED:
    case SN_ERROR_PROTOCOL_FAMILY_NOT_SUPPORTED:
    case SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED:
    case SN_ERROR_ADDRESS_ALREADY_IN_USE:
    case SN_ERROR_ADDRESS_NOT_AVAILABLE:
    case SN_ERROR_NETWORK_RESET:
    case SN_ERROR_IS_CONNECTED:
    case SN_ERROR_NOT_CONNECTED:
    case SN_ERROR_SHUTDOWN:
    case SN_ERROR_CONNECTION_REFUSED:
    case SN_ERROR_PROCESS_LIMIT:
    case SN_ERROR_SYSTEM_NOT_READY:
    case SN_ERROR_VERSION_NOT_SUPPORTED:
    case SN_ERROR_NOT_INITIALIZED:
    case SN_ERROR_DISCONNECTING:
    case SN_ERROR_TYPE_NOT_FOUND:
    case SN_ERROR_HOST_NOT_FOUND:
    case SN_ERROR_TRY_AGAIN:
    case SN_ERROR_NO_RECOVERY:
    case SN_ERROR_NO_DATA:
    case SN_ERROR_ARGUMENT_NULL:
    case SN_ERROR_ARGUMENT:
    case SN_ERROR_ARGUMENT_OUT_OF_RANGE:
    case SN_ERROR_INVALID_OPERATION:
    case SN_ERROR_OBJECT_DISPOSED:
    case SN_ERROR_NOT_SUPPORTED:
    case SN_ERROR_PLATFORM_NOT_SUPPORTED:
    case SN_ERROR_FORMAT:
    case SN_ERROR_OPERATION_CANCELED:
    case SN_ERROR_FILE_NOT_FOUND:
    case SN_ERROR_DIRECTORY_NOT_FOUND: return false;
    }
    return false;
}
