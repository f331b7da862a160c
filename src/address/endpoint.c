/**
 * IP end points: an address and a port; and what every kind can be asked.
 */
#include "address/address.h"
#include "address/endpoint_layout.h"
#include "address/ip_address.h"

#include <arpa/inet.h>

static void store(sn_endpoint *endpoint, const void *sockaddr, uint32_t size)
{
    *endpoint = (sn_endpoint){.size = size, .kind = SN_ENDPOINT_IP};
    memcpy(endpoint->as.sockaddr, sockaddr, size);
}

/* The padding of an IPv4 address stays zero: the kernel does not look, but bytes can be compared.
 */
static void store_ip(sn_endpoint *endpoint, const sn_ip_address *address, uint16_t port)
{
    if (address->family == SN_FAMILY_IPV4) {
        struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&ipv4.sin_addr, address->bytes, IPV4_SIZE);
        store(endpoint, &ipv4, sizeof ipv4);
    } else {
        struct sockaddr_in6 ipv6 = {
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = address->scope_id};
        memcpy(&ipv6.sin6_addr, address->bytes, IPV6_SIZE);
        store(endpoint, &ipv6, sizeof ipv6);
    }
}

sn_error sn_endpoint_from_ip(const sn_ip_address *address, int port, sn_endpoint *out_endpoint)
{
    if (!address || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    if (port < SN_PORT_MIN || port > SN_PORT_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (ip_address_size(address) == 0)
        return SN_ERROR_ARGUMENT;
    store_ip(out_endpoint, address, (uint16_t)port);
    return SN_OK;
}

struct endpoint_ip endpoint_read_ip(const sn_endpoint *endpoint)
{
    struct endpoint_ip ip = {.is_valid = false};
    if (sn_endpoint_get_kind(endpoint) != SN_ENDPOINT_IP ||
        endpoint_read_size(endpoint) < sizeof(struct sockaddr_in))
        return ip;
    int family = endpoint_native_family(endpoint->as.sockaddr);
    if (family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, endpoint->as.sockaddr, sizeof ipv4);
        ip.address = ip_address_make_ipv4((const uint8_t *)&ipv4.sin_addr);
        ip.port = ntohs(ipv4.sin_port);
        ip.is_valid = true;
    } else if (family == AF_INET6 && endpoint_read_size(endpoint) >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, endpoint->as.sockaddr, sizeof ipv6);
        ip.address = ip_address_make_ipv6(ipv6.sin6_addr.s6_addr, ipv6.sin6_scope_id);
        ip.port = ntohs(ipv6.sin6_port);
        ip.is_valid = true;
    }
    return ip;
}

sn_address_family sn_endpoint_get_family(const sn_endpoint *endpoint)
{
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_DNS)
        return (sn_address_family)endpoint->as.dns.family;
    if (endpoint_read_size(endpoint) < FAMILY_END)
        return SN_FAMILY_UNSPECIFIED;
    return address_family_from_native(endpoint_native_family(endpoint->as.sockaddr));
}

sn_error sn_endpoint_get_address(const sn_endpoint *endpoint, sn_ip_address *out_address)
{
    if (!endpoint || !out_address)
        return SN_ERROR_ARGUMENT_NULL;
    struct endpoint_ip ip = endpoint_read_ip(endpoint);
    if (!ip.is_valid)
        return SN_ERROR_ARGUMENT;
    *out_address = ip.address;
    return SN_OK;
}

sn_error sn_endpoint_set_address(sn_endpoint *endpoint, const sn_ip_address *address)
{
    if (!endpoint || !address)
        return SN_ERROR_ARGUMENT_NULL;
    struct endpoint_ip ip = endpoint_read_ip(endpoint);
    if (!ip.is_valid)
        return SN_ERROR_ARGUMENT;
    return sn_endpoint_from_ip(address, ip.port, endpoint);
}

int sn_endpoint_get_port(const sn_endpoint *endpoint)
{
    if (endpoint_is_dns(endpoint))
        return endpoint->as.dns.port;
    return endpoint_read_ip(endpoint).port;
}

sn_error sn_endpoint_set_port(sn_endpoint *endpoint, int port)
{
    if (!endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    if (port < SN_PORT_MIN || port > SN_PORT_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (endpoint_is_dns(endpoint)) {
        endpoint->as.dns.port = port;
        return SN_OK;
    }
    struct endpoint_ip ip = endpoint_read_ip(endpoint);
    if (!ip.is_valid)
        return SN_ERROR_ARGUMENT;
    store_ip(endpoint, &ip.address, (uint16_t)port);
    return SN_OK;
}

bool endpoint_is_wildcard(const sn_endpoint *endpoint)
{
    struct endpoint_ip ip = endpoint_read_ip(endpoint);
    if (!ip.is_valid)
        return false;
    if (sn_ip_address_is_ipv4_mapped_to_ipv6(&ip.address))
        ip.address = sn_ip_address_map_to_ipv4(&ip.address);
    static const uint8_t zero[IPV6_SIZE];
    return memcmp(ip.address.bytes, zero, ip_address_size(&ip.address)) == 0;
}

void endpoint_map_to_ipv6(const sn_endpoint *from, sn_endpoint *to)
{
    struct endpoint_ip ip = endpoint_read_ip(from);
    if (ip.is_valid && ip.address.family == SN_FAMILY_IPV4) {
        sn_ip_address mapped = sn_ip_address_map_to_ipv6(&ip.address);
        store_ip(to, &mapped, ip.port);
    } else if (to != from) {
        *to = *from;
    }
}
