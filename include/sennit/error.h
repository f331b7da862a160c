/**
 * Errors: one code, which must be looked at.
 *
 * Every call that can fail returns an sn_error. SN_OK is 0; what .NET reports as a SocketError
 * keeps its .NET number; misuse, which .NET reports by other exceptions, has numbers from 20001.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_ERROR_H
#define SENNIT_ERROR_H

#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The one table of errors: X(ID, number, ".NET's name", "what happened and what to do").
 *
 * @dotnet SocketError
 */
#define SN_ERROR_TABLE(X)                                                                          \
    X(SOCKET_ERROR, -1, "SocketError",                                                             \
      "the system reported an error that has no portable name; sn_error_last_native() tells "      \
      "which")                                                                                     \
    X(OPERATION_ABORTED, 995, "OperationAborted",                                                  \
      "the operation was ended because its socket was closed or cancelled")                        \
    X(IO_PENDING, 997, "IOPending", "the operation was started and has not completed yet")         \
    X(INTERRUPTED, 10004, "Interrupted",                                                           \
      "the blocked call was ended because another thread closed or cancelled the socket")          \
    X(ACCESS_DENIED, 10013, "AccessDenied",                                                        \
      "permission denied; a low port, a raw socket or a broadcast address needs a privilege or "   \
      "an option")                                                                                 \
    X(FAULT, 10014, "Fault", "a buffer given to the system is missing or too small")               \
    X(INVALID_ARGUMENT, 10022, "InvalidArgument",                                                  \
      "the system refused an argument; the socket may be bound already or in the wrong state")     \
    X(TOO_MANY_OPEN_SOCKETS, 10024, "TooManyOpenSockets",                                          \
      "the limit of open descriptors is reached; close some, or raise the limit")                  \
    X(WOULD_BLOCK, 10035, "WouldBlock",                                                            \
      "the call would have to wait and the socket is non-blocking; poll it, then call again")      \
    X(IN_PROGRESS, 10036, "InProgress", "a blocking operation is in progress on this socket")      \
    X(ALREADY_IN_PROGRESS, 10037, "AlreadyInProgress",                                             \
      "a connect is already in progress on this socket; wait for it to finish")                    \
    X(NOT_SOCKET, 10038, "NotSocket",                                                              \
      "the descriptor is not open, or the socket was closed while it was connecting")              \
    X(DESTINATION_ADDRESS_REQUIRED, 10039, "DestinationAddressRequired",                           \
      "no destination; connect the socket first, or send to an end point")                         \
    X(MESSAGE_SIZE, 10040, "MessageSize",                                                          \
      "the datagram is too long or has too many pieces; send less at once")                        \
    X(PROTOCOL_TYPE, 10041, "ProtocolType", "this socket type does not exist here")                \
    X(PROTOCOL_OPTION, 10042, "ProtocolOption",                                                    \
      "the system does not know this option, or it can only be read")                              \
    X(PROTOCOL_NOT_SUPPORTED, 10043, "ProtocolNotSupported",                                       \
      "the system does not offer this protocol for this family and type")                          \
    X(SOCKET_NOT_SUPPORTED, 10044, "SocketNotSupported",                                           \
      "the system does not offer this socket type for this family")                                \
    X(OPERATION_NOT_SUPPORTED, 10045, "OperationNotSupported",                                     \
      "this kind of socket cannot do that, or the flag or option does not exist here")             \
    X(PROTOCOL_FAMILY_NOT_SUPPORTED, 10046, "ProtocolFamilyNotSupported",                          \
      "the system does not offer this protocol family")                                            \
    X(ADDRESS_FAMILY_NOT_SUPPORTED, 10047, "AddressFamilyNotSupported",                            \
      "the address family does not exist here, or does not fit this socket")                       \
    X(ADDRESS_ALREADY_IN_USE, 10048, "AddressAlreadyInUse",                                        \
      "another socket uses this address; choose another port, or remove a stale socket file")      \
    X(ADDRESS_NOT_AVAILABLE, 10049, "AddressNotAvailable",                                         \
      "the address is not one of this machine's, or the socket file does not exist")               \
    X(NETWORK_DOWN, 10050, "NetworkDown", "the network interface is down")                         \
    X(NETWORK_UNREACHABLE, 10051, "NetworkUnreachable",                                            \
      "no route leads to this address, or its family does not fit this socket")                    \
    X(NETWORK_RESET, 10052, "NetworkReset", "the network dropped the connection")                  \
    X(CONNECTION_ABORTED, 10053, "ConnectionAborted",                                              \
      "the connection was ended on this side, by a close or a cancel or by the system")            \
    X(CONNECTION_RESET, 10054, "ConnectionReset", "the peer reset the connection; connect again")  \
    X(NO_BUFFER_SPACE_AVAILABLE, 10055, "NoBufferSpaceAvailable",                                  \
      "the system is short of buffers; try again later")                                           \
    X(IS_CONNECTED, 10056, "IsConnected", "the socket is connected already, or was")               \
    X(NOT_CONNECTED, 10057, "NotConnected", "the socket has no peer; connect it first")            \
    X(SHUTDOWN, 10058, "Shutdown",                                                                 \
      "sending has been shut down, or the peer has gone; nothing more can be sent")                \
    X(TIMED_OUT, 10060, "TimedOut", "the time limit passed before anything happened")              \
    X(CONNECTION_REFUSED, 10061, "ConnectionRefused",                                              \
      "nobody listens at this address; check address and port, and that the server runs")          \
    X(HOST_DOWN, 10064, "HostDown", "the host is down")                                            \
    X(HOST_UNREACHABLE, 10065, "HostUnreachable", "no route leads to the host")                    \
    X(PROCESS_LIMIT, 10067, "ProcessLimit", "too many processes use the socket library")           \
    X(SYSTEM_NOT_READY, 10091, "SystemNotReady", "the network is not ready")                       \
    X(VERSION_NOT_SUPPORTED, 10092, "VersionNotSupported",                                         \
      "this version of the socket library is not supported")                                       \
    X(NOT_INITIALIZED, 10093, "NotInitialized", "the socket library was not initialised")          \
    X(DISCONNECTING, 10101, "Disconnecting", "the socket is being shut down")                      \
    X(TYPE_NOT_FOUND, 10109, "TypeNotFound", "this class of service was not found")                \
    X(HOST_NOT_FOUND, 11001, "HostNotFound", "no such host is known; check the name")              \
    X(TRY_AGAIN, 11002, "TryAgain", "the name server did not answer; try again later")             \
    X(NO_RECOVERY, 11003, "NoRecovery", "the name server failed for good")                         \
    X(NO_DATA, 11004, "NoData", "the name has no address that this socket can use")                \
    X(ARGUMENT_NULL, 20001, "ArgumentNull", "a required pointer is NULL")                          \
    X(ARGUMENT, 20002, "Argument", "an argument has the wrong kind, or does not fit the others")   \
    X(ARGUMENT_OUT_OF_RANGE, 20003, "ArgumentOutOfRange",                                          \
      "a number or a length lies outside what is allowed")                                         \
    X(INVALID_OPERATION, 20004, "InvalidOperation",                                                \
      "the object is in the wrong state for this call")                                            \
    X(OBJECT_DISPOSED, 20005, "ObjectDisposed", "the socket has been closed")                      \
    X(NOT_SUPPORTED, 20006, "NotSupported", "this kind of socket or address cannot do that")       \
    X(PLATFORM_NOT_SUPPORTED, 20007, "PlatformNotSupported",                                       \
      "this is never possible on this system")                                                     \
    X(FORMAT, 20008, "Format", "the text cannot be understood; see what the parser accepts")       \
    X(OPERATION_CANCELED, 20009, "OperationCanceled", "the caller cancelled the operation")        \
    X(OUT_OF_MEMORY, 20010, "OutOfMemory", "no memory; nothing was changed")                       \
    X(FILE_NOT_FOUND, 20011, "FileNotFound", "the file does not exist, but its directory does")    \
    X(DIRECTORY_NOT_FOUND, 20012, "DirectoryNotFound",                                             \
      "the directory of the file does not exist; check the whole path")                            \
    X(END_OF_STREAM, 20013, "EndOfStream",                                                         \
      "the stream has ended before all that was asked for had come")                               \
    X(LIMIT_EXCEEDED, 20014, "LimitExceeded",                                                      \
      "more has come than the limit allows; what came is kept, read it with a higher limit")       \
    X(AUTHENTICATION, 20015, "Authentication",                                                     \
      "one side has refused the other, or what has come is not what was sent; the stream's own "   \
      "text says why")

/** What went wrong, or SN_OK. */
typedef enum sn_error {
    SN_OK = 0,
#define X(id, number, name, message) SN_ERROR_##id = number,
    SN_ERROR_TABLE(X)
#undef X
} sn_error;

/**
 * The error's name as .NET spells it: "ConnectionRefused"; "Success" for SN_OK.
 *
 * @param error  any number
 * @return       static text; "Unknown" for a number that is no error
 * @dotnet       SocketError (its ToString)
 */
SN_API const char *sn_error_name(sn_error error);

/**
 * One sentence that says what happened and what can be done about it. English, no full stop, so
 * that it can stand inside a message of the program's own.
 *
 * @param error  any number
 * @return       static text, never NULL
 * @dotnet       SocketException.Message
 */
SN_API const char *sn_error_message(sn_error error);

/**
 * The error that stands for a code of the system.
 *
 * @param native  an errno value, positive as in <errno.h>; 0 gives SN_OK
 * @return        SN_ERROR_SOCKET_ERROR for a code that has no portable name
 * @dotnet        SocketException(int)
 */
SN_API sn_error sn_error_from_native(int native);

/**
 * The system's code for an error.
 *
 * @param error  any number
 * @return       an errno value; 0 for SN_OK; -1 where the system has no such code
 * @dotnet       SocketException.NativeErrorCode
 */
SN_API int sn_error_to_native(sn_error error);

/**
 * The errno behind the last failed call of this thread, since several share one sn_error. A call
 * that failed without asking the system (misuse) sets it to 0; a call that succeeds leaves it
 * alone.
 *
 * @return  an errno value, or 0
 * @thread  each has its own
 * @dotnet  SocketException.ErrorCode
 */
SN_API int sn_error_last_native(void);

/**
 * Whether an accept loop should simply go on after this error: the peer gave up while it was
 * waiting in the queue, or descriptors, buffers or time ran out for now.
 *
 * @param error  any number
 * @return       false for SN_OK
 * @dotnet       none
 */
SN_API bool sn_error_is_transient(sn_error error);

#ifdef __cplusplus
}
#endif

#endif
