/**
 * The load: connections to one server, each with one message under way (a closed loop).
 *
 * The same for every contender, and as cheap as we can make it, since it has one processor just as
 * the server. Every answer is compared with what was sent. It knows nothing of contenders.
 */
#ifndef BENCH_ECHO_LOAD_H
#define BENCH_ECHO_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

struct client;

struct load {
    int epoll;
    struct client *clients; /* owned */
    size_t count;
    size_t in_flight;            /* messages that wait for their answers */
    uint64_t sends_left;         /* messages still to be sent */
    uint64_t completed;          /* answers so far */
    struct histogram *latencies; /* borrowed; NULL: answers are not timed */
    const char *failure;         /* what went wrong; NULL: nothing */
};

/** Connects to 127.0.0.1:port. @return false, with the failure in words */
bool load_open(struct load *load, int port, size_t connection_count);

/** Accepts NULL members, and half-open ones. The connections are reset, so none lingers. */
void load_close(struct load *load);

/** Sends the first message on every connection. @param sends_max  how many in all */
bool load_start(struct load *load, uint64_t sends_max);

/** Answers come and messages go until a time, or until so many answers came in all. */
bool load_run(struct load *load, uint64_t deadline_ns, uint64_t completed_goal);

/** Sends no more and waits for the answers that are under way. @return false if they do not come */
bool load_drain(struct load *load, uint64_t deadline_ns);

#endif
