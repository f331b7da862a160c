/**
 * The record of a TcpClient. For this room only.
 */
#ifndef CLIENTS_TCP_CLIENT_H
#define CLIENTS_TCP_CLIENT_H

#include <sennit/tcp.h>

#include "clients/holder.h"

struct sn_tcp_client {
    struct holder holder;
    sn_network_stream *stream; /* owned; NULL until it is asked for. Under the holder's guard */
    bool is_started; /* atomic: an asynchronous connect of this socket may have succeeded since */
};

/* NULL without memory. The socket is adopted. */
sn_tcp_client *tcp_client_new(sn_socket *socket, bool is_active);

/* An asynchronous connect tells only its own operation that it has succeeded. So the client is
 * noted to have started one, and asks the socket when it is asked whether it is active. */
void tcp_client_note_start(sn_tcp_client *client);

/* The socket for one call, to be given back with sn_socket_release(); made if there is none. */
sn_error tcp_client_use(sn_tcp_client *client, sn_socket **out_socket);
/* The same where a closed client means nothing worse than no socket. */
sn_socket *tcp_client_peek(sn_tcp_client *client);

#endif
