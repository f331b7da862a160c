/*
 * A group of fibers: starting them, cancelling them, and waiting for all.
 *
 * Each of its fibers is in a scope of the group's own (struct fiber_owner): so a cancel needs no
 * list of them, and holds for those that are started later.
 */
#include <sennit/fiber_group.h>

#include "engine/engine.h"
#include "error/error.h"
#include "fiber/fiber_object.h"
#include "fiber/waiting.h"

struct sn_fiber_group {
    struct fiber_owner members;
    struct line joiners; /* under the guard */
    sn_engine *engine;   /* borrowed; its memory is there as long as the group's */
    const struct worker_owner *engine_class;
    uint32_t references;  /* atomic: the program's */
    uint32_t uses;        /* atomic: one for all of those, one for each fiber that has not ended */
    uint32_t running;     /* atomic: fibers that have not ended */
    sn_error first_error; /* atomic */
    uint32_t forks;
    bool ignores_errors;
};

#define SIZE_OF_0_2 (offsetof(sn_fiber_group_options, ignores_errors) + sizeof(bool))

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

static bool is_foreign(const sn_fiber_group *group)
{
    return group->forks != sys_fork_count();
}

static void drop(sn_fiber_group *group)
{
    if (atomic_sub_acq_rel(&group->uses, 1u) != 1)
        return;
    group->engine_class->release(group->engine);
    memory_free(group);
}

/* --- The end of a fiber ----------------------------------------------------------------------- */

/* Under the guard, so that whoever has found one running stands in the line by now. One may have
 * been started meanwhile. */
static void note_all_ended(sn_fiber_group *group)
{
    waiting_hold(group);
    if (atomic_load_acquire(&group->running) == 0)
        line_tell_all(&group->joiners, SN_OK);
    waiting_let_go(group);
}

static void end_one(sn_fiber_group *group)
{
    if (atomic_sub_acq_rel(&group->running, 1u) == 1)
        note_all_ended(group);
    drop(group);
}

/* The group may be gone afterwards. */
static void on_end(struct fiber_owner *members, sn_error result)
{
    sn_fiber_group *group = container_of(members, struct sn_fiber_group, members);
    sn_error none = SN_OK;
    if (result)
        (void)atomic_replace_acq_rel(&group->first_error, &none, result);
    if (result && !group->ignores_errors)
        sn_fiber_group_cancel(group);
    end_one(group);
}

/* --- The object ------------------------------------------------------------------------------- */

static sn_error read_options(const sn_fiber_group_options *given, sn_fiber_group_options *out)
{
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return SN_OK;
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

static sn_error make(sn_engine *engine, const sn_fiber_group_options *options,
                     sn_fiber_group **out_group)
{
    if (engine_is_foreign(engine))
        return misuse(SN_ERROR_INVALID_OPERATION);
    sn_fiber_group *group = memory_zeroed(sizeof *group);
    if (!group)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    cancel_point_init(&group->members.point);
    group->members.on_end = on_end;
    group->engine = engine;
    group->engine_class = engine->workers->owner;
    group->engine_class->retain(engine);
    group->references = group->uses = 1;
    group->forks = sys_fork_count();
    group->ignores_errors = options->ignores_errors;
    *out_group = group;
    return SN_OK;
}

sn_error sn_fiber_group_create(sn_engine *engine, const sn_fiber_group_options *options,
                               sn_fiber_group **out_group)
{
    sn_fiber_group_options read;
    if (!out_group)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = read_options(options, &read);
    if (error)
        return misuse(error);
    const struct worker *current = worker_current();
    if (!engine && current)
        engine = current->engine;
    if (!engine)
        error = sn_engine_default(&engine);
    return error ? error : make(engine, &read, out_group);
}

sn_fiber_group *sn_fiber_group_retain(sn_fiber_group *group)
{
    if (group)
        atomic_add_relaxed(&group->references, 1u);
    return group;
}

void sn_fiber_group_release(sn_fiber_group *group)
{
    if (!group || atomic_sub_acq_rel(&group->references, 1u) != 1)
        return;
    sn_fiber_group_cancel(group);
    drop(group);
}

/* --- Its fibers ------------------------------------------------------------------------------- */

sn_error sn_fiber_group_start(sn_fiber_group *group, sn_fiber_body body, void *context,
                              const sn_fiber_options *options, sn_fiber **out_fiber)
{
    if (!group)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (is_foreign(group))
        return misuse(SN_ERROR_INVALID_OPERATION);
    atomic_add_relaxed(&group->uses, 1u);
    atomic_add_relaxed(&group->running, 1u);
    sn_error error = fiber_start(&group->members, group->engine, body, context, options, out_fiber);
    if (error)
        end_one(group);
    return error;
}

void sn_fiber_group_cancel(sn_fiber_group *group)
{
    if (group && !is_foreign(group))
        cancel_point_end(&group->members.point, SN_ERROR_OPERATION_CANCELED);
}

bool sn_fiber_group_is_canceled(const sn_fiber_group *group)
{
    return group && atomic_load_acquire(&group->members.point.reason) != SN_OK;
}

size_t sn_fiber_group_get_count(const sn_fiber_group *group)
{
    return group && !is_foreign(group) ? atomic_load_acquire(&group->running) : 0;
}

/* --- Waiting for all -------------------------------------------------------------------------- */

struct group_waiting {
    struct waiting waiting; /* first */
    sn_fiber_group *group;
};

static bool attempt(struct waiting *waiting, bool may_wait)
{
    const sn_fiber_group *group = container_of(waiting, struct group_waiting, waiting)->group;
    (void)may_wait;
    return atomic_load_acquire(&group->running) == 0;
}

static const struct waiting_class group_class = {.wait = FLOW_WAIT_GROUP, .attempt = attempt};

/* Apart, so that no vector register is kept over a look-up of a thread's word (decision 0017). */
COLD static sn_error wait_for_all(sn_fiber_group *group, int64_t deadline_ns)
{
    struct group_waiting own;
    own.group = group;
    waiting_begin(&own.waiting, &group_class, group, &group->joiners);
    return waiting_run(&own.waiting, deadline_ns);
}

/* A member would wait for its own end, and the thread that drives the engine for what it does
 * itself. */
static bool waits_for_itself(const sn_fiber_group *group)
{
    const sn_fiber *fiber = fiber_running();
    if (fiber)
        return fiber->owner == &group->members;
    return group->engine->threads == 0 &&
           atomic_load_acquire(&group->engine->driver) == sys_thread_number();
}

/* What ends the wait ends what is waited for, and that is waited for. */
static sn_error pass_on(sn_fiber_group *group, int64_t deadline_ns, sn_error reason)
{
    struct scope *scopes = scopes_suspend();
    sn_fiber_group_cancel(group);
    sn_error error = wait_for_all(group, deadline_ns);
    scopes_resume(scopes);
    return error ? error : misuse(reason);
}

static sn_error join(sn_fiber_group *group, int64_t deadline_ns)
{
    if (sn_fiber_group_get_count(group) > 0 && waits_for_itself(group))
        return misuse(SN_ERROR_INVALID_OPERATION);
    sn_error error = wait_for_all(group, deadline_ns);
    int32_t outcome = error && deadline_ns != 0 ? scope_outcome() : 0;
    return outcome && error == scope_error(outcome) ? pass_on(group, deadline_ns, error) : error;
}

sn_error sn_fiber_group_join(sn_fiber_group *group, sn_milliseconds timeout_ms,
                             sn_error *out_first_error)
{
    if (!group)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (is_foreign(group))
        return misuse(SN_ERROR_INVALID_OPERATION);
    sn_error error = join(group, deadline_of_wait(timeout_ms));
    if (!error && out_first_error)
        *out_first_error = atomic_load_acquire(&group->first_error);
    return error;
}
