#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/context.h"
#include "sys/sys.h"

enum { OWN_HANDLER_STATUS = 42 };

static struct context own, other;
static struct context_stack stack;
static const char *name = "";
static bool is_inside;

static bool running(struct context_running *out_running)
{
    *out_running = (struct context_running){
        .stack = &stack, .kind = "fiber", .name = name, .advice = "start it with more"};
    return is_inside;
}

/* --- A child and its last words --- */

struct last_words {
    char text[4096];
    int status;
};

/* In a child, with the signals as a program finds them: cmocka has handlers, and so have
 * sanitizers. No file of its memory is wanted. */
static void run_in_child(void (*run)(void), struct last_words *out_words)
{
    int ends[2];
    size_t size = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit none = {0, 0};
        const struct sigaction by_default = {.sa_handler = SIG_DFL};
        (void)sigaction(SIGSEGV, &by_default, NULL);
        (void)sigaction(SIGBUS, &by_default, NULL);
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)dup2(ends[1], STDERR_FILENO);
        alarm(60);
        run();
        _exit(0);
    }
    (void)close(ends[1]);
    for (ssize_t count = 1; count > 0;) {
        char rest[512];
        count = read(ends[0], rest, sizeof rest);
        for (ssize_t i = 0; i < count && size < sizeof out_words->text - 1; i++)
            out_words->text[size++] = rest[i];
    }
    out_words->text[size] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &out_words->status, 0), child);
}

static bool has_crashed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

/* --- What it does --- */

static __attribute__((noinline)) long descend(long depth)
{
    volatile char room[512];
    room[0] = (char)depth;
    return depth > 0 ? descend(depth - 1) + room[0] : 0;
}

static void overflow(void *argument)
{
    (void)argument;
    is_inside = true;
    volatile long sum = descend(1000000);
    (void)sum;
    context_leave(&other, &own);
}

static volatile char *volatile elsewhere = (volatile char *)64;

static void fault_elsewhere(void *argument)
{
    (void)argument;
    is_inside = true;
    *elsewhere = 'x';
    context_leave(&other, &own);
}

static void run_body(void (*body)(void *))
{
    if (context_stack_take(&stack, CONTEXT_STACK_SIZE) < 0)
        _exit(3);
    context_make(&other, &stack, body, NULL);
    context_switch(&own, &other);
}

static void watch(void)
{
    if (context_watch_overflows(running) != 0 || context_watch_overflows(running) != 0 ||
        context_prepare_thread() != 0 || context_prepare_thread() != 0)
        _exit(4);
}

static void overflow_unwatched(void)
{
    run_body(overflow);
}

static void overflow_watched(void)
{
    watch();
    run_body(overflow);
}

TEST(an_overflow_says_so_and_ends_the_process_as_it_would_have)
{
    struct last_words words;
    name = "";
    run_in_child(overflow_watched, &words);
    assert_non_null(strstr(words.text, "sennit: the stack of fiber (65536 bytes) overflowed: "
                                       "start it with more\n"));
    assert_true(has_crashed(words.status));
}

TEST(the_message_has_the_name)
{
    struct last_words words;
    name = "reader of 10.0.0.1";
    run_in_child(overflow_watched, &words);
    assert_non_null(strstr(words.text, "the stack of fiber \"reader of 10.0.0.1\" (65536 bytes)"));
}

TEST(a_long_name_is_cut)
{
    static char long_name[1000];
    struct last_words words;
    memset(long_name, 'n', sizeof long_name - 1);
    name = long_name;
    run_in_child(overflow_watched, &words);
    name = "";
    assert_non_null(strstr(words.text, "nnn\" (65536 bytes) overflowed: start it with more\n"));
}

/* The process's signals are its own until it asks. */
TEST(without_asking_nothing_is_said)
{
    struct last_words words;
    run_in_child(overflow_unwatched, &words);
    assert_null(strstr(words.text, "sennit:"));
    assert_true(has_crashed(words.status));
}

static void fault_watched(void)
{
    watch();
    run_body(fault_elsewhere);
}

/* A stray pointer, and not a stack that is full. */
static void fault_at_another_stack(void)
{
    struct context_stack another;
    watch();
    if (context_stack_take(&another, CONTEXT_STACK_SIZE) < 0)
        _exit(3);
    elsewhere = (char *)another.base - 1;
    run_body(fault_elsewhere);
}

TEST(another_fault_is_none_of_ours)
{
    struct last_words words;
    run_in_child(fault_watched, &words);
    assert_null(strstr(words.text, "sennit:"));
    assert_true(has_crashed(words.status));
    run_in_child(fault_at_another_stack, &words);
    assert_null(strstr(words.text, "sennit:"));
    assert_true(has_crashed(words.status));
}

static void kill_watched(void)
{
    watch();
    (void)raise(SIGSEGV);
}

TEST(a_signal_that_somebody_sent_ends_the_process_too)
{
    struct last_words words;
    run_in_child(kill_watched, &words);
    assert_true(WIFSIGNALED(words.status));
    assert_int_equal(WTERMSIG(words.status), SIGSEGV);
}

static void kill_ignored(void)
{
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGSEGV, &ignored, NULL);
    watch();
    (void)raise(SIGSEGV);
}

TEST(a_signal_that_was_ignored_stays_so)
{
    struct last_words words;
    run_in_child(kill_ignored, &words);
    assert_true(WIFEXITED(words.status));
    assert_int_equal(WEXITSTATUS(words.status), 0);
}

/* --- The program's own handler --- */

static volatile const void *handled_address;

static void handle_with_address(int number, siginfo_t *told, void *machine)
{
    (void)machine;
    handled_address = told->si_addr;
    _exit(number == SIGSEGV ? OWN_HANDLER_STATUS : 5);
}

static void handle(int number)
{
    _exit(number == SIGSEGV ? OWN_HANDLER_STATUS : 5);
}

static void fault_with_handler_and_address(void)
{
    const struct sigaction action = {.sa_sigaction = handle_with_address, .sa_flags = SA_SIGINFO};
    (void)sigaction(SIGSEGV, &action, NULL);
    watch();
    run_body(fault_elsewhere);
}

static void fault_with_handler(void)
{
    const struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGSEGV, &action, NULL);
    watch();
    run_body(fault_elsewhere);
}

static void overflow_with_handler(void)
{
    const struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    (void)sigaction(SIGSEGV, &action, NULL);
    watch();
    run_body(overflow);
}

TEST(the_handler_from_before_gets_what_is_not_ours)
{
    struct last_words words;
    run_in_child(fault_with_handler_and_address, &words);
    assert_true(WIFEXITED(words.status));
    assert_int_equal(WEXITSTATUS(words.status), OWN_HANDLER_STATUS);
    assert_null(strstr(words.text, "sennit:"));
    run_in_child(fault_with_handler, &words);
    assert_true(WIFEXITED(words.status));
    assert_int_equal(WEXITSTATUS(words.status), OWN_HANDLER_STATUS);
}

TEST(the_handler_from_before_gets_an_overflow_after_the_message)
{
    struct last_words words;
    run_in_child(overflow_with_handler, &words);
    assert_non_null(strstr(words.text, "overflowed"));
    assert_true(WIFEXITED(words.status));
    assert_int_equal(WEXITSTATUS(words.status), OWN_HANDLER_STATUS);
}

/* --- Where handlers run --- */

static void *prepare(void *unused)
{
    (void)unused;
    (void)sys_set_signal_stack(NULL, 0); /* a sanitizer may have set one */
    if (context_prepare_thread() != 0)
        return NULL;
    return sys_signal_stack();
}

static void *keep_own(void *place)
{
    return sys_set_signal_stack(place, CONTEXT_STACK_SIZE_MIN) == 0 &&
                   context_prepare_thread() == 0 && sys_signal_stack() == place &&
                   sys_set_signal_stack(NULL, 0) == 0
               ? place
               : NULL;
}

/* The second thread gets the place of the first, which has given it back at its end. */
static void prepare_threads(void)
{
    static _Alignas(64) char place[CONTEXT_STACK_SIZE_MIN];
    void *given[2] = {NULL, NULL}, *kept = NULL;
    pthread_t thread;
    if (context_prepare_thread() != 0) /* nothing is watched yet */
        _exit(6);
    watch();
    for (int i = 0; i < 2; i++)
        if (pthread_create(&thread, NULL, prepare, NULL) != 0 ||
            pthread_join(thread, &given[i]) != 0)
            _exit(7);
    if (pthread_create(&thread, NULL, keep_own, place) != 0 || pthread_join(thread, &kept) != 0)
        _exit(8);
    if (!given[0] || given[0] != given[1] || kept != place)
        _exit(9);
}

TEST(a_thread_gets_a_place_for_its_handlers_unless_it_has_one)
{
    struct last_words words;
    run_in_child(prepare_threads, &words);
    assert_true(WIFEXITED(words.status));
    assert_int_equal(WEXITSTATUS(words.status), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overflow_says_so_and_ends_the_process_as_it_would_have),
        cmocka_unit_test(the_message_has_the_name),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(without_asking_nothing_is_said),
        cmocka_unit_test(another_fault_is_none_of_ours),
        cmocka_unit_test(a_signal_that_somebody_sent_ends_the_process_too),
        cmocka_unit_test(a_signal_that_was_ignored_stays_so),
        cmocka_unit_test(the_handler_from_before_gets_what_is_not_ours),
        cmocka_unit_test(the_handler_from_before_gets_an_overflow_after_the_message),
        cmocka_unit_test(a_thread_gets_a_place_for_its_handlers_unless_it_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
