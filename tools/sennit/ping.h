/** The parts of `sennit ping`: what is asked for, what is counted, and the ways to ask. */
#ifndef TOOLS_SENNIT_PING_H
#define TOOLS_SENNIT_PING_H

#include <stdbool.h>
#include <stdint.h>

#include <sennit.h>

#include "target.h"
#include "way.h"

/* As the ping that everybody knows: 1 is for a host that does not answer. */
enum { EXIT_NO_ANSWER = 1, EXIT_TROUBLE = 2 };

struct ping_choices {
    const char *host;
    struct way way;
    long count; /* 0: without an end */
    long interval_ms;
    long size;
    long timeout_ms;
    bool is_json;
};

/* What came of all requests. */
struct ping_counts {
    uint64_t sent, answered, repeated;
    int64_t shortest_ns, longest_ns, total_ns;
    bool has_failed; /* for a reason that no further request can change */
};

/** An answer: counted, and printed as `text` and its time. */
void ping_note(struct ping_counts *counts, const struct ping_choices *choices, unsigned sequence,
               const char *text, int64_t round_trip_ns);

/** Whether the error is about this request, and the next one may get through. */
bool ping_is_about_the_way(sn_error error);

/** Whether nothing says that it should end. */
bool ping_goes_on(const struct ping_counts *counts);

/** An address, or the first one of a name. */
SN_MUST_USE sn_error ping_find_address(const struct ping_choices *choices, const char *host,
                                       sn_ip_address *out_address);

/** Waits until the next request is due, where nothing is to be received meanwhile. */
void ping_wait_until(int64_t until_ns);

/* Both ask, print the answers, and give EXIT_DONE, or EXIT_TROUBLE after a report: it could not be
 * tried. */
int ping_icmp(const struct ping_choices *choices, struct ping_counts *counts);
int ping_endpoint(const struct ping_choices *choices, struct target *target,
                  struct ping_counts *counts);

#endif
