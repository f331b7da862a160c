/**
 * Descriptors in and out: sockets that leave their object, that go to another process, and that a
 * program was started with.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_HANDLES_H
#define SENNIT_HANDLES_H

#include <sennit/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Out of an object, and into another ------------------------------------------------------- */

/**
 * Takes the descriptor out of the socket. What is blocked or pending ends as at a close, and the
 * object is disposed as after one; but the descriptor is not closed, and nothing happens to a
 * connection: it is neither shut down nor reset. The file of a Unix socket that was bound here
 * stays.
 *
 * @param socket      borrowed; also one that does not own its descriptor
 * @param blocking    whether the descriptor is left in blocking mode; else in non-blocking mode. It
 *                    is close-on-exec in both cases
 * @param out_handle  owned by the caller: nothing uses it any more, and nothing pending can take
 *                    bytes from it
 *
 * @error   SN_ERROR_ARGUMENT_NULL      out_handle is NULL
 * @error   SN_ERROR_INVALID_OPERATION  in a callback, and where an engine is the socket's that the
 *                                      program drives: both would wait for themselves. Nothing has
 *                                      happened; use sn_socket_detach_async()
 * @thread  any but an engine's. It waits until the callbacks of what it has ended are due, so hold
 *          no lock that they need; the last of them may still be running when it returns
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_detach(sn_socket *socket, bool blocking,
                                             sn_handle *out_handle);

/**
 * Takes the descriptor out of the socket as sn_socket_detach() does, without waiting. Completes
 * when every operation of the socket has completed; its own callback comes behind theirs. It works
 * without an engine too; one is needed for a callback, a time limit or a cancellation handle.
 *
 * @param socket      borrowed for the call
 * @param blocking    as sn_socket_detach()
 * @param out_handle  lent until completion; written on success only, and owned by the caller then
 * @param operation   caller-provided and idle; lent until completion
 * @return            whether it took the record, see sn_operation; if not, nothing has happened
 *
 * @error   SN_ERROR_OPERATION_CANCELED  cancelled in the middle; the socket is closed instead, and
 *                                       the descriptor with it if it was the socket's
 * @error   SN_ERROR_TIMED_OUT           operation->timeout_ms passed; the same
 * @error   SN_ERROR_OPERATION_ABORTED   the engine was destroyed meanwhile; the same
 * @error   otherwise as sn_socket_detach(), or as sn_engine_default(); then nothing has happened
 * @thread  any; callbacks too
 * @dotnet  none
 */
SN_API bool sn_socket_detach_async(sn_socket *socket, bool blocking, sn_handle *out_handle,
                                   sn_operation *operation);

/**
 * Makes a second socket for the same open file, with a descriptor of its own. It knows what the
 * first one knows (family, whether it is bound, connected or listening, time limits, options), and
 * is closed, cancelled and used for itself. What belongs to the file is the same for both: the
 * connection, data that waits, options, a shutdown. The file of a Unix socket is removed by the one
 * that was bound. A close of one of the two never resets the connection because something pending
 * had to be ended; sn_socket_close_within() with 0 does, for both.
 *
 * @param socket      borrowed
 * @param out_socket  owned by the caller: sn_socket_release()
 *
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS  no descriptor is free
 * @error   SN_ERROR_OUT_OF_MEMORY          no memory
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_duplicate(sn_socket *socket, sn_socket **out_socket);

#ifdef __cplusplus
}
#endif

#endif
