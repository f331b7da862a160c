/**
 * Inside dns only: servers, and how they are asked for records.
 *
 * The way of a question: resolve.c goes from server to server, exchange.c has one exchange with
 * one of them, message.c and records.c say what came. All of it happens on one thread with
 * non-blocking calls and poll, the caller's or one of the pool (resolve_async.c), which a cancel
 * wakes. The data path of sockets has no part in it: an exchange is short, and its sockets are
 * known to nobody else.
 */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include <sennit/resolver.h>

#include "dns/wire_name.h"

struct sn_resolver {
    uint32_t references; /* atomic; all else is written before anybody sees it */
    int attempts;
    int64_t attempt_timeout_ns;
    size_t server_count;
    sn_endpoint servers[SN_RESOLVER_SERVER_COUNT_MAX];
};

void resolver_retain(sn_resolver *resolver); /* NULL is fine */

/* What -errno means here: the library's own lack of memory is not told from the kernel's. */
sn_error resolver_error(int32_t native);

/* What the system's configuration has, see resolver_config.c. */
struct resolver_config {
    size_t server_count;
    sn_endpoint servers[SN_RESOLVER_SERVER_COUNT_MAX];
    int timeout_s; /* 0: not told */
    int attempts;  /* 0: not told */
};

/* What is not understood is passed over. `text` ends with a NUL. */
void resolver_config_parse(const char *text, struct resolver_config *out);
/* 0 or -errno; a file that does not exist tells nothing. */
int32_t resolver_config_read(const char *path, struct resolver_config *out);

/* A question that has passed the checks; nothing in it is the caller's but the resolver. */
struct resolve_question {
    sn_resolver *resolver; /* borrowed; NULL: the system's */
    sn_dns_type type;
    struct wire_name name;
};

/* Why to stop waiting, beside the attempt's own time. */
struct resolve_limits {
    int32_t wake;        /* an event that becomes readable; -1: none, and signals are told */
    int64_t deadline_ns; /* SYS_NEVER: none */
};

struct resolve_answer {
    sn_error error;
    int native_error;
    sn_dns_result *result; /* owned; NULL if there is an error */
};

void resolve(const struct resolve_question *question, const struct resolve_limits *limits,
             struct resolve_answer *out_answer);

/* Checks in the order of the parameters. */
sn_error resolve_prepare(sn_resolver *resolver, const char *name, sn_dns_type type,
                         struct resolve_question *out);
sn_error resolve_prepare_address(sn_resolver *resolver, const sn_ip_address *address,
                                 struct resolve_question *out);

#endif
