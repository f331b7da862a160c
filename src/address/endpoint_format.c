#include "address/address.h"
#include "address/endpoint_layout.h"
#include "address/endpoint_native_families.h"
#include "address/ip_format.h"
#include "address/text.h"

#include <inttypes.h>

static bool append_ip(const sn_endpoint *endpoint, struct text_writer *writer)
{
    struct endpoint_ip ip = endpoint_read_ip(endpoint);
    if (!ip.is_valid)
        return false;
    bool is_bracketed = ip.address.family == SN_FAMILY_IPV6;
    text_append(writer, "%s", is_bracketed ? "[" : "");
    (void)ip_address_append(&ip.address, writer); /* a valid one */
    text_append(writer, "%s:%u", is_bracketed ? "]" : "", ip.port);
    return true;
}

static bool append_dns(const sn_endpoint *endpoint, struct text_writer *writer)
{
    if (!endpoint_is_dns(endpoint))
        return false;
    text_append(writer, "%s/%s:%" PRId32, sn_address_family_name(sn_endpoint_get_family(endpoint)),
                endpoint->as.dns.host, endpoint->as.dns.port);
    return true;
}

/* .NET shows the NUL before an abstract name as '@'. The other NULs become '@' too, since a C text
 * would end there; /proc/net/unix does the same. */
static bool append_unix(const sn_endpoint *endpoint, struct text_writer *writer)
{
    size_t size;
    const char *path = sn_endpoint_get_unix_path(endpoint, &size);
    for (size_t i = 0; i < size; i++)
        text_append(writer, "%c", path[i] == '\0' ? '@' : path[i]);
    return true;
}

static bool append_other(const sn_endpoint *endpoint, struct text_writer *writer)
{
    uint32_t size = endpoint_read_size(endpoint);
    if (size < FAMILY_END)
        return false;
    if (endpoint_append_native_family(endpoint, writer))
        return true;
    text_append(writer, "family %d, %" PRIu32 " bytes",
                endpoint_native_family(endpoint->as.sockaddr), size);
    return true;
}

static bool append_any(const sn_endpoint *endpoint, struct text_writer *writer)
{
    switch (sn_endpoint_get_kind(endpoint)) {
    case SN_ENDPOINT_NONE: break;
    case SN_ENDPOINT_IP: return append_ip(endpoint, writer);
    case SN_ENDPOINT_DNS: return append_dns(endpoint, writer);
    case SN_ENDPOINT_UNIX: return append_unix(endpoint, writer);
    case SN_ENDPOINT_OTHER: return append_other(endpoint, writer);
    }
    return true;
}

sn_error sn_endpoint_format(const sn_endpoint *endpoint, char *text, size_t size)
{
    if (!endpoint || !text)
        return SN_ERROR_ARGUMENT_NULL;
    char finished[SN_ENDPOINT_TEXT_SIZE] = "";
    struct text_writer writer = {finished, sizeof finished, 0};
    if (!append_any(endpoint, &writer))
        return SN_ERROR_ARGUMENT;
    return text_deliver(finished, writer.length, text, size);
}

sn_error sn_endpoint_format_sockaddr(const sn_endpoint *endpoint, char *text, size_t size)
{
    if (!endpoint || !text)
        return SN_ERROR_ARGUMENT_NULL;
    uint32_t used = endpoint_read_size(endpoint);
    if (used < FAMILY_END)
        return SN_ERROR_ARGUMENT;
    char finished[SN_ENDPOINT_TEXT_SIZE];
    struct text_writer writer = {finished, sizeof finished, 0};
    text_append(&writer, "%s:%" PRIu32 ":{",
                sn_address_family_name(sn_endpoint_get_family(endpoint)), used);
    for (uint32_t i = FAMILY_END; i < used; i++)
        text_append(&writer, "%s%u", i > FAMILY_END ? "," : "", endpoint->as.sockaddr[i]);
    text_append(&writer, "}");
    return text_deliver(finished, writer.length, text, size);
}
