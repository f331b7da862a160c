/* Making and destroying engines. Driving them is in engine_run.c. */
#include "engine/engine_object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "loop/loop.h"
#include "sys/sys.h"

#define QUEUE_SIZE 256

bool engine_is_foreign(const sn_engine *engine)
{
    return engine->fork_count != sys_fork_count();
}

static void retain(sn_engine *engine)
{
    atomic_add_relaxed(&engine->references, 1u);
}

static void release(sn_engine *engine)
{
    if (atomic_sub_acq_rel(&engine->references, 1u) > 1)
        return;
    memory_free(engine->workers);
    memory_free(engine);
}

struct worker *engine_next_worker(sn_engine *engine)
{
    if (engine_is_foreign(engine))
        return NULL;
    if (engine->worker_count == 1)
        return engine->workers; /* most have one, and starting threads need no turns then */
    struct worker *worker = NULL;
    for (uint32_t tries = 0; tries < engine->worker_count; tries++) {
        uint32_t turn = atomic_add_relaxed(&engine->next_worker, 1u);
        worker = &engine->workers[turn % engine->worker_count];
        if (likely(!worker_failure(worker)))
            break;
    }
    return worker;
}

/* The first failure is the one that is told. */
static void note_failure(sn_engine *engine, int32_t native)
{
    if (atomic_add_acq_rel(&engine->failed, 1u) > 0)
        return;
    (void)snprintf(engine->failure, sizeof engine->failure,
                   "%s, but the engine has ended: the kernel failed its wait for good (errno %d)",
                   engine->class->name, (int)-native);
    atomic_store_release(&engine->reason, (const char *)engine->failure);
}

/* What is told already, of another worker say, stands. */
static void note_denial(sn_engine *engine)
{
    const char *told = "io_uring, but a filter denies some of its operations, which are made by "
                       "plain system calls";
    if (atomic_load_acquire(&engine->failed) == 0)
        atomic_store_release(&engine->reason, told);
}

static const struct worker_owner owner = {
    .retain = retain, .release = release, .on_failure = note_failure, .on_denial = note_denial};

bool engine_has_ended(const sn_engine *engine)
{
    return atomic_load_acquire(&engine->failed) == engine->worker_count;
}

/* --- Threads --------------------------------------------------------------------------------- */

/* What a new thread tells whoever waits for it: 1, or -errno. */
struct beginning {
    struct worker *worker;
    uint32_t queue_size;
    struct backend_choice *choice; /* of the engine's first worker; else NULL */
    uint32_t outcome;              /* atomic, futex: 0 until it is known; then 1 + errno */
};

/* Before anybody else sees the engine. */
void engine_note_mistake(sn_engine *engine, const char *name, const char *value, const char *what)
{
    if (!value)
        return;
    size_t used = strlen(engine->choice);
    const char *before = used > 0 ? "" : engine->reason;
    (void)snprintf(engine->choice + used, sizeof engine->choice - used, "%s; %s=%.40s is %s",
                   before, name, value, what);
    engine->reason = engine->choice;
}

/* Before the worker runs, which may fail for good and say so. */
static int32_t open_first(struct worker *worker, uint32_t queue_size, struct backend_choice *choice)
{
    sn_engine *engine = worker->engine;
    int32_t result = worker_open_first(worker, queue_size, choice);
    engine->maker = sys_thread_number();
    engine->class = choice->class;
    engine->reason = choice->reason;
    if (result >= 0)
        engine_note_mistake(engine, "SENNIT_ENGINE", backend_mistake(choice->wanted),
                            "no back-end's name");
    return result;
}

static int32_t open_worker(struct worker *worker, uint32_t queue_size,
                           struct backend_choice *choice)
{
    return choice ? open_first(worker, queue_size, choice) : worker_open(worker, queue_size);
}

static void *run_worker(void *argument)
{
    struct beginning *beginning = argument;
    struct worker *worker = beginning->worker;
    /* The ring belongs to the thread that makes it, so it is made here. */
    int32_t result = open_worker(worker, beginning->queue_size, beginning->choice);
    atomic_store_release(&beginning->outcome, (uint32_t)(1 - result));
    sys_futex_wake_all(&beginning->outcome);
    if (result < 0)
        return NULL;
    worker_set_current(worker);
    while (!atomic_load_acquire(&worker->stopping)) {
        worker_turn(worker, SYS_NEVER);
        if (engine_is_foreign(worker->engine))
            return NULL; /* a callback has forked, and this is the child's only thread */
    }
    worker_stop(worker);
    return NULL;
}

static int32_t start_thread(struct worker *worker, uint32_t queue_size,
                            struct backend_choice *choice)
{
    struct beginning beginning = {.worker = worker, .queue_size = queue_size, .choice = choice};
    worker->has_thread = true;
    int32_t result = sys_thread_start(&worker->thread, run_worker, &beginning);
    if (result < 0) {
        worker->has_thread = false;
        return result;
    }
    uint32_t outcome;
    while ((outcome = atomic_load_acquire(&beginning.outcome)) == 0)
        (void)sys_futex_wait(&beginning.outcome, 0, SYS_NEVER);
    if (outcome == 1)
        return 0;
    (void)pthread_join(worker->thread, NULL);
    worker->has_thread = false;
    return 1 - (int32_t)outcome;
}

static void stop_thread(struct worker *worker)
{
    atomic_store_release(&worker->stopping, 1u);
    worker_wake(worker);
    (void)pthread_join(worker->thread, NULL);
    worker->has_thread = false;
}

/* --- Making and destroying ------------------------------------------------------------------- */

/* All or none: what the last operation of one has completed may have started one of another. */
static bool shut_workers(sn_engine *engine)
{
    for (uint32_t i = 0; i < engine->worker_count; i++) {
        if (worker_shut(&engine->workers[i]))
            continue;
        while (i-- > 0)
            worker_open_again(&engine->workers[i]);
        return false;
    }
    return true;
}

/* A callback of one worker may start operations of another one that has stopped already, and they
 * may go on so. And other threads may come to one that was idle. */
static void stop_workers(sn_engine *engine)
{
    for (uint32_t i = 0; i < engine->worker_count; i++)
        if (engine->workers[i].has_thread)
            stop_thread(&engine->workers[i]);
    bool had_rest;
    do {
        had_rest = false;
        for (uint32_t i = 0; i < engine->worker_count; i++)
            had_rest |= worker_stop_rest(&engine->workers[i]);
    } while (had_rest || !shut_workers(engine));
}

static void destroy(sn_engine *engine)
{
    stop_workers(engine);
    for (uint32_t i = 0; i < engine->worker_count; i++)
        worker_unbind_all(&engine->workers[i]);
    for (uint32_t i = 0; i < engine->worker_count; i++)
        worker_give_up_requests(&engine->workers[i]);
    for (uint32_t i = 0; i < engine->worker_count; i++)
        worker_deinit(&engine->workers[i]);
    release(engine);
}

/* The ring of an engine that is driven belongs to the thread that makes the engine, unless another
 * one turns out to drive it, see prepare() in engine_run.c. */
static int32_t make_worker(sn_engine *engine, struct worker *worker, int spin_us,
                           struct backend_choice *choice)
{
    const struct backend_class *class = engine->class ? engine->class : choice->class;
    int32_t result = worker_init(worker, engine, &owner, class, spin_us);
    struct backend_choice *own = worker == engine->workers ? choice : NULL;
    if (result < 0)
        return result;
    return engine->threads > 0 ? start_thread(worker, engine->queue_size, own)
                               : open_worker(worker, engine->queue_size, own);
}

static int32_t make_workers(sn_engine *engine, const sn_engine_options *options,
                            struct backend_choice *choice)
{
    uint32_t count = options->threads > 0 ? (uint32_t)options->threads : 1;
    engine->workers = memory_array(count, sizeof *engine->workers);
    if (!engine->workers)
        return -ENOMEM;
    while (engine->worker_count < count) {
        struct worker *worker = &engine->workers[engine->worker_count++];
        int32_t result = make_worker(engine, worker, options->spin_us, choice);
        if (result < 0)
            return result;
    }
    return 0;
}

/* EAGAIN: no thread can be started, which is the limit of a container or of memory, and no reason
 * to poll something. */
static sn_error native_error(int32_t native)
{
    error_set_last_native(-native);
    return native == -ENOMEM || native == -EAGAIN ? SN_ERROR_OUT_OF_MEMORY
                                                  : sn_error_from_native(-native);
}

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

/* A ring that does not work. What is short for the moment must not be told as "never". */
static sn_error unusable_error(int32_t native)
{
    if (native == -ENOMEM || native == -EMFILE || native == -ENFILE)
        return native_error(native);
    error_set_last_native(-native);
    return SN_ERROR_PLATFORM_NOT_SUPPORTED;
}

sn_error sn_engine_create(const sn_engine_options *options, sn_engine **out_engine)
{
    if (!out_engine)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_engine_options known;
    sn_error error = engine_options_read(options, &known);
    if (error)
        return misuse(error);
    options = &known;
    sn_engine *engine = memory_zeroed(sizeof *engine);
    if (!engine)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    engine->references = 1;
    engine->threads = options->threads;
    engine->queue_size = options->queue_size ? (uint32_t)options->queue_size : QUEUE_SIZE;
    engine->fork_count = sys_fork_count();
    struct backend_choice choice = backend_choose(options->backend);
    int32_t native = make_workers(engine, options, &choice);
    if (native < 0) {
        destroy(engine);
        return choice.class ? native_error(native) : unusable_error(native);
    }
    *out_engine = engine;
    return SN_OK;
}

/* --- Its end --------------------------------------------------------------------------------- */

/* Also in the callback of an engine that is driven in a callback of this one. */
static bool is_own_thread(const sn_engine *engine)
{
    struct worker *worker = worker_current();
    while (worker && worker->engine != engine)
        worker = worker->outer;
    return worker != NULL;
}

/* A ring may only be entered by the thread that drove it. Elsewhere, and where there is none yet,
 * it is done without: destroying an engine needs nothing that can be short. */
static void stop_driven(sn_engine *engine)
{
    struct worker *worker = engine->workers, *outer = worker_current();
    if (!worker->backend || atomic_load_acquire(&engine->driver) != sys_thread_number())
        worker_abandon(worker);
    worker->outer = outer;
    worker_set_current(worker);
    worker_stop(worker);
    worker_set_current(outer);
}

/* Its fibers have to come to their ends on the thread where they have begun: what they have looked
 * up of it, such as where its errno is, stands on their stacks. */
static bool has_fibers_of_another_thread(const sn_engine *engine)
{
    uint64_t driver = atomic_load_acquire(&engine->driver);
    return driver != 0 && driver != sys_thread_number() && !list_is_empty(&engine->workers->tasks);
}

sn_error sn_engine_destroy(sn_engine *engine)
{
    if (!engine)
        return SN_OK;
    if (engine->is_default || is_own_thread(engine) || engine_is_foreign(engine))
        return misuse(SN_ERROR_INVALID_OPERATION);
    if (engine->threads == 0 && atomic_load_acquire(&engine->workers->is_running))
        return misuse(SN_ERROR_INVALID_OPERATION); /* by another thread */
    if (engine->threads == 0 && has_fibers_of_another_thread(engine))
        return misuse(SN_ERROR_INVALID_OPERATION);
    struct flow *flow = flow_suspend();
    if (engine->threads == 0)
        stop_driven(engine);
    destroy(engine);
    flow_resume(flow);
    return SN_OK;
}

/* --- What it is ------------------------------------------------------------------------------ */

sn_engine_backend sn_engine_get_backend(const sn_engine *engine)
{
    return engine ? engine->class->id : SN_ENGINE_BACKEND_AUTOMATIC;
}

const char *sn_engine_get_backend_reason(const sn_engine *engine)
{
    return engine ? atomic_load_acquire(&engine->reason) : "there is no engine";
}

const char *sn_engine_backend_name(sn_engine_backend backend)
{
    switch (backend) {
    case SN_ENGINE_BACKEND_AUTOMATIC: return "automatic";
    case SN_ENGINE_BACKEND_IO_URING: return "io_uring";
    case SN_ENGINE_BACKEND_EPOLL: return "epoll";
    }
    return "?";
}

void sn_engine_get_metrics(const sn_engine *engine, sn_metrics *out_metrics, size_t size)
{
    if (!out_metrics)
        return;
    sn_metrics metrics = {0};
    for (uint32_t i = 0; engine && i < engine->worker_count; i++)
        metrics_add_up(&engine->workers[i].metrics, &metrics);
    metrics_hand_out(&metrics, out_metrics, size);
}

int sn_engine_get_thread_count(const sn_engine *engine)
{
    return engine ? engine->threads : 0;
}
