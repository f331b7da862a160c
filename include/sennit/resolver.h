/**
 * Records of the name system (DNS), asked from its servers directly: addresses, mail exchangers,
 * services, texts, each with the time that it may be remembered.
 *
 * The calls of <sennit/dns.h> ask the system, which looks into /etc/hosts and whatever else it is
 * configured to, and tells addresses and nothing about them. Those here ask name servers and
 * nobody else, and tell what was answered. They add no search domain and remember nothing.
 *
 *     sn_dns_result *result;
 *     sn_error error = sn_resolver_resolve(NULL, "example.org", SN_DNS_TYPE_MX, 5000, &result);
 *
 * Names are text as the system writes them, without a dot at the end; "." is the root. What would
 * not be clear in such a text is escaped: "\." is a dot inside a label, "\032" the byte 32. A name
 * that is asked for may be written so too. It is not converted: a name in another script has to be
 * given in its form of letters and digits ("xn--...").
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_RESOLVER_H
#define SENNIT_RESOLVER_H

#include <sennit/address.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The most name servers that a resolver can have. */
#define SN_RESOLVER_SERVER_COUNT_MAX 16

/** X(ID, the name system's number, its name) */
#define SN_DNS_TYPE_TABLE(X)                                                                       \
    X(ADDRESSES, 0, "A+AAAA")                                                                      \
    X(A, 1, "A")                                                                                   \
    X(NS, 2, "NS")                                                                                 \
    X(CNAME, 5, "CNAME")                                                                           \
    X(PTR, 12, "PTR")                                                                              \
    X(MX, 15, "MX")                                                                                \
    X(TXT, 16, "TXT")                                                                              \
    X(AAAA, 28, "AAAA")                                                                            \
    X(SRV, 33, "SRV")

/** What is asked for, and what a record is. ADDRESSES asks for A and for AAAA, and is no record. */
typedef enum sn_dns_type {
#define X(id, number, name) SN_DNS_TYPE_##id = number,
    SN_DNS_TYPE_TABLE(X)
#undef X
} sn_dns_type;

/** @dotnet DnsResponseCode */
#define SN_DNS_RESPONSE_TABLE(X)                                                                   \
    X(NO_ERROR, 0, "NoError")                                                                      \
    X(FORMAT_ERROR, 1, "FormatError")                                                              \
    X(SERVER_FAILURE, 2, "ServerFailure")                                                          \
    X(NX_DOMAIN, 3, "NxDomain")                                                                    \
    X(NOT_IMPLEMENTED, 4, "NotImplemented")                                                        \
    X(REFUSED, 5, "Refused")

/** What a server says of a question. There are others, up to 15, which have no name here. */
typedef enum sn_dns_response_code {
#define X(id, number, name) SN_DNS_RESPONSE_##id = number,
    SN_DNS_RESPONSE_TABLE(X)
#undef X
} sn_dns_response_code;

/** "MX". @return static text; "?" for a number without a name @dotnet none */
SN_API const char *sn_dns_type_name(sn_dns_type type);
/** "NxDomain". @return static text; "?" for a number without a name @dotnet DnsResponseCode */
SN_API const char *sn_dns_response_code_name(sn_dns_response_code code);

/* --- What was answered ------------------------------------------------------------------------ */

/**
 * An address that came along with another record.
 * @dotnet AddressRecord, AddressRecord.Address, AddressRecord.Ttl
 */
typedef struct sn_dns_address {
    sn_ip_address address; /* of the name in the other record */
    uint32_t ttl_s;        /* seconds */
} sn_dns_address;

/** One string of a TXT record: any bytes, 255 at most. A NUL that is not counted stands behind. */
typedef struct sn_dns_text {
    const char *data; /* the result's */
    size_t size;      /* bytes */
} sn_dns_text;

/**
 * One record. `type` says which member of `as` it has; what that points at is the result's.
 *
 * @dotnet AddressRecord, CNameRecord, CNameRecord.CanonicalName, MxRecord, MxRecord.Exchange,
 * MxRecord.Preference, NsRecord, NsRecord.Name, PtrRecord, PtrRecord.Name, SrvRecord,
 * SrvRecord.Target, SrvRecord.Port, SrvRecord.Priority, SrvRecord.Weight, SrvRecord.Addresses,
 * TxtRecord, TxtRecord.Values, CNameRecord.Ttl, MxRecord.Ttl, NsRecord.Ttl, PtrRecord.Ttl,
 * SrvRecord.Ttl, TxtRecord.Ttl
 */
typedef struct sn_dns_record {
    sn_dns_type type; /* which member of `as` it has */
    uint32_t ttl_s;   /* seconds it may be remembered */
    union {
        sn_ip_address address; /* A, AAAA */
        const char *name;      /* CNAME, NS, PTR */
        struct {
            const char *exchange; /* "." : the domain takes no mail */
            uint16_t preference;  /* the lowest first */
        } mx;
        struct {
            const char *target;              /* ".": the service is not offered */
            const sn_dns_address *addresses; /* of the target, as far as they came along */
            size_t address_count;
            uint16_t priority; /* the lowest first */
            uint16_t weight;   /* a share among those of one priority */
            uint16_t port;
        } srv;
        struct {
            const sn_dns_text *values;
            size_t value_count; /* at least 1 */
        } txt;
    } as; /* what it says, by its type */
} sn_dns_record;

/** An answer. Made by the calls below, only read afterwards. @dotnet DnsResult */
typedef struct sn_dns_result sn_dns_result;

/**
 * What the server said of the question. A name that does not exist, or that a server would not
 * look up, is an answer and no error of the call.
 *
 * @param result  borrowed
 * @return        SN_DNS_RESPONSE_NO_ERROR, also for NULL, or another of 1 to 15
 * @dotnet        DnsResult.ResponseCode
 */
SN_API sn_dns_response_code sn_dns_result_get_response_code(const sn_dns_result *result);

/**
 * The records, in the order of the answer; of addresses, those of IPv4 first. Nothing is sorted by
 * preference or priority. There may be none although the name exists.
 *
 * @param result     borrowed
 * @param out_count  how many; may be NULL
 * @return           as long as the result lives; NULL if there are none
 * @dotnet           DnsResult.Records
 */
SN_API const sn_dns_record *sn_dns_result_get_records(const sn_dns_result *result,
                                                      size_t *out_count);

/**
 * How long it may be remembered that the name does not exist, or has no such records (RFC 2308).
 *
 * @param result  borrowed
 * @return        seconds; 0 if there are records, and where the server has told no time
 * @dotnet        DnsResult.NegativeCacheTtl
 */
SN_API uint32_t sn_dns_result_get_negative_ttl(const sn_dns_result *result);

/**
 * The name that has the records: the one that was asked for, or where its CNAME records lead.
 *
 * @param result  borrowed
 * @return        as long as the result lives; "" for NULL
 * @dotnet        none
 */
SN_API const char *sn_dns_result_get_canonical_name(const sn_dns_result *result);

/**
 * Gives a result back, with all that was read from it.
 *
 * @param result  owned; NULL is fine
 * @thread        any, but no other may use the result then
 * @dotnet        none
 */
SN_API void sn_dns_result_release(sn_dns_result *result);

/* --- Resolvers -------------------------------------------------------------------------------- */

/**
 * Servers, and how patiently they are asked. It does not change once it is made, so many threads
 * can use it at the same time, and a forked child as well.
 *
 * @dotnet DnsResolver
 */
typedef struct sn_resolver sn_resolver;

/** How to make a resolver. All zero asks the servers of /etc/resolv.conf. */
typedef struct sn_resolver_options {
    size_t size;                /* sizeof(sn_resolver_options); 0: as it was in 0.2 */
    const sn_endpoint *servers; /* borrowed for the call; addresses, of either family, and ports,
                                 * of which 0 is 53; NULL with no count: the system's */
    size_t server_count;        /* up to SN_RESOLVER_SERVER_COUNT_MAX */
    sn_milliseconds attempt_timeout_ms; /* how long one server is waited for, up to 60000; 0: 3000,
                                         * or what the configuration says of the system's */
    int attempts; /* how often each server is asked at most, up to 10; 0: 3, or what the
                   * configuration says of the system's */
} sn_resolver_options;

/**
 * Makes a resolver. What /etc/resolv.conf says is read now, and once: `nameserver`, and of
 * `options` `timeout` and `attempts`. Without that file, or a server in it, this machine is asked.
 *
 * @param options       borrowed for the call; NULL: all zero
 * @param out_resolver  owned; give it back with sn_resolver_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          out_resolver, or servers with a count
 * @error   SN_ERROR_ARGUMENT               a server is not an address and a port
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  a number in the options
 * @error   SN_ERROR_NOT_SUPPORTED          the options have more than this library knows, not zero
 * @error   SN_ERROR_OUT_OF_MEMORY
 * @error   as the system's, for an /etc/resolv.conf that is there and cannot be read
 * @dotnet  DnsResolver(), DnsResolver(DnsResolverOptions), DnsResolverOptions(),
 *          DnsResolverOptions.Servers
 */
SN_MUST_USE SN_API sn_error sn_resolver_create(const sn_resolver_options *options,
                                               sn_resolver **out_resolver);

/**
 * Gives a resolver back. Questions that are under way are answered all the same.
 *
 * @param resolver  owned; NULL is fine; not to be used for new questions afterwards
 * @dotnet          DnsResolver.Dispose(), DnsResolver.DisposeAsync()
 */
SN_API void sn_resolver_release(sn_resolver *resolver);

/**
 * The servers, in the order in which they are asked.
 *
 * @param resolver   borrowed
 * @param out_count  how many; may be NULL
 * @return           as long as the resolver lives; NULL for NULL
 * @dotnet           none
 */
SN_API const sn_endpoint *sn_resolver_get_servers(const sn_resolver *resolver, size_t *out_count);

/* --- Questions -------------------------------------------------------------------------------- */

/**
 * Asks for the records of a name.
 *
 * The servers are asked one after the other, and all of them again as often as the resolver has it,
 * until one says what the name has or that it does not exist. One that fails in words (any other
 * response code) is not asked again; if no other knows better, the first of these answers is the
 * result. Each question leaves from a port of its own with a number of its own, and only what
 * answers that very question counts. An answer too long for a datagram is fetched by TCP.
 *
 * Records are those of the name itself or of the name that its CNAME records lead to. ADDRESSES
 * is two questions, one after the other.
 *
 * @param resolver    borrowed; NULL: the system's servers, as the configuration has them now
 * @param name        borrowed for the call; a dot at its end makes no difference
 * @param type        what is wanted
 * @param timeout_ms  for all of it; SN_FOREVER: as long as the resolver's attempts take
 * @param out_result  owned; give it back with sn_dns_result_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL          name or out_result
 * @error   SN_ERROR_ARGUMENT               name is empty, too long (a label of more than 63 bytes,
 *                                          or 253 in all), or has an empty label, a blank or a byte
 *                                          beyond ASCII; a type that is not in the table
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  timeout_ms is less than SN_FOREVER
 * @error   SN_ERROR_TIMED_OUT              timeout_ms has passed
 * @error   SN_ERROR_TRY_AGAIN              no server answered
 * @error   SN_ERROR_NO_RECOVERY            what was answered is no message of the name system
 * @error   SN_ERROR_INTERRUPTED            a signal came, and the hook ends the wait
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY
 * @error   SN_ERROR_CONNECTION_REFUSED, SN_ERROR_NETWORK_UNREACHABLE and others of a connect: the
 *          last server could not be reached
 * @error   as sn_resolver_create(), for NULL
 * @thread  any; none waits for another
 * @dotnet  DnsResolver.ResolveAddresses(string),
 *          DnsResolver.ResolveAddresses(string, AddressFamily),
 *          DnsResolver.ResolveCName(string), DnsResolver.ResolveMx(string),
 *          DnsResolver.ResolveNs(string), DnsResolver.ResolvePtr(string),
 *          DnsResolver.ResolveSrv(string), DnsResolver.ResolveTxt(string),
 *          Dns.ResolveAddresses(string), Dns.ResolveAddresses(string, AddressFamily),
 *          Dns.DefaultResolver, Dns.ResolveCName(string), Dns.ResolveMx(string),
 *          Dns.ResolveNs(string),
 *          Dns.ResolvePtr(string), Dns.ResolveSrv(string), Dns.ResolveTxt(string)
 */
SN_MUST_USE SN_API sn_error sn_resolver_resolve(sn_resolver *resolver, const char *name,
                                                sn_dns_type type, sn_milliseconds timeout_ms,
                                                sn_dns_result **out_result);

/**
 * Starts asking for the records of a name and returns without waiting. A thread asks, one of those
 * that sn_dns_set_thread_limit() counts; a cancel or a time limit completes the operation at once
 * and sets the thread free. The operation completes on a thread of the default engine.
 *
 * @param resolver    borrowed for the call; NULL: the system's servers
 * @param name        borrowed for the call
 * @param type        what is wanted
 * @param out_result  lent until completion, written on success only; the result is owned: give it
 *                    back with sn_dns_result_release()
 * @param operation   caller-provided and idle; the library's until it completes
 * @return            whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `native_error`, `transferred` (how many records there are).
 * @error   as sn_resolver_resolve(), and:
 * @error   SN_ERROR_TIMED_OUT           the operation's `timeout_ms` has passed
 * @error   SN_ERROR_OPERATION_CANCELED  it was cancelled
 * @dotnet  DnsResolver.ResolveAddressesAsync(string, CancellationToken),
 *          DnsResolver.ResolveAddressesAsync(string, AddressFamily, CancellationToken),
 *          DnsResolver.ResolveCNameAsync(string, CancellationToken),
 *          DnsResolver.ResolveMxAsync(string, CancellationToken),
 *          DnsResolver.ResolveNsAsync(string, CancellationToken),
 *          DnsResolver.ResolvePtrAsync(string, CancellationToken),
 *          DnsResolver.ResolveSrvAsync(string, CancellationToken),
 *          DnsResolver.ResolveTxtAsync(string, CancellationToken),
 *          Dns.ResolveAddressesAsync(string, CancellationToken),
 *          Dns.ResolveAddressesAsync(string, AddressFamily, CancellationToken),
 *          Dns.ResolveCNameAsync(string, CancellationToken),
 *          Dns.ResolveMxAsync(string, CancellationToken),
 *          Dns.ResolveNsAsync(string, CancellationToken),
 *          Dns.ResolvePtrAsync(string, CancellationToken),
 *          Dns.ResolveSrvAsync(string, CancellationToken),
 *          Dns.ResolveTxtAsync(string, CancellationToken)
 */
SN_API bool sn_resolver_resolve_async(sn_resolver *resolver, const char *name, sn_dns_type type,
                                      sn_dns_result **out_result, sn_operation *operation);

/**
 * Asks for the PTR records of an address: its names.
 *
 * @param resolver    borrowed; NULL: the system's servers, as the configuration has them now
 * @param address     borrowed for the call; IPv4 or IPv6
 * @param timeout_ms  for all of it; SN_FOREVER: as long as the resolver's attempts take
 * @param out_result  owned; give it back with sn_dns_result_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL                 address or out_result
 * @error   SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED  the record is no address
 * @error   otherwise as sn_resolver_resolve()
 * @dotnet  DnsResolver.ResolvePtr(IPAddress), Dns.ResolvePtr(IPAddress)
 */
SN_MUST_USE SN_API sn_error sn_resolver_resolve_address(sn_resolver *resolver,
                                                        const sn_ip_address *address,
                                                        sn_milliseconds timeout_ms,
                                                        sn_dns_result **out_result);

/**
 * Starts asking for the PTR records of an address and returns without waiting.
 *
 * @param resolver    borrowed for the call; NULL: the system's servers
 * @param address     borrowed for the call; IPv4 or IPv6
 * @param out_result  as in sn_resolver_resolve_async()
 * @param operation   caller-provided and idle; the library's until it completes
 * @return            whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, `native_error`, `transferred` (how many records there are).
 * @error   as sn_resolver_resolve_address() and sn_resolver_resolve_async()
 * @dotnet  DnsResolver.ResolvePtrAsync(IPAddress, CancellationToken),
 *          Dns.ResolvePtrAsync(IPAddress, CancellationToken)
 */
SN_API bool sn_resolver_resolve_address_async(sn_resolver *resolver, const sn_ip_address *address,
                                              sn_dns_result **out_result, sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
