#include "faults/child.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic.h"

static struct report *report;
static unsigned watchdog;

/* On any thread. */
void child_note_step(const char *what)
{
    atomic_store_relaxed(&report->step, what);
}

static _Noreturn void end(enum verdict verdict)
{
    report->verdict = verdict;
    _exit(verdict == VERDICT_FAILED ? EXIT_FAILURE : EXIT_SUCCESS);
}

void child_fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(report->text, sizeof report->text, format, values);
    va_end(values);
    end(VERDICT_FAILED);
}

void child_watch_again(void)
{
    (void)alarm(watchdog);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* --- What is left ----------------------------------------------------------------------------- */

static size_t count_entries(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        child_fail("%s: %s", path, strerror(errno));
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count;
}

static struct inventory take_inventory(void)
{
    return (struct inventory){.descriptors = count_entries("/proc/self/fd") - 1, /* of looking */
                              .memory = memory_outstanding(),
                              .threads = count_entries("/proc/self/task")};
}

static bool is_equal(const struct inventory *a, const struct inventory *b)
{
    return a->descriptors == b->descriptors && a->memory == b->memory && a->threads == b->threads;
}

static bool is_allowed(const struct expectation *expectation, const struct inventory *found)
{
    for (size_t i = 0; i < expectation->count; i++)
        if (is_equal(&expectation->allowed[i], found))
            return true;
    return false;
}

/* A default engine that the kernel has failed is replaced, and what is left of it stays, since
 * others may hold it: a bounded part for each. */
static bool is_engine_replaced(const struct run *run, const struct inventory *expected,
                               const struct inventory *found)
{
    bool is_wait = run->fault.point == POINT_sys_epoll_wait ||
                   run->fault.point == POINT_entry_POLL_ADD || /* the wake event's */
                   (run->fault.point >= POINT_io_uring_submit &&
                    run->fault.point <= POINT_io_uring_submit_and_wait_timeout);
    size_t engines = found->threads - expected->threads; /* huge if there are fewer */
    return (run->scenario->kind & SCENARIO_DEFAULT) && is_wait && engines >= 1 && engines <= 3 &&
           found->descriptors <= expected->descriptors + 2 * engines &&
           found->memory <= expected->memory + 4 * engines;
}

static void rest_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* A thread that was joined stands in /proc for a moment longer, and the default engine closes what
 * was given to it when it comes to it; so what is too much is looked at again for a while. */
static void check_rest(const struct run *run, const struct expectation *expectation)
{
    child_note_step("looking for what was left");
    if (expectation->count == 0) {
        rest_ms(50);
        report->inventory = take_inventory();
        return;
    }
    struct inventory found = {0};
    for (int i = 0; i < 200; i++) {
        found = take_inventory();
        if (is_allowed(expectation, &found) ||
            is_engine_replaced(run, &expectation->allowed[0], &found))
            return;
        rest_ms(5);
    }
    const struct inventory *expected = &expectation->allowed[0];
    child_fail("left behind: %zd descriptors, %zd allocations, %zd threads",
               (ssize_t)(found.descriptors - expected->descriptors),
               (ssize_t)(found.memory - expected->memory),
               (ssize_t)(found.threads - expected->threads));
}

/* --- The run ---------------------------------------------------------------------------------- */

static void set_limit(rlim_t limit)
{
    struct rlimit limits;
    (void)getrlimit(RLIMIT_NOFILE, &limits);
    limits.rlim_cur = limit < limits.rlim_max ? limit : limits.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limits);
}

static sn_error play_with(const struct run *run)
{
    bool is_limit = run->fault.point == POINT_DESCRIPTORS && run->fault.occurrence > 0;
    if (is_limit)
        set_limit(run->fault.occurrence);
    fault_arm(&run->fault);
    sn_error error = scene_play(run->scenario);
    fault_disarm();
    if (is_limit)
        set_limit(256);
    if (run->scenario->kind & SCENARIO_DEFAULT)
        scene_settle_default();
    report->error = error;
    return error;
}

static void play_without(const struct run *run)
{
    sn_error error = scene_play(run->scenario);
    if (error)
        child_fail("afterwards, %s: %s", scene_first_failure(), sn_error_name(error));
}

static void close_inherited(void)
{
    for (int handle = 3; handle < 256; handle++)
        (void)close(handle);
    set_limit(256);
}

void child_run(const struct run *run, const struct expectation *expectation,
               struct report *out_report, const char *folder, unsigned watchdog_s)
{
    report = out_report;
    watchdog = watchdog_s;
    child_watch_again();
    close_inherited();
    memory_watch();
    scene_begin(run->backend, folder, run->number);

    sn_error error = play_with(run);
    fault_get_counts(&report->counts);
    bool has_struck = fault_has_struck() || run->fault.point == POINT_DESCRIPTORS;
    if (error && !(has_struck && judge_allows(&run->fault, scene_first_failure(), error)))
        child_fail("%s: %s", scene_first_failure(), sn_error_name(error));
    play_without(run);
    check_rest(run, expectation);
    end(has_struck ? VERDICT_PASSED : VERDICT_NOT_REACHED);
}
