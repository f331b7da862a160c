/**
 * Echo requests and replies of ICMP and ICMPv6 (RFC 792, RFC 4443) as bytes. Pure: knows no socket
 * and prints nothing.
 */
#ifndef TOOLS_SENNIT_ICMP_H
#define TOOLS_SENNIT_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ECHO_HEADER_SIZE = 8,
    IPV4_HEADER_SIZE_MAX = 60,
    ECHO_DATA_SIZE_MAX = 65535 - 20 - ECHO_HEADER_SIZE /* what fits into an IPv4 packet */
};

/* What all requests of one run have in common. */
struct echo {
    bool is_ipv6;
    bool is_raw;      /* else a datagram socket: the kernel chooses the id and sorts by it */
    uint16_t id;      /* of raw sockets, which hear everybody's replies */
    size_t data_size; /* bytes behind the header */
};

/* What came of a request. */
enum echo_outcome {
    ECHO_REPLY,
    ECHO_NO_NETWORK, /* a router on the way knows no way on */
    ECHO_NO_HOST,    /* or does not find the host, or may not let the request through */
    ECHO_EXPIRED,    /* too many routers lie on the way */
};

struct echo_reply {
    enum echo_outcome outcome;
    uint16_t sequence;
    int hops_left; /* the IP header's time to live; -1 where the header is not received */
    size_t size;   /* header and data */
    bool is_whole; /* it brings back what was sent */
};

/* Writes a request of ECHO_HEADER_SIZE + data_size bytes. */
void echo_write(const struct echo *echo, uint16_t sequence, uint8_t *packet);

/* Reads what was received; false: it says nothing of a request of this run. */
bool echo_read(const struct echo *echo, const uint8_t *packet, size_t size,
               struct echo_reply *out_reply);

#endif
