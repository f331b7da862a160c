#include "support/network_sockets.h"

void needs_network(void)
{
    if (network_missing())
        SKIP("%s", network_missing());
}

sn_address_family family_of_case(void **state)
{
    needs_network();
    return transport_family(transport_of(state));
}

sn_ip_address address_of(const char *text)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

sn_socket *udp_on(enum host host, sn_address_family family, int port)
{
    network_enter(host);
    sn_socket *socket = socket_make(family == SN_FAMILY_IPV4 ? UDP_IPV4 : UDP_IPV6);
    network_enter(HOST_NEAR);
    sn_endpoint local = endpoint_of(family == SN_FAMILY_IPV4 ? &SN_IPV4_ANY : &SN_IPV6_ANY, port);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_ok(sn_socket_bind(socket, &local));
    return socket;
}

sn_socket *tcp_near(sn_address_family family)
{
    return socket_make(family == SN_FAMILY_IPV4 ? TCP_IPV4 : TCP_IPV6);
}

void send_text_to(sn_socket *sender, const char *text, const sn_ip_address *address)
{
    sn_endpoint to = endpoint_of(address, PORT);
    assert_ok(do_send_to(sender, text, strlen(text), SN_FLAG_NONE, &to, NULL));
}

void assert_next(sn_socket *receiver, const char *text)
{
    char data[64] = "";
    size_t received = 0;
    sn_endpoint from;
    assert_ok(do_receive_from(receiver, data, sizeof data - 1, SN_FLAG_NONE, &from, &received));
    assert_string_equal(text, data);
}
