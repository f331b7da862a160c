/**
 * Sending files, and lists of memory and files, as one send.
 *
 * A stream takes a file straight from the system's cache (sendfile), in the background for the
 * asynchronous forms; nobody else sends between the parts. A file is a regular file, named by its
 * path or by a descriptor; a descriptor's own position is neither used nor moved. What cannot be
 * positioned in, such as a pipe, is refused: reading it would have to wait for somebody else. A
 * file that is cut while it is sent ends the send with SN_ERROR_INVALID_ARGUMENT.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one, before it looks at anything else. Unlike the other verbs these allocate one record
 * when they start, for the list of what is to be sent and the files that were opened.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_PACKETS_H
#define SENNIT_PACKETS_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @dotnet TransmitFileOptions */
#define SN_TRANSMIT_TABLE(X)                                                                       \
    X(USE_DEFAULT_WORKER_THREAD, 0, "UseDefaultWorkerThread")                                      \
    X(DISCONNECT, 1, "Disconnect")                                                                 \
    X(REUSE_SOCKET, 2, "ReuseSocket")                                                              \
    X(WRITE_BEHIND, 4, "WriteBehind")                                                              \
    X(USE_SYSTEM_THREAD, 16, "UseSystemThread")                                                    \
    X(USE_KERNEL_APC, 32, "UseKernelApc")

/**
 * What happens around the send; values are or-ed together. Only the asynchronous forms take any:
 * SN_TRANSMIT_DISCONNECT disconnects the socket after everything was sent,
 * SN_TRANSMIT_REUSE_SOCKET too, and it can be connected again; the others change nothing here.
 */
typedef uint32_t sn_transmit_flags;
enum {
#define X(id, number, name) SN_TRANSMIT_##id = number,
    SN_TRANSMIT_TABLE(X)
#undef X
};

/* --- A file ---------------------------------------------------------------------------------- */

/** Which file is sent. */
typedef enum sn_file_kind {
    SN_FILE_NONE = 0, /* none, only the memory around it */
    SN_FILE_PATH = 1,
    SN_FILE_HANDLE = 2
} sn_file_kind;

/**
 * What a send of a file sends: memory, a file or a part of it, and memory again. All zero sends
 * nothing; { .kind = SN_FILE_PATH, .path = path } sends a file.
 */
typedef struct sn_file_send {
    size_t size;       /* sizeof(sn_file_send); 0: as it was in 0.2. Later ones may have more */
    sn_file_kind kind; /* which of the members below count */
    sn_transmit_flags flags; /* what happens to the socket behind it */
    const char *path;        /* PATH: borrowed for the call, which opens the file */
    sn_handle file;          /* HANDLE: lent until completion; open for reading */
    int64_t offset;          /* PATH, HANDLE: where the part begins */
    int64_t count;           /* PATH, HANDLE: bytes of it; 0: up to the end of the file */
    sn_buffer before;        /* goes before the file; lent until completion */
    sn_buffer after;         /* goes behind it; lent until completion */
} sn_file_send;

/**
 * Sends memory, a file or a part of it, and memory again. On a non-blocking socket all of it has to
 * fit.
 *
 * @param socket    borrowed; a connected stream
 * @param send      borrowed for the call; its only flag is SN_TRANSMIT_USE_DEFAULT_WORKER_THREAD
 * @param out_sent  bytes handed to the system; may be NULL. Written after an error too, unless
 *                  nothing was begun: a file that went out in part can be gone on with
 *
 * @error   SN_ERROR_ARGUMENT_NULL           no record, no path, or memory is NULL and not empty
 * @error   SN_ERROR_ARGUMENT                an unknown kind, an empty path, or no descriptor that
 *                                           is open for reading
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE   the size of the record is less than that of 0.2; offset
 *                                           or count is negative; memory is above SSIZE_MAX
 * @error   SN_ERROR_NOT_SUPPORTED           no stream, not connected, no regular file, or the
 *                                           record has more than this library knows, not zero
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  a flag
 * @error   SN_ERROR_FILE_NOT_FOUND          the file is missing; nothing was sent
 * @error   SN_ERROR_DIRECTORY_NOT_FOUND     the file's folder is missing, or is no folder; nothing
 *                                           was sent
 * @error   SN_ERROR_ACCESS_DENIED           the file may not be read, or is a folder
 * @error   SN_ERROR_INVALID_ARGUMENT        the part lies beyond the end of the file; nothing was
 *                                           sent
 * @error   SN_ERROR_OUT_OF_MEMORY           no memory; nothing was sent
 * @error   SN_ERROR_WOULD_BLOCK             non-blocking, and not all of it fitted
 * @error   SN_ERROR_TIMED_OUT               the send timeout passed (for the whole call)
 * @error   otherwise as sn_socket_send()
 * @since   0.2
 * @dotnet  Socket.SendFile(string), Socket.SendFile(string, byte[], byte[], TransmitFileOptions),
 * Socket.SendFile(string, ReadOnlySpan<byte>, ReadOnlySpan<byte>, TransmitFileOptions)
 */
SN_MUST_USE SN_API sn_error sn_socket_send_file(sn_socket *socket, const sn_file_send *send,
                                                size_t *out_sent);

/**
 * Starts sending memory, a file or a part of it, and memory again, and returns without waiting.
 *
 * @param socket     borrowed for the call; a connected stream
 * @param send       borrowed for the call; its memory and its descriptor are lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes, after an error too).
 * @error   as sn_socket_send_file(), but for flags and SN_ERROR_WOULD_BLOCK
 * @error   SN_ERROR_OPERATION_ABORTED   the socket was closed meanwhile
 * @error   SN_ERROR_OPERATION_CANCELED  cancelled before anything was sent; later it is a success
 *                                       with fewer bytes
 * @since   0.2
 * @dotnet  Socket.SendFileAsync(string, CancellationToken), Socket.SendFileAsync(string,
 * ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, TransmitFileOptions, CancellationToken),
 * Socket.BeginSendFile(string, AsyncCallback, object), Socket.BeginSendFile(string, byte[], byte[],
 * TransmitFileOptions, AsyncCallback, object), Socket.EndSendFile(IAsyncResult)
 */
SN_API bool sn_socket_send_file_async(sn_socket *socket, const sn_file_send *send,
                                      sn_operation *operation);

/* --- A list of memory and files -------------------------------------------------------------- */

/** What an element is. */
typedef enum sn_send_packets_kind {
    SN_SEND_PACKETS_NONE = 0, /* passed over: where .NET has null */
    SN_SEND_PACKETS_MEMORY = 1,
    SN_SEND_PACKETS_PATH = 2,
    SN_SEND_PACKETS_HANDLE = 3
} sn_send_packets_kind;

/**
 * One part of a send: memory, or a part of a file. A plain value; all zero is passed over.
 *
 * @dotnet SendPacketsElement.Buffer, SendPacketsElement.MemoryBuffer, SendPacketsElement.FilePath,
 * SendPacketsElement.FileStream, SendPacketsElement.Offset, SendPacketsElement.OffsetLong,
 * SendPacketsElement.Count, SendPacketsElement.EndOfPacket
 */
typedef struct sn_send_packets_element {
    sn_send_packets_kind kind; /* which of the members below count */
    bool end_of_packet;        /* kept and not used on this platform, as in .NET */
    sn_handle file;            /* HANDLE; borrowed */
    const void *data;          /* MEMORY; borrowed */
    size_t size;               /* MEMORY: bytes; none: passed over */
    const char *path;          /* PATH; borrowed */
    int64_t offset;            /* PATH, HANDLE: where the part begins */
    int64_t count;             /* PATH, HANDLE: bytes; 0: up to the end of the file */
} sn_send_packets_element;

/**
 * An element that is memory.
 *
 * @param data           borrowed, until a send of the element has completed
 * @param size           bytes
 * @param end_of_packet  kept and not used
 * @param out_element    caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_element is NULL, or data is NULL and size is not 0
 * @dotnet  SendPacketsElement(byte[]), SendPacketsElement(byte[], int, int),
 * SendPacketsElement(byte[], int, int, bool), SendPacketsElement(ReadOnlyMemory<byte>),
 * SendPacketsElement(ReadOnlyMemory<byte>, bool)
 */
SN_MUST_USE SN_API sn_error sn_send_packets_element_from_memory(
    const void *data, size_t size, bool end_of_packet, sn_send_packets_element *out_element);

/**
 * An element that is a file, opened when it is sent.
 *
 * @param path           borrowed, until a send of the element was started
 * @param offset         where the part begins
 * @param count          bytes of it; 0: up to the end of the file
 * @param end_of_packet  kept and not used
 * @param out_element    caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  offset or count is negative
 * @dotnet  SendPacketsElement(string), SendPacketsElement(string, int, int),
 * SendPacketsElement(string, int, int, bool), SendPacketsElement(string, long, int),
 * SendPacketsElement(string, long, int, bool)
 */
SN_MUST_USE SN_API sn_error sn_send_packets_element_from_path(const char *path, int64_t offset,
                                                              int64_t count, bool end_of_packet,
                                                              sn_send_packets_element *out_element);

/**
 * An element that is an open file.
 *
 * @param file           borrowed, until a send of the element has completed; open for reading
 * @param offset         where the part begins; the file's own position is neither used nor moved
 * @param count          bytes of it; 0: up to the end of the file
 * @param end_of_packet  kept and not used
 * @param out_element    caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          out_element is NULL
 * @error   SN_ERROR_ARGUMENT               file is negative
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  offset or count is negative
 * @dotnet  SendPacketsElement(FileStream), SendPacketsElement(FileStream, long, int),
 * SendPacketsElement(FileStream, long, int, bool)
 */
SN_MUST_USE SN_API sn_error
sn_send_packets_element_from_handle(sn_handle file, int64_t offset, int64_t count,
                                    bool end_of_packet, sn_send_packets_element *out_element);

/**
 * Starts sending the elements one after the other, each as a complete send, and returns without
 * waiting. On a socket that keeps messages apart each element is one message.
 *
 * All files are opened first. Where one is missing, or a part lies beyond the end of its file,
 * nothing is sent, and what was opened is closed again.
 *
 * @param socket     borrowed for the call; connected
 * @param elements   borrowed for the call, with their paths; their memory and descriptors are lent
 *                   until completion
 * @param count      0 completes with no bytes
 * @param flags      SN_TRANSMIT_ values
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes of all elements, after an error too).
 * @error   SN_ERROR_ARGUMENT               elements is NULL, a path is empty, a descriptor is not
 *                                          open for reading, or a kind is unknown
 * @error   SN_ERROR_ARGUMENT_NULL          an element's memory or path is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  an offset or a count is negative
 * @error   SN_ERROR_NOT_SUPPORTED          not connected, or no regular file
 * @error   SN_ERROR_FILE_NOT_FOUND         a file is missing
 * @error   SN_ERROR_DIRECTORY_NOT_FOUND    the folder of a file is missing, or is no folder
 * @error   SN_ERROR_INVALID_ARGUMENT       a part lies beyond the end of its file
 * @error   SN_ERROR_MESSAGE_SIZE           an element is too long for one message
 * @error   otherwise as sn_socket_send_file_async()
 * @dotnet  Socket.SendPacketsAsync(SocketAsyncEventArgs), SocketAsyncEventArgs.SendPacketsElements,
 * SocketAsyncEventArgs.SendPacketsFlags
 */
SN_API bool sn_socket_send_packets_async(sn_socket *socket, const sn_send_packets_element *elements,
                                         size_t count, sn_transmit_flags flags,
                                         sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
