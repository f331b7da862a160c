/**
 * Sending and receiving.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one, before it looks at anything else. A call that is blocked when the socket is closed
 * gives SN_ERROR_CONNECTION_ABORTED on a stream socket and SN_ERROR_INTERRUPTED on any other; after
 * sn_socket_cancel() it gives SN_ERROR_OPERATION_CANCELED.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_TRANSFER_H
#define SENNIT_TRANSFER_H

#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sends. On a stream, a blocking socket sends all of it, and the bytes of one call stay together
 * when several threads send; a non-blocking one sends what fits. On a datagram socket it is one
 * datagram.
 *
 * @param socket    borrowed; connected
 * @param data      borrowed for the call; NULL only with size 0
 * @param size      bytes, at most SSIZE_MAX; 0 sends an empty datagram, and nothing on a stream
 * @param flags     SN_FLAG_NONE, or SN_FLAG_OUT_OF_BAND | SN_FLAG_DONT_ROUTE |
 *                  SN_FLAG_DONT_WAIT | SN_FLAG_MORE
 * @param out_sent  bytes handed to the system; may be NULL. After an error it is written if some
 *                  went out, so start with 0: a send that ended early can be gone on with (since
 *                  0.2)
 *
 * @error   SN_ERROR_ARGUMENT_NULL                 data is NULL and size is not 0
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE         size is above SSIZE_MAX
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED       a flag that cannot be given to a send
 * @error   SN_ERROR_WOULD_BLOCK                   non-blocking, and nothing could be sent
 * @error   SN_ERROR_TIMED_OUT                     the send timeout passed (for the whole call)
 * @error   SN_ERROR_SHUTDOWN                      not connected, shut down, or the peer has gone
 * @error   SN_ERROR_NOT_CONNECTED                 a Unix socket without a peer
 * @error   SN_ERROR_CONNECTION_RESET              the peer reset the connection
 * @error   SN_ERROR_DESTINATION_ADDRESS_REQUIRED  a datagram socket without a peer
 * @error   SN_ERROR_MESSAGE_SIZE                  too long for one datagram
 * @error   SN_ERROR_CONNECTION_REFUSED            nobody took an earlier datagram
 * @dotnet  Socket.Send(byte[]), Socket.Send(ReadOnlySpan<byte>, SocketFlags, out SocketError) and
 * their overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_send(sn_socket *socket, const void *data, size_t size,
                                           sn_flags flags, size_t *out_sent);

/**
 * Starts sending and returns without waiting. On a stream it completes when everything was sent,
 * whether the socket is blocking or not.
 *
 * Completes exactly once, through the operation, misuse included; nothing is allocated. Operations
 * of one direction of one socket do their work in the order they were started. The socket's own
 * timeouts do not apply; operation->timeout_ms does.
 *
 * Several that callbacks start on one stream leave in one system call, once the callbacks that are
 * due have run. What the same thread does to the socket afterwards, a shutdown say, comes behind
 * them; another thread waits for their completion first.
 *
 * @param socket     borrowed for the call; connected
 * @param data       lent until completion; NULL only with size 0
 * @param size       bytes
 * @param flags      as sn_socket_send()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_OPERATION_ABORTED   the socket was closed or its engine destroyed meanwhile
 * @error   SN_ERROR_OPERATION_CANCELED  cancelled before anything was sent
 * @error   SN_ERROR_TIMED_OUT           operation->timeout_ms passed before anything was sent
 * @error   otherwise as sn_socket_send()
 * @dotnet  Socket.SendAsync(SocketAsyncEventArgs), Socket.SendAsync(ReadOnlyMemory<byte>,
 * SocketFlags, CancellationToken), Socket.BeginSend(...) and their overloads
 */
SN_API bool sn_socket_send_async(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                                 sn_operation *operation);

/**
 * Sends several pieces of memory as if they were one.
 *
 * @param socket    borrowed; connected
 * @param buffers   borrowed for the call, with what they point to; `count` of them
 * @param count     at least 1; a datagram has room for 1024, a stream for any number
 * @param flags     as sn_socket_send()
 * @param out_sent  bytes; may be NULL
 *
 * @error   SN_ERROR_ARGUMENT_NULL  buffers is NULL, or one of them is NULL and not empty
 * @error   SN_ERROR_ARGUMENT       count is 0
 * @error   otherwise as sn_socket_send()
 * @dotnet  Socket.Send(IList<ArraySegment<byte>>, SocketFlags, out SocketError) and its overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_send_buffers(sn_socket *socket, const sn_buffer *buffers,
                                                   size_t count, sn_flags flags, size_t *out_sent);

/**
 * Starts sending several pieces of memory as if they were one, and completes as
 * sn_socket_send_async() does.
 *
 * @param socket     borrowed for the call; connected
 * @param buffers    lent until completion, with what they point to
 * @param count      as sn_socket_send_buffers()
 * @param flags      as sn_socket_send()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   as sn_socket_send_buffers() and sn_socket_send_async()
 * @dotnet  Socket.SendAsync(IList<ArraySegment<byte>>, SocketFlags),
 * Socket.BeginSend(IList<ArraySegment<byte>>, ...)
 */
SN_API bool sn_socket_send_buffers_async(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                         sn_flags flags, sn_operation *operation);

/**
 * Sends one datagram to an address. An unbound socket is bound by the system. On a connected stream
 * the address is ignored.
 *
 * @param socket    borrowed
 * @param data      borrowed for the call; NULL only with size 0
 * @param size      bytes
 * @param flags     as sn_socket_send()
 * @param to        borrowed for the call; IPv4 is mapped on a dual-mode socket
 * @param out_sent  bytes; may be NULL
 *
 * @error   SN_ERROR_ARGUMENT_NULL          to is NULL or SN_ENDPOINT_NONE
 * @error   SN_ERROR_ARGUMENT               to is a DNS end point
 * @error   SN_ERROR_ACCESS_DENIED          a broadcast address, and broadcast is not enabled
 * @error   SN_ERROR_NETWORK_UNREACHABLE    no route, or IPv4 on an IPv6-only socket
 * @error   otherwise as sn_socket_send()
 * @dotnet  Socket.SendTo(byte[], EndPoint), Socket.SendTo(ReadOnlySpan<byte>, SocketFlags,
 * SocketAddress) and their overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_send_to(sn_socket *socket, const void *data, size_t size,
                                              sn_flags flags, const sn_endpoint *to,
                                              size_t *out_sent);

/**
 * Starts sending one datagram to an address, and completes as sn_socket_send_async() does. An
 * unbound socket counts as bound at once.
 *
 * @param socket     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param flags      as sn_socket_send()
 * @param to         lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @error   as sn_socket_send_to() and sn_socket_send_async()
 * @dotnet  Socket.SendToAsync(SocketAsyncEventArgs), Socket.SendToAsync(ReadOnlyMemory<byte>,
 * SocketFlags, EndPoint, CancellationToken), Socket.BeginSendTo(...) and their overloads
 */
SN_API bool sn_socket_send_to_async(sn_socket *socket, const void *data, size_t size,
                                    sn_flags flags, const sn_endpoint *to, sn_operation *operation);

/**
 * Sends several pieces of memory as one datagram to an address.
 *
 * @param socket    borrowed
 * @param buffers   borrowed for the call, `count` of them
 * @param count     as sn_socket_send_buffers()
 * @param flags     as sn_socket_send()
 * @param to        as sn_socket_send_to()
 * @param out_sent  bytes in all; may be NULL
 *
 * @error   as sn_socket_send_to() and sn_socket_send_buffers()
 * @dotnet  Socket.SendToAsync(SocketAsyncEventArgs)
 */
SN_MUST_USE SN_API sn_error sn_socket_send_to_buffers(sn_socket *socket, const sn_buffer *buffers,
                                                      size_t count, sn_flags flags,
                                                      const sn_endpoint *to, size_t *out_sent);

/**
 * Starts sending several pieces of memory as one datagram to an address; see
 * sn_socket_send_to_async().
 *
 * @param socket     borrowed for the call
 * @param buffers    lent until completion, with what they point to
 * @param count      as sn_socket_send_buffers()
 * @param flags      as sn_socket_send()
 * @param to         lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @error   as sn_socket_send_to_buffers() and sn_socket_send_async()
 * @dotnet  Socket.SendToAsync(SocketAsyncEventArgs)
 */
SN_API bool sn_socket_send_to_buffers_async(sn_socket *socket, const sn_buffer *buffers,
                                            size_t count, sn_flags flags, const sn_endpoint *to,
                                            sn_operation *operation);

/**
 * Receives: on a stream what is there, at least 1 byte, and 0 at the end of the stream; on a
 * datagram socket one datagram, of which what does not fit is lost.
 *
 * @param socket        borrowed; connected, or a bound datagram socket
 * @param data          caller-provided, `size` bytes; NULL only with size 0
 * @param size          bytes; 0 waits until something can be received and takes nothing
 * @param flags         SN_FLAG_NONE, or SN_FLAG_PEEK | SN_FLAG_OUT_OF_BAND | SN_FLAG_DONT_WAIT; for
 *                      datagrams SN_FLAG_TRUNCATE, for streams SN_FLAG_WAIT_ALL
 * @param out_received  bytes; with SN_FLAG_TRUNCATE the datagram's own, which may be more than fit;
 *                      with SN_FLAG_WAIT_ALL written beside an error too, if any came
 *
 * @error   SN_ERROR_ARGUMENT_NULL            data is NULL and size is not 0; out_received is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    size is above SSIZE_MAX
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  a flag that cannot be given to a receive
 * @error   SN_ERROR_WOULD_BLOCK              non-blocking, and nothing is there
 * @error   SN_ERROR_TIMED_OUT                the receive timeout passed
 * @error   SN_ERROR_NOT_CONNECTED            a stream socket without a peer
 * @error   SN_ERROR_INVALID_ARGUMENT         a Unix stream without a peer; no urgent byte is there
 * @error   SN_ERROR_CONNECTION_RESET         the peer reset the connection
 * @error   SN_ERROR_CONNECTION_REFUSED       nobody took an earlier datagram
 * @dotnet  Socket.Receive(byte[]), Socket.Receive(Span<byte>, SocketFlags, out SocketError) and
 * their overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_receive(sn_socket *socket, void *data, size_t size,
                                              sn_flags flags, size_t *out_received);

/**
 * Starts receiving and returns without waiting.
 *
 * Completes exactly once: with bytes (none, for a non-empty buffer of a stream, means that the peer
 * finished sending) or with an error, misuse included; nothing is allocated. Receives of one socket
 * are filled in the order they were started. The socket's receive timeout does not apply;
 * operation->timeout_ms does.
 *
 * @param socket     borrowed for the call
 * @param data       lent until completion; NULL only with size 0
 * @param size       bytes; 0 waits until something can be received and takes nothing
 * @param flags      as sn_socket_receive()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes), `flags`.
 * @error   SN_ERROR_OPERATION_ABORTED   the socket was closed or its engine destroyed meanwhile
 * @error   SN_ERROR_OPERATION_CANCELED  cancelled before anything was received
 * @error   SN_ERROR_TIMED_OUT           operation->timeout_ms passed before anything was received
 * @error   otherwise as sn_socket_receive()
 * @thread  any; may race with sn_socket_close()
 * @dotnet  Socket.ReceiveAsync(SocketAsyncEventArgs), Socket.ReceiveAsync(Memory<byte>,
 * SocketFlags, CancellationToken), Socket.BeginReceive(...) and their overloads
 */
SN_API bool sn_socket_receive_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                    sn_operation *operation);

/**
 * Receives into several pieces of memory, filled one after the other.
 *
 * @param socket        borrowed
 * @param buffers       borrowed for the call, `count` of them; their memory is caller-provided
 * @param count         at least 1; a datagram takes up to 1024, a stream any number
 * @param flags         as sn_socket_receive()
 * @param out_received  bytes in all
 *
 * @error   SN_ERROR_ARGUMENT_NULL  buffers is NULL, or one of them is NULL and not empty
 * @error   SN_ERROR_ARGUMENT       count is 0
 * @error   SN_ERROR_MESSAGE_SIZE   too many buffers for a datagram
 * @error   otherwise as sn_socket_receive()
 * @dotnet  Socket.Receive(IList<ArraySegment<byte>>, SocketFlags, out SocketError) and its
 * overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_buffers(sn_socket *socket, const sn_buffer *buffers,
                                                      size_t count, sn_flags flags,
                                                      size_t *out_received);

/**
 * Starts receiving into several pieces of memory, filled one after the other, and completes as
 * sn_socket_receive_async() does.
 *
 * @param socket     borrowed for the call
 * @param buffers    lent until completion, with what they point to
 * @param count      at least 1
 * @param flags      as sn_socket_receive()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes in all), `flags`.
 * @error   as sn_socket_receive_buffers() and sn_socket_receive_async()
 * @dotnet  Socket.ReceiveAsync(IList<ArraySegment<byte>>, SocketFlags),
 * Socket.BeginReceive(IList<ArraySegment<byte>>, ...)
 */
SN_API bool sn_socket_receive_buffers_async(sn_socket *socket, const sn_buffer *buffers,
                                            size_t count, sn_flags flags, sn_operation *operation);

/**
 * Receives one datagram and tells who sent it. On a connected stream the system names no sender,
 * and the answer is the wildcard address of the family with port 0.
 *
 * @param socket        borrowed; bound
 * @param data          caller-provided, `size` bytes
 * @param size          bytes
 * @param flags         as sn_socket_receive()
 * @param out_from      the sender; of a dual-mode socket always IPv6, IPv4 senders mapped
 * @param out_received  bytes
 *
 * @error   SN_ERROR_ARGUMENT_NULL      an output is NULL
 * @error   SN_ERROR_INVALID_OPERATION  the socket is not bound
 * @error   otherwise as sn_socket_receive()
 * @dotnet  Socket.ReceiveFrom(byte[], ref EndPoint), Socket.ReceiveFrom(Span<byte>, SocketFlags,
 * SocketAddress) and their overloads
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_from(sn_socket *socket, void *data, size_t size,
                                                   sn_flags flags, sn_endpoint *out_from,
                                                   size_t *out_received);

/**
 * Starts receiving one datagram and who sent it, and completes as sn_socket_receive_async() does.
 *
 * @param socket     borrowed for the call; bound
 * @param data       lent until completion
 * @param size       bytes
 * @param flags      as sn_socket_receive()
 * @param out_from   lent until completion; then the sender
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes), `flags`.
 * @error   as sn_socket_receive_from() and sn_socket_receive_async()
 * @dotnet  Socket.ReceiveFromAsync(SocketAsyncEventArgs), Socket.ReceiveFromAsync(Memory<byte>,
 * SocketFlags, EndPoint, CancellationToken), Socket.BeginReceiveFrom(...) and their overloads
 */
SN_API bool sn_socket_receive_from_async(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                         sn_endpoint *out_from, sn_operation *operation);

/**
 * Receives one datagram into several pieces of memory, filled one after the other, and tells who
 * sent it.
 *
 * @param socket        borrowed; bound
 * @param buffers       borrowed for the call, `count` of them; their memory is caller-provided
 * @param count         as sn_socket_receive_buffers()
 * @param flags         as sn_socket_receive()
 * @param out_from      as sn_socket_receive_from()
 * @param out_received  bytes in all
 *
 * @error   as sn_socket_receive_from() and sn_socket_receive_buffers()
 * @dotnet  Socket.ReceiveFromAsync(SocketAsyncEventArgs)
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_from_buffers(sn_socket *socket,
                                                           const sn_buffer *buffers, size_t count,
                                                           sn_flags flags, sn_endpoint *out_from,
                                                           size_t *out_received);

/**
 * Starts receiving one datagram into several pieces of memory; see sn_socket_receive_from_async().
 *
 * @param socket     borrowed for the call; bound
 * @param buffers    lent until completion, with what they point to
 * @param count      as sn_socket_receive_buffers()
 * @param flags      as sn_socket_receive()
 * @param out_from   lent until completion; then the sender
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes in all), `flags`.
 * @error   as sn_socket_receive_from_buffers() and sn_socket_receive_async()
 * @dotnet  Socket.ReceiveFromAsync(SocketAsyncEventArgs)
 */
SN_API bool sn_socket_receive_from_buffers_async(sn_socket *socket, const sn_buffer *buffers,
                                                 size_t count, sn_flags flags,
                                                 sn_endpoint *out_from, sn_operation *operation);

/**
 * Receives one datagram and tells who sent it, which address it was sent to, and which interface it
 * came in on. The first call switches this information on (IP_PKTINFO, IPV6_RECVPKTINFO); a
 * datagram that arrived before tells less, an IPv4 one no interface. Setting
 * SN_OPTION_PACKET_INFORMATION before the bind avoids that.
 *
 * @param socket           borrowed; bound
 * @param data             caller-provided, `size` bytes
 * @param size             bytes; 0 waits for a datagram and leaves it
 * @param inout_flags      in: as sn_socket_receive(). Out: what was noticed, SN_FLAG_NONE or any of
 *                         SN_FLAG_TRUNCATED, SN_FLAG_CONTROL_DATA_TRUNCATED, SN_FLAG_OUT_OF_BAND
 * @param out_from         the sender; of a dual-mode socket always IPv6, IPv4 senders mapped
 * @param out_information  all zero where it is not known: on streams and Unix sockets. An IPv4
 *                         datagram on a dual-mode socket gives the plain IPv4 address
 * @param out_received     bytes
 *
 * @error   SN_ERROR_ARGUMENT_NULL      an output is NULL, or data is NULL and size is not 0
 * @error   SN_ERROR_INVALID_OPERATION  the socket is not bound
 * @error   otherwise as sn_socket_receive()
 * @dotnet  Socket.ReceiveMessageFrom(byte[], int, int, ref SocketFlags, ref EndPoint, out
 * IPPacketInformation), Socket.ReceiveMessageFrom(Span<byte>, ref SocketFlags, ref EndPoint, out
 * IPPacketInformation)
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_message_from(
    sn_socket *socket, void *data, size_t size, sn_flags *inout_flags, sn_endpoint *out_from,
    sn_ip_packet_information *out_information, size_t *out_received);

/**
 * Starts receiving one datagram, as sn_socket_receive_message_from() does, and completes as
 * sn_socket_receive_async() does.
 *
 * @param socket     borrowed for the call; bound
 * @param data       lent until completion
 * @param size       bytes; 0 waits for a datagram and leaves it
 * @param flags      as sn_socket_receive()
 * @param out_from   lent until completion, all of it; then the sender
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes), `flags`, `packet_information`.
 * @error   as sn_socket_receive_message_from() and sn_socket_receive_async()
 * @dotnet  Socket.ReceiveMessageFromAsync(SocketAsyncEventArgs),
 * Socket.ReceiveMessageFromAsync(ArraySegment<byte>, EndPoint),
 * Socket.ReceiveMessageFromAsync(ArraySegment<byte>, SocketFlags, EndPoint),
 * Socket.ReceiveMessageFromAsync(Memory<byte>, EndPoint, CancellationToken),
 * Socket.ReceiveMessageFromAsync(Memory<byte>, SocketFlags, EndPoint, CancellationToken),
 * Socket.BeginReceiveMessageFrom(byte[], int, int, SocketFlags, ref EndPoint, AsyncCallback,
 * object), Socket.EndReceiveMessageFrom(IAsyncResult, ref SocketFlags, ref EndPoint, out
 * IPPacketInformation), SocketTaskExtensions.ReceiveMessageFromAsync(Socket, ArraySegment<byte>,
 * SocketFlags, EndPoint), SocketReceiveMessageFromResult
 */
SN_API bool sn_socket_receive_message_from_async(sn_socket *socket, void *data, size_t size,
                                                 sn_flags flags, sn_endpoint *out_from,
                                                 sn_operation *operation);

/**
 * Receives one datagram into several pieces of memory, filled one after the other.
 *
 * @param socket           as sn_socket_receive_message_from(), as are all but the next two
 * @param buffers          borrowed for the call, `count` of them; their memory is caller-provided
 * @param count            at least 1; a datagram takes up to 1024, a stream any number
 * @param inout_flags      in: what is asked for; out: what was noticed
 * @param out_from         the sender
 * @param out_information  where the datagram was sent to, and where it came in
 * @param out_received     bytes
 *
 * @error   SN_ERROR_ARGUMENT_NULL  buffers is NULL, or one of them is NULL and not empty
 * @error   SN_ERROR_ARGUMENT       count is 0
 * @error   SN_ERROR_MESSAGE_SIZE   too many buffers for a datagram
 * @error   otherwise as sn_socket_receive_message_from()
 * @dotnet  Socket.ReceiveMessageFromAsync(SocketAsyncEventArgs)
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_message_from_buffers(
    sn_socket *socket, const sn_buffer *buffers, size_t count, sn_flags *inout_flags,
    sn_endpoint *out_from, sn_ip_packet_information *out_information, size_t *out_received);

/**
 * Starts receiving one datagram into several pieces of memory.
 *
 * @param socket     as sn_socket_receive_message_from_async(), as are all but the next two
 * @param buffers    lent until completion, with what they point to
 * @param count      at least 1; a datagram takes up to 1024, a stream any number
 * @param flags      what is asked for
 * @param out_from   the sender; lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * The results are those of sn_socket_receive_message_from_async().
 * @error   as sn_socket_receive_message_from_buffers() and sn_socket_receive_async()
 * @dotnet  Socket.ReceiveMessageFromAsync(SocketAsyncEventArgs)
 */
SN_API bool sn_socket_receive_message_from_buffers_async(sn_socket *socket,
                                                         const sn_buffer *buffers, size_t count,
                                                         sn_flags flags, sn_endpoint *out_from,
                                                         sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
