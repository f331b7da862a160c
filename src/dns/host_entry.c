#include "dns/lookup.h"

#include <string.h>

#include "base/base.h"
#include "error/error.h"

static sn_error get_entry(const struct dns_request *request, sn_dns_entry **out_entry)
{
    if (out_entry)
        return dns_run_blocking(request, out_entry);
    error_set_last_native(0);
    return SN_ERROR_ARGUMENT_NULL;
}

sn_error sn_dns_get_host_entry(const char *host_or_address, sn_address_family family,
                               sn_dns_entry **out_entry)
{
    const struct dns_request request = {.kind = DNS_ENTRY,
                                        .family = family,
                                        .host = host_or_address,
                                        .host_size = host_or_address ? strlen(host_or_address) : 0};
    return get_entry(&request, out_entry);
}

sn_error sn_dns_get_host_entry_address(const sn_ip_address *address, sn_dns_entry **out_entry)
{
    const struct dns_request request = {.kind = DNS_ENTRY_OF_ADDRESS, .address = address};
    return get_entry(&request, out_entry);
}

const char *sn_dns_entry_get_host_name(const sn_dns_entry *entry)
{
    return entry && entry->host_name ? entry->host_name : "";
}

const sn_ip_address *sn_dns_entry_get_address_list(const sn_dns_entry *entry, size_t *out_count)
{
    if (out_count)
        *out_count = entry ? entry->addresses.count : 0;
    return entry && entry->addresses.count > 0 ? entry->addresses.addresses : NULL;
}

const char *const *sn_dns_entry_get_aliases(const sn_dns_entry *entry, size_t *out_count)
{
    (void)entry;
    if (out_count)
        *out_count = 0;
    return NULL;
}
