/**
 * A buffered reader: lines, and other parts of a stream that end with a delimiter.
 *
 *     sn_reader *reader;
 *     sn_buffer line;
 *     sn_reader_create(socket, NULL, 4096, &reader);
 *     while (!sn_reader_read_until(reader, "\r\n", 2, 0, &line))
 *         handle(line.data, line.size);
 *
 * It receives as much as there is room for and keeps what has not been asked for yet, so the socket
 * itself is not to be received from meanwhile. What is buffered is given without looking at the
 * socket, also after its end. Nothing that came is ever lost: whatever ends a call early, its bytes
 * are where the call says, and the next call goes on.
 *
 * One call at a time: another one meanwhile is SN_ERROR_INVALID_OPERATION, also while an
 * asynchronous one is pending.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_READER_H
#define SENNIT_READER_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What reads a stream part by part. */
typedef struct sn_reader sn_reader;

/**
 * Makes a reader of a stream.
 *
 * @param socket      a reference is added, so the caller's stays the caller's; a stream
 * @param memory      caller-provided, `size` bytes, lent until the release (and until an operation
 *                    that is pending then has completed); NULL: the reader allocates them
 * @param size        bytes, at least 1: the longest part that can be read with its delimiter
 * @param out_reader  owned by the caller: sn_reader_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL            socket or out_reader is NULL
 * @error   SN_ERROR_OBJECT_DISPOSED          the socket is closed
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    size is 0 or above SSIZE_MAX
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  the socket keeps messages apart
 * @error   SN_ERROR_OUT_OF_MEMORY            no memory
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_create(sn_socket *socket, void *memory, size_t size,
                                             sn_reader **out_reader);

/**
 * Gives the reader back, with what is still in it. Its socket is not closed, unless its reference
 * was the last one. An operation that is pending is not ended by that alone; one that reads a part
 * gives SN_ERROR_OPERATION_ABORTED when it ends, since the memory of the part is gone.
 *
 * @param reader  NULL is fine; not to be used afterwards
 * @thread        any, while no other one is in a call
 * @dotnet        none
 */
SN_API void sn_reader_release(sn_reader *reader);

/** The socket, borrowed as long as the reader lives; NULL for NULL. @dotnet none */
SN_API sn_socket *sn_reader_get_socket(const sn_reader *reader);

/**
 * Reads up to a delimiter. The socket's receive timeout is for the whole call.
 *
 * @param reader          borrowed
 * @param delimiter       borrowed for the call, `delimiter_size` bytes: "\n" or "\r\n", say
 * @param delimiter_size  bytes, at least 1
 * @param limit           how many bytes it may be at most, the delimiter among them; 0: as many as
 *                        the reader has room for
 * @param out_part        up to the delimiter, which stands at its end and counts. It is in the
 *                        reader's memory, yours to read and write until the next call
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               delimiter_size is 0
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  limit is above the size of the reader's memory
 * @error   SN_ERROR_LIMIT_EXCEEDED         no delimiter within the limit. All of it is buffered
 *                                          still: read it with a higher limit, or skip it
 * @error   SN_ERROR_END_OF_STREAM          the stream has ended before a delimiter; what came
 *                                          before the end is buffered
 * @error   SN_ERROR_INVALID_OPERATION      another call is in progress
 * @error   otherwise as sn_socket_receive(); what came is buffered
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_read_until(sn_reader *reader, const void *delimiter,
                                                 size_t delimiter_size, size_t limit,
                                                 sn_buffer *out_part);

/**
 * Starts reading up to a delimiter, and returns without waiting. It completes exactly once, and
 * nothing is allocated.
 *
 * @param reader          borrowed for the call
 * @param delimiter       lent until completion
 * @param delimiter_size  bytes, at least 1
 * @param limit           as sn_reader_read_until()
 * @param out_part        lent until completion; written on success only
 * @param operation       caller-provided and idle; lent until completion
 * @return                whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes of the part; 0 after an error).
 * @error   as sn_reader_read_until() and sn_socket_receive_exactly_async(); what came is buffered
 * @dotnet  none
 */
SN_API bool sn_reader_read_until_async(sn_reader *reader, const void *delimiter,
                                       size_t delimiter_size, size_t limit, sn_buffer *out_part,
                                       sn_operation *operation);

/**
 * Reads exactly so many bytes: what is buffered, and the rest from the socket.
 *
 * @param reader    borrowed
 * @param data      caller-provided, `size` bytes; NULL only with size 0
 * @param size      bytes, also more than the reader has room for; 0 returns at once
 * @param out_read  bytes; may be NULL. After an error it is written if there are some, which are
 *                  in `data` then, so start with 0
 *
 * @error   SN_ERROR_ARGUMENT_NULL      reader is NULL; data is NULL and size is not 0
 * @error   SN_ERROR_END_OF_STREAM      the stream has ended before
 * @error   SN_ERROR_INVALID_OPERATION  another call is in progress
 * @error   otherwise as sn_socket_receive_exactly()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_read_exactly(sn_reader *reader, void *data, size_t size,
                                                   size_t *out_read);

/**
 * Starts reading exactly so many bytes, and returns without waiting.
 *
 * @param reader     borrowed for the call
 * @param data       lent until completion
 * @param size       as sn_reader_read_exactly()
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes in `data`, also after an error).
 * @error   as sn_reader_read_exactly() and sn_socket_receive_exactly_async()
 * @dotnet  none
 */
SN_API bool sn_reader_read_exactly_async(sn_reader *reader, void *data, size_t size,
                                         sn_operation *operation);

/**
 * Reads one byte. Asynchronous: sn_reader_read_exactly_async() with size 1.
 *
 * @param reader    borrowed
 * @param out_byte  the byte
 *
 * @error   SN_ERROR_END_OF_STREAM  there is none any more
 * @error   otherwise as sn_reader_read_exactly()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_read_byte(sn_reader *reader, uint8_t *out_byte);

/**
 * What came and was not read yet.
 *
 * @param reader        borrowed
 * @param out_buffered  in the reader's memory, yours to read and write until the next call; may be
 *                      empty
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_INVALID_OPERATION  a call is in progress
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_get_buffered(sn_reader *reader, sn_buffer *out_buffered);

/**
 * Drops the next bytes of what is buffered.
 *
 * @param reader  borrowed
 * @param size    bytes
 *
 * @error   SN_ERROR_ARGUMENT_NULL          reader is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  so many are not buffered; none was dropped
 * @error   SN_ERROR_INVALID_OPERATION      a call is in progress
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_reader_skip(sn_reader *reader, size_t size);

#ifdef __cplusplus
}
#endif

#endif
