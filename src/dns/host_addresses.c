#include "dns/lookup.h"

#include <string.h>

#include "base/base.h"
#include "error/error.h"

sn_error dns_addresses(const char *host, size_t host_size, sn_address_family family,
                       struct dns_addresses *out)
{
    const struct dns_request request = {
        .kind = DNS_ADDRESSES, .family = family, .host = host, .host_size = host_size};
    sn_dns_entry *entry;
    sn_error error = dns_run_blocking(&request, &entry);
    if (error)
        return error;
    *out = entry->addresses;
    entry->addresses = (struct dns_addresses){0};
    sn_dns_entry_release(entry);
    return SN_OK;
}

sn_error sn_dns_get_host_addresses(const char *host_or_address, sn_address_family family,
                                   sn_ip_address *addresses, size_t capacity, size_t *out_count)
{
    if (!out_count || (!addresses && capacity > 0)) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_NULL;
    }
    struct dns_addresses found;
    sn_error error = dns_addresses(host_or_address, host_or_address ? strlen(host_or_address) : 0,
                                   family, &found);
    if (error)
        return error;
    size_t count = found.count < capacity ? found.count : capacity;
    if (count > 0)
        memcpy(addresses, found.addresses, count * sizeof *addresses);
    *out_count = found.count;
    dns_addresses_free(&found);
    return SN_OK;
}
