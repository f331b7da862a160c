#include "address/address.h"
#include "address/hash.h"
#include "address/ip_address.h"
#include "address/ip_network.h"

static int prefix_length_max(const sn_ip_address *address)
{
    return (int)ip_address_size(address) * 8;
}

/* The bits of the byte at `index` that belong to the prefix. */
static uint8_t prefix_mask(int prefix_length, size_t index)
{
    int bits = prefix_length - (int)index * 8;
    if (bits <= 0)
        return 0;
    return (uint8_t)(bits >= 8 ? 0xff : 0xff << (8 - bits));
}

/* .NET 10 clears the bits behind the prefix; before it refused them. The scope is lost with them,
 * and with an empty prefix always. See bits_behind_the_prefix_are_cleared. */
static void clear_host_bits(sn_ip_address *base, int prefix_length)
{
    bool has_changed = prefix_length == 0;
    for (size_t i = 0; i < ip_address_size(base); i++) {
        uint8_t kept = base->bytes[i] & prefix_mask(prefix_length, i);
        has_changed |= kept != base->bytes[i];
        base->bytes[i] = kept;
    }
    if (has_changed)
        base->scope_id = 0;
}

sn_error sn_ip_network_create(const sn_ip_address *base, int prefix_length,
                              sn_ip_network *out_network)
{
    if (!base || !out_network)
        return SN_ERROR_ARGUMENT_NULL;
    if (ip_address_size(base) == 0)
        return SN_ERROR_ARGUMENT;
    if (prefix_length < 0 || prefix_length > prefix_length_max(base))
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    sn_ip_network network = {*base, prefix_length};
    clear_host_bits(&network.base, prefix_length);
    *out_network = network;
    return SN_OK;
}

bool ip_network_read(const sn_ip_network *network, sn_ip_network *out_network)
{
    if (!network)
        return false;
    if (network->base.family == SN_FAMILY_UNSPECIFIED) {
        *out_network = (sn_ip_network){SN_IPV4_ANY, 0};
        return true;
    }
    *out_network = *network;
    return ip_address_size(&network->base) > 0 && network->prefix_length >= 0 &&
           network->prefix_length <= prefix_length_max(&network->base);
}

/* An IPv4 network contains mapped addresses too (.NET 10), but not the other way round. Scopes do
 * not count. */
bool sn_ip_network_contains(const sn_ip_network *network, const sn_ip_address *address)
{
    sn_ip_network known;
    if (!address || !ip_network_read(network, &known))
        return false;
    sn_ip_address candidate = *address;
    if (known.base.family == SN_FAMILY_IPV4 && sn_ip_address_is_ipv4_mapped_to_ipv6(address))
        candidate = sn_ip_address_map_to_ipv4(address);
    if (candidate.family != known.base.family)
        return false;
    for (size_t i = 0; i < ip_address_size(&candidate); i++)
        if ((candidate.bytes[i] ^ known.base.bytes[i]) & prefix_mask(known.prefix_length, i))
            return false;
    return true;
}

bool sn_ip_network_equals(const sn_ip_network *a, const sn_ip_network *b)
{
    sn_ip_network known_a;
    sn_ip_network known_b;
    if (!ip_network_read(a, &known_a) || !ip_network_read(b, &known_b))
        return false;
    return known_a.prefix_length == known_b.prefix_length &&
           sn_ip_address_equals(&known_a.base, &known_b.base);
}

uint32_t sn_ip_network_hash(const sn_ip_network *network)
{
    sn_ip_network known;
    if (!ip_network_read(network, &known))
        return 0;
    return hash_number(sn_ip_address_hash(&known.base), (uint32_t)known.prefix_length);
}

sn_ip_address sn_ip_network_get_base_address(const sn_ip_network *network)
{
    sn_ip_network known;
    return ip_network_read(network, &known) ? known.base : (sn_ip_address){0};
}

int sn_ip_network_get_prefix_length(const sn_ip_network *network)
{
    sn_ip_network known;
    return ip_network_read(network, &known) ? known.prefix_length : 0;
}
