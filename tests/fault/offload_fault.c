/*
 * Fibers where no thread can be started for what they offload, where faults cannot be watched, and
 * an offloaded function that forks.
 */
#include "conformance/forks.h"
#include "conformance/fibers.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sys.h"

static struct {
    int32_t thread, faults; /* what each fails with, or 0 */
} kernel;

int32_t __real_sys_thread_start_detached(void *(*run)(void *), void *argument);
int32_t __wrap_sys_thread_start_detached(void *(*run)(void *), void *argument);
int32_t __wrap_sys_thread_start_detached(void *(*run)(void *), void *argument)
{
    return kernel.thread ? kernel.thread : __real_sys_thread_start_detached(run, argument);
}

int32_t __real_sys_watch_faults(bool (*is_told)(const void *address));
int32_t __wrap_sys_watch_faults(bool (*is_told)(const void *address));
int32_t __wrap_sys_watch_faults(bool (*is_told)(const void *address))
{
    return kernel.faults ? kernel.faults : __real_sys_watch_faults(is_told);
}

static sn_error count(void *context)
{
    ++*(int *)context;
    return SN_ERROR_ACCESS_DENIED;
}

static sn_error offload(void *context)
{
    int *calls = context;
    if (sn_fiber_offload(count, calls) != SN_ERROR_OUT_OF_MEMORY ||
        sn_error_last_native() != EAGAIN || *calls != 0)
        return SN_ERROR_FAULT;
    kernel.thread = 0;
    return sn_fiber_offload(count, calls);
}

/* First of all, while there is no thread yet. */
TEST(without_a_thread_nothing_is_called)
{
    sn_engine *engine = engine_with_threads(1);
    int calls = 0;
    kernel.thread = -EAGAIN;
    assert_error(SN_ERROR_ACCESS_DENIED, finish(engine, start(engine, offload, &calls)));
    assert_int_equal(1, calls);
    assert_ok(sn_engine_destroy(engine));
}

static sn_error fork_inside(void *context)
{
    *(pid_t *)context = fork();
    return SN_OK;
}

static sn_error offload_fork(void *context)
{
    return sn_fiber_offload(fork_inside, context);
}

/* The child has that thread only, whose fiber and pool are the parent's: the process ends with it.
 */
TEST(a_function_may_fork)
{
    if (HAS_ADDRESS_SANITIZER)
        SKIP("the child has lost what the parent's threads knew of, which is told as leaks");
    sn_engine *engine = engine_with_threads(1);
    pid_t child = 0;
    int status;
    assert_ok(finish(engine, start(engine, offload_fork, &child)));
    assert_true(child > 0);
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
    int calls = 0;
    assert_error(SN_ERROR_ACCESS_DENIED, sn_fiber_offload(count, &calls));
    assert_ok(sn_engine_destroy(engine));
}

TEST(what_cannot_be_watched_is_an_error)
{
    kernel.faults = -ENOMEM;
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_fiber_report_overflows());
    assert_int_equal(ENOMEM, sn_error_last_native());
    kernel.faults = -EINVAL;
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_fiber_report_overflows());
    kernel.faults = 0;
    assert_ok(sn_fiber_report_overflows());
    kernel.faults = -EINVAL; /* not asked once more */
    assert_ok(sn_fiber_report_overflows());
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(without_a_thread_nothing_is_called),
        CASE(a_function_may_fork),
        CASE(what_cannot_be_watched_is_an_error),
    };
    return RUN(cases);
}
