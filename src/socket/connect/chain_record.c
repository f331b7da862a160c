#include "socket/connect/chain.h"

#include "dns/dns.h"
#include "error/error.h"

struct connect_chain *chain_new(sn_socket *socket, int port)
{
    struct connect_chain *chain = memory_zeroed(sizeof *chain);
    if (!chain)
        return NULL;
    chain->references = 1;
    chain->socket = socket;
    chain->port = port;
    return chain;
}

void chain_drop(struct connect_chain *chain)
{
    if (atomic_sub_acq_rel(&chain->references, 1u) > 1)
        return;
    assert(!chain->race);
    assert(!chain->watch);
    dns_query_release(chain->query);
    memory_free(chain);
}

sn_error chain_bind(const struct connect_chain *chain, struct worker **out_worker)
{
    int32_t native = 0;
    *out_worker = descriptor_bind(&chain->socket->descriptor, NULL, &native);
    if (*out_worker)
        return SN_OK;
    if (native == OUTCOME_NO_MEMORY || native == 0)
        return socket_misuse(native ? SN_ERROR_OUT_OF_MEMORY : SN_ERROR_OBJECT_DISPOSED);
    error_set_last_native(-native);
    return sn_error_from_native(-native);
}

/* The socket that was made is the result, or goes with the failure. */
static void give_made(struct connect_chain *chain, sn_operation *operation)
{
    connect_options_forget(chain->socket); /* they were for this connect */
    if (operation->error)
        sn_socket_release(chain->socket);
    else
        operation->socket = chain->socket;
}

void chain_end(sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    *chain_of(operation) = NULL;
    if (chain->is_made)
        give_made(chain, operation);
    chain_drop(chain);
}

void chain_prepare_error(sn_operation *operation, sn_error error, int native)
{
    record_of(operation)->action = ACTION_NONE;
    record_of(operation)->native_result = OUTCOME_MISUSE;
    operation->error = error;
    operation->native_error = native;
}
