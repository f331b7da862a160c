/*
 * In the driven style the main thread runs the engine, and only it: a call from another thread on a
 * socket that belongs to that engine would wait for somebody who is waiting for it. So other
 * threads call as in the style "wait", on the default engine; and where the socket belongs to the
 * driven engine already, they make the blocking call, which needs no engine. So does a forked
 * child, where the parent's engines are of no use.
 */
#include "support/style.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/forbid.h"
#include "support/test.h"

enum call_style test_style = STYLE_BLOCKING;

static pthread_t main_thread;
static pid_t process;
static _Thread_local int native_of_last_call = -1; /* -1: it was the blocking function's */
/* These live as long as the program: the main thread's, or what stands for it; and others' fibers.
 */
static sn_engine *driven_engine, *fiber_engine, *others_engine;
static const char *missing;

static const char *const style_names[] = {
#define X(id, name) name,
    CALL_STYLE_TABLE(X)
#undef X
};

static void give_up(const char *what, sn_error error)
{
    fprintf(stderr, "%s: %s (errno %d)\n", what, sn_error_name(error), sn_error_last_native());
    exit(2);
}

bool style_is_fiber(void)
{
    return test_style == STYLE_FIBER || test_style == STYLE_FIBER_DRIVEN;
}

bool style_is_blocking(void)
{
    return test_style == STYLE_BLOCKING || style_is_fiber();
}

sn_engine *style_engine(void)
{
    return others_engine;
}

sn_error style_error(sn_error blocking, sn_error asynchronous)
{
    return style_is_blocking() ? blocking : asynchronous;
}

void assert_error_at_close(sn_error blocking, sn_error actual, const char *file, int line)
{
    bool is_other = test_style == STYLE_DRIVEN && actual == blocking;
    sn_error expected = is_other ? blocking : style_error(blocking, SN_ERROR_OPERATION_ABORTED);
    _assert_string_equal(sn_error_name(expected), sn_error_name(actual), file, line);
}

int last_native(void)
{
    return native_of_last_call < 0 ? sn_error_last_native() : native_of_last_call;
}

const char *style_missing(void)
{
    return missing;
}

/* --- The engines ------------------------------------------------------------------------------ */

static void check_fallback(sn_engine *engine)
{
    const char *reason = sn_engine_get_backend_reason(engine);
    if (sn_engine_get_backend(engine) == SN_ENGINE_BACKEND_EPOLL && strstr(reason, "forbidden"))
        return;
    fprintf(stderr, "io_uring is forbidden, but the library chose %s: %s\n",
            sn_engine_backend_name(sn_engine_get_backend(engine)), reason);
    exit(2);
}

/* Falling back to epoll unnoticed would be a run that tests nothing new. */
static void check_backend(sn_engine *engine)
{
    if (io_uring_is_forbidden() && !missing)
        check_fallback(engine);
    const char *wanted = getenv("SENNIT_ENGINE");
    if (wanted && strcmp(wanted, sn_engine_backend_name(sn_engine_get_backend(engine))) != 0)
        missing = sn_engine_get_backend_reason(engine);
}

/* So many, since what a test does elsewhere may block its thread, too. */
#define OTHERS 4

static void make_fiber_engines(void)
{
    const sn_engine_options one = {.threads = test_style == STYLE_FIBER},
                            others = {.threads = OTHERS};
    sn_error error = sn_engine_create(&one, &fiber_engine);
    if (!error)
        error = sn_engine_create(&others, &others_engine);
    if (error)
        give_up("the engines of fibers", error);
}

static void make_engines(void)
{
    sn_engine *engine = NULL;
    sn_error error = sn_engine_default(&engine);
    if (error)
        give_up("the default engine", error);
    check_backend(engine);
    if (style_is_fiber())
        make_fiber_engines();
    if (test_style != STYLE_DRIVEN)
        return;
    error = sn_engine_create(NULL, &driven_engine);
    if (!error)
        error = sn_engine_run(driven_engine, 0, NULL); /* its back-end is made by the first run */
    if (error)
        give_up("the driven engine", error);
}

void style_choose(void)
{
    const char *wanted = getenv("SENNIT_TEST_STYLE");
    main_thread = pthread_self();
    process = getpid();
    int style = 0;
    while (wanted && style < STYLE_COUNT && strcmp(wanted, style_names[style]) != 0)
        style++;
    if (style == STYLE_COUNT) {
        fprintf(stderr, "SENNIT_TEST_STYLE=%s: there is no such style of calling\n", wanted);
        exit(2);
    }
    test_style = (enum call_style)style;
    if (io_uring_is_forbidden() && !io_uring_forbid())
        missing = "the kernel has no seccomp filters";
    if (test_style != STYLE_BLOCKING)
        make_engines();
}

static void run_driven(int timeout_ms)
{
    sn_error error = sn_engine_run(driven_engine, timeout_ms, NULL);
    if (error)
        give_up("running the driven engine", error);
}

/* Its threads take what comes in turn, so each of them gets one. */
static void settle(sn_engine *engine, sn_error error)
{
    for (int i = sn_engine_get_thread_count(engine); i > 0 && !error; i--) {
        sn_operation post = {0};
        sn_engine_post_async(engine, &post);
        error = sn_operation_wait(&post);
    }
    if (error)
        give_up("posting to the default engine", error);
}

static void settle_default(void)
{
    sn_engine *engine = NULL;
    sn_error error = sn_engine_default(&engine);
    settle(engine, error);
}

void engines_settle(void)
{
    if (test_style == STYLE_BLOCKING || getpid() != process)
        return;
    if (style_is_fiber()) {
        (void)sn_fiber_yield();
        settle(others_engine, SN_OK);
    }
    if (driven_engine && pthread_equal(pthread_self(), main_thread))
        run_driven(0);
    settle_default();
}

sn_error style_wait(sn_operation *operation)
{
    while (driven_engine && !sn_operation_is_completed(operation))
        run_driven(-1);
    return sn_operation_wait(operation);
}

/* --- The whole of the tests ------------------------------------------------------------------- */

struct whole {
    int (*run)(void *context);
    void *context;
    int result;
};

static sn_error run_whole(void *context)
{
    struct whole *whole = context;
    whole->result = whole->run(whole->context);
    return SN_OK;
}

/* Tests print, which takes more stack than what a server does. */
#define WHOLE_STACK ((size_t)1 << 20)

int style_run(int (*run)(void *context), void *context)
{
    struct whole whole = {.run = run, .context = context};
    if (!style_is_fiber() || missing)
        return run(context);
    const sn_fiber_options options = {.stack_size = WHOLE_STACK, .name = "tests"};
    sn_fiber *fiber;
    sn_error error = sn_fiber_start(fiber_engine, run_whole, &whole, &options, &fiber);
    if (!error && test_style == STYLE_FIBER)
        error = sn_fiber_join(fiber, SN_FOREVER, NULL);
    while (!error && !sn_fiber_is_over(fiber))
        error = sn_engine_run(fiber_engine, SN_FOREVER, NULL);
    if (error)
        give_up("a fiber for the tests", error);
    sn_fiber_release(fiber);
    return whole.result;
}

/* --- One call --------------------------------------------------------------------------------- */

/* Not in the call itself: it is gone as soon as its thread has seen `is_done`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void wrong_thread(void)
{
    fprintf(stderr, "a callback ran on the thread, or inside the call, that started it\n");
    abort();
}

static void completed(sn_operation *operation)
{
    struct call *call = operation->context;
    if (pthread_equal(pthread_self(), call->starter))
        wrong_thread(); /* trap 101 */
    pthread_mutex_lock(&lock);
    call->is_done = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void woken(sn_operation *wake)
{
    struct call *call = wake->context;
    call->is_done = true;
}

/* What no engine could be told of (misuse) ends on a thread of the default one. */
static void completed_driven(sn_operation *operation)
{
    struct call *call = operation->context;
    if (!pthread_equal(pthread_self(), main_thread))
        sn_engine_post_async(driven_engine, &call->wake);
    else if (call->is_starting)
        wrong_thread();
    else
        call->is_done = true;
}

/* How this thread may call with this socket; see above. */
static enum call_style style_for(sn_socket *socket)
{
    if (getpid() != process || style_is_fiber())
        return STYLE_BLOCKING;
    if (test_style != STYLE_DRIVEN)
        return test_style;
    bool is_main = pthread_equal(pthread_self(), main_thread);
    sn_error error = sn_socket_set_engine(socket, is_main ? driven_engine : NULL);
    if (is_main)
        return error ? STYLE_WAIT : STYLE_DRIVEN;
    return error ? STYLE_BLOCKING : STYLE_WAIT;
}

bool call_begin(struct call *call, sn_socket *socket, timeout_getter get_timeout)
{
    *call = (struct call){.style = style_for(socket), .starter = pthread_self()};
    bool is_one_attempt = socket && !sn_socket_is_blocking(socket);
    native_of_last_call = -1;
    if (call->style == STYLE_BLOCKING || is_one_attempt)
        return false;
    sn_milliseconds timeout_ms = 0;
    if (get_timeout && !get_timeout(socket, &timeout_ms))
        call->operation.timeout_ms = timeout_ms;
    call->operation.context = call->wake.context = call;
    call->wake.completed = woken;
    if (call->style == STYLE_CALLBACK)
        call->operation.completed = completed;
    if (call->style == STYLE_DRIVEN)
        call->operation.completed = completed_driven;
    call->is_starting = true;
    return true;
}

struct posted_start {
    void (*start)(void *arguments);
    void *arguments;
    struct call *call;
};

static void start_posted(sn_operation *post)
{
    struct posted_start *posted = post->context;
    posted->start(posted->arguments);
    posted->call->is_starting = false;
}

void call_start(struct call *call, void (*start)(void *arguments), void *arguments)
{
    if (call->style != STYLE_DRIVEN) {
        start(arguments);
        return;
    }
    struct posted_start posted = {.start = start, .arguments = arguments, .call = call};
    sn_operation post = {.completed = start_posted, .context = &posted};
    sn_engine_post_async(driven_engine, &post);
    while (call->is_starting)
        run_driven(-1);
}

static _Thread_local atomic_bool *watched;

void style_watch_calls(atomic_bool *is_in_call)
{
    watched = is_in_call;
}

static void note_in_call(bool is_in_call)
{
    if (watched)
        atomic_store(watched, is_in_call);
}

sn_error call_end(struct call *call, size_t *out_transferred)
{
    call->is_starting = false;
    note_in_call(true);
    sn_error error;
    switch (call->style) {
    case STYLE_CALLBACK:
        pthread_mutex_lock(&lock);
        while (!call->is_done)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        break;
    case STYLE_DRIVEN:
        while (!call->is_done)
            run_driven(-1);
        break;
    case STYLE_WAIT:
        error = sn_operation_wait(&call->operation);
        if (error != call->operation.error)
            give_up("sn_operation_wait() gave another error than the operation's", error);
        break;
    case STYLE_BLOCKING:
    case STYLE_FIBER:
    case STYLE_FIBER_DRIVEN:
    case STYLE_COUNT: break;
    }
    note_in_call(false);
    native_of_last_call = call->operation.native_error;
    if (call->operation.error == SN_OK && out_transferred)
        *out_transferred = call->operation.transferred;
    return call->operation.error;
}
