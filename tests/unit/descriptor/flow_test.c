#include "descriptor/flow.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"
#include "support/threads.h"

/* A flow whose sleep does something instead, as others would meanwhile. */
struct fake {
    struct flow flow;
    void (*meanwhile)(struct fake *fake);
    int sleeps, wakes;
};

static void fake_sleep(struct flow *flow, int64_t deadline_ns)
{
    struct fake *fake = (struct fake *)flow;
    (void)deadline_ns;
    fake->sleeps++;
    if (fake->meanwhile)
        fake->meanwhile(fake);
}

static void fake_wake(struct flow *flow)
{
    ((struct fake *)flow)->wakes++;
}

static const struct flow_class fake_class = {.sleep = fake_sleep, .wake = fake_wake};

static uint32_t words[2];

static struct fake enter(void (*meanwhile)(struct fake *fake))
{
    words[0] = words[1] = 0;
    return (struct fake){.flow = {.class = &fake_class}, .meanwhile = meanwhile};
}

static bool sleep_on(struct fake *fake, uint32_t seen)
{
    flow_resume(&fake->flow);
    bool was_interrupted = word_sleep(&words[0], seen, SYS_NEVER);
    assert_ptr_equal(&fake->flow, flow_suspend());
    return was_interrupted;
}

static void wake_other(struct fake *fake)
{
    (void)fake;
    word_wake_all(&words[1]);
}

static void wake_it(struct fake *fake)
{
    wake_other(fake);
    assert_int_equal(0, fake->wakes);
    word_wake_all(&words[0]);
}

TEST(a_flow_that_sleeps_on_a_word_is_woken_by_it_alone)
{
    struct fake fake = enter(wake_it);
    assert_false(sleep_on(&fake, 0));
    assert_int_equal(1, fake.sleeps);
    assert_int_equal(1, fake.wakes);
    word_wake_all(&words[0]); /* it is in no list any more */
    assert_int_equal(1, fake.wakes);
}

TEST(a_flow_does_not_sleep_on_a_word_that_has_changed)
{
    struct fake fake = enter(NULL);
    assert_false(sleep_on(&fake, 1));
    assert_int_equal(0, fake.sleeps);
    assert_int_equal(FLOW_WAIT_OPERATION, fake.flow.wait);
}

static void sleep_inside(struct fake *fake)
{
    struct fake inner = {.flow = {.class = &fake_class}, .meanwhile = wake_other};
    struct flow *outer = flow_suspend();
    assert_false(sleep_on(&inner, 0));
    flow_resume(outer);
    word_wake_all(&words[0]);
    assert_int_equal(0, inner.wakes);
    assert_int_equal(1, fake->wakes);
}

TEST(several_flows_sleep_on_one_word)
{
    struct fake fake = enter(sleep_inside);
    assert_false(sleep_on(&fake, 0));
}

static void forget(struct fake *fake)
{
    words_begin_anew();
    word_wake_all(&words[0]);
    assert_int_equal(0, fake->wakes);
}

TEST(in_a_forked_child_those_that_sleep_are_forgotten)
{
    struct fake *fake = calloc(1, sizeof *fake);
    *fake = enter(forget);
    flow_resume(&fake->flow);
    fake->meanwhile(fake);
    (void)flow_suspend();
    free(fake);
}

static void *wake_thread(void *word)
{
    __atomic_store_n((uint32_t *)word, 1u, __ATOMIC_RELEASE);
    word_wake_all(word);
    return NULL;
}

TEST(a_thread_sleeps_on_a_word_as_on_a_futex)
{
    pthread_t thread;
    words[0] = 0;
    assert_int_equal(0, pthread_create(&thread, NULL, wake_thread, &words[0]));
    while (__atomic_load_n(&words[0], __ATOMIC_ACQUIRE) == 0)
        (void)word_sleep(&words[0], 0, SYS_NEVER);
    assert_int_equal(0, pthread_join(thread, NULL));
}

static sn_error sleep_until_changed(void *thread)
{
    atomic_store(&((struct thread *)thread)->is_in_call, true);
    while (__atomic_load_n(&words[0], __ATOMIC_ACQUIRE) == 0)
        (void)word_sleep(&words[0], 0, SYS_NEVER);
    return SN_OK;
}

/* Starts a thread that sleeps, and wakes it; never comes back if that sleeps on. */
static void wake_one_that_sleeps(void)
{
    struct thread thread;
    thread_start_blocked(&thread, sleep_until_changed, &thread);
    (void)wake_thread(&words[0]);
    assert_ok(thread_join(&thread));
}

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
enum { HOLDS_SIGNALS_BACK = true };
#else
enum { HOLDS_SIGNALS_BACK = false };
#endif

static pid_t child_of_handler;

static void fork_here(int number)
{
    (void)number;
    child_of_handler = fork();
}

static sn_error sleep_through_fork(void *thread)
{
    atomic_store(&((struct thread *)thread)->is_in_call, true);
    (void)word_sleep(&words[0], 0, SYS_NEVER);
    if (child_of_handler == 0) {
        (void)alarm(60);
        wake_one_that_sleeps();
        _exit(0);
    }
    return SN_OK;
}

TEST(a_handler_may_fork_while_a_thread_sleeps_on_a_word)
{
    struct thread thread;
    struct sigaction before, forks = {.sa_handler = fork_here};
    int how = -1;
    if (HOLDS_SIGNALS_BACK)
        SKIP("the thread sanitizer runs no handler while a thread sleeps");
    words[0] = 0;
    child_of_handler = -1;
    assert_int_equal(0, sigaction(SIGUSR1, &forks, &before));
    thread_start_blocked(&thread, sleep_through_fork, &thread);
    assert_int_equal(0, pthread_kill(thread.id, SIGUSR1));
    assert_ok(thread_join(&thread));
    assert_int_equal(0, sigaction(SIGUSR1, &before, NULL));
    assert_int_equal(child_of_handler, waitpid(child_of_handler, &how, 0));
    assert_int_equal(0, how);
    wake_one_that_sleeps();
}

TEST(only_a_callback_must_not_wait)
{
    struct fake fake = enter(NULL);
    assert_false(flow_must_not_wait());
    thread_words.worker = WORKER_NOBODY;
    assert_true(flow_must_not_wait());
    flow_resume(&fake.flow);
    assert_false(flow_must_not_wait());
    (void)flow_suspend();
    thread_words.worker = NULL;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_that_sleeps_on_a_word_is_woken_by_it_alone),
        cmocka_unit_test(a_flow_does_not_sleep_on_a_word_that_has_changed),
        cmocka_unit_test(several_flows_sleep_on_one_word),
        cmocka_unit_test(in_a_forked_child_those_that_sleep_are_forgotten),
        cmocka_unit_test(a_thread_sleeps_on_a_word_as_on_a_futex),
        cmocka_unit_test(a_handler_may_fork_while_a_thread_sleeps_on_a_word),
        cmocka_unit_test(only_a_callback_must_not_wait),
    };
    return cmocka_run_group_tests_name("descriptor/flow", tests, NULL, NULL);
}
