/**
 * Connecting a socket, by end point, name or addresses, and ending the connection.
 *
 * The thread contract of <sennit/socket.h> holds here too, and so do its errors for a NULL and for
 * a closed socket.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_CONNECT_H
#define SENNIT_CONNECT_H

#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- How several addresses are tried ---------------------------------------------------------- */

/** In which way. @since 0.2 @dotnet ConnectAlgorithm */
typedef enum sn_connect_algorithm {
    SN_CONNECT_DEFAULT = 0, /* one after the other, in the given order */
    SN_CONNECT_PARALLEL = 1 /* as a race: see sn_connect_options */
} sn_connect_algorithm;

/** One attempt to connect to one address. Times are nanoseconds of CLOCK_MONOTONIC. */
typedef struct sn_connect_attempt {
    sn_ip_address address; /* tried */
    sn_error error;   /* SN_OK: this is the connection. SN_ERROR_OPERATION_CANCELED: given up, since
                         another was faster or the connect was ended. SN_ERROR_IN_PROGRESS: goes on */
    int native_error; /* errno behind it, 0 if none */
    int64_t start_ns; /* when it began */
    int64_t end_ns;   /* 0 while it goes on */
} sn_connect_attempt;

/**
 * What was attempted, in the order of the starts. A connect appends to it, one at a time; who wants
 * each on its own sets `count` to 0 before.
 */
typedef struct sn_connect_log {
    sn_connect_attempt *attempts; /* yours: room for `capacity` of them */
    size_t capacity;              /* what does not fit is counted, and not written */
    size_t count;                 /* attempts made */
} sn_connect_log;

/**
 * How a socket connects. All zero is how all do.
 *
 * SN_CONNECT_PARALLEL is a race (RFC 8305): the families take turns in the list, beginning with
 * that of the first address; each next attempt begins after a delay, or at once when one has
 * failed, while the earlier ones go on; the first that is answered becomes the connection, and the
 * others are closed. An address that does not answer so costs the delay and not the minutes of the
 * system's limit. The socket's connect timeout is for each attempt. Every attempt but the first has
 * a descriptor of its own, with the options that were set on the socket and bound as it is, which
 * goes under the socket's number if it wins. A socket whose handle was read keeps its file, so its
 * addresses are tried in turn; one on which a raw option was set tries the first only, as without a
 * race. Datagram sockets have nothing to wait for: theirs are tried in turn.
 */
typedef struct sn_connect_options {
    size_t size; /* sizeof(sn_connect_options); 0: as it was in 0.2. Later ones may have more */
    sn_connect_algorithm algorithm;   /* one address after the other, or racing */
    sn_milliseconds attempt_delay_ms; /* between the starts of two attempts: 10 and up; 0: 250 */
    sn_connect_log *log; /* lent while connects with it are under way: gets each attempt to connect
                            to an IP address, in either algorithm; NULL: none is kept */
} sn_connect_options;

/**
 * Sets how the socket connects from now on, whichever function is called for it: by name, to
 * addresses, to an end point, blocking or not. Not while a connect is under way.
 *
 * @param socket   borrowed
 * @param options  borrowed for the call, but for the log; NULL: all zero
 *
 * @error   SN_ERROR_ARGUMENT               no such algorithm
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the size or the delay
 * @error   SN_ERROR_NOT_SUPPORTED          the record is a later one that asks for what this
 *                                          library does not know
 * @error   SN_ERROR_OUT_OF_MEMORY          no memory to remember them; nothing was changed
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_set_connect_options(sn_socket *socket,
                                                          const sn_connect_options *options);

/**
 * How the socket connects.
 *
 * @param socket       borrowed
 * @param out_options  as it was set; all zero where it was not, but for its `size`
 * @param size         sizeof(sn_connect_options): no more is written, and what this library does
 *                     not know is zero
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_options is NULL
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_connect_options(sn_socket *socket,
                                                          sn_connect_options *out_options,
                                                          size_t size);

/* --- Connecting ------------------------------------------------------------------------------ */

/**
 * Connects to an end point. For a datagram socket this sets where it sends to and whom it hears,
 * and may be repeated.
 *
 * A non-blocking socket gives SN_ERROR_WOULD_BLOCK when the connection is on its way; poll it for
 * SN_SELECT_WRITE, then read sn_socket_is_connected(). After a failed connect the socket can be
 * connected again: it gets a new descriptor under the same number, with the same options.
 *
 * @param socket  borrowed
 * @param remote  borrowed for the call; a DNS end point is resolved
 *
 * @error   SN_ERROR_CONNECTION_REFUSED      nobody listens there
 * @error   SN_ERROR_ADDRESS_NOT_AVAILABLE   the Unix path does not exist
 * @error   SN_ERROR_TIMED_OUT               the connect timeout, or the system's own, passed
 * @error   SN_ERROR_IS_CONNECTED            the stream socket is connected
 * @error   SN_ERROR_INVALID_OPERATION       the socket is listening, or was connected before
 * @error   SN_ERROR_NOT_SOCKET              the socket was closed by another thread
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  a connect failed before, and the descriptor cannot be
 *                                           replaced: a raw option was set
 * @dotnet  Socket.Connect(EndPoint), Socket.Connect(IPAddress, int)
 */
SN_MUST_USE SN_API sn_error sn_socket_connect(sn_socket *socket, const sn_endpoint *remote);

/**
 * Starts connecting. Completes exactly once, through the operation, misuse included.
 *
 * @param socket     borrowed for the call
 * @param remote     lent until completion; a DNS end point is resolved on a thread of the resolver
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   SN_ERROR_NOT_SUPPORTED      the family of the end point does not fit the socket
 * @error   SN_ERROR_IS_CONNECTED       the stream socket is connected
 * @error   SN_ERROR_INVALID_OPERATION  the socket is listening
 * @error   SN_ERROR_OPERATION_ABORTED  the socket was closed or its engine destroyed meanwhile
 * @error   SN_ERROR_NO_DATA            a name that has no address for this socket
 * @error   otherwise as sn_socket_connect()
 * @dotnet  Socket.ConnectAsync(SocketAsyncEventArgs), Socket.ConnectAsync(EndPoint,
 * CancellationToken), Socket.BeginConnect(EndPoint, ...) and their overloads
 */
SN_API bool sn_socket_connect_async(sn_socket *socket, const sn_endpoint *remote,
                                    sn_operation *operation);

/**
 * Makes a socket that fits the end point and starts connecting it. For a host name the addresses
 * are tried in the resolver's order, with one socket for each family.
 *
 * @param type       such as SN_TYPE_STREAM
 * @param protocol   such as SN_PROTOCOL_TCP
 * @param remote     lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`; `socket`: the connected socket, owned by you; NULL after an
 * error.
 * @error   as sn_socket_create() and sn_socket_connect_async()
 * @dotnet  Socket.ConnectAsync(SocketType, ProtocolType, SocketAsyncEventArgs)
 */
SN_API bool sn_socket_create_connected_async(sn_socket_type type, sn_protocol_type protocol,
                                             const sn_endpoint *remote, sn_operation *operation);

/**
 * The same in a way of its own: the addresses of a name may race. A socket of the other family than
 * the winner's is not left over.
 *
 * @param type       such as SN_TYPE_STREAM
 * @param protocol   such as SN_PROTOCOL_TCP
 * @param remote     lent until completion
 * @param options    borrowed for the call, but for the log; for this connect only, the socket that
 *                   was made does not keep them; NULL: all zero
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: as sn_socket_create_connected_async().
 * @error   as sn_socket_set_connect_options() and sn_socket_create_connected_async()
 * @since   0.2
 * @dotnet  Socket.ConnectAsync(SocketType, ProtocolType, SocketAsyncEventArgs, ConnectAlgorithm)
 */
SN_API bool sn_socket_create_connected_with_async(sn_socket_type type, sn_protocol_type protocol,
                                                  const sn_endpoint *remote,
                                                  const sn_connect_options *options,
                                                  sn_operation *operation);

/**
 * Connects to a host by name: its addresses are tried in the resolver's order, or as
 * sn_socket_set_connect_options() says.
 *
 * @param socket  borrowed; IPv4 or IPv6
 * @param host    borrowed for the call; a name, the text of an address, or "" for this machine
 * @param port    0 to 65535
 *
 * @error   SN_ERROR_ARGUMENT_NULL          host is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port, or a name of more than 254 bytes; 255 if it
 *                                          ends with a dot
 * @error   SN_ERROR_NOT_SUPPORTED          the socket is neither IPv4 nor IPv6
 * @error   SN_ERROR_HOST_NOT_FOUND         the name is not known
 * @error   SN_ERROR_ARGUMENT               no address fits the socket's family
 * @error   SN_ERROR_INVALID_OPERATION      it is to race, and the socket is non-blocking: start it
 *                                          asynchronously
 * @error   SN_ERROR_ALREADY_IN_PROGRESS    it is to race, and another connect is under way
 * @error   otherwise that of the last address tried; in a race, of the last failure
 * @dotnet  Socket.Connect(string, int)
 */
SN_MUST_USE SN_API sn_error sn_socket_connect_host(sn_socket *socket, const char *host, int port);

/**
 * Starts connecting to a host by name. Completes exactly once, through the operation, misuse
 * included.
 *
 * @param socket     borrowed for the call; IPv4 or IPv6
 * @param host       borrowed for the call; not empty
 * @param port       0 to 65535
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   SN_ERROR_ARGUMENT       the host is empty
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory for what is remembered between the attempts
 * @error   otherwise as sn_socket_connect_host() and sn_socket_connect_async()
 * @dotnet  Socket.ConnectAsync(string, int, CancellationToken), Socket.BeginConnect(string, int,
 * ...) and their overloads
 */
SN_API bool sn_socket_connect_host_async(sn_socket *socket, const char *host, int port,
                                         sn_operation *operation);

/**
 * Connects to the first of several addresses that answers, in the given order, or as
 * sn_socket_set_connect_options() says. Those that do not fit the socket's family are passed over.
 *
 * @param socket     borrowed; IPv4 or IPv6
 * @param addresses  borrowed for the call, `count` of them
 * @param count      at least 1, else SN_ERROR_ARGUMENT
 * @param port       0 to 65535
 *
 * @error   as sn_socket_connect_host()
 * @dotnet  Socket.Connect(IPAddress[], int)
 */
SN_MUST_USE SN_API sn_error sn_socket_connect_addresses(sn_socket *socket,
                                                        const sn_ip_address *addresses,
                                                        size_t count, int port);

/**
 * Starts connecting to the first of several addresses that answers. Completes exactly once, through
 * the operation, misuse included.
 *
 * @param socket     borrowed for the call; IPv4 or IPv6
 * @param addresses  lent until completion, `count` of them
 * @param count      at least 1
 * @param port       0 to 65535
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, that of the last address tried.
 * @error   SN_ERROR_IS_CONNECTED   the socket is connected, a datagram socket too
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory for what is remembered between the attempts
 * @error   otherwise as sn_socket_connect_addresses() and sn_socket_connect_async()
 * @dotnet  Socket.ConnectAsync(IPAddress[], int, CancellationToken),
 * Socket.BeginConnect(IPAddress[], int, ...) and their overloads
 */
SN_API bool sn_socket_connect_addresses_async(sn_socket *socket, const sn_ip_address *addresses,
                                              size_t count, int port, sn_operation *operation);

/* --- Ending the connection ------------------------------------------------------------------- */

/**
 * Ends sending, receiving or both. The socket counts as not connected afterwards, but after
 * SN_SHUTDOWN_SEND it can still receive.
 *
 * @param socket  borrowed
 * @param how     which direction
 *
 * @error   SN_ERROR_NOT_CONNECTED     it never was connected (a Unix socket: no error)
 * @error   SN_ERROR_INVALID_ARGUMENT  `how` is none of the three
 * @dotnet  Socket.Shutdown(SocketShutdown)
 */
SN_API sn_error sn_socket_shutdown(sn_socket *socket, sn_shutdown how);

/**
 * Ends the connection.
 *
 * What is pending comes to its end: a receive with no bytes or as aborted, a send with its error or
 * as aborted. With `reuse` none of it goes on with the next peer.
 *
 * @param socket  borrowed
 * @param reuse   true: the socket gets a new descriptor, for an asynchronous connect or for
 *                accepting into it (a blocking connect is refused all the same, as in .NET)
 *
 * @error   SN_ERROR_NOT_CONNECTED  it is not connected
 * @dotnet  Socket.Disconnect(bool)
 */
SN_API sn_error sn_socket_disconnect(sn_socket *socket, bool reuse);

/**
 * Ends the connection, and reports through the operation; it never waits.
 *
 * @param socket     borrowed for the call
 * @param reuse      as sn_socket_disconnect()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   as sn_socket_disconnect()
 * @dotnet  Socket.DisconnectAsync(SocketAsyncEventArgs), Socket.DisconnectAsync(bool,
 * CancellationToken), Socket.BeginDisconnect(...) and their overloads
 */
SN_API bool sn_socket_disconnect_async(sn_socket *socket, bool reuse, sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
