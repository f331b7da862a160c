/*
 * The asynchronous connect to several addresses, to a host by name, or with a socket of its own: a
 * chain of attempts, one after the other, all of them one operation. Where they are to race, it
 * ends with the lookup: see connect/race_async.c.
 */
#include "socket/connect/chain.h"

#include <errno.h>
#include <string.h>

#include "address/address.h"
#include "dns/dns.h"
#include "error/error.h"
#include "socket/object/kinds.h"
#include "socket/verbs/transfer.h"
#include "sys/sys.h"

/* --- The next attempt ------------------------------------------------------------------------ */

static sn_error prepare_address(struct connect_chain *chain, const sn_ip_address *address,
                                sn_operation *operation)
{
    if (chain->is_made) {
        sn_error error = connect_become(chain->socket, address);
        if (error)
            return error;
    } else if (!socket_can_try(chain->socket, address->family)) {
        return SN_ERROR_NOT_SUPPORTED;
    }
    sn_error error = sn_endpoint_from_ip(address, chain->port, &chain->remote);
    return error ? error : connect_prepare(operation, chain->socket, &chain->remote);
}

/* Fills the operation for the next address that can be tried; false when there is none. */
static bool prepare_next(struct connect_chain *chain, sn_operation *operation)
{
    while (chain->next < chain->count) {
        sn_error error = prepare_address(chain, &chain->addresses[chain->next++], operation);
        if (!error) {
            operation->error = SN_OK;
            operation->native_error = 0;
            return true;
        }
        chain->last_error = error;
    }
    return false;
}

/* --- The finish step ------------------------------------------------------------------------- */

/* The time of one address has passed, and there is some left for the others. */
static bool has_time_left(sn_operation *operation)
{
    int64_t until_ns = record_of(operation)->room.connect.until_ns;
    return (record_of(operation)->marks & MARK_ENDING) == MARK_TIMED_OUT &&
           (until_ns == 0 || sys_now() < until_ns);
}

/* Whether another address may be tried after this failure. */
static bool may_go_on(const sn_socket *socket, sn_operation *operation)
{
    bool is_ended = (record_of(operation)->marks & MARK_ENDING) && !has_time_left(operation);
    return operation->error != SN_OK && !is_ended && !descriptor_is_closing(&socket->descriptor) &&
           socket_is_replaceable(socket);
}

static bool finish(sn_socket *socket, sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    if (record_of(operation)->native_result != OUTCOME_MISUSE)
        connect_note_attempt(socket, operation);
    if (!chain)
        return true;
    if (may_go_on(socket, operation)) {
        chain->last_error = operation->error;
        record_of(operation)->marks &= (uint16_t)~MARK_TIMED_OUT;
        if (prepare_next(chain, operation)) {
            record_of(operation)->deadline.key = connect_deadline(socket, operation);
            worker_restart(atomic_load_acquire(&socket->descriptor.worker), operation);
            return false;
        }
        operation->error = chain->last_error;
    }
    chain_end(operation);
    return true;
}

/* --- Names ----------------------------------------------------------------------------------- */

/* On a thread of the resolver, or inside connect_name_async() for the text of an address. */
static void query_completed(struct dns_query *query, void *context)
{
    struct connect_chain *chain = context;
    (void)query;
    /* Release: pairs with the acquire in resume(). */
    atomic_store_release(&chain->is_answered, 1u);
    worker_request(&chain->socket->descriptor, REQUEST_RESUME);
    descriptor_unref(&chain->socket->descriptor);
    chain_drop(chain);
}

/* Of the first attempt after a lookup. Without memory to count its time it ends at once. */
static void begin_time(sn_socket *socket, sn_operation *operation)
{
    worker_change_deadline(atomic_load_acquire(&socket->descriptor.worker), operation,
                           connect_deadline(socket, operation));
    if (record_of(operation)->marks & MARK_NO_MEMORY) {
        record_of(operation)->action = ACTION_NONE;
        record_of(operation)->native_result = OUTCOME_NO_MEMORY;
    }
}

static bool resume(sn_socket *socket, sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    if (!atomic_load_acquire(&chain->is_answered))
        return false;
    const struct dns_answer *answer = dns_query_answer(chain->query);
    if (answer->error) {
        chain_prepare_error(operation, answer->error, answer->native_error);
        return true;
    }
    chain->addresses = answer->entry->addresses.addresses;
    chain->count = answer->entry->addresses.count;
    chain->last_error = SN_ERROR_NO_DATA;
    if (chain->count > 0 && connect_is_race(socket)) {
        sn_error error = chain_race(chain, operation);
        if (!error)
            return connect_race_verb.resume(socket, operation);
        chain->last_error = error;
        chain->next = chain->count; /* nor are they tried in turn */
    } else if (prepare_next(chain, operation)) {
        begin_time(socket, operation);
        return true;
    }
    /* Addresses that do not fit are as good as none. */
    bool is_none = chain->last_error == SN_ERROR_NOT_SUPPORTED;
    chain_prepare_error(operation, is_none ? SN_ERROR_NO_DATA : chain->last_error,
                        is_none ? 0 : sn_error_last_native());
    return true;
}

static void abandon(sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    if (!dns_query_cancel(chain->query))
        return; /* its callback runs, and gives back what it has */
    descriptor_unref(&chain->socket->descriptor);
    chain_drop(chain);
}

const struct verb connect_verb = {
    .kind = SN_OPERATION_CONNECT,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_CONNECT,
    .error_at_close = SN_ERROR_NOT_SOCKET,
    .finish = finish,
    .resume = resume,
    .abandon = abandon,
};

/* --- Starting a chain ------------------------------------------------------------------------ */

static sn_error start_query(struct connect_chain *chain, const char *host, sn_address_family family)
{
    struct dns_request request = {
        .kind = DNS_ADDRESSES, .family = family, .host = host, .host_size = strlen(host)};
    atomic_add_relaxed(&chain->references, 1u);
    if (!descriptor_ref(&chain->socket->descriptor)) {
        chain_drop(chain);
        return SN_ERROR_OBJECT_DISPOSED;
    }
    sn_error error = dns_query_start(&request, query_completed, chain, &chain->query);
    if (error) {
        descriptor_unref(&chain->socket->descriptor);
        chain_drop(chain);
    }
    return error;
}

static sn_error start_chain(struct connect_chain *chain, const char *host, sn_address_family family,
                            sn_operation *operation)
{
    struct worker *worker;
    sn_error error = chain_bind(chain, &worker);
    if (error)
        return error;
    record_of(operation)->action = ACTION_EXTERNAL;
    *chain_of(operation) = chain;
    return start_query(chain, host, family);
}

sn_error connect_name_async(sn_socket *socket, const char *host, sn_address_family family, int port,
                            sn_operation *operation)
{
    struct connect_chain *chain = chain_new(socket, port);
    if (!chain)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    if (family == SN_FAMILY_UNSPECIFIED && !socket_is(socket, SOCKET_DUAL_MODE))
        family = socket_family(socket);
    sn_error error = start_chain(chain, host, family, operation);
    if (error)
        chain_drop(chain);
    return error;
}

sn_error connect_addresses_async(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                                 int port, sn_operation *operation)
{
    struct connect_chain *chain = chain_new(socket, port);
    if (!chain)
        return SN_ERROR_OUT_OF_MEMORY;
    chain->addresses = addresses;
    chain->count = count;
    sn_error error = SN_OK;
    if (connect_is_race(socket))
        error = chain_race(chain, operation);
    else if (prepare_next(chain, operation))
        record_of(operation)->deadline.key = connect_deadline(socket, operation);
    else
        error = chain->last_error;
    if (error)
        chain_drop(chain);
    else
        *chain_of(operation) = chain;
    return error;
}

sn_error connect_made_async(sn_socket *socket, const sn_endpoint *remote, sn_operation *operation)
{
    struct connect_chain *chain = chain_new(socket, sn_endpoint_get_port(remote));
    if (!chain)
        return SN_ERROR_OUT_OF_MEMORY;
    chain->is_made = true;
    sn_error error;
    if (sn_endpoint_get_kind(remote) == SN_ENDPOINT_DNS)
        error = start_chain(chain, sn_endpoint_get_host(remote), sn_endpoint_get_family(remote),
                            operation);
    else
        error =
            connect_prepare(operation, socket, remote); /* a new socket has no limit of its own */
    if (error)
        chain_drop(chain);
    else
        *chain_of(operation) = chain;
    return error;
}
