/*
 * An engine inside the loop of another library, here libuv: one thread sleeps in one place, and all
 * callbacks run there. Any loop that can watch a descriptor, has timers, and calls before it sleeps
 * can do the same.
 *
 *     cc embed_uv.c $(pkg-config --cflags --libs sennit libuv)
 */
#include <pthread.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

/* An engine in a loop. */
struct embedded {
    sn_engine *engine;    /* owned; driven by the loop's thread */
    uv_prepare_t prepare; /* before each sleep: runs the engine */
    uv_poll_t poll;       /* the engine has something to do */
    uv_timer_t timer;     /* one of its deadlines has come */
};

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void check_uv(int result)
{
    if (result >= 0)
        return;
    fprintf(stderr, "libuv: %s\n", uv_strerror(result));
    exit(EXIT_FAILURE);
}

/* --- The embedding ---------------------------------------------------------------------------- */

/* These two only end the loop's sleep; before the next one the engine runs anyway. */
static void readable(uv_poll_t *poll, int status, int events)
{
    (void)poll, (void)events;
    check_uv(status);
}

static void deadline_passed(uv_timer_t *timer)
{
    (void)timer;
}

static void before_sleep(uv_prepare_t *prepare)
{
    struct embedded *embedded = prepare->data;
    sn_milliseconds timeout_ms;
    check(sn_engine_run(embedded->engine, 0, NULL));
    check(sn_engine_get_timeout(embedded->engine, &timeout_ms));
    if (timeout_ms < 0)
        check_uv(uv_timer_stop(&embedded->timer));
    else
        check_uv(uv_timer_start(&embedded->timer, deadline_passed, (uint64_t)timeout_ms, 0));
}

static void embed(struct embedded *embedded, uv_loop_t *loop)
{
    sn_handle handle;
    check(sn_engine_create(NULL, &embedded->engine)); /* no options: no threads */
    check(sn_engine_get_handle(embedded->engine, &handle));
    check_uv(uv_prepare_init(loop, &embedded->prepare));
    check_uv(uv_poll_init(loop, &embedded->poll, handle));
    check_uv(uv_timer_init(loop, &embedded->timer));
    embedded->prepare.data = embedded;
    check_uv(uv_prepare_start(&embedded->prepare, before_sleep));
    check_uv(uv_poll_start(&embedded->poll, UV_READABLE, readable));
}

static void take_out(struct embedded *embedded, uv_loop_t *loop)
{
    uv_close((uv_handle_t *)&embedded->prepare, NULL);
    uv_close((uv_handle_t *)&embedded->poll, NULL);
    uv_close((uv_handle_t *)&embedded->timer, NULL);
    check_uv(uv_run(loop, UV_RUN_DEFAULT)); /* libuv lets go of them here */
    check(sn_engine_destroy(embedded->engine));
}

/* --- A program: after 20 ms the engine asks; another thread's answer ends the loop's sleep ---- */

static sn_socket *pair[2];
static char data[64];

static void *answer(void *unused)
{
    char question[64];
    size_t received;
    check(sn_socket_receive(pair[1], question, sizeof question, SN_FLAG_NONE, &received));
    check(sn_socket_send(pair[1], "from one loop", 13, SN_FLAG_NONE, NULL));
    return unused;
}

static void ticked(sn_operation *operation)
{
    check(operation->error);
    check(sn_socket_send(pair[0], "where from?", 11, SN_FLAG_NONE, NULL));
}

static void received(sn_operation *operation)
{
    check(operation->error);
    printf("%.*s\n", (int)operation->transferred, data);
    uv_stop(operation->context);
}

int main(void)
{
    struct embedded embedded;
    uv_loop_t *loop = uv_default_loop();
    pthread_t thread;
    embed(&embedded, loop);
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    check(sn_socket_set_engine(pair[0], embedded.engine));
    if (pthread_create(&thread, NULL, answer, NULL) != 0)
        return EXIT_FAILURE;
    sn_operation receive = {.completed = received, .context = loop};
    sn_socket_receive_async(pair[0], data, sizeof data, SN_FLAG_NONE, &receive);
    sn_operation tick = {.completed = ticked};
    sn_engine_delay_async(embedded.engine, 20, &tick);
    (void)uv_run(loop, UV_RUN_DEFAULT); /* returns after uv_stop() */
    (void)pthread_join(thread, NULL);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    take_out(&embedded, loop);
    return receive.transferred == 13 ? EXIT_SUCCESS : EXIT_FAILURE;
}
