/*
 * The asynchronous connect to several addresses, to a host by name, or with a socket of its own: a
 * chain of attempts, one after the other, all of them one operation.
 *
 * The chain is a record of its own, since addresses and a query do not fit into an operation. The
 * operation has it, and so has a query that is under way: the last of the two frees it. A query
 * that cannot be stopped any more must find the descriptor alive, so the chain has
 * a reference to it meanwhile.
 */
#include "socket/connect/connect.h"

#include <errno.h>
#include <string.h>

#include "address/address.h"
#include "dns/dns.h"
#include "error/error.h"
#include "socket/object/kinds.h"
#include "socket/verbs/transfer.h"
#include "sys/sys.h"

struct connect_chain {
    uint32_t references;            /* atomic: the operation's, the query's */
    uint32_t is_answered;           /* atomic: the query has its answer */
    sn_socket *socket;              /* borrowed: alive while operation or query are pending */
    const sn_ip_address *addresses; /* lent by the caller, or the answer's own */
    size_t count;
    size_t next;
    int port;
    bool is_made;            /* the socket was made for this connect and takes any family */
    sn_error last_error;     /* when no address is left */
    sn_endpoint remote;      /* of the attempt that is being made */
    struct dns_query *query; /* owned; NULL for addresses that were given */
};

static struct connect_chain **chain_of(sn_operation *operation)
{
    return &record_of(operation)->room.connect.chain;
}

static struct connect_chain *chain_new(sn_socket *socket, int port)
{
    struct connect_chain *chain = memory_zeroed(sizeof *chain);
    if (!chain)
        return NULL;
    chain->references = 1;
    chain->socket = socket;
    chain->port = port;
    return chain;
}

static void chain_drop(struct connect_chain *chain)
{
    if (atomic_sub_acq_rel(&chain->references, 1u) > 1)
        return;
    dns_query_release(chain->query);
    memory_free(chain);
}

/* --- The next attempt ------------------------------------------------------------------------ */

/* A socket that was made for this connect gets a descriptor of the address's family, under its
 * number. A mapped address is reached over IPv4. */
sn_error connect_become(sn_socket *socket, const sn_ip_address *address)
{
    if (address->family != socket_family(socket)) {
        socket_set_identity(socket, address->family, socket_type(socket), socket_protocol(socket));
        sn_error error = socket_replace_descriptor(socket);
        if (error)
            return error;
    }
    if (!sn_ip_address_is_ipv4_mapped_to_ipv6(address))
        return SN_OK;
    return sn_socket_set_dual_mode(socket, true);
}

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

/* There is nothing to attempt: the operation completes with this error. */
static void prepare_error(sn_operation *operation, sn_error error, int native)
{
    record_of(operation)->action = ACTION_NONE;
    record_of(operation)->native_result = OUTCOME_MISUSE;
    operation->error = error;
    operation->native_error = native;
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

/* The socket that was made is the result, or goes with the failure. */
static void give_made(struct connect_chain *chain, sn_operation *operation)
{
    if (operation->error)
        sn_socket_release(chain->socket);
    else
        operation->socket = chain->socket;
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
    *chain_of(operation) = NULL;
    if (chain->is_made)
        give_made(chain, operation);
    chain_drop(chain);
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
        prepare_error(operation, answer->error, answer->native_error);
        return true;
    }
    chain->addresses = answer->entry->addresses.addresses;
    chain->count = answer->entry->addresses.count;
    chain->last_error = SN_ERROR_NO_DATA;
    if (prepare_next(chain, operation))
        begin_time(socket, operation);
    else
        /* Addresses that do not fit are as good as none. */
        prepare_error(
            operation,
            chain->last_error == SN_ERROR_NOT_SUPPORTED ? SN_ERROR_NO_DATA : chain->last_error, 0);
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
    int32_t native = 0;
    /* The answer is told to the worker, so there has to be one before. */
    if (!descriptor_bind(&chain->socket->descriptor, NULL, &native))
        return native ? sn_error_from_native(-native) : SN_ERROR_OBJECT_DISPOSED;
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
    if (!prepare_next(chain, operation)) {
        sn_error error = chain->last_error;
        chain_drop(chain);
        return error;
    }
    record_of(operation)->deadline.key = connect_deadline(socket, operation);
    *chain_of(operation) = chain;
    return SN_OK;
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
