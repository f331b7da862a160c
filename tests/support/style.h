/*
 * The styles of calling: how one asynchronous call is started and waited for, on which engine.
 */
#ifndef TESTS_SUPPORT_STYLE_H
#define TESTS_SUPPORT_STYLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sennit.h>

/* X(ID, "its name in SENNIT_TEST_STYLE") */
#define CALL_STYLE_TABLE(X)                                                                        \
    X(BLOCKING, "blocking") /* the blocking function itself */                                     \
    X(CALLBACK, "callback") /* start on the default engine, and a callback tells the end */        \
    X(WAIT, "wait")         /* start on the default engine, then sn_operation_wait() */            \
    X(DRIVEN, "driven")     /* start on an engine that the main thread runs */                     \
    X(FIBER, "fiber")       /* the blocking function, on a fiber of an engine with a thread */     \
    X(FIBER_DRIVEN, "fiber-driven") /* the same on an engine that the main thread runs */

enum call_style {
#define X(id, name) STYLE_##id,
    CALL_STYLE_TABLE(X)
#undef X
        STYLE_COUNT
};

extern enum call_style test_style;

/* Reads SENNIT_TEST_STYLE; a style that is unknown ends the program. Also makes the engines of the
 * style, so that no test has their descriptors to account for. */
void style_choose(void);
bool style_is_blocking(void);
/* Whether the test, and what it has done elsewhere (threads.h), runs on fibers. */
bool style_is_fiber(void);
/* Where what is done elsewhere runs then: lives as long as the program. */
sn_engine *style_engine(void);
/* Runs the whole of the tests as the style has it. */
int style_run(int (*run)(void *context), void *context);
/* Why the tests cannot run here as they were asked to (SENNIT_ENGINE=io_uring where that does not
 * work), or NULL. */
const char *style_missing(void);
/* Lets the engines of the style do what they have been asked for. The close of a socket that was
 * used asynchronously is finished by its engine. */
void engines_settle(void);

/* Waits for an operation that the main thread itself has started on a socket of its own; in the
 * driven style by running the engine. */
sn_error style_wait(sn_operation *operation);

/* Ends a test, as skipped, that is about blocking calls alone. */
#define BLOCKING_ONLY(reason)                                                                      \
    do {                                                                                           \
        if (!style_is_blocking())                                                                  \
            SKIP("about blocking calls alone: %s", reason);                                        \
    } while (0)

/* The same of one that a thread of an engine cannot carry out, where fibers may be. */
#define NOT_ON_ENGINE_THREADS(reason)                                                              \
    do {                                                                                           \
        if (test_style == STYLE_FIBER)                                                             \
            SKIP("not on a thread of an engine: %s", reason);                                      \
    } while (0)

/* What a call gives in the blocking style, and what it gives in the others: where .NET itself makes
 * the difference. */
sn_error style_error(sn_error blocking, sn_error asynchronous);

/* What a call gives that a close has ended (contract A.10). Asynchronous operations are aborted,
 * whatever they did; in the driven style another thread's call may have been either. */
#define assert_ended_by_close(blocking, actual)                                                    \
    assert_error_at_close(blocking, actual, __FILE__, __LINE__)
void assert_error_at_close(sn_error blocking, sn_error actual, const char *file, int line);

/* The errno behind this thread's last call through verbs.h. */
int last_native(void);

/* --- One call: for verbs.c -------------------------------------------------------------------- */

struct call {
    sn_operation operation;
    sn_operation wake; /* brings a completion from another thread to the one that drives */
    enum call_style style;
    pthread_t starter;
    bool is_starting;
    bool is_done; /* callback style: under the lock; driven style: the main thread's */
};

typedef sn_error (*timeout_getter)(sn_socket *, sn_milliseconds *);

/* False: the blocking function is to be called. Else the operation is to be started. */
bool call_begin(struct call *call, sn_socket *socket, timeout_getter get_timeout);
/* Starts it. In the driven style inside a callback of the engine, where what goes the fast way (see
 * src/loop/fast.h) can; the other styles start it from outside. */
void call_start(struct call *call, void (*start)(void *arguments), void *arguments);
/* From now on, whether this thread is between the start of a call and its end. */
void style_watch_calls(atomic_bool *is_in_call);
/* Waits for the end; gives the operation's error. */
sn_error call_end(struct call *call, size_t *out_transferred);

#endif
