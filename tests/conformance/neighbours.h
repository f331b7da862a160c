/*
 * Addresses of which one answers and others refuse, all with one port: for the tests of connects.
 */
#ifndef TESTS_CONFORMANCE_NEIGHBOURS_H
#define TESTS_CONFORMANCE_NEIGHBOURS_H

#include "support/run.h"

/* 127.0.0.1 with a listener, and 127.0.0.2 (and [::1]) where the same port refuses. */
struct neighbours {
    sn_socket *listener, *refusing, *refusing_ipv6;
    int port;
};

static inline bool neighbours_try(struct neighbours *made)
{
    *made = (struct neighbours){.listener = socket_listening(TCP_IPV4, 16)};
    sn_endpoint address = local_endpoint(made->listener);
    made->port = sn_endpoint_get_port(&address);
    made->refusing = socket_make(TCP_IPV4);
    sn_endpoint other = endpoint_of_text("127.0.0.2:0");
    assert_ok(sn_endpoint_set_port(&other, made->port));
    bool is_free = sn_socket_bind(made->refusing, &other) == SN_OK;
    if (has_ipv6()) {
        made->refusing_ipv6 = socket_make(TCP_IPV6);
        other = endpoint_of(&SN_IPV6_LOOPBACK, made->port);
        is_free = sn_socket_bind(made->refusing_ipv6, &other) == SN_OK && is_free;
    }
    return is_free;
}

static inline void neighbours_release(struct neighbours *made)
{
    sn_socket_release(made->listener);
    sn_socket_release(made->refusing);
    sn_socket_release(made->refusing_ipv6);
}

/* Another program may have the port at the other address: then the next one. */
static inline struct neighbours neighbours_make(void)
{
    struct neighbours made;
    while (!neighbours_try(&made))
        neighbours_release(&made);
    return made;
}

static inline sn_ip_address address_of_text(const char *text)
{
    sn_ip_address address = {0};
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

static inline sn_endpoint good_of(const struct neighbours *made)
{
    return endpoint_of(&SN_IPV4_LOOPBACK, made->port);
}

static inline sn_endpoint refused_of(const struct neighbours *made)
{
    sn_ip_address address = address_of_text("127.0.0.2");
    return endpoint_of(&address, made->port);
}

#endif
