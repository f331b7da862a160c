/* The reader of native addresses, sn_endpoint_from_sockaddr(), its twin for what the kernel wrote,
 * and everything that reads an end point afterwards. */
#include <sys/socket.h>

#include "address/address.h"
#include "fuzz.h"

/* Each text fits into the room that always suffices, and not into less than it has. */
static void check_format(const sn_endpoint *endpoint,
                         sn_error (*format)(const sn_endpoint *, char *, size_t))
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    sn_error error = format(endpoint, text, sizeof text);
    require(error == SN_OK || error == SN_ERROR_ARGUMENT);
    if (error)
        return;
    size_t length = strlen(text);
    char *small = fuzz_exact(text, length), *fitting = fuzz_exact(text, length + 1);
    require(format(endpoint, small, length) == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    require(!format(endpoint, fitting, length + 1));
    require(strcmp(text, fitting) == 0);
    free(small);
    free(fitting);
}

/* Everything that takes an end point, whatever stands in it. */
static void check_readers(const sn_endpoint *endpoint)
{
    sn_ip_address address;
    size_t size = 77, path_size = 77;
    const uint8_t *native = sn_endpoint_get_sockaddr(endpoint, &size);
    const char *path = sn_endpoint_get_unix_path(endpoint, &path_size);
    const char *host = sn_endpoint_get_host(endpoint);
    require((native == NULL) == (size == 0) && size <= SN_SOCKADDR_SIZE_MAX);
    require(path || path_size == 0);
    require(path_size <= size);
    if (host)
        require(strlen(host) <= SN_HOST_SIZE_MAX);
    if (path_size > 0)
        require((const uint8_t *)path + path_size <= native + size);
    require(sn_endpoint_equals(endpoint, endpoint) ||
            sn_endpoint_get_kind(endpoint) != SN_ENDPOINT_NONE);
    require(sn_endpoint_hash(endpoint) == sn_endpoint_hash(endpoint));
    (void)sn_endpoint_get_family(endpoint);
    (void)sn_endpoint_get_port(endpoint);
    (void)endpoint_is_wildcard(endpoint);
    if (!sn_endpoint_get_address(endpoint, &address))
        require(sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_IP);
    check_format(endpoint, sn_endpoint_format);
    check_format(endpoint, sn_endpoint_format_sockaddr);
}

/* An address that prints, parses again to what it was, and moves to another port and back. */
static void check_ip(const sn_endpoint *endpoint)
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    sn_endpoint parsed, moved = *endpoint, mapped;
    int port = sn_endpoint_get_port(endpoint);
    require(!sn_endpoint_format(endpoint, text, sizeof text));
    require(!sn_endpoint_parse(text, &parsed));
    require(sn_endpoint_equals(endpoint, &parsed));
    require(sn_endpoint_hash(endpoint) == sn_endpoint_hash(&parsed));
    require(!sn_endpoint_set_port(&moved, port ^ 1));
    require(!sn_endpoint_equals(endpoint, &moved));
    require(!sn_endpoint_set_port(&moved, port));
    require(sn_endpoint_equals(endpoint, &moved));
    endpoint_map_to_ipv6(endpoint, &mapped);
    require(sn_endpoint_get_family(&mapped) == SN_FAMILY_IPV6);
    require(sn_endpoint_get_port(&mapped) == port);
    require(endpoint_is_wildcard(&mapped) == endpoint_is_wildcard(endpoint));
}

/* What was read is in its one form: read once more it is the same, byte for byte. */
static void check_form(const sn_endpoint *endpoint)
{
    sn_endpoint again;
    size_t size;
    const void *native = sn_endpoint_get_sockaddr(endpoint, &size);
    void *exact = fuzz_exact(native, size);
    require(!sn_endpoint_from_sockaddr(exact, size, &again));
    require(memcmp(endpoint, &again, offsetof(sn_endpoint, as)) == 0);
    require(memcmp(endpoint->as.sockaddr, again.as.sockaddr, size) == 0);
    require(sn_endpoint_equals(endpoint, &again));
    require(sn_endpoint_hash(endpoint) == sn_endpoint_hash(&again));
    if (sn_endpoint_get_kind(endpoint) != SN_ENDPOINT_OTHER)
        require(size <= sn_endpoint_get_maximum_sockaddr_size(sn_endpoint_get_family(endpoint)));
    free(exact);
}

static void check_whole(const sn_endpoint *endpoint)
{
    check_readers(endpoint);
    check_form(endpoint);
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_IP)
        check_ip(endpoint);
}

static void read_given(const uint8_t *data, size_t size)
{
    void *exact = fuzz_exact(data, size);
    sn_endpoint endpoint;
    fuzz_fill(endpoint);
    sn_error error = sn_endpoint_from_sockaddr(exact ? exact : "", size, &endpoint);
    require(error == SN_OK || error == SN_ERROR_ARGUMENT ||
            error == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (error)
        require(fuzz_is_untouched(endpoint));
    else
        check_whole(&endpoint);
    free(exact);
}

/* As a receive leaves it: the kernel wrote what fits and told how much there was, here up to one
 * and a half times as much. Too short an address is kept as it is, and says so. */
static void read_from_kernel(const uint8_t *data, size_t size)
{
    sn_endpoint *endpoint = malloc(sizeof *endpoint);
    require(endpoint);
    memset(endpoint, 0, sizeof *endpoint);
    size_t written = size < SN_SOCKADDR_SIZE_MAX ? size : SN_SOCKADDR_SIZE_MAX;
    if (written > 0)
        memcpy(endpoint->as.sockaddr, data, written);
    endpoint_set_from_native(endpoint, (uint32_t)(size > written ? size + size / 2 : size));
    check_readers(endpoint);
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_IP)
        check_ip(endpoint);
    free(endpoint);
}

/* A record is the program's and may hold anything: the bytes become one as they are. */
static void read_record(const uint8_t *data, size_t size)
{
    sn_endpoint *endpoint = malloc(sizeof *endpoint);
    require(endpoint);
    memset(endpoint, 0xFF, sizeof *endpoint);
    if (size > 0)
        memcpy(endpoint, data, size < sizeof *endpoint ? size : sizeof *endpoint);
    check_readers(endpoint);
    free(endpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_given(data, size);
    read_from_kernel(data, size);
    read_record(data, size);
    return 0;
}
