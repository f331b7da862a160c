#include "address/address.h"
#include "address/ip_address.h"
#include "address/ip_format.h"
#include "address/ip_network.h"
#include "address/text.h"

sn_error sn_ip_network_parse_bytes(const char *text, size_t size, sn_ip_network *out_network)
{
    if (!text || !out_network)
        return SN_ERROR_ARGUMENT_NULL;
    size_t slash = text_find_last(text, size, '/');
    if (slash == size)
        return SN_ERROR_FORMAT;
    sn_ip_address base;
    uint32_t prefix_length;
    if (sn_ip_address_parse_bytes(text, slash, &base) != SN_OK ||
        !text_to_number(text + slash + 1, size - slash - 1, (uint32_t)ip_address_size(&base) * 8,
                        &prefix_length))
        return SN_ERROR_FORMAT;
    return sn_ip_network_create(&base, (int)prefix_length, out_network);
}

sn_error sn_ip_network_parse(const char *text, sn_ip_network *out_network)
{
    return sn_ip_network_parse_bytes(text, text ? strlen(text) : 0, out_network);
}

sn_error sn_ip_network_format(const sn_ip_network *network, char *text, size_t size)
{
    if (!network || !text)
        return SN_ERROR_ARGUMENT_NULL;
    sn_ip_network known;
    if (!ip_network_read(network, &known))
        return SN_ERROR_ARGUMENT;
    char finished[SN_IP_NETWORK_TEXT_SIZE];
    struct text_writer writer = {finished, sizeof finished, 0};
    (void)ip_address_append(&known.base, &writer); /* the family was checked */
    text_append(&writer, "/%d", known.prefix_length);
    return text_deliver(finished, writer.length, text, size);
}
