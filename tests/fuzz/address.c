/* The parser of IP addresses, sn_ip_address_parse_bytes() and what it is built of. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <sennit/address.h>

/* What formats, parses again to an equal value, whose text is the same. */
static void check_text(const sn_ip_address *address)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE], again[SN_IP_ADDRESS_TEXT_SIZE];
    sn_ip_address parsed;
    require(!sn_ip_address_format(address, text, sizeof text));
    require(!sn_ip_address_parse(text, &parsed));
    require(sn_ip_address_equals(address, &parsed));
    require(sn_ip_address_hash(address) == sn_ip_address_hash(&parsed));
    require(!sn_ip_address_format(&parsed, again, sizeof again));
    require(strcmp(text, again) == 0);

    /* Room for all but the closing NUL is too little, and is not touched. */
    size_t length = strlen(text);
    char *small = fuzz_exact(again, length);
    require(sn_ip_address_format(address, small, length) == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    require(memcmp(small, text, length) == 0);
    free(small);
}

static void check_value(const sn_ip_address *address)
{
    bool is_ipv4 = address->family == SN_FAMILY_IPV4;
    size_t size = is_ipv4 ? 4 : 16;
    require(is_ipv4 || address->family == SN_FAMILY_IPV6);
    require(!is_ipv4 || address->scope_id == 0);
    for (size_t i = size; i < sizeof address->bytes; i++)
        require(address->bytes[i] == 0);

    sn_ip_address copy;
    require(!sn_ip_address_from_bytes_scoped(address->bytes, size, address->scope_id, &copy) ||
            is_ipv4); /* an IPv4 address has no scope to give */
    require(is_ipv4 || sn_ip_address_equals(address, &copy));

    sn_ip_address mapped = sn_ip_address_map_to_ipv6(address);
    if (is_ipv4) {
        require(sn_ip_address_is_ipv4_mapped_to_ipv6(&mapped));
        mapped = sn_ip_address_map_to_ipv4(&mapped);
    }
    require(sn_ip_address_equals(address, &mapped));
}

/* Whatever the C library's strict parser takes, this one takes too, and reads it alike. */
static void check_against_libc(const char *text, const sn_ip_address *address)
{
    uint8_t bytes[16];
    bool is_ipv4 = inet_pton(AF_INET, text, bytes) == 1;
    if (!is_ipv4 && inet_pton(AF_INET6, text, bytes) != 1)
        return;
    require(address);
    require(address->family == (is_ipv4 ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6));
    require(memcmp(address->bytes, bytes, is_ipv4 ? 4 : 16) == 0);
    require(address->scope_id == 0);
}

/* Both write IPv6 in the one recommended form. They differ in when the last four bytes are dotted.
 */
static void check_form_against_libc(const sn_ip_address *address)
{
    char ours[SN_IP_ADDRESS_TEXT_SIZE], theirs[INET6_ADDRSTRLEN];
    sn_ip_address plain = *address;
    plain.scope_id = 0;
    bool is_ipv4 = address->family == SN_FAMILY_IPV4;
    require(!sn_ip_address_format(&plain, ours, sizeof ours));
    require(inet_ntop(is_ipv4 ? AF_INET : AF_INET6, address->bytes, theirs, sizeof theirs));
    bool is_dotted = strchr(ours, '.') || strchr(theirs, '.');
    require((is_dotted && !is_ipv4) || strcmp(ours, theirs) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = fuzz_exact(data, size), *text = fuzz_text(data, size);
    sn_ip_address address, of_text;
    fuzz_fill(address);
    fuzz_fill(of_text);
    sn_error error = sn_ip_address_parse_bytes(exact ? exact : "", size, &address);
    if (error) {
        require(error == SN_ERROR_FORMAT);
        require(fuzz_is_untouched(address));
    } else {
        check_value(&address);
        check_text(&address);
        check_form_against_libc(&address);
    }
    if (strlen(text) == size) {
        require(sn_ip_address_parse(text, &of_text) == error);
        require(memcmp(&address, &of_text, sizeof address) == 0);
        require(sn_ip_address_is_valid(text) == (error == SN_OK));
        check_against_libc(text, error ? NULL : &address);
    }
    free(text);
    free(exact);
    return 0;
}
