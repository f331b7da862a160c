#include "support/threads.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/test.h"
#include "support/verbs.h"

void give_way(void)
{
    if (sn_fiber_current())
        (void)sn_fiber_yield();
    else
        (void)sched_yield();
}

static void *thread_main(void *argument)
{
    struct thread *thread = argument;
    style_watch_calls(&thread->is_in_call);
    atomic_store(&thread->task, (int)syscall(SYS_gettid));
    thread->result = thread->run(thread->context);
    atomic_store(&thread->is_done, true);
    return NULL;
}

/* As much as a thread has, or nearly. */
#define FIBER_STACK ((size_t)1 << 20)

static sn_error fiber_main(void *argument)
{
    struct thread *thread = argument;
    thread->result = thread->run(thread->context);
    atomic_store(&thread->is_done, true);
    return SN_OK;
}

static void start_fiber(struct thread *thread)
{
    const sn_fiber_options options = {.stack_size = FIBER_STACK, .name = "elsewhere"};
    assert_ok(sn_fiber_start(style_engine(), fiber_main, thread, &options, &thread->fiber));
}

void thread_start(struct thread *thread, thread_function run, void *context)
{
    thread->run = run;
    thread->context = context;
    thread->result = SN_OK;
    atomic_init(&thread->task, 0);
    atomic_init(&thread->is_done, false);
    atomic_init(&thread->is_in_call, false);
    thread->fiber = NULL;
    if (sn_fiber_current()) {
        start_fiber(thread);
        return;
    }
    int error = pthread_create(&thread->id, NULL, thread_main, thread);
    assert_int_equal(error, 0);
}

/* Reads a small file of /proc; false if it is not there (any more). */
static bool read_task_file(int task, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", task, name);
    int handle = open(path, O_RDONLY | O_CLOEXEC);
    if (handle < 0)
        return false;
    ssize_t length = read(handle, text, size - 1);
    close(handle);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* Under an emulator the kernel counts its system calls as its own processor does: then
 * scripts/test-ports says which they are. */
static bool is_poll(long number)
{
    const char *others = getenv("SENNIT_TEST_POLLS");
    char *end;
    for (; others; others = end) {
        long other = strtol(others, &end, 10);
        if (end == others)
            return false;
        if (other == number)
            return true;
    }
#ifdef SYS_poll
    if (number == SYS_poll)
        return true;
#endif
    return number == SYS_ppoll;
}

/* "271 0x... " inside a system call, "running" outside. A blocking call of the library waits in
 * ppoll. */
static bool waits_in_poll(int task)
{
    char text[256];
    if (!read_task_file(task, "syscall", text, sizeof text))
        return false;
    char *end;
    long number = strtol(text, &end, 10);
    return end != text && is_poll(number);
}

struct task_state {
    char letter;     /* S: asleep */
    long used_ticks; /* of processor time */
};

/* "pid (name) S ...": the letter after the last parenthesis; utime and stime are fields 14 and 15.
 */
static struct task_state task_state_of(int task)
{
    struct task_state state = {0};
    char text[512];
    if (!read_task_file(task, "stat", text, sizeof text))
        return state;
    const char *after_name = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (after_name && sscanf(after_name, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                             &state.letter, &user, &system) == 3)
        state.used_ticks = (long)(user + system);
    return state;
}

/* A thread that burns seconds where it should sleep cannot be ended, so the program ends. */
static void refuse_to_spin(const struct task_state *state)
{
    if (state->used_ticks < 10 * sysconf(_SC_CLK_TCK))
        return;
    fprintf(stderr, "a thread has used 10 s of processor time without ever being blocked\n");
    abort();
}

static bool fiber_waits(const struct thread *thread)
{
    sn_fiber_info info = {.size = sizeof info};
    assert_ok(sn_fiber_get_info(thread->fiber, &info));
    return info.state == SN_FIBER_WAITING;
}

static bool wait_asleep(struct thread *thread, bool in_call_only)
{
    if (thread->fiber) {
        while (!atomic_load(&thread->is_done) && !fiber_waits(thread))
            give_way();
        return !atomic_load(&thread->is_done);
    }
    while (!atomic_load(&thread->is_done)) {
        int task = atomic_load(&thread->task);
        struct task_state state = {0};
        if (task)
            state = task_state_of(task);
        if (state.letter == 'S' &&
            (!in_call_only || atomic_load(&thread->is_in_call) || waits_in_poll(task)))
            return true;
        refuse_to_spin(&state);
        give_way();
    }
    return false;
}

bool thread_wait_blocked(struct thread *thread)
{
    return wait_asleep(thread, test_style == STYLE_BLOCKING);
}

bool thread_wait_in_call(struct thread *thread)
{
    return wait_asleep(thread, true);
}

void thread_start_blocked(struct thread *thread, thread_function run, void *context)
{
    thread_start(thread, run, context);
    if (!thread_wait_blocked(thread)) {
        sn_error result = thread_join(thread);
        fail_msg("the call ended with %s instead of blocking", sn_error_name(result));
    }
}

bool thread_is_done(struct thread *thread)
{
    return atomic_load(&thread->is_done);
}

sn_error thread_join(struct thread *thread)
{
    engines_settle(); /* it may wait for the end of a socket that this thread has closed */
    if (thread->fiber) {
        assert_ok(sn_fiber_join(thread->fiber, SN_FOREVER, NULL));
        sn_fiber_release(thread->fiber);
        return thread->result;
    }
    int error = pthread_join(thread->id, NULL);
    assert_int_equal(error, 0);
    return thread->result;
}
