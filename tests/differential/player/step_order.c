/* Steps about other steps: await, cancel, join; and names for end points. */
#include "player.h"

#include <stdlib.h>

/* await NAME */
static void step_await(struct run *run, const struct step *step, text *out)
{
    struct task *task = run_task(run, step, argument(run, step, 0)->text);
    if (!task->call)
        run_broken(run, step, "not an async step, or awaited before: %s", task->label);
    call_finish(run, task->call, out);
    call_destroy(task->call);
    task->call = NULL;
}

/* cancel NAME */
static void step_cancel(struct run *run, const struct step *step, text *out)
{
    struct task *task = run_task(run, step, argument(run, step, 0)->text);
    if (task->call)
        sn_cancellation_cancel(task->call->cancellation);
    show_error(out, SN_OK);
}

/* cancel-connect NAME: of a connect-new */
static void cancel_connect(struct run *run, const struct step *step, text *out)
{
    struct task *task = run_task(run, step, argument(run, step, 0)->text);
    if (task->call)
        sn_operation_cancel(&task->call->operation);
    show_error(out, SN_OK);
}

/* pending NAME: whether it still runs */
static void step_pending(struct run *run, const struct step *step, text *out)
{
    struct task *task = run_task(run, step, argument(run, step, 0)->text);
    bool done = task->has_thread ? __atomic_load_n(&task->is_done, __ATOMIC_ACQUIRE)
                                 : !task->call || sn_operation_is_completed(&task->call->operation);
    text_add(out, "ok");
    show_bool(out, !done);
}

/* join NAME */
static void step_join(struct run *run, const struct step *step, text *out)
{
    run_join(run, run_task(run, step, argument(run, step, 0)->text), out);
}

/* let NAME ENDPOINT */
static void step_let(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *value = value_endpoint(run, step, argument(run, step, 1));
    if (!value)
        run_broken(run, step, "null needs no name");
    value_keep_endpoint(run, argument(run, step, 0)->text, value);
    free(value);
    show_error(out, SN_OK);
}

const struct verb order_verbs[] = {
    {"await", 1, 1, step_await, NULL, false},
    {"cancel", 1, 1, step_cancel, NULL, false},
    {"cancel-connect", 1, 1, cancel_connect, NULL, false},
    {"pending", 1, 1, step_pending, NULL, false},
    {"join", 1, 1, step_join, NULL, false},
    {"let", 2, 2, step_let, NULL, false},
    {0},
};
