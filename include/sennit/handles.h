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

/* --- To another process, and from it ---------------------------------------------------------- */

/**
 * The most handles that one call sends or receives: what Linux takes. musl before 1.2.4 sends one
 * less; with as many as this a send ends with SN_ERROR_SOCKET there, and the native code is ENOMEM.
 */
#define SN_HANDLES_MAX 253

/**
 * Sends bytes, and handles with the first of them. Once a byte has gone, so have the handles: what
 * is left of a stream's send goes without them. The receiver gets copies, and those here stay
 * yours.
 *
 * @param socket        borrowed; a connected Unix socket: stream, sequenced packets or datagrams
 * @param data          borrowed for the call
 * @param size          bytes, at least 1
 * @param handles       borrowed for the call: open descriptors of any kind
 * @param handle_count  at most SN_HANDLES_MAX; 0: only the bytes go
 * @param flags         SN_FLAG_NONE, or SN_FLAG_DONT_WAIT | SN_FLAG_MORE
 * @param out_sent      as sn_socket_send()
 *
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED      no Unix socket, or another flag
 * @error   SN_ERROR_ARGUMENT                     size is 0; a handle is negative, not open, or of a
 *                                                kind that cannot be sent
 * @error   SN_ERROR_ARGUMENT_NULL                data is NULL; handles is, and handle_count not 0
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE        too many handles; size is above SSIZE_MAX
 * @error   SN_ERROR_NO_BUFFER_SPACE_AVAILABLE    more handles are on their way, sent and not
 *                                                received, than this user may have open
 * @error   otherwise as sn_socket_send()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_send_handles(sn_socket *socket, const void *data, size_t size,
                                                   const sn_handle *handles, size_t handle_count,
                                                   sn_flags flags, size_t *out_sent);

/**
 * Starts sending bytes and handles, and returns without waiting. Completes as
 * sn_socket_send_async() does.
 *
 * @param socket        borrowed for the call
 * @param data          lent until completion
 * @param size          bytes, at least 1
 * @param handles       lent until completion, and open until then
 * @param handle_count  as sn_socket_send_handles()
 * @param flags         SN_FLAG_NONE or SN_FLAG_MORE
 * @param operation     caller-provided and idle; lent until completion
 * @return              whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   as sn_socket_send_handles() and sn_socket_send_async()
 * @dotnet  none
 */
SN_API bool sn_socket_send_handles_async(sn_socket *socket, const void *data, size_t size,
                                         const sn_handle *handles, size_t handle_count,
                                         sn_flags flags, sn_operation *operation);

/**
 * Receives bytes, and the handles that were sent with them. On a stream a call ends with the bytes
 * of the first send with handles, but may begin with bytes of sends before it: who must know what
 * belongs together sends no plain bytes in between, or uses sequenced packets. A receive of another
 * kind throws handles away.
 *
 * Each handle is close-on-exec. It may be anything that the peer has open: look at what it is
 * before it is used, as sn_socket_from_handle() does.
 *
 * @param socket       borrowed; a connected Unix socket
 * @param data         caller-provided, `size` bytes
 * @param size         bytes, at least 1
 * @param handles      caller-provided, room for `room` of them; each that comes is owned by the
 *                     caller
 * @param room         may be 0; SN_HANDLES_MAX is always enough. What comes beyond it is closed
 * @param inout_flags  in: SN_FLAG_NONE or SN_FLAG_DONT_WAIT; out: SN_FLAG_CONTROL_DATA_TRUNCATED if
 *                     handles were lost, for lack of room or because this process may open no more;
 *                     SN_FLAG_TRUNCATED if bytes of a message were
 * @param out_handle_count  how many came
 * @param out_received      bytes; 0 at the end of the stream
 *
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  no Unix socket, or another flag
 * @error   SN_ERROR_ARGUMENT                 size is 0
 * @error   SN_ERROR_ARGUMENT_NULL            a pointer is NULL; `handles` may be if room is 0
 * @error   otherwise as sn_socket_receive()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_handles(sn_socket *socket, void *data, size_t size,
                                                      sn_handle *handles, size_t room,
                                                      sn_flags *inout_flags,
                                                      size_t *out_handle_count,
                                                      size_t *out_received);

/**
 * Starts receiving bytes and handles, and returns without waiting. Completes as
 * sn_socket_receive_async() does. Handles that have come are never lost to a cancel or a close.
 *
 * @param socket     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes, at least 1
 * @param handles    lent until completion
 * @param room       as sn_socket_receive_handles()
 * @param flags      SN_FLAG_NONE
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred`, `flags`, sn_operation_get_handle_count().
 * @error   as sn_socket_receive_handles() and sn_socket_receive_async()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_handles_async(sn_socket *socket, void *data, size_t size,
                                            sn_handle *handles, size_t room, sn_flags flags,
                                            sn_operation *operation);

/* --- From a service manager ------------------------------------------------------------------- */

/** Room for the name of an inherited socket, with its NUL. */
#define SN_INHERITED_NAME_SIZE 256

/** A socket that the program was started with. */
typedef struct sn_inherited_socket {
    sn_socket *socket;                 /* owned by you: sn_socket_release() */
    char name[SN_INHERITED_NAME_SIZE]; /* what the manager calls it */
} sn_inherited_socket;

/**
 * Takes the sockets that a service manager has started this process with, as LISTEN_PID,
 * LISTEN_FDS and LISTEN_FDNAMES tell: descriptors 3 and on, each with a name ("unknown" where no
 * names are told). Where the variables are missing or mean another process there are none. What is
 * no socket, a pipe say, comes as from sn_socket_from_handle().
 *
 * A process gets them once. After an error none is taken: the descriptors and the variables are as
 * they were.
 *
 * @param unset      whether the three variables are removed, so that programs started from here do
 *                   not find them
 * @param sockets    caller-provided, room for `room` of them
 * @param room       may be 0
 * @param out_count  how many there are; written too when there are more than room
 *
 * @error   SN_ERROR_FORMAT                 the variables make no sense: not numbers, not as many
 *                                          names as descriptors, a name over 255 bytes or with
 *                                          other than printable ASCII
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  there are more than room
 * @error   SN_ERROR_NOT_SOCKET             one of the descriptors is not open
 * @error   SN_ERROR_INVALID_OPERATION      they were taken already, or one of the descriptors is
 *                                          close-on-exec, so that this process itself has opened it
 * @error   SN_ERROR_ARGUMENT_NULL          out_count is NULL; sockets is, and room not 0
 * @error   otherwise as sn_socket_from_handle()
 * @thread  while no other one uses the environment
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_inherited_sockets_take(bool unset, sn_inherited_socket *sockets,
                                                      size_t room, size_t *out_count);

#ifdef __cplusplus
}
#endif

#endif
