/**
 * From one stream to another: a copy until the end, and a relay, which is both directions at once.
 *
 * The kernel moves the bytes through a pipe where it can (splice(2)), and memory of 64 KiB for each
 * direction where it cannot or no descriptor is free. Sockets of type SN_TYPE_STREAM, pipes and
 * terminals can be used.
 *
 * The work is done by the engines of the sockets; the blocking forms wait for it. So they cannot be
 * called in a callback, or with a socket of a driven engine, which nobody would run meanwhile. A
 * reference to each socket is kept until the end. Nothing else should receive from them meanwhile.
 *
 * A cancel of the operation and a time limit end it at once. So does a close or a cancel of a
 * socket that it waits for, which is both while nothing moves; where a direction waits for the
 * other socket, because that takes nothing, it is noticed when that goes on or ends.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_RELAY_H
#define SENNIT_RELAY_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What was moved, written at the end, whatever that was; untouched where nothing was started. */
typedef struct sn_relay_result {
    uint64_t there;    /* bytes that were sent to the second socket */
    uint64_t back;     /* bytes that were sent to the first one; of a copy 0 */
    sn_socket *failed; /* borrowed: which of the two the error is of; NULL: neither */
} sn_relay_result;

/**
 * Copies what comes from one stream to another, until the first one's end. The second one stays
 * open for sending.
 *
 * @param from        borrowed
 * @param to          borrowed; may be the same: then everything goes back to where it came from
 * @param timeout_ms  for the whole: above 0, or SN_FOREVER
 * @param idle_ms     how long nothing may move: above 0, or SN_FOREVER
 * @param out_result  may be NULL
 *
 * @error   SN_ERROR_ARGUMENT_NULL            a socket is NULL
 * @error   SN_ERROR_OBJECT_DISPOSED          a socket is closed
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  a socket keeps messages apart
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    a time that is neither above 0 nor SN_FOREVER
 * @error   SN_ERROR_INVALID_OPERATION        in a callback, or on a driven engine
 * @error   SN_ERROR_TIMED_OUT                one of the times has passed
 * @error   SN_ERROR_CONNECTION_ABORTED       a socket was closed meanwhile
 * @error   SN_ERROR_OPERATION_CANCELED       sn_socket_cancel() of one of the two
 * @error   SN_ERROR_OUT_OF_MEMORY            no memory
 * @error   otherwise as sn_socket_receive() and sn_socket_send(). What had been received and not
 *          sent then is lost
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_copy_to(sn_socket *from, sn_socket *to,
                                              sn_milliseconds timeout_ms, sn_milliseconds idle_ms,
                                              sn_relay_result *out_result);

/**
 * Starts copying what comes from one stream to another, and returns without waiting. It completes
 * exactly once; some memory and a pipe are allocated at the start. operation->timeout_ms is for the
 * whole.
 *
 * @param from        borrowed for the call; a reference is kept until completion
 * @param to          as `from`
 * @param idle_ms     as sn_socket_copy_to()
 * @param out_result  lent until completion; may be NULL
 * @param operation   caller-provided and idle; lent until completion
 * @return            whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, as far as the type goes).
 * @error   SN_ERROR_OPERATION_ABORTED  a socket was closed or an engine destroyed meanwhile
 * @error   otherwise as sn_socket_copy_to(), but for driven engines and callbacks
 * @dotnet  none
 */
SN_API bool sn_socket_copy_to_async(sn_socket *from, sn_socket *to, sn_milliseconds idle_ms,
                                    sn_relay_result *out_result, sn_operation *operation);

/**
 * Copies in both directions at once, until both streams have ended. The end of one is passed on:
 * sending to the other is shut down, once everything has gone there. An error of either ends both
 * directions; the sockets stay open.
 *
 * @param first       borrowed
 * @param second      borrowed; another one
 * @param timeout_ms  for the whole: above 0, or SN_FOREVER
 * @param idle_ms     how long nothing may move in either direction: above 0, or SN_FOREVER
 * @param out_result  may be NULL
 *
 * @error   SN_ERROR_ARGUMENT  both are the same
 * @error   otherwise as sn_socket_copy_to()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_relay(sn_socket *first, sn_socket *second,
                                            sn_milliseconds timeout_ms, sn_milliseconds idle_ms,
                                            sn_relay_result *out_result);

/**
 * Starts copying in both directions, and returns without waiting; see sn_socket_relay(). It
 * completes exactly once, when both directions have ended.
 *
 * @param first       borrowed for the call; a reference is kept until completion
 * @param second      as `first`
 * @param idle_ms     as sn_socket_relay()
 * @param out_result  lent until completion; may be NULL
 * @param operation   caller-provided and idle; lent until completion
 * @return            whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes of both, as far as the type goes).
 * @error   SN_ERROR_ARGUMENT  both are the same
 * @error   otherwise as sn_socket_copy_to_async()
 * @dotnet  none
 */
SN_API bool sn_socket_relay_async(sn_socket *first, sn_socket *second, sn_milliseconds idle_ms,
                                  sn_relay_result *out_result, sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
