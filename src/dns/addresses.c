#include "dns/lookup.h"

#include <string.h>

#include "base/base.h"

void dns_addresses_free(struct dns_addresses *addresses)
{
    memory_free(addresses->addresses);
    *addresses = (struct dns_addresses){0};
}

bool dns_addresses_reserve(struct dns_addresses *addresses, size_t count)
{
    if (count == 0)
        return true;
    if (count > SIZE_MAX - addresses->count)
        return false;
    sn_ip_address *larger = memory_array(addresses->count + count, sizeof *larger);
    if (!larger)
        return false;
    if (addresses->count > 0)
        memcpy(larger, addresses->addresses, addresses->count * sizeof *larger);
    memory_free(addresses->addresses);
    addresses->addresses = larger;
    return true;
}

void dns_addresses_add(struct dns_addresses *addresses, const sn_ip_address *address)
{
    for (size_t index = 0; index < addresses->count; index++)
        if (sn_ip_address_equals(&addresses->addresses[index], address))
            return;
    addresses->addresses[addresses->count++] = *address;
}

void sn_dns_entry_release(sn_dns_entry *entry)
{
    if (!entry)
        return;
    dns_addresses_free(&entry->addresses);
    memory_free(entry->host_name);
    memory_free(entry);
}
