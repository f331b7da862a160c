#include "faults/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic.h"
#include "faults/child.h"

enum { KEPT_MAX = 64, OPS_MAX = 64 };

static struct {
    sn_engine_backend backend;
    const char *folder;
    unsigned number;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    sn_error first;
    const char *first_step, *step;
    sn_socket *kept[KEPT_MAX];
    struct op *ops[OPS_MAX];
    size_t kept_count, op_count;
    bool is_stopped;
} scene = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void enter(void)
{
    (void)pthread_mutex_lock(&scene.lock);
}

static void leave(void)
{
    (void)pthread_mutex_unlock(&scene.lock);
}

void scene_begin(sn_engine_backend backend, const char *folder, unsigned number)
{
    scene.backend = backend;
    scene.folder = folder;
    scene.number = number;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&scene.changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)setenv("SENNIT_ENGINE", backend == SN_ENGINE_BACKEND_EPOLL ? "epoll" : "io_uring", 1);
    (void)setenv("SENNIT_THREADS", "1", 1);
    (void)setenv("SENNIT_DNS_THREADS", "1", 1); /* else their number depends on who is quicker */
}

sn_engine_backend scene_backend(void)
{
    return scene.backend;
}

const char *scene_step(void)
{
    return scene.step ? scene.step : "nothing";
}

const char *scene_first_failure(void)
{
    return scene.first_step ? scene.first_step : "nothing";
}

sn_endpoint scene_address(void)
{
    unsigned number = scene.number;
    uint8_t bytes[] = {127, (uint8_t)(1 + number % 250), (uint8_t)(number / 250 % 250),
                       (uint8_t)(1 + number / 62500 % 250)};
    sn_ip_address address;
    sn_endpoint endpoint;
    if (sn_ip_address_from_bytes(bytes, sizeof bytes, &address) ||
        sn_endpoint_from_ip(&address, 0, &endpoint))
        abort();
    return endpoint;
}

const char *scene_path(const char *name)
{
    static char paths[4][100];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s.%u", scene.folder, name, scene.number);
    return path;
}

/* --- Steps ------------------------------------------------------------------------------------ */

bool step(const char *what, sn_error error)
{
    enter();
    scene.step = what;
    child_note_step(what);
    if (error && !scene.first) {
        scene.first = error;
        scene.first_step = what;
    }
    leave();
    return !error;
}

void must(bool holds, const char *what)
{
    if (!holds)
        child_fail("%s", what);
}

/* --- Sockets ---------------------------------------------------------------------------------- */

sn_socket *keep(sn_socket *socket)
{
    enter();
    must(scene.kept_count < KEPT_MAX, "too many sockets for the scene");
    scene.kept[scene.kept_count++] = socket;
    bool is_late = scene.is_stopped;
    leave();
    if (is_late)
        sn_socket_close(socket);
    return socket;
}

void stop(void)
{
    enter();
    bool was_stopped = scene.is_stopped;
    scene.is_stopped = true;
    size_t count = scene.kept_count; /* what comes later is closed by keep() */
    (void)pthread_cond_broadcast(&scene.changed);
    leave();
    for (size_t i = 0; !was_stopped && i < count; i++)
        sn_socket_close(scene.kept[i]);
}

bool is_stopped(void)
{
    enter();
    bool stopped = scene.is_stopped;
    leave();
    return stopped;
}

/* --- Operations ------------------------------------------------------------------------------- */

static void op_completed(sn_operation *operation)
{
    struct op *op = (struct op *)operation;
    /* Before the callback goes on, which may start it again. */
    must(atomic_add_relaxed(&op->completions, 1) == 0, "an operation completed twice");
    if (op->then)
        op->then(op);
    enter();
    (void)pthread_cond_broadcast(&scene.changed);
    leave();
}

sn_operation *op_ready(struct op *op, void (*then)(struct op *))
{
    bool is_listed = op->is_listed;
    *op = (struct op){.then = then, .is_listed = true};
    if (then)
        op->operation.completed = op_completed;
    enter();
    if (!is_listed) {
        must(scene.op_count < OPS_MAX, "too many operations for the scene");
        scene.ops[scene.op_count++] = op;
    }
    leave();
    return &op->operation;
}

static bool op_is_over(struct op *op)
{
    return op->then ? atomic_load_relaxed(&op->completions) > 0
                    : sn_operation_is_completed(&op->operation);
}

static bool all_are_over(void)
{
    enter();
    bool over = true;
    for (size_t i = 0; i < scene.op_count; i++)
        over = over && op_is_over(scene.ops[i]);
    leave();
    return over;
}

/* Looks again after a short while at the latest: operations without a callback tell nobody. */
static void pause_for_change(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 500000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    enter();
    (void)pthread_cond_timedwait(&scene.changed, &scene.lock, &until);
    leave();
}

/* An engine that cannot run any more says so; then its destroy completes what is left. */
static bool go_on(sn_engine *driven)
{
    if (!driven) {
        pause_for_change();
        return true;
    }
    return step("run", sn_engine_run(driven, 100, NULL));
}

void ops_finish(sn_engine *driven)
{
    child_note_step("the completion of all operations");
    while (!all_are_over() && go_on(driven))
        continue;
}

void note(unsigned *count)
{
    enter();
    (*count)++;
    (void)pthread_cond_broadcast(&scene.changed);
    leave();
}

static bool is_reached(const unsigned *count, unsigned wanted)
{
    enter();
    bool reached = scene.is_stopped || *count >= wanted;
    leave();
    return reached;
}

void wait_for(sn_engine *driven, const unsigned *count, unsigned wanted)
{
    while (!is_reached(count, wanted) && go_on(driven))
        continue;
}

/* --- The play --------------------------------------------------------------------------------- */

static void release_kept(void)
{
    stop();
    for (size_t i = 0; i < scene.kept_count; i++)
        sn_socket_release(scene.kept[i]);
}

sn_error scene_play(const struct scenario *scenario)
{
    scene.first = SN_OK;
    scene.first_step = NULL;
    scene.kept_count = scene.op_count = 0;
    scene.is_stopped = false;
    scenario->play();
    release_kept();
    must(all_are_over(), "an operation has not completed");
    return scene.first;
}

/* Its thread may have been told of a failure and not come to say so yet, and who began something on
 * it now would share that failure. Of three posts that go well in turn the last has run behind a
 * whole wait: two may run around the place where a turn of the worker ends. */
void scene_settle_default(void)
{
    child_note_step("the rest of the default engine");
    for (int count = 0; count < 3;) {
        sn_operation post = {0};
        sn_engine_post_async(NULL, &post);
        count = sn_operation_wait(&post) ? 0 : count + 1; /* the next one goes to another engine */
    }
}

/* --- What many do ----------------------------------------------------------------------------- */

static bool socket_open(sn_socket **out_socket, sn_engine *engine)
{
    sn_error error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_socket);
    if (!step("create a socket", error))
        return false;
    keep(*out_socket);
    return !engine || step("set the engine", sn_socket_set_engine(*out_socket, engine));
}

sn_socket *listener_open(sn_engine *engine, sn_endpoint *out_address)
{
    sn_socket *listener = NULL;
    sn_endpoint address = scene_address();
    bool is_fine =
        socket_open(&listener, engine) && step("bind", sn_socket_bind(listener, &address)) &&
        step("listen", sn_socket_listen(listener, 8)) &&
        step("ask for the local end point", sn_socket_get_local_endpoint(listener, out_address));
    return is_fine ? listener : NULL;
}

sn_socket *client_open(sn_engine *engine)
{
    sn_socket *client = NULL;
    return socket_open(&client, engine) ? client : NULL;
}

sn_engine *engine_open(int threads)
{
    sn_engine *engine = NULL;
    const sn_engine_options options = {.threads = threads, .backend = scene_backend()};
    return step("create an engine", sn_engine_create(&options, &engine)) ? engine : NULL;
}

void engine_end(sn_engine *engine, int threads)
{
    if (!engine)
        return;
    stop();
    ops_finish(threads == 0 ? engine : NULL);
    child_note_step("destroy the engine");
    sn_error error = sn_engine_destroy(engine);
    if (error)
        child_fail("an engine could not be destroyed: %s", sn_error_name(error));
}
