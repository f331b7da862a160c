/**
 * What the files about IP addresses share.
 */
#ifndef ADDRESS_IP_ADDRESS_H
#define ADDRESS_IP_ADDRESS_H

#include <string.h>

#include <sennit/address.h>

#define IPV4_SIZE 4
#define IPV6_SIZE 16

/* 0 for a record whose family is neither: such a record is no address. */
static inline size_t ip_address_size(const sn_ip_address *address)
{
    if (address->family == SN_FAMILY_IPV4)
        return IPV4_SIZE;
    return address->family == SN_FAMILY_IPV6 ? IPV6_SIZE : 0;
}

static inline sn_ip_address ip_address_make_ipv4(const uint8_t bytes[IPV4_SIZE])
{
    sn_ip_address address = {SN_FAMILY_IPV4, 0, {0}};
    memcpy(address.bytes, bytes, IPV4_SIZE);
    return address;
}

static inline sn_ip_address ip_address_make_ipv6(const uint8_t bytes[IPV6_SIZE], uint32_t scope_id)
{
    sn_ip_address address = {SN_FAMILY_IPV6, scope_id, {0}};
    memcpy(address.bytes, bytes, IPV6_SIZE);
    return address;
}

#endif
