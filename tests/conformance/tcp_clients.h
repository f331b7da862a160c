/*
 * What the tests of the TCP client share.
 */
#ifndef TESTS_CONFORMANCE_TCP_CLIENTS_H
#define TESTS_CONFORMANCE_TCP_CLIENTS_H

#include "support/clients_support.h"

static sn_tcp_client *client;
static sn_socket *listener, *server;
static sn_endpoint address;

static inline void listen_on(enum transport transport)
{
    listener = socket_listening(transport, 4);
    address = local_endpoint(listener);
}

static inline void accept_server(void)
{
    assert_ok(sn_socket_accept(listener, &server));
}

static inline void open_client(enum transport transport)
{
    listen_on(transport);
    assert_ok(sn_tcp_client_create(SN_FAMILY_UNSPECIFIED, &client));
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
}

static inline void close_all(void)
{
    sn_tcp_client_release(client);
    sn_socket_release(server);
    sn_socket_release(listener);
    client = NULL;
    server = listener = NULL;
    settle();
}

static inline int port_of(const sn_endpoint *endpoint)
{
    return sn_endpoint_get_port(endpoint);
}

#endif
