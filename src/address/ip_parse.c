#include "address/address.h"
#include "address/ip_address.h"
#include "address/ip_parse.h"

sn_error sn_ip_address_parse_bytes(const char *text, size_t size, sn_ip_address *out_address)
{
    if (!text || !out_address)
        return SN_ERROR_ARGUMENT_NULL;
    /* A colon anywhere decides, even inside what would be a bad port or a scope. */
    if (memchr(text, ':', size)) {
        sn_ip_address address;
        if (!ipv6_parse(text, size, &address))
            return SN_ERROR_FORMAT;
        *out_address = address;
    } else {
        uint8_t bytes[IPV4_SIZE];
        if (!ipv4_parse(text, size, bytes))
            return SN_ERROR_FORMAT;
        *out_address = ip_address_make_ipv4(bytes);
    }
    return SN_OK;
}

sn_error sn_ip_address_parse(const char *text, sn_ip_address *out_address)
{
    return sn_ip_address_parse_bytes(text, text ? strlen(text) : 0, out_address);
}

bool sn_ip_address_is_valid(const char *text)
{
    sn_ip_address ignored;
    return sn_ip_address_parse(text, &ignored) == SN_OK;
}
