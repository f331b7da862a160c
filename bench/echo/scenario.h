/**
 * What is measured: the scenarios, a row each.
 */
#ifndef BENCH_ECHO_SCENARIO_H
#define BENCH_ECHO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "load.h"

/* How it is measured. */
enum scenario_way {
    WAY_ROUNDS, /* the load goes round the servers, in short windows */
    WAY_IDLE,   /* memory for each connection on which nothing happens */
    WAY_START   /* from nothing to the first answer */
};

/* Which contenders beside the main ones are made for it: one of these for a scenario, and one or
 * several for a contender. */
enum scenario_extras {
    EXTRAS_NONE = 0,
    EXTRAS_ECHO = 1,
    EXTRAS_PIPELINE = 2,
    EXTRAS_DATAGRAM = 4,
    EXTRAS_BLOCKING = 8
};

enum { SCENARIO_NAME_SIZE = 24 };

struct scenario {
    char name[SCENARIO_NAME_SIZE];
    const char *about;
    enum scenario_way way;
    const char *service; /* as the contenders call it */
    struct load_plan load;
    size_t buffer_size; /* of a server, for each connection */
    const char *file;   /* that is sent; NULL: none, or not made yet */
    enum scenario_extras extras;
    size_t round_max;   /* 0: no limit */
    size_t quick_count; /* connections in a quick run; 0: as in a full one */
    bool is_quick;      /* part of a quick run */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/** The scenario of that name, `size` characters long, or NULL. */
const struct scenario *scenario_find(const char *name, size_t size);

/** Echo of 64 bytes on so many connections. */
struct scenario scenario_echo(size_t connection_count);

/** What one request is called. */
const char *scenario_unit(const struct scenario *scenario);

#endif
