/**
 * The record of an asynchronous connect to several addresses, to a host by name, or with a socket
 * of its own, which both ways through the addresses share: one after the other (connect/chain.c)
 * and as a race (connect/race_async.c). For these files only.
 *
 * It is a record of its own, since addresses and a query do not fit into an operation. The
 * operation has it, and so has a query that is under way: the last of the two frees it. A query
 * that cannot be stopped any more must find the descriptor alive, so the chain has a reference to
 * it meanwhile.
 */
#ifndef SOCKET_CONNECT_CHAIN_H
#define SOCKET_CONNECT_CHAIN_H

#include "socket/connect/connect.h"

struct dns_query;
struct race;
struct watch;

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
    struct race *race;       /* owned until the finish step; NULL: no race */
    struct watch *watch;     /* owned likewise: of what is under way in the race */
};

static inline struct connect_chain **chain_of(sn_operation *operation)
{
    return &record_of(operation)->room.connect.chain;
}

struct connect_chain *chain_new(sn_socket *socket, int port);
void chain_drop(struct connect_chain *chain);
/* The worker of its socket, which gets one now: whoever answers asks that to look at it again. */
sn_error chain_bind(const struct connect_chain *chain, struct worker **out_worker);
/* At the end of the finish step: the operation has no chain any more. */
void chain_end(sn_operation *operation);
/* There is nothing to attempt: the operation completes with this error. */
void chain_prepare_error(sn_operation *operation, sn_error error, int native);

/* --- As a race (connect/race_async.c) --------------------------------------------------------- */

/* The operation is one of this verb from then on, and waits for its resume step on the worker. The
 * thread's last native error is set with the error, SN_ERROR_NOT_SUPPORTED for no address that
 * fits. */
sn_error chain_race(struct connect_chain *chain, sn_operation *operation);
extern const struct verb connect_race_verb;

#endif
