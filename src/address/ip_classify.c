/**
 * Which special range an address belongs to.
 */
#include "address/address.h"
#include "address/ip_address.h"

static bool is_ipv6(const sn_ip_address *address)
{
    return address && address->family == SN_FAMILY_IPV6;
}

/* All of 127.0.0.0/8, but of the mapped addresses only the first, and only without a scope: .NET
 * compares IPv6 addresses with two constants. See the_mapped_loopback_address_is_loopback. */
bool sn_ip_address_is_loopback(const sn_ip_address *address)
{
    static const sn_ip_address mapped_loopback = {
        SN_FAMILY_IPV6, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}};
    if (!address)
        return false;
    if (address->family == SN_FAMILY_IPV4)
        return address->bytes[0] == 127;
    return sn_ip_address_equals(address, &SN_IPV6_LOOPBACK) ||
           sn_ip_address_equals(address, &mapped_loopback);
}

bool sn_ip_address_is_ipv6_link_local(const sn_ip_address *address)
{
    return is_ipv6(address) && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

bool sn_ip_address_is_ipv6_site_local(const sn_ip_address *address)
{
    return is_ipv6(address) && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0xc0;
}

bool sn_ip_address_is_ipv6_unique_local(const sn_ip_address *address)
{
    return is_ipv6(address) && (address->bytes[0] & 0xfe) == 0xfc;
}

bool sn_ip_address_is_ipv6_multicast(const sn_ip_address *address)
{
    return is_ipv6(address) && address->bytes[0] == 0xff;
}

bool sn_ip_address_is_ipv6_teredo(const sn_ip_address *address)
{
    static const uint8_t prefix[4] = {0x20, 0x01, 0, 0};
    return is_ipv6(address) && memcmp(address->bytes, prefix, sizeof prefix) == 0;
}
