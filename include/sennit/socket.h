/**
 * The socket object: making it, what it knows of itself, accepting, closing. Connecting is in
 * <sennit/connect.h>, which this header brings along.
 *
 * The thread contract, in one sentence: any call, from any thread, at any time, on the same socket;
 * sending and receiving never wait for each other; a blocked call ends when another thread closes
 * the socket or cancels it. The one duty of the program is to hold a reference (sn_socket_retain)
 * for as long as it uses the pointer.
 *
 * A blocking call never shows EINTR, never raises SIGPIPE, and never leaks a descriptor across
 * exec. Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED
 * for a closed one, before it looks at anything else.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_SOCKET_H
#define SENNIT_SOCKET_H

#include <sennit/connect.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Making and releasing ------------------------------------------------------------------- */

/**
 * Makes a socket.
 *
 * An IPv6 socket speaks IPv6 only until dual mode is switched on; see
 * sn_socket_create_dual_mode().
 *
 * @param family      such as SN_FAMILY_IPV4
 * @param type        such as SN_TYPE_STREAM
 * @param protocol    such as SN_PROTOCOL_TCP; SN_PROTOCOL_UNSPECIFIED lets the system choose
 * @param out_socket  owned by the caller: sn_socket_release()
 *
 * @error   SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED  the family does not exist here
 * @error   SN_ERROR_PROTOCOL_TYPE                 the type does not exist
 * @error   SN_ERROR_PROTOCOL_NOT_SUPPORTED        the protocol does not fit the family and the type
 * @error   SN_ERROR_ACCESS_DENIED                 raw and packet sockets need a privilege
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS         no descriptor is free
 * @error   SN_ERROR_OUT_OF_MEMORY                 no memory
 * @dotnet  Socket(AddressFamily, SocketType, ProtocolType)
 */
SN_MUST_USE SN_API sn_error sn_socket_create(sn_address_family family, sn_socket_type type,
                                             sn_protocol_type protocol, sn_socket **out_socket);

/**
 * Makes a socket that speaks IPv6 and IPv4, or IPv4 where the system has no IPv6.
 *
 * @param type        such as SN_TYPE_STREAM
 * @param protocol    such as SN_PROTOCOL_TCP
 * @param out_socket  owned by the caller: sn_socket_release()
 *
 * @error   as sn_socket_create()
 * @dotnet  Socket(SocketType, ProtocolType)
 */
SN_MUST_USE SN_API sn_error sn_socket_create_dual_mode(sn_socket_type type,
                                                       sn_protocol_type protocol,
                                                       sn_socket **out_socket);

/**
 * Wraps a descriptor that exists already, and finds out what it is: family, type, protocol, whether
 * it is bound, connected or listening. A descriptor that is no socket (a pipe, a terminal) is taken
 * too and can be sent to and received from.
 *
 * The descriptor becomes non-blocking and close-on-exec. `blocking` is true, whatever it was
 * before: the calls wait. What is only borrowed is given back as it was.
 *
 * @param handle       adopted on success if `owns_handle`, else borrowed until the socket is closed
 * @param owns_handle  whether closing the socket closes the descriptor
 * @param out_socket   owned by the caller: sn_socket_release()
 *
 * @error   SN_ERROR_ARGUMENT       the handle is negative
 * @error   SN_ERROR_NOT_SOCKET     nothing is open under this number
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory; the handle is still the caller's
 * @error   any other               the system did not tell what it is; the handle is still the
 *                                  caller's
 * @dotnet  Socket(SafeSocketHandle), SafeSocketHandle(IntPtr, bool)
 */
SN_MUST_USE SN_API sn_error sn_socket_from_handle(sn_handle handle, bool owns_handle,
                                                  sn_socket **out_socket);

/**
 * Makes two Unix sockets that are connected to each other.
 *
 * @param type      SN_TYPE_STREAM, SN_TYPE_DATAGRAM or SN_TYPE_SEQPACKET
 * @param out_pair  both owned by the caller: sn_socket_release() each
 *
 * @error   as sn_socket_create()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_pair(sn_socket_type type, sn_socket *out_pair[2]);

/**
 * Another reference to the same socket, for another thread or record to hold.
 *
 * @param socket  borrowed; NULL gives NULL
 * @return        the same pointer, to be released once more
 * @thread        any that holds a reference
 * @dotnet        none
 */
SN_API sn_socket *sn_socket_retain(sn_socket *socket);

/**
 * Gives a reference back. The last one closes the socket and frees it.
 *
 * @param socket  NULL is fine; not to be used afterwards
 * @dotnet        Socket.Finalize(), SafeSocketHandle.ReleaseHandle()
 */
SN_API void sn_socket_release(sn_socket *socket);

/**
 * Closes the socket. Every call that is blocked in it ends with an error; the object stays valid,
 * and later calls give SN_ERROR_OBJECT_DISPOSED. When it returns, no other thread is inside a
 * blocking call any more and the descriptor is closed; a socket that was used asynchronously is
 * closed by its engine instead, soon after its operations have completed as aborted. The address of
 * a listener or a datagram socket is free all the same. An engine's thread, and a call inside a
 * callback, do not wait for the linger time; the kernel goes on sending. What was
 * handed to the kernel is still delivered (see the linger state), except where a blocked call of a
 * stream had to be ended: then the peer sees a reset. The file of a Unix socket that was bound here
 * is removed (see sn_socket_set_unlink_on_close()).
 *
 * @param socket  borrowed; NULL and a closed socket are fine
 * @thread        any, but not from a signal handler
 * @dotnet        Socket.Close(), Socket.Dispose()
 */
SN_API void sn_socket_close(sn_socket *socket);

/**
 * Closes the socket as sn_socket_close() does, and tells when everything is over: the operation
 * completes when the descriptor is closed and every operation of the socket has completed, after
 * their callbacks. It works without an engine too; one is needed for a callback, a time limit or a
 * cancellation handle. It never waits, also not for the linger time. Closing again, also what is
 * closed, completes alike. A cancel or a time limit ends the operation, not the close.
 * What is started meanwhile, in a callback too, is refused, and may complete later than this.
 *
 * @param socket     borrowed for the call
 * @param operation  lent until completion
 * @return           whether it took the record, see sn_operation; if not, nothing is closed
 *
 * @error   SN_ERROR_ARGUMENT_NULL       no socket
 * @error   SN_ERROR_OPERATION_CANCELED  the operation was cancelled; the socket is closed all the
 *                                       same
 * @error   SN_ERROR_OPERATION_ABORTED   the engine was destroyed meanwhile; the same
 * @thread  any; callbacks too
 * @dotnet  none
 */
SN_API bool sn_socket_close_async(sn_socket *socket, sn_operation *operation);

/**
 * Closes the socket, and gives the peer a limited time to take what was sent and to finish.
 *
 * @param socket      borrowed
 * @param timeout_ms  SN_FOREVER: as sn_socket_close(); 0: reset the connection at once; else: shut
 *                    sending down, wait that long for the peer's end (not inside a callback), and
 *                    reset if it does not come or unread data remains. A send that is under way is
 *                    cut off, and the connection reset, at once
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  less than SN_FOREVER (also on a closed socket)
 * @dotnet  Socket.Close(int)
 */
SN_API sn_error sn_socket_close_within(sn_socket *socket, sn_milliseconds timeout_ms);

/**
 * Ends every call that is blocked in the socket and every operation pending on it. The socket
 * itself stays as it is. Blocked calls give SN_ERROR_OPERATION_CANCELED; where bytes moved, the
 * call succeeds.
 *
 * @param socket  borrowed; NULL and a closed socket are fine
 * @dotnet        none
 */
SN_API void sn_socket_cancel(sn_socket *socket);

/* --- What the system offers ------------------------------------------------------------------ */

/**
 * Whether sockets of this family can be made here.
 * @dotnet Socket.OSSupportsIPv4, Socket.SupportsIPv4
 */
SN_API bool sn_socket_os_supports_ipv4(void);
/**
 * Likewise; false too with DOTNET_SYSTEM_NET_DISABLEIPV6=1 in the environment.
 * @dotnet Socket.OSSupportsIPv6, Socket.SupportsIPv6
 */
SN_API bool sn_socket_os_supports_ipv6(void);
/** Whether Unix sockets can be made. @dotnet Socket.OSSupportsUnixDomainSockets */
SN_API bool sn_socket_os_supports_unix(void);

/* --- What the socket knows of itself --------------------------------------------------------- */

/**
 * As given at creation, also after a close. SN_FAMILY_UNKNOWN for NULL.
 * @dotnet Socket.AddressFamily
 */
SN_API sn_address_family sn_socket_get_address_family(const sn_socket *socket);
/** As given at creation, also after a close. @dotnet Socket.SocketType */
SN_API sn_socket_type sn_socket_get_socket_type(const sn_socket *socket);
/** As given at creation, also after a close. @dotnet Socket.ProtocolType */
SN_API sn_protocol_type sn_socket_get_protocol_type(const sn_socket *socket);
/** Whether it has a local address. @dotnet Socket.IsBound */
SN_API bool sn_socket_is_bound(const sn_socket *socket);
/**
 * Whether the last operation left it connected: a memory, not a probe. A peer that has gone is
 * noticed by an operation that fails.
 * @since 0.2
 * @dotnet Socket.Connected
 */
SN_API bool sn_socket_is_connected(const sn_socket *socket);
/** Whether calls wait. True at first. @since 0.2 @dotnet Socket.Blocking */
SN_API bool sn_socket_is_blocking(const sn_socket *socket);
/**
 * With false, a call that would have to wait gives SN_ERROR_WOULD_BLOCK. It is a wish kept in the
 * object: the descriptor is non-blocking always.
 * @dotnet Socket.Blocking
 */
SN_MUST_USE SN_API sn_error sn_socket_set_blocking(sn_socket *socket, bool blocking);
/**
 * The descriptor, still the socket's; SN_HANDLE_NONE once closed. Once it was read, the number
 * means the same open file, also where a connect after a failed one would have made a new one: what
 * the program has done with it (watched it, set its options, bound it) stays. Only a disconnect for
 * reuse makes a new one.
 * @dotnet Socket.Handle, Socket.SafeHandle
 */
SN_API sn_handle sn_socket_get_handle(sn_socket *socket);

/**
 * The address that the socket is bound to.
 *
 * @param socket        borrowed
 * @param out_endpoint  SN_ENDPOINT_NONE while not bound, where .NET gives null
 *
 * @error   what the kernel says
 * @dotnet  Socket.LocalEndPoint
 */
SN_MUST_USE SN_API sn_error sn_socket_get_local_endpoint(sn_socket *socket,
                                                         sn_endpoint *out_endpoint);
/**
 * The address of the peer. Once read it is remembered, also after the connection has ended.
 *
 * @param socket        borrowed
 * @param out_endpoint  SN_ENDPOINT_NONE while not connected, where .NET gives null
 *
 * @error   what the kernel says
 * @dotnet  Socket.RemoteEndPoint
 */
SN_MUST_USE SN_API sn_error sn_socket_get_remote_endpoint(sn_socket *socket,
                                                          sn_endpoint *out_endpoint);

/**
 * How much can be received at once without waiting: bytes queued on a stream, the size of the next
 * datagram.
 *
 * @param socket         borrowed
 * @param out_available  bytes
 *
 * @error   SN_ERROR_INVALID_ARGUMENT  the socket is listening
 * @dotnet  Socket.Available
 */
SN_MUST_USE SN_API sn_error sn_socket_get_available(sn_socket *socket, size_t *out_available);

/* --- Binding, listening, accepting ----------------------------------------------------------- */

/**
 * Gives the socket a local address. Port 0 lets the system choose; the choice is read with
 * sn_socket_get_local_endpoint(). A TCP socket may bind while old connections of the address still
 * linger. A dual-mode socket takes IPv4 addresses too.
 *
 * @param socket  borrowed
 * @param local   borrowed for the call
 *
 * @error   SN_ERROR_ARGUMENT_NULL           local is NULL or SN_ENDPOINT_NONE
 * @error   SN_ERROR_ARGUMENT                local is a DNS end point
 * @error   SN_ERROR_ADDRESS_ALREADY_IN_USE  somebody else has it; a Unix path exists
 * @error   SN_ERROR_ADDRESS_NOT_AVAILABLE   it is not an address of this machine
 * @error   SN_ERROR_ACCESS_DENIED           a low port needs a privilege
 * @error   SN_ERROR_INVALID_ARGUMENT        the socket is bound already
 * @dotnet  Socket.Bind(EndPoint)
 */
SN_MUST_USE SN_API sn_error sn_socket_bind(sn_socket *socket, const sn_endpoint *local);

/**
 * Lets others connect. May be repeated to change the backlog.
 *
 * @param socket   borrowed
 * @param backlog  how many connections may wait to be accepted; INT_MAX for as many as the system
 *                 allows
 *
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  the type of socket takes no connections
 * @error   SN_ERROR_INVALID_ARGUMENT         a Unix socket that is not bound
 * @dotnet  Socket.Listen(int), Socket.Listen()
 */
SN_MUST_USE SN_API sn_error sn_socket_listen(sn_socket *socket, int backlog);

/**
 * Waits for a connection and takes it.
 *
 * @param socket      borrowed; bound and listening
 * @param out_socket  owned by the caller; family, type, protocol and blocking as the listener's
 *
 * @error   SN_ERROR_INVALID_OPERATION      not bound or not listening
 * @error   SN_ERROR_TIMED_OUT              the accept timeout passed
 * @error   SN_ERROR_INTERRUPTED            the listener was closed by another thread
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS  no descriptor is free; the connection waits on
 * @error   sn_error_is_transient() tells whether to go on with the next accept
 * @thread  any; several threads may accept from one listener
 * @dotnet  Socket.Accept()
 */
SN_MUST_USE SN_API sn_error sn_socket_accept(sn_socket *socket, sn_socket **out_socket);

/**
 * Starts waiting for a connection. Completes exactly once, through the operation, misuse included.
 *
 * @param socket     borrowed for the call; bound and listening
 * @param into       NULL: a new socket; else an unbound or disconnected socket that becomes the
 *                   accepted one (its old descriptor is closed); lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`; `socket`: the accepted one, owned by you (`into`, if it was
 * given). The new socket's memory is taken at the start.
 * @error   SN_ERROR_OUT_OF_MEMORY      no memory; no connection was taken
 * @error   SN_ERROR_OPERATION_ABORTED  the listener or `into` was closed meanwhile (then the new
 *                                      connection is closed too), or the engine was destroyed
 * @error   SN_ERROR_INVALID_OPERATION  not bound, not listening; or `into` is bound
 * @error   SN_ERROR_INVALID_ARGUMENT   sending was shut down on `into`
 * @error   otherwise as sn_socket_accept()
 * @thread  any; several may be pending, each gets another connection
 * @dotnet  Socket.AcceptAsync(SocketAsyncEventArgs), Socket.AcceptAsync(Socket, CancellationToken),
 * Socket.BeginAccept(...) and their overloads
 */
SN_API bool sn_socket_accept_async(sn_socket *socket, sn_socket *into, sn_operation *operation);

/* --- Waiting for several things -------------------------------------------------------------- */

/**
 * Waits until the socket can be read or written without waiting, or has an error.
 *
 * @param socket      borrowed
 * @param timeout_us  microseconds, cut to whole milliseconds (less than 1000: do not wait); -1: no
 *                    limit; -2000 and less: SN_ERROR_INVALID_ARGUMENT
 * @param mode        SN_SELECT_READ: data, a connection, the end of the stream; SN_SELECT_WRITE:
 *                    room, or a connect has ended; SN_SELECT_ERROR: a failed connect, urgent data
 * @param out_ready   false when the time passed
 *
 * @error   SN_ERROR_INTERRUPTED         the socket was closed by another thread
 * @error   SN_ERROR_OPERATION_CANCELED  sn_socket_cancel()
 * @dotnet  Socket.Poll(int, SelectMode), Socket.Poll(TimeSpan, SelectMode)
 */
SN_MUST_USE SN_API sn_error sn_socket_poll(sn_socket *socket, int timeout_us, sn_select_mode mode,
                                           bool *out_ready);

/** Sockets for sn_socket_select(): the ready ones are moved to the front, in their order. */
typedef struct sn_socket_list {
    sn_socket **sockets; /* borrowed; the array is the caller's and is rewritten */
    size_t count;        /* in: how many; out: how many are ready */
} sn_socket_list;

/**
 * Waits until at least one of many sockets is ready. The same socket may be in several lists.
 *
 * @param read        to wait for SN_SELECT_READ; NULL or empty: none; keeps the ready sockets only
 * @param write       to wait for SN_SELECT_WRITE; NULL or empty: none; keeps the ready sockets only
 * @param error       to wait for SN_SELECT_ERROR; NULL or empty: none; keeps the ready sockets only
 * @param timeout_us  as sn_socket_poll(); when the time passes, all lists become empty
 *
 * @error   SN_ERROR_ARGUMENT_NULL          nothing to wait for, or a NULL socket in a list
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  more than 65536 sockets in a list
 * @error   SN_ERROR_OBJECT_DISPOSED        one of them is closed; the lists are unchanged
 * @error   SN_ERROR_INTERRUPTED            one of them was closed meanwhile
 * @thread  any; the lists are the caller's alone
 * @dotnet  Socket.Select(IList, IList, IList, int), Socket.Select(IList, IList, IList, TimeSpan)
 */
SN_MUST_USE SN_API sn_error sn_socket_select(sn_socket_list *read, sn_socket_list *write,
                                             sn_socket_list *error, int timeout_us);

/**
 * Asks for one of the few control codes that mean something here: SN_IO_CONTROL_DATA_TO_READ (how
 * many bytes wait) and SN_IO_CONTROL_OOB_DATA_READ (1: at the urgent mark). Both write an int of 4
 * bytes.
 *
 * @param socket    borrowed
 * @param code      SN_IO_CONTROL_DATA_TO_READ or SN_IO_CONTROL_OOB_DATA_READ
 * @param in        ignored
 * @param in_size   ignored
 * @param out       caller-provided, `out_size` bytes
 * @param out_size  at least 4
 * @param out_written  bytes written; may be NULL
 *
 * @error   SN_ERROR_INVALID_OPERATION       .NET's NonBlockingIO: use sn_socket_set_blocking()
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  any other code
 * @error   SN_ERROR_FAULT                   the output is missing or too small
 * @dotnet  Socket.IOControl(IOControlCode, byte[], byte[]), Socket.IOControl(int, byte[], byte[])
 */
SN_MUST_USE SN_API sn_error sn_socket_io_control(sn_socket *socket, sn_io_control_code code,
                                                 const void *in, size_t in_size, void *out,
                                                 size_t out_size, size_t *out_written);

#ifdef __cplusplus
}
#endif

#endif
