/*
 * The asynchronous lookups: a query, which a thread of the pool answers, behind an operation, which
 * a worker completes.
 *
 * The operation completes exactly once because the query has one word that decides (query.c): it
 * goes either to the answer or to the cancel. An answer is handed to the worker and completes the
 * operation there; a cancel on the worker, if it gets the word, drops whatever the resolver may
 * still find, and the operation completes at once, however stuck the lookup is. So nobody has to
 * remember an operation that has completed. Results are written on the worker too: the program's
 * memory is touched by nobody after a cancel.
 *
 * What a lookup needs fits into the operation; only the query itself is allocated, since it may
 * outlive the operation. The text of an address goes the same way, but its query is answered
 * without the pool, inside the start.
 */
#include "dns/dns.h"

#include <string.h>

#include "engine/engine.h"
#include "error/error.h"

/* The class's own part of the record. */
struct MAY_ALIAS lookup {
    struct dns_query *query;  /* a reference of the operation's */
    sn_dns_entry **out_entry; /* lent until completion; NULL: only addresses are wanted, in */
    sn_ip_address *addresses; /* lent until completion */
    size_t capacity;
};

static struct lookup *lookup_of(sn_operation *operation)
{
    struct external *external = external_of(operation);
    _Static_assert(sizeof(struct lookup) <= sizeof external->own, "fits");
    return (struct lookup *)(void *)external->own;
}

/* --- On the worker ---------------------------------------------------------------------------- */

static void give_addresses(const struct dns_addresses *found, const struct lookup *lookup,
                           sn_operation *operation)
{
    size_t count = found->count < lookup->capacity ? found->count : lookup->capacity;
    if (count > 0)
        memcpy(lookup->addresses, found->addresses, count * sizeof *found->addresses);
    operation->transferred = found->count;
}

static void resume(sn_operation *operation)
{
    struct lookup *lookup = lookup_of(operation);
    const struct dns_answer *answer = dns_query_answer(lookup->query);
    operation->error = answer->error;
    operation->native_error = answer->native_error;
    if (!answer->error && lookup->out_entry)
        *lookup->out_entry = dns_query_take_entry(lookup->query);
    else if (!answer->error)
        give_addresses(&answer->entry->addresses, lookup, operation);
    dns_query_release(lookup->query);
}

static bool abandon(sn_operation *operation)
{
    struct dns_query *query = lookup_of(operation)->query;
    if (!dns_query_cancel(query))
        return false;
    dns_query_release(query);
    return true;
}

static const struct external_class lookup_class = {.on_resume = resume, .on_abandon = abandon};

/* --- Starting --------------------------------------------------------------------------------- */

/* On a thread of the pool, or inside start() for the text of an address. */
static void answered(struct dns_query *query, void *context)
{
    (void)query;
    external_answer(context);
}

static void refuse(sn_operation *operation, sn_error error, int native)
{
    operation->error = error;
    operation->native_error = native;
    operation_refuse(NULL, operation);
}

/* The operation has entered a worker, which exists until the query is answered or cancelled. */
static sn_error begin(const struct dns_request *request, const struct lookup *results,
                      sn_operation *operation)
{
    struct lookup *lookup = lookup_of(operation);
    lookup->out_entry = results->out_entry;
    lookup->addresses = results->addresses;
    lookup->capacity = results->capacity;
    sn_error error = dns_query_start(request, answered, operation, &lookup->query);
    if (error)
        external_undo(operation);
    return error;
}

/* What is missing is told before a cancelled handle, as in .NET. */
static sn_error check_given(const struct dns_request *request)
{
    bool is_given =
        request->kind == DNS_ENTRY_OF_ADDRESS ? request->address != NULL : request->host != NULL;
    error_set_last_native(0);
    return is_given ? SN_OK : SN_ERROR_ARGUMENT_NULL;
}

static void start(const struct dns_request *request, const struct lookup *results,
                  sn_operation *operation)
{
    sn_error error = check_given(request);
    if (!error)
        error = external_begin(NULL, operation, &lookup_class);
    if (!error)
        error = begin(request, results, operation);
    if (error)
        refuse(operation, error, sn_error_last_native());
    else
        external_start(operation);
}

static void start_entry(const struct dns_request *request, sn_dns_entry **out_entry,
                        sn_operation *operation)
{
    const struct lookup results = {.out_entry = out_entry};
    if (out_entry)
        start(request, &results, operation);
    else
        refuse(operation, SN_ERROR_ARGUMENT_NULL, 0);
}

static struct dns_request request_of(enum dns_request_kind kind, const char *host,
                                     sn_address_family family)
{
    return (struct dns_request){
        .kind = kind, .family = family, .host = host, .host_size = host ? strlen(host) : 0};
}

bool sn_dns_get_host_addresses_async(const char *host_or_address, sn_address_family family,
                                     sn_ip_address *addresses, size_t capacity,
                                     sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_RESOLVE))
        return false;
    const struct dns_request request = request_of(DNS_ADDRESSES, host_or_address, family);
    const struct lookup results = {.addresses = addresses, .capacity = capacity};
    if (addresses || capacity == 0)
        start(&request, &results, operation);
    else
        refuse(operation, SN_ERROR_ARGUMENT_NULL, 0);
    return true;
}

bool sn_dns_get_host_entry_async(const char *host_or_address, sn_address_family family,
                                 sn_dns_entry **out_entry, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_RESOLVE))
        return false;
    const struct dns_request request = request_of(DNS_ENTRY, host_or_address, family);
    start_entry(&request, out_entry, operation);
    return true;
}

bool sn_dns_get_host_entry_address_async(const sn_ip_address *address, sn_dns_entry **out_entry,
                                         sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_RESOLVE))
        return false;
    const struct dns_request request = {.kind = DNS_ENTRY_OF_ADDRESS, .address = address};
    start_entry(&request, out_entry, operation);
    return true;
}
