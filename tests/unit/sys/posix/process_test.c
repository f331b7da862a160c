#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "support/children.h"
#include "sys/sys.h"

struct seen {
    uint64_t number, again;
    sigset_t mask;
};

static void *look(void *context)
{
    struct seen *seen = context;
    seen->number = sys_thread_number();
    seen->again = sys_thread_number();
    pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
    return NULL;
}

static struct seen seen_by_a_thread(void)
{
    struct seen seen;
    pthread_t thread;
    memset(&seen, 0, sizeof seen);
    assert_int_equal(0, sys_thread_start(&thread, look, &seen));
    assert_int_equal(0, pthread_join(thread, NULL));
    return seen;
}

/* The C library gives the number of a thread that has ended to the next one. */
TEST(a_threads_number_is_never_given_again)
{
    uint64_t own = sys_thread_number(), last = own;
    assert_int_not_equal(0, own);
    for (int i = 0; i < 50; i++) {
        struct seen seen = seen_by_a_thread();
        assert_int_equal(seen.number, seen.again);
        assert_true(seen.number > last);
        last = seen.number;
    }
    assert_int_equal(own, sys_thread_number());
}

TEST(a_thread_of_the_library_gets_no_signal_and_its_starter_keeps_its_own)
{
    sigset_t before, after;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR1);
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &before, NULL));
    struct seen seen = seen_by_a_thread();
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, NULL, &after));
    assert_true(sigismember(&seen.mask, SIGTERM));
    assert_true(sigismember(&seen.mask, SIGCHLD));
    assert_true(sigismember(&after, SIGUSR1));
    assert_false(sigismember(&after, SIGTERM));
    sigemptyset(&before);
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &before, NULL));
}

static int forks_twice(void *context)
{
    const uint32_t *parents = context;
    CHILD_EXPECT(sys_fork_count() == *parents + 1);
    pid_t child = fork();
    if (child == 0)
        _exit(sys_fork_count() == *parents + 2 ? 0 : 1);
    CHILD_EXPECT(sys_fork_count() == *parents + 1);
    return 0;
}

TEST(a_fork_is_counted_in_the_child_alone)
{
    uint32_t before = sys_fork_count();
    assert_int_equal(0, child_run(forks_twice, &before));
    assert_int_equal(before, sys_fork_count());
    assert_int_equal(getpid(), sys_process_id());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threads_number_is_never_given_again),
        cmocka_unit_test(a_thread_of_the_library_gets_no_signal_and_its_starter_keeps_its_own),
        cmocka_unit_test(a_fork_is_counted_in_the_child_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
