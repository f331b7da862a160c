/*
 * Sockets on the two hosts of support/network.h, for the tests that take more than a loopback
 * interface. A helper that cannot do its work fails the test.
 */
#ifndef TESTS_SUPPORT_NETWORK_SOCKETS_H
#define TESTS_SUPPORT_NETWORK_SOCKETS_H

#include "support/network.h"
#include "support/transfer_support.h"

/* Where the far host listens. */
#define PORT 4711

/* Ends the test as skipped where there are no such hosts. */
void needs_network(void);
/* The family of a case that runs on one of each; the same. */
sn_address_family family_of_case(void **state);
sn_ip_address address_of(const char *text);

/* A UDP socket on one of the hosts, bound to all its addresses and a port. */
sn_socket *udp_on(enum host host, sn_address_family family, int port);
/* A fresh TCP socket on the near host. */
sn_socket *tcp_near(sn_address_family family);
void send_text_to(sn_socket *sender, const char *text, const sn_ip_address *address);
/* The next datagram is this one: nothing else came before it. */
void assert_next(sn_socket *receiver, const char *text);

#endif
