#include "address/address.h"
#include "address/endpoint_layout.h"
#include "address/text.h"

/* How much of the text is the address. The last colon separates a port if a bracket stands before
 * it or if it is the only one; in "::1:80" it belongs to the address. */
static size_t address_part(const char *text, size_t size)
{
    size_t colon = text_find_last(text, size, ':');
    if (colon == size || colon == 0)
        return size;
    bool is_separator = text[colon - 1] == ']' || !memchr(text, ':', colon);
    return is_separator ? colon : size;
}

sn_error sn_endpoint_parse_bytes(const char *text, size_t size, sn_endpoint *out_endpoint)
{
    if (!text || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    size_t address_size = address_part(text, size);
    sn_ip_address address;
    uint32_t port = 0;
    if (sn_ip_address_parse_bytes(text, address_size, &address) != SN_OK)
        return SN_ERROR_FORMAT;
    if (address_size < size &&
        !text_to_number(text + address_size + 1, size - address_size - 1, SN_PORT_MAX, &port))
        return SN_ERROR_FORMAT;
    return sn_endpoint_from_ip(&address, (int)port, out_endpoint);
}

sn_error sn_endpoint_parse(const char *text, sn_endpoint *out_endpoint)
{
    return sn_endpoint_parse_bytes(text, text ? strlen(text) : 0, out_endpoint);
}
