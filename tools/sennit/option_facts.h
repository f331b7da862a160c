/**
 * What the table of option names does not say in a form that a program can read: the levels on
 * which a name means something, and the form of its value. A name without a line here does not
 * compile.
 */
#ifndef TOOLS_SENNIT_OPTION_FACTS_H
#define TOOLS_SENNIT_OPTION_FACTS_H

enum option_fact {
    ON_SOCKET = 1,
    ON_IP = 2,
    ON_IPV6 = 4,
    ON_TCP = 8,
    ON_UDP = 16,
    AS_BYTES = 32,       /* any bytes */
    AS_SOURCE = 64,      /* struct ip_mreq_source */
    AS_MEMBERSHIP = 128, /* the multicast calls */
    AS_LINGER = 256,     /* the linger calls */
    OF_RAW = 512         /* raw sockets only */
};

#define FACTS_DONT_LINGER                ON_SOCKET
#define FACTS_EXCLUSIVE_ADDRESS_USE      ON_SOCKET
#define FACTS_DEBUG                      ON_SOCKET
#define FACTS_IP_OPTIONS                 (ON_IP | AS_BYTES)
#define FACTS_NO_CHECKSUM                ON_UDP
#define FACTS_NO_DELAY                   ON_TCP
#define FACTS_ACCEPT_CONNECTION          ON_SOCKET
#define FACTS_BSD_URGENT                 ON_TCP
#define FACTS_EXPEDITED                  ON_TCP
#define FACTS_HEADER_INCLUDED            (ON_IP | OF_RAW)
#define FACTS_TCP_KEEP_ALIVE_TIME        ON_TCP
#define FACTS_TYPE_OF_SERVICE            ON_IP
#define FACTS_IP_TIME_TO_LIVE            (ON_IP | ON_IPV6)
#define FACTS_REUSE_ADDRESS              ON_SOCKET
#define FACTS_KEEP_ALIVE                 ON_SOCKET
#define FACTS_MULTICAST_INTERFACE        (ON_IP | ON_IPV6)
#define FACTS_MULTICAST_TIME_TO_LIVE     (ON_IP | ON_IPV6)
#define FACTS_MULTICAST_LOOPBACK         (ON_IP | ON_IPV6)
#define FACTS_ADD_MEMBERSHIP             (ON_IP | ON_IPV6 | AS_MEMBERSHIP)
#define FACTS_DROP_MEMBERSHIP            (ON_IP | ON_IPV6 | AS_MEMBERSHIP)
#define FACTS_DONT_FRAGMENT              ON_IP
#define FACTS_ADD_SOURCE_MEMBERSHIP      (ON_IP | AS_SOURCE)
#define FACTS_FAST_OPEN                  ON_TCP
#define FACTS_DONT_ROUTE                 ON_SOCKET
#define FACTS_DROP_SOURCE_MEMBERSHIP     (ON_IP | AS_SOURCE)
#define FACTS_TCP_KEEP_ALIVE_RETRY_COUNT ON_TCP
#define FACTS_BLOCK_SOURCE               (ON_IP | AS_SOURCE)
#define FACTS_TCP_KEEP_ALIVE_INTERVAL    ON_TCP
#define FACTS_UNBLOCK_SOURCE             (ON_IP | AS_SOURCE)
#define FACTS_PACKET_INFORMATION         (ON_IP | ON_IPV6)
#define FACTS_CHECKSUM_COVERAGE          ON_UDP
#define FACTS_HOP_LIMIT                  ON_IPV6
#define FACTS_IP_PROTECTION_LEVEL        (ON_IP | ON_IPV6)
#define FACTS_IPV6_ONLY                  ON_IPV6
#define FACTS_BROADCAST                  ON_SOCKET
#define FACTS_USE_LOOPBACK               ON_SOCKET
#define FACTS_LINGER                     (ON_SOCKET | AS_LINGER)
#define FACTS_OUT_OF_BAND_INLINE         ON_SOCKET
#define FACTS_SEND_BUFFER                ON_SOCKET
#define FACTS_RECEIVE_BUFFER             ON_SOCKET
#define FACTS_SEND_LOW_WATER             ON_SOCKET
#define FACTS_RECEIVE_LOW_WATER          ON_SOCKET
#define FACTS_SEND_TIMEOUT               ON_SOCKET
#define FACTS_RECEIVE_TIMEOUT            ON_SOCKET
#define FACTS_ERROR                      ON_SOCKET
#define FACTS_TYPE                       ON_SOCKET
#define FACTS_REUSE_UNICAST_PORT         ON_SOCKET
#define FACTS_UPDATE_ACCEPT_CONTEXT      ON_SOCKET
#define FACTS_UPDATE_CONNECT_CONTEXT     ON_SOCKET
#define FACTS_MAX_CONNECTIONS            ON_SOCKET

#endif
