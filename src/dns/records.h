/**
 * Inside dns only: from messages that were read to the result that a program gets.
 */
#ifndef DNS_RECORDS_H
#define DNS_RECORDS_H

#include <sennit/resolver.h>

#include "dns/message.h"

/* What was asked, and the message that answers it. */
struct records_source {
    const struct wire_name *name; /* borrowed */
    uint16_t type;
    struct message message;
};

/* One block of memory: behind this the records, and behind them what they point at. */
struct sn_dns_result {
    sn_dns_response_code code;
    uint32_t negative_ttl_s;
    const char *canonical_name;
    const sn_dns_record *records;
    size_t record_count;
};

/* Whether each record that counts has the form of its type. */
bool records_are_sound(const struct records_source *source);

/* The result of one message, or of those of two questions about one name; all are sound. NULL: no
 * memory. */
sn_dns_result *records_make_result(const struct records_source *sources, size_t count);

#endif
