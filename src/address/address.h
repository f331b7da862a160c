/**
 * address: IP addresses, networks and end points, their texts and their native bytes.
 *
 * Values only: nothing is allocated, nothing is remembered, every function may run on any thread.
 * This room must never know what a socket or an operation is, and it asks the kernel one thing
 * only, through sys: the index behind an interface name in the text of a scoped address.
 *
 * Most of the room is the public interface, <sennit/address.h> and <sennit/endpoint.h>. Below is
 * what the rooms above need and programs do not.
 */
#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <sennit/address.h>
#include <sennit/endpoint.h>

/* The kernel's AF_ number, or -1 for a family that it does not have or that .NET does not pass on.
 */
int address_family_to_native(sn_address_family family);

/* SN_FAMILY_UNKNOWN for a number that has no name here; its end points still pass through. */
sn_address_family address_family_from_native(int native);

/* How many bytes an address of this family has at most. */
uint32_t address_sockaddr_size_max(sn_address_family family);

/* Whether it stands for every address of the machine: 0.0.0.0, :: or ::ffff:0.0.0.0. */
bool endpoint_is_wildcard(const sn_endpoint *endpoint);

/* What a dual-mode socket hands to the kernel: an IPv4 end point becomes its mapped form with the
 * same port, anything else is copied. `to` may be `from`. */
void endpoint_map_to_ipv6(const sn_endpoint *from, sn_endpoint *to);

/* Finishes an end point into whose `as.sockaddr` the kernel has written an address. `size` is what
 * the kernel reported: it may be more than fits, and 0 (a stream's sender) gives SN_ENDPOINT_NONE.
 */
void endpoint_set_from_native(sn_endpoint *endpoint, uint32_t size);

/* The same for nearly all, in a few instructions; false: it is not one of those. */
static inline bool endpoint_set_from_ipv4(sn_endpoint *endpoint, uint32_t size)
{
    sa_family_t family;
    memcpy(&family, endpoint->as.sockaddr + offsetof(struct sockaddr, sa_family), sizeof family);
    if (size != sizeof(struct sockaddr_in) || family != AF_INET)
        return false;
    memset(endpoint->as.sockaddr + offsetof(struct sockaddr_in, sin_zero), 0,
           sizeof(struct sockaddr_in) - offsetof(struct sockaddr_in, sin_zero));
    endpoint->size = size;
    endpoint->kind = SN_ENDPOINT_IP;
    return true;
}

#endif
