/**
 * The small types that every other header uses: enumerations with .NET's numbers, buffers, handles.
 *
 * Each enumeration is one table, a row a value: X(ID, number, ".NET's name"). The enumeration and
 * the name function are made from it, so a program can print what it was given.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_TYPES_H
#define SENNIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SN_MUST_USE stands where an error that nobody looks at is a mistake: nothing was made, moved or
 * waited for. It does not stand on what a clean-up calls on its way out, where the rest of the way
 * is the same: shutdown, disconnect, the closes, the destroys, leaving a group, the linger time.
 * What they say is worth a look elsewhere. A wait for an operation is no such call, since its
 * record may have to stay. */
#if defined(__GNUC__)
#define SN_API      __attribute__((visibility("default")))
#define SN_MUST_USE __attribute__((warn_unused_result))
#else
#define SN_API
#define SN_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header; sn_version() is that of the library. */
#define SN_VERSION_MAJOR 0
#define SN_VERSION_MINOR 2
#define SN_VERSION_PATCH 0

/**
 * The version of the library that is running, such as "0.2.0"; the macros above are the version of
 * the header that was compiled.
 *
 * @return  static text, never NULL
 * @dotnet  none
 */
SN_API const char *sn_version(void);

/** A socket. See <sennit/socket.h>. */
typedef struct sn_socket sn_socket;

/** A native descriptor, as this platform spells it. */
typedef int sn_handle;

/** The handle that is none. */
#define SN_HANDLE_NONE (-1)

/**
 * A span of time. Whatever waits takes one, and it means the same everywhere: 0 does not wait,
 * SN_FOREVER has no limit, less is SN_ERROR_ARGUMENT_OUT_OF_RANGE. No span is too long.
 *
 * Two kinds of limit say "none" by 0 as well. `timeout_ms` of an operation: a record that was
 * cleared has no limit (here anything below 0 is none, too). The time limits of a socket and of a
 * TcpClient: they are .NET's numbers, which also read back so and end at INT_MAX.
 *
 * Two calls are .NET's own and count in microseconds: sn_socket_poll() and sn_socket_select().
 * Besides them only what looks on without sleeping (`spin_us`) is shorter than one of these.
 */
typedef int64_t sn_milliseconds;
enum { SN_FOREVER = -1 };

/** A piece of memory, with the layout of `struct iovec`. The memory is the caller's. */
typedef struct sn_buffer {
    void *data;  /* borrowed */
    size_t size; /* bytes */
} sn_buffer;

/** Where the library's memory comes from. Both functions may be called by any thread. */
typedef struct sn_memory_functions {
    void *(*allocate_zeroed)(size_t count, size_t size); /* as calloc */
    void (*release)(void *memory);                       /* as free */
} sn_memory_functions;

/**
 * Replaces the functions that the library allocates with. Call it before anything else: memory
 * taken from one pair of functions must not be given back to another.
 *
 * @param functions  borrowed for the call; NULL brings calloc and free back
 * @return           false, and nothing changed, if one of the two functions is missing
 * @thread           none beside it may use the library
 * @dotnet           none
 */
SN_API bool sn_memory_set_functions(const sn_memory_functions *functions);

/** @dotnet AddressFamily */
#define SN_ADDRESS_FAMILY_TABLE(X)                                                                 \
    X(UNKNOWN, -1, "Unknown")                                                                      \
    X(UNSPECIFIED, 0, "Unspecified")                                                               \
    X(UNIX, 1, "Unix")                                                                             \
    X(IPV4, 2, "InterNetwork")                                                                     \
    X(IMP_LINK, 3, "ImpLink")                                                                      \
    X(PUP, 4, "Pup")                                                                               \
    X(CHAOS, 5, "Chaos")                                                                           \
    X(NS, 6, "NS")                                                                                 \
    X(OSI, 7, "Osi")                                                                               \
    X(ECMA, 8, "Ecma")                                                                             \
    X(DATA_KIT, 9, "DataKit")                                                                      \
    X(CCITT, 10, "Ccitt")                                                                          \
    X(SNA, 11, "Sna")                                                                              \
    X(DECNET, 12, "DecNet")                                                                        \
    X(DATA_LINK, 13, "DataLink")                                                                   \
    X(LAT, 14, "Lat")                                                                              \
    X(HYPER_CHANNEL, 15, "HyperChannel")                                                           \
    X(APPLE_TALK, 16, "AppleTalk")                                                                 \
    X(NETBIOS, 17, "NetBios")                                                                      \
    X(VOICE_VIEW, 18, "VoiceView")                                                                 \
    X(FIREFOX, 19, "FireFox")                                                                      \
    X(BANYAN, 21, "Banyan")                                                                        \
    X(ATM, 22, "Atm")                                                                              \
    X(IPV6, 23, "InterNetworkV6")                                                                  \
    X(CLUSTER, 24, "Cluster")                                                                      \
    X(IEEE12844, 25, "Ieee12844")                                                                  \
    X(IRDA, 26, "Irda")                                                                            \
    X(NETWORK_DESIGNERS, 28, "NetworkDesigners")                                                   \
    X(MAX, 29, "Max")                                                                              \
    X(PACKET, 65536, "Packet")                                                                     \
    X(CAN, 65537, "ControllerAreaNetwork")

/**
 * Beside those of .NET:
 *   VSOCK    a virtual machine and its host; a context number and a port
 *   NETLINK  the kernel; a port number and groups. Its protocol is the number that the kernel gives
 *            the family: 0 is NETLINK_ROUTE
 * @since 0.2
 */
#define SN_ADDRESS_FAMILY_NATIVE_TABLE(X)                                                          \
    X(NETLINK, 0x1000010, "Netlink")                                                               \
    X(VSOCK, 0x1000028, "Vsock")

/** Which kind of addresses a socket speaks. The numbers are .NET's, not the kernel's. */
typedef enum sn_address_family {
#define X(id, number, name) SN_FAMILY_##id = number,
    SN_ADDRESS_FAMILY_TABLE(X) SN_ADDRESS_FAMILY_NATIVE_TABLE(X)
#undef X
        SN_FAMILY_IPX = 6, /* the same number as NS */
    SN_FAMILY_ISO = 7      /* the same number as OSI */
} sn_address_family;

/** @dotnet SocketType */
#define SN_SOCKET_TYPE_TABLE(X)                                                                    \
    X(UNKNOWN, -1, "Unknown")                                                                      \
    X(STREAM, 1, "Stream")                                                                         \
    X(DATAGRAM, 2, "Dgram")                                                                        \
    X(RAW, 3, "Raw")                                                                               \
    X(RDM, 4, "Rdm")                                                                               \
    X(SEQPACKET, 5, "Seqpacket")

/** What a socket carries: a stream of bytes, datagrams, raw packets. */
typedef enum sn_socket_type {
#define X(id, number, name) SN_TYPE_##id = number,
    SN_SOCKET_TYPE_TABLE(X)
#undef X
} sn_socket_type;

/** @dotnet ProtocolType */
#define SN_PROTOCOL_TYPE_TABLE(X)                                                                  \
    X(UNKNOWN, -1, "Unknown")                                                                      \
    X(UNSPECIFIED, 0, "Unspecified")                                                               \
    X(ICMP, 1, "Icmp")                                                                             \
    X(IGMP, 2, "Igmp")                                                                             \
    X(GGP, 3, "Ggp")                                                                               \
    X(IPV4, 4, "IPv4")                                                                             \
    X(TCP, 6, "Tcp")                                                                               \
    X(PUP, 12, "Pup")                                                                              \
    X(UDP, 17, "Udp")                                                                              \
    X(IDP, 22, "Idp")                                                                              \
    X(IPV6, 41, "IPv6")                                                                            \
    X(IPV6_ROUTING_HEADER, 43, "IPv6RoutingHeader")                                                \
    X(IPV6_FRAGMENT_HEADER, 44, "IPv6FragmentHeader")                                              \
    X(IPSEC_ENCAPSULATING_SECURITY_PAYLOAD, 50, "IPSecEncapsulatingSecurityPayload")               \
    X(IPSEC_AUTHENTICATION_HEADER, 51, "IPSecAuthenticationHeader")                                \
    X(ICMPV6, 58, "IcmpV6")                                                                        \
    X(IPV6_NO_NEXT_HEADER, 59, "IPv6NoNextHeader")                                                 \
    X(IPV6_DESTINATION_OPTIONS, 60, "IPv6DestinationOptions")                                      \
    X(ND, 77, "ND")                                                                                \
    X(RAW, 255, "Raw")                                                                             \
    X(IPX, 1000, "Ipx")                                                                            \
    X(SPX, 1256, "Spx")                                                                            \
    X(SPX_II, 1257, "SpxII")

/**
 * Beside those of .NET:
 *   MPTCP     SN_TYPE_STREAM over several paths, or TCP where the peer cannot: see
 *             sn_socket_get_multipath()
 *   UDP_LITE  SN_TYPE_DATAGRAM whose checksum need not cover all of it
 *   CAN_...   SN_TYPE_DATAGRAM on SN_FAMILY_CAN, beside SN_PROTOCOL_RAW with SN_TYPE_RAW
 * @since 0.2
 */
#define SN_PROTOCOL_TYPE_NATIVE_TABLE(X)                                                           \
    X(UDP_LITE, 0x1000088, "UdpLite")                                                              \
    X(MPTCP, 0x1000106, "Mptcp")                                                                   \
    X(CAN_BROADCAST_MANAGER, 0x1001002, "CanBroadcastManager")                                     \
    X(CAN_ISO_TP, 0x1001006, "CanIsoTp")                                                           \
    X(CAN_J1939, 0x1001007, "CanJ1939")

/**
 * The protocol inside a family. Two take any number: SN_FAMILY_PACKET, the 802.3 protocol in
 * network byte order, and SN_FAMILY_NETLINK.
 */
typedef enum sn_protocol_type {
#define X(id, number, name) SN_PROTOCOL_##id = number,
    SN_PROTOCOL_TYPE_TABLE(X) SN_PROTOCOL_TYPE_NATIVE_TABLE(X)
#undef X
        SN_PROTOCOL_IP = 0,                 /* the same number as UNSPECIFIED */
    SN_PROTOCOL_IPV6_HOP_BY_HOP_OPTIONS = 0 /* the same number as UNSPECIFIED */
} sn_protocol_type;

/** @dotnet SocketFlags */
#define SN_FLAG_TABLE(X)                                                                           \
    X(NONE, 0x0, "None")                                                                           \
    X(OUT_OF_BAND, 0x1, "OutOfBand")                                                               \
    X(PEEK, 0x2, "Peek")                                                                           \
    X(DONT_ROUTE, 0x4, "DontRoute")                                                                \
    X(TRUNCATED, 0x100, "Truncated")                                                               \
    X(CONTROL_DATA_TRUNCATED, 0x200, "ControlDataTruncated")                                       \
    X(BROADCAST, 0x400, "Broadcast")                                                               \
    X(MULTICAST, 0x800, "Multicast")                                                               \
    X(PARTIAL, 0x8000, "Partial")

/**
 * Beside those of .NET:
 *   DONT_WAIT  a blocking call on a blocking socket does what can be done at once, as one on a
 *              non-blocking socket does: SN_ERROR_WOULD_BLOCK when that is nothing. Asynchronous
 *              calls refuse it
 *   MORE       more follows at once: a TCP socket waits for it (200 ms at most) before it sends a
 *              segment that is not full, a UDP socket sends one datagram with what follows
 *   TRUNCATE   a receive of a datagram tells how long it was, also where it did not fit; what is
 *              behind the room for it is lost. With no room (size 0) nothing is taken: the length
 *              of the next one is told. Streams, sends and batches refuse it
 *   WAIT_ALL   sn_socket_receive() and its asynchronous form, on a stream: it goes on until the
 *              buffer is full. Less comes at the end of the stream, when a limit or a cancel ends
 *              it (a success if anything came), and beside an error. Nothing else takes it, and not
 *              together with PEEK or OUT_OF_BAND
 * @since 0.2
 */
#define SN_FLAG_NATIVE_TABLE(X)                                                                    \
    X(DONT_WAIT, 0x1000000, "DontWait")                                                            \
    X(MORE, 0x2000000, "More")                                                                     \
    X(TRUNCATE, 0x4000000, "Truncate")                                                             \
    X(WAIT_ALL, 0x8000000, "WaitAll")

/** How to send or receive, and what was noticed while receiving; values are or-ed together. */
typedef uint32_t sn_flags;
enum {
#define X(id, number, name) SN_FLAG_##id = number,
    SN_FLAG_TABLE(X) SN_FLAG_NATIVE_TABLE(X)
#undef X
};

/** Which direction sn_socket_shutdown() ends. @dotnet SocketShutdown */
typedef enum sn_shutdown {
    SN_SHUTDOWN_RECEIVE = 0,
    SN_SHUTDOWN_SEND = 1,
    SN_SHUTDOWN_BOTH = 2
} sn_shutdown;

/** What sn_socket_poll() waits for. @dotnet SelectMode */
typedef enum sn_select_mode {
    SN_SELECT_READ = 0,
    SN_SELECT_WRITE = 1,
    SN_SELECT_ERROR = 2
} sn_select_mode;

/**
 * A code for sn_socket_io_control(). 64 bits, because .NET's enumeration is unsigned beyond int.
 * The codes that mean nothing on Linux are in <sennit/dotnet.h>.
 */
typedef int64_t sn_io_control_code;
enum { SN_IO_CONTROL_DATA_TO_READ = 1074030207, SN_IO_CONTROL_OOB_DATA_READ = 1074033415 };

/**
 * .NET's name of a value, such as "InterNetworkV6" or "Dgram"; "Vsock" and the like of one that
 * .NET does not have.
 *
 * @return  static text; "?" for a number that has no name
 * @dotnet  AddressFamily, SocketType, ProtocolType (their ToString)
 */
SN_API const char *sn_address_family_name(sn_address_family family);
/** As sn_address_family_name(), for a type. */
SN_API const char *sn_socket_type_name(sn_socket_type type);
/** As sn_address_family_name(), for a protocol. */
SN_API const char *sn_protocol_type_name(sn_protocol_type protocol);

#ifdef __cplusplus
}
#endif

#endif
