/**
 * Sockets from a text, ready for use: what takes a handful of calls otherwise.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_OPEN_H
#define SENNIT_OPEN_H

#include <sennit/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a program does with a socket before it is bound or connected: options, mostly.
 *
 * @param socket   borrowed
 * @param context  as given to the call
 * @return         an error ends that call with it
 */
typedef sn_error (*sn_open_prepare)(sn_socket *socket, void *context);

/**
 * Makes a socket and connects it. A host's name is looked up, and its addresses are tried one after
 * the other. A datagram socket has its peer set.
 *
 * @param text        borrowed; as for sn_endpoint_from_text()
 * @param prepare     called with every socket that is tried, before it is connected; NULL: nothing
 * @param context     borrowed for the call: handed to it
 * @param out_socket  owned by the caller: sn_socket_release(); untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_FORMAT, SN_ERROR_ARGUMENT_OUT_OF_RANGE  as sn_endpoint_from_text()
 * @error   SN_ERROR_HOST_NOT_FOUND         and the other errors of lookups
 * @error   SN_ERROR_CONNECTION_REFUSED     and the other errors of connects, of the last address
 * @error   as sn_socket_create() and `prepare`
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_open_connected(const char *text, sn_open_prepare prepare,
                                                     void *context, sn_socket **out_socket);

/**
 * The same in a way of its own: a host's addresses may race, all of them on one socket. Where the
 * system has IPv6 that is a socket for both families.
 *
 * @param text        borrowed; as for sn_endpoint_from_text()
 * @param options     borrowed for the call with its log; the socket does not keep them; NULL: as
 *                    sn_socket_open_connected()
 * @param prepare     called with the socket before it is connected; NULL: nothing
 * @param context     borrowed for the call: handed to it
 * @param out_socket  owned by the caller: sn_socket_release(); untouched after an error
 *
 * @error   as sn_socket_open_connected() and sn_socket_set_connect_options(); where all attempts
 *          have failed, of the last one
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_open_connected_with(const char *text,
                                                          const sn_connect_options *options,
                                                          sn_open_prepare prepare, void *context,
                                                          sn_socket **out_socket);

/**
 * Makes a socket, binds it, and has it listen where its kind can. "*" for the host is every address
 * of the machine: both families where the system has both. Of a name the first address is taken.
 *
 * @param text        borrowed; as for sn_endpoint_from_text()
 * @param backlog     connections that wait to be accepted
 * @param prepare     called before the socket is bound, with options that matter then; NULL:
 * nothing
 * @param context     borrowed for the call: handed to it
 * @param out_socket  owned by the caller: sn_socket_release(); untouched after an error
 *
 * @error   SN_ERROR_ARGUMENT_NULL           a pointer is NULL
 * @error   SN_ERROR_FORMAT, SN_ERROR_ARGUMENT_OUT_OF_RANGE  as sn_endpoint_from_text()
 * @error   SN_ERROR_ADDRESS_ALREADY_IN_USE  and the other errors of sn_socket_bind()
 * @error   as sn_socket_create(), sn_socket_listen() and `prepare`
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_open_listening(const char *text, int backlog,
                                                     sn_open_prepare prepare, void *context,
                                                     sn_socket **out_socket);

#ifdef __cplusplus
}
#endif

#endif
