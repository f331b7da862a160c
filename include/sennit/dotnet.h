/**
 * What .NET's classes have and a program on Linux has no use for. What is declared here always
 * fails, does nothing, answers the same every time, or names what exists on Windows only.
 *
 * It is here so that every member of .NET's socket classes has its answer (docs/dotnet-map.md), and
 * so that the port of a .NET program compiles and is told. <sennit.h> does not include it: who asks
 * for none of this never meets it.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_DOTNET_H
#define SENNIT_DOTNET_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of <sennit/stream.h>, <sennit/tcp.h> and <sennit/udp.h>, declared again: a file that needs this
 * header needs none of them. */
/** See <sennit/stream.h>. */
typedef struct sn_network_stream sn_network_stream;
/** See <sennit/tcp.h>. */
typedef struct sn_tcp_listener sn_tcp_listener;
/** See <sennit/udp.h>. */
typedef struct sn_udp_client sn_udp_client;

/* --- Handing a socket to another process: on Windows only ------------------------------------- */

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
 * @dotnet  Socket(SocketInformation)
 */
SN_MUST_USE SN_API sn_error sn_socket_from_information(const sn_socket_information *information,
                                                       sn_socket **out_socket);

/* --- Options and properties that Linux does not have ------------------------------------------ */

/** From where a socket may be reached. @dotnet IPProtectionLevel */
typedef enum sn_ip_protection_level {
    SN_PROTECTION_UNSPECIFIED = -1,
    SN_PROTECTION_UNRESTRICTED = 10,
    SN_PROTECTION_EDGE_RESTRICTED = 20,
    SN_PROTECTION_RESTRICTED = 30
} sn_ip_protection_level;

/**
 * SN_ERROR_ARGUMENT for SN_PROTECTION_UNSPECIFIED, else SN_ERROR_PLATFORM_NOT_SUPPORTED: protection
 * levels exist on Windows only.
 * @dotnet Socket.SetIPProtectionLevel(IPProtectionLevel)
 */
SN_MUST_USE SN_API sn_error sn_socket_set_ip_protection_level(sn_socket *socket,
                                                              sn_ip_protection_level level);

/**
 * Always false: overlapped I/O is a Windows notion. Setting it changes nothing; a closed socket is
 * no error here, as in .NET.
 * @dotnet Socket.UseOnlyOverlappedIO
 */
SN_MUST_USE SN_API sn_error sn_socket_get_use_only_overlapped_io(sn_socket *socket,
                                                                 bool *out_value);
/** @dotnet Socket.UseOnlyOverlappedIO */
SN_MUST_USE SN_API sn_error sn_socket_set_use_only_overlapped_io(sn_socket *socket, bool value);

/**
 * SN_ERROR_PLATFORM_NOT_SUPPORTED: Windows only.
 * @dotnet UdpClient.AllowNatTraversal(bool allowed)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_allow_nat_traversal(sn_udp_client *client, bool allowed);
/**
 * SN_ERROR_INVALID_OPERATION while started, else SN_ERROR_PLATFORM_NOT_SUPPORTED: Windows only.
 * @dotnet TcpListener.AllowNatTraversal(bool allowed)
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_allow_nat_traversal(sn_tcp_listener *listener,
                                                                bool allowed);

/* --- What a stream of another kind would do --------------------------------------------------- */

/** Always false. @since 0.2 @dotnet NetworkStream.CanSeek */
SN_API bool sn_network_stream_can_seek(const sn_network_stream *stream);
/** Always true. @since 0.2 @dotnet NetworkStream.CanTimeout */
SN_API bool sn_network_stream_can_timeout(const sn_network_stream *stream);
/**
 * Does nothing: what was written is with the system already. Also on a closed stream.
 * @dotnet NetworkStream.Flush()
 */
SN_API sn_error sn_network_stream_flush(sn_network_stream *stream);
/**
 * Completes the operation and does nothing else.
 * @return whether it took the record, see sn_operation
 * @dotnet NetworkStream.FlushAsync(CancellationToken cancellationToken)
 */
SN_API bool sn_network_stream_flush_async(sn_network_stream *stream, sn_operation *operation);

/* --- Codes for sn_socket_io_control() --------------------------------------------------------- */

/**
 * All of .NET's codes. Two of them work and are constants of <sennit/types.h>; the others are
 * refused.
 * @dotnet IOControlCode
 */
#define SN_IO_CONTROL_TABLE(X)                                                                     \
    X(ENABLE_CIRCULAR_QUEUING, 671088642, "EnableCircularQueuing")                                 \
    X(FLUSH, 671088644, "Flush")                                                                   \
    X(ADDRESS_LIST_CHANGE, 671088663, "AddressListChange")                                         \
    X(DATA_TO_READ, 1074030207, "DataToRead")                                                      \
    X(OOB_DATA_READ, 1074033415, "OobDataRead")                                                    \
    X(GET_BROADCAST_ADDRESS, 1207959557, "GetBroadcastAddress")                                    \
    X(ADDRESS_LIST_QUERY, 1207959574, "AddressListQuery")                                          \
    X(QUERY_TARGET_PNP_HANDLE, 1207959576, "QueryTargetPnpHandle")                                 \
    X(ASYNC_IO, 2147772029, "AsyncIO")                                                             \
    X(NON_BLOCKING_IO, 2147772030, "NonBlockingIO")                                                \
    X(ASSOCIATE_HANDLE, 2281701377, "AssociateHandle")                                             \
    X(MULTIPOINT_LOOPBACK, 2281701385, "MultipointLoopback")                                       \
    X(MULTICAST_SCOPE, 2281701386, "MulticastScope")                                               \
    X(SET_QOS, 2281701387, "SetQos")                                                               \
    X(SET_GROUP_QOS, 2281701388, "SetGroupQos")                                                    \
    X(ROUTING_INTERFACE_CHANGE, 2281701397, "RoutingInterfaceChange")                              \
    X(NAMESPACE_CHANGE, 2281701401, "NamespaceChange")                                             \
    X(RECEIVE_ALL, 2550136833, "ReceiveAll")                                                       \
    X(RECEIVE_ALL_MULTICAST, 2550136834, "ReceiveAllMulticast")                                    \
    X(RECEIVE_ALL_IGMP_MULTICAST, 2550136835, "ReceiveAllIgmpMulticast")                           \
    X(KEEP_ALIVE_VALUES, 2550136836, "KeepAliveValues")                                            \
    X(ABSORB_ROUTER_ALERT, 2550136837, "AbsorbRouterAlert")                                        \
    X(UNICAST_INTERFACE, 2550136838, "UnicastInterface")                                           \
    X(LIMIT_BROADCASTS, 2550136839, "LimitBroadcasts")                                             \
    X(BIND_TO_INTERFACE, 2550136840, "BindToInterface")                                            \
    X(MULTICAST_INTERFACE, 2550136841, "MulticastInterface")                                       \
    X(ADD_MULTICAST_GROUP_ON_INTERFACE, 2550136842, "AddMulticastGroupOnInterface")                \
    X(DELETE_MULTICAST_GROUP_FROM_INTERFACE, 2550136843, "DeleteMulticastGroupFromInterface")      \
    X(GET_EXTENSION_FUNCTION_POINTER, 3355443206, "GetExtensionFunctionPointer")                   \
    X(GET_QOS, 3355443207, "GetQos")                                                               \
    X(GET_GROUP_QOS, 3355443208, "GetGroupQos")                                                    \
    X(TRANSLATE_HANDLE, 3355443213, "TranslateHandle")                                             \
    X(ROUTING_INTERFACE_QUERY, 3355443220, "RoutingInterfaceQuery")                                \
    X(ADDRESS_LIST_SORT, 3355443225, "AddressListSort")

/** Refused with SN_ERROR_INVALID_OPERATION, for sn_socket_set_blocking(). Beyond an enumerator. */
#define SN_IO_CONTROL_NON_BLOCKING_IO 2147772030

#ifdef __cplusplus
}
#endif

#endif
