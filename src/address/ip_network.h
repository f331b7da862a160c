#ifndef ADDRESS_IP_NETWORK_H
#define ADDRESS_IP_NETWORK_H

#include <sennit/address.h>

/* Reads a network that a program may have filled by hand: all zero becomes 0.0.0.0/0; false for a
 * family or a prefix that cannot be. */
bool ip_network_read(const sn_ip_network *network, sn_ip_network *out_network);

#endif
