/* Steps about addresses and end points as values. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

static const char *text_or_null(const word *item)
{
    return word_is(item, "null") ? NULL : item->text;
}

static void show_address(text *out, const sn_ip_address *address)
{
    char name[SN_IP_ADDRESS_TEXT_SIZE];
    if (!show_failed(out, sn_ip_address_format(address, name, sizeof name)))
        text_add(out, " %s", name);
}

/* parse-address TEXT */
static void parse_address(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address;
    sn_error error = sn_ip_address_parse(text_or_null(argument(run, step, 0)), &address);
    if (error != SN_OK)
        show_error(out, error);
    else
        show_address(out, &address);
}

/* address-from-bytes HEX|null [SCOPE] */
static void address_from_bytes(struct run *run, const struct step *step, text *out)
{
    const word *item = argument(run, step, 0);
    size_t size = 0;
    uint8_t *bytes = word_is(item, "null") ? NULL : value_bytes(run, step, item, &size);
    sn_ip_address address;
    sn_error error;
    if (step->words.count > 1)
        error = sn_ip_address_from_bytes_scoped(
            bytes, size, value_number(run, step, argument(run, step, 1)), &address);
    else
        error = sn_ip_address_from_bytes(bytes, size, &address);
    free(bytes);
    if (error != SN_OK)
        show_error(out, error);
    else
        show_address(out, &address);
}

/* address-from-number NUMBER */
static void address_from_number(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address;
    sn_error error =
        sn_ip_address_from_number(value_number(run, step, argument(run, step, 0)), &address);
    if (error != SN_OK)
        show_error(out, error);
    else
        show_address(out, &address);
}

typedef struct address_test {
    const char *name;
    bool (*is)(const sn_ip_address *address);
} address_test;

static const address_test tests[] = {
    {"IsLoopback", sn_ip_address_is_loopback},
    {"IsIPv4MappedToIPv6", sn_ip_address_is_ipv4_mapped_to_ipv6},
    {"IsIPv6LinkLocal", sn_ip_address_is_ipv6_link_local},
    {"IsIPv6Multicast", sn_ip_address_is_ipv6_multicast},
    {"IsIPv6SiteLocal", sn_ip_address_is_ipv6_site_local},
    {"IsIPv6Teredo", sn_ip_address_is_ipv6_teredo},
    {"IsIPv6UniqueLocal", sn_ip_address_is_ipv6_unique_local},
};

/* address ADDRESS: all that can be asked of it */
static void address_all(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address = value_address(run, step, argument(run, step, 0));
    text_add(out, "ok %s", sn_address_family_name(address.family));
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (tests[i].is(&address))
            text_add(out, " %s", tests[i].name);
    }
}

/* address-part ADDRESS ScopeId|Address|MapToIPv4|MapToIPv6|Bytes */
static void address_part(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address = value_address(run, step, argument(run, step, 0));
    const word *part = argument(run, step, 1);
    int64_t number;
    if (word_is(part, "ScopeId") || word_is(part, "Address")) {
        sn_error error = word_is(part, "ScopeId") ? sn_ip_address_get_scope_id(&address, &number)
                                                  : sn_ip_address_get_address(&address, &number);
        if (!show_failed(out, error))
            text_add(out, " %lld", (long long)number);
    } else if (word_is(part, "MapToIPv4") || word_is(part, "MapToIPv6")) {
        sn_ip_address mapped = word_is(part, "MapToIPv4") ? sn_ip_address_map_to_ipv4(&address)
                                                          : sn_ip_address_map_to_ipv6(&address);
        show_address(out, &mapped);
    } else if (word_is(part, "Bytes")) {
        show_error(out, SN_OK);
        show_hex(out, address.bytes, address.family == SN_FAMILY_IPV4 ? 4 : 16);
    } else {
        run_broken(run, step, "unknown part: %s", part->text);
    }
}

/* address-set-scope ADDRESS SCOPE */
static void address_set_scope(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address = value_address(run, step, argument(run, step, 0));
    sn_error error =
        sn_ip_address_set_scope_id(&address, value_number(run, step, argument(run, step, 1)));
    if (error != SN_OK)
        show_error(out, error);
    else
        show_address(out, &address);
}

/* address-equals ADDRESS ADDRESS; a hash is compared too */
static void address_equals(struct run *run, const struct step *step, text *out)
{
    sn_ip_address a = value_address(run, step, argument(run, step, 0));
    sn_ip_address b = value_address(run, step, argument(run, step, 1));
    show_error(out, SN_OK);
    show_bool(out, sn_ip_address_equals(&a, &b));
    show_bool(out, sn_ip_address_hash(&a) == sn_ip_address_hash(&b));
}

/* address-write-bytes ADDRESS SIZE */
static void address_write_bytes(struct run *run, const struct step *step, text *out)
{
    sn_ip_address address = value_address(run, step, argument(run, step, 0));
    uint8_t bytes[32];
    size_t size = (size_t)value_number(run, step, argument(run, step, 1));
    size_t written = 0;
    sn_error error = sn_ip_address_try_write_bytes(
        &address, bytes, size < sizeof bytes ? size : sizeof bytes, &written);
    show_error(out, SN_OK);
    show_bool(out, error == SN_OK);
    text_add(out, " %zu", written);
}

/* byte-order 16|32|64 NUMBER: there, and back again */
static void byte_order(struct run *run, const struct step *step, text *out)
{
    long size = value_number(run, step, argument(run, step, 0));
    long number = value_number(run, step, argument(run, step, 1));
    long long there, back;
    if (size == 16) {
        there = sn_ip_address_host_to_network_order_16((int16_t)number);
        back = sn_ip_address_network_to_host_order_16((int16_t)there);
    } else if (size == 32) {
        there = sn_ip_address_host_to_network_order_32((int32_t)number);
        back = sn_ip_address_network_to_host_order_32((int32_t)there);
    } else {
        there = sn_ip_address_host_to_network_order_64(number);
        back = sn_ip_address_network_to_host_order_64(there);
    }
    text_add(out, "ok %lld %lld", there, back);
}

typedef struct known_address {
    const char *name;
    const sn_ip_address *address;
} known_address;

/* known-addresses: the constants */
static void known_addresses(struct run *run, const struct step *step, text *out)
{
    static const known_address known[] = {
        {"Any", &SN_IPV4_ANY},
        {"Loopback", &SN_IPV4_LOOPBACK},
        {"Broadcast", &SN_IPV4_BROADCAST},
        {"None", &SN_IPV4_NONE},
        {"IPv6Any", &SN_IPV6_ANY},
        {"IPv6Loopback", &SN_IPV6_LOOPBACK},
        {"IPv6None", &SN_IPV6_NONE},
    };
    (void)run;
    (void)step;
    show_error(out, SN_OK);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char name[SN_IP_ADDRESS_TEXT_SIZE];
        if (sn_ip_address_format(known[i].address, name, sizeof name) == SN_OK)
            text_add(out, " %s=%s", known[i].name, name);
    }
}

const struct verb address_verbs[] = {
    {"parse-address", 1, 1, parse_address, NULL, false},
    {"address-from-bytes", 1, 2, address_from_bytes, NULL, false},
    {"address-from-number", 1, 1, address_from_number, NULL, false},
    {"address", 1, 1, address_all, NULL, false},
    {"address-part", 2, 2, address_part, NULL, false},
    {"address-set-scope", 2, 2, address_set_scope, NULL, false},
    {"address-equals", 2, 2, address_equals, NULL, false},
    {"address-write-bytes", 2, 2, address_write_bytes, NULL, false},
    {"byte-order", 2, 2, byte_order, NULL, false},
    {"known-addresses", 0, 0, known_addresses, NULL, false},
    {0},
};
