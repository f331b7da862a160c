/**
 * IP addresses and networks: plain values, copied freely, nothing to release.
 *
 * Text is read and written as .NET does it, which is wider than inet_pton(): octal, hexadecimal and
 * short IPv4 forms, brackets and scopes of IPv6. A NULL where a value is read is an error if the
 * function can report one, and false, zero or an empty value if it cannot.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_ADDRESS_H
#define SENNIT_ADDRESS_H

#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Enough room for the text of any address, its scope and the closing NUL. */
#define SN_IP_ADDRESS_TEXT_SIZE 58
/** Enough room for the text of any network, with its prefix and the closing NUL. */
#define SN_IP_NETWORK_TEXT_SIZE 62

/**
 * An IPv4 or IPv6 address. All zero is not an address; use the constants or a function below.
 *
 * @dotnet IPAddress.AddressFamily, IPAddress.GetAddressBytes()
 */
typedef struct sn_ip_address {
    sn_address_family family; /* SN_FAMILY_IPV4 or SN_FAMILY_IPV6 */
    uint32_t scope_id;        /* IPv6 only, else 0; the interface index of a link-local address */
    uint8_t bytes[16];        /* network order; an IPv4 address uses the first four, rest zero */
} sn_ip_address;

/**
 * The well-known addresses.
 *
 * @dotnet IPAddress.Any, IPAddress.Loopback, IPAddress.Broadcast, IPAddress.None,
 * IPAddress.IPv6Any, IPAddress.IPv6Loopback, IPAddress.IPv6None
 */
SN_API extern const sn_ip_address SN_IPV4_ANY;
SN_API extern const sn_ip_address SN_IPV4_LOOPBACK;
SN_API extern const sn_ip_address SN_IPV4_BROADCAST;
SN_API extern const sn_ip_address SN_IPV4_NONE;
SN_API extern const sn_ip_address SN_IPV6_ANY;
SN_API extern const sn_ip_address SN_IPV6_LOOPBACK;
SN_API extern const sn_ip_address SN_IPV6_NONE;

/* --- Construction ---------------------------------------------------------------------------- */

/**
 * Makes an address from its bytes; an IPv6 address gets scope 0.
 *
 * @param bytes        borrowed; network order
 * @param size         bytes; 4 makes an IPv4 address, 16 an IPv6 address
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_ARGUMENT       another size
 * @dotnet  IPAddress(byte[] address), IPAddress(ReadOnlySpan<byte> address)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_from_bytes(const void *bytes, size_t size,
                                                     sn_ip_address *out_address);

/**
 * Makes an IPv6 address with a scope.
 *
 * @param bytes        borrowed; network order
 * @param size         bytes; 16
 * @param scope_id     0 to 4294967295; the index of an interface
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               another size
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  scope_id
 * @dotnet  IPAddress(byte[] address, long scopeid),
 *          IPAddress(ReadOnlySpan<byte> address, long scopeid)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_from_bytes_scoped(const void *bytes, size_t size,
                                                            int64_t scope_id,
                                                            sn_ip_address *out_address);

/**
 * Makes an IPv4 address from the number whose bytes in memory are the address: the `s_addr` of
 * struct in_addr. On a little-endian machine 0x0100007F is 127.0.0.1.
 *
 * @param number       0 to 4294967295
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          out_address is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  number
 * @dotnet  IPAddress(long newAddress)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_from_number(int64_t number, sn_ip_address *out_address);

/* --- Text ------------------------------------------------------------------------------------ */

/**
 * Reads an address.
 *
 * IPv4: one to four parts, each decimal, octal ("017") or hexadecimal ("0x1f"); the last fills the
 * bytes that remain, so "127.1" is 127.0.0.1. IPv6: with or without brackets; behind a bracket a
 * port may follow and is ignored; "%5" or "%eth0" gives the scope, and the name of an interface
 * that does not exist gives scope 0.
 *
 * @param text         borrowed; ends with a NUL; the whole of it must be the address
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no address
 * @dotnet  IPAddress.Parse(string ipString), IPAddress.TryParse(string ipString, out IPAddress
 * address)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_parse(const char *text, sn_ip_address *out_address);

/**
 * Reads an address as sn_ip_address_parse() does, from text that need not end with a NUL.
 *
 * @param text         borrowed; UTF-8, or any bytes
 * @param size         bytes, all of which must be the address
 * @param out_address  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no address
 * @dotnet  IPAddress.Parse(ReadOnlySpan<char> ipSpan), IPAddress.Parse(ReadOnlySpan<byte>
 * utf8Text), IPAddress.TryParse(ReadOnlySpan<char> ipSpan, out IPAddress address),
 *          IPAddress.TryParse(ReadOnlySpan<byte> utf8Text, out IPAddress result)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_parse_bytes(const char *text, size_t size,
                                                      sn_ip_address *out_address);

/**
 * Whether sn_ip_address_parse() would read this text.
 *
 * @param text  borrowed; ends with a NUL
 * @return      false for NULL
 * @dotnet      IPAddress.IsValid(ReadOnlySpan<char> ipSpan),
 *              IPAddress.IsValidUtf8(ReadOnlySpan<byte> utf8Text)
 */
SN_API bool sn_ip_address_is_valid(const char *text);

/**
 * Writes the address as text: "192.168.0.1", "fe80::1%2", "::ffff:10.0.0.1". The scope is always a
 * number, and there are no brackets.
 *
 * @param address  borrowed
 * @param text     caller-provided, `size` bytes; ends with a NUL; untouched on failure
 * @param size     bytes; SN_IP_ADDRESS_TEXT_SIZE always suffices
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               the family is neither IPv4 nor IPv6
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the text and its NUL do not fit
 * @dotnet  IPAddress.ToString(), IPAddress.TryFormat(Span<char> destination, out int charsWritten),
 *          IPAddress.TryFormat(Span<byte> utf8Destination, out int bytesWritten)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_format(const sn_ip_address *address, char *text,
                                                 size_t size);

/* --- Parts ----------------------------------------------------------------------------------- */

/**
 * The scope of an IPv6 address.
 *
 * @param address       borrowed
 * @param out_scope_id  caller-provided; 0 to 4294967295
 *
 * @error   SN_ERROR_ARGUMENT_NULL            a pointer is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  an IPv4 address
 * @error   SN_ERROR_ARGUMENT                 the family is neither IPv4 nor IPv6
 * @dotnet  IPAddress.ScopeId { get; }
 */
SN_MUST_USE SN_API sn_error sn_ip_address_get_scope_id(const sn_ip_address *address,
                                                       int64_t *out_scope_id);

/**
 * Changes the scope of an IPv6 address.
 *
 * @param address   caller-provided
 * @param scope_id  0 to 4294967295
 *
 * @error   SN_ERROR_ARGUMENT_NULL            address is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  an IPv4 address
 * @error   SN_ERROR_ARGUMENT                 the family is neither IPv4 nor IPv6
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    scope_id
 * @thread  any; the value itself is not guarded
 * @dotnet  IPAddress.ScopeId { set; }
 */
SN_MUST_USE SN_API sn_error sn_ip_address_set_scope_id(sn_ip_address *address, int64_t scope_id);

/**
 * The number of an IPv4 address, as sn_ip_address_from_number() takes it.
 *
 * @param address     borrowed
 * @param out_number  caller-provided; 0 to 4294967295
 *
 * @error   SN_ERROR_ARGUMENT_NULL            a pointer is NULL
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  an IPv6 address
 * @error   SN_ERROR_ARGUMENT                 the family is neither IPv4 nor IPv6
 * @dotnet  IPAddress.Address
 */
SN_MUST_USE SN_API sn_error sn_ip_address_get_address(const sn_ip_address *address,
                                                      int64_t *out_number);

/**
 * Copies the bytes of the address, 4 or 16 of them, in network order.
 *
 * @param address      borrowed
 * @param bytes        caller-provided, `size` bytes
 * @param size         bytes; 16 always suffice
 * @param out_written  caller-provided; bytes copied
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               the family is neither IPv4 nor IPv6
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the bytes do not fit
 * @dotnet  IPAddress.TryWriteBytes(Span<byte> destination, out int bytesWritten)
 */
SN_MUST_USE SN_API sn_error sn_ip_address_try_write_bytes(const sn_ip_address *address, void *bytes,
                                                          size_t size, size_t *out_written);

/* --- Classification -------------------------------------------------------------------------- */

/**
 * Whether it is this machine's own address: 127.0.0.0/8, ::1, or exactly ::ffff:127.0.0.1. An IPv6
 * address with a scope is not.
 *
 * @param address  borrowed
 * @return         false for NULL
 * @dotnet         IPAddress.IsLoopback(IPAddress address)
 */
SN_API bool sn_ip_address_is_loopback(const sn_ip_address *address);

/**
 * Whether it is an IPv4 address in IPv6 form: ::ffff:0:0/96.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv4MappedToIPv6
 */
SN_API bool sn_ip_address_is_ipv4_mapped_to_ipv6(const sn_ip_address *address);

/**
 * Whether it holds on one link only: fe80::/10.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv6LinkLocal
 */
SN_API bool sn_ip_address_is_ipv6_link_local(const sn_ip_address *address);

/**
 * Whether it names a group: ff00::/8.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv6Multicast
 */
SN_API bool sn_ip_address_is_ipv6_multicast(const sn_ip_address *address);

/**
 * Whether it is of the abandoned site-local range: fec0::/10.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv6SiteLocal
 */
SN_API bool sn_ip_address_is_ipv6_site_local(const sn_ip_address *address);

/**
 * Whether it belongs to a Teredo tunnel: 2001::/32.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv6Teredo
 */
SN_API bool sn_ip_address_is_ipv6_teredo(const sn_ip_address *address);

/**
 * Whether it is a private one, the IPv6 kin of 10.0.0.0/8: fc00::/7.
 *
 * @param address  borrowed
 * @return         false for NULL and for IPv4
 * @dotnet         IPAddress.IsIPv6UniqueLocal
 */
SN_API bool sn_ip_address_is_ipv6_unique_local(const sn_ip_address *address);

/* --- Mapping, comparison --------------------------------------------------------------------- */

/**
 * The IPv4 address in the last four bytes of an IPv6 address, whatever the other bytes are; ask
 * sn_ip_address_is_ipv4_mapped_to_ipv6() first. An IPv4 address comes back unchanged.
 *
 * @param address  borrowed
 * @return         all zero for NULL and for what is no address
 * @dotnet         IPAddress.MapToIPv4()
 */
SN_API sn_ip_address sn_ip_address_map_to_ipv4(const sn_ip_address *address);

/**
 * An IPv4 address in IPv6 form, ::ffff:a.b.c.d. An IPv6 address comes back unchanged.
 *
 * @param address  borrowed
 * @return         all zero for NULL and for what is no address
 * @dotnet         IPAddress.MapToIPv6()
 */
SN_API sn_ip_address sn_ip_address_map_to_ipv6(const sn_ip_address *address);

/**
 * Whether both are the same address, scope included. An IPv4 address does not equal its mapped
 * form.
 *
 * @param a  borrowed
 * @param b  borrowed
 * @return   false if either is NULL
 * @dotnet   IPAddress.Equals(object comparand)
 */
SN_API bool sn_ip_address_equals(const sn_ip_address *a, const sn_ip_address *b);

/**
 * A hash for tables. Equal addresses have equal hashes; do not store the number, the next version
 * of the library may compute another.
 *
 * @param address  borrowed
 * @return         0 for NULL
 * @dotnet         IPAddress.GetHashCode()
 */
SN_API uint32_t sn_ip_address_hash(const sn_ip_address *address);

/* --- Byte order ------------------------------------------------------------------------------ */

/**
 * A 16-bit number from this machine's order of bytes to the network's.
 *
 * @param host  any number
 * @return      the same bytes in network order
 * @dotnet      IPAddress.HostToNetworkOrder(short host)
 */
SN_API int16_t sn_ip_address_host_to_network_order_16(int16_t host);

/**
 * A 32-bit number from this machine's order of bytes to the network's.
 *
 * @param host  any number
 * @return      the same bytes in network order
 * @dotnet      IPAddress.HostToNetworkOrder(int host)
 */
SN_API int32_t sn_ip_address_host_to_network_order_32(int32_t host);

/**
 * A 64-bit number from this machine's order of bytes to the network's.
 *
 * @param host  any number
 * @return      the same bytes in network order
 * @dotnet      IPAddress.HostToNetworkOrder(long host)
 */
SN_API int64_t sn_ip_address_host_to_network_order_64(int64_t host);

/**
 * A 16-bit number from the network's order of bytes to this machine's.
 *
 * @param network  any number
 * @return         the same bytes in this machine's order
 * @dotnet         IPAddress.NetworkToHostOrder(short network)
 */
SN_API int16_t sn_ip_address_network_to_host_order_16(int16_t network);

/**
 * A 32-bit number from the network's order of bytes to this machine's.
 *
 * @param network  any number
 * @return         the same bytes in this machine's order
 * @dotnet         IPAddress.NetworkToHostOrder(int network)
 */
SN_API int32_t sn_ip_address_network_to_host_order_32(int32_t network);

/**
 * A 64-bit number from the network's order of bytes to this machine's.
 *
 * @param network  any number
 * @return         the same bytes in this machine's order
 * @dotnet         IPAddress.NetworkToHostOrder(long network)
 */
SN_API int64_t sn_ip_address_network_to_host_order_64(int64_t network);

/* --- Networks -------------------------------------------------------------------------------- */

/** A range of addresses with a common prefix. All zero behaves as 0.0.0.0/0. */
typedef struct sn_ip_network {
    sn_ip_address base; /* the bits after the prefix are zero */
    int prefix_length;  /* 0 to 32 or 0 to 128 */
} sn_ip_network;

/**
 * Makes a network. Bits of the address behind the prefix are cleared, and its scope with them.
 *
 * @param base           borrowed
 * @param prefix_length  bits; 0 to 32 for IPv4, 0 to 128 for IPv6
 * @param out_network    caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               the family is neither IPv4 nor IPv6
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  prefix_length
 * @dotnet  IPNetwork(IPAddress baseAddress, int prefixLength)
 */
SN_MUST_USE SN_API sn_error sn_ip_network_create(const sn_ip_address *base, int prefix_length,
                                                 sn_ip_network *out_network);

/**
 * Reads a network, "10.0.0.0/8" or "2001:db8::/32". Before the last slash stands an address as
 * sn_ip_address_parse() takes it, behind it a decimal number. Bits behind the prefix are cleared.
 *
 * @param text         borrowed; ends with a NUL
 * @param out_network  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no network
 * @dotnet  IPNetwork.Parse(string s), IPNetwork.TryParse(string s, out IPNetwork result)
 */
SN_MUST_USE SN_API sn_error sn_ip_network_parse(const char *text, sn_ip_network *out_network);

/**
 * Reads a network as sn_ip_network_parse() does, from text that need not end with a NUL.
 *
 * @param text         borrowed; UTF-8, or any bytes
 * @param size         bytes, all of which must be the network
 * @param out_network  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_FORMAT         text is no network
 * @dotnet  IPNetwork.Parse(ReadOnlySpan<char> s), IPNetwork.Parse(ReadOnlySpan<byte> utf8Text),
 *          IPNetwork.TryParse(ReadOnlySpan<char> s, out IPNetwork result),
 *          IPNetwork.TryParse(ReadOnlySpan<byte> utf8Text, out IPNetwork result)
 */
SN_MUST_USE SN_API sn_error sn_ip_network_parse_bytes(const char *text, size_t size,
                                                      sn_ip_network *out_network);

/**
 * Writes the network as text: "10.0.0.0/8".
 *
 * @param network  borrowed
 * @param text     caller-provided, `size` bytes; ends with a NUL; untouched on failure
 * @param size     bytes; SN_IP_NETWORK_TEXT_SIZE always suffices
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ARGUMENT               no such family, or the prefix does not fit it
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the text and its NUL do not fit
 * @dotnet  IPNetwork.ToString(), IPNetwork.TryFormat(Span<char> destination, out int charsWritten),
 *          IPNetwork.TryFormat(Span<byte> utf8Destination, out int bytesWritten)
 */
SN_MUST_USE SN_API sn_error sn_ip_network_format(const sn_ip_network *network, char *text,
                                                 size_t size);

/**
 * Whether the address lies in the network. An IPv4 network contains the mapped forms of its
 * addresses too; otherwise the families must agree. Scopes do not count.
 *
 * @param network  borrowed
 * @param address  borrowed
 * @return         false if either is NULL
 * @dotnet         IPNetwork.Contains(IPAddress address)
 */
SN_API bool sn_ip_network_contains(const sn_ip_network *network, const sn_ip_address *address);

/**
 * Whether both have the same base address, scope included, and the same prefix.
 *
 * @param a  borrowed
 * @param b  borrowed
 * @return   false if either is NULL
 * @dotnet   IPNetwork.Equals(IPNetwork other), IPNetwork.Equals(object obj),
 *           IPNetwork.operator ==(IPNetwork left, IPNetwork right),
 *           IPNetwork.operator !=(IPNetwork left, IPNetwork right)
 */
SN_API bool sn_ip_network_equals(const sn_ip_network *a, const sn_ip_network *b);

/**
 * A hash for tables. Equal networks have equal hashes; do not store the number.
 *
 * @param network  borrowed
 * @return         0 for NULL
 * @dotnet         IPNetwork.GetHashCode()
 */
SN_API uint32_t sn_ip_network_hash(const sn_ip_network *network);

/**
 * The first address of the network.
 *
 * @param network  borrowed
 * @return         0.0.0.0 for an all-zero network; all zero for NULL and for what is no network
 * @dotnet         IPNetwork.BaseAddress
 */
SN_API sn_ip_address sn_ip_network_get_base_address(const sn_ip_network *network);

/**
 * How many leading bits the addresses of the network share.
 *
 * @param network  borrowed
 * @return         bits; 0 for NULL and for what is no network
 * @dotnet         IPNetwork.PrefixLength
 */
SN_API int sn_ip_network_get_prefix_length(const sn_ip_network *network);

#ifdef __cplusplus
}
#endif

#endif
