/**
 * End points: where a socket is bound, connected or sends to. A plain value, copied freely.
 *
 * It holds the kernel's own address bytes, so that sending a datagram converts nothing, and any
 * family passes through, known here or not. A DNS end point (a host name and a port) is the one
 * kind that has no such bytes; only the connect calls take it.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_ENDPOINT_H
#define SENNIT_ENDPOINT_H

#include <sennit/address.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The most bytes that a native address can have (the size of struct sockaddr_storage). */
#define SN_SOCKADDR_SIZE_MAX 128
/** The longest host name of a DNS end point, without the closing NUL. */
#define SN_HOST_SIZE_MAX 255
/** The longest Unix path: 107 bytes and a NUL for a file, 108 bytes for an abstract name. */
#define SN_UNIX_PATH_SIZE_MAX 108
/** Enough room for the text of any end point and the closing NUL. */
#define SN_ENDPOINT_TEXT_SIZE 700

/** The smallest and the largest port. @dotnet IPEndPoint.MinPort, IPEndPoint.MaxPort */
#define SN_PORT_MIN 0
#define SN_PORT_MAX 65535

/** What an end point holds. */
typedef enum sn_endpoint_kind {
    SN_ENDPOINT_NONE = 0, /* nothing: where .NET has null */
    SN_ENDPOINT_IP = 1,   /* address and port */
    SN_ENDPOINT_DNS = 2,  /* host name and port */
    SN_ENDPOINT_UNIX = 3, /* path, abstract name or unnamed */
    SN_ENDPOINT_OTHER = 4 /* another family's bytes */
} sn_endpoint_kind;

/** An end point. All zero is SN_ENDPOINT_NONE. Read and write it with the functions below. */
typedef struct sn_endpoint {
    uint32_t size; /* bytes in use of `sockaddr`; 0 for a DNS end point and for none */
    uint32_t kind; /* sn_endpoint_kind */
    union {
        uint8_t sockaddr[SN_SOCKADDR_SIZE_MAX]; /* native layout. A receive of a message lends the
                                                 * bytes behind it to the kernel, see transfer.h */
        struct {
            int32_t family; /* SN_FAMILY_UNSPECIFIED, or the only one wanted */
            int32_t port;
            char host[SN_HOST_SIZE_MAX + 1]; /* ends with a NUL */
        } dns;
        uint64_t alignment; /* never used: makes every native address aligned */
    } as;                   /* by the family */
} sn_endpoint;

/**
 * How large an end point is, for what makes room for one without a C compiler. Aligned as a number
 * of 64 bits is. All zero is none, and the functions below write and read it.
 *
 * @since   0.2
 * @dotnet  none
 */
SN_API size_t sn_endpoint_size(void);

/* --- Construction ---------------------------------------------------------------------------- */

/**
 * Makes an end point of an address and a port.
 *
 * @param address       borrowed
 * @param port          0 to 65535, in the machine's own order of bytes
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  port
 * @error   SN_ERROR_ARGUMENT               the address is neither IPv4 nor IPv6
 * @dotnet  IPEndPoint(IPAddress address, int port), IPEndPoint(long address, int port)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_ip(const sn_ip_address *address, int port,
                                                sn_endpoint *out_endpoint);

/**
 * Makes an end point of a host name and a port. Nothing is looked up here; the connect calls do it.
 *
 * @param host          borrowed, and copied; ends with a NUL; at most SN_HOST_SIZE_MAX bytes
 * @param port          0 to 65535
 * @param family        SN_FAMILY_UNSPECIFIED, or SN_FAMILY_IPV4 or SN_FAMILY_IPV6 to want only
 *                      those
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               host is empty, or another family
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  port, or host is too long
 * @dotnet  DnsEndPoint(string host, int port),
 *          DnsEndPoint(string host, int port, AddressFamily addressFamily)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_dns(const char *host, int port,
                                                 sn_address_family family,
                                                 sn_endpoint *out_endpoint);

/**
 * Makes a Unix end point of the path of a file.
 *
 * @param path          borrowed, and copied; ends with a NUL; 1 to 107 bytes
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  path is empty or too long
 * @dotnet  UnixDomainSocketEndPoint(string path)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_unix(const char *path, sn_endpoint *out_endpoint);

/**
 * Makes a Unix end point of a path, or of an abstract name: one whose first byte is NUL and that is
 * in no directory. Every byte of an abstract name counts; NULs at the end of a file's path do not.
 *
 * @param path          borrowed, and copied
 * @param size          bytes; 1 to 107 for a path, 1 to 108 for an abstract name with its first NUL
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  size
 * @dotnet  UnixDomainSocketEndPoint(string path)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_unix_bytes(const void *path, size_t size,
                                                        sn_endpoint *out_endpoint);

/**
 * Makes an end point of the system's own bytes, as struct sockaddr_in, sockaddr_un, sockaddr_vm and
 * the like hold them. What has no name here becomes SN_ENDPOINT_OTHER and passes through unchanged.
 *
 * The bytes of a known family get one form, so that equal end points are equal however they were
 * made: exactly 16 bytes for IPv4 with zero padding, 28 for IPv6, one NUL behind the path of a
 * file.
 *
 * @param sockaddr      borrowed; the native layout
 * @param size          bytes; 2 to SN_SOCKADDR_SIZE_MAX
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  size, or a Unix path of more than 108 bytes
 * @error   SN_ERROR_ARGUMENT               size is too small for an IPv4 or IPv6 address
 * @dotnet  EndPoint.Create(SocketAddress socketAddress),
 *          IPEndPoint.Create(SocketAddress socketAddress),
 *          UnixDomainSocketEndPoint.Create(SocketAddress socketAddress),
 *          SocketAddress(AddressFamily family), SocketAddress(AddressFamily family, int size)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_sockaddr(const void *sockaddr, size_t size,
                                                      sn_endpoint *out_endpoint);

/* --- Families that .NET has no end points for ------------------------------------------------ */

/** Numbers of machines: any, the hypervisor, this one, the one that it runs on. And any port. */
#define SN_VSOCK_CONTEXT_ANY        UINT32_MAX
#define SN_VSOCK_CONTEXT_HYPERVISOR 0
#define SN_VSOCK_CONTEXT_LOCAL      1
#define SN_VSOCK_CONTEXT_HOST       2
#define SN_VSOCK_PORT_ANY           UINT32_MAX

/**
 * Makes an end point of a virtual machine, or of its host. Its kind is SN_ENDPOINT_OTHER.
 *
 * @param context       the number of the machine
 * @param port          any number: they have 32 bits here
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_endpoint is NULL
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_vsock(uint32_t context, uint32_t port,
                                                   sn_endpoint *out_endpoint);

/**
 * The parts of an end point of SN_FAMILY_VSOCK.
 *
 * @param endpoint     borrowed
 * @param out_context  caller-provided
 * @param out_port     caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_ARGUMENT       another family, or an address that was cut off
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_get_vsock(const sn_endpoint *endpoint,
                                                  uint32_t *out_context, uint32_t *out_port);

/**
 * Makes an end point of netlink. Its kind is SN_ENDPOINT_OTHER.
 *
 * @param port          0 is the kernel; to bind: the kernel chooses
 * @param groups        a bit for each of the first 32 multicast groups
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_endpoint is NULL
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_netlink(uint32_t port, uint32_t groups,
                                                     sn_endpoint *out_endpoint);

/**
 * The parts of an end point of SN_FAMILY_NETLINK.
 *
 * @param endpoint    borrowed
 * @param out_port    caller-provided
 * @param out_groups  caller-provided
 *
 * @error   as sn_endpoint_get_vsock()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_get_netlink(const sn_endpoint *endpoint, uint32_t *out_port,
                                                    uint32_t *out_groups);

/** An end point of SN_FAMILY_CAN. @since 0.2 */
typedef struct sn_can_address {
    int32_t interface_index; /* 0: every one */
    uint32_t receive_id;     /* of SN_PROTOCOL_CAN_ISO_TP; else 0 */
    uint32_t send_id;        /* the same */
} sn_can_address;

/**
 * Makes an end point of a CAN bus. Its kind is SN_ENDPOINT_OTHER. SN_PROTOCOL_CAN_J1939 has other
 * addresses: sn_endpoint_from_sockaddr() takes them.
 *
 * @param address       borrowed
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  a negative index
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_can(const sn_can_address *address,
                                                 sn_endpoint *out_endpoint);

/**
 * The parts of an end point of SN_FAMILY_CAN.
 *
 * @param endpoint     borrowed
 * @param out_address  caller-provided; identifiers that the system did not tell are 0
 *
 * @error   as sn_endpoint_get_vsock()
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_get_can(const sn_endpoint *endpoint,
                                                sn_can_address *out_address);

/* --- Parts ----------------------------------------------------------------------------------- */

/**
 * The system's own bytes, ready for bind(), connect() and sendto().
 *
 * @param endpoint  borrowed
 * @param out_size  caller-provided, or NULL; bytes, 0 where there are none
 * @return          borrowed: inside the end point; NULL for a DNS end point, for none and for NULL
 * @since           0.2
 * @dotnet          EndPoint.Serialize(), IPEndPoint.Serialize(),
 * UnixDomainSocketEndPoint.Serialize(), SocketAddress.Buffer, SocketAddress.Size,
 * SocketAddress.this[int offset]
 */
SN_API const void *sn_endpoint_get_sockaddr(const sn_endpoint *endpoint, size_t *out_size);

/**
 * What the end point holds.
 *
 * @param endpoint  borrowed
 * @return          SN_ENDPOINT_NONE for NULL
 * @dotnet          none
 */
SN_API sn_endpoint_kind sn_endpoint_get_kind(const sn_endpoint *endpoint);

/**
 * The address family of the end point; of a DNS end point, the family that is wanted.
 *
 * @param endpoint  borrowed
 * @return          SN_FAMILY_UNKNOWN for a family without a name; SN_FAMILY_UNSPECIFIED for none
 * @dotnet          EndPoint.AddressFamily, IPEndPoint.AddressFamily, DnsEndPoint.AddressFamily,
 *                  UnixDomainSocketEndPoint.AddressFamily, SocketAddress.Family
 */
SN_API sn_address_family sn_endpoint_get_family(const sn_endpoint *endpoint);

/**
 * The address of an IP end point.
 *
 * @param endpoint     borrowed
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_ARGUMENT       another kind of end point
 * @dotnet  IPEndPoint.Address { get; }
 */
SN_MUST_USE SN_API sn_error sn_endpoint_get_address(const sn_endpoint *endpoint,
                                                    sn_ip_address *out_address);

/**
 * Changes the address of an IP end point, perhaps to the other family; the port stays.
 *
 * @param endpoint  caller-provided
 * @param address   borrowed
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_ARGUMENT       another kind of end point, or the address is none
 * @thread  any; the value itself is not guarded
 * @dotnet  IPEndPoint.Address { set; }
 */
SN_MUST_USE SN_API sn_error sn_endpoint_set_address(sn_endpoint *endpoint,
                                                    const sn_ip_address *address);

/**
 * The port of an IP or DNS end point.
 *
 * @param endpoint  borrowed
 * @return          0 for the other kinds and for NULL
 * @dotnet          IPEndPoint.Port { get; }, DnsEndPoint.Port
 */
SN_API int sn_endpoint_get_port(const sn_endpoint *endpoint);

/**
 * Changes the port of an IP or DNS end point.
 *
 * @param endpoint  caller-provided
 * @param port      0 to 65535
 *
 * @error   SN_ERROR_ARGUMENT_NULL          endpoint is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  port
 * @error   SN_ERROR_ARGUMENT               another kind of end point
 * @thread  any; the value itself is not guarded
 * @dotnet  IPEndPoint.Port { set; }
 */
SN_MUST_USE SN_API sn_error sn_endpoint_set_port(sn_endpoint *endpoint, int port);

/**
 * The host name of a DNS end point.
 *
 * @param endpoint  borrowed
 * @return          borrowed: inside the end point; NULL for the other kinds and for NULL
 * @dotnet          DnsEndPoint.Host
 */
SN_API const char *sn_endpoint_get_host(const sn_endpoint *endpoint);

/**
 * The path of a Unix end point. An abstract name begins with a NUL, so read `out_size` bytes; the
 * path of a file also ends with a NUL that is not counted.
 *
 * @param endpoint  borrowed
 * @param out_size  caller-provided, or NULL; bytes, 0 for an unnamed end point
 * @return          borrowed: inside the end point; NULL for the other kinds and for NULL
 * @dotnet          none
 */
SN_API const char *sn_endpoint_get_unix_path(const sn_endpoint *endpoint, size_t *out_size);

/* --- Text, comparison ------------------------------------------------------------------------ */

/**
 * Reads an IP end point: "1.2.3.4:80", "[::1]:80", or an address alone, which gives port 0. Without
 * brackets everything in an IPv6 text is the address: "::1:80" has port 0.
 *
 * @param text          borrowed; ends with a NUL
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no IP end point
 * @dotnet  IPEndPoint.Parse(string s), IPEndPoint.TryParse(string s, out IPEndPoint result)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_parse(const char *text, sn_endpoint *out_endpoint);

/**
 * Reads an IP end point as sn_endpoint_parse() does, from text that need not end with a NUL.
 *
 * @param text          borrowed; UTF-8, or any bytes
 * @param size          bytes, all of which must be the end point
 * @param out_endpoint  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no IP end point
 * @dotnet  IPEndPoint.Parse(ReadOnlySpan<char> s), IPEndPoint.Parse(ReadOnlySpan<byte> utf8Text),
 *          IPEndPoint.TryParse(ReadOnlySpan<char> s, out IPEndPoint result),
 *          IPEndPoint.TryParse(ReadOnlySpan<byte> utf8Text, out IPEndPoint result)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_parse_bytes(const char *text, size_t size,
                                                    sn_endpoint *out_endpoint);

/** What a socket for an end point is made with, beside the family. */
typedef struct sn_endpoint_target {
    sn_socket_type type;       /* such as SN_TYPE_STREAM */
    sn_protocol_type protocol; /* such as SN_PROTOCOL_TCP */
} sn_endpoint_target;

/**
 * Reads an end point of any kind, as users write them:
 *
 *     host:port  tcp://host:port  udp://host:port
 *     mptcp://host:port  udplite://host:port
 *     unix:/path  unix:@name  and so unix-dgram: and unix-seqpacket:, with or without "//"
 *     vsock:context:port  and so vsock-dgram: and vsock-seqpacket:, "*" for any
 *     netlink:port:groups  for NETLINK_ROUTE; another protocol is the program's to choose
 *     can:interface  can:interface:receive:send  and so can-bcm: and can-isotp:
 *
 * The host is an IPv4 address, an IPv6 address in brackets, a name (which gives a DNS end point),
 * or
 * "*" (which gives the IPv6 address of every address of the machine). Nothing is looked up. An
 * interface is its name, its index, or "*" for all; the two numbers are CAN identifiers. Numbers
 * are decimal, or hexadecimal behind "0x".
 *
 * @param text          borrowed; ends with a NUL
 * @param out_endpoint  caller-provided; untouched after an error
 * @param out_target    what a socket for it is made with; may be NULL
 *
 * @error   SN_ERROR_ARGUMENT_NULL          text or out_endpoint is NULL
 * @error   SN_ERROR_FORMAT                 another scheme, no port, no host, no path, or an IPv6
 *                                          address without brackets
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the name or the path is too long
 * @error   SN_ERROR_ADDRESS_NOT_AVAILABLE  there is no interface of that name
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_endpoint_from_text(const char *text, sn_endpoint *out_endpoint,
                                                  sn_endpoint_target *out_target);

/**
 * Writes the end point as text: "1.2.3.4:80", "[fe80::1%2]:80", "Unspecified/example.org:80", the
 * path of a Unix end point with '@' for each NUL, "" for an unnamed one and for none; "vsock:2:80",
 * "netlink:0:1", "can:3" as sn_endpoint_from_text() reads them.
 *
 * @param endpoint  borrowed
 * @param text      caller-provided, `size` bytes; ends with a NUL; untouched on failure
 * @param size      bytes; SN_ENDPOINT_TEXT_SIZE always suffices
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               the record was not made by the functions above
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the text and its NUL do not fit
 * @dotnet  IPEndPoint.ToString(), DnsEndPoint.ToString(), UnixDomainSocketEndPoint.ToString(),
 *          IPEndPoint.TryFormat(Span<char> destination, out int charsWritten),
 *          IPEndPoint.TryFormat(Span<byte> utf8Destination, out int bytesWritten)
 */
SN_MUST_USE SN_API sn_error sn_endpoint_format(const sn_endpoint *endpoint, char *text,
                                               size_t size);

/**
 * Writes the native bytes as text: the family's name, the size, the bytes behind the family, as in
 * "InterNetwork:16:{0,80,127,0,0,1,0,0,0,0,0,0,0,0}".
 *
 * @param endpoint  borrowed
 * @param text      caller-provided, `size` bytes; ends with a NUL; untouched on failure
 * @param size      bytes; SN_ENDPOINT_TEXT_SIZE always suffices
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               a DNS end point or none: they have no native bytes
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the text and its NUL do not fit
 * @dotnet  SocketAddress.ToString()
 */
SN_MUST_USE SN_API sn_error sn_endpoint_format_sockaddr(const sn_endpoint *endpoint, char *text,
                                                        size_t size);

/**
 * Whether both mean the same: address, scope and port; host name in any case, port and family;
 * path; or all native bytes.
 *
 * @param a  borrowed
 * @param b  borrowed
 * @return   false if either is NULL
 * @dotnet   IPEndPoint.Equals(object comparand), DnsEndPoint.Equals(object comparand),
 *           UnixDomainSocketEndPoint.Equals(object obj), SocketAddress.Equals(object comparand),
 *           SocketAddress.Equals(SocketAddress comparand)
 */
SN_API bool sn_endpoint_equals(const sn_endpoint *a, const sn_endpoint *b);

/**
 * A hash for tables. Equal end points have equal hashes; do not store the number.
 *
 * @param endpoint  borrowed
 * @return          0 for none and for NULL
 * @dotnet          IPEndPoint.GetHashCode(), DnsEndPoint.GetHashCode(),
 *                  UnixDomainSocketEndPoint.GetHashCode(), SocketAddress.GetHashCode()
 */
SN_API uint32_t sn_endpoint_hash(const sn_endpoint *endpoint);

/**
 * How many bytes a native address of the family has at most.
 *
 * @param family  any number
 * @return        bytes; SN_SOCKADDR_SIZE_MAX for a family whose addresses are not known
 * @since         0.2
 * @dotnet        SocketAddress.GetMaximumAddressSize(AddressFamily addressFamily)
 */
SN_API size_t sn_endpoint_get_maximum_sockaddr_size(sn_address_family family);

#ifdef __cplusplus
}
#endif

#endif
