/*
 * Two hosts joined by two cables, for tests that need more than a loopback interface: two network
 * namespaces with veth pairs between them, made by the test and gone with it.
 *
 *     near  cable 0: 10.99.0.1/24, fd99::1/64      far  cable 0: 10.99.0.2/24, fd99::2/64
 *           cable 1: 10.99.1.1/24, fd99:1::1/64         cable 1: 10.99.1.2/24, fd99:1::2/64
 *
 * The near host has a second address, 10.99.0.3, on cable 0. Nobody is 10.99.0.77 and fd99::77: the
 * near host asks for them and gets no answer. 10.99.0.66 and fd99::66 are silent: what is sent to
 * them goes out and is lost. A socket belongs to the host where its thread was when it was made.
 */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include <sennit.h>

enum host { HOST_NEAR, HOST_FAR, HOST_COUNT };

/* Moves the process to a near host of its own, before it has a second thread. */
void network_begin(void);
void network_end(void);
/* Why there is no such network, or NULL. */
const char *network_missing(void);

/* Where the calling thread is from now on; HOST_NEAR is where it began. */
void network_enter(enum host host);
/* The index of a cable's end. */
int network_interface(enum host host, int cable);
/* How many bytes a packet on this end of a cable may have; 1500 at first. */
void network_set_mtu(enum host host, int cable, int mtu);
/* The address of a cable's end. */
sn_ip_address network_address(enum host host, int cable, sn_address_family family);

#endif
