/**
 * Receiving as much as is needed: exactly so many bytes, or at least so many.
 *
 * sn_socket_receive() gives what is there. These go on until there is enough, for streams: sockets
 * of type SN_TYPE_STREAM, pipes and terminals. A stream that ends before gives
 * SN_ERROR_END_OF_STREAM. What had come is told whatever has ended the call, so nothing is lost.
 *
 * Threads that receive from one stream at the same time share what comes: a blocking call here is
 * several receives, and another thread's may come in between. An asynchronous one is a single
 * operation in the queue of its socket, and nothing comes in between.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one, before it looks at anything else.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_RECEIVE_H
#define SENNIT_RECEIVE_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Receives until `data` is full. The socket's receive timeout is for the whole call.
 *
 * @param socket        borrowed; connected, a stream
 * @param data          caller-provided, `size` bytes; NULL only with size 0
 * @param size          bytes; 0 returns at once
 * @param out_received  bytes; may be NULL. After an error it is written if some had come, so start
 *                      with 0
 *
 * @error   SN_ERROR_END_OF_STREAM            the stream has ended before
 * @error   SN_ERROR_WOULD_BLOCK              non-blocking, and more is still to come
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  not a stream
 * @error   otherwise as sn_socket_receive()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_exactly(sn_socket *socket, void *data, size_t size,
                                                      size_t *out_received);

/**
 * Starts receiving until `data` is full, and returns without waiting.
 *
 * Completes exactly once, through the operation, misuse included; nothing is allocated. Success
 * means that all of it is there: a time limit or a cancel that comes before is the error, whatever
 * has come. Operations of one direction of one socket do their work in the order they were started.
 *
 * @param socket     borrowed for the call; connected, a stream
 * @param data       lent until completion; NULL only with size 0
 * @param size       bytes; 0 completes at once
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_END_OF_STREAM       the stream has ended before
 * @error   SN_ERROR_OPERATION_ABORTED   the socket was closed or its engine destroyed meanwhile
 * @error   SN_ERROR_OPERATION_CANCELED  cancelled before all had come
 * @error   SN_ERROR_TIMED_OUT           operation->timeout_ms passed before all had come
 * @error   otherwise as sn_socket_receive_exactly()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_exactly_async(sn_socket *socket, void *data, size_t size,
                                            sn_operation *operation);

/**
 * Receives until at least `minimum` bytes have come, and more if it comes with them and there is
 * room.
 *
 * @param socket        borrowed; connected, a stream
 * @param data          caller-provided, `size` bytes; NULL only with size 0
 * @param size          bytes
 * @param minimum       bytes, at most `size`; 0 returns at once and takes nothing
 * @param out_received  as sn_socket_receive_exactly()
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  minimum is above size
 * @error   otherwise as sn_socket_receive_exactly()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_at_least(sn_socket *socket, void *data, size_t size,
                                                       size_t minimum, size_t *out_received);

/**
 * Starts receiving until at least `minimum` bytes have come, and completes as
 * sn_socket_receive_exactly_async() does.
 *
 * @param socket     borrowed for the call; connected, a stream
 * @param data       lent until completion; NULL only with size 0
 * @param size       bytes
 * @param minimum    bytes, at most `size`; 0 completes at once
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  minimum is above size
 * @error   otherwise as sn_socket_receive_exactly_async()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_at_least_async(sn_socket *socket, void *data, size_t size,
                                             size_t minimum, sn_operation *operation);

/**
 * Receives one byte. The end of the stream is an error, so that a byte is always one. Asynchronous:
 * sn_socket_receive_exactly_async() with size 1.
 *
 * @param socket    borrowed; connected, a stream
 * @param out_byte  the byte
 *
 * @error   SN_ERROR_END_OF_STREAM  there is none any more
 * @error   otherwise as sn_socket_receive_exactly()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_byte(sn_socket *socket, uint8_t *out_byte);

/**
 * Sends one byte. Asynchronous: sn_socket_send_async() with size 1.
 *
 * @param socket  borrowed; connected
 * @param byte    its value
 *
 * @error   as sn_socket_send()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_send_byte(sn_socket *socket, uint8_t byte);

#ifdef __cplusplus
}
#endif

#endif
