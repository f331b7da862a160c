/**
 * A connection as a stream of bytes that is read and written: NetworkStream.
 *
 * Where .NET wraps a socket's failure in an IOException, the functions here give the socket's own
 * error. Each gives SN_ERROR_ARGUMENT_NULL for a NULL stream and SN_ERROR_OBJECT_DISPOSED for a
 * closed one (or for one whose socket was closed), before it looks at anything else.
 *
 * A stream of a connection cannot seek: Seek, SetLength, Length and Position have no function. What
 * was written is with the system already, so nothing has to be flushed.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_STREAM_H
#define SENNIT_STREAM_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** .NET's NetworkStream: a connected socket, read and written. */
typedef struct sn_network_stream sn_network_stream;

/** What a stream may do; any other number means both. @dotnet FileAccess */
typedef enum sn_file_access {
    SN_FILE_ACCESS_READ = 1,
    SN_FILE_ACCESS_WRITE = 2,
    SN_FILE_ACCESS_READ_WRITE = 3
} sn_file_access;

/**
 * Makes a stream of a connected socket.
 *
 * @param socket       a reference is added, so the caller's stays the caller's
 * @param access       one direction or both
 * @param owns_socket  whether closing the stream closes the socket
 * @param out_stream   owned by the caller: sn_network_stream_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_INVALID_OPERATION  the socket is not connected (or closed), not blocking, or
 *                                      not of type SN_TYPE_STREAM; .NET throws an IOException
 * @error   SN_ERROR_OUT_OF_MEMORY      no memory
 * @dotnet  NetworkStream(Socket socket), NetworkStream(Socket socket, bool ownsSocket),
 *          NetworkStream(Socket socket, FileAccess access),
 *          NetworkStream(Socket socket, FileAccess access, bool ownsSocket)
 */
SN_MUST_USE SN_API sn_error sn_network_stream_create(sn_socket *socket, sn_file_access access,
                                                     bool owns_socket,
                                                     sn_network_stream **out_stream);

/**
 * Another reference to the same stream.
 *
 * @param stream  borrowed; NULL gives NULL
 * @return        the same pointer, to be released once more
 * @thread        any that holds a reference
 * @dotnet        none
 */
SN_API sn_network_stream *sn_network_stream_retain(sn_network_stream *stream);

/**
 * Gives a reference back. The last one closes the stream and frees it.
 *
 * @param stream  NULL is fine; not to be used afterwards
 * @dotnet        NetworkStream.Finalize()
 */
SN_API void sn_network_stream_release(sn_network_stream *stream);

/**
 * Closes the stream; an owned socket is shut down in both directions and closed.
 *
 * @param stream  borrowed; NULL and a closed stream are fine
 * @thread        any, but not from a signal handler
 * @dotnet        NetworkStream.Dispose(bool disposing)
 */
SN_API void sn_network_stream_close(sn_network_stream *stream);

/**
 * Closes the stream, and gives the peer of an owned socket a limited time to finish.
 *
 * @param stream      borrowed
 * @param timeout_ms  as sn_socket_close_within()
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  less than SN_FOREVER (also on a closed stream)
 * @dotnet  NetworkStream.Close(int timeout), NetworkStream.Close(TimeSpan timeout)
 */
SN_API sn_error sn_network_stream_close_within(sn_network_stream *stream,
                                               sn_milliseconds timeout_ms);

/* --- What it is ------------------------------------------------------------------------------- */

/**
 * False once closed, and for NULL.
 * @since 0.2
 * @dotnet NetworkStream.CanRead, NetworkStream.Readable { get; }
 */
SN_API bool sn_network_stream_can_read(const sn_network_stream *stream);
/**
 * False once closed, and for NULL.
 * @since 0.2
 * @dotnet NetworkStream.CanWrite, NetworkStream.Writeable { get; }
 */
SN_API bool sn_network_stream_can_write(const sn_network_stream *stream);
/** Allows or forbids reading from now on. @dotnet NetworkStream.Readable { set; } */
SN_MUST_USE SN_API sn_error sn_network_stream_set_readable(sn_network_stream *stream, bool value);
/** Allows or forbids writing from now on. @dotnet NetworkStream.Writeable { set; } */
SN_MUST_USE SN_API sn_error sn_network_stream_set_writeable(sn_network_stream *stream, bool value);
/**
 * The socket, borrowed as long as the stream lives, also after it was closed.
 * @dotnet NetworkStream.Socket
 */
SN_API sn_socket *sn_network_stream_get_socket(const sn_network_stream *stream);
/** Whether something can be read without waiting. @dotnet NetworkStream.DataAvailable */
SN_MUST_USE SN_API sn_error sn_network_stream_get_data_available(sn_network_stream *stream,
                                                                 bool *out_available);

/**
 * The limit of a blocking read, the socket's receive timeout; SN_FOREVER: none.
 * @dotnet NetworkStream.ReadTimeout
 */
SN_MUST_USE SN_API sn_error sn_network_stream_get_read_timeout(sn_network_stream *stream,
                                                               sn_milliseconds *out_value);
/**
 * SN_FOREVER: no limit. 0, less than SN_FOREVER, more than INT_MAX:
 * SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet NetworkStream.ReadTimeout
 */
SN_MUST_USE SN_API sn_error sn_network_stream_set_read_timeout(sn_network_stream *stream,
                                                               sn_milliseconds value);
/**
 * The limit of a blocking write, the socket's send timeout; SN_FOREVER: none.
 * @dotnet NetworkStream.WriteTimeout
 */
SN_MUST_USE SN_API sn_error sn_network_stream_get_write_timeout(sn_network_stream *stream,
                                                                sn_milliseconds *out_value);
/**
 * SN_FOREVER: no limit. 0, less than SN_FOREVER, more than INT_MAX:
 * SN_ERROR_ARGUMENT_OUT_OF_RANGE.
 * @dotnet NetworkStream.WriteTimeout
 */
SN_MUST_USE SN_API sn_error sn_network_stream_set_write_timeout(sn_network_stream *stream,
                                                                sn_milliseconds value);

/* --- Reading and writing ---------------------------------------------------------------------- */

/**
 * Reads what is there, at least 1 byte.
 *
 * @param stream    borrowed
 * @param data      caller-provided, `size` bytes; NULL only with size 0
 * @param size      bytes; 0 waits until something can be read and takes nothing
 * @param out_read  bytes; 0 at the end of the stream
 *
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive()
 * @dotnet  NetworkStream.Read(byte[] buffer, int offset, int count),
 *          NetworkStream.Read(Span<byte> buffer)
 */
SN_MUST_USE SN_API sn_error sn_network_stream_read(sn_network_stream *stream, void *data,
                                                   size_t size, size_t *out_read);

/**
 * Starts reading; see sn_socket_receive_async(), which does the work.
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       as sn_network_stream_read()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes; 0 at the end of the stream).
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive_async()
 * @dotnet  NetworkStream.ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken),
 *          NetworkStream.ReadAsync(byte[] buffer, int offset, int count, CancellationToken
 *          cancellationToken), NetworkStream.BeginRead(byte[] buffer, int offset, int count,
 *          AsyncCallback callback, object state), NetworkStream.EndRead(IAsyncResult asyncResult)
 */
SN_API bool sn_network_stream_read_async(sn_network_stream *stream, void *data, size_t size,
                                         sn_operation *operation);

/**
 * Reads until `data` is full: ReadExactly, which .NET's NetworkStream has from Stream. See
 * sn_socket_receive_exactly(), which does the work.
 *
 * @param stream    borrowed
 * @param data      caller-provided, `size` bytes; NULL only with size 0
 * @param size      bytes; 0 returns at once
 * @param out_read  bytes; may be NULL. After an error it is written if some had come
 *
 * @error   SN_ERROR_END_OF_STREAM      the stream has ended before
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive_exactly()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_network_stream_read_exactly(sn_network_stream *stream, void *data,
                                                           size_t size, size_t *out_read);

/**
 * Starts reading until `data` is full; see sn_socket_receive_exactly_async(), which does the work.
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes; 0 completes at once
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive_exactly_async()
 * @since   0.2
 * @dotnet  none
 */
SN_API bool sn_network_stream_read_exactly_async(sn_network_stream *stream, void *data, size_t size,
                                                 sn_operation *operation);

/**
 * Reads at least `minimum` bytes, and more if it comes with them: ReadAtLeast, which .NET's
 * NetworkStream has from Stream. See sn_socket_receive_at_least(), which does the work.
 *
 * @param stream    borrowed
 * @param data      caller-provided, `size` bytes; NULL only with size 0
 * @param size      bytes
 * @param minimum   bytes, at most `size`; 0 returns at once
 * @param out_read  bytes; may be NULL. After an error it is written if some had come
 *
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive_at_least()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_network_stream_read_at_least(sn_network_stream *stream, void *data,
                                                            size_t size, size_t minimum,
                                                            size_t *out_read);

/**
 * Starts reading at least `minimum` bytes; see sn_socket_receive_at_least_async(), which does the
 * work.
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param minimum    bytes, at most `size`; 0 completes at once
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for writing only
 * @error   otherwise as sn_socket_receive_at_least_async()
 * @since   0.2
 * @dotnet  none
 */
SN_API bool sn_network_stream_read_at_least_async(sn_network_stream *stream, void *data,
                                                  size_t size, size_t minimum,
                                                  sn_operation *operation);

/**
 * Reads one byte.
 *
 * @param stream    borrowed
 * @param out_byte  0 to 255, or -1 at the end of the stream
 *
 * @error   as sn_network_stream_read()
 * @dotnet  NetworkStream.ReadByte()
 */
SN_MUST_USE SN_API sn_error sn_network_stream_read_byte(sn_network_stream *stream, int *out_byte);

/**
 * Writes all of it.
 *
 * @param stream  borrowed
 * @param data    borrowed for the call; NULL only with size 0
 * @param size    bytes
 *
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for reading only
 * @error   SN_ERROR_WOULD_BLOCK        the socket was made non-blocking; a part may be written
 * @error   otherwise as sn_socket_send()
 * @dotnet  NetworkStream.Write(byte[] buffer, int offset, int count),
 *          NetworkStream.Write(ReadOnlySpan<byte> buffer)
 */
SN_MUST_USE SN_API sn_error sn_network_stream_write(sn_network_stream *stream, const void *data,
                                                    size_t size);

/**
 * Starts writing; see sn_socket_send_async(), which does the work.
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, also after an error).
 * @error   SN_ERROR_INVALID_OPERATION  the stream is for reading only
 * @error   otherwise as sn_socket_send_async()
 * @dotnet  NetworkStream.WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken
 *          cancellationToken), NetworkStream.WriteAsync(byte[] buffer, int offset, int count,
 *          CancellationToken cancellationToken), NetworkStream.BeginWrite(byte[] buffer, int
 *          offset, int count, AsyncCallback callback, object state),
 *          NetworkStream.EndWrite(IAsyncResult asyncResult)
 */
SN_API bool sn_network_stream_write_async(sn_network_stream *stream, const void *data, size_t size,
                                          sn_operation *operation);

/**
 * Writes one byte.
 *
 * @param stream  borrowed
 * @param byte    its value
 *
 * @error   as sn_network_stream_write()
 * @dotnet  NetworkStream.WriteByte(byte value)
 */
SN_MUST_USE SN_API sn_error sn_network_stream_write_byte(sn_network_stream *stream, uint8_t byte);

#ifdef __cplusplus
}
#endif

#endif
