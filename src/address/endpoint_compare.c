#include "address/address.h"
#include "address/endpoint_layout.h"
#include "address/hash.h"

static bool ip_equals(const sn_endpoint *a, const sn_endpoint *b)
{
    struct endpoint_ip ip_a = endpoint_read_ip(a);
    struct endpoint_ip ip_b = endpoint_read_ip(b);
    return ip_a.is_valid && ip_b.is_valid && ip_a.port == ip_b.port &&
           sn_ip_address_equals(&ip_a.address, &ip_b.address);
}

static char lower(char letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

/* The case of a host name says nothing. */
static bool host_equals(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool dns_equals(const sn_endpoint *a, const sn_endpoint *b)
{
    return endpoint_is_dns(a) && endpoint_is_dns(b) && a->as.dns.family == b->as.dns.family &&
           a->as.dns.port == b->as.dns.port && host_equals(a->as.dns.host, b->as.dns.host);
}

static bool unix_equals(const sn_endpoint *a, const sn_endpoint *b)
{
    size_t size_a;
    size_t size_b;
    const char *path_a = sn_endpoint_get_unix_path(a, &size_a);
    const char *path_b = sn_endpoint_get_unix_path(b, &size_b);
    return size_a == size_b && memcmp(path_a, path_b, size_a) == 0;
}

static bool bytes_equal(const sn_endpoint *a, const sn_endpoint *b)
{
    uint32_t size = endpoint_read_size(a);
    return size == endpoint_read_size(b) && memcmp(a->as.sockaddr, b->as.sockaddr, size) == 0;
}

bool sn_endpoint_equals(const sn_endpoint *a, const sn_endpoint *b)
{
    if (!a || !b)
        return false;
    sn_endpoint_kind kind = sn_endpoint_get_kind(a);
    if (kind != sn_endpoint_get_kind(b))
        return false;
    switch (kind) {
    case SN_ENDPOINT_NONE: break;
    case SN_ENDPOINT_IP: return ip_equals(a, b);
    case SN_ENDPOINT_DNS: return dns_equals(a, b);
    case SN_ENDPOINT_UNIX: return unix_equals(a, b);
    case SN_ENDPOINT_OTHER: return bytes_equal(a, b);
    }
    return true;
}

static uint32_t dns_hash(const sn_endpoint *endpoint, uint32_t hash)
{
    if (!endpoint_is_dns(endpoint))
        return hash;
    hash = hash_number(hash, (uint32_t)endpoint->as.dns.family);
    hash = hash_number(hash, (uint32_t)endpoint->as.dns.port);
    for (const char *c = endpoint->as.dns.host; *c != '\0'; c++)
        hash = hash_byte(hash, (uint8_t)lower(*c));
    return hash;
}

uint32_t sn_endpoint_hash(const sn_endpoint *endpoint)
{
    sn_endpoint_kind kind = sn_endpoint_get_kind(endpoint);
    uint32_t hash = hash_number(HASH_START, (uint32_t)kind);
    switch (kind) {
    case SN_ENDPOINT_NONE: break;
    case SN_ENDPOINT_IP: {
        struct endpoint_ip ip = endpoint_read_ip(endpoint);
        return hash_number(sn_ip_address_hash(&ip.address), ip.port);
    }
    case SN_ENDPOINT_DNS: return dns_hash(endpoint, hash);
    case SN_ENDPOINT_UNIX: {
        size_t size;
        const char *path = sn_endpoint_get_unix_path(endpoint, &size);
        return hash_bytes(hash, path, size);
    }
    case SN_ENDPOINT_OTHER:
        return hash_bytes(hash, endpoint->as.sockaddr, endpoint_read_size(endpoint));
    }
    return 0;
}
