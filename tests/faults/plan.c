#include "faults/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/runner.h"

/* How often a scenario is played to find out how often it passes each point: threads make the
 * number differ. */
enum { SURVEYS = 4, LIMIT_MAX = 60, LIMIT_USUAL = 13, RUNS_MAX = 400000 };

static const sn_engine_backend backends[] = {SN_ENGINE_BACKEND_EPOLL, SN_ENGINE_BACKEND_IO_URING};

const char *backend_name(sn_engine_backend backend)
{
    return backend == SN_ENGINE_BACKEND_EPOLL ? "epoll" : "io_uring";
}

void plan_print_line(const struct planned *planned)
{
    const struct fault *fault = &planned->fault;
    printf("  --scenario %s --backend %s --call %s --errno %s --occurrence %u%s\n",
           planned->group->scenario->name, backend_name(planned->group->backend),
           fault_point_name(fault->point), fault_native_name(fault->native), fault->occurrence,
           fault->is_lasting ? " --lasting" : "");
}

/* --- Without a fault -------------------------------------------------------------------------- */

static bool survey(struct group *group, sn_engine_backend backend, struct inventory *out_inventory)
{
    struct report report;
    struct run run = {.scenario = group->scenario, .backend = backend};
    static const struct expectation unknown = {.count = 0};
    if (!runner_run_one(&run, &unknown, &report)) {
        printf("FAILED: %s on %s, without a fault: %s\n", group->scenario->name,
               backend_name(backend), report.text);
        return false;
    }
    for (int i = 0; backend == group->backend && i < POINT_COUNT; i++)
        if (report.counts.of[i] > group->counts.of[i])
            group->counts.of[i] = report.counts.of[i];
    *out_inventory = report.inventory;
    return true;
}

static bool survey_group(struct group *group, int surveys)
{
    struct expectation *expectation = &group->expectation;
    for (int i = 0; i < surveys; i++)
        if (!survey(group, group->backend, &expectation->allowed[0]))
            return false;
    expectation->count = 1;
    if (!(group->scenario->kind & SCENARIO_DEFAULT))
        return true;
    expectation->count = 2;
    return survey(group, SN_ENGINE_BACKEND_EPOLL, &expectation->allowed[1]);
}

/* The lowest limit of descriptors with which it works. */
static void find_limit(struct group *group)
{
    struct report report;
    struct run run = {.scenario = group->scenario,
                      .backend = group->backend,
                      .fault = {.point = POINT_DESCRIPTORS, .native = EMFILE}};
    for (group->limit = 3; group->limit < LIMIT_MAX; group->limit++) {
        run.fault.occurrence = group->limit;
        if (runner_run_one(&run, &group->expectation, &report) && !report.error)
            return;
    }
}

/* --- The list --------------------------------------------------------------------------------- */

static void add(struct plan *plan, struct group *group, enum fault_point point, int native,
                unsigned occurrence, bool is_lasting)
{
    if (plan->run_count == RUNS_MAX)
        abort();
    plan->runs[plan->run_count++] =
        (struct planned){group, {point, native, occurrence, is_lasting}};
}

static bool is_entry(enum fault_point point)
{
    return point > POINT_io_uring_submit_and_wait_timeout && point < POINT_MEMORY;
}

/* See the head of table.h. */
static bool is_honest(const struct group *group, enum fault_point point, int native)
{
    return is_entry(point) || native != EAGAIN || !fault_passes(point, native) ||
           point >= POINT_io_uring_queue_init_params || (group->scenario->kind & SCENARIO_LEVEL);
}

static void add_point(struct plan *plan, struct group *group, enum fault_point point, bool is_here)
{
    for (const int *native = fault_natives(point); *native; native++) {
        if (!is_honest(group, point, *native))
            continue;
        for (unsigned i = 1; i <= group->counts.of[point]; i++) {
            if (!is_here) {
                plan->skipped_count += 2;
                continue;
            }
            add(plan, group, point, *native, i, false);
            add(plan, group, point, *native, i, true);
        }
    }
}

static void add_group(struct plan *plan, struct group *group, bool can_choose)
{
    for (enum fault_point point = 0; point < POINT_DESCRIPTORS; point++)
        add_point(plan, group, point, can_choose || !is_entry(point));
    for (unsigned limit = 3; limit <= group->limit; limit++)
        add(plan, group, POINT_DESCRIPTORS, EMFILE, limit, false);
}

static bool is_wanted(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, name) == 0;
}

static void choose_groups(struct plan *plan, const char *scenario, const char *backend)
{
    for (const struct scenario *one = scenarios; one->name; one++) {
        size_t count = one->kind & SCENARIO_ENGINE ? 2 : 1;
        for (size_t i = 0; i < count; i++)
            if (is_wanted(scenario, one->name) && is_wanted(backend, backend_name(backends[i])))
                plan->groups[plan->group_count++] =
                    (struct group){.scenario = one, .backend = backends[i]};
    }
}

void plan_free(struct plan *plan)
{
    free(plan->groups);
    free(plan->runs);
}

bool plan_make(struct plan *plan, const char *scenario, const char *backend, bool is_quick)
{
    *plan = (struct plan){.groups = calloc(100, sizeof *plan->groups),
                          .runs = malloc(RUNS_MAX * sizeof *plan->runs)};
    if (!plan->groups || !plan->runs)
        abort();
    choose_groups(plan, scenario, backend);
    bool can_choose = ring_can_choose_results();
    bool works = true;
    for (size_t i = 0; i < plan->group_count; i++) {
        struct group *group = &plan->groups[i];
        if (!survey_group(group, is_quick ? 1 : SURVEYS)) {
            works = false;
            continue;
        }
        if (is_quick)
            group->limit = LIMIT_USUAL;
        else
            find_limit(group);
        add_group(plan, group, can_choose);
    }
    if (plan->skipped_count > 0)
        plan->skip_reason = "this kernel lets nobody choose the result of a ring's entry (6.10)";
    return works;
}
