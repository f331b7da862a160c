#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sennit/dns.h>

enum {
    STREAM_PIECE = 64 * 1024,
    UDP_PIECE = 1400, /* fits into one Ethernet frame, so that nothing is cut up on the way */
    UNIX_DATAGRAM_PIECE = 32 * 1024
};

static const struct scheme {
    const char *prefix;
    sn_address_family family; /* SN_FAMILY_UNSPECIFIED: host and port */
    sn_socket_type type;
    sn_protocol_type protocol;
    size_t piece_size;
} SCHEMES[] = {
    {"tcp://", SN_FAMILY_UNSPECIFIED, SN_TYPE_STREAM, SN_PROTOCOL_TCP, STREAM_PIECE},
    {"udp://", SN_FAMILY_UNSPECIFIED, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, UDP_PIECE},
    {"unix://", SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, STREAM_PIECE},
    {"unix-dgram://", SN_FAMILY_UNIX, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED,
     UNIX_DATAGRAM_PIECE},
    {"unix-seqpacket://", SN_FAMILY_UNIX, SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED,
     UNIX_DATAGRAM_PIECE},
};

static const char *parse_unix(const char *path, struct target *target)
{
    if (path[0] == '\0' || strcmp(path, "@") == 0)
        return "the path is missing; write unix:///path or unix://@name";
    sn_error error;
    if (path[0] == '@') {
        /* An abstract name begins with a NUL, which nobody can type. */
        char name[SN_UNIX_PATH_SIZE_MAX + 1];
        size_t size = strlen(path);
        if (size >= sizeof name)
            return "the name is too long; at most 107 bytes";
        memcpy(name, path, size);
        name[0] = '\0';
        error = sn_endpoint_from_unix_bytes(name, size, &target->endpoint);
    } else {
        error = sn_endpoint_from_unix(path, &target->endpoint);
    }
    if (error == SN_ERROR_ARGUMENT_OUT_OF_RANGE)
        return "the path is too long; a socket's path has at most 107 bytes";
    return error ? sn_error_message(error) : NULL;
}

/* Decimal digits only: strtol would also take blanks and signs. */
static bool parse_port(const char *text, int *out_port)
{
    size_t size = strlen(text);
    if (size == 0 || size > 5 || strspn(text, "0123456789") != size)
        return false;
    long port = strtol(text, NULL, 10);
    if (port > 65535)
        return false;
    *out_port = (int)port;
    return true;
}

static const char *parse_ipv6(const char *host, size_t size, struct target *target)
{
    sn_ip_address address;
    if (sn_ip_address_parse_bytes(host, size, &address) || address.family != SN_FAMILY_IPV6)
        return "there is no IPv6 address between the brackets";
    if (sn_ip_address_is_ipv6_link_local(&address) && address.scope_id == 0)
        return "a link-local address needs its interface: [fe80::1%eth0]:80";
    target->family = SN_FAMILY_IPV6;
    sn_error error = sn_endpoint_from_ip(&address, target->port, &target->endpoint);
    return error ? sn_error_message(error) : NULL;
}

static const char *parse_host(const char *host, size_t size, struct target *target)
{
    if (size == 0) /* any address: the endpoint stays empty */
        return NULL;
    if (host[0] == '[' && host[size - 1] == ']')
        return parse_ipv6(host + 1, size - 2, target);
    if (memchr(host, ':', size) || host[0] == '[')
        return "write an IPv6 address in brackets: [::1]:80";

    char name[SN_HOST_SIZE_MAX + 1];
    if (size >= sizeof name)
        return "the host name is too long";
    memcpy(name, host, size);
    name[size] = '\0';

    sn_ip_address address;
    sn_error error;
    if (!sn_ip_address_parse(name, &address)) {
        target->family = address.family;
        error = sn_endpoint_from_ip(&address, target->port, &target->endpoint);
    } else {
        error = sn_endpoint_from_dns(name, target->port, SN_FAMILY_UNSPECIFIED, &target->endpoint);
    }
    return error ? sn_error_message(error) : NULL;
}

static const char *parse_host_and_port(const char *text, struct target *target)
{
    const char *colon = strrchr(text, ':');
    if (!colon || strchr(colon, ']'))
        return "the port is missing; write host:port";
    if (!parse_port(colon + 1, &target->port))
        return "the port must be a number from 0 to 65535";
    return parse_host(text, (size_t)(colon - text), target);
}

/* The scheme that `text` begins with, TCP if it names none, NULL if it names one we do not have. */
static const struct scheme *find_scheme(const char *text, const char **out_rest)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t size = strlen(SCHEMES[i].prefix);
        if (strncmp(text, SCHEMES[i].prefix, size) == 0) {
            *out_rest = text + size;
            return &SCHEMES[i];
        }
    }
    *out_rest = text;
    return strstr(text, "://") ? NULL : &SCHEMES[0];
}

const char *target_parse(const char *text, struct target *out_target)
{
    const char *rest;
    const struct scheme *scheme = find_scheme(text, &rest);
    if (!scheme)
        return "unknown protocol; there are tcp://, udp://, unix://, unix-dgram:// and "
               "unix-seqpacket://";
    if (rest == text && strchr(text, '/'))
        return "write a Unix socket's path as unix:///path";

    struct target target = {.text = text,
                            .scheme = scheme->prefix,
                            .family = scheme->family,
                            .type = scheme->type,
                            .protocol = scheme->protocol,
                            .piece_size = scheme->piece_size};
    const char *complaint = scheme->family == SN_FAMILY_UNIX ? parse_unix(rest, &target)
                                                             : parse_host_and_port(rest, &target);
    if (!complaint)
        *out_target = target;
    return complaint;
}

bool target_is_connected_kind(const struct target *target)
{
    return target->type != SN_TYPE_DATAGRAM;
}

/* Binding takes addresses only, so a listener's host name is looked up here; the first one wins. */
static sn_error resolve_name(struct target *target)
{
    sn_ip_address address;
    size_t count = 0;
    sn_error error = sn_dns_get_host_addresses(sn_endpoint_get_host(&target->endpoint),
                                               SN_FAMILY_UNSPECIFIED, &address, 1, &count);
    if (!error && count == 0)
        error = SN_ERROR_NO_DATA;
    if (!error)
        error = sn_endpoint_from_ip(&address, target->port, &target->endpoint);
    if (!error)
        target->family = address.family;
    return error;
}

sn_error target_resolve_local(struct target *target)
{
    sn_endpoint_kind kind = sn_endpoint_get_kind(&target->endpoint);
    if (kind == SN_ENDPOINT_DNS)
        return resolve_name(target);
    if (kind != SN_ENDPOINT_NONE)
        return SN_OK;
    /* A dual-mode socket at the IPv6 any-address hears IPv4 too; without IPv6 it is an IPv4 socket.
     */
    bool has_ipv6 = sn_socket_os_supports_ipv6();
    return sn_endpoint_from_ip(has_ipv6 ? &SN_IPV6_ANY : &SN_IPV4_ANY, target->port,
                               &target->endpoint);
}

/* A dual-mode socket's peers of IPv4 as the user knows them. */
static sn_error unmap(sn_endpoint *endpoint)
{
    sn_ip_address address;
    if (sn_endpoint_get_kind(endpoint) != SN_ENDPOINT_IP)
        return SN_OK;
    sn_error error = sn_endpoint_get_address(endpoint, &address);
    if (error || !sn_ip_address_is_ipv4_mapped_to_ipv6(&address))
        return error;
    sn_ip_address plain = sn_ip_address_map_to_ipv4(&address);
    return sn_endpoint_from_ip(&plain, sn_endpoint_get_port(endpoint), endpoint);
}

void target_peer_text(const struct target *target, sn_socket *socket,
                      char out_text[TARGET_PEER_TEXT_SIZE])
{
    char address[SN_ENDPOINT_TEXT_SIZE] = "";
    sn_endpoint remote;
    sn_error error = sn_socket_get_remote_endpoint(socket, &remote);
    if (!error)
        error = unmap(&remote);
    if (!error)
        error = sn_endpoint_format(&remote, address, sizeof address);
    /* A connection that is over has no peer any more, and clients of Unix sockets have no name. */
    if (error || address[0] == '\0')
        snprintf(out_text, TARGET_PEER_TEXT_SIZE, "%.*s", TARGET_PEER_TEXT_SIZE - 1, target->text);
    else
        snprintf(out_text, TARGET_PEER_TEXT_SIZE, "%s%s", target->scheme, address);
}

sn_error target_open(const struct target *target, sn_socket **out_socket)
{
    if (target->family == SN_FAMILY_UNSPECIFIED)
        return sn_socket_create_dual_mode(target->type, target->protocol, out_socket);
    return sn_socket_create(target->family, target->type, target->protocol, out_socket);
}
