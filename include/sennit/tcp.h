/**
 * TCP without the usual steps: TcpClient and TcpListener.
 *
 * Both hold a socket and use it as a program could. Each function gives SN_ERROR_ARGUMENT_NULL for
 * a NULL client or listener and SN_ERROR_OBJECT_DISPOSED for a closed client, before it looks at
 * anything else; a client whose socket was taken away gives SN_ERROR_INVALID_OPERATION.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_TCP_H
#define SENNIT_TCP_H

#include <sennit/address.h>
#include <sennit/connect.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/option.h>
#include <sennit/stream.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** .NET's TcpClient: a connection. */
typedef struct sn_tcp_client sn_tcp_client;
/** .NET's TcpListener: what connections are accepted from. */
typedef struct sn_tcp_listener sn_tcp_listener;

/* --- TcpClient: making and releasing ---------------------------------------------------------- */

/**
 * Makes a client that is not connected yet.
 *
 * @param family      SN_FAMILY_UNSPECIFIED: IPv6 and IPv4; or SN_FAMILY_IPV4, SN_FAMILY_IPV6
 * @param out_client  owned by the caller: sn_tcp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_client is NULL
 * @error   SN_ERROR_ARGUMENT       another family
 * @error   otherwise as sn_socket_create()
 * @dotnet  TcpClient(), TcpClient(AddressFamily family)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_create(sn_address_family family,
                                                 sn_tcp_client **out_client);

/**
 * Makes a client that is bound to a local address, and connects to its family only.
 *
 * @param local       borrowed for the call; an IP end point
 * @param out_client  owned by the caller: sn_tcp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL, or SN_ENDPOINT_NONE
 * @error   SN_ERROR_ARGUMENT       another kind of end point
 * @error   otherwise as sn_socket_create() and sn_socket_bind()
 * @dotnet  TcpClient(IPEndPoint localEP)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_create_bound(const sn_endpoint *local,
                                                       sn_tcp_client **out_client);

/**
 * Makes a client and connects it to a host. The first 64 addresses of the name are tried in the
 * resolver's order, each with a socket of its family.
 *
 * @param host        borrowed for the call; a name, or the text of an address
 * @param port        0 to 65535
 * @param out_client  owned by the caller: sn_tcp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   SN_ERROR_NOT_CONNECTED          the name has no address
 * @error   otherwise that of the last address tried, or of sn_dns_get_host_addresses()
 * @dotnet  TcpClient(string hostname, int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_create_connected(const char *host, int port,
                                                           sn_tcp_client **out_client);

/**
 * Makes a client of a connected socket, such as the result of an asynchronous accept.
 *
 * @param socket      adopted on success: the client releases it
 * @param out_client  owned by the caller: sn_tcp_client_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory; the socket is still the caller's
 * @dotnet  TcpListener.EndAcceptTcpClient(IAsyncResult asyncResult)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_from_socket(sn_socket *socket,
                                                      sn_tcp_client **out_client);

/**
 * Another reference to the same client.
 *
 * @param client  borrowed; NULL gives NULL
 * @return        the same pointer, to be released once more
 * @thread        any that holds a reference
 * @dotnet        none
 */
SN_API sn_tcp_client *sn_tcp_client_retain(sn_tcp_client *client);

/**
 * Gives a reference back. The last one closes the client and frees it.
 *
 * @param client  NULL is fine; not to be used afterwards
 * @dotnet        TcpClient.Finalize()
 */
SN_API void sn_tcp_client_release(sn_tcp_client *client);

/**
 * Closes the client with its stream and its socket, which is shut down first.
 *
 * @param client  borrowed; NULL and a closed client are fine
 * @thread        any, but not from a signal handler
 * @dotnet        TcpClient.Close(), TcpClient.Dispose(), TcpClient.Dispose(bool disposing)
 */
SN_API void sn_tcp_client_close(sn_tcp_client *client);

/* --- TcpClient: connecting -------------------------------------------------------------------- */

/**
 * Sets how the client connects from now on, by name and to addresses:
 * sn_socket_set_connect_options() of its socket. One that is made for both families has its
 * addresses race across them.
 *
 * @param client   borrowed
 * @param options  borrowed for the call, but for the log; NULL: all zero
 *
 * @error   as sn_socket_set_connect_options()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_connect_options(sn_tcp_client *client,
                                                              const sn_connect_options *options);

/**
 * Connects to an end point.
 *
 * @param client  borrowed
 * @param remote  borrowed for the call
 *
 * @error   as sn_socket_connect()
 * @dotnet  TcpClient.Connect(IPEndPoint remoteEP), TcpClient.Connect(IPAddress address, int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_connect(sn_tcp_client *client, const sn_endpoint *remote);

/**
 * Starts connecting; sn_socket_connect_async() does the work.
 *
 * @param client     borrowed for the call
 * @param remote     lent until completion
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   as sn_socket_connect_async()
 * @dotnet  TcpClient.ConnectAsync(IPEndPoint remoteEP), TcpClient.ConnectAsync(IPEndPoint remoteEP,
 *          CancellationToken cancellationToken), TcpClient.ConnectAsync(IPAddress address, int
 *          port), TcpClient.ConnectAsync(IPAddress address, int port, CancellationToken
 *          cancellationToken), TcpClient.BeginConnect(IPAddress address, int port, AsyncCallback
 *          requestCallback, object state), TcpClient.EndConnect(IAsyncResult asyncResult)
 */
SN_API bool sn_tcp_client_connect_async(sn_tcp_client *client, const sn_endpoint *remote,
                                        sn_operation *operation);

/**
 * Connects to the first of several addresses that answers.
 *
 * @param client     borrowed
 * @param addresses  borrowed for the call, `count` of them
 * @param count      at least 1
 * @param port       0 to 65535
 *
 * @error   as sn_socket_connect_addresses()
 * @dotnet  TcpClient.Connect(IPAddress[] ipAddresses, int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_connect_addresses(sn_tcp_client *client,
                                                            const sn_ip_address *addresses,
                                                            size_t count, int port);

/**
 * Starts connecting to the first of several addresses that answers;
 * sn_socket_connect_addresses_async() does the work.
 *
 * @param client     borrowed for the call
 * @param addresses  lent until completion, `count` of them
 * @param count      at least 1
 * @param port       0 to 65535
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   as sn_socket_connect_addresses_async()
 * @dotnet  TcpClient.ConnectAsync(IPAddress[] addresses, int port),
 *          TcpClient.ConnectAsync(IPAddress[] addresses, int port, CancellationToken
 *          cancellationToken), TcpClient.BeginConnect(IPAddress[] addresses, int port,
 *          AsyncCallback requestCallback, object state)
 */
SN_API bool sn_tcp_client_connect_addresses_async(sn_tcp_client *client,
                                                  const sn_ip_address *addresses, size_t count,
                                                  int port, sn_operation *operation);

/**
 * Connects to a host by name, as sn_socket_connect_host() does.
 *
 * @param client  borrowed
 * @param host    borrowed for the call; a name, the text of an address, or "" for this machine
 * @param port    0 to 65535
 *
 * @error   as sn_socket_connect_host()
 * @dotnet  TcpClient.Connect(string hostname, int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_connect_host(sn_tcp_client *client, const char *host,
                                                       int port);

/**
 * Starts connecting to a host by name; sn_socket_connect_host_async() does the work.
 *
 * @param client     borrowed for the call
 * @param host       borrowed for the call; not empty
 * @param port       0 to 65535
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`.
 * @error   as sn_socket_connect_host_async()
 * @dotnet  TcpClient.ConnectAsync(string host, int port), TcpClient.ConnectAsync(string host, int
 *          port, CancellationToken cancellationToken), TcpClient.BeginConnect(string host, int
 *          port, AsyncCallback requestCallback, object state)
 */
SN_API bool sn_tcp_client_connect_host_async(sn_tcp_client *client, const char *host, int port,
                                             sn_operation *operation);

/**
 * The connection as a stream; the same one each time. Closing it closes the client's socket.
 *
 * @param client      borrowed
 * @param out_stream  borrowed as long as the client lives; sn_network_stream_retain() to keep it
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_INVALID_OPERATION  not connected; or not blocking when it is first asked for
 * @error   SN_ERROR_OUT_OF_MEMORY      no memory
 * @dotnet  TcpClient.GetStream()
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_stream(sn_tcp_client *client,
                                                     sn_network_stream **out_stream);

/* --- TcpClient: properties. Those without a line of their own are the socket's ---------------- */

/**
 * The socket, borrowed as long as the client lives and has no other; NULL once closed. Where it was
 * set to NULL one is made, for both families, with the errors of sn_socket_create().
 * @since 0.2
 * @dotnet TcpClient.Client { get; }
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_socket(sn_tcp_client *client, sn_socket **out_socket);
/**
 * Adopts another socket and releases the one before; with NULL the next call that needs one makes
 * it. A stream that was got before stays that of the old socket.
 * @since 0.2
 * @dotnet TcpClient.Client { set; }
 */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_socket(sn_tcp_client *client, sn_socket *socket);
/**
 * Whether it has connected, also after the connection has ended. False for NULL.
 * @since 0.2
 * @dotnet TcpClient.Active { get; }
 */
SN_API bool sn_tcp_client_is_active(const sn_tcp_client *client);
/** To say so of a socket that was set. @dotnet TcpClient.Active { set; } */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_active(sn_tcp_client *client, bool value);
/**
 * As sn_socket_is_connected(); false once closed, without a socket, and for NULL.
 * @since 0.2
 * @dotnet TcpClient.Connected
 */
SN_API bool sn_tcp_client_is_connected(const sn_tcp_client *client);
/** As sn_socket_get_available(); 0 once closed and without a socket. @dotnet TcpClient.Available */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_available(sn_tcp_client *client,
                                                        size_t *out_available);
/** False once closed and without a socket. @dotnet TcpClient.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_exclusive_address_use(sn_tcp_client *client,
                                                                    bool *out_value);
/** No effect once closed or without a socket. @dotnet TcpClient.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_exclusive_address_use(sn_tcp_client *client,
                                                                    bool value);
/** @dotnet TcpClient.NoDelay */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_no_delay(sn_tcp_client *client, bool *out_value);
/** @dotnet TcpClient.NoDelay */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_no_delay(sn_tcp_client *client, bool value);
/** @dotnet TcpClient.LingerState */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_linger_state(sn_tcp_client *client,
                                                           sn_linger_option *out_value);
/** @dotnet TcpClient.LingerState */
SN_API sn_error sn_tcp_client_set_linger_state(sn_tcp_client *client,
                                               const sn_linger_option *value);
/** @dotnet TcpClient.ReceiveBufferSize */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_receive_buffer_size(sn_tcp_client *client,
                                                                  int *out_value);
/** @dotnet TcpClient.ReceiveBufferSize */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_receive_buffer_size(sn_tcp_client *client, int value);
/** @dotnet TcpClient.SendBufferSize */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_send_buffer_size(sn_tcp_client *client,
                                                               int *out_value);
/** @dotnet TcpClient.SendBufferSize */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_send_buffer_size(sn_tcp_client *client, int value);
/** @dotnet TcpClient.ReceiveTimeout */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_receive_timeout(sn_tcp_client *client,
                                                              sn_milliseconds *out_value);
/** @dotnet TcpClient.ReceiveTimeout */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_receive_timeout(sn_tcp_client *client,
                                                              sn_milliseconds value);
/** @dotnet TcpClient.SendTimeout */
SN_MUST_USE SN_API sn_error sn_tcp_client_get_send_timeout(sn_tcp_client *client,
                                                           sn_milliseconds *out_value);
/** @dotnet TcpClient.SendTimeout */
SN_MUST_USE SN_API sn_error sn_tcp_client_set_send_timeout(sn_tcp_client *client,
                                                           sn_milliseconds value);

/* --- TcpListener: making and releasing -------------------------------------------------------- */

/**
 * Makes a listener that is not started yet.
 *
 * @param local         borrowed for the call; an IP end point
 * @param out_listener  owned by the caller: sn_tcp_listener_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL, or SN_ENDPOINT_NONE
 * @error   SN_ERROR_ARGUMENT       another kind of end point
 * @error   otherwise as sn_socket_create()
 * @dotnet  TcpListener(IPEndPoint localEP), TcpListener(IPAddress localaddr, int port),
 *          TcpListener(int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_create(const sn_endpoint *local,
                                                   sn_tcp_listener **out_listener);

/**
 * Makes a listener for IPv6 and IPv4 on all addresses, or for IPv4 where the system has no IPv6.
 *
 * @param port          0 to 65535; 0 lets the system choose
 * @param out_listener  owned by the caller: sn_tcp_listener_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          out_listener is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the port
 * @error   otherwise as sn_socket_create()
 * @dotnet  TcpListener.Create(int port)
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_create_dual_mode(int port,
                                                             sn_tcp_listener **out_listener);

/**
 * Another reference to the same listener.
 *
 * @param listener  borrowed; NULL gives NULL
 * @return          the same pointer, to be released once more
 * @thread          any that holds a reference
 * @dotnet          none
 */
SN_API sn_tcp_listener *sn_tcp_listener_retain(sn_tcp_listener *listener);

/**
 * Gives a reference back. The last one stops the listener and frees it.
 *
 * @param listener  NULL is fine; not to be used afterwards
 * @dotnet          none
 */
SN_API void sn_tcp_listener_release(sn_tcp_listener *listener);

/* --- TcpListener: starting, stopping, accepting ----------------------------------------------- */

/**
 * Binds and listens. A listener that is started already stays as it is.
 *
 * @param listener  borrowed
 * @param backlog   how many connections may wait to be accepted; INT_MAX, which is what .NET's
 *                  Start() means, for as many as the system allows
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  negative
 * @error   otherwise as sn_socket_bind() and sn_socket_listen(); it is not started then
 * @dotnet  TcpListener.Start(int backlog), TcpListener.Start()
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_start(sn_tcp_listener *listener, int backlog);

/**
 * Closes the socket; whoever waits for a connection gets an error. It may be started again.
 *
 * @param listener  borrowed; NULL and one that is not started are fine
 * @thread          any, but not from a signal handler
 * @dotnet          TcpListener.Stop(), TcpListener.Dispose()
 */
SN_API void sn_tcp_listener_stop(sn_tcp_listener *listener);

/**
 * Whether a connection waits to be accepted.
 *
 * @param listener     borrowed; started
 * @param out_pending  written on success
 *
 * @error   SN_ERROR_INVALID_OPERATION  not started
 * @dotnet  TcpListener.Pending()
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_pending(sn_tcp_listener *listener, bool *out_pending);

/**
 * Waits for a connection and takes it as a socket.
 *
 * @param listener    borrowed; started
 * @param out_socket  owned by the caller: sn_socket_release()
 *
 * @error   SN_ERROR_INVALID_OPERATION  not started
 * @error   otherwise as sn_socket_accept()
 * @dotnet  TcpListener.AcceptSocket()
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_accept_socket(sn_tcp_listener *listener,
                                                          sn_socket **out_socket);

/**
 * Starts waiting for a connection; sn_socket_accept_async() does the work.
 *
 * @param listener   borrowed for the call; started
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`; `socket`: the accepted one, owned by you.
 * @error   SN_ERROR_INVALID_OPERATION  not started
 * @error   otherwise as sn_socket_accept_async()
 * @dotnet  TcpListener.AcceptSocketAsync(), TcpListener.AcceptSocketAsync(CancellationToken
 *          cancellationToken), TcpListener.BeginAcceptSocket(AsyncCallback callback, object state),
 *          TcpListener.EndAcceptSocket(IAsyncResult asyncResult)
 */
SN_API bool sn_tcp_listener_accept_socket_async(sn_tcp_listener *listener, sn_operation *operation);

/**
 * Waits for a connection and takes it as a client.
 *
 * @param listener    borrowed; started
 * @param out_client  owned by the caller: sn_tcp_client_release()
 *
 * @error   SN_ERROR_INVALID_OPERATION  not started
 * @error   SN_ERROR_OUT_OF_MEMORY      no memory; the connection waits on
 * @error   otherwise as sn_socket_accept()
 * @dotnet  TcpListener.AcceptTcpClient()
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_accept_tcp_client(sn_tcp_listener *listener,
                                                              sn_tcp_client **out_client);

/**
 * Starts waiting for a connection that becomes a client: this call, and then
 * sn_tcp_client_from_socket() on its result, since an operation carries a socket.
 *
 * @param listener   borrowed for the call; started
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`; `socket`: the accepted one, owned by you.
 * @error   as sn_tcp_listener_accept_socket_async()
 * @dotnet  TcpListener.AcceptTcpClientAsync(), TcpListener.AcceptTcpClientAsync(CancellationToken
 *          cancellationToken), TcpListener.BeginAcceptTcpClient(AsyncCallback callback, object
 *          state)
 */
SN_API bool sn_tcp_listener_accept_tcp_client_async(sn_tcp_listener *listener,
                                                    sn_operation *operation);

/* --- TcpListener: properties ------------------------------------------------------------------ */

/** Whether it is started. False for NULL. @since 0.2 @dotnet TcpListener.Active */
SN_API bool sn_tcp_listener_is_active(const sn_tcp_listener *listener);
/**
 * The socket, made anew after a stop; borrowed until the next stop. Errors as sn_socket_create().
 * @since 0.2
 * @dotnet TcpListener.Server
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_get_socket(sn_tcp_listener *listener,
                                                       sn_socket **out_socket);
/**
 * While started the socket's address, else the one it was made with.
 * @dotnet TcpListener.LocalEndpoint
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_get_local_endpoint(sn_tcp_listener *listener,
                                                               sn_endpoint *out_endpoint);
/** @dotnet TcpListener.ExclusiveAddressUse */
SN_MUST_USE SN_API sn_error sn_tcp_listener_get_exclusive_address_use(sn_tcp_listener *listener,
                                                                      bool *out_value);
/**
 * For sockets made after a stop too. While started: SN_ERROR_INVALID_OPERATION.
 * @dotnet TcpListener.ExclusiveAddressUse
 */
SN_MUST_USE SN_API sn_error sn_tcp_listener_set_exclusive_address_use(sn_tcp_listener *listener,
                                                                      bool value);

#ifdef __cplusplus
}
#endif

#endif
