/*
 * Asynchronous operations whose callbacks are counted: for tests that are about the operations
 * themselves and not about what a verb does.
 */
#ifndef TESTS_SUPPORT_ASYNC_H
#define TESTS_SUPPORT_ASYNC_H

#include <pthread.h>
#include <stdbool.h>

#include <sennit.h>

#include "support/run.h"
#include "support/threads.h"
#include "support/transfer_support.h"

struct pending {
    sn_operation operation;         /* first: the callback finds the rest by it */
    void (*then)(struct pending *); /* called inside the callback, before it is counted */
    void *context;
    pthread_t starter;
    int completions; /* read it with pending_count() */
    int place;       /* the how manieth completion it was, from 1 */
    bool is_foreign; /* completed on another thread than the one that called pending_init() */
};

/* Ready to be started, on this thread. The next completion is the first one. */
void pending_init(struct pending *pending);
void pending_init_all(struct pending *pending, size_t count);
/* How often its callback has run. */
int pending_count(struct pending *pending);
/* Until its callback has run. */
void pending_wait(struct pending *pending);
void pending_wait_count(struct pending *pending, int count);
/* Waits, and compares the error; fails the test unless there was one completion, elsewhere. */
void assert_pending(sn_error expected, struct pending *pending);
/* Counts completions anew. */
void places_reset(void);

/* --- Engines --------------------------------------------------------------------------------- */

/* Of the back-end that this run of the tests is about. */
sn_engine *engine_make(int threads);
void engine_destroy(sn_engine *engine);
/* Runs an engine until its operation's callback has been counted. */
void run_until(sn_engine *engine, struct pending *pending);

/* --- Steps ----------------------------------------------------------------------------------- */

/* Sends in one call and without an engine. */
void send_plain(sn_socket *socket, const void *data, size_t size);
/* Receives exactly so many bytes with blocking calls. */
void receive_plain(sn_socket *socket, void *data, size_t size);
/* A connected pair that no engine knows of. */
struct socket_pair pair_plain(enum transport transport);
/* Bytes that tell their place. */
void fill_pattern(unsigned char *data, size_t size, size_t offset);
bool is_pattern(const unsigned char *data, size_t size, size_t offset);

#endif
