/**
 * UDP without the usual steps: UdpClient.
 *
 * It holds a socket and uses it as a program could. Each function gives SN_ERROR_ARGUMENT_NULL for
 * a NULL client and SN_ERROR_OBJECT_DISPOSED for a closed one, before it looks at anything else; a
 * client whose socket was taken away gives SN_ERROR_INVALID_OPERATION.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_UDP_H
#define SENNIT_UDP_H

#include <sennit/address.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A buffer of so many bytes has room for every datagram. */
#define SN_UDP_SIZE_MAX 65536

/** .NET's UdpClient: what datagrams are sent and received with. */
typedef struct sn_udp_client sn_udp_client;

/* --- Making and releasing --------------------------------------------------------------------- */

/**
 * Makes a client that is neither bound nor connected.
 *
 * @param family      SN_FAMILY_IPV4 or SN_FAMILY_IPV6
 * @param out_client  owned by the caller: sn_udp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_client is NULL
 * @error   SN_ERROR_ARGUMENT       another family
 * @error   otherwise as sn_socket_create()
 * @dotnet  UdpClient(), UdpClient(AddressFamily family)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_create(sn_address_family family,
                                                 sn_udp_client **out_client);

/**
 * Makes a client that is bound to a local address.
 *
 * @param local       borrowed for the call; an IP end point
 * @param out_client  owned by the caller: sn_udp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL, or SN_ENDPOINT_NONE
 * @error   SN_ERROR_ARGUMENT       another kind of end point
 * @error   otherwise as sn_socket_create() and sn_socket_bind()
 * @dotnet  UdpClient(IPEndPoint localEP)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_create_bound(const sn_endpoint *local,
                                                       sn_udp_client **out_client);

/**
 * Makes a client that is bound to a port on all addresses of a family.
 *
 * @param port        0 to 65535; 0 lets the system choose
 * @param family      SN_FAMILY_IPV4 or SN_FAMILY_IPV6
 * @param out_client  owned by the caller: sn_udp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT               another family
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   otherwise as sn_udp_client_create_bound()
 * @dotnet  UdpClient(int port), UdpClient(int port, AddressFamily family)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_create_on_port(int port, sn_address_family family,
                                                         sn_udp_client **out_client);

/**
 * Makes a client and connects it to a host: to the first of its addresses, in the resolver's order,
 * that can be connected to, with a socket of that family.
 *
 * @param host        borrowed for the call; a name, or the text of an address
 * @param port        0 to 65535
 * @param out_client  owned by the caller: sn_udp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   SN_ERROR_NOT_CONNECTED          the name has no address
 * @error   otherwise that of the last address tried, or of sn_dns_get_host_addresses()
 * @dotnet  UdpClient(string hostname, int port)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_create_connected(const char *host, int port,
                                                           sn_udp_client **out_client);

/**
 * Another reference to the same client.
 *
 * @param client  borrowed; NULL gives NULL
 * @return        the same pointer, to be released once more
 * @thread        any that holds a reference
 * @dotnet        none
 */
SN_API sn_udp_client *sn_udp_client_retain(sn_udp_client *client);

/**
 * Gives a reference back. The last one closes the client and frees it.
 *
 * @param client  NULL is fine; not to be used afterwards
 * @dotnet        none
 */
SN_API void sn_udp_client_release(sn_udp_client *client);

/**
 * Closes the client and its socket.
 *
 * @param client  borrowed; NULL and a closed client are fine
 * @thread        any, but not from a signal handler
 * @dotnet        UdpClient.Close(), UdpClient.Dispose(), UdpClient.Dispose(bool disposing)
 */
SN_API void sn_udp_client_close(sn_udp_client *client);

/* --- Connecting: whom it sends to and whom it hears ------------------------------------------- */

/**
 * Connects to an end point; may be repeated. For 255.255.255.255 broadcast is switched on.
 *
 * @param client  borrowed
 * @param remote  borrowed for the call
 *
 * @error   as sn_socket_connect()
 * @dotnet  UdpClient.Connect(IPEndPoint endPoint), UdpClient.Connect(IPAddress addr, int port)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_connect(sn_udp_client *client, const sn_endpoint *remote);

/**
 * Connects to a host by name: to the first of its addresses that fits the client's family. The name
 * is looked up on the calling thread.
 *
 * @param client  borrowed
 * @param host    borrowed for the call; a name, the text of an address, or "" for this machine
 * @param port    0 to 65535
 *
 * @error   SN_ERROR_ARGUMENT_NULL          host is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   SN_ERROR_NOT_CONNECTED          no address fits the client's family
 * @error   otherwise that of the last address tried, or of sn_dns_get_host_addresses()
 * @dotnet  UdpClient.Connect(string hostname, int port)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_connect_host(sn_udp_client *client, const char *host,
                                                       int port);

/* --- Sending and receiving -------------------------------------------------------------------- */

/**
 * Sends one datagram. For 255.255.255.255, and for that address only, broadcast is switched on.
 *
 * @param client    borrowed
 * @param data      borrowed for the call; NULL only with size 0
 * @param size      bytes
 * @param to        borrowed for the call; NULL: the peer of a connected client
 * @param out_sent  bytes; may be NULL
 *
 * @error   SN_ERROR_INVALID_OPERATION  `to` on a connected client, or none on another
 * @error   otherwise as sn_socket_send_to() and sn_socket_send()
 * @dotnet  UdpClient.Send(byte[] dgram, int bytes), UdpClient.Send(byte[] dgram, int bytes,
 *          IPEndPoint endPoint), UdpClient.Send(ReadOnlySpan<byte> datagram),
 *          UdpClient.Send(ReadOnlySpan<byte> datagram, IPEndPoint endPoint)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_send(sn_udp_client *client, const void *data, size_t size,
                                               const sn_endpoint *to, size_t *out_sent);

/**
 * Starts sending one datagram; sn_socket_send_to_async() or sn_socket_send_async() does the work.
 *
 * @param client     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param to         lent until completion; NULL: the peer of a connected client
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @error   as sn_udp_client_send()
 * @dotnet  UdpClient.SendAsync(byte[] datagram, int bytes), UdpClient.SendAsync(byte[] datagram,
 *          int bytes, IPEndPoint endPoint), UdpClient.SendAsync(ReadOnlyMemory<byte> datagram,
 *          CancellationToken cancellationToken), UdpClient.SendAsync(ReadOnlyMemory<byte> datagram,
 *          IPEndPoint endPoint, CancellationToken cancellationToken), UdpClient.BeginSend(byte[]
 *          datagram, int bytes, AsyncCallback requestCallback, object state),
 *          UdpClient.BeginSend(byte[] datagram, int bytes, IPEndPoint endPoint, AsyncCallback
 *          requestCallback, object state), UdpClient.EndSend(IAsyncResult asyncResult)
 */
SN_API bool sn_udp_client_send_async(sn_udp_client *client, const void *data, size_t size,
                                     const sn_endpoint *to, sn_operation *operation);

/**
 * Sends one datagram to a host by name: to the first of its addresses that fits the client's
 * family, or IPv4 if the client is in dual mode.
 *
 * @param client    borrowed; not connected
 * @param data      borrowed for the call; NULL only with size 0
 * @param size      bytes
 * @param host      borrowed for the call; a name, the text of an address, or "" for this machine
 * @param port      0 to 65535
 * @param out_sent  bytes; may be NULL
 *
 * @error   SN_ERROR_INVALID_OPERATION      the client is connected
 * @error   SN_ERROR_ARGUMENT_NULL          host is NULL, or data with a size
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   SN_ERROR_ARGUMENT               no address fits
 * @error   otherwise as sn_dns_get_host_addresses() and sn_socket_send_to()
 * @dotnet  UdpClient.Send(byte[] dgram, int bytes, string hostname, int port),
 *          UdpClient.Send(ReadOnlySpan<byte> datagram, string hostname, int port)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_send_host(sn_udp_client *client, const void *data,
                                                    size_t size, const char *host, int port,
                                                    size_t *out_sent);

/**
 * Starts sending one datagram to a host by name. These are two steps: as in .NET the name is looked
 * up on the calling thread, which may take long, and then the send is started. A program that must
 * not wait looks the name up itself and calls sn_udp_client_send_async().
 *
 * @param client     borrowed for the call; not connected
 * @param data       lent until completion
 * @param size       bytes
 * @param host       borrowed for the call
 * @param port       0 to 65535
 * @param out_to     lent until completion; where the datagram goes
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @error   as sn_udp_client_send_host()
 * @dotnet  UdpClient.SendAsync(byte[] datagram, int bytes, string hostname, int port),
 *          UdpClient.SendAsync(ReadOnlyMemory<byte> datagram, string hostname, int port,
 *          CancellationToken cancellationToken), UdpClient.BeginSend(byte[] datagram, int bytes,
 *          string hostname, int port, AsyncCallback requestCallback, object state)
 */
SN_API bool sn_udp_client_send_host_async(sn_udp_client *client, const void *data, size_t size,
                                          const char *host, int port, sn_endpoint *out_to,
                                          sn_operation *operation);

/**
 * Receives one datagram and tells who sent it. What does not fit is lost; SN_UDP_SIZE_MAX bytes are
 * enough for any.
 *
 * @param client        borrowed; bound, or something was sent already
 * @param data          caller-provided, `size` bytes
 * @param size          bytes
 * @param out_from      the sender
 * @param out_received  bytes
 *
 * @error   as sn_socket_receive_from()
 * @dotnet  UdpClient.Receive(ref IPEndPoint remoteEP)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_receive(sn_udp_client *client, void *data, size_t size,
                                                  sn_endpoint *out_from, size_t *out_received);

/**
 * Starts receiving one datagram; sn_socket_receive_from_async() does the work. The buffer, the
 * sender and `transferred` together are what .NET calls a UdpReceiveResult.
 *
 * @param client     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param out_from   lent until completion; then the sender
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `transferred` (bytes), `flags` (SN_FLAG_TRUNCATED).
 * @error   as sn_socket_receive_from_async()
 * @dotnet  UdpClient.ReceiveAsync(), UdpClient.ReceiveAsync(CancellationToken cancellationToken),
 *          UdpClient.BeginReceive(AsyncCallback requestCallback, object state),
 *          UdpClient.EndReceive(IAsyncResult asyncResult, ref IPEndPoint remoteEP),
 *          UdpReceiveResult.Buffer, UdpReceiveResult.RemoteEndPoint
 */
SN_API bool sn_udp_client_receive_async(sn_udp_client *client, void *data, size_t size,
                                        sn_endpoint *out_from, sn_operation *operation);

/* --- Multicast groups ------------------------------------------------------------------------- */

/**
 * Joins a multicast group on the interface that the system chooses.
 *
 * @param client  borrowed
 * @param group   borrowed for the call
 *
 * @error   SN_ERROR_ARGUMENT_NULL  group is NULL
 * @error   SN_ERROR_ARGUMENT       not of the client's family
 * @error   otherwise as sn_socket_set_multicast_option(), sn_socket_set_ipv6_multicast_option()
 * @dotnet  UdpClient.JoinMulticastGroup(IPAddress multicastAddr)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_join_multicast_group(sn_udp_client *client,
                                                               const sn_ip_address *group);

/**
 * Joins a multicast group, then sets how many routers the client's own multicasts may pass.
 *
 * @param client        borrowed
 * @param group         borrowed for the call
 * @param time_to_live  0 to 255
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  time_to_live
 * @error   otherwise as sn_udp_client_join_multicast_group()
 * @dotnet  UdpClient.JoinMulticastGroup(IPAddress multicastAddr, int timeToLive)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_join_multicast_group_with_ttl(sn_udp_client *client,
                                                                        const sn_ip_address *group,
                                                                        int time_to_live);

/**
 * Joins an IPv4 multicast group on the interface that has an address.
 *
 * @param client         borrowed; IPv4
 * @param group          borrowed for the call
 * @param local_address  borrowed for the call
 *
 * @error   SN_ERROR_ARGUMENT_NULL            an address is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  the client or an address is IPv6
 * @dotnet  UdpClient.JoinMulticastGroup(IPAddress multicastAddr, IPAddress localAddress)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_join_multicast_group_on_address(
    sn_udp_client *client, const sn_ip_address *group, const sn_ip_address *local_address);

/**
 * Joins an IPv6 multicast group on an interface. (.NET has these two arguments the other way
 * round, and in this order where the group is left.)
 *
 * @param client           borrowed; IPv6
 * @param group            borrowed for the call
 * @param interface_index  0: the system chooses
 *
 * @error   SN_ERROR_ARGUMENT_NULL            group is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    interface_index is negative
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  the client is IPv4
 * @error   SN_ERROR_INVALID_ARGUMENT         group is not IPv6
 * @dotnet  UdpClient.JoinMulticastGroup(int ifindex, IPAddress multicastAddr)
 */
SN_MUST_USE SN_API sn_error sn_udp_client_join_multicast_group_on_interface(
    sn_udp_client *client, const sn_ip_address *group, int interface_index);

/**
 * Leaves a multicast group.
 *
 * @param client  borrowed
 * @param group   borrowed for the call
 *
 * @error   as sn_udp_client_join_multicast_group()
 * @dotnet  UdpClient.DropMulticastGroup(IPAddress multicastAddr)
 */
SN_API sn_error sn_udp_client_drop_multicast_group(sn_udp_client *client,
                                                   const sn_ip_address *group);

/**
 * Leaves an IPv6 multicast group that was joined on an interface.
 *
 * @param client           borrowed; IPv6
 * @param group            borrowed for the call
 * @param interface_index  as it was joined
 *
 * @error   as sn_udp_client_join_multicast_group_on_interface()
 * @dotnet  UdpClient.DropMulticastGroup(IPAddress multicastAddr, int ifindex)
 */
SN_API sn_error sn_udp_client_drop_multicast_group_on_interface(sn_udp_client *client,
                                                                const sn_ip_address *group,
                                                                int interface_index);

/* --- Properties. Those without a line of their own are the socket's --------------------------- */

/**
 * The socket, borrowed as long as the client lives and has no other; NULL once closed.
 * @since 0.2
 * @dotnet UdpClient.Client { get; }
 */
SN_API sn_socket *sn_udp_client_get_socket(const sn_udp_client *client);
/**
 * Adopts another socket, NULL for none, and releases the one before.
 * @since 0.2
 * @dotnet UdpClient.Client { set; }
 */
SN_MUST_USE SN_API sn_error sn_udp_client_set_socket(sn_udp_client *client, sn_socket *socket);
/**
 * Whether it was connected by this object. False for NULL.
 * @since 0.2
 * @dotnet UdpClient.Active { get; }
 */
SN_API bool sn_udp_client_is_active(const sn_udp_client *client);
/** To say so of a socket that was set. @dotnet UdpClient.Active { set; } */
SN_MUST_USE SN_API sn_error sn_udp_client_set_active(sn_udp_client *client, bool value);
/** @dotnet UdpClient.Available */
SN_MUST_USE SN_API sn_error sn_udp_client_get_available(sn_udp_client *client,
                                                        size_t *out_available);
/** @dotnet UdpClient.DontFragment */
SN_MUST_USE SN_API sn_error sn_udp_client_get_dont_fragment(sn_udp_client *client, bool *out_value);
/** @dotnet UdpClient.DontFragment */
SN_MUST_USE SN_API sn_error sn_udp_client_set_dont_fragment(sn_udp_client *client, bool value);
/** @dotnet UdpClient.EnableBroadcast */
SN_MUST_USE SN_API sn_error sn_udp_client_get_enable_broadcast(sn_udp_client *client,
                                                               bool *out_value);
/** @dotnet UdpClient.EnableBroadcast */
SN_MUST_USE SN_API sn_error sn_udp_client_set_enable_broadcast(sn_udp_client *client, bool value);
/** @dotnet UdpClient.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_udp_client_get_exclusive_address_use(sn_udp_client *client,
                                                                    bool *out_value);
/** @dotnet UdpClient.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_udp_client_set_exclusive_address_use(sn_udp_client *client,
                                                                    bool value);
/** @dotnet UdpClient.MulticastLoopback */
SN_MUST_USE SN_API sn_error sn_udp_client_get_multicast_loopback(sn_udp_client *client,
                                                                 bool *out_value);
/** @dotnet UdpClient.MulticastLoopback */
SN_MUST_USE SN_API sn_error sn_udp_client_set_multicast_loopback(sn_udp_client *client, bool value);
/** @dotnet UdpClient.Ttl */
SN_MUST_USE SN_API sn_error sn_udp_client_get_ttl(sn_udp_client *client, int *out_value);
/** @dotnet UdpClient.Ttl */
SN_MUST_USE SN_API sn_error sn_udp_client_set_ttl(sn_udp_client *client, int value);

#ifdef __cplusplus
}
#endif

#endif
