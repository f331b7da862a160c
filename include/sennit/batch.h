/**
 * Many datagrams in one call, which costs little more than one of them does alone. For every socket
 * that keeps messages apart: UDP, Unix datagrams, SN_TYPE_SEQPACKET, raw sockets.
 *
 * A batch moves its records in order, and tells how many it has moved. It never hides what has
 * moved, and what was not moved is as before:
 * - A mistake in a record (see the errors of sn_socket_send_batch()) is found before anything
 *   moves: none has moved, and `error` of the record says what is wrong with it.
 * - When the system refuses a record, those before it have moved, `error` of the record is the
 *   call's, and those behind it were not looked at. A program may go on with any of them.
 * - When a time limit or a cancel ends it after some have moved, that is a success.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one, before it looks at anything else. Nothing is allocated.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_BATCH_H
#define SENNIT_BATCH_H

#include <sennit/datagram.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sends datagrams. A blocking socket sends all of them; a non-blocking one sends what fits.
 *
 * Datagrams of one size in a row (the last may be shorter) that go to the same end point with the
 * same extras are handed to the kernel together and cut apart by it where it offers that (UDP GSO);
 * on the wire there is no difference. What the kernel will not cut is sent one by one.
 *
 * @param socket      borrowed; connected, or each record has an end point
 * @param datagrams   caller-provided; `count` of them, with what they point to, lent for the call
 * @param count       at least 1
 * @param flags       SN_FLAG_NONE, or SN_FLAG_DONT_ROUTE
 * @param out_count   how many went, as records; may be NULL. It is written after an error, too.
 *                    `transferred` of the record behind them is not 0 where a part of its segments
 *                    went
 *
 * @error   SN_ERROR_ARGUMENT_NULL            datagrams is NULL. Of a record: memory that is NULL
 *                                            and not empty, an end point that is none
 * @error   SN_ERROR_ARGUMENT                 count is 0. Of a record: a DNS end point;
 * `buffer_count` without buffers; extras with a bit that has no name here or cannot be sent, or
 * with a source address of another family
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    of a record: a size above SSIZE_MAX, a number in its
 *                                            extras
 * @error   SN_ERROR_MESSAGE_SIZE             of a record: more than 1024 buffers, or 256 of one
 * that is cut into segments; too long for one datagram
 * @error   SN_ERROR_NOT_SUPPORTED            of a record: extras other than a segment size on a
 *                                            socket that is neither IPv4 nor IPv6
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  a stream, or a flag that cannot be given to a send
 * @error   SN_ERROR_WOULD_BLOCK              non-blocking, and nothing could be sent
 * @error   SN_ERROR_TIMED_OUT                the send timeout passed before anything was sent
 * @error   otherwise as sn_socket_send() and sn_socket_send_to()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_send_batch(sn_socket *socket, sn_datagram *datagrams,
                                                 size_t count, sn_flags flags, size_t *out_count);

/**
 * Starts sending datagrams and returns without waiting. It completes when all were sent, whether
 * the socket is blocking or not.
 *
 * Completes exactly once, through the operation, misuse included; nothing is allocated. The
 * socket's own timeouts do not apply; operation->timeout_ms does.
 *
 * @param socket     borrowed for the call
 * @param datagrams  lent until completion, with all that they point to
 * @param count      at least 1
 * @param flags      as sn_socket_send_batch()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes in all),
 * sn_operation_get_datagram_count().
 * @error   as sn_socket_send_batch(), and as sn_socket_send_async()
 * @dotnet  none
 */
SN_API bool sn_socket_send_batch_async(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                       sn_flags flags, sn_operation *operation);

/**
 * Receives datagrams: waits for the first, and takes with it those that are there already, without
 * waiting for more; up to 1024 at once. A record that is too small keeps the beginning of its
 * datagram and says SN_FLAG_TRUNCATED; one without any bytes takes a datagram away (unlike
 * sn_socket_receive(), which leaves it).
 *
 * What a record's extras want is switched on for the socket by the first call that asks for it
 * (IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS,
 * SO_TIMESTAMPNS, UDP_GRO) and stays on; a datagram that arrived before tells less, or nothing. A
 * Unix socket tells nothing.
 *
 * Segments (UDP GRO): once they were asked for, the kernel hands over datagrams of one sender that
 * came in a row as one, to every receive of this socket; the size of the segments is told to this
 * function alone. So all records of a call want it, or none does, and each has room for all that
 * can come together. Where the kernel does not offer it, every datagram comes alone.
 *
 * @param socket      borrowed
 * @param datagrams   caller-provided; `count` of them, with what they point to, lent for the call.
 *                    Buffers, end points and extras of different records must not overlap
 * @param count       at least 1; only one is looked at with SN_FLAG_PEEK
 * @param flags       SN_FLAG_NONE, or SN_FLAG_PEEK
 * @param out_count   how many came; 0 with SN_OK: the peer has ended a connection of messages, or
 *                    receiving has been shut down. It is written after an error, too
 *
 * @error   SN_ERROR_ARGUMENT_NULL            datagrams or out_count is NULL. Of a record: memory
 *                                            that is NULL and not empty
 * @error   SN_ERROR_ARGUMENT                 count is 0. Of a record: `buffer_count` without
 * buffers, a bit in `wanted` that has no name here; segments that not all records want, or for
 * which there is not one buffer of SN_DATAGRAM_SEGMENTS_SIZE_MAX bytes
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    of a record: a size above SSIZE_MAX
 * @error   SN_ERROR_MESSAGE_SIZE             of a record: more than 1024 buffers
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  a stream, or a flag that cannot be given to a receive
 * @error   SN_ERROR_WOULD_BLOCK              non-blocking, and there is none
 * @error   SN_ERROR_TIMED_OUT                the receive timeout passed before one came
 * @error   SN_ERROR_CONNECTION_REFUSED       nobody took a datagram that was sent. Such an error,
 *                                            of the socket and not of a record, comes before the
 *                                            datagrams, or with the next call
 * @error   otherwise as sn_socket_receive()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_batch(sn_socket *socket, sn_datagram *datagrams,
                                                    size_t count, sn_flags flags,
                                                    size_t *out_count);

/**
 * Starts receiving datagrams and returns without waiting; see sn_socket_receive_batch().
 *
 * @param socket     borrowed for the call
 * @param datagrams  lent until completion, with all that they point to
 * @param count      at least 1
 * @param flags      as sn_socket_receive_batch()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes in all),
 * sn_operation_get_datagram_count().
 * @error   as sn_socket_receive_batch(), and as sn_socket_receive_async()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_batch_async(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                          sn_flags flags, sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
