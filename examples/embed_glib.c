/*
 * An engine inside GLib's main loop, as in a program with GTK: one thread sleeps in one place, and
 * all callbacks run there, so they may touch what belongs to that thread.
 *
 *     cc embed_glib.c $(pkg-config --cflags --libs sennit glib-2.0) -pthread
 */
#include <glib.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- The embedding ---------------------------------------------------------------------------- */

struct engine_source {
    GSource base;      /* first */
    sn_engine *engine; /* owned; driven by the thread that runs the loop */
    gpointer tag;
};

/* Before each sleep: what is ready runs, and the loop is told how long it may sleep. */
static gboolean before_sleep(GSource *base, gint *timeout_ms)
{
    struct engine_source *source = (struct engine_source *)base;
    sn_milliseconds rest_ms;
    check(sn_engine_run(source->engine, 0, NULL));
    check(sn_engine_get_timeout(source->engine, &rest_ms));
    *timeout_ms = (gint)rest_ms; /* at most INT_MAX; SN_FOREVER is GLib's -1 */
    return rest_ms == 0;
}

static gboolean after_sleep(GSource *base)
{
    struct engine_source *source = (struct engine_source *)base;
    return g_source_query_unix_fd(base, source->tag) != 0;
}

/* The loop comes around, and the engine runs before its next sleep. */
static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer context)
{
    (void)base, (void)callback, (void)context;
    return G_SOURCE_CONTINUE;
}

static void finalize(GSource *base)
{
    check(sn_engine_destroy(((struct engine_source *)base)->engine));
}

static GSource *engine_source_new(GMainContext *context)
{
    static GSourceFuncs functions = {
        .prepare = before_sleep, .check = after_sleep, .dispatch = dispatch, .finalize = finalize};
    struct engine_source *source = (struct engine_source *)g_source_new(&functions, sizeof *source);
    sn_handle handle;
    check(sn_engine_create(NULL, &source->engine)); /* no options: no threads */
    check(sn_engine_get_handle(source->engine, &handle));
    source->tag = g_source_add_unix_fd(&source->base, handle, G_IO_IN);
    g_source_attach(&source->base, context);
    return &source->base;
}

static sn_engine *engine_source_get(GSource *source)
{
    return ((struct engine_source *)source)->engine;
}

/* --- A program: GLib's timer asks, another thread answers, and our timer ticks meanwhile ------ */

static sn_socket *pair[2];
static char data[64];
static unsigned ticks;

static gpointer answer(gpointer unused)
{
    char question[64];
    size_t received;
    check(sn_socket_receive(pair[1], question, sizeof question, SN_FLAG_NONE, &received));
    check(sn_socket_send(pair[1], "from one loop", 13, SN_FLAG_NONE, NULL));
    return unused;
}

static gboolean ask(gpointer unused)
{
    (void)unused;
    check(sn_socket_send(pair[0], "where from?", 11, SN_FLAG_NONE, NULL));
    return G_SOURCE_REMOVE;
}

static void received(sn_operation *operation)
{
    check(operation->error);
    printf("%.*s\n", (int)operation->transferred, data);
    g_main_loop_quit(operation->context);
}

static void tick(sn_operation *operation, uint64_t periods)
{
    (void)operation;
    ticks += (unsigned)periods;
}

int main(void)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GSource *source = engine_source_new(NULL); /* of the default context */
    sn_operation receive = {.completed = received, .context = loop}, clock = {0};
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    check(sn_socket_set_engine(pair[0], engine_source_get(source)));
    sn_socket_receive_async(pair[0], data, sizeof data, SN_FLAG_NONE, &receive);
    sn_engine_repeat_async(engine_source_get(source), 5, tick, &clock);
    GThread *thread = g_thread_new("answer", answer, NULL);
    g_timeout_add(20, ask, NULL);
    g_main_loop_run(loop);
    g_thread_join(thread);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    g_source_destroy(source);
    g_source_unref(source); /* and with it the engine, which ends the clock */
    g_main_loop_unref(loop);
    printf("%u ticks\n", ticks);
    return receive.transferred == 13 && ticks > 0 && clock.error == SN_ERROR_OPERATION_ABORTED
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
