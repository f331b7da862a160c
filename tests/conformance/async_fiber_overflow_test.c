/* What a stack of a fiber that overflows says, where the program has asked for it. */
#include "conformance/fibers.h"
#include "conformance/forks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/children.h"

static __attribute__((noinline)) long descend(long depth)
{
    volatile char room[512];
    room[0] = (char)depth;
    return depth > 0 ? descend(depth - 1) + room[0] : 0;
}

static sn_error overflow(void *context)
{
    (void)context;
    (void)sn_fiber_yield();
    volatile long sum = descend(1000);
    return sum == 0 ? SN_OK : SN_ERROR_FAULT;
}

static sn_error report_and_overflow(void *context)
{
    return sn_fiber_report_overflows() ? SN_ERROR_FAULT : overflow(context);
}

static sn_error fault(void *context)
{
    *(volatile char *volatile *)context = (char *)64;
    **(volatile char *volatile *)context = 'x';
    return SN_OK;
}

struct last_words {
    sn_fiber_body body;
    int threads;
    bool is_reported;
    char text[1024];
    int status;
};

/* Never returns. With the signals as a program finds them: cmocka has handlers. */
static void end_in_child(const struct last_words *words, int to)
{
    const struct rlimit none = {0, 0};
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    const sn_fiber_options options = {.name = "Fred", .stack_size = 16384};
    sn_engine *engine;
    sn_fiber *fiber;
    void *room[1];
    (void)sigaction(SIGSEGV, &by_default, NULL);
    (void)sigaction(SIGBUS, &by_default, NULL);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)dup2(to, STDERR_FILENO);
    alarm(60);
    if (words->is_reported && (sn_fiber_report_overflows() || sn_fiber_report_overflows()))
        _exit(4);
    if (sn_engine_create(&(sn_engine_options){.threads = words->threads}, &engine) ||
        sn_fiber_start(engine, words->body, room, &options, &fiber))
        _exit(3);
    while (words->threads == 0 && sn_engine_run(engine, SN_FOREVER, NULL) == SN_OK)
        continue;
    (void)sn_fiber_join(fiber, SN_FOREVER, NULL);
    _exit(0);
}

static void run_to_the_end(struct last_words *words)
{
    int ends[2];
    size_t size = 0;
    ssize_t part;
    assert_int_equal(0, pipe(ends));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        end_in_child(words, ends[1]);
    close(ends[1]);
    while ((part = read(ends[0], words->text + size, sizeof words->text - 1 - size)) > 0)
        size += (size_t)part;
    words->text[size] = '\0';
    close(ends[0]);
    assert_int_equal(child, waitpid(child, &words->status, 0));
}

#define SAID                                                                                       \
    "sennit: the stack of fiber \"Fred\" (16384 bytes) overflowed: start it with a larger "        \
    "stack_size\n"

TEST(a_stack_that_overflows_says_so_if_asked_for)
{
    if (HAS_ADDRESS_SANITIZER)
        SKIP("sanitizers have handlers of their own, and larger frames");
    static const struct {
        sn_fiber_body body;
        int threads;
        bool is_reported;
        const char *said;
    } rows[] = {
        {overflow, 1, true, SAID}, {overflow, 0, true, SAID}, {report_and_overflow, 1, false, SAID},
        {overflow, 1, false, ""},  {overflow, 0, false, ""},  {fault, 1, true, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct last_words words = {
            .body = rows[i].body, .threads = rows[i].threads, .is_reported = rows[i].is_reported};
        run_to_the_end(&words);
        row_begin("row %zu", i);
        row_equal(0, strcmp(rows[i].said, words.text));
        row_equal(true, WIFSIGNALED(words.status));
        row_equal(SIGSEGV, WTERMSIG(words.status));
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_stack_that_overflows_says_so_if_asked_for),
    };
    return RUN(cases);
}
