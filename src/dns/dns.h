/**
 * dns: names to addresses and back.
 *
 * A lookup in the system's resolver may take long and cannot be ended. So there are two ways in:
 * dns_addresses() and the public functions of <sennit/dns.h> look up on the calling thread, and a
 * dns_query is looked up on a thread of the room's own pool, from which the caller can walk away at
 * any time. The pool serves nothing else, so a slow name server delays names only.
 *
 * This room must never know a socket: what happens with an answer is behind the function pointer of
 * a query. Operations and engines are known to async.c only, which makes the asynchronous public
 * functions of queries.
 */
#ifndef DNS_DNS_H
#define DNS_DNS_H

#include <sennit/dns.h>

/* --- Answers ---------------------------------------------------------------------------------- */

/* Addresses without duplicates, in the resolver's order. */
struct dns_addresses {
    sn_ip_address *addresses; /* owned; NULL if there are none */
    size_t count;
};

void dns_addresses_free(struct dns_addresses *addresses); /* empty afterwards */

struct sn_dns_entry {
    char *host_name; /* owned; NULL if only addresses were asked for */
    struct dns_addresses addresses;
};

struct dns_answer {
    sn_error error;
    int native_error;    /* errno behind it, 0 if none */
    sn_dns_entry *entry; /* owned; NULL if there is an error */
};

/* --- On the calling thread -------------------------------------------------------------------- */

/*
 * The addresses of a host as sn_dns_get_host_addresses() finds them, all of them. `host` need not
 * end with a NUL; one inside it makes it a name that does not exist. After an error `out` is as it
 * was.
 */
sn_error dns_addresses(const char *host, size_t host_size, sn_address_family family,
                       struct dns_addresses *out);

/* --- On a thread of the pool ------------------------------------------------------------------ */

enum dns_request_kind {
    DNS_ADDRESSES,        /* of `host` */
    DNS_ENTRY,            /* of `host` */
    DNS_ENTRY_OF_ADDRESS, /* of `address` */
};

/* Everything in it is borrowed until dns_query_start() returns. */
struct dns_request {
    enum dns_request_kind kind;
    sn_address_family family; /* SN_FAMILY_UNSPECIFIED: both */
    const char *host;
    size_t host_size; /* bytes; a NUL at the end is not needed and not counted */
    const sn_ip_address *address;
};

struct dns_query;

/*
 * Starts a query and leaves a reference to it with the caller, who gives it back with
 * dns_query_release() when he pleases: before, in or after the callback.
 *
 * Unless a cancel comes first, `completed` is called exactly once, with no lock held: on a thread
 * of the pool, or, where nobody has to be asked (the text of an address), inside this call.
 * `*out_query` is written before that can happen. The callback may do everything but wait long,
 * since it occupies a thread of the pool; the query it gets is borrowed.
 *
 * This call makes the only allocation that can be seen from outside; what a lookup allocates is its
 * own affair and comes back as SN_ERROR_OUT_OF_MEMORY in the answer.
 *
 * An error (misuse, no memory, no thread) means that there is no query and no callback;
 * `*out_query` is NULL or as it was.
 */
sn_error dns_query_start(const struct dns_request *request,
                         void (*completed)(struct dns_query *query, void *context), void *context,
                         struct dns_query **out_query);

/*
 * true: the callback was not called and never will be; the context is the caller's again, at once,
 * however stuck the lookup is; a late answer is dropped. A second cancel says false.
 * false: too late; the callback was called, or is being called right now by another thread.
 *
 * It never waits. It may be called from anywhere, with locks held, in the callback too. A query
 * does not survive a fork: in the child its callback is never called.
 */
bool dns_query_cancel(struct dns_query *query);

void dns_query_release(struct dns_query *query); /* NULL is fine */

/* In the callback and after it, as long as the caller has a reference. Borrowed from the query. */
const struct dns_answer *dns_query_answer(const struct dns_query *query);

/* The entry of an answer without an error, once; the caller owns it and has sn_dns_entry_release().
 */
sn_dns_entry *dns_query_take_entry(struct dns_query *query);

#endif
