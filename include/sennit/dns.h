/**
 * Names of hosts to addresses, and back, as the system's resolver knows them.
 *
 * A lookup may wait for a name server as long as the system's configuration says, and nothing can
 * hurry it. The plain calls look up on the calling thread, and nothing ends them early. Those that
 * end with _async look up on a thread of their own, and can be left at any time: a cancel or a
 * time limit completes the operation at once, however stuck the name server is. Each lookup asks
 * anew: the library remembers nothing.
 *
 * A text that is an IP address is never looked up: it is its own answer. The empty text means this
 * machine.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_DNS_H
#define SENNIT_DNS_H

#include <sennit/address.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The addresses of a host, in the resolver's order, each once.
 *
 * Of this machine (the empty text or its own name) the addresses of the interfaces that are up
 * follow; loopback ones only if a family has no others.
 *
 * As with snprintf(), an array that is too small is filled and the call succeeds: `*out_count` says
 * how many there are, so compare it with `capacity`. To connect, the first few are as good as all
 * of them; sn_dns_get_host_entry() has no such limit.
 *
 * @param host_or_address  borrowed for the call; a name, the text of an address, or ""
 * @param family           SN_FAMILY_UNSPECIFIED for both, SN_FAMILY_IPV4 or SN_FAMILY_IPV6 for one;
 *                         the text of an address of the other family gives none, which is no error
 * @param addresses        caller-provided, room for `capacity`; may be NULL if that is 0
 * @param capacity         how many addresses are written at most
 * @param out_count        how many there are; may be more than `capacity`
 *
 * @error   SN_ERROR_ARGUMENT_NULL                 host_or_address, out_count, or addresses with a
 *                                                 capacity
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE         a name of more than 254 bytes; 255 if it ends
 *                                                 with a dot
 * @error   SN_ERROR_ARGUMENT                      "0.0.0.0" or "::", in any spelling
 * @error   SN_ERROR_HOST_NOT_FOUND                the name is not known, or not in this family
 * @error   SN_ERROR_TRY_AGAIN                     the name server did not answer
 * @error   SN_ERROR_NO_RECOVERY                   the name server failed for good
 * @error   SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED  another family
 * @error   SN_ERROR_OUT_OF_MEMORY                 no memory
 * @error   SN_ERROR_SOCKET_ERROR                  the resolver failed; sn_error_last_native() tells
 *                                                 why
 * @thread  any; none waits for another
 * @dotnet  Dns.GetHostAddresses(string), Dns.GetHostAddresses(string, AddressFamily)
 */
SN_MUST_USE SN_API sn_error sn_dns_get_host_addresses(const char *host_or_address,
                                                      sn_address_family family,
                                                      sn_ip_address *addresses, size_t capacity,
                                                      size_t *out_count);

/**
 * Starts finding the addresses of a host and returns without waiting.
 *
 * One name that is stuck delays no other, until so many are stuck as there may be threads; see
 * sn_dns_set_thread_limit(). The text of an address never waits. The operation completes on a
 * thread of the default engine.
 *
 * @param host_or_address  borrowed for the call; a name, the text of an address, or ""
 * @param family           as in sn_dns_get_host_addresses()
 * @param addresses        caller-provided, room for `capacity`, lent until completion, written on
 *                         success only; may be NULL if `capacity` is 0
 * @param capacity         how many addresses are written at most
 * @param operation        caller-provided and idle; the library's until it completes
 * @return                 whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `native_error`, `transferred` (how many addresses there are;
 * may be more than `capacity`).
 * @error   as sn_dns_get_host_addresses(), and:
 * @error   SN_ERROR_TIMED_OUT           the operation's `timeout_ms` has passed
 * @error   SN_ERROR_OPERATION_CANCELED  it was cancelled
 * @dotnet  Dns.GetHostAddressesAsync(string), Dns.GetHostAddressesAsync(string, CancellationToken),
 * Dns.GetHostAddressesAsync(string, AddressFamily, CancellationToken),
 * Dns.BeginGetHostAddresses(string, AsyncCallback, object), Dns.EndGetHostAddresses(IAsyncResult)
 */
SN_API bool sn_dns_get_host_addresses_async(const char *host_or_address, sn_address_family family,
                                            sn_ip_address *addresses, size_t capacity,
                                            sn_operation *operation);

/** What is known of a host. Made by the calls below, only read afterwards. @dotnet IPHostEntry */
typedef struct sn_dns_entry sn_dns_entry;

/**
 * What the resolver knows of a host: its canonical name and its addresses.
 *
 * The text of an address is looked up backwards first, and then the name that was found there. If
 * that name has no address, or none in the family, the list is empty and the call succeeds.
 *
 * @param host_or_address  borrowed for the call; a name, the text of an address, or "" for this
 *                         machine
 * @param family           SN_FAMILY_UNSPECIFIED for both, SN_FAMILY_IPV4 or SN_FAMILY_IPV6 for one
 * @param out_entry        owned; give it back with sn_dns_entry_release()
 *
 * @error   SN_ERROR_HOST_NOT_FOUND  the name is not known, or the address has no name
 * @error   otherwise as sn_dns_get_host_addresses()
 * @thread  any; none waits for another
 * @dotnet  Dns.GetHostEntry(string), Dns.GetHostEntry(string, AddressFamily),
 * Dns.GetHostByName(string), Dns.Resolve(string)
 */
SN_MUST_USE SN_API sn_error sn_dns_get_host_entry(const char *host_or_address,
                                                  sn_address_family family,
                                                  sn_dns_entry **out_entry);

/**
 * Starts finding what the resolver knows of a host and returns without waiting.
 *
 * @param host_or_address  borrowed for the call; a name, the text of an address, or "" for this
 *                         machine
 * @param family           SN_FAMILY_UNSPECIFIED for both, SN_FAMILY_IPV4 or SN_FAMILY_IPV6 for one
 * @param out_entry        lent until completion, written on success only; the entry is owned: give
 *                         it back with sn_dns_entry_release()
 * @param operation        caller-provided and idle; the library's until it completes
 * @return                 whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `native_error`.
 * @error   as sn_dns_get_host_entry(), and:
 * @error   SN_ERROR_TIMED_OUT           the operation's `timeout_ms` has passed
 * @error   SN_ERROR_OPERATION_CANCELED  it was cancelled
 * @thread  any; completes as sn_dns_get_host_addresses_async()
 * @dotnet  Dns.GetHostEntryAsync(string), Dns.GetHostEntryAsync(string, CancellationToken),
 * Dns.GetHostEntryAsync(string, AddressFamily, CancellationToken),
 * Dns.BeginGetHostEntry(string, AsyncCallback, object), Dns.EndGetHostEntry(IAsyncResult),
 * Dns.BeginGetHostByName(string, AsyncCallback, object), Dns.EndGetHostByName(IAsyncResult),
 * Dns.BeginResolve(string, AsyncCallback, object), Dns.EndResolve(IAsyncResult)
 */
SN_API bool sn_dns_get_host_entry_async(const char *host_or_address, sn_address_family family,
                                        sn_dns_entry **out_entry, sn_operation *operation);

/**
 * What the resolver knows of the host that an address belongs to: its canonical name, and the
 * addresses of that name. If the name has none, the list is empty and the call succeeds.
 *
 * @param address    borrowed for the call
 * @param out_entry  owned; give it back with sn_dns_entry_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL                 a pointer is NULL
 * @error   SN_ERROR_ARGUMENT                      SN_IPV4_ANY or SN_IPV6_ANY
 * @error   SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED  the record is no address, such as one that is all
 *                                                 zero
 * @error   SN_ERROR_HOST_NOT_FOUND                the address has no name
 * @error   otherwise as sn_dns_get_host_addresses()
 * @thread  any; none waits for another
 * @dotnet  Dns.GetHostEntry(IPAddress), Dns.GetHostByAddress(IPAddress),
 * Dns.GetHostByAddress(string)
 */
SN_MUST_USE SN_API sn_error sn_dns_get_host_entry_address(const sn_ip_address *address,
                                                          sn_dns_entry **out_entry);

/**
 * Starts finding what the resolver knows of an address and returns without waiting.
 *
 * @param address    borrowed for the call
 * @param out_entry  lent until completion, written on success only; the entry is owned: give it
 *                   back with sn_dns_entry_release()
 * @param operation  caller-provided and idle; the library's until it completes
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `native_error`.
 * @error   as sn_dns_get_host_entry_address(), and:
 * @error   SN_ERROR_TIMED_OUT           the operation's `timeout_ms` has passed
 * @error   SN_ERROR_OPERATION_CANCELED  it was cancelled
 * @thread  any; completes as sn_dns_get_host_addresses_async()
 * @dotnet  Dns.GetHostEntryAsync(IPAddress),
 * Dns.BeginGetHostEntry(IPAddress, AsyncCallback, object)
 */
SN_API bool sn_dns_get_host_entry_address_async(const sn_ip_address *address,
                                                sn_dns_entry **out_entry, sn_operation *operation);

/**
 * Gives an entry back. What was read from it is gone then.
 *
 * @param entry  owned; NULL is fine
 * @thread       any, but no other may use the entry then
 * @dotnet       none
 */
SN_API void sn_dns_entry_release(sn_dns_entry *entry);

/**
 * The host's canonical name.
 *
 * @param entry  borrowed
 * @return       as long as the entry lives; "" for NULL
 * @dotnet       IPHostEntry.HostName
 */
SN_API const char *sn_dns_entry_get_host_name(const sn_dns_entry *entry);

/**
 * The host's addresses: an array as sn_socket_connect_addresses() takes it.
 *
 * @param entry      borrowed
 * @param out_count  how many; may be NULL
 * @return           as long as the entry lives; NULL if there are none
 * @dotnet           IPHostEntry.AddressList
 */
SN_API const sn_ip_address *sn_dns_entry_get_address_list(const sn_dns_entry *entry,
                                                          size_t *out_count);

/**
 * Other names of the host. As in .NET on Unix there never are any: the resolver does not tell them.
 *
 * @param entry      borrowed
 * @param out_count  how many: 0; may be NULL
 * @return           NULL
 * @dotnet           IPHostEntry.Aliases
 */
SN_API const char *const *sn_dns_entry_get_aliases(const sn_dns_entry *entry, size_t *out_count);

/**
 * This machine's name. There is no asynchronous form, as in .NET: the kernel has the name, so
 * nobody is asked and nothing can be waited for.
 *
 * @param name  caller-provided, `size` bytes; untouched after an error
 * @param size  SN_HOST_SIZE_MAX + 1 always suffices (<sennit/endpoint.h>)
 *
 * @error   SN_ERROR_ARGUMENT_NULL          name is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the name and its NUL need more room
 * @dotnet  Dns.GetHostName()
 */
SN_MUST_USE SN_API sn_error sn_dns_get_host_name(char *name, size_t size);

/**
 * How many asynchronous lookups may wait for the resolver at the same time; further ones wait for
 * their turn. Each takes a thread, started when it is needed and ended when it has been idle for
 * ten seconds, and used for lookups only. Blocking calls do not count.
 *
 * A lookup that is cancelled completes at once, but its thread counts until the resolver lets it
 * go; that of a question to a name server (<sennit/resolver.h>), which counts as well, is free
 * then. With fewer threads than names that are stuck, all names are stuck; so choose more than
 * that.
 *
 * The limit is 16, or what the environment says in SENNIT_DNS_THREADS when the first lookup is
 * started; a call replaces it. Lookups under way are left alone.
 *
 * @param limit  1 to 1024
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  0, or more than 1024
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_dns_set_thread_limit(unsigned limit);

/**
 * The limit that holds now.
 *
 * @return  1 to 1024
 * @dotnet  none
 */
SN_API unsigned sn_dns_get_thread_limit(void);

#ifdef __cplusplus
}
#endif

#endif
