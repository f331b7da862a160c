#include "conformance/loops/loops.h"

#ifdef HAS_GLIB
#include <glib.h>

struct source {
    GSource base; /* first */
    struct host *host;
    GMainLoop *loop;
    gpointer tag;
};

static gboolean prepare(GSource *base, gint *timeout_ms)
{
    struct source *source = (struct source *)base;
    sn_milliseconds rest_ms = 0;
    if (!host_before_sleep(source->host, &rest_ms))
        g_main_loop_quit(source->loop);
    *timeout_ms = (gint)rest_ms;
    return FALSE; /* asks for the sleep, even if it is one of no time */
}

static gboolean check(GSource *base)
{
    struct source *source = (struct source *)base;
    return g_source_query_unix_fd(base, source->tag) != 0;
}

static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer context)
{
    (void)base, (void)callback, (void)context; /* the next prepare runs the engine */
    return G_SOURCE_CONTINUE;
}

static void run_glib(struct host *host)
{
    static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch};
    GMainContext *context = g_main_context_new();
    struct source *source = (struct source *)g_source_new(&functions, sizeof *source);
    source->host = host;
    source->loop = g_main_loop_new(context, FALSE);
    source->tag = g_source_add_unix_fd(&source->base, host->handle, G_IO_IN);
    g_source_attach(&source->base, context);
    g_main_loop_run(source->loop);
    g_source_destroy(&source->base);
    g_main_loop_unref(source->loop);
    g_source_unref(&source->base);
    g_main_context_unref(context);
}

const struct loop loop_glib = {"GLib", run_glib};
#else
const struct loop loop_glib = {"GLib", NULL};
#endif
