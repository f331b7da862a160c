/*
 * Exhaustive faults: whole scenarios, once for each failure of each call below them.
 *
 *     faults                        everything
 *     faults --sample 2000          so many of them, spread over all
 *     faults --scenario unix ...    one scenario; with the words of a failure's line, that run
 * alone
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/runner.h"

struct choices {
    const char *scenario, *backend, *call, *native;
    unsigned occurrence, sample, seed, seconds, jobs, watchdog;
    bool is_lasting, is_here;
};

static const char *help =
    "usage: faults [OPTION]...\n\n"
    "  --scenario NAME    one scenario only\n"
    "  --backend NAME     epoll or io_uring only\n"
    "  --call NAME        failures of one call only\n"
    "  --errno NAME       this one only\n"
    "  --occurrence N     of the n-th call only\n"
    "  --lasting          and of all after it; with --occurrence, else both are tried\n"
    "  --sample N         so many runs, spread over all\n"
    "  --seed N           which ones (1)\n"
    "  --seconds N        begin no run when it has taken so long\n"
    "  --jobs N           so many processes at once (2)\n"
    "  --watchdog N       a run that takes longer, in seconds, hangs (10)\n"
    "  --here             without a process of its own and a watchdog, for a debugger\n\n"
    "There are the scenarios:";

static int print_help(void)
{
    printf("%s", help);
    for (const struct scenario *one = scenarios; one->name; one++)
        printf(" %s", one->name);
    printf("\n");
    return EXIT_SUCCESS;
}

static bool take(struct choices *choices, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **text;
        unsigned *number;
    } options[] = {
        {"--scenario", &choices->scenario, NULL},
        {"--backend", &choices->backend, NULL},
        {"--call", &choices->call, NULL},
        {"--errno", &choices->native, NULL},
        {"--occurrence", NULL, &choices->occurrence},
        {"--sample", NULL, &choices->sample},
        {"--seed", NULL, &choices->seed},
        {"--seconds", NULL, &choices->seconds},
        {"--jobs", NULL, &choices->jobs},
        {"--watchdog", NULL, &choices->watchdog},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) != 0 || !value)
            continue;
        if (options[i].text)
            *options[i].text = value;
        else
            *options[i].number = (unsigned)strtoul(value, NULL, 10);
        return true;
    }
    return false;
}

static bool parse(int argc, char **argv, struct choices *choices)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--lasting") == 0) {
            choices->is_lasting = true;
        } else if (strcmp(argv[i], "--here") == 0) {
            choices->is_here = true;
        } else if (!take(choices, argv[i], argv[i + 1])) {
            fprintf(stderr, "faults: what is '%s'? Try --help\n", argv[i]);
            return false;
        } else {
            i++;
        }
    }
    return true;
}

/* --- Choosing --------------------------------------------------------------------------------- */

static bool is_chosen(const struct choices *choices, const struct fault *fault)
{
    if (choices->call && strcmp(choices->call, fault_point_name(fault->point)) != 0)
        return false;
    if (choices->native && strcmp(choices->native, fault_native_name(fault->native)) != 0)
        return false;
    if (choices->occurrence == 0)
        return true;
    return choices->occurrence == fault->occurrence && choices->is_lasting == fault->is_lasting;
}

static unsigned next_random(unsigned *state, unsigned limit)
{
    *state = *state * 1664525u + 1013904223u;
    return (unsigned)(((uint64_t)*state * limit) >> 32);
}

static size_t choose(const struct choices *choices, const struct plan *plan,
                     struct planned **out_runs)
{
    size_t count = 0;
    unsigned state = choices->seed;
    for (size_t i = 0; i < plan->run_count; i++)
        if (is_chosen(choices, &plan->runs[i].fault))
            out_runs[count++] = &plan->runs[i];
    if (choices->sample == 0)
        return count;
    for (size_t i = count; i > 1; i--) {
        size_t other = next_random(&state, (unsigned)i);
        struct planned *one = out_runs[i - 1];
        out_runs[i - 1] = out_runs[other];
        out_runs[other] = one;
    }
    return count < choices->sample ? count : choices->sample;
}

/* --- Telling ---------------------------------------------------------------------------------- */

/* A machine may have no ring, and its own name may be unknown to it. */
static bool must_be_tried(enum fault_point point)
{
    return point < POINT_io_uring_queue_init_params && point != POINT_sys_interface_addresses;
}

/* What stands in the table and happens in no scenario. False: something that should. */
static bool tell_untried(const struct plan *plan)
{
    bool is_first = true, is_complete = true;
    for (enum fault_point point = 0; point < POINT_DESCRIPTORS; point++) {
        uint32_t count = 0;
        for (size_t i = 0; i < plan->group_count; i++)
            count += plan->groups[i].counts.of[point];
        if (count == 0)
            printf("%s%s", is_first ? "no scenario makes: " : ", ", fault_point_name(point));
        is_complete = is_complete && (count > 0 || !must_be_tried(point));
        is_first = is_first && count > 0;
    }
    if (!is_first)
        printf("\n");
    return is_complete;
}

static unsigned tell(const struct plan *plan, size_t made, size_t left_out)
{
    unsigned failed = 0;
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct group *group = &plan->groups[i];
        printf("%-16s %-9s %6u runs, %u not reached, %u failed\n", group->scenario->name,
               backend_name(group->backend), group->run_count, group->unreached_count,
               group->failed_count);
        failed += group->failed_count;
    }
    if (plan->skipped_count > 0)
        printf("skipped: %u runs: %s\n", plan->skipped_count, plan->skip_reason);
    if (left_out > 0)
        printf("left out of this sample: %zu runs\n", left_out);
    printf("faults: %zu runs, %u failed\n", made, failed);
    return failed;
}

int main(int argc, char **argv)
{
    struct choices choices = {.seed = 1, .jobs = 2, .watchdog = 10};
    struct plan plan;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return print_help();
    if (!parse(argc, argv, &choices))
        return 2;
    runner_begin(&(struct runner_options){.jobs = choices.jobs > 0 ? choices.jobs : 1,
                                          .watchdog_s = choices.watchdog,
                                          .seconds = choices.seconds});
    bool works = plan_make(&plan, choices.scenario, choices.backend, choices.sample > 0);
    struct planned **runs = calloc(plan.run_count + 1, sizeof(struct planned *));
    if (!runs)
        abort();
    size_t count = choose(&choices, &plan, runs);
    if (choices.sample > 0)
        printf("seed %u\n", choices.seed);
    if (choices.is_here && count > 0) {
        const struct run run = {runs[0]->group->scenario, runs[0]->group->backend, runs[0]->fault,
                                0};
        runner_run_here(&run, &runs[0]->group->expectation);
    }
    size_t made = runner_run_all(runs, count);
    runner_end();
    unsigned failed = tell(&plan, made, plan.run_count - made);
    if (!choices.scenario && !choices.backend)
        works = tell_untried(&plan) && works;
    free(runs);
    plan_free(&plan);
    if (made == 0)
        fprintf(stderr, "faults: no run is like that\n");
    return works && failed == 0 && made > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
