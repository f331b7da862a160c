/* The parser of networks, sn_ip_network_parse_bytes(). */
#include "fuzz.h"

#include <sennit/address.h>

static int bit_of(const sn_ip_address *address, int bit)
{
    return address->bytes[bit / 8] >> (7 - bit % 8) & 1;
}

/* The bits after the prefix are zero, and one more or one less of those before it is outside. */
static void check_value(const sn_ip_network *network)
{
    sn_ip_address base = sn_ip_network_get_base_address(network);
    int prefix = sn_ip_network_get_prefix_length(network);
    int bits = base.family == SN_FAMILY_IPV4 ? 32 : 128;
    require(bits == 32 || base.family == SN_FAMILY_IPV6);
    require(prefix >= 0 && prefix <= bits);
    require(sn_ip_network_contains(network, &base));
    for (int bit = 0; bit < bits; bit++) {
        sn_ip_address other = base;
        other.bytes[bit / 8] ^= (uint8_t)(0x80 >> (bit % 8));
        require(bit < prefix || bit_of(&base, bit) == 0);
        require(sn_ip_network_contains(network, &other) == (bit >= prefix));
    }
    sn_ip_network made;
    require(!sn_ip_network_create(&base, prefix, &made));
    require(sn_ip_network_equals(network, &made));
}

static void check_text(const sn_ip_network *network)
{
    char text[SN_IP_NETWORK_TEXT_SIZE], again[SN_IP_NETWORK_TEXT_SIZE];
    sn_ip_network parsed;
    require(!sn_ip_network_format(network, text, sizeof text));
    require(!sn_ip_network_parse(text, &parsed));
    require(sn_ip_network_equals(network, &parsed));
    require(sn_ip_network_hash(network) == sn_ip_network_hash(&parsed));
    require(!sn_ip_network_format(&parsed, again, sizeof again));
    require(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = fuzz_exact(data, size), *text = fuzz_text(data, size);
    sn_ip_network network, of_text;
    fuzz_fill(network);
    fuzz_fill(of_text);
    sn_error error = sn_ip_network_parse_bytes(exact ? exact : "", size, &network);
    if (error) {
        require(error == SN_ERROR_FORMAT);
        require(fuzz_is_untouched(network));
    } else {
        check_value(&network);
        check_text(&network);
    }
    if (strlen(text) == size) {
        require(sn_ip_network_parse(text, &of_text) == error);
        require(memcmp(&network, &of_text, sizeof network) == 0);
    }
    free(text);
    free(exact);
    return 0;
}
