/**
 * Inside dns only: a question, and finding its answer on the calling thread.
 */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include <sennit/endpoint.h>

#include "dns/dns.h"
#include "sys/sys.h"

/* How a question gets its answer. */
enum dns_way {
    DNS_KNOWN,   /* the text is an address: nobody is asked */
    DNS_FORWARD, /* name to addresses */
    DNS_REVERSE, /* address to name, and then that name to addresses */
};

/* A request that has passed the checks. A plain value: what the request borrowed was copied. */
struct dns_question {
    enum dns_way way;
    bool wants_name;
    sn_address_family family;
    sn_ip_address address;           /* DNS_KNOWN, DNS_REVERSE */
    char host[SN_HOST_SIZE_MAX + 1]; /* DNS_FORWARD; ends with a NUL; "": this machine */
};

/* Checks the request in the contract's order. */
sn_error dns_question_prepare(const struct dns_request *request, struct dns_question *out_question);

/* Blocks, unless the way is DNS_KNOWN. */
void dns_look_up(const struct dns_question *question, struct dns_answer *out_answer);

/* For the calling thread, whose last native error is set on failure; a scope of its may end it. */
sn_error dns_run_blocking(const struct dns_request *request, sn_dns_entry **out_entry);

/* --- Parts ------------------------------------------------------------------------------------ */

/* What 0, -errno or an enum sys_resolve_failure means. `out_native`: the errno to report, or 0. */
sn_error dns_error_from_native(int32_t native, int *out_native);

/* Makes room for `count` more addresses; false: no memory, nothing changed. */
bool dns_addresses_reserve(struct dns_addresses *addresses, size_t count);
/* There is room for it. An address that is in the list is not added again. */
void dns_addresses_add(struct dns_addresses *addresses, const sn_ip_address *address);

#endif
