#include "proxy_header.h"

#include <stdio.h>
#include <string.h>

enum { V1_SIZE_MAX = 108, V2_HEAD = 16, V2_SIZE_MAX = V2_HEAD + 36 };

struct ends {
    sn_ip_address source, destination;
    int source_port, destination_port;
};

static bool read_end(const sn_endpoint *endpoint, sn_ip_address *out_address, int *out_port)
{
    if (sn_endpoint_get_address(endpoint, out_address))
        return false;
    *out_port = sn_endpoint_get_port(endpoint);
    if (sn_ip_address_is_ipv4_mapped_to_ipv6(out_address))
        *out_address = sn_ip_address_map_to_ipv4(out_address);
    return true;
}

/* False where there are no addresses: of a Unix socket. */
static bool find_ends(sn_socket *socket, sn_socket *client, struct ends *ends)
{
    sn_endpoint source = {0}, destination = {0};
    sn_error error = client ? sn_socket_get_remote_endpoint(client, &source)
                            : sn_socket_get_local_endpoint(socket, &source);
    if (!error)
        error = client ? sn_socket_get_local_endpoint(client, &destination)
                       : sn_socket_get_remote_endpoint(socket, &destination);
    return !error && read_end(&source, &ends->source, &ends->source_port) &&
           read_end(&destination, &ends->destination, &ends->destination_port) &&
           ends->source.family == ends->destination.family;
}

static size_t write_line(const struct ends *ends, char *text)
{
    char source[SN_IP_ADDRESS_TEXT_SIZE], destination[SN_IP_ADDRESS_TEXT_SIZE];
    sn_ip_address from, to;
    if (!ends)
        return (size_t)snprintf(text, V1_SIZE_MAX, "PROXY UNKNOWN\r\n");
    from = ends->source;
    to = ends->destination;
    from.scope_id = to.scope_id = 0; /* an interface of this machine says nothing to another one */
    if (sn_ip_address_format(&from, source, sizeof source) ||
        sn_ip_address_format(&to, destination, sizeof destination))
        return (size_t)snprintf(text, V1_SIZE_MAX, "PROXY UNKNOWN\r\n");
    return (size_t)snprintf(text, V1_SIZE_MAX, "PROXY TCP%c %s %s %d %d\r\n",
                            from.family == SN_FAMILY_IPV6 ? '6' : '4', source, destination,
                            ends->source_port, ends->destination_port);
}

static size_t write_bytes(const struct ends *ends, uint8_t *bytes)
{
    static const uint8_t signature[] = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    const uint8_t command = 0x21; /* version 2, on behalf of somebody */
    size_t used = V2_HEAD, size = 0;
    memcpy(bytes, signature, sizeof signature);
    bytes[12] = command;
    bytes[13] = 0; /* no family: the receiver takes what it sees */
    if (ends && !sn_ip_address_try_write_bytes(&ends->source, bytes + used, 16, &size) &&
        !sn_ip_address_try_write_bytes(&ends->destination, bytes + used + size, 16, &size)) {
        used += 2 * size;
        bytes[used++] = (uint8_t)(ends->source_port >> 8);
        bytes[used++] = (uint8_t)ends->source_port;
        bytes[used++] = (uint8_t)(ends->destination_port >> 8);
        bytes[used++] = (uint8_t)ends->destination_port;
        bytes[13] = ends->source.family == SN_FAMILY_IPV6 ? 0x21 : 0x11; /* and a stream */
    }
    bytes[14] = 0;
    bytes[15] = (uint8_t)(used - V2_HEAD);
    return used;
}

sn_error proxy_header_send(sn_socket *socket, long version, sn_socket *client)
{
    struct ends ends;
    const struct ends *known = find_ends(socket, client, &ends) ? &ends : NULL;
    char line[V1_SIZE_MAX];
    uint8_t bytes[V2_SIZE_MAX];
    if (version == 1)
        return sn_socket_send(socket, line, write_line(known, line), SN_FLAG_NONE, NULL);
    return sn_socket_send(socket, bytes, write_bytes(known, bytes), SN_FLAG_NONE, NULL);
}
