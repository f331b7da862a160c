/*
 * What a socket says of itself, compared: for the tests of its state.
 */
#ifndef TESTS_CONFORMANCE_STATES_H
#define TESTS_CONFORMANCE_STATES_H

#include "support/run.h"

static inline void assert_state(sn_socket *socket, bool is_bound, bool connected)
{
    assert_int_equal(is_bound, sn_socket_is_bound(socket));
    assert_int_equal(connected, sn_socket_is_connected(socket));
}

static inline void assert_no_endpoints(sn_socket *socket)
{
    sn_endpoint local = local_endpoint(socket), remote = remote_endpoint(socket);
    assert_no_endpoint(&local);
    assert_no_endpoint(&remote);
}

static inline void assert_address(const sn_endpoint *endpoint, const sn_ip_address *expected)
{
    sn_endpoint with_port = endpoint_of(expected, sn_endpoint_get_port(endpoint));
    assert_same_endpoint(&with_port, endpoint);
}

#endif
