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
 *                                           replaced: its handle was read or a raw option set
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
 * Connects to a host by name: its addresses are tried in the resolver's order.
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
 * @error   otherwise that of the last address tried
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
 * Connects to the first of several addresses that answers, in the given order. Those that do not
 * fit the socket's family are passed over.
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
SN_MUST_USE SN_API sn_error sn_socket_shutdown(sn_socket *socket, sn_shutdown how);

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
SN_MUST_USE SN_API sn_error sn_socket_disconnect(sn_socket *socket, bool reuse);

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
