/**
 * The record of a TcpClient. For this room only.
 */
#ifndef CLIENTS_TCP_CLIENT_H
#define CLIENTS_TCP_CLIENT_H

#include <sennit/tcp.h>

#include "clients/holder.h"

struct sn_tcp_client {
    struct holder holder;
    sn_network_stream *stream; /* owned; NULL until it is asked for. Under the holder's lock */
};

/* NULL without memory. The socket is adopted. */
sn_tcp_client *tcp_client_new(sn_socket *socket, bool is_active);

/* The socket for one call, to be given back with sn_socket_release(). */
sn_error tcp_client_use(sn_tcp_client *client, sn_socket **out_socket);

#endif
