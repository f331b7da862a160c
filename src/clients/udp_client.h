/**
 * The record of a UdpClient. For this room only.
 */
#ifndef CLIENTS_UDP_CLIENT_H
#define CLIENTS_UDP_CLIENT_H

#include <sennit/udp.h>

#include "clients/holder.h"

struct sn_udp_client {
    struct holder holder; /* is_active: connected by this object */
    uint32_t broadcasts;  /* atomic: broadcast was switched on for a send or a connect */
};

/* The socket for one call, to be given back with sn_socket_release(). */
sn_error udp_client_use(sn_udp_client *client, sn_socket **out_socket);

/* Switches broadcast on the first time that something goes to 255.255.255.255. */
sn_error udp_client_prepare_for(sn_udp_client *client, sn_socket *socket,
                                const sn_ip_address *address);

#endif
