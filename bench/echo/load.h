/**
 * The load: connections to one server, each with so many requests under way (a closed loop).
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

/* What is asked of a server. */
struct load_plan {
    size_t connection_count;
    size_t message_size; /* bytes of a request */
    size_t answer_size;  /* bytes of its answer; 0: the request comes back */
    size_t in_flight; /* requests that leave together on a connection, and are answered together */
    bool is_datagram; /* UDP */
    bool is_short;    /* a connection is made for each of them, and ended behind it */
};

struct client;

struct load {
    struct load_plan plan;
    int port;
    int epoll;
    struct client *clients; /* owned */
    char *message;          /* owned: what leaves together; its first bytes are a number */
    size_t out_size, in_size;
    size_t count;                /* clients */
    size_t busy;                 /* clients that wait for answers */
    uint64_t sends_left;         /* requests still to be sent */
    uint64_t completed;          /* answers so far */
    struct histogram *latencies; /* borrowed; NULL: answers are not timed */
    const char *failure;         /* what went wrong; NULL: nothing */
};

/** Connects to 127.0.0.1:port. @return false, with the failure in words */
bool load_open(struct load *load, int port, const struct load_plan *plan);

/** Accepts NULL members, and half-open ones. The connections are reset, so none lingers. */
void load_close(struct load *load);

/** Sends the first requests on every connection. @param sends_max  how many in all */
bool load_start(struct load *load, uint64_t sends_max);

/** Answers come and requests go until a time, or until so many answers came in all. */
bool load_run(struct load *load, uint64_t deadline_ns, uint64_t completed_goal);

/**
 * Sends no more and waits for the answers that are under way.
 *
 * @param patience_ns  how long it waits for the next one; what is there by then is taken
 * @return             false if they do not come
 */
bool load_drain(struct load *load, uint64_t patience_ns);

#endif
