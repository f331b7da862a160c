/* In which order the addresses of a race are tried. */
#include "socket/connect/race.h"

/* What the packets will be: a mapped address is reached over IPv4. */
static sn_address_family family_of(const sn_ip_address *address)
{
    return sn_ip_address_is_ipv4_mapped_to_ipv6(address) ? SN_FAMILY_IPV4
                                                         : (sn_address_family)address->family;
}

/* The next one of the family, or of any other. */
static size_t find(const sn_ip_address *const *addresses, size_t count, size_t from,
                   sn_address_family family, bool is_other)
{
    while (from < count && (family_of(addresses[from]) == family) == is_other)
        from++;
    return from;
}

/*
 * RFC 8305, section 4, with a "first address family count" of 1: the resolver's order decides which
 * family is first and which address of each; only the families take turns, so that a broken one
 * costs one delay and not one for each of its addresses.
 */
void race_order(const sn_ip_address *const *addresses, size_t count, const sn_ip_address **out)
{
    if (count == 0)
        return;
    sn_address_family first = family_of(addresses[0]);
    size_t next[2] = {find(addresses, count, 0, first, false),
                      find(addresses, count, 0, first, true)};
    for (size_t i = 0, turn = 0; i < count; i++, turn = !turn) {
        if (next[turn] == count)
            turn = !turn; /* all of this family have had theirs */
        out[i] = addresses[next[turn]];
        next[turn] = find(addresses, count, next[turn] + 1, first, turn == 1);
    }
}
