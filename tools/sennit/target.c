#include "target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STREAM_PIECE = 64 * 1024,
    UDP_PIECE = 1400, /* fits into one Ethernet frame, so that nothing is cut up on the way */
    MESSAGE_PIECE = 32 * 1024
};

/* Those with a host and a port; `service` is what /etc/services calls them. */
static const struct {
    const char *prefix, *service;
} WITH_PORT[] = {{"tcp://", "tcp"}, {"udp://", "udp"}, {"mptcp://", "tcp"}, {"udplite://", "udp"}};

#define WRONG_PORT                                                                                 \
    "the port must be a number from 0 to 65535, or the name of a service in /etc/services"

/* What /etc/services calls the port's protocol; NULL: there is no port. `*out_rest` is behind the
 * scheme, which is TCP where none is written. */
static const char *find_service(const char *text, const char **out_rest)
{
    *out_rest = text;
    for (size_t i = 0; i < sizeof WITH_PORT / sizeof *WITH_PORT; i++) {
        size_t size = strlen(WITH_PORT[i].prefix);
        if (strncmp(text, WITH_PORT[i].prefix, size) == 0) {
            *out_rest = text + size;
            return WITH_PORT[i].service;
        }
    }
    static const char *const others[] = {
        "unix", "unix-dgram", "unix-seqpacket", "vsock",  "vsock-dgram", "vsock-seqpacket",
        "can",  "can-bcm",    "can-isotp",      "netlink"};
    size_t size = strcspn(text, ":");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text[size] == ':' && strlen(others[i]) == size && memcmp(text, others[i], size) == 0)
            return NULL;
    return "tcp";
}

/* A number, or the number of a service; -1: neither. */
static int read_port(const char *text, const char *service)
{
    size_t size = strlen(text);
    if (size == 0)
        return -1;
    if (strspn(text, "0123456789") == size) {
        long port = size > 5 ? -1 : strtol(text, NULL, 10);
        return port > SN_PORT_MAX ? -1 : (int)port;
    }
    const struct servent *entry = getservbyname(text, service);
    return entry ? ntohs((uint16_t)entry->s_port) : -1;
}

/* What the library would call a mistake of form, in words. */
static const char *look_at_host(const char *host, size_t size)
{
    if (size > SN_HOST_SIZE_MAX)
        return "the host name is too long";
    if (size > 0 && host[0] == '[' && host[size - 1] == ']') {
        sn_ip_address address;
        if (sn_ip_address_parse_bytes(host + 1, size - 2, &address) ||
            address.family != SN_FAMILY_IPV6)
            return "there is no IPv6 address between the brackets";
        return NULL;
    }
    if (memchr(host, ':', size) || (size > 0 && host[0] == '['))
        return "write an IPv6 address in brackets: [::1]:80";
    return NULL;
}

static const char *write_plain(const char *rest, const char *service, struct target *target)
{
    if (rest == target->text && strstr(rest, "://"))
        return "unknown protocol; there are tcp://, udp://, mptcp://, udplite://, unix://, "
               "unix-dgram://, unix-seqpacket://, vsock:, netlink: and can:";
    if (rest == target->text && (strncmp(rest, "tcp:", 4) == 0 || strncmp(rest, "udp:", 4) == 0))
        return "a protocol is written with two slashes: tcp://host:port, udp://host:port";
    if (rest == target->text && strchr(rest, '/'))
        return "write a Unix socket's path as unix:///path";
    const char *colon = strrchr(rest, ':');
    if (!colon && rest[0] && strspn(rest, "0123456789") == strlen(rest))
        return "a port alone is written :7000; with a host, host:7000";
    if (!colon || strchr(colon, ']'))
        return "the port is missing; write host:port";
    size_t size = (size_t)(colon - rest);
    const char *complaint = look_at_host(rest, size);
    if (complaint)
        return complaint;
    int port = read_port(colon + 1, service);
    if (port < 0)
        return WRONG_PORT;
    target->has_host = size > 0 && !(size == 1 && rest[0] == '*');
    snprintf(target->plain, sizeof target->plain, "%.*s%.*s:%d", (int)(rest - target->text),
             target->text, size > 0 ? (int)size : 1, size > 0 ? rest : "*", port);
    return NULL;
}

static const char *explain(sn_error error, const struct target *target)
{
    if (strncmp(target->text, "unix", 4) == 0) {
        if (error == SN_ERROR_ARGUMENT_OUT_OF_RANGE)
            return "the path is too long; a socket's path has at most 107 bytes";
        return "the path is missing; write unix:///path or unix://@name";
    }
    if (error == SN_ERROR_ADDRESS_NOT_AVAILABLE)
        return "there is no network interface of that name";
    if (target->has_port)
        return "the host is not one: a name, an IPv4 address, or an IPv6 address in brackets";
    return "the text cannot be understood; write vsock:context:port, netlink:port:groups or "
           "can:interface";
}

static size_t choose_piece(const struct target *target)
{
    if (target->type == SN_TYPE_STREAM)
        return STREAM_PIECE;
    return target->has_port ? UDP_PIECE : MESSAGE_PIECE;
}

static const char *look_at_address(struct target *target)
{
    sn_ip_address address;
    target->family = sn_endpoint_get_family(&target->endpoint);
    if (target->has_port && !target->has_host)
        target->family = SN_FAMILY_UNSPECIFIED;
    if (!sn_endpoint_get_address(&target->endpoint, &address) &&
        sn_ip_address_is_ipv6_link_local(&address) && address.scope_id == 0)
        return "a link-local address needs its interface: [fe80::1%eth0]:80";
    return NULL;
}

/* As the user would write it, whether or not he did. */
static void name_scheme(struct target *target)
{
    bool is_unix = strncmp(target->text, "unix", 4) == 0;
    if (target->has_port && !strstr(target->text, "://"))
        snprintf(target->scheme, sizeof target->scheme, "tcp://");
    else
        snprintf(target->scheme, sizeof target->scheme, "%.*s:%s", (int)strcspn(target->text, ":"),
                 target->text, target->has_port || is_unix ? "//" : "");
}

const char *target_parse(const char *text, struct target *out_target)
{
    const char *rest;
    const char *service = find_service(text, &rest);
    struct target target = {.text = text, .has_host = true, .has_port = service != NULL};
    const char *complaint = NULL;
    if (service)
        complaint = write_plain(rest, service, &target);
    else if (strlen(text) >= sizeof target.plain)
        complaint = "the text is too long";
    else
        snprintf(target.plain, sizeof target.plain, "%s", text);
    if (complaint)
        return complaint;

    sn_endpoint_target kind;
    sn_error error = sn_endpoint_from_text(target.plain, &target.endpoint, &kind);
    if (error)
        return explain(error, &target);
    target.type = kind.type;
    target.protocol = kind.protocol;
    name_scheme(&target);
    target.piece_size = choose_piece(&target);
    complaint = look_at_address(&target);
    if (!complaint)
        *out_target = target;
    return complaint;
}

const char *target_parse_remote(const char *text, struct target *out_target)
{
    struct target target;
    const char *complaint = target_parse(text, &target);
    if (!complaint && !target.has_host)
        complaint = "the host is missing; write host:port";
    if (!complaint)
        *out_target = target;
    return complaint;
}

bool target_is_connected_kind(const struct target *target)
{
    return target->type == SN_TYPE_STREAM || target->type == SN_TYPE_SEQPACKET;
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

void target_format(const struct target *target, const sn_endpoint *endpoint,
                   char out_text[TARGET_PEER_TEXT_SIZE])
{
    char address[SN_ENDPOINT_TEXT_SIZE] = "";
    sn_endpoint plain = *endpoint;
    sn_error error = unmap(&plain);
    if (!error)
        error = sn_endpoint_format(&plain, address, sizeof address);
    /* A connection that is over has no peer any more, and clients of Unix sockets have no name. */
    if (error || address[0] == '\0')
        snprintf(out_text, TARGET_PEER_TEXT_SIZE, "%.*s", TARGET_PEER_TEXT_SIZE - 1, target->text);
    else
        snprintf(out_text, TARGET_PEER_TEXT_SIZE, "%s%s", target->scheme, address);
}

void target_peer_text(const struct target *target, sn_socket *socket,
                      char out_text[TARGET_PEER_TEXT_SIZE])
{
    sn_endpoint remote = {0};
    if (sn_socket_get_remote_endpoint(socket, &remote))
        remote = (sn_endpoint){0};
    target_format(target, &remote, out_text);
}

sn_error target_open(const struct target *target, sn_socket **out_socket)
{
    if (target->family == SN_FAMILY_UNSPECIFIED)
        return sn_socket_create_dual_mode(target->type, target->protocol, out_socket);
    return sn_socket_create(target->family, target->type, target->protocol, out_socket);
}
