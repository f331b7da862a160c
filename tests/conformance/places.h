/*
 * A listener to connect to, and a look whether that has happened: for the tests of asynchronous
 * connects.
 */
#ifndef TESTS_CONFORMANCE_PLACES_H
#define TESTS_CONFORMANCE_PLACES_H

#include "support/async.h"

/* A listener on 127.0.0.1, and a port of the same address where nobody listens. */
struct place {
    sn_socket *listener, *refusing;
    sn_endpoint good, refused;
    int port;
};

static inline struct place place_make(void)
{
    struct place place = {.listener = socket_listening(TCP_IPV4, 8)};
    place.refusing = socket_refusing(TCP_IPV4);
    place.good = local_endpoint(place.listener);
    place.refused = local_endpoint(place.refusing);
    place.port = sn_endpoint_get_port(&place.good);
    return place;
}

static inline void place_release(struct place *place)
{
    sn_socket_release(place->listener);
    sn_socket_release(place->refusing);
}

static inline void assert_connected(sn_socket *socket, struct place *place)
{
    sn_socket *server = NULL;
    char byte = 0;
    assert_non_null(socket);
    assert_true(sn_socket_is_connected(socket));
    assert_ok(sn_socket_accept(place->listener, &server));
    send_plain(server, "x", 1);
    receive_plain(socket, &byte, 1);
    assert_int_equal('x', byte);
    sn_socket_release(server);
}

#endif
