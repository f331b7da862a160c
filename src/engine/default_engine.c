/*
 * The default engine, which whatever has no other gets: made when somebody needs it, and never
 * ended; in a forked child there is a new one. And what else begins anew there.
 */
#include <stdlib.h>

#include "engine/engine_object.h"
#include "error/error.h"
#include "sys/sys.h"

#define CORES_PER_THREAD 8

static sn_engine *default_engine; /* atomic; lives as long as the process */

/* What is not understood is told in the engine's reason, and does not keep a program from running.
 */
static int default_threads(const char **out_mistake)
{
    const char *text = secure_getenv("SENNIT_THREADS");
    char *end = NULL;
    long wanted = text ? strtol(text, &end, 10) : 0;
    if (text && *text && !*end && wanted >= 1 && wanted <= THREADS_MAX)
        return (int)wanted;
    *out_mistake = text && *text ? text : NULL;
    uint32_t threads = sys_processor_count() / CORES_PER_THREAD;
    return threads > 0 ? (int)threads : 1;
}

/* In a forked child the parent's engine is left alone, threads and all, and a new one is made. So
 * is one that the kernel has failed: what belongs to it is told so, and new sockets may fare
 * better. */
static sn_engine *usable_default(void)
{
    sn_engine *engine = atomic_load_acquire(&default_engine);
    return engine && !engine_is_foreign(engine) && !engine_has_ended(engine) ? engine : NULL;
}

sn_error sn_engine_default(sn_engine **out_engine)
{
    if (!out_engine) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_NULL;
    }
    sn_engine *engine = usable_default();
    sn_error error = SN_OK;
    if (!engine) {
        guard_acquire(GUARD_DEFAULT_ENGINE, NULL);
        engine = usable_default();
        if (!engine) {
            const char *mistake = NULL;
            sn_engine_options options = {.threads = default_threads(&mistake)};
            error = sn_engine_create(&options, &engine);
            if (!error) {
                engine_note_mistake(engine, "SENNIT_THREADS", mistake, "no number from 1 to 1024");
                engine->is_default = true;
                atomic_store_release(&default_engine, engine);
            }
        }
        guard_release(GUARD_DEFAULT_ENGINE, NULL);
    }
    if (!error)
        *out_engine = engine;
    return error;
}

/* --- Forks ----------------------------------------------------------------------------------- */

/* A fork inside a callback: the child runs on in it, on a thread that serves no worker any more. */
static void begin_child(void)
{
    metrics_forget_attempts();
    words_begin_anew();
    flow_forget();
    worker_set_current(NULL);
}

__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, begin_child);
}
