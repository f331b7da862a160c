/*
 * What a scenario is made of: steps, of which the first that fails is judged; operations, of which
 * each that was started must complete once; sockets that all end together.
 *
 *     static void play(void)
 *     {
 *         sn_socket *socket = NULL;
 *         if (step("create", sn_socket_create(..., &socket)) && step("bind", ...))
 *             ...
 *         sn_socket_release(socket);
 *     }
 *
 * A scenario goes on until a step fails, leaves nothing behind either way, and can be played again.
 */
#ifndef TESTS_FAULTS_SCENARIO_H
#define TESTS_FAULTS_SCENARIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sennit.h>

enum scenario_kind {
    SCENARIO_ENGINE = 1,  /* played on each back-end */
    SCENARIO_LEVEL = 2,   /* readiness is asked for before each attempt */
    SCENARIO_DEFAULT = 4, /* uses the default engine, which stays */
};

struct scenario {
    const char *name;
    void (*play)(void);
    unsigned kind;
};

/* A list that ends with an empty row. */
extern const struct scenario scenarios[];

/* --- Where it is played ----------------------------------------------------------------------- */

/* Before the first play. `number` makes its addresses differ from those of other processes. */
void scene_begin(sn_engine_backend backend, const char *folder, unsigned number);
/* Plays it once: SN_OK, or the error of the first step that failed. */
sn_error scene_play(const struct scenario *scenario);
/* Until the default engine has noticed all that was done to its waits. Without a fault any more. */
void scene_settle_default(void);
/* What is under way; of the first failure, which it was. Static text. */
const char *scene_step(void);
const char *scene_first_failure(void);

sn_engine_backend scene_backend(void);
/* An address of this process alone, with port 0. Others could otherwise have all the ports. */
sn_endpoint scene_address(void);
/* "folder/name" of this process. Static: each call makes another text. */
const char *scene_path(const char *name);

/* --- Steps ------------------------------------------------------------------------------------ */

/* Whether it went well. On any thread. */
bool step(const char *what, sn_error error);
/* What never may be otherwise, whatever has failed; the run ends here. */
void must(bool holds, const char *what);

/* --- Sockets and operations ------------------------------------------------------------------- */

/* Gives the socket to the scene, which closes it at a stop and releases it at the end. */
sn_socket *keep(sn_socket *socket);
/* Closes everything that was kept, and what is kept later. On any thread, callbacks too. */
void stop(void);
bool is_stopped(void);

struct op {
    sn_operation operation; /* first: the callback finds the rest by it */
    void (*then)(struct op *);
    int completions; /* atomic */
    bool is_listed;
};

/* Ready to be started, and it will be: its completion is waited for. With `then` NULL it has no
 * callback, and is waited for by the scenario itself. */
sn_operation *op_ready(struct op *op, void (*then)(struct op *));
/* Until all of them have completed. With an engine that nobody runs, runs it. */
void ops_finish(sn_engine *driven);
/* Until `*count` is what was asked for, or the scene is stopped; told by note(). */
void wait_for(sn_engine *driven, const unsigned *count, unsigned wanted);
void note(unsigned *count);

/* --- What many do ----------------------------------------------------------------------------- */

/* A listener of this process's address, kept; NULL if a step failed. */
sn_socket *listener_open(sn_engine *engine, sn_endpoint *out_address);
/* An IPv4 socket of TCP, kept. */
sn_socket *client_open(sn_engine *engine);
/* NULL if that failed. `threads` 0: driven. */
sn_engine *engine_open(int threads);
/* After a stop: waits for everything, destroys it; what has not completed then never will. */
void engine_end(sn_engine *engine, int threads);

#endif
