/* What a program reads of a result, and the names of types and codes. */
#include <sennit/resolver.h>

#include "base/base.h"
#include "dns/records.h"

sn_dns_response_code sn_dns_result_get_response_code(const sn_dns_result *result)
{
    return result ? result->code : SN_DNS_RESPONSE_NO_ERROR;
}

const sn_dns_record *sn_dns_result_get_records(const sn_dns_result *result, size_t *out_count)
{
    size_t count = result ? result->record_count : 0;
    if (out_count)
        *out_count = count;
    return count > 0 ? result->records : NULL;
}

uint32_t sn_dns_result_get_negative_ttl(const sn_dns_result *result)
{
    return result ? result->negative_ttl_s : 0;
}

const char *sn_dns_result_get_canonical_name(const sn_dns_result *result)
{
    return result ? result->canonical_name : "";
}

void sn_dns_result_release(sn_dns_result *result)
{
    memory_free(result);
}

const char *sn_dns_type_name(sn_dns_type type)
{
    switch (type) {
#define X(id, number, name)                                                                        \
    case SN_DNS_TYPE_##id: return name;
        SN_DNS_TYPE_TABLE(X)
#undef X
    }
    return "?";
}

const char *sn_dns_response_code_name(sn_dns_response_code code)
{
    switch (code) {
#define X(id, number, name)                                                                        \
    case SN_DNS_RESPONSE_##id: return name;
        SN_DNS_RESPONSE_TABLE(X)
#undef X
    }
    return "?";
}
