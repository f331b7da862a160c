#include "operation/control_message.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* One message: its header, and its payload inside the bytes that were given. */
struct message {
    int level, type;
    const uint8_t *payload;
    size_t payload_size;
};

/* The first message of the bytes; returns how many bytes it and its padding take, and 0 where no
 * whole message is. */
static size_t first_message(const uint8_t *bytes, size_t size, struct message *message)
{
    struct cmsghdr header;
    if (size < CMSG_LEN(0))
        return 0;
    memcpy(&header, bytes, sizeof header);
    size_t length = header.cmsg_len;
    if (length < CMSG_LEN(0) || length > size)
        return 0;
    *message = (struct message){
        .level = header.cmsg_level,
        .type = header.cmsg_type,
        .payload = bytes + CMSG_LEN(0),
        .payload_size = length - CMSG_LEN(0),
    };
    /* The padding of the last one may be missing. */
    size_t padded = CMSG_ALIGN(length);
    return padded < size ? padded : size;
}

static bool read_ipv4(const struct message *message, sn_ip_packet_information *out)
{
    struct in_pktinfo native;
    if (message->level != IPPROTO_IP || message->type != IP_PKTINFO ||
        message->payload_size < sizeof native)
        return false;
    memcpy(&native, message->payload, sizeof native);
    *out = (sn_ip_packet_information){.address.family = SN_FAMILY_IPV4,
                                      .interface_index = native.ipi_ifindex};
    memcpy(out->address.bytes, &native.ipi_addr, sizeof native.ipi_addr);
    return true;
}

/* An IPv4 datagram on a dual-mode socket is told as plain IPv4, never as a mapped address. */
static bool read_ipv6(const struct message *message, sn_ip_packet_information *out)
{
    struct in6_pktinfo native;
    if (message->level != IPPROTO_IPV6 || message->type != IPV6_PKTINFO ||
        message->payload_size < sizeof native)
        return false;
    memcpy(&native, message->payload, sizeof native);
    *out = (sn_ip_packet_information){.address.family = SN_FAMILY_IPV6,
                                      .interface_index = (int32_t)native.ipi6_ifindex};
    memcpy(out->address.bytes, &native.ipi6_addr, sizeof native.ipi6_addr);
    if (sn_ip_address_is_ipv4_mapped_to_ipv6(&out->address))
        out->address = sn_ip_address_map_to_ipv4(&out->address);
    return true;
}

/* The kernel adds IPv4 information to IPv4 datagrams only, so where both are there it is the one.
 */
bool control_message_read(const void *bytes, size_t size, sn_ip_packet_information *out)
{
    const uint8_t *at = bytes;
    struct message message;
    bool is_found = false;
    for (size_t used; (used = first_message(at, size, &message)) > 0; at += used, size -= used) {
        if (read_ipv4(&message, out))
            return true;
        if (!is_found)
            is_found = read_ipv6(&message, out);
    }
    return is_found;
}
