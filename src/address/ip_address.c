/**
 * Making an address, taking it apart, comparing it.
 */
#include "address/address.h"
#include "address/hash.h"
#include "address/ip_address.h"

const sn_ip_address SN_IPV4_ANY = {SN_FAMILY_IPV4, 0, {0}};
const sn_ip_address SN_IPV4_LOOPBACK = {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}};
const sn_ip_address SN_IPV4_BROADCAST = {SN_FAMILY_IPV4, 0, {255, 255, 255, 255}};
const sn_ip_address SN_IPV4_NONE = {SN_FAMILY_IPV4, 0, {255, 255, 255, 255}};
const sn_ip_address SN_IPV6_ANY = {SN_FAMILY_IPV6, 0, {0}};
const sn_ip_address SN_IPV6_LOOPBACK = {
    SN_FAMILY_IPV6, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
const sn_ip_address SN_IPV6_NONE = {SN_FAMILY_IPV6, 0, {0}};

/* The first bytes of ::ffff:a.b.c.d. */
static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

sn_error sn_ip_address_from_bytes(const void *bytes, size_t size, sn_ip_address *out_address)
{
    if (!bytes || !out_address)
        return SN_ERROR_ARGUMENT_NULL;
    if (size == IPV4_SIZE)
        *out_address = ip_address_make_ipv4(bytes);
    else if (size == IPV6_SIZE)
        *out_address = ip_address_make_ipv6(bytes, 0);
    else
        return SN_ERROR_ARGUMENT;
    return SN_OK;
}

sn_error sn_ip_address_from_bytes_scoped(const void *bytes, size_t size, int64_t scope_id,
                                         sn_ip_address *out_address)
{
    if (!bytes || !out_address)
        return SN_ERROR_ARGUMENT_NULL;
    if (size != IPV6_SIZE) /* looked at before the scope, as .NET does */
        return SN_ERROR_ARGUMENT;
    if (scope_id < 0 || scope_id > UINT32_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    *out_address = ip_address_make_ipv6(bytes, (uint32_t)scope_id);
    return SN_OK;
}

/* The number is what stands in memory, network order, read in the machine's own order: the s_addr
 * of struct in_addr. .NET's obsolete property has the same meaning. */
sn_error sn_ip_address_from_number(int64_t number, sn_ip_address *out_address)
{
    if (!out_address)
        return SN_ERROR_ARGUMENT_NULL;
    if (number < 0 || number > UINT32_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    uint32_t native = (uint32_t)number;
    uint8_t bytes[IPV4_SIZE];
    memcpy(bytes, &native, sizeof bytes);
    *out_address = ip_address_make_ipv4(bytes);
    return SN_OK;
}

sn_error sn_ip_address_get_address(const sn_ip_address *address, int64_t *out_number)
{
    if (!address || !out_number)
        return SN_ERROR_ARGUMENT_NULL;
    if (address->family == SN_FAMILY_IPV6)
        return SN_ERROR_OPERATION_NOT_SUPPORTED;
    if (address->family != SN_FAMILY_IPV4)
        return SN_ERROR_ARGUMENT;
    uint32_t native;
    memcpy(&native, address->bytes, sizeof native);
    *out_number = native;
    return SN_OK;
}

/* Only IPv6 has scopes. .NET complains about the family before it looks at the number. */
static sn_error check_has_scope(const sn_ip_address *address)
{
    if (address->family == SN_FAMILY_IPV6)
        return SN_OK;
    return address->family == SN_FAMILY_IPV4 ? SN_ERROR_OPERATION_NOT_SUPPORTED : SN_ERROR_ARGUMENT;
}

sn_error sn_ip_address_get_scope_id(const sn_ip_address *address, int64_t *out_scope_id)
{
    if (!address || !out_scope_id)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = check_has_scope(address);
    if (!error)
        *out_scope_id = address->scope_id;
    return error;
}

sn_error sn_ip_address_set_scope_id(sn_ip_address *address, int64_t scope_id)
{
    if (!address)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = check_has_scope(address);
    if (error)
        return error;
    if (scope_id < 0 || scope_id > UINT32_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    address->scope_id = (uint32_t)scope_id;
    return SN_OK;
}

sn_error sn_ip_address_try_write_bytes(const sn_ip_address *address, void *bytes, size_t size,
                                       size_t *out_written)
{
    if (!address || !bytes || !out_written)
        return SN_ERROR_ARGUMENT_NULL;
    size_t needed = ip_address_size(address);
    if (needed == 0)
        return SN_ERROR_ARGUMENT;
    if (size < needed)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    memcpy(bytes, address->bytes, needed);
    *out_written = needed;
    return SN_OK;
}

bool sn_ip_address_is_ipv4_mapped_to_ipv6(const sn_ip_address *address)
{
    return address && address->family == SN_FAMILY_IPV6 &&
           memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

/* Whatever stands before the last four bytes is dropped, mapped or not: .NET does not look. */
sn_ip_address sn_ip_address_map_to_ipv4(const sn_ip_address *address)
{
    size_t size = address ? ip_address_size(address) : 0;
    if (size == 0)
        return (sn_ip_address){0};
    return ip_address_make_ipv4(address->bytes + size - IPV4_SIZE);
}

sn_ip_address sn_ip_address_map_to_ipv6(const sn_ip_address *address)
{
    size_t size = address ? ip_address_size(address) : 0;
    if (size == 0)
        return (sn_ip_address){0};
    if (size == IPV6_SIZE)
        return *address;
    sn_ip_address mapped = {SN_FAMILY_IPV6, 0, {0}};
    memcpy(mapped.bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(mapped.bytes + sizeof mapped_prefix, address->bytes, IPV4_SIZE);
    return mapped;
}

/* Bytes and a scope that do not belong to the family do not count. */
bool sn_ip_address_equals(const sn_ip_address *a, const sn_ip_address *b)
{
    if (!a || !b || a->family != b->family)
        return false;
    if (a->family == SN_FAMILY_IPV6 && a->scope_id != b->scope_id)
        return false;
    return memcmp(a->bytes, b->bytes, ip_address_size(a)) == 0;
}

uint32_t sn_ip_address_hash(const sn_ip_address *address)
{
    if (!address)
        return 0;
    uint32_t hash = hash_number(HASH_START, (uint32_t)address->family);
    if (address->family == SN_FAMILY_IPV6)
        hash = hash_number(hash, address->scope_id);
    return hash_bytes(hash, address->bytes, ip_address_size(address));
}
