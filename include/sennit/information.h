/**
 * Handing a socket to another process the way .NET does it, which works on Windows only. The names
 * are here so that the port of a .NET program compiles and is told.
 */
#ifndef SENNIT_INFORMATION_H
#define SENNIT_INFORMATION_H

#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a socket was when it left its process; several, or-ed. @dotnet SocketInformationOptions */
typedef enum sn_socket_information_options {
    SN_SOCKET_INFORMATION_NON_BLOCKING = 1,
    SN_SOCKET_INFORMATION_CONNECTED = 2,
    SN_SOCKET_INFORMATION_LISTENING = 4,
    SN_SOCKET_INFORMATION_USE_ONLY_OVERLAPPED_IO = 8
} sn_socket_information_options;

/** A socket on its way to another process. Only Windows can make one. @dotnet SocketInformation */
typedef struct sn_socket_information {
    uint32_t options;                 /* SN_SOCKET_INFORMATION_ values */
    const void *protocol_information; /* borrowed */
    size_t protocol_information_size; /* bytes */
} sn_socket_information;

/**
 * Exists on Windows only, and fails here as in .NET. To give a socket to another process, hand its
 * descriptor on (over a Unix socket, or by inheritance) and adopt it there:
 * sn_socket_from_handle().
 *
 * @param socket             borrowed; open or closed, it stays as it is
 * @param target_process_id  not looked at
 * @param out_information    not written
 *
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  always
 * @thread  any
 * @since   0.1
 * @dotnet  Socket.DuplicateAndClose(int targetProcessId)
 */
SN_MUST_USE SN_API sn_error sn_socket_duplicate_and_close(sn_socket *socket, int target_process_id,
                                                          sn_socket_information *out_information);

/**
 * Exists on Windows only, and fails here as in .NET: sn_socket_from_handle() makes a socket of a
 * descriptor that came from elsewhere.
 *
 * @param information  not looked at
 * @param out_socket   not written
 *
 * @error   SN_ERROR_PLATFORM_NOT_SUPPORTED  always
 * @thread  any
 * @since   0.1
 * @dotnet  Socket(SocketInformation)
 */
SN_MUST_USE SN_API sn_error sn_socket_from_information(const sn_socket_information *information,
                                                       sn_socket **out_socket);

#ifdef __cplusplus
}
#endif

#endif
