#include "support/runner.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/anew.h"
#include "support/exceptions.h"
#include "support/sockets.h"

/* Where the process stands. */
static struct {
    const struct CMUnitTest *tests, *test; /* all of them; the one that runs or ran last */
    bool is_spoiled;                       /* it began, and has not come to its end */
    pid_t process;
    char failed[32 * 1024]; /* the names of those that failed in earlier processes, a line each */
    int failed_count;
} run;

static void note_failed(const char *name)
{
    size_t size = strlen(run.failed);
    snprintf(run.failed + size, sizeof run.failed - size, "  %s\n", name);
    run.failed_count++;
}

/* The test of that index is the first of the new process. */
static void go_on_anew(size_t index)
{
    static char word[sizeof run.failed + 64];
    if (getpid() != run.process)
        _exit(
            1); /* a forked child, which an assertion has brought here: the rest is its parent's */
    note_failed(run.test->name);
    snprintf(word, sizeof word, "%zu %d\n%s", index, run.failed_count, run.failed);
    unix_paths_remove();
    anew_execute(word);
}

/* The index of the first test; the others before it have run. */
static size_t come_from_before(void)
{
    const char *word = getenv(ANEW_VARIABLE);
    const char *names = word ? strchr(word, '\n') : NULL;
    size_t index = 0;
    if (!names || sscanf(word, "%zu %d", &index, &run.failed_count) != 2)
        return 0;
    snprintf(run.failed, sizeof run.failed, "%s", names + 1);
    return index;
}

/* --- Around each test: cmocka runs these three, whose state is the index ---------------------- */

static int test_begin(void **state)
{
    size_t index = (size_t)(uintptr_t)*state;
    if (run.is_spoiled)
        go_on_anew(index);
    run.test = &run.tests[index];
    run.is_spoiled = true;
    *state = run.test->initial_state;
    return run.test->setup_func ? run.test->setup_func(state) : 0;
}

/* Engines and threads of a failed test go on until its process ends, with operations and records in
 * frames that the assertion has left. What runs on this stack meanwhile stays within the gap. */
static void test_body(void **state)
{
    volatile char gap[128 * 1024];
    gap[0] = 0;
    run.test->test_func(state);
    gap[1] = gap[0];
    run.is_spoiled = false;
}

/* What a failed test would take down may wait for what never comes, or be in a frame that is gone.
 */
static int test_end(void **state)
{
    if (run.is_spoiled || !run.test->teardown_func)
        return 0;
    run.is_spoiled = true;
    int result = run.test->teardown_func(state);
    run.is_spoiled = result != 0;
    return result;
}

void test_is_skipped(void)
{
    run.is_spoiled = false;
}

/* Stands for a case that this machine does not carry. Nothing is begun for it, so it leaves alone
 * what the test before it has left. */
static void test_left_out(void **state)
{
    print_message("skipped: %s\n", (const char *)*state);
    skip();
}

static struct CMUnitTest wrapped(size_t index)
{
    const char *name = run.tests[index].name;
    const char *reason = exceptions_reason(name);
    if (reason)
        return (struct CMUnitTest){name, test_left_out, NULL, NULL, (void *)(uintptr_t)reason};
    return (struct CMUnitTest){name, test_body, test_begin, test_end, (void *)(uintptr_t)index};
}

static int conclude(int failed)
{
    (void)fflush(NULL);
    if (getpid() != run.process)
        _exit(1);
    if (run.failed_count > 0)
        print_error("[  FAILED  ] %d before that, each of which ended its process:\n%s",
                    run.failed_count, run.failed);
    return run.failed_count + failed;
}

int tests_run(const char *group, const struct CMUnitTest *tests, size_t count,
              CMFixtureFunction begin, CMFixtureFunction end)
{
    anew_remember();
    size_t first = come_from_before();
    run.tests = tests;
    run.process = getpid();
    struct CMUnitTest *rest = calloc(count + 1, sizeof *rest);
    if (!rest || first > count)
        return 1;
    for (size_t i = first; i < count; i++)
        rest[i - first] = wrapped(i);
    int failed = _cmocka_run_group_tests(group, rest, count - first, begin, end);
    free(rest);
    return conclude(failed);
}
