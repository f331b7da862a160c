/*
 * Loops of other libraries that an engine is embedded in. Each really sleeps: nothing else is in
 * the loop that would wake it, and it sleeps for ever if the engine says that it may.
 */
#ifndef TESTS_CONFORMANCE_LOOPS_LOOPS_H
#define TESTS_CONFORMANCE_LOOPS_LOOPS_H

#include <stdatomic.h>
#include <stdbool.h>

#include <sennit.h>

struct host {
    sn_engine *engine; /* driven by the loop's thread */
    sn_handle handle;
    atomic_int wanted; /* completions that are still to come: the loop ends after the last */
    atomic_int sleeps; /* how often it was about to sleep */
    sn_error error;    /* of the engine's calls */
};

/* What every loop does before it sleeps: runs the engine; how long it may sleep, in ms, -1: for
 * ever. False: it is to end. */
bool host_before_sleep(struct host *host, sn_milliseconds *out_timeout_ms);

struct loop {
    const char *name;
    void (*run)(struct host *host); /* NULL: not here, the library is not installed */
};

extern const struct loop loop_poll, loop_select, loop_epoll, loop_epoll_edges, loop_uv, loop_glib;

/* Before the first test: libuv opens descriptors that stay. */
void loop_uv_begin(void);

#endif
