#include "icmp.h"

enum {
    IPV4_REPLY = 0,
    IPV4_UNREACHABLE = 3,
    IPV4_REQUEST = 8,
    IPV4_EXPIRED = 11,
    IPV6_UNREACHABLE = 1,
    IPV6_EXPIRED = 3,
    IPV6_REQUEST = 128,
    IPV6_REPLY = 129,
    NO_NETWORK = 0, /* the code of an unreachable destination, in both */
};

enum { IPV4_HEADER_SIZE_MIN = 20, IPV6_HEADER_SIZE = 40 };

/* Where things stand. */
enum { TYPE = 0, CODE = 1, CHECKSUM = 2, ID = 4, SEQUENCE = 6 };

static void put(uint8_t *at, uint16_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static uint16_t get(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* RFC 1071, in network order. */
static uint16_t checksum(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint8_t data_byte(size_t index)
{
    return (uint8_t)(index + 1);
}

/* For ICMPv6 the kernel fills in the checksum, which covers addresses that it chooses. */
void echo_write(const struct echo *echo, uint16_t sequence, uint8_t *packet)
{
    packet[TYPE] = echo->is_ipv6 ? IPV6_REQUEST : IPV4_REQUEST;
    packet[CODE] = 0;
    put(packet + CHECKSUM, 0);
    put(packet + ID, echo->id);
    put(packet + SEQUENCE, sequence);
    for (size_t i = 0; i < echo->data_size; i++)
        packet[ECHO_HEADER_SIZE + i] = data_byte(i);
    if (!echo->is_ipv6)
        put(packet + CHECKSUM, checksum(packet, ECHO_HEADER_SIZE + echo->data_size));
}

/* Of an IPv4 header, which has options or not; 0 where it does not fit into the bytes. */
static size_t ipv4_header_size(const uint8_t *packet, size_t size)
{
    size_t header = size > 0 ? (size_t)(packet[0] & 15) * 4 : 0;
    return header >= IPV4_HEADER_SIZE_MIN && header <= size ? header : 0;
}

static bool is_whole(const struct echo *echo, const uint8_t *data, size_t size)
{
    if (size != echo->data_size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (data[i] != data_byte(i))
            return false;
    return true;
}

static bool read_reply(const struct echo *echo, const uint8_t *icmp, size_t size,
                       struct echo_reply *reply)
{
    if (echo->is_raw && get(icmp + ID) != echo->id)
        return false;
    reply->outcome = ECHO_REPLY;
    reply->sequence = get(icmp + SEQUENCE);
    reply->size = size;
    reply->is_whole = is_whole(echo, icmp + ECHO_HEADER_SIZE, size - ECHO_HEADER_SIZE);
    return true;
}

/* A router's message about a request brings the beginning of its packet back. */
static bool read_complaint(const struct echo *echo, const uint8_t *icmp, size_t size,
                           struct echo_reply *reply)
{
    const uint8_t *packet = icmp + ECHO_HEADER_SIZE;
    size_t rest = size - ECHO_HEADER_SIZE;
    size_t header = echo->is_ipv6 ? IPV6_HEADER_SIZE : ipv4_header_size(packet, rest);
    if (header == 0 || rest < header + ECHO_HEADER_SIZE)
        return false;
    const uint8_t *request = packet + header;
    if (request[TYPE] != (echo->is_ipv6 ? IPV6_REQUEST : IPV4_REQUEST) ||
        get(request + ID) != echo->id)
        return false;
    bool is_expired = icmp[TYPE] == (echo->is_ipv6 ? IPV6_EXPIRED : IPV4_EXPIRED);
    reply->outcome = is_expired                 ? ECHO_EXPIRED
                     : icmp[CODE] == NO_NETWORK ? ECHO_NO_NETWORK
                                                : ECHO_NO_HOST;
    reply->sequence = get(request + SEQUENCE);
    return true;
}

static bool read_message(const struct echo *echo, const uint8_t *icmp, size_t size,
                         struct echo_reply *reply)
{
    uint8_t type = icmp[TYPE];
    if (type == (echo->is_ipv6 ? IPV6_REPLY : IPV4_REPLY))
        return read_reply(echo, icmp, size, reply);
    if (type == (echo->is_ipv6 ? IPV6_UNREACHABLE : IPV4_UNREACHABLE) ||
        type == (echo->is_ipv6 ? IPV6_EXPIRED : IPV4_EXPIRED))
        return read_complaint(echo, icmp, size, reply);
    return false;
}

/* A raw IPv4 socket receives the IP header too. */
bool echo_read(const struct echo *echo, const uint8_t *packet, size_t size,
               struct echo_reply *out_reply)
{
    bool has_header = echo->is_raw && !echo->is_ipv6;
    size_t header = has_header ? ipv4_header_size(packet, size) : 0;
    if ((has_header && header == 0) || size < header + ECHO_HEADER_SIZE)
        return false;
    struct echo_reply reply = {.hops_left = has_header ? packet[8] : -1};
    if (!read_message(echo, packet + header, size - header, &reply))
        return false;
    *out_reply = reply;
    return true;
}
