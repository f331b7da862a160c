/* The parsers of end points, sn_endpoint_parse_bytes() and sn_endpoint_from_text(). */
#include "fuzz.h"

#include <sennit/endpoint.h>

static bool is_same(const sn_endpoint *a, const sn_endpoint *b)
{
    return a->size == b->size && a->kind == b->kind &&
           memcmp(a->as.sockaddr, b->as.sockaddr, sizeof a->as.sockaddr) == 0;
}

static void check_parts(const sn_endpoint *endpoint)
{
    sn_ip_address address;
    sn_endpoint made;
    require(sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_IP);
    require(!sn_endpoint_get_address(endpoint, &address));
    require(sn_endpoint_get_family(endpoint) == address.family);
    int port = sn_endpoint_get_port(endpoint);
    require(port >= SN_PORT_MIN && port <= SN_PORT_MAX);
    require(!sn_endpoint_from_ip(&address, port, &made));
    require(is_same(endpoint, &made));
}

static void check_text(const sn_endpoint *endpoint)
{
    char text[SN_ENDPOINT_TEXT_SIZE], again[SN_ENDPOINT_TEXT_SIZE];
    sn_endpoint parsed;
    require(!sn_endpoint_format(endpoint, text, sizeof text));
    require(!sn_endpoint_parse(text, &parsed));
    require(sn_endpoint_equals(endpoint, &parsed));
    require(sn_endpoint_hash(endpoint) == sn_endpoint_hash(&parsed));
    require(!sn_endpoint_format(&parsed, again, sizeof again));
    require(strcmp(text, again) == 0);
}

static void check_native(const sn_endpoint *endpoint)
{
    size_t size;
    const void *native = sn_endpoint_get_sockaddr(endpoint, &size);
    sn_endpoint read;
    require(native);
    require(!sn_endpoint_from_sockaddr(native, size, &read));
    require(is_same(endpoint, &read));
}

/* Text that is an address is an end point too, of the same address. Behind brackets an address may
 * have a port of any size, which .NET's parser of addresses leaves unread. */
static void check_address_alone(const char *text, const sn_endpoint *endpoint)
{
    sn_ip_address address, held;
    if (sn_ip_address_parse(text, &address))
        return;
    require(endpoint || strstr(text, "]:"));
    if (!endpoint)
        return;
    require(!sn_endpoint_get_address(endpoint, &held));
    require(sn_ip_address_equals(&address, &held));
}

/* Of any kind: what is read can be written, and what is refused has changed nothing. */
static void check_from_text(const char *text)
{
    sn_endpoint endpoint;
    sn_endpoint_target target;
    char written[SN_ENDPOINT_TEXT_SIZE];
    fuzz_fill(endpoint);
    sn_error error = sn_endpoint_from_text(text, &endpoint, &target);
    if (error) {
        require(error == SN_ERROR_FORMAT || error == SN_ERROR_ARGUMENT_OUT_OF_RANGE ||
                error == SN_ERROR_ARGUMENT || error == SN_ERROR_ADDRESS_NOT_AVAILABLE);
        require(fuzz_is_untouched(endpoint));
        return;
    }
    require(sn_endpoint_get_kind(&endpoint) != SN_ENDPOINT_NONE);
    require(!sn_endpoint_format(&endpoint, written, sizeof written));
    require(target.type == SN_TYPE_STREAM || target.type == SN_TYPE_DATAGRAM ||
            target.type == SN_TYPE_SEQPACKET || target.type == SN_TYPE_RAW);
    if (sn_endpoint_get_kind(&endpoint) != SN_ENDPOINT_OTHER)
        return;
    /* Its text names the family, so it can be read. */
    sn_endpoint again;
    require(!sn_endpoint_from_text(written, &again, NULL));
    require(sn_endpoint_equals(&endpoint, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = fuzz_exact(data, size), *text = fuzz_text(data, size);
    sn_endpoint endpoint, of_text;
    fuzz_fill(endpoint);
    fuzz_fill(of_text);
    sn_error error = sn_endpoint_parse_bytes(exact ? exact : "", size, &endpoint);
    if (error) {
        require(error == SN_ERROR_FORMAT);
        require(fuzz_is_untouched(endpoint));
    } else {
        check_parts(&endpoint);
        check_text(&endpoint);
        check_native(&endpoint);
    }
    if (strlen(text) == size) {
        require(sn_endpoint_parse(text, &of_text) == error);
        require(is_same(&endpoint, &of_text));
        check_address_alone(text, error ? NULL : &endpoint);
    }
    check_from_text(text);
    free(text);
    free(exact);
    return 0;
}
