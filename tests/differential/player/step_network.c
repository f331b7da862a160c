/* Steps about end points and networks as values. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

/* --- End points
 * ------------------------------------------------------------------------------------------ */

/* An end point as a value: nothing is left out of it. */
static void show_value(text *out, sn_error error, const sn_endpoint *endpoint)
{
    char name[SN_ENDPOINT_TEXT_SIZE];
    if (error == SN_OK)
        error = sn_endpoint_format(endpoint, name, sizeof name);
    if (!show_failed(out, error))
        show_bytes(out, name, strlen(name));
}

/* parse-endpoint TEXT */
static void parse_endpoint(struct run *run, const struct step *step, text *out)
{
    sn_endpoint endpoint;
    show_value(out, sn_endpoint_parse(value_text_or_null(argument(run, step, 0)), &endpoint),
               &endpoint);
}

/* endpoint ADDRESS|null PORT */
static void endpoint_from_ip(struct run *run, const struct step *step, text *out)
{
    const word *item = argument(run, step, 0);
    sn_endpoint endpoint;
    sn_ip_address address = {0};
    if (!word_is(item, "null"))
        address = value_address(run, step, item);
    int port = (int)value_number(run, step, argument(run, step, 1));
    show_value(out, sn_endpoint_from_ip(word_is(item, "null") ? NULL : &address, port, &endpoint),
               &endpoint);
}

/* unix-endpoint PATH|null */
static void unix_endpoint(struct run *run, const struct step *step, text *out)
{
    const word *item = argument(run, step, 0);
    sn_endpoint endpoint;
    sn_error error = word_is(item, "null")
                         ? sn_endpoint_from_unix(NULL, &endpoint)
                         : sn_endpoint_from_unix_bytes(item->text, item->size, &endpoint);
    show_value(out, error, &endpoint);
}

/* dns-endpoint HOST|null PORT [FAMILY] */
static sn_error read_dns(struct run *run, const struct step *step, size_t first, sn_endpoint *out)
{
    long family = SN_FAMILY_UNSPECIFIED;
    if (step->words.count > first + 2)
        family = value_name(run, step, "family", argument(run, step, first + 2));
    return sn_endpoint_from_dns(value_text_or_null(argument(run, step, first)),
                                (int)value_number(run, step, argument(run, step, first + 1)),
                                (sn_address_family)family, out);
}

static void dns_endpoint(struct run *run, const struct step *step, text *out)
{
    sn_endpoint endpoint;
    show_value(out, read_dns(run, step, 0, &endpoint), &endpoint);
}

/* endpoint-equals ENDPOINT ENDPOINT */
static void endpoint_equals(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *a = value_endpoint(run, step, argument(run, step, 0));
    sn_endpoint *b = value_endpoint(run, step, argument(run, step, 1));
    show_error(out, SN_OK);
    show_bool(out, sn_endpoint_equals(a, b));
    if (sn_endpoint_equals(a, b))
        show_bool(out, sn_endpoint_hash(a) == sn_endpoint_hash(b));
    free(a);
    free(b);
}

/* endpoint-set ENDPOINT Port NUMBER, endpoint-set ENDPOINT Address ADDRESS */
static void endpoint_set(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *endpoint = value_endpoint(run, step, argument(run, step, 0));
    const word *value = argument(run, step, 2);
    sn_error error;
    if (word_is(argument(run, step, 1), "Port")) {
        error = sn_endpoint_set_port(endpoint, (int)value_number(run, step, value));
    } else {
        sn_ip_address address = value_address(run, step, value);
        error = sn_endpoint_set_address(endpoint, &address);
    }
    show_value(out, error, endpoint);
    free(endpoint);
}

/* endpoint-parts ENDPOINT: family, address, port */
static void endpoint_parts(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *endpoint = value_endpoint(run, step, argument(run, step, 0));
    text_add(out, "ok %s", sn_address_family_name(sn_endpoint_get_family(endpoint)));
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_DNS)
        text_add(out, " %s", sn_endpoint_get_host(endpoint));
    if (sn_endpoint_get_kind(endpoint) != SN_ENDPOINT_UNIX)
        text_add(out, " %d", sn_endpoint_get_port(endpoint));
    free(endpoint);
}

/* endpoint-bytes ENDPOINT: the bytes that the kernel gets, and .NET's text of them */
static void endpoint_bytes(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *endpoint = value_endpoint(run, step, argument(run, step, 0));
    size_t size;
    const void *bytes = sn_endpoint_get_sockaddr(endpoint, &size);
    char name[SN_ENDPOINT_TEXT_SIZE];
    if (!show_failed(out, sn_endpoint_format_sockaddr(endpoint, name, sizeof name))) {
        show_hex(out, bytes, size);
        text_add(out, " %s", name);
    }
    free(endpoint);
}

/* endpoint-from-bytes HEX: an end point of the kernel's bytes */
static void endpoint_from_bytes(struct run *run, const struct step *step, text *out)
{
    size_t size;
    uint8_t *bytes = value_bytes(run, step, argument(run, step, 0), &size);
    sn_endpoint endpoint;
    show_value(out, sn_endpoint_from_sockaddr(bytes, size, &endpoint), &endpoint);
    free(bytes);
}

/* maximum-size FAMILY */
static void maximum_size(struct run *run, const struct step *step, text *out)
{
    long family = value_name(run, step, "family", argument(run, step, 0));
    show_error(out, SN_OK);
    text_add(out, " %zu", sn_endpoint_get_maximum_sockaddr_size((sn_address_family)family));
}

/* --- Networks
 * -------------------------------------------------------------------------------------------- */

static void show_network(text *out, sn_error error, const sn_ip_network *network)
{
    char name[SN_IP_NETWORK_TEXT_SIZE];
    if (error == SN_OK)
        error = sn_ip_network_format(network, name, sizeof name);
    if (!show_failed(out, error))
        text_add(out, " %s", name);
}

static sn_ip_network read_network(struct run *run, const struct step *step, size_t index)
{
    const word *item = argument(run, step, index);
    sn_ip_network network = {0};
    if (!word_is(item, "default") && sn_ip_network_parse(item->text, &network) != SN_OK)
        run_broken(run, step, "not a network: %s", item->text);
    return network;
}

/* parse-network TEXT */
static void parse_network(struct run *run, const struct step *step, text *out)
{
    sn_ip_network network;
    show_network(out, sn_ip_network_parse(value_text_or_null(argument(run, step, 0)), &network),
                 &network);
}

/* network ADDRESS|null PREFIX */
static void network_create(struct run *run, const struct step *step, text *out)
{
    const word *item = argument(run, step, 0);
    sn_ip_address base = {0};
    if (!word_is(item, "null"))
        base = value_address(run, step, item);
    sn_ip_network network;
    sn_error error =
        sn_ip_network_create(word_is(item, "null") ? NULL : &base,
                             (int)value_number(run, step, argument(run, step, 1)), &network);
    show_network(out, error, &network);
}

/* network-parts NETWORK|default */
static void network_parts(struct run *run, const struct step *step, text *out)
{
    sn_ip_network network = read_network(run, step, 0);
    sn_ip_address base = sn_ip_network_get_base_address(&network);
    char name[SN_IP_ADDRESS_TEXT_SIZE];
    if (!show_failed(out, sn_ip_address_format(&base, name, sizeof name)))
        text_add(out, " %s %d", name, sn_ip_network_get_prefix_length(&network));
}

/* network-contains NETWORK|default ADDRESS */
static void network_contains(struct run *run, const struct step *step, text *out)
{
    sn_ip_network network = read_network(run, step, 0);
    sn_ip_address address = value_address(run, step, argument(run, step, 1));
    show_error(out, SN_OK);
    show_bool(out, sn_ip_network_contains(&network, &address));
}

/* network-equals NETWORK NETWORK */
static void network_equals(struct run *run, const struct step *step, text *out)
{
    sn_ip_network a = read_network(run, step, 0);
    sn_ip_network b = read_network(run, step, 1);
    show_error(out, SN_OK);
    show_bool(out, sn_ip_network_equals(&a, &b));
    if (sn_ip_network_equals(&a, &b))
        show_bool(out, sn_ip_network_hash(&a) == sn_ip_network_hash(&b));
}

const struct verb network_verbs[] = {
    {"parse-endpoint", 1, 1, parse_endpoint, NULL, false},
    {"endpoint", 2, 2, endpoint_from_ip, NULL, false},
    {"unix-endpoint", 1, 1, unix_endpoint, NULL, false},
    {"dns-endpoint", 2, 3, dns_endpoint, NULL, false},
    {"endpoint-equals", 2, 2, endpoint_equals, NULL, false},
    {"endpoint-set", 3, 3, endpoint_set, NULL, false},
    {"endpoint-parts", 1, 1, endpoint_parts, NULL, false},
    {"endpoint-bytes", 1, 1, endpoint_bytes, NULL, false},
    {"endpoint-from-bytes", 1, 1, endpoint_from_bytes, NULL, false},
    {"maximum-size", 1, 1, maximum_size, NULL, false},
    {"parse-network", 1, 1, parse_network, NULL, false},
    {"network", 2, 2, network_create, NULL, false},
    {"network-parts", 1, 1, network_parts, NULL, false},
    {"network-contains", 2, 2, network_contains, NULL, false},
    {"network-equals", 2, 2, network_equals, NULL, false},
    {0},
};
