#include "faults/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 16 };

static struct {
    struct runner_options options;
    char folder[60];
    struct report *reports; /* shared: one for each process that runs */
    struct {
        pid_t process; /* 0: none */
        const struct planned *planned;
    } slots[JOBS_MAX];
    unsigned number; /* of the next run */
    struct timespec begun;
} runner;

void runner_begin(const struct runner_options *options)
{
    runner.options = *options;
    (void)clock_gettime(CLOCK_MONOTONIC, &runner.begun);
    if (runner.options.jobs > JOBS_MAX)
        runner.options.jobs = JOBS_MAX;
    const char *temporary = getenv("TMPDIR");
    bool fits = temporary && strlen(temporary) < 30; /* paths of Unix sockets are short */
    snprintf(runner.folder, sizeof runner.folder, "%s/sennit-faults-XXXXXX",
             fits ? temporary : "/tmp");
    runner.number = (unsigned)getpid() * 977u; /* the addresses of another runner are others */
    runner.reports = mmap(NULL, JOBS_MAX * sizeof *runner.reports, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!mkdtemp(runner.folder) || runner.reports == MAP_FAILED) {
        perror("faults");
        exit(EXIT_FAILURE);
    }
}

void runner_end(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", runner.folder);
    if (system(command) != 0)
        fprintf(stderr, "faults: %s is still there\n", runner.folder);
}

/* --- One process ------------------------------------------------------------------------------ */

static void start(size_t slot, const struct run *run, const struct expectation *expectation)
{
    struct run numbered = *run;
    numbered.number = runner.number++;
    runner.reports[slot] = (struct report){.verdict = VERDICT_NONE};
    (void)fflush(NULL); /* or both processes would print what is there */
    pid_t process = fork();
    if (process < 0) {
        perror("faults: fork");
        exit(EXIT_FAILURE);
    }
    if (process == 0)
        child_run(&numbered, expectation, &runner.reports[slot], runner.folder,
                  runner.options.watchdog_s);
    runner.slots[slot].process = process;
}

/* What a process that could not say anything has come to. */
static void judge_end(struct report *report, int status)
{
    const char *step = report->step ? report->step : "nothing";
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(report->text, sizeof report->text, "hangs after: %s", step);
    else if (WIFSIGNALED(status))
        snprintf(report->text, sizeof report->text, "killed by %s after: %s",
                 strsignal(WTERMSIG(status)), step);
    else if (report->verdict != VERDICT_FAILED && WEXITSTATUS(status) != 0)
        snprintf(report->text, sizeof report->text, "ended with status %d after: %s",
                 WEXITSTATUS(status), step);
    else
        return;
    report->verdict = VERDICT_FAILED;
}

/* Waits for one of them. @return its slot */
static size_t wait_for_one(void)
{
    int status = 0;
    pid_t process = waitpid(-1, &status, 0);
    for (size_t i = 0; i < JOBS_MAX; i++) {
        if (process > 0 && runner.slots[i].process == process) {
            runner.slots[i].process = 0;
            judge_end(&runner.reports[i], status);
            return i;
        }
    }
    fprintf(stderr, "faults: a process that is not mine\n");
    abort();
}

bool runner_run_one(const struct run *run, const struct expectation *expectation,
                    struct report *out_report)
{
    start(0, run, expectation);
    *out_report = runner.reports[wait_for_one()];
    return out_report->verdict != VERDICT_FAILED;
}

void runner_run_here(const struct run *run, const struct expectation *expectation)
{
    struct run numbered = *run;
    numbered.number = runner.number++;
    child_run(&numbered, expectation, &runner.reports[0], runner.folder, 0);
}

/* --- All of them ------------------------------------------------------------------------------ */

static void take_result(size_t slot)
{
    const struct planned *planned = runner.slots[slot].planned;
    const struct report *report = &runner.reports[slot];
    planned->group->run_count++;
    if (report->verdict == VERDICT_NOT_REACHED)
        planned->group->unreached_count++;
    if (report->verdict != VERDICT_FAILED)
        return;
    planned->group->failed_count++;
    printf("FAILED: %s\n", report->text);
    plan_print_line(planned);
    (void)fflush(stdout);
}

static size_t free_slot(void)
{
    for (size_t i = 0; i < runner.options.jobs; i++)
        if (runner.slots[i].process == 0)
            return i;
    size_t slot = wait_for_one();
    take_result(slot);
    return slot;
}

static bool is_time_over(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return runner.options.seconds > 0 &&
           now.tv_sec - runner.begun.tv_sec >= (time_t)runner.options.seconds;
}

static bool is_any_running(void)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (runner.slots[i].process != 0)
            return true;
    return false;
}

size_t runner_run_all(struct planned *const *runs, size_t count)
{
    size_t made = 0;
    for (; made < count && !is_time_over(); made++) {
        size_t slot = free_slot();
        const struct planned *planned = runs[made];
        const struct run run = {.scenario = planned->group->scenario,
                                .backend = planned->group->backend,
                                .fault = planned->fault};
        runner.slots[slot].planned = planned;
        start(slot, &run, &planned->group->expectation);
    }
    while (is_any_running())
        take_result(wait_for_one());
    return made;
}
