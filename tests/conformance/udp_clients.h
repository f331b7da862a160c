/*
 * What the tests of the UDP client share.
 */
#ifndef TESTS_CONFORMANCE_UDP_CLIENTS_H
#define TESTS_CONFORMANCE_UDP_CLIENTS_H

#include "support/clients_support.h"

static sn_udp_client *client;
static sn_socket *peer;
static sn_endpoint address; /* the peer's */

static inline void open_client(enum transport transport)
{
    peer = socket_bound(transport);
    address = local_endpoint(peer);
    assert_ok(sn_udp_client_create(transport_family(transport), &client));
}

static inline void close_all(void)
{
    sn_udp_client_release(client);
    sn_socket_release(peer);
    client = NULL;
    peer = NULL;
    settle();
}

static inline int port(void)
{
    return sn_endpoint_get_port(&address);
}

static inline sn_ip_address address_of(const char *text)
{
    sn_ip_address parsed;
    assert_ok(sn_ip_address_parse(text, &parsed));
    return parsed;
}

#endif
