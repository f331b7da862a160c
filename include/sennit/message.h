/**
 * Messages with control messages: what the kernel is told of what is sent, and tells of what came,
 * beside the bytes. Any of them, by level, type and bytes; and those of datagrams by name.
 *
 * Control messages stand one behind the other in memory of the program, as the kernel lays them
 * out: sn_control_append() writes one more, sn_control_next() finds them.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_MESSAGE_H
#define SENNIT_MESSAGE_H

#include <sennit/datagram.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Control messages ------------------------------------------------------------------------- */

/** One control message. */
typedef struct sn_control {
    int level;        /* such as SOL_SOCKET, IPPROTO_IP */
    int type;         /* such as SCM_RIGHTS, IP_TTL */
    const void *data; /* borrowed: inside the control messages; perhaps not aligned */
    size_t size;      /* bytes */
} sn_control;

/**
 * The next of the control messages. Whatever the bytes are, nothing outside them is read.
 *
 *     sn_control control = {0};
 *     while (sn_control_next(room, size, &control))
 *         use(control.level, control.type, control.data, control.size);
 *
 * @param controls       borrowed, `size` bytes; aligned as malloc() does
 * @param size           bytes
 * @param inout_control  in: all zero for the first, then what the last call has written
 * @return               false, and nothing written, behind the last one that is whole
 * @dotnet               none
 */
SN_API bool sn_control_next(const void *controls, size_t size, sn_control *inout_control);

/**
 * How many bytes a control message takes, with its head and padding.
 *
 * @param size  bytes of its data
 * @return      0 for a size that cannot be
 * @dotnet      none
 */
SN_API size_t sn_control_space(size_t size);

/**
 * Writes a control message behind those that are there.
 *
 * @param controls    caller-provided, `capacity` bytes; aligned as malloc() does
 * @param capacity    bytes
 * @param inout_size  in: the bytes in use, 0 at first. Out: with the new one
 * @param control     borrowed, with its data
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL, or data is NULL and not empty
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  it does not fit; nothing was written
 * @error   SN_ERROR_ARGUMENT               the bytes in use are more than there are, or no whole
 *                                          control messages
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_control_append(void *controls, size_t capacity, size_t *inout_size,
                                              const sn_control *control);

/**
 * Writes control messages that say what extras say: the address and the interface to send from, the
 * time to live, the traffic class, the size of segments.
 *
 * @param controls    caller-provided, `capacity` bytes; aligned as malloc() does
 * @param capacity    bytes
 * @param inout_size  in: the bytes in use, 0 at first. Out: with the new ones
 * @param extras      borrowed; `present` and what it names
 * @param family      SN_FAMILY_IPV4 or SN_FAMILY_IPV6: how the datagram leaves
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               another family, an address of another one, a bit without
 *                                          a name or that cannot be sent; the bytes in use, as
 *                                          sn_control_append()
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  a number; or they do not fit. Nothing was written
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_control_append_extras(void *controls, size_t capacity,
                                                     size_t *inout_size,
                                                     const sn_datagram_extras *extras,
                                                     sn_address_family family);

/**
 * What control messages that came tell of a datagram.
 *
 * @param controls    borrowed, `size` bytes
 * @param size        bytes
 * @param out_extras  caller-provided: `present` and what it names; the rest stays
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL; controls may be where size is 0
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_control_read_extras(const void *controls, size_t size,
                                                   sn_datagram_extras *out_extras);

/* --- Messages --------------------------------------------------------------------------------- */

/**
 * A message. The program provides the record and what it points to, and lends both for the call, or
 * until the operation completes. All zero is an empty message to the peer.
 */
typedef struct sn_message {
    /* Yours. */
    sn_buffer buffer;         /* the bytes, or room for them; where `buffer_count` is 0 */
    const sn_buffer *buffers; /* several pieces instead, in this order */
    size_t buffer_count;      /* 0: `buffer` */
    sn_endpoint *endpoint;    /* sent to, NULL: the peer; or gets the sender, NULL: not wanted */
    sn_buffer control;        /* control messages, or room for them; aligned as malloc() does */

    /* Results of a receive. */
    size_t transferred;  /* bytes */
    size_t control_size; /* bytes of control messages that came */
    sn_flags flags;      /* SN_FLAG_TRUNCATED; SN_FLAG_CONTROL_DATA_TRUNCATED: there was no room for
                          * all control messages. Descriptors that were cut off are closed */
} sn_message;

/**
 * Sends a message with control messages. Of a stream they go with its first byte.
 *
 * @param socket    borrowed; connected, or the message has an end point
 * @param message   borrowed for the call, with all that it points to
 * @param flags     as sn_socket_send()
 * @param out_sent  bytes; may be NULL
 *
 * @error   SN_ERROR_ARGUMENT_NULL            message is NULL, or memory is NULL and not empty
 * @error   SN_ERROR_ARGUMENT                 `buffer_count` without buffers; a DNS end point; bytes
 *                                            that are no whole control messages
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    a size above SSIZE_MAX
 * @error   SN_ERROR_MESSAGE_SIZE             more than 1024 buffers of a datagram
 * @error   SN_ERROR_INVALID_ARGUMENT         the kernel does not know a control message, or not on
 *                                            this socket
 * @error   otherwise as sn_socket_send() and sn_socket_send_to()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_send_message(sn_socket *socket, const sn_message *message,
                                                   sn_flags flags, size_t *out_sent);

/**
 * Starts sending a message with control messages and returns without waiting.
 *
 * @param socket     borrowed for the call
 * @param message    lent until completion, with all that it points to
 * @param flags      as sn_socket_send()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @error   as sn_socket_send_message() and sn_socket_send_async()
 * @dotnet  none
 */
SN_API bool sn_socket_send_message_async(sn_socket *socket, const sn_message *message,
                                         sn_flags flags, sn_operation *operation);

/**
 * Receives one message, or what is there of a stream, with the control messages that come with it.
 * What a datagram tells has to be asked for first: sn_socket_ask_for_extras(), or an option.
 *
 * Descriptors that came (SCM_RIGHTS) are close-on-exec, and the program's to close.
 *
 * @param socket   borrowed
 * @param message  caller-provided, with what it points to; lent for the call. A message without
 *                 room for bytes takes a datagram away, and waits for data of a stream
 * @param flags    as sn_socket_receive()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  message is NULL, or memory is NULL and not empty
 * @error   SN_ERROR_ARGUMENT       `buffer_count` without buffers
 * @error   SN_ERROR_MESSAGE_SIZE   more than 1024 buffers of a datagram
 * @error   SN_ERROR_NOT_SUPPORTED  room for control messages on SN_FAMILY_PACKET
 * @error   otherwise as sn_socket_receive()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_message(sn_socket *socket, sn_message *message,
                                                      sn_flags flags);

/**
 * Starts receiving one message and returns without waiting.
 *
 * @param socket     borrowed for the call
 * @param message    lent until completion, with all that it points to
 * @param flags      as sn_socket_receive()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes), `flags`; in the message its results.
 * @error   as sn_socket_receive_message() and sn_socket_receive_async()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_message_async(sn_socket *socket, sn_message *message, sn_flags flags,
                                            sn_operation *operation);

/**
 * Has the kernel tell extras of each datagram from now on, as sn_socket_receive_batch() does for
 * those that it wants. A datagram that arrived before tells less.
 *
 * @param socket  borrowed; IPv4 or IPv6
 * @param wanted  sn_datagram_extra bits
 *
 * @error   SN_ERROR_ARGUMENT       a bit without a name
 * @error   SN_ERROR_NOT_SUPPORTED  another family
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_ask_for_extras(sn_socket *socket, uint32_t wanted);

#ifdef __cplusplus
}
#endif

#endif
