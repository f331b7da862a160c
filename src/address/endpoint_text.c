/* End points of every kind from one text, as users write them. */
#include "address/address.h"
#include "address/endpoint_native_families.h"
#include "address/text.h"

#include <string.h>

static sn_error read_host_and_port(const char *text, sn_endpoint *out_endpoint);
static sn_error read_path(const char *path, sn_endpoint *out_endpoint);

/* A longer prefix stands before one that it begins with. */
static const struct scheme {
    const char *prefix;
    sn_endpoint_target target;
    sn_error (*read)(const char *rest, sn_endpoint *out_endpoint);
} schemes[] = {
    {"tcp://", {SN_TYPE_STREAM, SN_PROTOCOL_TCP}, read_host_and_port},
    {"udp://", {SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP}, read_host_and_port},
    {"mptcp://", {SN_TYPE_STREAM, SN_PROTOCOL_MPTCP}, read_host_and_port},
    {"udplite://", {SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP_LITE}, read_host_and_port},
    {"unix://", {SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"unix:", {SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"unix-dgram://", {SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"unix-dgram:", {SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"unix-seqpacket://", {SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"unix-seqpacket:", {SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED}, read_path},
    {"vsock://", {SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED}, vsock_parse},
    {"vsock:", {SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED}, vsock_parse},
    {"vsock-dgram:", {SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED}, vsock_parse},
    {"vsock-seqpacket:", {SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED}, vsock_parse},
    {"netlink:", {SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED}, netlink_parse},
    {"can:", {SN_TYPE_RAW, SN_PROTOCOL_RAW}, can_parse},
    {"can-bcm:", {SN_TYPE_DATAGRAM, SN_PROTOCOL_CAN_BROADCAST_MANAGER}, can_parse},
    {"can-isotp:", {SN_TYPE_DATAGRAM, SN_PROTOCOL_CAN_ISO_TP}, can_parse},
};

/* NULL: another one that is written out; TCP where there is none. */
static const struct scheme *find_scheme(const char *text, const char **out_rest)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t size = strlen(schemes[i].prefix);
        *out_rest = text + size;
        if (strncmp(text, schemes[i].prefix, size) == 0)
            return &schemes[i];
    }
    *out_rest = text;
    return strstr(text, "://") ? NULL : &schemes[0];
}

/* An abstract name begins with a NUL, which nobody can type. */
static sn_error read_path(const char *path, sn_endpoint *out_endpoint)
{
    char name[SN_UNIX_PATH_SIZE_MAX];
    size_t size = strlen(path);
    if (size == 0 || (path[0] == '@' && size == 1))
        return SN_ERROR_FORMAT;
    if (path[0] != '@')
        return sn_endpoint_from_unix(path, out_endpoint);
    if (size > sizeof name)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    memcpy(name, path, size);
    name[0] = '\0';
    return sn_endpoint_from_unix_bytes(name, size, out_endpoint);
}

static sn_error read_name(const char *host, size_t size, uint32_t port, sn_endpoint *out_endpoint)
{
    char name[SN_HOST_SIZE_MAX + 1];
    if (size >= sizeof name)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    memcpy(name, host, size);
    name[size] = '\0';
    if (name[strcspn(name, "[]:/@ ")] != '\0') /* an IPv6 address wants brackets, both of them */
        return SN_ERROR_FORMAT;
    return sn_endpoint_from_dns(name, (int)port, SN_FAMILY_UNSPECIFIED, out_endpoint);
}

static sn_error read_host(const char *host, size_t size, uint32_t port, sn_endpoint *out_endpoint)
{
    sn_ip_address address;
    bool is_bracketed = size > 2 && host[0] == '[' && host[size - 1] == ']';
    if (size == 0)
        return SN_ERROR_FORMAT;
    if (size == 1 && host[0] == '*')
        return sn_endpoint_from_ip(&SN_IPV6_ANY, (int)port, out_endpoint);
    if (!is_bracketed && memchr(host, ':', size))
        return SN_ERROR_FORMAT;
    if (sn_ip_address_parse_bytes(host, size, &address))
        return is_bracketed ? SN_ERROR_FORMAT : read_name(host, size, port, out_endpoint);
    return sn_endpoint_from_ip(&address, (int)port, out_endpoint);
}

static sn_error read_host_and_port(const char *text, sn_endpoint *out_endpoint)
{
    uint32_t port;
    size_t size = strlen(text), colon = text_find_last(text, size, ':');
    if (colon == size || !text_to_number(text + colon + 1, size - colon - 1, SN_PORT_MAX, &port))
        return SN_ERROR_FORMAT;
    return read_host(text, colon, port, out_endpoint);
}

sn_error sn_endpoint_from_text(const char *text, sn_endpoint *out_endpoint,
                               sn_endpoint_target *out_target)
{
    const char *rest;
    sn_endpoint endpoint;
    if (!text || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    const struct scheme *scheme = find_scheme(text, &rest);
    if (!scheme)
        return SN_ERROR_FORMAT;
    sn_error error = scheme->read(rest, &endpoint);
    if (error)
        return error;
    *out_endpoint = endpoint;
    if (out_target)
        *out_target = scheme->target;
    return SN_OK;
}
